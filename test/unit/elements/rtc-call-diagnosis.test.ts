import {expect} from '@open-wc/testing';
import {sendKeys} from '@web/test-runner-commands';
import type {Diagnosis} from '../../../src/core/diagnosis.js';
import {RtcError} from '../../../src/core/errors.js';
import type {RtcCall} from '../../../src/elements/rtc-call.js';
import {
  ConnectionWitness,
  DeviceWitness,
  randomRoom,
  replace,
  restoreAll,
  startBroker,
  stopBroker,
  until,
} from '../support.js';
import {add, addWatcher, button, find, readable, removeAll, search} from './support.js';

const found: Diagnosis = {
  at: '2026-11-20T10:00:00.000Z',
  ok: false,
  verdict: 'needs-turn',
  checks: [
    {name: 'broker', status: 'ok', detail: '35 ms'},
    {name: 'stun', status: 'failed', detail: 'stun:stun.example.org'},
    {name: 'turn', status: 'skipped'},
  ],
  links: [
    {participant: '<img src=x>', connection: 'failed', local: ['host'], remote: ['host', 'srflx']},
  ],
  text: '',
};

describe('<rtc-call> that says why it fails', () => {
  afterEach(() => {
    removeAll();
    restoreAll();
  });

  const dialogOf = (call: RtcCall) => find<HTMLDialogElement>(call, 'dialog');
  const copyButton = (call: RtcCall) => find<HTMLButtonElement>(dialogOf(call), 'button');

  /** A call with trouble. */
  async function addFailing(diagnosis?: Diagnosis): Promise<RtcCall> {
    const call = await addWatcher({room: randomRoom(), autojoin: true});
    await until(() => call.state === 'joined', 'the call');
    replace(call.session, 'notice', new RtcError('connection-failed', {diagnosis}));
    call.requestUpdate();
    await call.updateComplete;
    return call;
  }

  async function open(call: RtcCall): Promise<void> {
    button(call, 'Find out why').click();
    await call.updateComplete;
  }

  it('finds out why a call has failed, and opens no device for it', async () => {
    const broker = await startBroker();
    await stopBroker(broker);
    const call = await addWatcher({room: randomRoom(), broker: broker.url});
    await call.join();
    await call.updateComplete;
    const devices = new DeviceWitness();
    const connections = new ConnectionWitness();
    await open(call);
    expect(readable(dialogOf(call))).to.contain('Checking…');
    expect(copyButton(call).disabled).to.equal(true);
    await until(
      () => readable(dialogOf(call)).includes('The connection service cannot be reached'),
      'the verdict',
    );
    expect(readable(dialogOf(call))).to.contain('Connection service: fails (broker-unreachable)');
    expect(devices.asked.length).to.equal(0);
    expect(connections.live.length).to.equal(0);
    await expect(call).to.be.accessible();
  });

  it('shows what is known already at once, with words beside the colours', async () => {
    const call = await addFailing(found);
    await open(call);
    const text = readable(dialogOf(call));
    expect(text).to.contain('a TURN server is needed');
    expect(text).to.contain('STUN server: fails (stun:stun.example.org)');
    expect(text).to.contain('<img src=x>: not connected');
    expect(search(dialogOf(call), 'img')).to.equal(undefined);
    expect(dialogOf(call).matches(':modal')).to.equal(true);
    await expect(call).to.be.accessible();
  });

  it('is used with the keyboard, and gives the focus back', async () => {
    const call = await addFailing(found);
    const opener = button(call, 'Find out why');
    opener.focus();
    await sendKeys({press: 'Enter'});
    await until(() => dialogOf(call).open, 'the window');
    const root = call.shadowRoot!;
    expect(root.activeElement?.closest('dialog') === dialogOf(call)).to.equal(true);
    // The letters of the buttons mean nothing in here.
    await sendKeys({press: 'l'});
    expect(call.state).to.equal('joined');
    await sendKeys({press: 'Escape'});
    await until(() => !readable(dialogOf(call)).includes('TURN'), 'the end of the window');
    expect(dialogOf(call).open).to.equal(false);
    expect(root.activeElement === opener).to.equal(true);
  });

  it('goes on with the buttons of the call when its own is gone', async () => {
    const call = await addFailing(found);
    await open(call);
    replace(call.session, 'notice', undefined);
    call.requestUpdate();
    await call.updateComplete;
    button(dialogOf(call), 'Close').click();
    await until(() => call.shadowRoot!.activeElement?.matches('.bar'), 'the focus in the toolbar');
  });

  it('copies the text in the language it is shown in', async () => {
    const copied: string[] = [];
    replace(navigator.clipboard, 'writeText', async (text: string) => void copied.push(text));
    const section = add(document.createElement('section'));
    section.lang = 'ko';
    const call = await addFailing(found);
    section.append(call);
    await until(() => readable(call).includes('원인 알아보기'), 'Korean');
    button(call, '원인 알아보기').click();
    await call.updateComplete;
    copyButton(call).click();
    await until(() => copyButton(call).textContent.trim() === '복사됨', 'the confirmation');
    expect(copied.length).to.equal(1);
    expect(copied[0]).to.contain('연결 점검 2026-11-20').and.to.contain('TURN 서버: 사용 안 함');
    expect(search(call, 'textarea')).to.equal(undefined);
    await expect(call).to.be.accessible();
  });

  it('shows the text, selected, where it cannot be copied', async () => {
    replace(navigator.clipboard, 'writeText', () => Promise.reject(new Error('not allowed')));
    const call = await addFailing(found);
    await open(call);
    copyButton(call).click();
    const area = await until(
      () => search(call, 'textarea') as HTMLTextAreaElement | undefined,
      'the text',
    );
    await until(() => call.shadowRoot!.activeElement === area, 'the focus in it');
    expect(area.value).to.contain('Connection check 2026-11-20');
    expect(area.selectionEnd - area.selectionStart).to.equal(area.value.length);
    await expect(call).to.be.accessible();
  });

  it('gives up when it is closed, or the call is moved', async () => {
    const signals: AbortSignal[] = [];
    const call = await addFailing();
    replace(call.session, 'diagnose', ({signal}: {signal: AbortSignal}) => {
      signals.push(signal);
      return new Promise(() => undefined);
    });
    await open(call);
    button(dialogOf(call), 'Close').click();
    await until(() => signals[0]?.aborted, 'the end of the first');
    await open(call);
    add(document.createElement('section')).append(call);
    expect(signals[1]?.aborted).to.equal(true);
    await open(call);
    expect(dialogOf(call).matches(':modal')).to.equal(true);
    expect(signals.length).to.equal(3);
  });

  it('is not offered for errors that say it all', async () => {
    const call = await addWatcher({room: ''});
    await call.join();
    await call.updateComplete;
    expect(readable(call)).to.contain('Try again').and.to.not.contain('Find out why');
  });

  it('is there for pages that draw everything on their own', async () => {
    const call = document.createElement('rtc-call');
    call.lang = 'ko';
    call.innerHTML = '<p>mine</p>';
    const {url} = await startBroker();
    call.setAttribute('broker', url);
    call.rtcConfiguration = {};
    add(call);
    const {verdict, text} = await call.diagnose();
    expect(verdict).to.equal('ok');
    expect(text).to.contain('연결 점검');
  });

  it('fits a phone', async () => {
    const call = await addFailing({
      ...found,
      checks: found.checks.map((check) => ({...check, detail: 'x'.repeat(300)})),
    });
    await open(call);
    const {left, right, bottom} = dialogOf(call).getBoundingClientRect();
    expect(left >= 0 && right <= innerWidth && bottom <= innerHeight).to.equal(true);
    expect(dialogOf(call).scrollWidth).to.equal(dialogOf(call).clientWidth);
  });
});
