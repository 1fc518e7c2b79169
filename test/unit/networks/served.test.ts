import {expect} from '@open-wc/testing';
import type {Network} from '../../../src/networks/network.js';
import {Served} from '../../../src/networks/served.js';
import type {
  CallOptions,
  CallSession,
  ParticipantLeftEvent,
} from '../../../src/session/call-session.js';
import {MediaServer, stopMediaServers} from '../media-servers.js';
import {
  canvasStream,
  codeOf,
  ConnectionWitness,
  createSession,
  failureOf,
  leaveAll,
  once,
  randomId,
  randomRoom,
  restoreAll,
  startBroker,
  stopBroker,
  until,
  untilMoving,
  watchErrors,
} from '../support.js';

let settle: () => void;
let witness: ConnectionWitness;
let server: MediaServer;
let room: string;
let name: string;

async function untilWatching(viewer: CallSession) {
  const stage = await until(
    () =>
      viewer.participants.find(
        ({role, connection}) => role === 'stage' && connection === 'connected',
      ),
    'the stage',
    20_000,
  );
  await untilMoving(stage.stream);
  return stage;
}

const texts = ({chat}: CallSession) => chat.messages.map(({text, from}) => `${from.name}: ${text}`);

for (const kind of ['mediamtx', 'janus']) {
  describe(`A broadcast through ${kind}`, () => {
    before(async function () {
      this.timeout(60_000);
      server = await MediaServer.start(this, kind);
    });
    after(stopMediaServers);
    beforeEach(() => {
      settle = watchErrors();
      witness = new ConnectionWitness();
      room = randomRoom();
      name = randomId();
    });
    afterEach(() => {
      leaveAll();
      expect(witness.live.length, 'connections').to.equal(0);
      restoreAll();
      settle();
    });

    const createStage = (options: Partial<CallOptions> = {}) =>
      createSession({
        room,
        name: 'Stage',
        mode: 'broadcast',
        stream: canvasStream(),
        whip: server.whip(name),
        token: server.token,
        ...options,
      });
    const createViewer = (options: Partial<CallOptions> = {}) =>
      createSession({
        room,
        name: 'Viewer',
        mode: 'watch',
        whep: server.whep(name),
        token: server.token,
        ...options,
      });

    it('reaches a viewer who came before, who is counted, chats and raises a hand', async () => {
      const viewer = await createViewer();
      await viewer.join();
      expect(viewer.state.phase).to.equal('joined');
      expect(viewer.participants).to.deep.equal([]);
      const stage = await createStage();
      await stage.join();
      expect(failureOf(stage)).to.equal('joined');
      await untilWatching(viewer);
      await until(() => stage.broadcast.viewers === 1, 'the count', 20_000);
      await until(() => viewer.broadcast.viewers === 1, 'the count at the viewer');
      await until(() => viewer.participants[0]?.name === 'Stage', 'the name of the stage');
      viewer.chat.send('hello');
      await until(() => texts(stage).includes('Viewer: hello'), 'the line');
      stage.chat.send('welcome');
      await until(() => texts(viewer).includes('Stage: welcome'), 'the answer');
      viewer.broadcast.raiseHand();
      await until(() => stage.participants[0]?.handRaised, 'the hand');
      expect(stage.broadcast.takesGuests).to.be.false;
      await until(() => (stage.broadcast.health?.bitrate ?? 0) > 0, 'what is sent');
    }).timeout(60_000);

    it('knows the stage by its name also while that cannot be asked', async () => {
      const broker = await startBroker();
      const stage = await createStage({broker: broker.url});
      await stage.join();
      const viewer = await createViewer({broker: broker.url, reconnectTimeoutMs: 1_000});
      await viewer.join();
      await untilWatching(viewer);
      await until(() => viewer.participants[0]?.name === 'Stage', 'the name');
      const names = new Set<string>();
      viewer.addEventListener('change', () =>
        viewer.participants.forEach((one) => names.add(one.name)),
      );
      await stopBroker(broker);
      const people = witness.live.filter((pc) => !pc.getTransceivers().length);
      people.forEach((pc) => pc.close());
      await until(() => !viewer.broadcast.hasPeople, 'nobody to ask', 30_000);
      expect(viewer.participants[0]?.name).to.equal('Stage');
      expect([...names]).to.deep.equal(['Stage']);
    }).timeout(60_000);

    it('does without people where there is no room', async () => {
      const stage = await createStage({room: ''});
      await stage.join();
      const viewer = await createViewer({room: ''});
      await viewer.join();
      await untilWatching(viewer);
      expect(viewer.broadcast.isLive).to.be.true;
      expect(viewer.broadcast.hasPeople).to.be.false;
      expect(viewer.chat.isOpen).to.be.false;
      expect(stage.chat.isOpen).to.be.false;
      expect(stage.broadcast.viewers).to.equal(undefined);
      expect(await codeOf(() => viewer.chat.send('hello'))).to.equal('peer-unavailable');
    }).timeout(60_000);

    it('begins without its broker', async () => {
      const broker = await startBroker();
      await stopBroker(broker);
      const stage = await createStage({broker: broker.url});
      await stage.join();
      expect(failureOf(stage)).to.equal('joined');
      expect(stage.broadcast.hasPeople).to.be.false;
      const viewer = await createViewer({broker: broker.url});
      await viewer.join();
      await untilWatching(viewer);
    }).timeout(60_000);

    it('waits for a server that is away, joining, and nobody is in before it', async () => {
      await server.kill();
      const viewer = await createViewer();
      await viewer.join();
      const stage = await createStage();
      const told: string[] = [];
      for (const type of ['joined', 'participant-joined', 'left'] as const) {
        stage.addEventListener(type, () => told.push(type));
      }
      stage.addEventListener('error', ({error}) => told.push(`error ${error.code}`));
      const joining = stage.join();
      await until(() => told.length, 'the trouble');
      await until(() => viewer.broadcast.viewers === 1, 'a viewer who is known', 20_000);
      expect(stage.state.phase).to.equal('joining');
      expect(stage.notice?.code).to.equal('broker-unreachable');
      expect(stage.participants).to.be.empty;
      expect(told).to.deep.equal(['error broker-unreachable']);
      await server.restart();
      await joining;
      expect(failureOf(stage)).to.equal('joined');
      expect(stage.notice).to.equal(undefined);
      expect(told.slice(-2)).to.deep.equal(['joined', 'participant-joined']);
      await untilWatching(viewer);
    }).timeout(90_000);

    it('tells a stage that its room has one, and disturbs nobody', async () => {
      const first = await createStage();
      await first.join();
      const viewer = await createViewer();
      await viewer.join();
      await untilWatching(viewer);
      const second = await createStage();
      await second.join();
      expect(failureOf(second)).to.equal('address-taken');
      await untilWatching(viewer);
    }).timeout(60_000);

    it('refuses a wrong token', async () => {
      const stage = await createStage({token: 'wrong'});
      await stage.join();
      expect(failureOf(stage)).to.equal('server-rejected');
      expect(JSON.stringify(stage.state)).not.to.contain('wrong');
    }).timeout(60_000);

    it('ends, and goes on with the next', async () => {
      const stage = await createStage();
      await stage.join();
      const viewer = await createViewer();
      await viewer.join();
      await untilWatching(viewer);
      await until(() => viewer.participants[0]?.name === 'Stage', 'the name');
      const seen = new Set<string>();
      viewer.addEventListener('change', () =>
        viewer.participants.forEach((one) => seen.add(`${one.name} ${one.connection}`)),
      );
      const left = once<ParticipantLeftEvent>(viewer, 'participant-left');
      stage.leave();
      const {participant, reason} = await left;
      expect([participant.name, reason]).to.deep.equal(['Stage', 'left']);
      expect(viewer.participants).to.be.empty;
      expect(viewer.broadcast.hasEnded).to.be.true;
      // Nobody was told to wait for what is over.
      expect([...seen].filter((word) => word !== 'Stage connected')).to.be.empty;
      await stage.join();
      expect(failureOf(stage)).to.equal('joined');
      await untilWatching(viewer);
      expect(viewer.broadcast.hasEnded).to.be.false;
    }).timeout(90_000);
  });
}

/** As much of a network as `Served` asks for. */
class FakeNetwork extends EventTarget {
  members: {id: string}[] = [];
  show: {viewers: number} | undefined;

  open() {
    return Promise.resolve();
  }

  close() {
    // Nothing to end.
  }

  /** So many viewers. */
  hold(count: number) {
    this.members = Array.from({length: count}, (_, i) => ({id: String(i)}));
    this.show = {viewers: count};
    this.dispatchEvent(new Event('change'));
  }
}

describe('A broadcast through a media server', () => {
  afterEach(() => {
    leaveAll();
  });

  for (const role of ['stage', 'audience'] as const) {
    it(`counts nobody when there may be more than it knows of: ${role}`, async () => {
      const people = new FakeNetwork();
      const served = new Served({
        role,
        media: new FakeNetwork() as unknown as Network,
        createPeople: () => people as unknown as Network,
      });
      await served.open();
      people.hold(199);
      expect(served.isCrowded).to.be.false;
      people.hold(200);
      expect(served.isCrowded).to.be.true;
      // Their places are taken soon.
      people.hold(185);
      expect(served.isCrowded).to.be.true;
      people.hold(170);
      expect(served.isCrowded).to.be.false;
      served.close('left');
    });
  }

  it('does not promise a number of viewers that it cannot keep', async () => {
    const session = await createSession({
      room: randomRoom(),
      mode: 'broadcast',
      whip: 'https://example.org/whip',
      maxParticipants: 50,
    });
    await session.join();
    const {state} = session;
    expect(state.phase === 'failed' && state.error.detail).to.equal(
      'max-participants (with whip, the media server decides)',
    );
  });

  for (const [what, options] of [
    ['a scheme that is none', {mode: 'broadcast', whip: 'rtmp://example.org/live'}],
    ['no address', {mode: 'watch', whep: 'live'}],
    ['a call', {mode: 'call', whip: 'https://example.org/whip'}],
  ] as const) {
    it(`says what is wrong with ${what}`, async () => {
      const session = await createSession({room: randomRoom(), ...options});
      await session.join();
      expect(failureOf(session)).to.equal('bad-attribute');
      const {state} = session;
      expect(state.phase === 'failed' && state.error.detail).to.match(/whip|whep/);
    });
  }
});
