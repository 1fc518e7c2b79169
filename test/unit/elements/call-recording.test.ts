import {expect} from '@open-wc/testing';
import {announceChange} from '../../../src/elements/call-announcements.js';
import type {RtcCall} from '../../../src/elements/rtc-call.js';
import {textsFor} from '../../../src/locales/texts.js';
import {RecordingStore} from '../../../src/rtc/recording-store.js';
import {randomRoom, replace, restoreAll, until, watchErrors} from '../support.js';
import {addWatcher, button, find, readable, removeAll, search, untilMet} from './support.js';

describe('<rtc-call> that is recorded', () => {
  let settle: () => void;

  beforeEach(() => {
    settle = watchErrors();
    // Where a person can choose a file, this would wait for one.
    replace(window, 'showSaveFilePicker', () =>
      Promise.reject(new DOMException('', 'SecurityError')),
    );
    replace(HTMLAnchorElement.prototype, 'click', () => {});
  });
  afterEach(async () => {
    removeAll();
    restoreAll();
    const root = await navigator.storage.getDirectory();
    await root.removeEntry('rtc-recordings', {recursive: true}).catch(() => undefined);
    settle();
  });

  const badge = (call: RtcCall) => search(call, '[part=recording]')?.textContent.trim();
  const said = new WeakMap<RtcCall, string>();
  const untilSaid = (call: RtcCall, text: string) =>
    until(() => said.get(call)?.includes(text), `"${text}"`);

  /** Somebody in the call, with all that is announced to them. */
  async function enter(room: string, name: string): Promise<RtcCall> {
    const call = await addWatcher({room, name});
    const announcer = find(call, '.announcer');
    new MutationObserver(() =>
      said.set(call, `${said.get(call) ?? ''} ${announcer.textContent}`),
    ).observe(announcer, {childList: true, characterData: true, subtree: true});
    await call.join();
    return call;
  }

  it('says so to everybody, and who does it, as long as it goes on', async () => {
    const room = randomRoom();
    const [mina, jonas] = [await enter(room, 'Mina'), await enter(room, 'Jonas')];
    await untilMet(mina, jonas);
    expect(badge(jonas)).to.be.undefined;
    await mina.startRecording();
    await untilSaid(mina, 'You are recording.');
    await untilSaid(jonas, 'Mina is recording this call.');
    expect([badge(mina), badge(jonas)]).to.deep.equal(['Recording: You', 'Recording: Mina']);
    await expect(jonas).to.be.accessible();
    const late = await enter(room, '');
    await untilSaid(late, 'Mina is recording this call.');
    await late.startRecording();
    await until(() => badge(jonas) === 'Recording: Mina and Guest', 'both');
    late.leave();
    await mina.stopRecording();
    await untilSaid(jonas, 'Mina stopped recording.');
    await until(() => badge(jonas) === undefined, 'no badge');
  }).timeout(40_000);

  it('is so for whoever met the one who records before they were in', async () => {
    const room = randomRoom();
    const [mina, jonas] = [await enter(room, 'Mina'), await enter(room, 'Jonas')];
    await mina.startRecording();
    await until(() => badge(jonas) === 'Recording: Mina', 'the badge');
    const {self, participants, layout} = jonas.session;
    const view = {self, participants, layout, isPaused: undefined};
    const saidFrom = (from: 'joining' | 'reconnecting') =>
      announceChange(
        {...view, state: {phase: from}},
        {...view, state: {phase: 'joined'}},
        textsFor('en'),
      );
    expect(saidFrom('joining')).to.deep.equal([
      'You joined the call.',
      'Mina is recording this call.',
    ]);
    // They have been told.
    expect(saidFrom('reconnecting').join()).not.to.contain('recording');
  });

  it('is offered what another visit has left, and in the call what that has', async () => {
    const leave = async () => {
      const cut = await new RecordingStore().create({name: 'room', type: 'video/webm'});
      await cut.append(new Blob(['x'.repeat(200_000)]));
      cut.release();
    };
    await leave();
    const call = await addWatcher({room: randomRoom()});
    await until(() => readable(call).includes('was cut off (0.2 MB).'), 'the offer');
    await call.join();
    await until(() => !readable(call).includes('was cut off'), 'nothing old in the call');
    await leave();
    await call.session.recording.findLeft();
    await until(() => readable(call).includes('was cut off'), 'the offer');
    const answer = async (words: string) => {
      button(call, 'Discard').click();
      const dialog = find<HTMLDialogElement>(call, '#discard');
      expect(dialog.open, 'a question').to.equal(true);
      button(dialog, words).click();
      await until(() => !dialog.open, 'the end of the question');
    };
    const {length} = call.session.recording.left;
    await answer('Keep it');
    expect(call.session.recording.left).to.have.lengthOf(length);
    await answer('Discard');
    await until(() => !readable(call).includes('was cut off'), 'the end of it');
    expect(call.session.recording.left).to.have.lengthOf(length - 1);
  });
});
