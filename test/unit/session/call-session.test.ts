import {expect} from '@open-wc/testing';
import {maxDataBytes} from '../../../src/core/messages.js';
import {
  CallSession,
  type CallErrorEvent,
  type CallMessageEvent,
  type CallOptions,
  type LeftEvent,
  type ParticipantJoinedEvent,
  type ParticipantLeftEvent,
} from '../../../src/session/call-session.js';
import type {Participant} from '../../../src/session/participant.js';
import {parseBroker, PeerJsSignaling} from '../../../src/signaling/peerjs.js';
import {
  brokerInfo,
  canvasStream,
  closePaths,
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
  Path,
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
  type TestBroker,
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
    await until(() => failureOf(c) === 'room-full', 'room-full', 20_000);
    await untilConnected(a, b);
  }).timeout(40_000);
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

describe('CallSession with resume', () => {
  prepare();

  let elsewhere: AbortController;

  beforeEach(() => {
    elsewhere = new AbortController();
  });
  afterEach(() => elsewhere.abort());

  /** Those who join after this are as if in another page: that this one goes does not reach them. */
  function othersAreElsewhere() {
    window.addEventListener('pagehide', (event) => event.stopImmediatePropagation(), elsewhere);
  }

  const hidePage = () => window.dispatchEvent(new Event('pagehide'));

  /** Who came and went, as far as one has been told. */
  function watchComings(session: CallSession): string[] {
    const told: string[] = [];
    session.addEventListener('participant-joined', ({participant}) =>
      told.push(`${participant.name} came`),
    );
    session.addEventListener('participant-left', ({participant, reason}) =>
      told.push(`${participant.name} ${reason}`),
    );
    return told;
  }

  /** Mina in this page, with `resume` unless told otherwise, and Jun in another. */
  async function meet(options: Partial<CallOptions> = {}) {
    const room = randomRoom();
    const mina = await createSession({room, name: 'Mina', resume: true, ...options});
    const jun = await createWatcher({room, name: 'Jun'});
    await mina.join();
    othersAreElsewhere();
    await jun.join();
    await untilConnected(mina, jun);
    return {room, mina, jun};
  }

  it('is away when the page goes, and back in the next one as the same person', async () => {
    const {room, mina, jun} = await meet({micOff: true, cameraOff: true});
    const told = watchComings(jun);
    const id = participantOf(jun)?.id;
    const leaving = once<LeftEvent>(mina, 'left');
    hidePage();
    expect((await leaving).reason).to.equal('closed');
    await until(() => participantOf(jun)?.away, 'away');
    expect(participantOf(jun)).to.include({id, name: 'Mina', connection: 'reconnecting'});
    const next = await createSession({room, resume: true});
    await next.resume();
    expect(next.self.name).to.equal('Mina');
    await untilConnected(next, jun);
    expect(participantOf(jun)).to.include({id, name: 'Mina', away: false});
    expect(participantOf(next)?.name).to.equal('Jun');
    expect(told).to.be.empty;
  });

  it('comes back with microphone and camera as they were', async () => {
    for (const [micOff, cameraOff] of [
      [true, false],
      [false, true],
    ] as const) {
      const {room, mina, jun} = await meet();
      await until(() => mina.self.stream?.getTracks().length === 2, 'the devices');
      await mina.toggleMic(!micOff);
      await mina.toggleCamera(!cameraOff);
      hidePage();
      expect(devices.live).to.be.empty;
      const next = await createSession({room, resume: true});
      await next.resume();
      await untilConnected(next, jun);
      await until(() => next.self.stream?.getTracks().length, 'a device');
      expect(next.self).to.include({micOff, cameraOff});
      await until(() => {
        const seen = participantOf(jun);
        return seen?.micOff === micOff && seen.cameraOff === cameraOff;
      }, 'what the other sees');
      leaveAll();
      elsewhere.abort();
      elsewhere = new AbortController();
    }
  });

  it('opens the devices again that were chosen', async () => {
    const {room, mina, jun} = await meet();
    const cameras = await navigator.mediaDevices.enumerateDevices();
    const {deviceId} = cameras.find(({kind}) => kind === 'videoinput')!;
    await mina.useDevice('videoinput', deviceId);
    hidePage();
    devices.asked.length = 0;
    const next = await createSession({room, resume: true});
    await next.resume();
    await untilConnected(next, jun);
    expect(JSON.stringify(devices.asked)).to.contain(deviceId);
  });

  it('goes on when the very page is shown again', async () => {
    const {mina, jun} = await meet({micOff: true, cameraOff: true});
    const told = watchComings(jun);
    const id = participantOf(jun)?.id;
    hidePage();
    await until(() => participantOf(jun)?.away, 'away');
    window.dispatchEvent(new PageTransitionEvent('pageshow', {persisted: true}));
    await untilConnected(mina, jun);
    expect(participantOf(jun)).to.include({id, away: false});
    expect(told).to.be.empty;
  });

  it('does not join when another page is shown in its place', async () => {
    const {mina} = await meet({micOff: true, cameraOff: true});
    hidePage();
    window.dispatchEvent(new PageTransitionEvent('pageshow', {persisted: false}));
    expect(mina.state).to.deep.equal({phase: 'idle', reason: 'closed'});
  });

  it('is gone for the others when it does not come back', async () => {
    const room = randomRoom();
    const mina = await createWatcher({room, name: 'Mina', resume: true});
    await mina.join();
    othersAreElsewhere();
    const jun = await createWatcher({room, name: 'Jun', reconnectTimeoutMs: 1_000});
    await jun.join();
    await untilConnected(mina, jun);
    const leaving = once<ParticipantLeftEvent>(jun, 'participant-left');
    hidePage();
    const {participant, reason} = await leaving;
    expect(participant).to.include({name: 'Mina', away: true});
    expect(reason).to.equal('closed');
    expect(jun.participants).to.be.empty;
  });

  it('is closed at once without, and there is nothing to go on with', async () => {
    const {room, jun} = await meet({resume: false, micOff: true, cameraOff: true});
    const told = watchComings(jun);
    hidePage();
    await until(() => told.length, 'the end');
    expect(told).to.deep.equal(['Mina closed']);
    const next = await createSession({room, resume: true});
    await next.resume();
    expect(next.state).to.deep.equal({phase: 'idle'});
  });

  it('goes on with nothing where there is nothing to go on with', async () => {
    const {room, mina} = await meet({micOff: true, cameraOff: true});
    await mina.resume({orJoin: true});
    expect(mina.state.phase, 'in a call').to.equal('joined');
    hidePage();
    await mina.resume({orJoin: true});
    expect(mina.state.phase, 'in the page that goes').to.equal('idle');
    for (const [what, options] of [
      ['another room', {room: randomRoom()}],
      ['another broker', {broker: 'http://127.0.0.1:9/'}],
      ['a broker that is none', {broker: 'nonsense'}],
      ['without being asked to', {resume: false}],
    ] as const) {
      const other = await createWatcher({room, resume: true, ...options});
      await other.resume();
      expect(other.state.phase, what).to.equal('idle');
    }
    const next = await createWatcher({room, resume: true});
    await next.resume();
    expect(next.state.phase).to.equal('joined');
    const copy = await createWatcher({room, resume: true});
    await copy.resume();
    expect(copy.state.phase, 'while a page is in it').to.equal('idle');
    await copy.resume({orJoin: true});
    expect(copy.state.phase, 'all the same').to.equal('joined');
  });

  it('goes on with no call that was hung up', async () => {
    const {room, mina} = await meet({micOff: true, cameraOff: true});
    mina.leave();
    hidePage();
    const next = await createWatcher({room, resume: true});
    await next.resume();
    expect(next.state.phase).to.equal('idle');
  });

  it('is two people in two tabs with the same memory', async () => {
    const {room, jun, mina} = await meet({micOff: true, cameraOff: true});
    const copy = await createWatcher({room, name: 'Mina', resume: true});
    await copy.join();
    await untilConnected(mina, jun, copy);
    expect(new Set(jun.participants.map(({id}) => id)).size).to.equal(2);
  });
});

describe('CallSession by way of relays', () => {
  prepare();
  afterEach(closePaths);

  const typesOf = (reports: ReadonlyMap<string, RTCStatsReport>) =>
    [...reports.values()].flatMap((report) =>
      [...report.values()].flatMap(({type, candidateType}: RTCStats & {candidateType?: string}) =>
        type === 'local-candidate' ? [candidateType] : [],
      ),
    );

  it('tells nobody an address but that of the relay', async () => {
    const broker = await startBroker();
    const options = {room: randomRoom(), broker: broker.url, relayOnly: true};
    const both = [];
    for (let i = 0; i < 2; i++) {
      const {iceServers = []} = (await Path.open()).configuration;
      both.push(await createWatcher({...options, rtcConfiguration: async () => ({iceServers})}));
    }
    const [a, b] = both as [CallSession, CallSession];
    await Promise.all([a.join(), b.join()]);
    await untilConnected(a, b);
    expect(connections.configurations.map((one) => one?.iceTransportPolicy)).to.satisfy(
      (all: unknown[]) => all.length >= 2 && all.every((policy) => policy === 'relay'),
    );
    for (const session of both) {
      const types = typesOf(await session.getStats());
      expect(types).to.not.be.empty;
      expect(types.filter((type) => type !== 'relay')).to.be.empty;
    }
    const said = JSON.stringify((await brokerInfo(broker)).log);
    const candidates = said.match(/candidate:[^"\\]+/g) ?? [];
    expect(candidates).to.not.be.empty;
    for (const candidate of candidates) {
      const relay = /(\S+ \S+) typ relay raddr (\S+) rport (\S+)/.exec(candidate);
      expect(relay, candidate).to.not.equal(null);
      // Nor where the way to the relay begins.
      const [, address, from, fromPort] = relay!;
      expect(`${from} ${fromPort}`, candidate).to.be.oneOf(['0.0.0.0 0', address]);
    }
    leaveAll();
    await stopBroker(broker);
  });

  for (const [what, rtcConfiguration] of [
    ['the servers there are', undefined],
    ['no servers', {iceServers: []}],
    ['other servers only', {iceServers: [{urls: ['stun:stun.example', 'stuns:stun.example']}]}],
    ['a function that gives none', async () => ({})],
  ] as const) {
    it(`fails clearly with ${what}, and makes no connection`, async () => {
      const session = await createWatcher({
        room: randomRoom(),
        relayOnly: true,
        rtcConfiguration: rtcConfiguration as RTCConfiguration,
      });
      await session.join();
      expect(failureOf(session)).to.equal('bad-attribute');
      if (session.state.phase === 'failed') {
        expect(session.state.error.message).to.contain('relay-only');
      }
      expect(connections.all).to.be.empty;
    });
  }
});

describe('CallSession without its broker', () => {
  prepare();

  const brokers = new Set<TestBroker>();

  afterEach(async () => {
    leaveAll();
    await Promise.all([...brokers].map(stopBroker));
    brokers.clear();
  });

  async function start(options: Record<string, string | number> = {}): Promise<TestBroker> {
    const broker = await startBroker(options);
    brokers.add(broker);
    return broker;
  }

  /** A broker that is away. */
  async function startAndStop(): Promise<TestBroker> {
    const broker = await startBroker();
    await stopBroker(broker);
    return broker;
  }

  /** A session that could not join because the broker is away. */
  async function fail(options: Partial<CallOptions> = {}) {
    const {url, port} = await startAndStop();
    const session = await createWatcher({room: randomRoom(), broker: url, ...options});
    await session.join();
    expect(failureOf(session)).to.equal('broker-unreachable');
    return {session, port};
  }

  it('joins by itself when the broker is back', async () => {
    const {session, port} = await fail();
    const told: string[] = [];
    for (const type of ['joined', 'error', 'left'] as const) {
      session.addEventListener(type, () => told.push(type));
    }
    const broker = await start({port});
    await until(() => session.state.phase === 'joined', 'the call', 18_000);
    expect(told).to.deep.equal(['joined']);
    expect(await takenIds(broker)).to.have.length(1);
  });

  it('looks at once when the network is back, and opens the devices then only', async () => {
    // By itself it would look never.
    replace(Math, 'random', () => 1);
    hurry({1_000: 1_000_000});
    const {session, port} = await fail({micOff: false, cameraOff: false});
    await until(() => !devices.live.length, 'closed devices');
    devices.asked.length = 0;
    await start({port});
    expect(devices.asked).to.be.empty;
    window.dispatchEvent(new Event('online'));
    await until(() => session.state.phase === 'joined', 'the call');
    await until(() => session.self.stream?.getTracks().length === 2, 'the devices');
  });

  it('does not join any more once it was left', async () => {
    const {session, port} = await fail();
    session.leave();
    expect(session.state).to.deep.equal({phase: 'idle'});
    const broker = await start({port});
    window.dispatchEvent(new Event('online'));
    const other = await createWatcher({room: randomRoom(), broker: broker.url});
    await other.join();
    expect(session.state.phase).to.equal('idle');
    expect(await takenIds(broker)).to.have.length(1);
  });

  it('does not join any more after two minutes', async () => {
    const {url, port} = await startAndStop();
    let failed = 0;
    class Watched extends PeerJsSignaling {
      override async open(address: string, options: {signal: AbortSignal}) {
        await super.open(address, options).catch((error: unknown) => {
          failed++;
          throw error;
        });
      }
    }
    const session = new CallSession({createSignaling: () => new Watched(parseBroker(url))});
    session.configure({room: randomRoom(), broker: url, micOff: true, cameraOff: true});
    await session.join();
    expect(failureOf(session)).to.equal('broker-unreachable');
    const {now} = performance;
    replace(performance, 'now', () => now.call(performance) + 121_000);
    window.dispatchEvent(new Event('online'));
    await until(() => failed === 2, 'the last attempt');
    const broker = await start({port});
    window.dispatchEvent(new Event('online'));
    const other = await createWatcher({room: randomRoom(), broker: url});
    await other.join();
    expect(failureOf(session)).to.equal('broker-unreachable');
    expect(await takenIds(broker)).to.have.length(1);
  });

  it('joins once when somebody joins by hand meanwhile', async () => {
    const {session, port} = await fail();
    let joined = 0;
    session.addEventListener('joined', () => joined++);
    const broker = await start({port});
    // In the middle of its own attempt, too.
    window.dispatchEvent(new Event('online'));
    await new Promise((resolve) => setTimeout(resolve));
    await session.join();
    expect(session.state.phase).to.equal('joined');
    window.dispatchEvent(new Event('online'));
    await until(async () => (await takenIds(broker)).length === 1, 'one address');
    expect(joined).to.equal(1);
  });

  it('does not watch for a broker that has refused it', async () => {
    const broker = await start({concurrent_limit: 0});
    const session = await createWatcher({room: randomRoom(), broker: broker.url});
    await session.join();
    expect(failureOf(session)).to.equal('broker-full');
    brokers.delete(broker);
    await stopBroker(broker);
    const again = await start({port: broker.port});
    window.dispatchEvent(new Event('online'));
    const other = await createWatcher({room: randomRoom(), broker: broker.url});
    await other.join();
    expect(failureOf(session)).to.equal('broker-full');
    expect(await takenIds(again)).to.have.length(1);
  });
});

describe('CallSession and a configuration that changes', () => {
  prepare();

  it('asks for it again when somebody comes later, not for those who come at once', async () => {
    let asked = 0;
    const room = randomRoom();
    const a = await createWatcher({
      room,
      rtcConfiguration: async () => {
        asked++;
        return {iceServers: [{urls: `stun:127.0.0.1:${3_000 + asked}`}]};
      },
    });
    await a.join();
    const others = [await createWatcher({room}), await createWatcher({room})];
    await others[0]?.join();
    await untilConnected(a, others[0]!);
    expect(asked).to.equal(1);
    const {now} = performance;
    replace(performance, 'now', () => now.call(performance) + 31_000);
    await others[1]?.join();
    await untilConnected(a, ...others);
    expect(asked).to.equal(2);
    expect(JSON.stringify(connections.configurations)).to.contain('stun:127.0.0.1:3002');
  });

  it('goes on with the last one when it cannot be had any more', async () => {
    let isBroken = false;
    const room = randomRoom();
    const a = await createWatcher({
      room,
      rtcConfiguration: () => (isBroken ? Promise.reject(new Error('401')) : {}),
    });
    const [b, c] = [await createWatcher({room}), await createWatcher({room})];
    await Promise.all([a.join(), b.join()]);
    await untilConnected(a, b);
    isBroken = true;
    const {now} = performance;
    replace(performance, 'now', () => now.call(performance) + 31_000);
    await c.join();
    await untilConnected(a, b, c);
    expect(a.notice).to.equal(undefined);
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
    ['no patience at all', {reconnectTimeoutMs: 999}, 'reconnect-timeout'],
    ['more than an hour of patience', {reconnectTimeoutMs: 3_600_001}, 'reconnect-timeout'],
    ['a patience that is no number', {reconnectTimeoutMs: NaN}, 'reconnect-timeout'],
    ['a patience without an end', {reconnectTimeoutMs: Infinity}, 'reconnect-timeout'],
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
      hurry({8_000: 50});
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
