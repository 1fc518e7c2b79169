import {expect} from '@open-wc/testing';
import {Mesh} from '../../../src/networks/mesh.js';
import {slotAddresses} from '../../../src/networks/addresses.js';
import {parseBroker, PeerJsSignaling} from '../../../src/signaling/peerjs.js';
import type {CallSession, CallOptions} from '../../../src/session/call-session.js';
import {
  brokerInfo,
  canvasStream,
  closePaths,
  closeStrangers,
  ConnectionWitness,
  createSession,
  createWatcher,
  leaveAll,
  Path,
  randomId,
  randomRoom,
  replace,
  restoreAll,
  startBroker,
  stopBroker,
  Stranger,
  takenSlots,
  until,
  untilConnected,
  untilMoving,
  watchErrors,
  type TestBroker,
} from '../support.js';

let settle: () => void;
let witness: ConnectionWitness;
let channels: Map<RTCPeerConnection, RTCDataChannel>;
const streams: MediaStream[] = [];
const brokers = new Set<TestBroker>();
const meshes: Mesh[] = [];

async function start(options: Record<string, string | number> = {}): Promise<TestBroker> {
  const broker = await startBroker(options);
  brokers.add(broker);
  return broker;
}

async function stop(broker: TestBroker) {
  brokers.delete(broker);
  await stopBroker(broker);
}

/** Somebody with a moving picture. */
async function create(options: Partial<CallOptions>): Promise<CallSession> {
  const stream = canvasStream();
  streams.push(stream);
  return createSession({stream, ...options});
}

/** What one is told of the others, in order. */
function watch(session: CallSession): string[] {
  const told: string[] = [];
  const last = new Map(session.participants.map(({name, connection}) => [name, connection]));
  session.addEventListener('participant-joined', ({participant: {name}}) => told.push(`+${name}`));
  session.addEventListener('participant-left', ({participant: {name}, reason}) =>
    told.push(`-${name} ${reason}`),
  );
  session.addEventListener('change', () => {
    for (const {name, connection} of session.participants) {
      const before = last.get(name);
      last.set(name, connection);
      if (before && before !== connection && before !== 'connecting') {
        told.push(`${name} ${connection}`);
      }
    }
  });
  return told;
}

/** All that anybody can know of another: signals that they may be asked to pass on are like it. */
async function descriptionOf(broker: TestBroker, person: string) {
  const {log} = await brokerInfo(broker);
  const mails = log.map(
    ({payload}) => (payload as {mail?: {t: string; id: string; life: string; sdp: string}}).mail,
  );
  return mails.find((mail) => mail?.t === 'description' && mail.id === person)!;
}

/** A room without a session around it: as one person, in one page. */
async function openMesh(broker: TestBroker, room: string, id: string): Promise<Mesh> {
  const mesh = new Mesh({
    room,
    id,
    maxParticipants: 8,
    createSignaling: () => new PeerJsSignaling(parseBroker(broker.url)),
    configuration: () => ({}),
    state: {name: id, micOff: true, cameraOff: true, screen: false},
    reconnectTimeoutMs: 60_000,
  });
  meshes.push(mesh);
  await mesh.open();
  return mesh;
}

const untilMet = (...all: Mesh[]) =>
  until(
    () => all.every(({members}) => members.some(({connection}) => connection === 'connected')),
    'both connected',
  );

function hear(session: CallSession): unknown[] {
  const heard: unknown[] = [];
  session.addEventListener('message', ({data}) => heard.push(data));
  return heard;
}

const untilTold = (told: readonly string[], word: string, timeoutMs?: number) =>
  until(() => told.includes(word), `"${word}", not ${told.join()}`, timeoutMs);

/** Two people on lines of their own, connected and seeing each other. */
async function openPair(options: Partial<CallOptions> = {}) {
  const room = randomRoom();
  const lines = [await Path.open(), await Path.open()] as const;
  const [a, b] = await Promise.all([
    create({room, name: 'a', rtcConfiguration: lines[0].configuration, ...options}),
    create({room, name: 'b', rtcConfiguration: lines[1].configuration, ...options}),
  ]);
  await a.join();
  await b.join();
  await untilConnected(a, b);
  await Promise.all([a, b].map(({participants}) => untilMoving(participants[0]?.stream)));
  return {a, b, line: lines[0]};
}

interface Candidate {
  readonly type: string;
  readonly port?: number;
}

/** The ports that a connection has opened: nobody else has the same. */
function portsOf(report: RTCStatsReport | undefined): string {
  const ports: number[] = [];
  report?.forEach(({type, port}: Candidate) => {
    if (type === 'local-candidate' && port) {
      ports.push(port);
    }
  });
  return ports.sort((one, other) => one - other).join();
}

/** The connection that one session has to another. */
async function connectionTo(one: CallSession, other: CallSession) {
  const member = one.participants.find(({name}) => name === other.self.name);
  const ports = portsOf((await one.getStats()).get(member?.id ?? ''));
  for (const [connection, channel] of channels) {
    if (connection.signalingState !== 'closed' && portsOf(await connection.getStats()) === ports) {
      return {connection, channel};
    }
  }
  throw new Error('no such connection');
}

describe('Mesh and broken paths', () => {
  beforeEach(() => {
    settle = watchErrors();
    witness = new ConnectionWitness();
    channels = new Map();
    const {createDataChannel} = RTCPeerConnection.prototype;
    replace(
      RTCPeerConnection.prototype,
      'createDataChannel',
      function (this: RTCPeerConnection, ...args: Parameters<typeof createDataChannel>) {
        const channel = createDataChannel.apply(this, args);
        if (channel.id === 0) {
          channels.set(this, channel);
        }
        return channel;
      },
    );
  });
  afterEach(async () => {
    leaveAll();
    closeStrangers();
    meshes.splice(0).forEach((mesh) => mesh.close('left'));
    await until(() => !witness.live.length, 'no connection');
    restoreAll();
    await closePaths();
    await Promise.all([...brokers].map(stopBroker));
    brokers.clear();
    streams.splice(0).forEach((stream) => stream.getTracks().forEach((track) => track.stop()));
    settle();
  });

  it('shows a short cut, and heals it, with the same streams', async () => {
    const {a, b, line} = await openPair();
    const told = [watch(a), watch(b)] as const;
    const {stream} = b.participants[0]!;
    await line.cut();
    await untilTold(told[0], 'b reconnecting');
    await untilTold(told[1], 'a reconnecting');
    expect(a.state.phase).to.equal('joined');
    await line.heal();
    await untilConnected(a, b);
    expect(b.participants[0]?.stream).to.equal(stream);
    await Promise.all([a, b].map(({participants}) => untilMoving(participants[0]?.stream)));
    for (const words of told) {
      expect(
        words.some((word) => /^[+-]/.test(word)),
        words.join(),
      ).to.be.false;
    }
  });

  it('makes another link when the address has changed, and loses no word', async () => {
    const {a, b, line} = await openPair();
    const told = [watch(a), watch(b)] as const;
    const heard = [hear(a), hear(b)] as const;
    const {stream} = b.participants[0]!;
    const before = witness.all.length;
    const sent: string[] = [];
    const talk = setInterval(() => {
      const word = `${sent.length}`;
      sent.push(word);
      a.send(word);
      b.send(word);
    }, 100);
    try {
      await until(() => heard[0].length > 3 && heard[1].length > 3, 'words');
      await line.rebind();
      await untilTold(told[0], 'b reconnecting');
      await untilConnected(a, b);
      await until(() => told[1].at(-1) === 'a connected', told[1].join());
    } finally {
      clearInterval(talk);
    }
    expect(witness.all.length).to.be.above(before);
    expect(b.participants[0]?.stream).to.equal(stream);
    await Promise.all([a, b].map(({participants}) => untilMoving(participants[0]?.stream)));
    for (const words of heard) {
      await until(() => words.length >= sent.length, `${sent.length} words, not ${words.length}`);
      expect(words).to.deep.equal(sent);
    }
    for (const words of told) {
      expect(
        words.some((word) => /^[+-]/.test(word)),
        words.join(),
      ).to.be.false;
    }
    await until(() => witness.used.length === 2, 'no link left over');
  });

  it('gives one up who stays away, and meets them again when their path is back', async () => {
    const {a, b, line} = await openPair({reconnectTimeoutMs: 1_000});
    const told = [watch(a), watch(b)] as const;
    await line.cut();
    await untilTold(told[0], '-b lost');
    await untilTold(told[1], '-a lost');
    expect(a.participants).to.be.empty;
    await line.heal();
    // What the browser says when a cable is back.
    window.dispatchEvent(new Event('online'));
    await untilConnected(a, b);
    expect(told[1].filter((word) => /^[+-]/.test(word))).to.deep.equal(['-a lost', '+a']);
  });

  it('does not notice that the broker is away, and repairs a link by way of a third', async () => {
    const room = randomRoom();
    const broker = await start();
    const all = await Promise.all(
      ['a', 'b', 'c'].map((name) => createWatcher({room, name, broker: broker.url})),
    );
    const [a, b, c] = all as [CallSession, CallSession, CallSession];
    for (const session of all) {
      await session.join();
    }
    await untilConnected(a, b, c);
    const told = all.map(watch);
    const heard = hear(b);
    await stop(broker);
    await until(() => all.every(({notice}) => notice?.code === 'broker-unreachable'), 'a notice');
    expect(all.map(({state}) => state.phase)).to.deep.equal(['joined', 'joined', 'joined']);
    // Nobody hangs up: one end of the link between a and b is simply gone.
    (await connectionTo(a, b)).connection.close();
    a.send('once it is back', a.participants.find(({name}) => name === 'b')!.id);
    await until(() => told[0]!.includes('b connected'), told[0]!.join());
    await untilConnected(a, b, c);
    await until(() => heard.length, 'the word');
    expect(heard).to.deep.equal(['once it is back']);
    expect(told[2]).to.be.empty;
    expect(told.flat().some((word) => /^[+-]/.test(word))).to.be.false;
  });

  it('refuses what is passed on for strangers, and old offers, and goes on', async () => {
    const room = randomRoom();
    const broker = await start();
    const all = await Promise.all(
      ['a', 'b', 'c'].map((name) => createWatcher({room, name, broker: broker.url})),
    );
    const [a, b, c] = all as [CallSession, CallSession, CallSession];
    for (const session of all) {
      await session.join();
    }
    await untilConnected(a, b, c);
    const told = watch(a);
    const errors: string[] = [];
    a.addEventListener('error', ({error}) => errors.push(`${error.code} ${error.detail ?? ''}`));
    const count = witness.all.length;
    const ids = {
      a: b.participants.find(({name}) => name === 'a')!.id,
      b: a.participants.find(({name}) => name === 'b')!.id,
    };
    const offer = (id: string, epoch: number, to = ids.a) => ({
      t: 'description',
      v: 1,
      id,
      attempt: '0011223344556677',
      n: 1,
      type: 'offer',
      sdp: 'v=0\r\n',
      labels: {},
      epoch,
      to,
    });
    const stranger = 'ffffffffffffffff';
    const {channel: toA} = await connectionTo(c, a);
    const say = (signal: unknown, from: string) =>
      toA.send(JSON.stringify({t: 'relayed', from, signal}));
    say(offer(stranger, 1), stranger);
    await until(() => errors.length === 1, 'the first');
    say(offer(stranger, 1), ids.b);
    await until(() => errors.length === 2, 'the second');
    // Of the right person, but of another certificate.
    const {life, sdp} = await descriptionOf(broker, ids.b);
    say({...offer(ids.b, 999_999), life}, ids.b);
    await until(() => errors.length === 3, 'the third');
    say({...offer(ids.b, 999_999), life, sdp}, ids.b);
    await until(() => errors.length === 4, 'the fourth');
    expect(errors).to.deep.equal([
      'bad-message relayed for a stranger',
      'bad-message relayed for a stranger',
      'bad-message relayed for a stranger',
      'bad-message an old offer',
    ]);
    // What would end the link that is there, had it not ears of its own. Everybody knows these names.
    const {log} = await brokerInfo(broker);
    const attempts = log.map(
      ({payload}) => (payload as {mail?: {attempt?: string}}).mail?.attempt ?? '0011223344556677',
    );
    for (const attempt of new Set(attempts)) {
      say({...offer(ids.b, 0), life, sdp, attempt, n: 999}, ids.b);
    }
    // A newer one, but the link lives. And one for somebody else.
    say({...offer(ids.b, 5), life, sdp}, ids.b);
    say({...offer(ids.b, 6, stranger), life, sdp}, ids.b);
    const heard = hear(a);
    b.send('still here');
    c.send('me too');
    await until(() => heard.length === 2, 'both');
    expect(told).to.be.empty;
    expect(witness.all.length).to.equal(count);
  });

  it('meets again though somebody passes on offers that they have made up', async () => {
    const room = randomRoom();
    const broker = await start();
    const names = ['a', 'b', 'c', 'd'];
    const all = await Promise.all(
      names.map((name) => createWatcher({room, name, broker: broker.url})),
    );
    const [a, b, c] = all as [CallSession, CallSession, CallSession];
    for (const session of all) {
      await session.join();
    }
    await untilConnected(...all);
    const idOf = (name: string) => c.participants.find((one) => one.name === name)!.id;
    const known = {
      a: await descriptionOf(broker, idOf('a')),
      b: await descriptionOf(broker, idOf('b')),
    };
    await stop(broker);
    await until(() => all.every(({notice}) => notice?.code === 'broker-unreachable'), 'a notice');
    const told = watch(a);
    const heard = hear(b);
    const before = witness.all.length;
    const ways = [
      {to: a, id: idOf('a'), from: 'b'} as const,
      {to: b, id: idOf('b'), from: 'a'} as const,
    ];
    const forgers = await Promise.all(
      ways.map(async ({to, id, from}) => {
        const {channel} = await connectionTo(c, to);
        const {life, sdp} = known[from];
        let epoch = 1;
        return () => {
          const attempt = randomId().slice(0, 16);
          const offer = {v: 1, n: 1, type: 'offer', labels: {}, epoch: (epoch += 5), to: id};
          const signal = {t: 'description', id: idOf(from), life, attempt, sdp, ...offer};
          channel.send(JSON.stringify({t: 'relayed', from: idOf(from), signal}));
        };
      }),
    );
    const forging = setInterval(() => forgers.forEach((forge) => forge()), 200);
    try {
      (await connectionTo(a, b)).connection.close();
      a.send('once it is back', idOf('b'));
      await until(() => told.includes('b connected'), 'connected again', 15_000);
      await until(() => heard.length, 'the word');
    } finally {
      clearInterval(forging);
    }
    expect(heard).to.deep.equal(['once it is back']);
    expect(told.some((word) => /^[+-]/.test(word))).to.be.false;
    expect(witness.all.length - before).to.be.below(20);
  });

  it('says nothing twice to one who knows us from the page before', async () => {
    const room = randomRoom();
    const broker = await start();
    const a = await openMesh(broker, room, 'a'.repeat(16));
    const heard: unknown[] = [];
    a.addEventListener('data', ({data}) => heard.push(data));
    const send = (mesh: Mesh, word: string) => mesh.send(JSON.stringify({t: 'data', data: word}));
    const before = await openMesh(broker, room, 'b'.repeat(16));
    await untilMet(a, before);
    ['1', '2', '3'].forEach((word) => send(before, word));
    await until(() => heard.length === 3, 'words of the first page');
    before.close('away');
    const after = await openMesh(broker, room, 'b'.repeat(16));
    await untilMet(a, after);
    ['4', '5'].forEach((word) => send(after, word));
    await until(() => heard.length === 5, 'words of the second page');
    // Their link breaks at one end.
    const [used] = witness.used;
    used?.close();
    await until(() => a.members[0]?.connection !== 'connected', 'a broken link');
    send(after, '6');
    await untilMet(a, after);
    await until(() => heard.length >= 6, 'the last word');
    send(after, '7');
    await until(() => heard.at(-1) === '7' || heard.length > 7, 'the very last word');
    expect(heard).to.deep.equal(['1', '2', '3', '4', '5', '6', '7']);
  });

  it('makes its offer to one who comes back, when somebody else had theirs', async () => {
    const room = randomRoom();
    const broker = await start();
    const [ida, idb] = ['a'.repeat(16), 'b'.repeat(16)];
    const a = await openMesh(broker, room, ida);
    const b = await openMesh(broker, room, idb);
    await untilMet(a, b);
    b.close('away');
    await until(() => a.members[0]?.away, 'away');
    const own = await until(async () => {
      const taken = await takenSlots(broker, room);
      return taken.length === 1 && `${taken[0]}`;
    }, 'a free slot').then(Number);
    const addresses = await slotAddresses(room);
    const stranger = await Stranger.open(broker, addresses[(own + 1) % 16]);
    const attempt = '0011223344556677';
    const say = (word: object) => stranger.mail(addresses[own]!, {v: 1, attempt, ...word});
    const offers = () => stranger.mails.filter(({t, n}) => t === 'description' && n === 1);
    say({t: 'hello', id: idb, life: '8899aabbccddeeff'});
    await until(() => offers().length === 1, 'an offer');
    say({t: 'again'});
    await until(() => offers().length === 2, 'another');
    expect(offers().map((mail) => mail.attempt)).to.deep.equal([attempt, attempt]);
  });
});
