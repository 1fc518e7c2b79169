import {expect} from '@open-wc/testing';
import '../../../src/elements/rtc-audience.js';
import '../../../src/elements/rtc-live.js';
import type {StageHealth} from '../../../src/session/broadcast.js';
import {
  canvasStream,
  createSession,
  leaveAll,
  randomRoom,
  replace,
  restoreAll,
  until,
} from '../support.js';
import {add, addCall, button, readable, removeAll} from './support.js';

/** A stage in the page, to which other elements belong by `for`. */
async function addStage(room: string) {
  const stage = await addCall({
    id: 'stage',
    room,
    mode: 'broadcast',
    name: 'Stage',
    stream: canvasStream(),
    autojoin: true,
  });
  await until(() => stage.state === 'joined', 'the stage');
  return stage;
}

afterEach(() => {
  removeAll();
  leaveAll();
  restoreAll();
});

describe('<rtc-live>', () => {
  it('is nothing without a broadcast', async () => {
    const live = add(document.createElement('rtc-live'));
    await live.updateComplete;
    expect(live.shadowRoot?.children).to.have.length(0);
    const call = await addCall({id: 'call', room: randomRoom(), micOff: true, cameraOff: true});
    live.setAttribute('for', 'call');
    void call.join();
    await until(() => call.state === 'joined', 'the call');
    await live.updateComplete;
    expect(live.shadowRoot?.children).to.have.length(0);
  });

  it('says outside the call since when it is live, how it is doing, and which limit there is', async () => {
    const live = add(document.createElement('rtc-live'));
    live.setAttribute('for', 'stage');
    const stage = await addStage(randomRoom());
    await until(() => /Live\s+0:0\d/.test(readable(live)), 'the time');
    await expect(live).to.be.accessible();
    const health: StageHealth = {
      bitrate: 2_400_000,
      frameRate: 24.6,
      droppedPercent: 18,
      limitedBy: 'uplink',
      fullBy: 'cap',
    };
    replace(Object.getPrototypeOf(stage.session.broadcast), 'health', health);
    await until(() => readable(live).includes('2400 kbit/s'), 'the bitrate');
    expect(readable(live)).to.contain('2400 kbit/s · 25 fps · 18 % dropped');
    expect(readable(live)).to.contain('limited by the uplink');
    expect(readable(live)).to.contain('Full: no more places');
    await expect(live).to.be.accessible();
    stage.leave();
    await until(() => live.shadowRoot?.children.length === 0, 'the end');
  });

  it('counts hours', async () => {
    const live = add(document.createElement('rtc-live'));
    live.setAttribute('for', 'stage');
    const stage = await addStage(randomRoom());
    const begun = Date.now() - 3_725_000;
    replace(Object.getPrototypeOf(stage.session.broadcast), 'startedAt', begun);
    await until(() => /1:02:0\d/.test(readable(live)), 'an hour, two minutes and some seconds');
  });
});

describe('<rtc-audience>', () => {
  it('lists who is watching, hands first, and says what the audience may do', async () => {
    const room = randomRoom();
    const audience = add(document.createElement('rtc-audience'));
    audience.setAttribute('for', 'stage');
    const stage = await addStage(room);
    await until(() => readable(audience).includes('Nobody is watching yet.'), 'an empty list');
    await expect(audience).to.be.accessible();
    const [mina, jun] = await Promise.all(
      ['Mina', 'Jun'].map((name) => createSession({room, name, mode: 'watch'})),
    );
    await mina!.join();
    await until(() => stage.participants.length === 1, 'Mina');
    await jun!.join();
    await until(() => stage.participants.length === 2, 'Jun');
    jun!.broadcast.raiseHand();
    const names = () =>
      [...(audience.shadowRoot?.querySelectorAll('.name') ?? [])].map(
        ({textContent}) => textContent,
      );
    await until(() => String(names()) === 'Jun,Mina', 'Jun to come first');
    await expect(audience).to.be.accessible();
    const [chat, record] = audience.shadowRoot!.querySelectorAll('input');
    expect(chat?.checked).to.be.true;
    expect(record?.checked).to.be.false;
    chat?.click();
    await until(() => mina!.broadcast.chatIsOpen === false, 'the chat to close');
    record?.click();
    await until(() => mina!.broadcast.recordingIsAllowed, 'the permission to record');
    button(audience, 'Bring on stage: Jun').click();
    await until(() => jun!.broadcast.isInvited, 'the invitation');
    button(audience, 'Take it back: Jun').click();
    await until(() => !jun!.broadcast.isInvited, 'no invitation');
  });

  it('shows nothing to anybody else', async () => {
    const audience = add(document.createElement('rtc-audience'));
    audience.setAttribute('for', 'viewer');
    const viewer = await addCall({id: 'viewer', room: randomRoom(), mode: 'watch', autojoin: true});
    await until(() => viewer.state === 'joined', 'the viewer');
    await audience.updateComplete;
    expect(audience.shadowRoot?.children).to.have.length(0);
  });
});
