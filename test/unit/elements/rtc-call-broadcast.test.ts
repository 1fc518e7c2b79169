import {expect} from '@open-wc/testing';
import {sendKeys} from '@web/test-runner-commands';
import type {RtcErrorEvent, RtcInvitedEvent} from '../../../src/elements/events.js';
import type {RtcCall} from '../../../src/elements/rtc-call.js';
import {
  canvasStream,
  DeviceWitness,
  hearTestEvents,
  once,
  randomRoom,
  replace,
  restoreAll,
  until,
  watchErrors,
} from '../support.js';
import {StreamServer} from '../stream-server.js';
import {VirtualDevices} from '../virtual-devices.js';
import {addCall, button, find, focused, readable, removeAll, search} from './support.js';

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
    expect(() => button(stage, 'Camera')).not.to.throw();
    expect(() => button(stage, 'Audience')).to.throw();
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

  it('asks before the system ends it, as the page may', async () => {
    const system = new Map<string, (() => void) | null>();
    replace(navigator.mediaSession, 'setActionHandler', (action: string, act: () => void) =>
      system.set(action, act),
    );
    let focuses = 0;
    replace(window, 'focus', () => focuses++);
    const stage = await addStage({autojoin: true});
    await untilRead(stage, 'Live');
    system.get('hangup')?.();
    expect(find<HTMLDialogElement>(stage, '#end').open).to.be.true;
    expect(stage.state).to.equal('joined');
    stage.addEventListener('rtc-mic-request', (event) => event.preventDefault());
    const {micOff} = stage;
    system.get('togglemicrophone')?.();
    expect(stage.micOff).to.equal(micOff);
    expect(focuses).to.equal(2);
    system.get('togglecamera')?.();
    expect(stage.cameraOff).to.be.true;
  });

  it('asks before it ends for all', async () => {
    const {stage, viewer} = await begin();
    button(stage, 'End stream').click();
    const dialog = find<HTMLDialogElement>(stage, '#end');
    expect(dialog.open).to.be.true;
    await stage.updateComplete;
    button(dialog, 'Go on').click();
    await until(() => !dialog.open, 'the dialog to close');
    expect(stage.state).to.equal('joined');
    button(stage, 'End stream').click();
    // The second click of two that came at once.
    const click = () => new MouseEvent('click', {detail: 2, bubbles: true, cancelable: true});
    button(dialog, 'End stream').dispatchEvent(click());
    expect(stage.state).to.equal('joined');
    expect(dialog.open).to.be.true;
    await until(() => {
      button(dialog, 'End stream').dispatchEvent(click());
      return stage.state === 'idle';
    }, 'the end');
    await untilRead(viewer, 'The stream has ended');
    await untilRead(stage, 'You ended the stream');
    await expect(viewer).to.be.accessible();
  });

  it('has a chat that opens beside the picture', async () => {
    const {stage, viewer} = await begin();
    viewer.style.width = '390px';
    for (const call of [stage, viewer]) {
      await until(() => !button(call, 'Chat').disabled, 'the chat');
      button(call, 'Chat').focus();
      button(call, 'Chat').click();
      await call.updateComplete;
      expect(button(call, 'Chat').getAttribute('aria-pressed')).to.equal('true');
    }
    const input = find<HTMLTextAreaElement>(viewer, '[part=input]');
    await until(() => find(viewer, 'rtc-chat').shadowRoot?.activeElement === input, 'the focus');
    const {outlineWidth, outlineOffset} = getComputedStyle(input);
    const ring = parseFloat(outlineWidth) + parseFloat(outlineOffset);
    const field = input.getBoundingClientRect();
    const box = find(viewer, 'section.chat').getBoundingClientRect();
    expect(ring).to.be.at.least(3);
    expect(Math.min(field.left - box.left, box.bottom - field.bottom)).to.be.at.least(ring);
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
    const told = await until(
      () => search(stage, '[aria-label="Audience: Hand raised (1)"]') as HTMLElement,
      'the number of hands',
    );
    told.click();
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

  describe('by keyboard', () => {
    /** The toolbar's button that has the focus. */
    const pressable = () =>
      focused()?.closest('[role=toolbar]') && focused()?.getAttribute('aria-label');
    const invite = (stage: RtcCall) => stage.session.broadcast.invite(stage.participants[0]!.id);

    it('is asked up with the focus in the question, and goes on with the buttons', async () => {
      const {stage, viewer} = await begin();
      button(viewer, 'Sound').focus();
      invite(stage);
      await until(() => focused()?.role === 'alertdialog', 'the focus in the question');
      await sendKeys({press: 'Escape'});
      await until(() => !search(viewer, '.invitation'), 'no question');
      await until(() => pressable() === 'Sound', 'the focus on a button');
      await until(() => !stage.session.broadcast.guest, 'the answer');
      invite(stage);
      await until(() => focused()?.role === 'alertdialog', 'the question again');
      await sendKeys({press: 'Tab'});
      expect(focused()?.textContent.trim()).to.equal('Come up');
      await sendKeys({press: 'Enter'});
      await until(() => viewer.session.broadcast.isGuest, 'the way up');
      await until(() => pressable(), 'the focus on a button');
      button(viewer, 'Leave the stage').focus();
      await sendKeys({press: 'Enter'});
      await until(() => !viewer.session.broadcast.isGuest, 'the way back');
      await until(() => pressable() === 'Raise hand', 'the focus on what is there now');
    });

    it('is not torn from what is being written', async () => {
      const {stage, viewer} = await begin();
      await until(() => !button(viewer, 'Chat').disabled, 'the chat');
      button(viewer, 'Chat').focus();
      await sendKeys({press: 'Enter'});
      await until(() => focused()?.localName === 'textarea', 'the focus');
      await sendKeys({type: 'Hel'});
      invite(stage);
      await untilRead(viewer, 'You are asked to the stage');
      await sendKeys({type: 'lo'});
      expect(find<HTMLTextAreaElement>(viewer, '[part=input]').value).to.equal('Hello');
      await until(
        () => find(viewer, '.announcer').textContent.includes('You are asked to the stage.'),
        'the announcement',
      );
    });

    it('closes a panel, and a notice, and goes on with the buttons', async () => {
      const {stage} = await begin();
      button(stage, 'Audience').focus();
      await sendKeys({press: 'Enter'});
      await until(() => search(stage, 'rtc-audience'), 'the panel');
      button(stage, 'Close').focus();
      await sendKeys({press: 'Enter'});
      await until(() => pressable() === 'Audience', 'the focus on the button that opened it');
      stage.maxParticipants = 999;
      await untilRead(stage, 'max-participants');
      button(stage, 'Dismiss').focus();
      await sendKeys({press: 'Enter'});
      await until(() => pressable() === 'Audience', 'the focus on a button again');
    });

    it('ends the show, or thinks better of it', async () => {
      const {stage} = await begin();
      button(stage, 'End stream').focus();
      await sendKeys({press: 'Enter'});
      const dialog = find<HTMLDialogElement>(stage, '#end');
      await until(() => focused() === button(dialog, 'Go on'), 'the focus in the question');
      await sendKeys({press: 'Enter'});
      await until(() => pressable() === 'End stream', 'the focus on the button that asked');
      await sendKeys({press: 'l'});
      await until(() => focused() === button(dialog, 'Go on'), 'the question again');
      // At once: a key is no second half of a double click.
      button(dialog, 'End stream').focus();
      await sendKeys({press: 'Enter'});
      await until(() => stage.state === 'idle', 'the end');
      await until(() => focused()?.textContent.trim() === 'Go live again', 'the focus');
    });
  });

  it('asks the page instead, which may ask the person in its own way', async () => {
    const {stage, viewer} = await begin();
    const answer = async (act: (event: RtcInvitedEvent) => void) => {
      const asked = once<RtcInvitedEvent>(viewer, 'rtc-invited');
      viewer.addEventListener('rtc-invited', act, {once: true});
      stage.session.broadcast.invite(stage.participants[0]!.id);
      const event = await asked;
      await viewer.updateComplete;
      return event;
    };
    const cancelled = await answer((event) => event.preventDefault());
    expect(search(viewer, '.invitation')).to.equal(undefined);
    cancelled.decline();
    await until(() => !stage.session.broadcast.guest, 'the answer');
    await until(() => !viewer.session.broadcast.isInvited, 'the end of it');
    viewer.innerHTML = '<p>mine</p>';
    await viewer.updateComplete;
    await answer((event) => event.accept());
    expect(viewer.session.broadcast.isGuest).to.be.true;
    // One of before does not speak for this one.
    cancelled.decline();
    expect(viewer.session.broadcast.isGuest).to.be.true;
    await until(() => stage.participants[0]?.role === 'guest', 'the guest');
    viewer.innerHTML = '';
    await viewer.updateComplete;
    await viewer.updateComplete;
    expect(search(viewer, '.invitation')).to.equal(undefined);
  });

  it('switches between the cameras there are', async () => {
    hearTestEvents();
    const cameras = new VirtualDevices('Mic', 'Front camera', 'Stage camera');
    const stage = await addStage({stream: undefined, autojoin: true});
    await untilRead(stage, 'Live');
    const list = () => search(stage, 'select') as HTMLSelectElement | undefined;
    const shown = () => list()?.selectedOptions[0]?.text.trim();
    const choose = (label: string) => {
      list()!.value = cameras.idOf(label);
      list()!.dispatchEvent(new Event('change'));
    };
    await until(() => shown() === 'Front camera', 'the first camera');
    const {width, height} = list()!.parentElement!.getBoundingClientRect();
    expect(Math.min(width, height)).to.be.at.least(44);
    await expect(stage).to.be.accessible();
    choose('Stage camera');
    await until(() => cameras.used.join() === 'Mic,Stage camera', 'the second camera');
    await until(() => shown() === 'Stage camera', 'its name');
    button(stage, 'Microphone').focus();
    await sendKeys({press: 'n'});
    await until(() => cameras.used.join() === 'Mic,Front camera', 'the first camera again');
    // Who is not to be seen is not, whatever camera is chosen.
    await stage.session.toggleCamera(false);
    await until(() => shown() === 'Front camera', 'the one that was on');
    await sendKeys({press: 'n'});
    await until(() => shown() === 'Stage camera', 'the next one, to be on');
    await sendKeys({press: 'n'});
    await until(() => shown() === 'Front camera', 'the one after that');
    choose('Stage camera');
    await until(() => shown() === 'Stage camera', 'the one that is chosen');
    expect(stage.self.cameraOff).to.be.true;
    expect(cameras.used).to.deep.equal(['Mic']);
    await stage.session.toggleCamera(true);
    await until(() => shown() === 'Stage camera', 'the one that was chosen');
    choose('Front camera');
    await until(() => cameras.used.join() === 'Mic,Front camera', 'the first camera once more');
    const asked: (string | undefined)[] = [];
    stage.addEventListener('rtc-cameras-request', (event) => {
      asked.push(event.choice);
      event.preventDefault();
    });
    choose('Stage camera');
    await until(() => shown() === 'Front camera', 'no change');
    await sendKeys({press: 'n'});
    expect(asked).to.deep.equal(Array(2).fill(cameras.idOf('Stage camera')));
    expect(cameras.used).to.deep.equal(['Mic', 'Front camera']);
    cameras.unplug('Stage camera');
    await until(() => !search(stage, 'select'), 'nothing to choose from');
  });

  it('keeps what it asks and shows inside a small box', async () => {
    const {stage, viewer} = await begin();
    for (const [width, height] of [
      [300, 400],
      [300, 220],
      [800, 180],
    ]) {
      Object.assign(viewer.style, {width: `${width}px`, height: `${height}px`});
      stage.session.broadcast.invite(stage.participants[0]!.id);
      await until(() => search(viewer, '.invitation'), 'the question');
      const box = viewer.getBoundingClientRect();
      const question = find(viewer, '.invitation').getBoundingClientRect();
      expect(question.top, `${width} x ${height}`).to.be.at.least(box.top);
      expect(question.bottom, `${width} x ${height}`).to.be.at.most(box.bottom);
      expect(question.left, `${width} x ${height}`).to.be.at.least(box.left);
      expect(question.right, `${width} x ${height}`).to.be.at.most(box.right);
      const tile = find(viewer, 'rtc-video').getBoundingClientRect();
      expect(tile.width, `${width} x ${height}`).to.be.above(100);
      viewer.session.broadcast.answerInvitation(false);
      await until(() => !stage.session.broadcast.guest, 'the answer');
    }
  });

  it('has badges beside several pictures, and on one', async () => {
    const {stage, viewer} = await begin();
    const overlaps = () => {
      const badges = find(stage, 'rtc-live').getBoundingClientRect();
      return [...find(stage, '.tiles').querySelectorAll('rtc-video')].some(
        (tile) => tile.getBoundingClientRect().top < badges.bottom,
      );
    };
    expect(overlaps()).to.be.true;
    stage.session.broadcast.invite(stage.participants[0]!.id);
    await until(() => viewer.session.broadcast.isInvited, 'the invitation');
    viewer.session.broadcast.answerInvitation(true);
    await until(() => find(stage, '.tiles').querySelectorAll('rtc-video').length === 2, 'two');
    await until(() => !overlaps(), 'the badges above them');
  });

  it('leaves no old announcements to be found', async () => {
    const later: (() => void)[] = [];
    const original = window.setTimeout;
    replace(window, 'setTimeout', (act: () => void, ms?: number) =>
      ms === 15_000 ? later.push(act) : original(act, ms),
    );
    const stage = await addStage({autojoin: true});
    await untilRead(stage, 'Live');
    const said = () => find(stage, '.announcer').textContent;
    await until(() => said() === 'You are live.', 'the announcement');
    later.forEach((act) => act());
    await until(() => said() === '', 'silence');
  });

  it('takes a break at the press of a key', async () => {
    const {stage, viewer} = await begin();
    button(stage, 'Microphone').focus();
    await sendKeys({press: 'p'});
    const said = (call: Element) => find(call, '.announcer').textContent;
    await until(() => said(stage) === 'Break. Back in a moment.', 'the break, for who cannot see');
    await until(
      () => said(viewer)?.endsWith('Break. Back in a moment.'),
      'the same in the audience',
    );
    expect(readable(find(stage, 'rtc-live'))).to.contain('Break');
    expect(readable(find(viewer, 'rtc-live'))).to.contain('Break');
    await sendKeys({press: 'p'});
    await until(() => said(stage) === 'You are live.', 'the end of it');
    await until(() => said(viewer) === 'Live.', 'the end of it in the audience');
    expect(readable(find(viewer, 'rtc-live'))).to.contain('Live');
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
    expect(find(other, '.announcer').textContent).to.equal('');
    await untilRead(other, 'All places are taken');
    expect(other.error?.message).to.contain('All places are taken');
    await expect(other).to.be.accessible();
  });

  it('says that it is the media server that does not answer, and asks for no camera it has', async () => {
    const server = new StreamServer();
    server.isDown = true;
    const stage = await addStage({stream: undefined, whip: server.whip, autojoin: true});
    await untilRead(stage, 'The media server does not answer. Trying again…');
    await until(() => devices.live.length === 2, 'camera and microphone');
    await until(() => !readable(stage).includes('If your browser asks'), 'no more to allow');
    expect(stage.state).to.equal('joining');
    expect(readable(stage)).not.to.contain('connection service');
    stage.lang = 'ko';
    await untilRead(stage, '미디어 서버가 응답하지 않습니다.');
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

  it('goes back to the lobby when going live is called off, and opens no camera for it', async () => {
    for (const mode of ['broadcast', 'watch']) {
      const call = await addCall({room, mode, autojoin: true});
      expect(call.state).to.equal('joining');
      call.leave();
      const {length} = devices.asked;
      await untilRead(call, mode === 'watch' ? 'Watch the stream' : 'Ready to go live?');
      expect(readable(call)).not.to.match(/You (ended|left)/);
      // When the lobby is in sight is when it would ask.
      await new Promise((resolve) => new IntersectionObserver(resolve).observe(call));
      await call.updateComplete;
      expect(devices.asked).to.have.length(length);
      expect(call.session.self.stream?.getTracks()).to.be.empty;
    }
  });

  it('tells the stage that it is live without the camera that was refused before', async () => {
    replace(navigator.mediaDevices, 'getUserMedia', () =>
      Promise.reject(new DOMException('', 'NotAllowedError')),
    );
    const stage = await addStage({stream: undefined});
    await untilRead(stage, 'Allow them');
    button(stage, 'Go live').click();
    await untilRead(stage, 'Live');
    expect(find(stage, '[role=alert]').textContent).to.contain('Allow them');
    button(stage, 'Dismiss').click();
    await stage.updateComplete;
    expect(readable(stage)).not.to.contain('Allow them');
  });

  it('names what is set to a wrong value in mid-show, and goes on', async () => {
    const {stage, viewer} = await begin();
    for (const [name, value, detail] of [
      ['stream', 'abc', 'stream'],
      ['audioMode', 'loud', 'audio-mode="loud"'],
      ['maxParticipants', 999, 'max-participants'],
    ] as const) {
      const before = stage[name];
      const told = once<RtcErrorEvent>(stage, 'rtc-error');
      Object.assign(stage, {[name]: value});
      const {error} = await told;
      expect(error.code).to.equal('bad-attribute');
      expect(error.detail).to.contain(detail);
      Object.assign(stage, {[name]: before});
      await stage.updateComplete;
    }
    // What else is wrong takes nothing away from what is right, and is told once.
    let told = 0;
    stage.addEventListener('rtc-error', () => told++);
    stage.maxParticipants = 999;
    await stage.updateComplete;
    const other = canvasStream();
    stage.stream = other;
    await stage.updateComplete;
    expect(stage.session.options.stream).to.equal(other);
    expect(told).to.equal(1);
    const [track] = other.getVideoTracks();
    await untilRead(stage, 'Something in this page');
    expect(stage.state).to.equal('joined');
    expect(stage.session.options.audioMode).to.equal('speech');
    expect(stage.self.stream?.getVideoTracks()[0]).to.equal(track);
    expect(viewer.participants[0]?.cameraOff).to.be.false;
    expect(devices.asked).to.be.empty;
  });

  it('speaks of a stream, not of a call', async () => {
    const {stage, viewer} = await begin();
    const region = (call: Element) => find(call, '[role=region]').getAttribute('aria-label');
    expect(region(stage)).to.equal('Live stream');
    expect(region(viewer)).to.equal('Live stream');
    button(viewer, 'Leave').dispatchEvent(
      new PointerEvent('pointerover', {bubbles: true, composed: true}),
    );
    await untilRead(viewer, 'Leave the stream');
    for (const call of [stage, viewer]) {
      const said = [...call.shadowRoot!.querySelectorAll('*')].map(
        (one) => one.getAttribute('aria-label') ?? '',
      );
      expect(said.join()).not.to.match(/call/i);
      call.lang = 'ko';
    }
    await untilRead(viewer, '생방송');
    expect(region(stage)).to.equal('생방송');
    expect(region(viewer)).to.equal('생방송');
  });

  it('tells somebody who listens what happens on the stage, but not who comes to watch', async () => {
    const {stage, viewer} = await begin();
    const said = (call: Element) => find(call, '.announcer').textContent;
    await until(() => said(stage).includes('You are live.'), 'the beginning');
    await until(() => said(viewer)?.includes('The stream has started.'), 'the start');
    viewer.session.broadcast.raiseHand();
    await until(() => said(stage)?.includes('Viewer raises a hand.'), 'the hand');
    expect(said(stage)).not.to.contain('joined.');
    stage.session.broadcast.invite(stage.participants[0]!.id);
    await until(() => viewer.session.broadcast.isInvited, 'the invitation');
    viewer.session.broadcast.answerInvitation(true);
    await until(() => said(stage)?.includes('Viewer is on the stage.'), 'the guest');
    viewer.session.broadcast.goBack();
    await until(() => said(stage)?.includes('Viewer left the stage.'), 'the way back');
    viewer.leave();
    await until(() => said(viewer) === 'You left the stream', 'nothing of what was');
    stage.leave();
    await until(() => said(stage) === 'You ended the stream', 'nothing of what was on the stage');
  });
});
