import {expect} from '@open-wc/testing';
import {maxDataBytes} from '../../../src/core/messages.js';
import {
  type CallSession,
  type CallErrorEvent,
  type CallMessageEvent,
  type CallOptions,
  type LeftEvent,
  type ParticipantJoinedEvent,
  type ParticipantLeftEvent,
} from '../../../src/session/call-session.js';
import type {Participant} from '../../../src/session/participant.js';
import {
  brokerInfo,
  canvasStream,
  codeOf,
  ConnectionWitness,
  createSession,
  createWatcher,
  hurry,
  DeviceWitness,
  dropConnections,
  failureOf,
  hearTestEvents,
  leaveAll,
  once,
  randomRoom,
  replace,
  restoreAll,
  startBroker,
  stopBroker,
  takenIds,
  until,
  untilConnected,
  untilMoving,
  watchErrors,
} from '../support.js';

const participantOf = (session: CallSession): Participant | undefined => session.participants[0];

let settle: () => void;
let devices: DeviceWitness;
let connections: ConnectionWitness;

/** Runs before and after each test of this file. */
function prepare() {
  beforeEach(() => {
    settle = watchErrors();
    hearTestEvents();
    devices = new DeviceWitness();
    connections = new ConnectionWitness();
  });
  afterEach(async () => {
    leaveAll();
    await until(() => devices.live.length === 0, 'the end of every track');
    expect(connections.live.length, 'connections').to.equal(0);
    restoreAll();
    settle();
  });
}

describe('CallSession', () => {
  prepare();

  it('connects two people, who see each other', async () => {
    const room = randomRoom();
    const mina = await createSession({room, name: 'Mina'});
    const jun = await createSession({room, name: 'Jun'});
    await mina.join();
    expect(mina.state.phase).to.equal('joined');
    await jun.join();
    await untilConnected(mina, jun);
    expect(mina.participants[0]?.name).to.equal('Jun');
    expect(jun.participants[0]?.name).to.equal('Mina');
    await untilMoving(mina.participants[0]?.stream);
    await untilMoving(jun.participants[0]?.stream);
  });

  it('is idle until it joins, and says how it goes', async () => {
    const session = await createWatcher({room: randomRoom()});
    expect(session.state).to.deep.equal({phase: 'idle'});
    const phases: string[] = [];
    session.addEventListener('change', () => phases.push(session.state.phase));
    let joined = 0;
    session.addEventListener('joined', () => joined++);
    await Promise.all([session.join(), session.join()]);
    await session.join();
    expect(joined).to.equal(1);
    expect(phases[0]).to.equal('joining');
    expect(phases.at(-1)).to.equal('joined');
    const left: string[] = [];
    session.addEventListener('left', ({reason}) => left.push(reason));
    session.leave();
    session.leave();
    expect(left).to.deep.equal(['left']);
    expect(session.state).to.deep.equal({phase: 'idle', reason: 'left'});
  });

  it('opens the devices while the broker is opened, not after', async () => {
    const broker = await startBroker({kind: 'mute'});
    const session = await createSession({room: randomRoom(), broker: broker.url});
    void session.join();
    await until(() => session.self.stream?.getTracks().length === 2, 'the devices');
    expect(session.state.phase).to.equal('joining');
    session.leave();
    await stopBroker(broker);
  });

  it('tells the others who came and who went, and why', async () => {
    const room = randomRoom();
    const [a, b] = [await createWatcher({room}), await createWatcher({room, name: 'Jun'})];
    await a.join();
    const joining = once<ParticipantJoinedEvent>(a, 'participant-joined');
    await b.join();
    expect((await joining).participant.name).to.equal('Jun');
    for (const reason of ['left', 'closed'] as const) {
      await untilConnected(a, b);
      const leaving = once<ParticipantLeftEvent>(a, 'participant-left');
      b.leave(reason);
      expect((await leaving).reason).to.equal(reason);
      expect(a.participants).to.have.length(0);
      expect(a.state.phase).to.equal('joined');
      await b.join();
    }
  });

  it('tells the others when the page goes away', async () => {
    const room = randomRoom();
    const [a, b] = [await createWatcher({room}), await createWatcher({room})];
    await Promise.all([a.join(), b.join()]);
    await untilConnected(a, b);
    const leaving = once<LeftEvent>(a, 'left');
    window.dispatchEvent(new Event('pagehide'));
    expect((await leaving).reason).to.equal('closed');
    expect(b.state).to.deep.equal({phase: 'idle', reason: 'closed'});
  });

  it('ends every track and gives the id back when it leaves', async () => {
    const broker = await startBroker();
    const session = await createSession({room: randomRoom(), broker: broker.url});
    await session.join();
    await until(() => devices.live.length === 2, 'the devices');
    expect(await takenIds(broker)).to.have.length(1);
    session.leave();
    expect(devices.live.length).to.equal(0);
    expect(connections.live.length).to.equal(0);
    expect(session.self.stream?.getTracks().length).to.equal(0);
    await until(async () => !(await takenIds(broker)).length, 'a free id');
    await stopBroker(broker);
  });

  it('leaves no camera on when left while joining', async () => {
    for (let i = 0; i < 3; i++) {
      const session = await createSession({room: randomRoom()});
      const joining = session.join();
      for (let turn = 0; turn < i; turn++) {
        await new Promise((resolve) => setTimeout(resolve));
      }
      session.leave();
      await joining;
      expect(session.state.phase).to.equal('idle');
    }
    await until(() => devices.all.length >= 2, 'a camera that came late');
    await until(() => !devices.live.length, 'no camera');
  });

  it('joins with camera and microphone when it was left and joined at once', async () => {
    const session = await createSession({room: randomRoom()});
    void session.join();
    await until(() => devices.asked.length, 'the question');
    session.leave();
    await session.join();
    await until(() => session.self.stream?.getTracks().length === 2, 'the devices');
    expect(session.self).to.include({micOff: false, cameraOff: false});
    expect(devices.live.length).to.equal(2);
  });

  it('joins and leaves ten times and keeps nothing', async () => {
    const room = randomRoom();
    const [a, b] = [await createWatcher({room}), await createWatcher({room})];
    await a.join();
    for (let i = 0; i < 10; i++) {
      await b.join();
      await untilConnected(a, b);
      await until(() => connections.used.length === 2, 'one connection');
      b.leave();
      await until(() => !a.participants.length, 'nobody');
    }
    a.leave();
    expect(connections.live.length).to.equal(0);
  });

  it('holds two calls in one page apart', async () => {
    const [one, other] = [randomRoom(), randomRoom()];
    const all = await Promise.all([one, one, other, other].map((room) => createWatcher({room})));
    await Promise.all(all.map((session) => session.join()));
    const [a, b, c, d] = all as [CallSession, CallSession, CallSession, CallSession];
    await Promise.all([untilConnected(a, b), untilConnected(c, d)]);
    a.leave();
    await until(() => !b.participants.length, 'nobody');
    expect(c.participants).to.have.length(1);
  });

  it('keeps a name for text, clean and not endless, and tells when it changes', async () => {
    const room = randomRoom();
    const [a, b] = [
      await createWatcher({room}),
      await createWatcher({room, name: '<b>B</b>\u202e'}),
    ];
    await Promise.all([a.join(), b.join()]);
    await untilConnected(a, b);
    expect(participantOf(a)?.name).to.equal('<b>B</b>');
    b.configure({name: `  ${'x'.repeat(5_000)}`});
    await until(() => participantOf(a)?.name === 'x'.repeat(64), 'the new name');
    expect(b.self.name).to.equal('x'.repeat(64));
  });

  it('gives statistics by participant, and none outside a call', async () => {
    const room = randomRoom();
    const [a, b] = [await createWatcher({room}), await createWatcher({room})];
    expect((await a.getStats()).size).to.equal(0);
    await Promise.all([a.join(), b.join()]);
    await untilConnected(a, b);
    const stats = await a.getStats();
    expect([...stats.keys()]).to.deep.equal([participantOf(a)?.id]);
    expect([...stats.values()][0]?.size).to.be.above(0);
  });
});

describe('CallSession with devices', () => {
  prepare();

  /** Two people with cameras who see each other. */
  async function connected() {
    const room = randomRoom();
    const [a, b] = [await createSession({room}), await createWatcher({room})];
    await Promise.all([a.join(), b.join()]);
    await untilConnected(a, b);
    await untilMoving(participantOf(b)?.stream);
    return {a, b};
  }

  it('releases the camera when it is off, takes it again, and the others know', async () => {
    const {a, b} = await connected();
    const [camera] = a.self.stream!.getVideoTracks();
    const stream = participantOf(b)?.stream;
    await a.toggleCamera();
    expect(camera?.readyState).to.equal('ended');
    expect(a.self.cameraOff).to.be.true;
    await until(() => participantOf(b)?.cameraOff, 'camera off');
    expect(participantOf(b)?.stream?.getVideoTracks().length).to.equal(0);
    await a.toggleCamera();
    await until(() => !participantOf(b)?.cameraOff, 'camera on');
    expect(participantOf(b)?.stream === stream).to.be.true;
    await untilMoving(participantOf(b)?.stream);
  });

  it('mutes the microphone, and the others know', async () => {
    const {a, b} = await connected();
    await until(() => !participantOf(b)?.micOff, 'microphone on');
    await a.toggleMic(false);
    expect(a.self.stream?.getAudioTracks()[0]?.enabled).to.be.false;
    await until(() => participantOf(b)?.micOff, 'microphone off');
    await a.toggleMic();
    await until(() => !participantOf(b)?.micOff, 'microphone on');
  });

  it('shares a screen as a second picture, until the browser is told to stop', async () => {
    const {a, b} = await connected();
    const screens: MediaStream[] = [];
    replace(navigator.mediaDevices, 'getDisplayMedia', async () => {
      screens.push(canvasStream());
      return screens.at(-1);
    });
    expect(a.canShareScreen).to.be.true;
    for (let i = 0; i < 2; i++) {
      await a.toggleScreen();
      expect(a.self.screen?.active).to.be.true;
      const screen = await until(() => participantOf(b)?.screen, 'the screen');
      await untilMoving(screen);
      await untilMoving(participantOf(b)?.stream);
      if (i) {
        await a.toggleScreen();
      } else {
        screens[0]?.getTracks()[0]?.dispatchEvent(new Event('ended'));
      }
      expect(Boolean(a.self.screen)).to.be.false;
      await until(() => !participantOf(b)?.screen, 'no screen');
      expect(screens[i]?.getTracks()[0]?.readyState).to.equal('ended');
    }
  });

  it('shares no screen outside a call', async () => {
    const session = await createSession({room: randomRoom()});
    let asked = 0;
    replace(navigator.mediaDevices, 'getDisplayMedia', () => asked++);
    await session.toggleScreen();
    expect(asked).to.equal(0);
  });

  it('changes to another device without a negotiation', async () => {
    const {a, b} = await connected();
    const device = (await navigator.mediaDevices.enumerateDevices()).find(
      ({kind}) => kind === 'videoinput',
    );
    let needed = 0;
    for (const connection of connections.live) {
      connection.addEventListener('negotiationneeded', () => needed++);
    }
    const [before] = a.self.stream!.getVideoTracks();
    await a.useDevice('videoinput', device!.deviceId);
    expect(before?.readyState).to.equal('ended');
    await untilMoving(participantOf(b)?.stream);
    expect(needed).to.equal(0);
    expect(a.self.cameraOff).to.be.false;
  });

  it('shows the camera of others to one who has only a microphone', async () => {
    const room = randomRoom();
    const a = await createSession({room});
    const b = await createSession({room, audioOnly: true});
    await Promise.all([a.join(), b.join()]);
    await untilConnected(a, b);
    await untilMoving(participantOf(b)?.stream);
    expect(b.self.cameraOff).to.be.true;
    await until(() => participantOf(a)?.cameraOff && !participantOf(a)?.micOff, 'sound only');
    expect(devices.all.filter(({kind}) => kind === 'video').length).to.equal(1);
    await b.toggleCamera(true);
    expect(devices.all.filter(({kind}) => kind === 'video').length).to.equal(1);
  });

  it('lets one join as a watcher who has nothing, and tells what to do', async () => {
    const room = randomRoom();
    const a = await createSession({room});
    await a.join();
    await until(() => a.self.stream?.getVideoTracks().length, 'the camera');
    replace(navigator.mediaDevices, 'getUserMedia', () =>
      Promise.reject(new DOMException('none', 'NotFoundError')),
    );
    const b = await createSession({room});
    const trouble = once<CallErrorEvent>(b, 'error');
    await b.join();
    expect((await trouble).error.code).to.equal('device-not-found');
    await untilConnected(a, b);
    expect(b.state.phase).to.equal('joined');
    expect(b.self).to.include({micOff: true, cameraOff: true});
    expect(b.notice?.code).to.equal('device-not-found');
    await untilMoving(participantOf(b)?.stream);
    b.dismissNotice();
    expect(b.notice).to.equal(undefined);
  });

  it('joins with the microphone where there is no camera', async () => {
    const {mediaDevices} = navigator;
    const original = mediaDevices.getUserMedia.bind(mediaDevices);
    replace(mediaDevices, 'getUserMedia', async (constraints: MediaStreamConstraints) => {
      if (constraints.video) {
        throw new DOMException('none', 'NotFoundError');
      }
      return original(constraints);
    });
    const session = await createSession({room: randomRoom()});
    await session.join();
    await until(() => session.self.cameraOff, 'no camera');
    expect(session.self).to.include({micOff: false, cameraOff: true});
    expect(session.self.stream?.getAudioTracks().length).to.equal(1);
  });

  it('closes a camera that was switched off while it opened', async () => {
    const session = await createSession({room: randomRoom()});
    const joining = session.join();
    await until(() => devices.asked.length, 'the question');
    await session.toggleCamera(false);
    await joining;
    await until(() => session.self.stream?.getAudioTracks().length, 'the microphone');
    await until(() => devices.live.every(({kind}) => kind === 'audio'), 'no camera');
    expect(session.self).to.include({cameraOff: true, micOff: false});
  });

  it('leaves the camera alone when the microphone is switched while both open', async () => {
    const session = await createSession({room: randomRoom()});
    void session.join();
    await until(() => devices.asked.length, 'the question');
    await session.toggleMic(false);
    await until(() => session.self.stream?.getTracks().length === 2, 'the devices');
    expect(session.self).to.include({cameraOff: false, micOff: true});
    expect(session.self.stream?.getAudioTracks()[0]?.enabled).to.be.false;
  });

  it('does what was wanted last when a camera is switched in a hurry', async () => {
    const session = await createSession({room: randomRoom(), micOff: true});
    await session.join();
    await until(() => session.self.stream?.getVideoTracks().length, 'the camera');
    await Promise.all([session.toggleCamera(), session.toggleCamera()]);
    expect(session.self.cameraOff).to.be.false;
    expect(session.self.stream?.getVideoTracks()[0]?.readyState).to.equal('live');
    await Promise.all([session.toggleCamera(), session.toggleCamera(), session.toggleCamera()]);
    expect(session.self.cameraOff).to.be.true;
    expect(devices.live.length).to.equal(0);
  });

  it('previews the devices before a call, keeps them for it, and closes them', async () => {
    const session = await createSession({room: randomRoom()});
    await session.preview();
    expect(devices.live.length).to.equal(2);
    await session.join();
    session.stopPreview();
    expect(devices.live.length).to.equal(2);
    expect(devices.asked.length).to.equal(1);
    session.leave();
    await session.preview();
    session.stopPreview();
    expect(devices.live.length).to.equal(0);
  });

  it('asks for nothing that is off', async () => {
    const session = await createSession({room: randomRoom(), micOff: true, cameraOff: true});
    await session.join();
    await session.preview();
    expect(devices.asked.length).to.equal(0);
    session.configure({micOff: false});
    await until(() => session.self.stream?.getAudioTracks().length, 'the microphone');
    session.configure({cameraOff: false});
    await until(() => session.self.stream?.getVideoTracks().length, 'the camera');
    session.configure({cameraOff: true});
    await until(() => !session.self.stream?.getVideoTracks().length, 'no camera');
  });

  it('sends a stream of the page, and leaves it running', async () => {
    const room = randomRoom();
    const stream = canvasStream();
    const [track] = stream.getVideoTracks();
    const [a, b] = [await createSession({room, stream}), await createWatcher({room})];
    await Promise.all([a.join(), b.join()]);
    await untilConnected(a, b);
    await untilMoving(participantOf(b)?.stream);
    a.leave();
    expect(track?.readyState).to.equal('live');
    expect(devices.asked.length).to.equal(0);
    track?.stop();
  });
});

describe('CallSession with messages', () => {
  prepare();

  async function three() {
    const broker = await startBroker();
    const room = randomRoom();
    const all = await Promise.all(
      ['A', 'B', 'C'].map((name) => createWatcher({room, name, broker: broker.url})),
    );
    const heard = all.map((session) => {
      const messages: [from: string, data: unknown][] = [];
      session.addEventListener('message', ({data, from}: CallMessageEvent) =>
        messages.push([from.name, data]),
      );
      return messages;
    });
    await Promise.all(all.map((session) => session.join()));
    await untilConnected(...all);
    const [a, b, c] = all as [CallSession, CallSession, CallSession];
    return {a, b, c, heard, broker};
  }

  it('sends to all or to one, never through the broker', async () => {
    const {a, b, heard, broker} = await three();
    const secret = `secret ${crypto.randomUUID()}`;
    const c = a.participants.find(({name}) => name === 'C')!;
    a.send({secret}, c.id);
    a.send(new Uint8Array([1, 2]).subarray(1));
    b.send([null, 'done']);
    await until(() => heard.every(({length}) => length >= 1) && heard[2]!.length === 3, 'all');
    expect(heard[0]).to.deep.equal([['B', [null, 'done']]]);
    expect(heard[1]).to.have.length(1);
    expect(new Uint8Array(heard[1]![0]![1] as ArrayBuffer)).to.deep.equal(new Uint8Array([2]));
    const fromA = heard[2]!.filter(([from]) => from === 'A').map(([, data]) => data);
    expect(fromA[0]).to.deep.equal({secret});
    expect(fromA[1]).to.be.instanceOf(ArrayBuffer);
    const {log} = await brokerInfo(broker);
    expect(log.length).to.be.above(0);
    expect(JSON.stringify(log)).to.not.contain(secret);
    await stopBroker(broker);
  });

  it('refuses what cannot be sent, and whom it cannot be sent to', async () => {
    const session = await createWatcher({room: randomRoom()});
    expect(await codeOf(() => session.send('early'))).to.equal('peer-unavailable');
    await session.join();
    session.send('to nobody is fine');
    for (const to of ['nobody', 'self', '', '__proto__']) {
      expect(await codeOf(() => session.send('hello', to)), to).to.equal('peer-unavailable');
    }
    for (const data of [undefined, () => 1, 1n, new Blob([]), new ArrayBuffer(maxDataBytes + 1)]) {
      expect(await codeOf(() => session.send(data))).to.equal('bad-message');
    }
    session.leave();
    expect(await codeOf(() => session.send('late'))).to.equal('peer-unavailable');
  });
});

describe('CallSession under strain', () => {
  prepare();

  it('survives a burst of large messages, and delivers all of it', async () => {
    const room = randomRoom();
    const a = await createWatcher({room});
    const b = await createWatcher({room});
    await Promise.all([a.join(), b.join()]);
    await untilConnected(a, b);
    let heard = 0;
    b.addEventListener('message', ({data}) => {
      heard += (data as ArrayBuffer).byteLength;
    });
    const count = 300;
    for (let i = 0; i < count; i++) {
      a.send(new Uint8Array(65_000));
    }
    await until(() => heard === count * 65_000, 'all of it', 18_000);
    expect(b.participants.length).to.equal(1);
  });

  it('sends nothing of the camera when the page gives a stream after the preview', async () => {
    const session = await createSession({room: randomRoom()});
    await session.preview();
    const devices = session.self.stream?.getTracks() ?? [];
    expect(devices.length).to.equal(2);
    const stream = canvasStream();
    session.configure({stream});
    await session.join();
    const sent = session.self.stream?.getTracks() ?? [];
    expect(sent.length === 1 && sent[0] === stream.getTracks()[0]).to.equal(true);
    expect(devices.every(({readyState}) => readyState === 'ended')).to.equal(true);
  });

  it('refuses a stream that is none', async () => {
    const stream = document.createElement('video') as unknown as MediaStream;
    const session = await createSession({room: randomRoom(), stream});
    await session.preview();
    await session.join();
    expect(failureOf(session)).to.equal('bad-attribute');
  });

  it('does not speak of a lost broker any more when it is back', async () => {
    const broker = await startBroker();
    const session = await createWatcher({room: randomRoom(), broker: broker.url});
    await session.join();
    await dropConnections(broker);
    await until(() => session.notice?.code === 'broker-unreachable', 'the notice');
    await until(() => session.state.phase === 'joined' && !session.notice, 'its end');
    session.leave();
    await stopBroker(broker);
  });

  it('leaves when those who are there are more than its own cap', async () => {
    const room = randomRoom();
    const [a, b] = [await createWatcher({room}), await createWatcher({room})];
    await Promise.all([a.join(), b.join()]);
    await untilConnected(a, b);
    const c = await createWatcher({room, maxParticipants: 2});
    void c.join();
    await until(() => failureOf(c) === 'room-full', 'room-full');
    await untilConnected(a, b);
  });
});

describe('CallSession and the order of things', () => {
  prepare();

  it('says that we are in before it says who is there', async () => {
    const room = randomRoom();
    const first = await createWatcher({room});
    await first.join();
    const second = await createWatcher({room});
    const told: string[] = [];
    for (const type of ['joined', 'participant-joined'] as const) {
      second.addEventListener(type, () => told.push(`${type} ${second.state.phase}`));
    }
    await second.join();
    await untilConnected(first, second);
    expect(told).to.deep.equal(['joined joined', 'participant-joined joined']);
  });
});

describe('CallSession with bad input', () => {
  prepare();

  for (const [what, options, detail] of [
    ['no room', {room: ''}, 'room'],
    ['a room of spaces', {room: ' \t\n'}, 'room'],
    ['a room of 10,000 characters', {room: 'x'.repeat(10_000)}, 'room (10000 characters)'],
    ['an unknown mode', {mode: 'party'}, 'mode="party"'],
    ['an endless mode', {mode: 'x'.repeat(1_000)}, 'mode="xxx'],
    ['no number of participants', {maxParticipants: NaN}, 'max-participants'],
    ['one participant', {maxParticipants: 1}, 'max-participants'],
    ['17 participants', {maxParticipants: 17}, 'max-participants'],
    ['half a participant', {maxParticipants: 2.5}, 'max-participants'],
    ['a broker that is no URL', {broker: 'nonsense'}, 'broker="nonsense"'],
    ['an empty broker', {broker: ''}, 'broker=""'],
    ['a broker of another protocol', {broker: 'ftp://x.example'}, 'broker="ftp'],
    [
      'a configuration that is none',
      {rtcConfiguration: {iceServers: [{urls: 'nonsense'}]}},
      'rtcConfiguration',
    ],
  ] as [what: string, options: Partial<CallOptions>, detail: string][]) {
    it(`fails clearly with ${what}`, async () => {
      const session = await createSession({room: randomRoom(), ...options});
      const errors: string[] = [];
      session.addEventListener('error', ({error}) => errors.push(error.code));
      await session.join();
      expect(failureOf(session)).to.equal('bad-attribute');
      if (session.state.phase === 'failed') {
        expect(session.state.error.message).to.contain(detail);
      }
      expect(errors).to.deep.equal(['bad-attribute']);
    });
  }

  for (const [what, rtcConfiguration] of [
    ['is refused', () => Promise.reject(new Error('401'))],
    ['never comes', () => new Promise<RTCConfiguration>(() => undefined)],
    [
      'throws',
      () => {
        throw new Error('no');
      },
    ],
  ] as const) {
    it(`fails for now when the configuration ${what}`, async () => {
      hurry({10_000: 50});
      const session = await createWatcher({room: randomRoom(), rtcConfiguration});
      await session.join();
      expect(failureOf(session)).to.equal('connection-failed');
      if (session.state.phase === 'failed') {
        expect(session.state.error.detail).to.equal('rtcConfiguration');
        expect(session.state.error.recoverable).to.equal(true);
      }
      restoreAll();
    });
  }

  it('closes the camera when the call becomes one without', async () => {
    const session = await createSession({room: randomRoom()});
    await session.preview();
    const [camera] = session.self.stream?.getVideoTracks() ?? [];
    session.configure({audioOnly: true});
    expect(camera?.readyState === 'ended').to.equal(true);
    expect(session.self.cameraOff).to.equal(true);
  });

  it('can be put right and joined', async () => {
    const session = await createWatcher({room: ''});
    await session.join();
    expect(failureOf(session)).to.equal('bad-attribute');
    session.configure({room: randomRoom()});
    await session.join();
    expect(session.state.phase).to.equal('joined');
  });

  it('becomes idle when it is left after a failure', async () => {
    const session = await createWatcher({room: ''});
    await session.join();
    let left = 0;
    session.addEventListener('left', () => left++);
    session.leave();
    expect(session.state).to.deep.equal({phase: 'idle'});
    expect(left).to.equal(0);
  });

  it('meets in a room of emoji, or of 256 characters', async () => {
    for (const room of [`👩‍👩‍👧‍👦 ${randomRoom()}`, randomRoom().padEnd(256, '한')]) {
      const [a, b] = [await createWatcher({room}), await createWatcher({room})];
      await Promise.all([a.join(), b.join()]);
      await untilConnected(a, b);
    }
  });

  it('asks for the configuration at each join', async () => {
    let asked = 0;
    const session = await createWatcher({
      room: randomRoom(),
      rtcConfiguration: async () => {
        asked++;
        return {iceServers: [{urls: 'stun:127.0.0.1:3478'}]};
      },
    });
    for (let i = 1; i <= 3; i++) {
      await session.join();
      expect(failureOf(session)).to.equal('joined');
      expect(asked).to.equal(i);
      expect(JSON.stringify(connections.configurations)).to.contain('stun:127.0.0.1:3478');
      session.leave();
    }
  });

  it('fails where the page or the browser cannot', async () => {
    const session = await createWatcher({room: randomRoom()});
    const native = window.RTCPeerConnection;
    replace(window, 'RTCPeerConnection', undefined);
    await session.join();
    expect(failureOf(session)).to.equal('unsupported-browser');
    replace(window, 'RTCPeerConnection', native);
    replace(window, 'isSecureContext', false);
    await session.join();
    expect(failureOf(session)).to.equal('insecure-context');
    replace(window, 'isSecureContext', true);
    await session.join();
    expect(session.state.phase).to.equal('joined');
  });
});
