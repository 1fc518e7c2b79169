import {expect} from '@open-wc/testing';
import {stageAddress} from '../../../src/networks/addresses.js';
import {type Audience} from '../../../src/networks/audience.js';
import {Stage, type StageOptions} from '../../../src/networks/stage.js';
import {parseBroker, PeerJsSignaling} from '../../../src/signaling/peerjs.js';
import type {CallOptions, CallSession} from '../../../src/session/call-session.js';
import {
  canvasStream,
  closePaths,
  ConnectionWitness,
  createSession,
  failureOf,
  freezeBroker,
  leaveAll,
  Path,
  randomRoom,
  restoreAll,
  startBroker,
  stopBroker,
  takenIds,
  thawBroker,
  until,
  untilMoving,
  watchErrors,
  type TestBroker,
} from '../support.js';

/** Where no broker is. */
const nowhere = 'http://localhost:1/';

let settle: () => void;
let witness: ConnectionWitness;
let room: string;
let broker: TestBroker;
const streams: MediaStream[] = [];
const networks = new Set<Stage | Audience>();

/** Everybody has a line of their own: in Firefox those who have and who have not do not meet. */
const ownLine = async () => (await Path.open()).configuration;

const createStage = async (options: Partial<CallOptions> = {}) => {
  const stream = canvasStream();
  streams.push(stream);
  return createSession({
    rtcConfiguration: await ownLine(),
    room,
    broker: broker.url,
    name: 'Stage',
    mode: 'broadcast',
    stream,
    ...options,
  });
};

async function enterStage(options: Partial<CallOptions> = {}) {
  const stage = await createStage(options);
  await stage.join();
  expect(stage.state.phase).to.equal('joined');
  return stage;
}

async function enterViewer(name: string, options: Partial<CallOptions> = {}) {
  const viewer = await createSession({
    rtcConfiguration: await ownLine(),
    room,
    broker: broker.url,
    mode: 'watch',
    name,
    ...options,
  });
  await viewer.join();
  return viewer;
}

const untilConnected = (session: CallSession, count = 1, timeoutMs?: number) =>
  until(
    () =>
      session.participants.length === count &&
      session.participants.every(({connection}) => connection === 'connected'),
    `${session.self.name} with ${count} connected, not ${session.participants.map(({connection}) => connection).join()}`,
    timeoutMs,
  );

async function untilWatching(viewer: CallSession, timeoutMs?: number) {
  await untilConnected(viewer, 1, timeoutMs);
  const [stage] = viewer.participants;
  await untilMoving(stage!.stream);
  return stage!;
}

/** A viewer on a line of their own, who watches. */
async function openViewer(name: string, options: Partial<CallOptions> = {}) {
  const line = await Path.open();
  const viewer = await enterViewer(name, {rtcConfiguration: line.configuration, ...options});
  return {line, viewer};
}

/** What one is told of the others, in order. */
function watch(session: CallSession): string[] {
  const told: string[] = [];
  session.addEventListener('participant-joined', ({participant: {name}}) => told.push(`+${name}`));
  session.addEventListener('participant-left', ({participant: {name}, reason}) =>
    told.push(`-${name} ${reason}`),
  );
  session.addEventListener('error', ({error}) => told.push(error.code));
  return told;
}

function hear(session: CallSession): unknown[] {
  const heard: unknown[] = [];
  session.addEventListener('message', ({data}) => heard.push(data));
  return heard;
}

/** The stage without a session around it: as one person, in one page after the other. */
async function openStage(options: Partial<StageOptions> = {}): Promise<Stage> {
  const configuration = await ownLine();
  const stage = new Stage({
    room,
    id: '00112233445566aa',
    ticket: 'f'.repeat(32),
    maxViewers: 10,
    startedAt: Date.now(),
    createSignaling: () => new PeerJsSignaling(parseBroker(broker.url)),
    configuration: () => configuration,
    state: {name: 'Stage', micOff: true, cameraOff: false, screen: false},
    reconnectTimeoutMs: 60_000,
    ...options,
  });
  networks.add(stage);
  const stream = canvasStream();
  streams.push(stream);
  stage.setTracks({camera: stream.getVideoTracks()[0]!});
  await stage.open();
  return stage;
}

/** As when a page crashes: nobody says a word. */
function kill(connections: readonly RTCPeerConnection[], sockets: WebSocket[]) {
  for (const socket of sockets) {
    socket.close();
  }
  for (const connection of connections) {
    connection.close();
  }
}

describe('A broadcast on bad lines', function () {
  this.timeout(60_000);

  beforeEach(async () => {
    settle = watchErrors();
    witness = new ConnectionWitness();
    room = randomRoom();
    broker = await startBroker();
  });
  afterEach(async () => {
    leaveAll();
    for (const network of networks) {
      network.close('left');
    }
    networks.clear();
    await closePaths();
    await stopBroker(broker);
    for (const stream of streams.splice(0)) {
      stream.getTracks().forEach((track) => track.stop());
    }
    restoreAll();
    settle();
    expect(witness.live, 'connections').to.be.empty;
  });

  it('goes on for a viewer whose line was cut for five seconds, with the same streams and every message once', async () => {
    const stage = await enterStage();
    const {line, viewer} = await openViewer('Viewer');
    const other = await enterViewer('Other');
    const seen = await untilWatching(viewer);
    await untilWatching(other);
    // Pictures may be faster than the word of who it is that sees them.
    await untilConnected(stage, 2);
    const [toldStage, toldViewer, toldOther] = [watch(stage), watch(viewer), watch(other)];
    const [heardStage, heardViewer] = [hear(stage), hear(viewer)];
    let isOtherCalm = true;
    other.addEventListener('change', () => {
      isOtherCalm &&= other.participants[0]?.connection === 'connected';
    });
    await line.cut();
    for (let i = 0; i < 5; i++) {
      stage.send(i);
      viewer.send(i);
    }
    await until(() => viewer.participants[0]?.connection === 'reconnecting', 'the loss');
    const name = ({participants}: CallSession) =>
      participants.find(({connection}) => connection === 'reconnecting')?.name;
    await until(() => name(stage) === 'Viewer', 'the loss, on the stage');
    stage.broadcast.pause();
    stage.broadcast.pause(false);
    stage.broadcast.openChat(false);
    await new Promise((resolve) => setTimeout(resolve, 5_000));
    await line.heal();
    await untilConnected(viewer, 1, 20_000);
    await untilConnected(stage, 2, 20_000);
    stage.send('end');
    viewer.send('end');
    await until(() => heardStage.includes('end') && heardViewer.includes('end'), 'the end');
    expect(heardStage).to.deep.equal([0, 1, 2, 3, 4, 'end']);
    expect(heardViewer).to.deep.equal([0, 1, 2, 3, 4, 'end']);
    const [now] = viewer.participants;
    expect(now?.stream).to.equal(seen.stream);
    await untilMoving(now?.stream);
    expect([...toldStage, ...toldViewer, ...toldOther]).to.be.empty;
    expect(isOtherCalm).to.be.true;
    // What was decided while the line was cut is known as well.
    await until(() => !viewer.broadcast.chatIsOpen, 'the closed chat');
  });

  it('tells a viewer who comes by another link what was decided meanwhile', async () => {
    const stage = await enterStage();
    const {line, viewer} = await openViewer('Viewer');
    await untilWatching(viewer);
    const before = [...witness.all];
    await line.cut();
    await until(() => viewer.participants[0]?.connection === 'reconnecting', 'the loss');
    stage.broadcast.openChat(false);
    // The old path never heals: another link has to take over.
    await line.rebind();
    await line.heal();
    await untilConnected(viewer, 1, 30_000);
    await until(() => before.every(({signalingState}) => signalingState === 'closed'), 'new links');
    await until(() => !viewer.broadcast.chatIsOpen, 'the closed chat');
  });

  it('gives up a viewer whose line stays cut, and they find the show again when it heals', async () => {
    const stage = await enterStage({reconnectTimeoutMs: 4_000});
    const {line, viewer} = await openViewer('Viewer', {reconnectTimeoutMs: 4_000});
    await untilWatching(viewer);
    const [toldStage, toldViewer] = [watch(stage), watch(viewer)];
    await line.cut();
    await until(() => toldStage.includes('-Viewer lost'), 'the loss, on the stage', 20_000);
    await until(() => toldViewer.includes('-Stage lost'), 'the loss', 20_000);
    expect(viewer.state.phase).to.equal('joined');
    expect(viewer.broadcast.isLive).to.be.false;
    expect(viewer.broadcast.hasEnded).to.be.false;
    await line.heal();
    await untilConnected(viewer, 1, 40_000);
    await untilWatching(viewer);
    await untilConnected(stage, 1);
    expect(stage.participants[0]?.name).to.equal('Viewer');
  });

  it('goes on over a restart of the broker, and viewers find it after that', async () => {
    const stage = await enterStage();
    const viewer = await enterViewer('Viewer');
    await untilWatching(viewer);
    const told = watch(viewer);
    await stopBroker(broker);
    const waiting = await enterViewer('Waiting');
    expect(failureOf(waiting)).to.equal('broker-unreachable');
    stage.send('meanwhile');
    const heard = hear(viewer);
    stage.send('more');
    await until(() => heard.includes('more'), 'what needs no broker');
    expect(stage.state.phase).to.equal('joined');
    broker = await startBroker({port: broker.port});
    // By itself, with nobody touching anything.
    await untilWatching(waiting, 30_000);
    await untilConnected(viewer);
    expect(told.filter((word) => word !== 'broker-unreachable')).to.be.empty;
  });

  it('is found by viewers who wait while the broker is frozen, and came before the stage', async () => {
    const waiting = await enterViewer('Waiting');
    expect(waiting.state.phase).to.equal('joined');
    await freezeBroker(broker);
    const stage = await createStage();
    const joining = stage.join();
    await thawBroker(broker);
    await joining;
    await untilWatching(waiting, 20_000);
  });

  it('is another page of the stage without a good-bye, and viewers go on as they were', async () => {
    const viewers = await Promise.all(['One', 'Two'].map((name) => enterViewer(name)));
    const sockets: WebSocket[] = [];
    const Original = window.WebSocket;
    window.WebSocket = class extends Original {
      constructor(...options: ConstructorParameters<typeof WebSocket>) {
        super(...options);
        sockets.push(this);
      }
    };
    let isDead = false;
    const first = await openStage({
      // With the same ticket it would take its address back from the other page.
      createSignaling: () => new PeerJsSignaling(parseBroker(isDead ? nowhere : broker.url)),
    });
    window.WebSocket = Original;
    const seen = await Promise.all(viewers.map((viewer) => untilWatching(viewer)));
    const told = viewers.map(watch);
    const heard = viewers.map(hear);
    // Pictures may be faster than the word of who it is that sees them.
    await until(() => first.members.length === 2, 'both viewers');
    first.send('{"t":"data","data":"first"}');
    await until(() => heard.every((each) => each.includes('first')), 'the first');
    // Those that the page has offered, and no others.
    const own = witness.live.filter(
      ({localDescription, currentLocalDescription}) =>
        (currentLocalDescription ?? localDescription)?.type === 'offer',
    );
    expect(own).to.have.length(2);
    isDead = true;
    kill(own, sockets);
    const second = await openStage();
    await until(() => second.members.length === 2, 'both', 30_000);
    for (const [i, viewer] of viewers.entries()) {
      const stage = await untilWatching(viewer, 20_000);
      expect(stage.id).to.equal(seen[i]!.id);
      expect(stage.stream).to.equal(seen[i]!.stream);
    }
    second.send('{"t":"data","data":"second"}');
    await until(() => heard.every((each) => each.includes('second')), 'the second');
    expect(heard).to.deep.equal([
      ['first', 'second'],
      ['first', 'second'],
    ]);
    expect(told).to.deep.equal([[], []]);
  });

  it('is another page of the stage that said it would be back', async () => {
    const viewer = await enterViewer('Viewer');
    const first = await openStage();
    const seen = await untilWatching(viewer);
    const told = watch(viewer);
    first.close('away');
    await until(() => viewer.participants[0]?.away, 'the stage away');
    expect(viewer.broadcast.hasEnded).to.be.false;
    const second = await openStage();
    const stage = await untilWatching(viewer, 20_000);
    expect(stage.stream).to.equal(seen.stream);
    expect(stage.away).to.be.false;
    expect(told).to.be.empty;
    expect(second.members).to.have.length(1);
  });

  it('is over for viewers of a stage that does not come back', async () => {
    const viewer = await enterViewer('Viewer', {reconnectTimeoutMs: 2_000});
    const first = await openStage();
    await untilWatching(viewer);
    const told = watch(viewer);
    first.close('away');
    await until(() => told.includes('-Stage closed'), 'the end', 20_000);
    expect(viewer.participants).to.be.empty;
    // And yet another is found.
    await openStage({id: '00112233445566bb', ticket: 'e'.repeat(32)});
    await untilWatching(viewer, 20_000);
  });

  it('keeps its address from anybody else while it is there, and gives it back to itself', async () => {
    const first = await openStage();
    const address = await stageAddress(room);
    await until(async () => (await takenIds(broker)).includes(address), 'the address');
    const other = await createStage();
    await other.join();
    expect(failureOf(other)).to.equal('address-taken');
    first.close('left');
    await until(async () => !(await takenIds(broker)).includes(address), 'the free address');
    await other.join();
    expect(other.state.phase).to.equal('joined');
  });

  it('reaches a viewer in full, whatever the line of another loses', async () => {
    const stage = await enterStage();
    const {line, viewer: poor} = await openViewer('Poor');
    const good = await enterViewer('Good');
    await Promise.all([untilWatching(poor), untilWatching(good)]);
    await line.loss(30);
    const heard = [hear(good), hear(poor)];
    let isCalm = true;
    good.addEventListener('change', () => {
      isCalm &&= good.participants[0]?.connection === 'connected';
    });
    for (let i = 0; i < 50; i++) {
      stage.send(i);
    }
    const all = Array.from({length: 50}, (_, i) => i);
    await until(() => heard[0]!.length === 50, 'all, at the good one');
    await until(() => heard[1]!.length === 50, 'all, at the poor one', 40_000);
    expect(heard).to.deep.equal([all, all]);
    await untilMoving(good.participants[0]?.stream);
    expect(isCalm).to.be.true;
    expect(stage.broadcast.health?.fullBy).to.equal(undefined);
    expect(stage.broadcast.health?.limitedBy).to.equal(undefined);
  });
});
