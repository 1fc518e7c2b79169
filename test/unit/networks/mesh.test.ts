import {expect} from '@open-wc/testing';
import {slotAddresses} from '../../../src/networks/addresses.js';
import {CallSession, type CallOptions} from '../../../src/session/call-session.js';
import type {Signaling} from '../../../src/signaling/signaling.js';
import {TabSignaling} from '../../../src/signaling/tab.js';
import {
  brokerInfo,
  ConnectionWitness,
  createWatcher,
  dropConnections,
  failureOf,
  hurry,
  leaveAll,
  once,
  randomId,
  randomRoom,
  replace,
  restoreAll,
  sharedBroker,
  startBroker,
  stopBroker,
  takenIds,
  takenSlots,
  until,
  untilConnected,
  watchErrors,
  type TestBroker,
} from '../support.js';

let settle: () => void;
let witness: ConnectionWitness;
const brokers = new Set<TestBroker>();

/** Runs before and after each test of this file. */
function prepare() {
  beforeEach(() => {
    settle = watchErrors();
    witness = new ConnectionWitness();
  });
  afterEach(async () => {
    leaveAll();
    expect(witness.live.length, 'connections').to.equal(0);
    restoreAll();
    await Promise.all([...brokers].map(stopBroker));
    brokers.clear();
    settle();
  });
}

async function start(options: Record<string, string | number> = {}): Promise<TestBroker> {
  const broker = await startBroker(options);
  brokers.add(broker);
  return broker;
}

function create(count: number, options: Partial<CallOptions>): Promise<CallSession[]> {
  return Promise.all(
    Array.from({length: count}, (_, i) => createWatcher({name: `${i}`, ...options})),
  );
}

/** Each has met each of the others exactly once. */
async function untilMesh(...all: CallSession[]) {
  await untilConnected(...all);
  for (const session of all) {
    const others = all.filter((other) => other !== session).map(({self}) => self.name);
    expect(session.participants.map(({name}) => name)).to.have.members(others);
  }
  const count = all.length * (all.length - 1);
  await until(() => witness.used.length >= count, `${count} connections`);
  expect(witness.used.length, 'connections').to.equal(count);
}

const joinAll = (all: readonly CallSession[]) => Promise.all(all.map((session) => session.join()));

/** What each was told of the others' coming and going. */
function watchComings(all: readonly CallSession[]) {
  return all.map((session) => {
    const told: string[] = [];
    session.addEventListener('participant-joined', ({participant}) =>
      told.push(`+${participant.name}`),
    );
    session.addEventListener('participant-left', ({participant, reason}) =>
      told.push(`-${participant.name} ${reason}`),
    );
    return told;
  });
}

const isChromium = navigator.userAgent.includes('Chrome');

describe('Mesh', () => {
  prepare();

  it('waits for others when nobody is there', async () => {
    const [a] = (await create(1, {room: randomRoom()})) as [CallSession];
    await a.join();
    expect(a.state.phase).to.equal('joined');
    expect(a.participants).to.have.length(0);
  });

  it('connects people who come one after the other', async () => {
    const all = await create(4, {room: randomRoom()});
    const told = watchComings(all);
    for (const session of all) {
      await session.join();
    }
    await untilMesh(...all);
    expect(told.map(({length}) => length)).to.deep.equal([3, 3, 3, 3]);
  });

  it('connects two who come in the same instant, exactly once', async () => {
    for (let i = 0; i < 6; i++) {
      const pair = await create(2, {room: randomRoom()});
      const told = watchComings(pair);
      await joinAll(pair);
      await untilMesh(...pair);
      expect(told).to.deep.equal([['+1'], ['+0']]);
      leaveAll();
    }
  });

  it('connects two who come nearly at once, whatever the difference', async () => {
    for (const turns of [1, 2, 4, 8, 16]) {
      const pair = await create(2, {room: randomRoom()});
      const [a, b] = pair as [CallSession, CallSession];
      const joining = a.join();
      for (let turn = 0; turn < turns; turn++) {
        await new Promise((resolve) => setTimeout(resolve));
      }
      await Promise.all([joining, b.join()]);
      await untilMesh(a, b);
      leaveAll();
    }
  });

  it('connects two who come at once to the same slot', async () => {
    const original = Math.random;
    for (const slot of [0, 7, 15]) {
      replace(Math, 'random', () => slot / 16);
      const pair = await create(2, {room: randomRoom()});
      await joinAll(pair);
      await untilMesh(...pair);
      replace(Math, 'random', original);
      leaveAll();
    }
  });

  it('connects three who come at once', async () => {
    for (let i = 0; i < 3; i++) {
      const all = await create(3, {room: randomRoom()});
      await joinAll(all);
      await untilMesh(...all);
      leaveAll();
    }
  });

  it('connects a third who comes while two negotiate', async () => {
    for (let i = 0; i < 3; i++) {
      const all = await create(3, {room: randomRoom()});
      const [a, b, c] = all as [CallSession, CallSession, CallSession];
      await a.join();
      const joining = b.join();
      await until(() => a.participants.length, 'the second');
      await Promise.all([joining, c.join()]);
      await untilMesh(a, b, c);
      leaveAll();
    }
  });

  if (isChromium) {
    it('connects six', async () => {
      const all = await create(6, {room: randomRoom()});
      await joinAll(all);
      await untilMesh(...all);
    });
  }

  it('connects people over a slow broker', async () => {
    const {url} = await start({delayMs: 150});
    const all = await create(3, {room: randomRoom(), broker: url});
    await joinAll(all);
    await untilMesh(...all);
  });

  it('connects people by any other signaling', async () => {
    const scope = randomId();
    const all = Array.from({length: 3}, (_, i) => {
      const session = new CallSession({createSignaling: () => new TabSignaling(scope)});
      session.configure({
        room: 'x',
        name: `${i}`,
        micOff: true,
        cameraOff: true,
        rtcConfiguration: {},
      });
      return session;
    });
    await joinAll(all);
    await untilMesh(...all);
    for (const session of all) {
      session.leave();
    }
  });

  it('keeps rooms apart', async () => {
    const [a] = (await create(1, {room: randomRoom()})) as [CallSession];
    const pair = await create(2, {room: randomRoom()});
    await joinAll([a, ...pair]);
    await untilMesh(...pair);
    expect(a.participants).to.have.length(0);
  });

  it('lets one come back who left', async () => {
    const pair = await create(2, {room: randomRoom()});
    const [a, b] = pair as [CallSession, CallSession];
    await joinAll(pair);
    await untilMesh(a, b);
    const told = watchComings([a]);
    for (let i = 0; i < 3; i++) {
      b.leave();
      await b.join();
      await until(() => told[0]!.length === 2 * (i + 1), 'coming and going');
      await untilMesh(a, b);
    }
    expect(told[0]).to.deep.equal(Array.from({length: 3}, () => ['-1 left', '+1']).flat());
  });

  it('does not meet people who have gone, whose hello still waits at the broker', async () => {
    const room = randomRoom();
    const [gone, a, b] = (await create(3, {room})) as [CallSession, CallSession, CallSession];
    await gone.join();
    gone.leave();
    const told: number[] = [];
    a.addEventListener('change', () => told.push(a.participants.length));
    await a.join();
    expect(Math.max(...told)).to.equal(0);
    expect(witness.used.length).to.equal(0);
    await b.join();
    await until(() => a.participants.length === 1 && b.participants.length === 1, 'one each');
  });

  it('makes a prepared connection for the first to answer only, and discards it unused', async () => {
    hurry({7_000: 500});
    const [a] = (await create(1, {room: randomRoom()})) as [CallSession];
    await a.join();
    await until(() => !witness.live.length, 'no connection');
    expect(witness.all.length).to.be.above(0);
  });

  it('takes a second answer to a prepared offer by asking again', async () => {
    const room = randomRoom();
    const addresses = await slotAddresses(room);
    const all = await create(3, {room});
    const [a, b, c] = all as [CallSession, CallSession, CallSession];
    // Two who do not know each other yet: neither leaves the answer to the other.
    const broker = await start();
    for (const session of all) {
      session.configure({broker: broker.url});
    }
    await Promise.all([a.join(), b.join()]);
    await untilConnected(a, b);
    await c.join();
    await untilMesh(a, b, c);
    const {log} = await brokerInfo(broker);
    const types = log
      .filter(({dst}) => addresses.includes(dst ?? ''))
      .map(({payload}) => (payload as {mail?: {t?: string}}).mail?.t);
    expect(types).to.include('hello');
    expect(types).to.include('echo');
    expect(types).to.include('description');
  });

  it('is left by those who leave while they join, wherever they are in that', async () => {
    const room = randomRoom();
    const broker = await sharedBroker();
    const [a] = (await create(1, {room})) as [CallSession];
    await a.join();
    for (const turns of [0, 1, 3, 6, 10, 15, 25, 40]) {
      const [b] = (await create(1, {room})) as [CallSession];
      const joining = b.join();
      for (let turn = 0; turn < turns; turn++) {
        await new Promise((resolve) => setTimeout(resolve));
      }
      b.leave();
      await joining;
      expect(b.state.phase).to.equal('idle');
    }
    await until(() => !a.participants.length, 'nobody');
    await until(async () => (await takenSlots(broker, room)).length === 1, 'free slots');
  });

  it('gives back a slot that was claimed in the moment of leaving', async () => {
    const scope = randomId();
    const closed: string[] = [];
    let session: CallSession | undefined = undefined;
    class Late extends TabSignaling implements Signaling {
      override async open(address: string, options: {signal: AbortSignal}) {
        await super.open(address, options);
        session?.leave();
      }
      override close() {
        closed.push('closed');
        super.close();
      }
    }
    session = new CallSession({createSignaling: () => new Late(scope)});
    session.configure({room: 'x', micOff: true, cameraOff: true, rtcConfiguration: {}});
    await session.join();
    expect(closed).to.deep.equal(['closed']);
    expect(session.state.phase).to.equal('idle');
  });
});

describe('Mesh with a cap', () => {
  prepare();

  it('turns the next one away, and nobody inside is troubled', async () => {
    const room = randomRoom();
    const broker = await sharedBroker();
    const pair = await create(2, {room, maxParticipants: 2});
    await joinAll(pair);
    await untilConnected(...pair);
    const told = watchComings(pair);
    const [c] = (await create(1, {room, maxParticipants: 2})) as [CallSession];
    await c.join();
    // On a slow machine their word may come when we already believe that nobody is there.
    await until(() => failureOf(c) === 'room-full', 'room-full');
    await untilMesh(...pair);
    expect(told.flat()).to.be.empty;
    expect(pair.map(({notice}) => notice?.code)).to.deep.equal([undefined, undefined]);
    await until(async () => (await takenSlots(broker, room)).length === 2, 'a free slot');
    // As soon as somebody leaves there is room.
    pair[0]?.leave();
    await until(() => !pair[1]?.participants.length, 'a place');
    await c.join();
    await untilMesh(pair[1]!, c);
  });

  it('holds whatever cap the newcomer believes in', async () => {
    const room = randomRoom();
    const pair = await create(2, {room, maxParticipants: 2});
    await joinAll(pair);
    await untilConnected(...pair);
    const [c] = (await create(1, {room, maxParticipants: 16})) as [CallSession];
    await c.join();
    // On a slow machine their word may come when we already believe that nobody is there.
    await until(() => failureOf(c) === 'room-full', 'room-full');
  });

  it('gives the last place to exactly one of two who come at once', async () => {
    for (let i = 0; i < 3; i++) {
      const all = await create(3, {room: randomRoom(), maxParticipants: 2});
      await all[0]?.join();
      await joinAll(all.slice(1));
      // Who has been there for less than some seconds counts as one who comes.
      await until(
        () => all.filter((one) => failureOf(one) === 'room-full').length === 1,
        `one out of ${all.map(failureOf).join()}`,
      );
      const inside = all.filter((one) => failureOf(one) === 'joined');
      expect(inside).to.have.length(2);
      await untilMesh(...inside);
      leaveAll();
    }
  });

  it('lets two of three who come at once to an empty room stay', async () => {
    for (let i = 0; i < 3; i++) {
      const room = randomRoom();
      const all = await create(3, {room, maxParticipants: 2});
      await joinAll(all);
      await until(
        () => all.some((one) => failureOf(one) === 'room-full'),
        `one out of ${all.map(failureOf).join()}`,
      );
      const inside = all.filter((one) => failureOf(one) === 'joined');
      expect(inside).to.have.length(2);
      await untilMesh(...inside);
      leaveAll();
    }
  });

  it('is full when every slot is taken', async () => {
    const scope = randomId();
    const addresses = await slotAddresses('x');
    const {signal} = new AbortController();
    const all = await Promise.all(
      addresses.map(async (address) => {
        const signaling = new TabSignaling(scope);
        await signaling.open(address, {signal});
        return signaling;
      }),
    );
    const session = new CallSession({createSignaling: () => new TabSignaling(scope)});
    session.configure({room: 'x', micOff: true, cameraOff: true, rtcConfiguration: {}});
    await session.join();
    expect(failureOf(session)).to.equal('room-full');
    all[3]?.close();
    await session.join();
    expect(failureOf(session)).to.equal('joined');
    session.leave();
    for (const signaling of all) {
      signaling.close();
    }
  });
});

describe('Mesh and its broker', () => {
  prepare();

  it('goes on without the broker, and newcomers come in when it is back', async () => {
    const room = randomRoom();
    const broker = await start();
    const all = await create(3, {room, broker: broker.url});
    const [a, b, c] = all as [CallSession, CallSession, CallSession];
    await Promise.all([a.join(), b.join()]);
    await untilMesh(a, b);
    const told = watchComings([a, b]);
    brokers.delete(broker);
    const troubled = once(a, 'error');
    await stopBroker(broker);
    await troubled;
    expect(a.notice?.code).to.equal('broker-unreachable');
    expect(a.state.phase).to.equal('joined');
    const hearing = once<Event & {data: unknown}>(b, 'message');
    a.send('still here');
    expect((await hearing).data).to.equal('still here');
    await c.join();
    expect(failureOf(c)).to.equal('broker-unreachable');
    await start({port: broker.port});
    await until(() => !a.notice && !b.notice, 'both back', 18_000);
    // By itself.
    await until(() => c.state.phase === 'joined', 'the newcomer', 18_000);
    await untilMesh(a, b, c);
    expect(told.flat().filter((word) => word !== '+2')).to.be.empty;
  });

  it('connects anew when one is alone and the broker comes back', async () => {
    const broker = await start();
    const [a] = (await create(1, {room: randomRoom(), broker: broker.url})) as [CallSession];
    await a.join();
    await dropConnections(broker);
    await until(() => a.state.phase === 'reconnecting', 'reconnecting');
    await until(() => a.state.phase === 'joined', 'joined');
    expect(await takenIds(broker)).to.have.length(1);
  });

  it('stops trying when it is left', async () => {
    const broker = await start();
    const [a] = (await create(1, {room: randomRoom(), broker: broker.url})) as [CallSession];
    await a.join();
    await dropConnections(broker);
    await until(() => a.state.phase === 'reconnecting', 'reconnecting');
    a.leave();
    const later = new Promise((resolve) => setTimeout(resolve, 800));
    await later;
    expect(a.state.phase).to.equal('idle');
    expect(await takenIds(broker)).to.be.empty;
  });

  for (const [what, options, code] of [
    ['answers every request with an error', {kind: 'http500'}, 'broker-unreachable'],
    ['takes the connection and says nothing', {kind: 'silent'}, 'broker-unreachable'],
    ['opens a socket and says nothing', {kind: 'mute'}, 'broker-unreachable'],
    ['talks nonsense', {kind: 'garbage'}, 'broker-error'],
    ['is full', {kind: 'peer', concurrent_limit: 0}, 'broker-full'],
  ] as const) {
    it(`fails clearly with a broker that ${what}, and leaks nothing`, async () => {
      if (options.kind === 'silent' || options.kind === 'mute') {
        hurry({10_000: 300});
      }
      const broker = await start(options);
      const [a] = (await create(1, {room: randomRoom(), broker: broker.url})) as [CallSession];
      await a.join();
      expect(failureOf(a)).to.equal(code);
      expect(witness.live.length).to.equal(0);
      if (options.kind !== 'silent') {
        await until(async () => (await brokerInfo(broker)).sockets <= 1, 'no socket');
      }
    });
  }

  it('fails clearly with a broker that is down', async () => {
    const broker = await startBroker();
    await stopBroker(broker);
    const [a] = (await create(1, {room: randomRoom(), broker: broker.url})) as [CallSession];
    await a.join();
    expect(failureOf(a)).to.equal('broker-unreachable');
    expect(a.state.phase === 'failed' && a.state.error.recoverable).to.be.true;
  });

  it('joins all the same by a broker that lets us in and then talks nonsense', async () => {
    const broker = await start({kind: 'open-garbage'});
    const [a] = (await create(1, {room: randomRoom(), broker: broker.url})) as [CallSession];
    await a.join();
    expect(a.state.phase).to.equal('joined');
    expect(witness.all.length).to.be.below(3);
    a.leave();
    await until(async () => (await brokerInfo(broker)).sockets <= 1, 'no socket');
  });
});
