import {expect} from '@open-wc/testing';
import type {CallErrorEvent, CallSession} from '../../../src/session/call-session.js';
import {LocalCapture} from '../../../src/session/local-capture.js';
import type {Participant} from '../../../src/session/participant.js';
import {
  canvasStream,
  ConnectionWitness,
  createSession,
  createWatcher,
  DeviceWitness,
  hearTestEvents,
  leaveAll,
  once,
  randomRoom,
  replace,
  restoreAll,
  until,
  untilConnected,
  untilMoving,
  watchErrors,
} from '../support.js';
import {VirtualDevices} from '../virtual-devices.js';

const participantOf = (session: CallSession): Participant | undefined => session.participants[0];
const cameraOf = (session: CallSession) => session.self.stream?.getVideoTracks()[0];
const micOf = (session: CallSession) => session.self.stream?.getAudioTracks()[0];

let settle: () => void;
let witness: DeviceWitness;
let connections: ConnectionWitness;

/** Runs before and after each test of this file. */
function prepare() {
  beforeEach(() => {
    settle = watchErrors();
    hearTestEvents();
    witness = new DeviceWitness();
    connections = new ConnectionWitness();
  });
  afterEach(async () => {
    leaveAll();
    await until(() => witness.live.length === 0, 'the end of every track');
    expect(connections.live.length, 'connections').to.equal(0);
    restoreAll();
    settle();
  });
}

describe('CallSession whose devices come and go', () => {
  prepare();

  /** One with devices, and one who watches and sees a picture. */
  async function connected() {
    const room = randomRoom();
    const [a, b] = [await createSession({room}), await createWatcher({room})];
    await Promise.all([a.join(), b.join()]);
    await untilConnected(a, b);
    await untilMoving(participantOf(b)?.stream);
    await until(() => !participantOf(b)?.micOff, 'microphone on');
    return {a, b};
  }

  it('goes on without a camera that is unplugged, and takes it back, and the others see it', async () => {
    const devices = new VirtualDevices('Mic', 'Camera');
    const {a, b} = await connected();
    const stream = participantOf(b)?.stream;
    const trouble = once<CallErrorEvent>(a, 'error');
    devices.unplug('Camera');
    expect(a.self).to.include({cameraOff: true, micOff: false});
    expect((await trouble).error.code).to.equal('device-lost');
    expect(a.notice?.detail).to.equal('Camera');
    expect(a.state.phase).to.equal('joined');
    await until(() => participantOf(b)?.cameraOff, 'camera off');
    devices.plug('Camera');
    await until(() => !a.self.cameraOff, 'the camera');
    await until(() => !a.notice, 'no notice any more');
    await until(() => !participantOf(b)?.cameraOff, 'camera on');
    expect(participantOf(b)?.stream === stream).to.be.true;
    await untilMoving(participantOf(b)?.stream);
  });

  it('goes on with another microphone, and nobody misses a word', async () => {
    const devices = new VirtualDevices('Mic', 'Camera', 'Other mic');
    const {a, b} = await connected();
    devices.unplug('Mic');
    await until(() => micOf(a)?.label === 'Other mic', 'the other microphone');
    expect(a.self.micOff).to.be.false;
    expect(a.notice?.code).to.equal('device-lost');
    await until(() => !participantOf(b)?.micOff, 'microphone on');
    devices.plug('Mic');
    await until(() => micOf(a)?.label === 'Mic', 'the microphone');
    await until(() => !a.notice, 'no notice any more');
    expect(devices.used).to.have.members(['Mic', 'Camera']);
  });

  it('says when a permission is taken away, and goes on when it is given back', async () => {
    const devices = new VirtualDevices('Mic', 'Camera');
    const {a, b} = await connected();
    devices.revoke('audio');
    devices.revoke('video');
    await until(() => a.notice?.code === 'permission-denied', 'the notice');
    expect(a.self).to.include({cameraOff: true, micOff: true});
    await until(() => participantOf(b)?.micOff && participantOf(b)?.cameraOff, 'both off');
    devices.grant('video');
    devices.grant('audio');
    await until(() => !a.self.micOff && !a.self.cameraOff, 'both');
    await until(() => !participantOf(b)?.micOff && !participantOf(b)?.cameraOff, 'both on');
    await until(() => !a.notice, 'no notice any more');
    await untilMoving(participantOf(b)?.stream);
  });

  it('lets the person decide between loss and return', async () => {
    const devices = new VirtualDevices('Mic', 'Camera');
    const {a, b} = await connected();
    devices.unplug('Camera');
    await until(() => a.notice, 'the notice');
    await a.toggleCamera(false);
    expect(a.notice).to.equal(undefined);
    const asked = devices.asked.length;
    devices.plug('Camera');
    await until(() => a.devices.some(({label}) => label === 'Camera'), 'the list');
    expect(devices.asked.length).to.equal(asked);
    expect(a.self.cameraOff).to.be.true;
    await a.toggleCamera();
    expect(a.self.cameraOff).to.be.false;
    await until(() => !participantOf(b)?.cameraOff, 'camera on');
    await untilMoving(participantOf(b)?.stream);
  });

  it('tries again when the button is pressed, and keeps waiting when that fails', async () => {
    const devices = new VirtualDevices('Mic', 'Camera');
    const {a} = await connected();
    devices.unplug('Camera');
    await until(() => a.notice, 'the notice');
    await a.toggleCamera();
    expect(a.notice?.code).to.equal('device-not-found');
    expect(a.self.cameraOff).to.be.true;
    devices.plug('Camera');
    await until(() => !a.self.cameraOff, 'the camera');
    await until(() => !a.notice, 'no notice any more');
  });

  it('opens no camera again for a call that has become one without', async () => {
    const devices = new VirtualDevices('Mic', 'Camera');
    const session = await createSession({room: randomRoom()});
    await session.preview();
    devices.unplug('Camera');
    await until(() => session.notice, 'the notice');
    session.configure({audioOnly: true});
    devices.plug('Camera');
    await until(() => session.devices.some(({label}) => label === 'Camera'), 'the list');
    expect(devices.used).to.deep.equal(['Mic']);
  });

  it('takes it back in the lobby, too', async () => {
    const devices = new VirtualDevices('Mic', 'Camera');
    const session = await createSession({room: randomRoom()});
    await session.preview();
    devices.unplug('Mic');
    await until(() => session.notice, 'the notice');
    expect(session.self.micOff).to.be.true;
    devices.plug('Mic');
    await until(() => !session.self.micOff && !session.notice, 'the microphone');
  });

  it('takes nothing back after the call', async () => {
    const devices = new VirtualDevices('Mic', 'Camera');
    const {a} = await connected();
    expect(devices.listeners).to.include('devicechange');
    devices.unplug('Camera');
    await until(() => a.notice, 'the notice');
    leaveAll();
    expect(a.notice).to.equal(undefined);
    expect(a.devices.length).to.equal(0);
    expect(devices.listeners).to.be.empty;
    const {listed} = devices;
    devices.plug('Camera');
    expect(devices.listed).to.equal(listed);
    expect(devices.used).to.be.empty;
  });

  it('lists the devices for a menu, before and after they may be named', async () => {
    const session = await createSession({room: randomRoom()});
    expect(session.devices.length).to.equal(0);
    await session.preview();
    await until(
      () => ['audioinput', 'videoinput'].every((kind) => session.devices.some(isNamed(kind))),
      'names',
    );
    let changes = 0;
    session.addEventListener('change', () => changes++);
    replace(navigator.mediaDevices, 'enumerateDevices', async () => []);
    navigator.mediaDevices.dispatchEvent(new Event('devicechange'));
    await until(() => !session.devices.length, 'an empty list');
    expect(changes).to.be.above(0);
  });

  it('says when a stream of the page ends, and that nothing comes of it any more', async () => {
    const stream = canvasStream();
    const session = await createSession({room: randomRoom(), stream});
    await session.preview();
    const [track] = stream.getVideoTracks();
    track?.stop();
    track?.dispatchEvent(new Event('ended'));
    expect(session.notice?.code).to.equal('device-lost');
    expect(session.self.cameraOff).to.be.true;
    await session.toggleCamera();
    expect(session.self.cameraOff).to.be.true;
    expect(witness.asked).to.be.empty;
  });

  it('tells of a capture without a call only what still holds', async () => {
    const devices = new VirtualDevices('Mic', 'Camera');
    const capture = new LocalCapture();
    await capture.start();
    devices.unplug('Camera');
    await until(() => capture.error?.code === 'device-lost', 'the error');
    devices.plug('Camera');
    await until(() => !capture.error, 'no error any more');
    expect(capture.stream.getVideoTracks().length).to.equal(1);
    capture.stop();
    expect(devices.listeners).to.be.empty;
  });
});

describe('CallSession and the screen', () => {
  prepare();

  it('keeps it from going dark while there is a picture in a call', async () => {
    let held = 0;
    replace(navigator, 'wakeLock', {
      request: async () => {
        held++;
        return {released: false, release: async () => held--};
      },
    });
    const room = randomRoom();
    const a = await createSession({room, micOff: true});
    await a.preview();
    expect(cameraOf(a)?.readyState).to.equal('live');
    expect(held).to.equal(0);
    await a.join();
    await until(() => held === 1, 'a lock for oneself');
    const b = await createWatcher({room});
    await b.join();
    await untilConnected(a, b);
    await until(() => held === 2, 'a lock for who watches');
    await a.toggleCamera(false);
    await until(() => !held, 'no lock');
    replace(navigator.mediaDevices, 'getDisplayMedia', async () => canvasStream());
    await a.toggleScreen(true);
    await until(() => held === 2, 'locks for the screen');
    leaveAll();
    await until(() => !held, 'no lock');
  });
});

function isNamed(kind: string) {
  return (device: MediaDeviceInfo) => device.kind === kind && device.label !== '';
}
