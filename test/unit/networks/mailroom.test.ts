import {expect} from '@open-wc/testing';
import {RtcError} from '../../../src/core/errors.js';
import {protocolVersion, refusal, type Signal} from '../../../src/core/messages.js';
import {
  Mailroom,
  type SlotEmptyEvent,
  type SlotSignalEvent,
} from '../../../src/networks/mailroom.js';
import {slotAddresses, slotCount} from '../../../src/networks/addresses.js';
import {parseBroker, PeerJsSignaling} from '../../../src/signaling/peerjs.js';
import {
  SignalingCloseEvent,
  SignalingMessageEvent,
  type Signaling,
} from '../../../src/signaling/signaling.js';
import {TabSignaling} from '../../../src/signaling/tab.js';
import {
  brokerInfo,
  closeStrangers,
  codeOf,
  dropConnections,
  freezeBroker,
  hurry,
  once,
  randomId,
  randomRoom,
  replace,
  restoreAll,
  sharedBroker,
  startBroker,
  stopBroker,
  Stranger,
  takenSlots,
  thawBroker,
  until,
  watchErrors,
  type TestBroker,
} from '../support.js';

const never = new AbortController().signal;
const attempt = randomId();
const again: Signal = {t: 'again', v: protocolVersion, attempt};

let settle: () => void;
let room: string;
const brokers = new Set<TestBroker>();
const mailrooms = new Set<Mailroom>();

/** Runs before and after each test of this file. */
function prepare() {
  beforeEach(() => {
    settle = watchErrors();
    room = randomRoom();
  });
  afterEach(async () => {
    for (const mailroom of mailrooms) {
      mailroom.close();
    }
    mailrooms.clear();
    closeStrangers();
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

function create(createSignaling: () => Signaling): Mailroom {
  const mailroom = new Mailroom({
    addresses: () => slotAddresses(room),
    claimable: slotCount,
    createSignaling,
  });
  mailrooms.add(mailroom);
  return mailroom;
}

/** One that is in, and listens. */
async function enter({url}: TestBroker): Promise<Mailroom> {
  const mailroom = create(() => new PeerJsSignaling(parseBroker(url)));
  await mailroom.open();
  mailroom.listen();
  return mailroom;
}

/** What it tells, in words. */
function listenTo(mailroom: Mailroom): string[] {
  const told: string[] = [];
  mailroom.addEventListener('signal', ({slot, signal}) => told.push(`${signal.t} from ${slot}`));
  mailroom.addEventListener('empty', ({slot}) => told.push(`empty ${slot}`));
  mailroom.addEventListener('error', ({error}) => told.push(error.detail ?? ''));
  mailroom.addEventListener('offline', ({error}) => told.push(`offline ${error.code}`));
  mailroom.addEventListener('online', () => told.push('online'));
  return told;
}

/** Where a claim begins, which is left to chance otherwise. */
const claimFirst = (slot: number) => replace(Math, 'random', () => slot / slotCount);

const implementations: Readonly<Record<string, () => Promise<() => Signaling>>> = {
  PeerJsSignaling: async () => {
    const broker = parseBroker((await sharedBroker()).url);
    return () => new PeerJsSignaling(broker);
  },
  TabSignaling: async () => {
    const scope = randomId();
    return () => new TabSignaling(scope);
  },
};

for (const [name, carrier] of Object.entries(implementations)) {
  describe(`Mailroom with ${name}`, () => {
    prepare();

    let createSignaling: () => Signaling;

    beforeEach(async () => {
      createSignaling = await carrier();
    });

    async function open(): Promise<Mailroom> {
      const mailroom = create(createSignaling);
      await mailroom.open();
      return mailroom;
    }

    it('claims a slot, and another for the next, and carries signals between them', async () => {
      claimFirst(7);
      const [one, other] = [await open(), await open()];
      expect([one.slot, other.slot]).to.deep.equal([7, 8]);
      expect(one.isOnline && other.isOnline).to.be.true;
      other.listen();
      const hearing = once<SlotSignalEvent>(other, 'signal');
      one.send(8, again);
      const {slot, signal} = await hearing;
      expect(slot).to.equal(7);
      expect(signal).to.deep.equal(again);
    });

    it('goes on at the first slot after the last', async () => {
      claimFirst(15);
      const [one, other] = [await open(), await open()];
      expect([one.slot, other.slot]).to.deep.equal([15, 0]);
    });

    it('keeps what comes until it is listened to, in its order', async () => {
      const [one, other] = [await open(), await open()];
      const told = listenTo(other);
      one.listen();
      one.send(other.slot, again);
      one.send(other.slot, {t: 'bye', v: protocolVersion, attempt, reason: 'left'});
      await one.echo(5_000);
      expect(told).to.be.empty;
      other.listen();
      await until(() => told.length === 2, 'both');
      expect(told).to.deep.equal([`again from ${one.slot}`, `bye from ${one.slot}`]);
    });

    it('says how long what it sends takes, and tells nobody of it', async () => {
      const mailroom = await open();
      const told = listenTo(mailroom);
      mailroom.listen();
      expect(await mailroom.echo(5_000)).to.be.within(0, 5_000);
      expect(told).to.be.empty;
    });

    it('finds no place where every slot is taken, and one as soon as there is', async () => {
      const addresses = await slotAddresses(room);
      const holders = await Promise.all(
        addresses.map(async (address) => {
          const signaling = createSignaling();
          await signaling.open(address, {signal: never});
          return signaling;
        }),
      );
      expect(await codeOf(() => create(createSignaling).open())).to.equal('room-full');
      holders[11]?.close();
      const mailroom = create(createSignaling);
      await until(
        () =>
          mailroom.open().then(
            () => true,
            () => false,
          ),
        'a slot',
      );
      expect(mailroom.slot).to.equal(11);
      for (const holder of holders) {
        holder.close();
      }
    });

    it('holds nothing when it is closed in the middle of a claim, wherever that is', async () => {
      const addresses = await slotAddresses(room);
      for (const turns of [0, 1, 2, 4, 8, 16, 32]) {
        const mailroom = create(createSignaling);
        const told = listenTo(mailroom);
        const opening = mailroom.open().then(
          () => 'open',
          (error: Error) => error.name,
        );
        for (let turn = 0; turn < turns; turn++) {
          await new Promise((resolve) => setTimeout(resolve));
        }
        mailroom.close();
        expect(await opening).to.be.oneOf(['open', 'AbortError']);
        expect(mailroom.isOnline).to.be.false;
        expect(told).to.be.empty;
      }
      // Whoever wants them all can have them.
      const holders = await Promise.all(
        addresses.map((address) =>
          until(async () => {
            const signaling = createSignaling();
            return signaling.open(address, {signal: never}).then(
              () => signaling,
              () => (signaling.close(), undefined),
            );
          }, 'a slot'),
        ),
      );
      for (const holder of holders) {
        holder.close();
      }
    });

    it('neither sends nor tells anything once it is closed', async () => {
      const [one, other] = [await open(), await open()];
      const [heard, told] = [listenTo(one), listenTo(other)];
      one.listen();
      other.listen();
      one.send(other.slot, again);
      other.close();
      other.close();
      other.send(one.slot, again);
      other.beat(60_000, {urgent: true});
      other.check();
      await one.echo(5_000);
      expect(told.concat(heard)).to.be.empty;
    });
  });
}

describe('Mailroom and its broker', () => {
  prepare();

  it('fails clearly when there is none', async () => {
    const broker = await startBroker();
    await stopBroker(broker);
    const mailroom = create(() => new PeerJsSignaling(parseBroker(broker.url)));
    const told = listenTo(mailroom);
    expect(await codeOf(() => mailroom.open())).to.equal('broker-unreachable');
    expect(mailroom.isOnline).to.be.false;
    expect(told).to.be.empty;
  });

  it('claims the same slot again when the connection is lost', async () => {
    const broker = await start();
    const [one, other] = [await enter(broker), await enter(broker)];
    const told = listenTo(one);
    const {slot} = one;
    for (let i = 0; i < 2; i++) {
      const back = Promise.all([once(one, 'online'), once(other, 'online')]);
      await dropConnections(broker);
      await until(() => !one.isOnline, 'the loss');
      await back;
      expect(one.slot).to.equal(slot);
      const hearing = once<SlotSignalEvent>(other, 'signal');
      one.send(other.slot, again);
      expect((await hearing).slot).to.equal(slot);
    }
    expect(told).to.deep.equal([
      'offline broker-unreachable',
      'online',
      'offline broker-unreachable',
      'online',
    ]);
    expect(await takenSlots(broker, room)).to.have.members([slot, other.slot]);
  });

  it('claims it again from a server that has forgotten everybody', async () => {
    const broker = await start();
    const mailroom = await enter(broker);
    const {slot} = mailroom;
    brokers.delete(broker);
    await stopBroker(broker);
    await until(() => !mailroom.isOnline, 'the loss');
    const back = once(mailroom, 'online', 18_000);
    await start({port: broker.port});
    await back;
    expect(mailroom.slot).to.equal(slot);
  });

  it('notices by the missing echo that the line is dead, and is back when it lives', async () => {
    hurry({2_000: 200});
    const broker = await start();
    const mailroom = await enter(broker);
    const {slot} = mailroom;
    expect(await mailroom.echo(5_000)).to.be.a('number');
    const told = listenTo(mailroom);
    await freezeBroker(broker);
    const losing = once(mailroom, 'offline');
    // Somebody cannot be reached: it is looked at after moments, not only after a while.
    mailroom.beat(500, {urgent: true});
    expect(mailroom.isOnline).to.be.true;
    mailroom.beat(2_000, {urgent: true});
    await losing;
    const back = once(mailroom, 'online', 18_000);
    await thawBroker(broker);
    await back;
    expect(mailroom.slot).to.equal(slot);
    expect(told).to.deep.equal(['offline broker-unreachable', 'online']);
    expect(await mailroom.echo(5_000)).to.be.a('number');
  });

  it('looks after the line now and then when nothing is urgent', async () => {
    const broker = await start();
    const mailroom = await enter(broker);
    const echoes = async () =>
      (await brokerInfo(broker)).log.filter(({payload}) =>
        JSON.stringify(payload)?.includes('"echo"'),
      ).length;
    for (let ms = 0; ms < 19_500; ms += 500) {
      mailroom.beat(500, {urgent: false});
    }
    await mailroom.echo(5_000);
    expect(await echoes()).to.equal(1);
    mailroom.beat(500, {urgent: false});
    await until(async () => (await echoes()) === 2, 'an echo');
    // And at once when there is reason to.
    mailroom.check();
    await until(async () => (await echoes()) === 3, 'another');
  });

  it('does not judge a server by an echo that it never gives', async () => {
    hurry({1_000: 50, 2_000: 50});
    const broker = await start({kind: 'open-garbage'});
    const mailroom = await enter(broker);
    const told = listenTo(mailroom);
    expect(await mailroom.echo(50)).to.equal(undefined);
    mailroom.beat(2_500, {urgent: true});
    mailroom.check();
    await until(async () => (await brokerInfo(broker)).log.length >= 3, 'the echoes');
    expect(await mailroom.echo(100)).to.equal(undefined);
    expect(mailroom.isOnline).to.be.true;
    expect(told).to.be.empty;
  });

  it('takes another slot when somebody else has ours by now', async () => {
    const scope = randomId();
    const made: TabSignaling[] = [];
    const mailroom = create(() => {
      const signaling = new TabSignaling(scope);
      made.push(signaling);
      return signaling;
    });
    claimFirst(15);
    await mailroom.open();
    expect(mailroom.slot).to.equal(15);
    const [address] = (await slotAddresses(room)).slice(15);
    const other = new TabSignaling(scope);
    made[0]?.close();
    await until(
      () =>
        other.open(address!, {signal: never}).then(
          () => true,
          () => false,
        ),
      'the slot',
    );
    const back = once(mailroom, 'online');
    made[0]?.dispatchEvent(new SignalingCloseEvent(new RtcError('broker-unreachable')));
    expect(mailroom.isOnline).to.be.false;
    await back;
    expect(mailroom.slot).to.equal(0);
    other.close();
  });

  it('claims at once when it is told to look, however long it would have waited', async () => {
    // Half of the pause is left to chance; this one is whole, and has no end.
    replace(Math, 'random', () => 1);
    hurry({500: 1_000_000});
    const broker = await start();
    const mailroom = await enter(broker);
    const {slot} = mailroom;
    for (const look of [() => mailroom.check(), () => mailroom.beat(500, {urgent: true})]) {
      await dropConnections(broker);
      await until(() => !mailroom.isOnline, 'the loss');
      const back = once(mailroom, 'online');
      look();
      await back;
      expect(mailroom.slot).to.equal(slot);
    }
  });

  it('breaks off a claim that leads nowhere when it is told to look', async () => {
    const broker = await start();
    let isStuck = false;
    let stuck = 0;
    const mailroom = create(() => {
      if (!isStuck) {
        return new PeerJsSignaling(parseBroker(broker.url));
      }
      // Takes the claim, and never says a word.
      const signaling = new TabSignaling();
      signaling.open = (_, {signal}) => {
        stuck++;
        return new Promise((_resolve, reject) =>
          signal.addEventListener('abort', () => reject(signal.reason as Error)),
        );
      };
      return signaling;
    });
    await mailroom.open();
    isStuck = true;
    await dropConnections(broker);
    await until(() => stuck === 1, 'a claim');
    isStuck = false;
    const back = once(mailroom, 'online');
    mailroom.check();
    await back;
  });

  it('stops claiming when it is closed', async () => {
    const broker = await start();
    const mailroom = await enter(broker);
    const told = listenTo(mailroom);
    await dropConnections(broker);
    await until(() => !mailroom.isOnline, 'the loss');
    mailroom.close();
    // Whoever lost it in the same moment, and is back.
    const other = await enter(broker);
    await dropConnections(broker);
    await once(other, 'online');
    expect(await takenSlots(broker, room)).to.deep.equal([other.slot]);
    expect(told).to.deep.equal(['offline broker-unreachable']);
  });

  it('holds nothing when it is closed while it claims again, wherever that is', async () => {
    const broker = await start();
    for (const turns of [0, 1, 3, 6, 12, 24]) {
      const mailroom = await enter(broker);
      await dropConnections(broker);
      await until(() => !mailroom.isOnline, 'the loss');
      mailroom.check();
      for (let turn = 0; turn < turns; turn++) {
        await new Promise((resolve) => setTimeout(resolve));
      }
      mailroom.close();
      await until(async () => !(await takenSlots(broker, room)).length, 'free slots');
    }
  });

  it('tells of a slot that nobody has, not of one that somebody has', async () => {
    const broker = await start({expire_timeout: 300});
    const [one, other] = [await enter(broker), await enter(broker)];
    const told = listenTo(one);
    const empty = [0, 1, 2].find((slot) => slot !== one.slot && slot !== other.slot)!;
    one.send(other.slot, again);
    const telling = once<SlotEmptyEvent>(one, 'empty');
    one.send(empty, again);
    expect((await telling).slot).to.equal(empty);
    expect(told).to.deep.equal([`empty ${empty}`]);
  });
});

describe('Mailroom and strangers', () => {
  prepare();

  let broker: TestBroker;
  let mailroom: Mailroom;
  let own: string;
  let told: string[];
  let slots: number[];

  beforeEach(async () => {
    broker = await start();
    mailroom = await enter(broker);
    own = (await slotAddresses(room))[mailroom.slot]!;
    slots = Array.from({length: slotCount}, (_, slot) => slot).filter(
      (slot) => slot !== mailroom.slot,
    );
    told = listenTo(mailroom);
  });

  /** Somebody who has the next free slot of the room. */
  async function comeIn(): Promise<{stranger: Stranger; slot: number}> {
    const slot = slots.pop()!;
    return {stranger: await Stranger.open(broker, (await slotAddresses(room))[slot]), slot};
  }

  it('hears nobody who has no slot of the room', async () => {
    const outside = await Stranger.open(broker);
    const {stranger, slot} = await comeIn();
    outside.mail(own, again);
    outside.mail(own, 'garbage');
    outside.send('EXPIRE', own);
    stranger.mail(own, again);
    await until(() => told.length, 'the one inside');
    expect(told).to.deep.equal([`again from ${slot}`]);
    expect(outside.mails).to.be.empty;
  });

  it('tells another version once that it does not speak it', async () => {
    const {stranger, slot} = await comeIn();
    for (let i = 0; i < 5; i++) {
      stranger.mail(own, {t: 'hello', v: 2, id: attempt, anything: i});
    }
    stranger.mail(own, again);
    await until(() => told.length >= 2, 'both');
    expect(told).to.deep.equal(['protocol version 2', `again from ${slot}`]);
    await until(() => stranger.mails.length, 'the refusal');
    mailroom.send(slot, again);
    await until(() => stranger.mails.length === 2, 'the barrier');
    expect(stranger.mails).to.deep.equal([refusal, again]);
  });

  it('does not refuse whoever has refused us', async () => {
    const {stranger, slot} = await comeIn();
    stranger.mail(own, {...refusal, v: 3});
    stranger.mail(own, {t: 'hello', v: 3});
    stranger.mail(own, again);
    await until(() => told.length >= 2, 'both');
    expect(told).to.deep.equal(['protocol version 3', `again from ${slot}`]);
    mailroom.send(slot, again);
    await until(() => stranger.mails.length, 'the barrier');
    expect(stranger.mails).to.deep.equal([again]);
  });

  it('takes no echo but its own', async () => {
    const {stranger, slot} = await comeIn();
    stranger.mail(own, {t: 'echo', v: protocolVersion, attempt});
    stranger.mail(own, again);
    await until(() => told.length, 'the barrier');
    expect(told).to.deep.equal([`again from ${slot}`]);
  });

  it('lets a flood of one slot through at a bounded rate, and the others all the same', async () => {
    const [flood, friend] = [await comeIn(), await comeIn()];
    // The rate is of a clock that stands still here.
    const now = performance.now();
    replace(performance, 'now', () => now);
    for (let i = 0; i < 1_000; i++) {
      flood.stranger.mail(own, again);
    }
    friend.stranger.mail(own, again);
    await until(() => told.includes(`again from ${friend.slot}`), 'the friend');
    flood.stranger.mail(own, again);
    await mailroom.echo(5_000);
    expect(told.filter((word) => word === `again from ${flood.slot}`)).to.have.length(200);
  });

  it('reads and reports but a little of what makes no sense', async () => {
    const {stranger, slot} = await comeIn();
    const now = performance.now();
    replace(performance, 'now', () => now);
    for (let i = 0; i < 100; i++) {
      stranger.mail(own, i % 2 ? {t: 'hello', v: protocolVersion} : 'garbage');
    }
    stranger.mail(own, again);
    const other = await comeIn();
    other.stranger.mail(own, again);
    await until(() => told.includes(`again from ${other.slot}`), 'somebody else');
    // Each costs as much as eleven that do.
    expect(told.length).to.be.within(10, 30);
    expect(told).to.not.include(`again from ${slot}`);
  });

  it('lets a slot begin but so many links, each with enough left for its signals', async () => {
    const {slot} = await comeIn();
    const now = performance.now();
    replace(performance, 'now', () => now);
    let begun = 0;
    while (mailroom.chargeLink(slot)) {
      begun++;
    }
    expect(begun).to.equal(8);
    expect(mailroom.chargeLink((slot + 1) % slotCount)).to.be.true;
  });

  it('keeps but so much of what comes before it is listened to', async () => {
    let come = 0;
    const late = create(() => {
      const signaling = new PeerJsSignaling(parseBroker(broker.url));
      signaling.addEventListener('message', () => come++);
      return signaling;
    });
    await late.open();
    slots = slots.filter((slot) => slot !== late.slot);
    const address = (await slotAddresses(room))[late.slot]!;
    const heard = listenTo(late);
    const senders = [await comeIn(), await comeIn()];
    for (const {stranger} of senders) {
      for (let i = 0; i < 180; i++) {
        stranger.mail(address, again);
      }
    }
    await until(() => come === 360, 'all of it');
    late.listen();
    expect(heard).to.have.length(200);
  });
});

describe('Mailroom that is open to strangers', () => {
  prepare();

  let broker: TestBroker;
  let address: string;

  beforeEach(async () => {
    broker = await start();
    address = randomId();
  });

  function createOpen(ticket?: string): Mailroom {
    const mailroom = new Mailroom({
      addresses: async () => [address],
      claimable: 1,
      isOpen: true,
      ticket,
      createSignaling: () => new PeerJsSignaling(parseBroker(broker.url)),
    });
    mailrooms.add(mailroom);
    return mailroom;
  }

  async function openOne(ticket?: string): Promise<Mailroom> {
    const mailroom = createOpen(ticket);
    await mailroom.open();
    mailroom.listen();
    return mailroom;
  }

  it('gives everybody who writes a slot, and answers them there', async () => {
    const mailroom = await openOne();
    const told = listenTo(mailroom);
    const [one, other] = [await Stranger.open(broker), await Stranger.open(broker)];
    one.mail(address, again);
    await until(() => told.length === 1, 'one');
    other.mail(address, again);
    await until(() => told.length === 2, 'the other');
    one.mail(address, again);
    await until(() => told.length === 3, 'one again');
    expect(told).to.deep.equal(['again from 1', 'again from 2', 'again from 1']);
    mailroom.send(2, again);
    await until(() => other.mails.length, 'an answer');
    expect(one.mails).to.be.empty;
  });

  it('has but one address, which is taken or not', async () => {
    await openOne('a'.repeat(32));
    expect(await codeOf(() => createOpen('b'.repeat(32)).open())).to.equal('address-taken');
  });

  it('gets its address from a page before that is still thought to be there, with the same ticket', async () => {
    const first = await openOne('a'.repeat(32));
    const second = await openOne('a'.repeat(32));
    const told = listenTo(second);
    first.close();
    const stranger = await Stranger.open(broker);
    await until(() => {
      stranger.mail(address, again);
      return told.length;
    }, 'a word');
    expect(second.isOnline).to.be.true;
  });

  it('hears each at a bounded rate, and the others all the same', async () => {
    const mailroom = await openOne();
    const told = listenTo(mailroom);
    const [flood, friend] = [await Stranger.open(broker), await Stranger.open(broker)];
    const now = performance.now();
    replace(performance, 'now', () => now);
    for (let i = 0; i < 1_000; i++) {
      flood.mail(address, again);
    }
    await until(() => told.length === 200, 'what is let through');
    friend.mail(address, again);
    await until(() => told.includes('again from 2'), 'the friend');
    expect(told).to.have.length(201);
  });

  it('gets to know but so many at once, and goes on with those whom it knows', async () => {
    const lines = new EventTarget() as Signaling & {open: unknown; send: unknown};
    Object.assign(lines, {
      open: async () => undefined,
      send: () => undefined,
      close: () => undefined,
    });
    let now = performance.now();
    replace(performance, 'now', () => now);
    const mailroom = new Mailroom({
      addresses: async () => [address],
      claimable: 1,
      isOpen: true,
      createSignaling: () => lines,
    });
    mailrooms.add(mailroom);
    await mailroom.open();
    mailroom.listen();
    const told = listenTo(mailroom);
    const write = (from: string) => lines.dispatchEvent(new SignalingMessageEvent(from, again));
    const strangers = Array.from({length: 300}, (_, i) => `stranger ${i}`);
    strangers.forEach(write);
    expect(told).to.have.length(200);
    write('stranger 0');
    expect(told.at(-1)).to.equal('again from 1');
    now += 1_000;
    strangers.slice(200).forEach(write);
    expect(told).to.have.length(221);
  });

  it('keeps a thousand in mind, and forgets the oldest', async () => {
    const lines = new EventTarget() as Signaling & {open: unknown; send: unknown};
    const sent: string[] = [];
    Object.assign(lines, {
      open: async () => undefined,
      send: (to: string) => void sent.push(to),
      close: () => undefined,
    });
    let now = performance.now();
    replace(performance, 'now', () => now);
    const mailroom = new Mailroom({
      addresses: async () => [address],
      claimable: 1,
      isOpen: true,
      createSignaling: () => lines,
    });
    mailrooms.add(mailroom);
    await mailroom.open();
    mailroom.listen();
    const told = listenTo(mailroom);
    for (let i = 1; i <= 1_002; i++) {
      now += 1_000;
      lines.dispatchEvent(new SignalingMessageEvent(`stranger ${i}`, again));
    }
    expect(told).to.have.length(1_002);
    mailroom.send(2, again);
    mailroom.send(3, again);
    mailroom.send(1_002, again);
    // Nobody gets what is for somebody forgotten.
    expect(sent).to.deep.equal(['', 'stranger 3', 'stranger 1002']);
    // Whoever comes back is somebody new, and our own address is never forgotten.
    lines.dispatchEvent(new SignalingMessageEvent('stranger 1', again));
    expect(told.at(-1)).to.equal('again from 1003');
    mailroom.send(0, again);
    expect(sent.at(-1)).to.equal(address);
  });
});
