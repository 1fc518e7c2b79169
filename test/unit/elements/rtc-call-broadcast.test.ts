import {expect} from '@open-wc/testing';
import {sendKeys} from '@web/test-runner-commands';
import type {RtcCall} from '../../../src/elements/rtc-call.js';
import {
  canvasStream,
  DeviceWitness,
  randomRoom,
  replace,
  restoreAll,
  until,
  watchErrors,
} from '../support.js';
import {addCall, button, find, readable, removeAll, search} from './support.js';

describe('<rtc-call> in a broadcast', () => {
  let settle: () => void;
  let devices: DeviceWitness;
  let room: string;

  beforeEach(() => {
    settle = watchErrors();
    devices = new DeviceWitness();
    room = randomRoom();
  });
  afterEach(async () => {
    removeAll();
    await until(() => !devices.live.length, 'closed devices');
    restoreAll();
    settle();
  });

  const addStage = (properties: Partial<RtcCall> = {}) =>
    addCall({room, mode: 'broadcast', name: 'Stage', stream: canvasStream(), ...properties});
  const addViewer = (properties: Partial<RtcCall> = {}) =>
    addCall({room, mode: 'watch', name: 'Viewer', ...properties});
  const untilRead = (call: Element, text: string) =>
    until(() => readable(call).includes(text), `"${text}"`);

  /** A stage that is live, and a viewer who sees it. */
  async function begin(stageProperties: Partial<RtcCall> = {}) {
    const stage = await addStage({autojoin: true, ...stageProperties});
    await untilRead(stage, 'Live');
    const viewer = await addViewer({autojoin: true});
    await until(() => viewer.participants.length, 'the stage');
    await untilRead(viewer, 'Live');
    await until(() => stage.participants.length, 'the viewer');
    return {stage, viewer};
  }

  it('offers what is left of a recording: before a show all, in it only what is of that show', async () => {
    const stage = await addStage();
    const {recording} = stage.session;
    const left = {name: 'friday', startedAt: new Date(), lengthMs: 60_000, bytes: 4_200_000};
    const leave = (at: Date) => {
      replace(recording, 'left', [{...left, startedAt: at}]);
      recording.dispatchEvent(new Event('change'));
    };
    leave(new Date(2026, 0, 1));
    await untilRead(stage, 'was cut off (4.2 MB).');
    expect(readable(stage)).to.include('Jan 1, 2026');
    expect(() => button(stage, 'Save')).not.to.throw();
    expect(() => button(stage, 'Discard')).not.to.throw();
    await expect(stage).to.be.accessible();
    await stage.join();
    await untilRead(stage, 'Live');
    await until(() => !readable(stage).includes('cut off'), 'nothing old in the show');
    leave(new Date(Date.now() + 1_000));
    await untilRead(stage, 'was cut off (4.2 MB).');
  });

  it('asks the stage whether it is ready, and the audience for nothing but a name', async () => {
    const stage = await addStage();
    await untilRead(stage, 'Ready to go live?');
    expect(() => button(stage, 'Audience')).not.to.throw();
    await expect(stage).to.be.accessible();
    const viewer = await addViewer({poster: '/demo/poster.svg'});
    await untilRead(viewer, 'Watch the stream');
    expect(search(viewer, '[part=poster]')).to.exist;
    expect(search(viewer, 'rtc-video')).to.equal(undefined);
    expect(devices.asked).to.deep.equal([]);
    await expect(viewer).to.be.accessible();
    button(viewer, 'Watch').click();
    await untilRead(viewer, 'The stream has not started yet');
    await expect(viewer).to.be.accessible();
    expect(devices.asked).to.deep.equal([]);
  });

  it('shows what the page has put in the place of the waiting screen', async () => {
    const viewer = await addViewer({autojoin: true});
    const countdown = document.createElement('p');
    countdown.slot = 'waiting';
    countdown.textContent = 'Doors open at eight.';
    viewer.append(countdown);
    await until(() => countdown.getBoundingClientRect().height, 'the countdown');
    expect(search(viewer, '[part=call]')).to.exist;
  });

  it('shows the stage that it is live, and the audience the stage', async () => {
    const {stage, viewer} = await begin();
    await untilRead(stage, '1 watching');
    await untilRead(viewer, '1 watching');
    expect(search(stage, 'rtc-video[participant=self]')).to.exist;
    expect(search(viewer, 'rtc-video[participant=self]')).to.equal(undefined);
    expect(() => button(viewer, 'Microphone')).to.throw();
    expect(() => button(viewer, 'Share screen')).to.throw();
    await expect(stage).to.be.accessible();
    await expect(viewer).to.be.accessible();
    expect(stage.matches(':state(joined)')).to.be.true;
  });

  it('asks before it ends for all', async () => {
    const {stage, viewer} = await begin();
    button(stage, 'Leave').click();
    const dialog = find<HTMLDialogElement>(stage, 'dialog.end');
    expect(dialog.open).to.be.true;
    await stage.updateComplete;
    button(dialog, 'Go on').click();
    await until(() => !dialog.open, 'the dialog to close');
    expect(stage.state).to.equal('joined');
    button(stage, 'Leave').click();
    // The second click of two that came at once.
    button(dialog, 'End stream').click();
    expect(stage.state).to.equal('joined');
    expect(dialog.open).to.be.true;
    await until(() => {
      button(dialog, 'End stream').click();
      return stage.state === 'idle';
    }, 'the end');
    await untilRead(viewer, 'The stream has ended');
    await untilRead(stage, 'You ended the stream');
    await expect(viewer).to.be.accessible();
  });

  it('has a chat that opens beside the picture', async () => {
    const {stage, viewer} = await begin();
    for (const call of [stage, viewer]) {
      await until(() => !button(call, 'Chat').disabled, 'the chat');
      button(call, 'Chat').focus();
      button(call, 'Chat').click();
      await call.updateComplete;
      expect(button(call, 'Chat').getAttribute('aria-pressed')).to.equal('true');
    }
    const input = find<HTMLInputElement>(viewer, '[part=input]');
    await until(() => find(viewer, 'rtc-chat').shadowRoot?.activeElement === input, 'the focus');
    await sendKeys({type: '<b>Bravo</b>'});
    await sendKeys({press: 'Enter'});
    await untilRead(viewer, '<b>Bravo</b>');
    await untilRead(stage, '<b>Bravo</b>');
    expect(input.value).to.equal('');
    await expect(stage).to.be.accessible();
    await sendKeys({press: 'Escape'});
    await until(() => !search(viewer, 'rtc-chat'), 'the chat to close');
    const focused = () => find(viewer, 'rtc-controls').shadowRoot?.activeElement;
    await until(() => focused() instanceof HTMLButtonElement, 'the focus on a button');
  });

  it('shows the stage who has a hand raised, and brings them up when they agree', async () => {
    const {stage, viewer} = await begin();
    button(viewer, 'Raise hand').click();
    button(stage, 'Audience').click();
    await until(() => search(stage, '[aria-label="Hand raised"]'), 'the hand');
    await expect(stage).to.be.accessible();
    button(stage, 'Bring on stage: Viewer').click();
    await untilRead(viewer, 'You are asked to the stage');
    await expect(viewer).to.be.accessible();
    expect(devices.asked).to.deep.equal([]);
    button(viewer, 'Come up').click();
    await until(() => devices.live.length === 2, 'camera and microphone');
    await until(() => search(viewer, 'rtc-video[participant=self]'), 'the own picture');
    await until(() => search(stage, 'rtc-video:not([participant=self])'), 'the guest');
    await until(() => button(viewer, 'Microphone').getAttribute('aria-pressed') === 'true', 'mic');
    button(viewer, 'Leave the stage').click();
    await until(() => !devices.live.length, 'closed devices');
    await until(() => !search(stage, 'rtc-video:not([participant=self])'), 'the stage alone');
    await untilRead(stage, 'Bring on stage');
  });

  it('takes a break at the press of a key', async () => {
    const {stage, viewer} = await begin();
    button(stage, 'Microphone').focus();
    await sendKeys({press: 'p'});
    await untilRead(stage, 'Break');
    await untilRead(viewer, 'Break');
    await sendKeys({press: 'p'});
    await untilRead(viewer, 'Live');
  });

  it('turns the sound down, off and on again', async () => {
    const {viewer} = await begin();
    const video = find<HTMLVideoElement>(find(viewer, 'rtc-video'), 'video');
    const slider = find<HTMLInputElement>(viewer, '[part=volume]');
    slider.value = '0.5';
    slider.dispatchEvent(new Event('input'));
    await until(() => video.volume === 0.5, 'half the volume');
    button(viewer, 'Sound').click();
    await until(() => video.muted, 'silence');
    expect(slider.value).to.equal('0');
    button(viewer, 'Sound').click();
    await until(() => !video.muted && video.volume === 0.5, 'half the volume again');
  });

  it('says that all places are taken', async () => {
    await begin({maxParticipants: 1});
    const other = await addViewer({autojoin: true});
    await untilRead(other, 'The stream cannot be watched');
    await untilRead(other, 'This call is full');
    await expect(other).to.be.accessible();
  });

  it('goes to another mode, or room, when the page changes that in mid-show', async () => {
    const {stage, viewer} = await begin({stream: undefined, cameraOff: false});
    await until(() => devices.live.length === 2, 'camera and microphone');
    stage.mode = 'watch';
    await untilRead(viewer, 'The stream has ended');
    await untilRead(stage, 'The stream has not started yet');
    expect(devices.live).to.be.empty;
    viewer.mode = 'broadcast';
    await until(() => stage.participants.length, 'the other one');
    await untilRead(stage, 'Live');
    stage.room = randomRoom();
    await untilRead(stage, 'The stream has not started yet');
    await until(() => !viewer.participants.length, 'nobody');
  }).timeout(40_000);

  it('tells somebody who listens what happens on the stage, but not who comes to watch', async () => {
    const {stage, viewer} = await begin();
    const said = (call: Element) => find(call, '.announcer').textContent;
    await until(() => said(viewer)?.includes('The stream has started.'), 'the start');
    viewer.session.broadcast.raiseHand();
    await until(() => said(stage)?.includes('Viewer raises a hand.'), 'the hand');
    expect(said(stage)).not.to.contain('joined.');
  });
});
