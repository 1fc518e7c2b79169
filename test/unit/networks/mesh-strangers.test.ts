import {expect} from '@open-wc/testing';
import {protocolVersion, refusal} from '../../../src/core/messages.js';
import {slotAddresses} from '../../../src/networks/addresses.js';
import type {CallSession} from '../../../src/session/call-session.js';
import {
  brokerInfo,
  closeStrangers,
  ConnectionWitness,
  createWatcher,
  leaveAll,
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
  watchErrors,
  type TestBroker,
} from '../support.js';

const v = protocolVersion;
const sdp =
  'v=0\r\no=- 1 2 IN IP4 127.0.0.1\r\ns=-\r\nt=0 0\r\nm=application 9 UDP/DTLS/SCTP webrtc-datachannel\r\nc=IN IP4 0.0.0.0\r\na=ice-ufrag:abcd\r\na=ice-pwd:0123456789012345678901\r\na=mid:0\r\na=sctp-port:5000\r\n' +
  `a=fingerprint:sha-256 ${Array.from({length: 32}, () => 'AB').join(':')}\r\na=setup:actpass\r\n`;
const hex = () => randomId().slice(0, 16);

describe('Mesh with strangers', () => {
  let broker: TestBroker;
  let room: string;
  let addresses: readonly string[];
  let mina: CallSession;
  /** Where she can be reached. */
  let address: string;
  let witness: ConnectionWitness;
  let errors: string[];
  let settle: () => void;

  before(async () => {
    broker = await startBroker();
  });
  after(() => stopBroker(broker));

  beforeEach(async () => {
    settle = watchErrors();
    room = randomRoom();
    addresses = await slotAddresses(room);
    mina = await createWatcher({room, broker: broker.url, name: 'Mina'});
    errors = [];
    mina.addEventListener('error', ({error}) => errors.push(error.code));
    await mina.join();
    const slot = await until(
      async () => `${(await takenSlots(broker, room))[0] ?? ''}`,
      'her slot',
    );
    address = addresses[Number(slot)]!;
    witness = new ConnectionWitness();
  });
  afterEach(() => {
    leaveAll();
    closeStrangers();
    restoreAll();
    settle();
  });

  /** Somebody real comes, and gets through. */
  async function expectReal() {
    const jun = await createWatcher({room, broker: broker.url, name: 'Jun'});
    await jun.join();
    await until(
      () =>
        mina.participants.some(
          ({name, connection}) => name === 'Jun' && connection === 'connected',
        ),
      'a real participant',
    );
    return jun;
  }

  /** All that went out to an address. */
  async function sentTo(dst: string): Promise<string> {
    const {log} = await brokerInfo(broker);
    return JSON.stringify(log.filter((message) => message.dst === dst));
  }

  /** A slot of the room that nobody has, below or above hers. */
  const freeSlot = (near = 1) => {
    const slot = addresses.indexOf(address);
    return addresses[(slot + near + 16) % 16]!;
  };

  it('gives nothing to one who offers connections as stock PeerJS does, 500 in a row', async () => {
    const id = randomId();
    const stranger = await Stranger.open(broker, id);
    for (let i = 0; i < 500; i++) {
      stranger.send('OFFER', address, {
        type: i % 2 ? 'data' : 'media',
        connectionId: `dc_${i}`,
        serialization: ['binary', 'json', 'raw', 'constructor', '__proto__', 'rtc'][i % 6],
        sdp: {type: 'offer', sdp},
      });
    }
    for (let i = 0; i < 3_000; i++) {
      stranger.send('CANDIDATE', address, {connectionId: `dc_${i}`, candidate: {candidate: 'x'}});
    }
    await expectReal();
    expect(await sentTo(id)).to.equal('[]');
    expect(stranger.received.filter(({src}) => src === address)).to.be.empty;
    // Two ends of the one link, and what Jun had prepared.
    expect(witness.all.length).to.be.below(4);
    expect(errors).to.be.empty;
  });

  it('gives nothing to one who speaks our protocol from outside the room', async () => {
    const id = randomId();
    const stranger = await Stranger.open(broker, id);
    for (let i = 0; i < 300; i++) {
      stranger.mail(address, {t: 'hello', v, life: hex(), id: hex(), attempt: hex(), offer: sdp});
      stranger.mail(address, {
        t: 'description',
        v,
        id: hex(),
        attempt: hex(),
        n: 1,
        type: 'offer',
        sdp,
        labels: {},
      });
    }
    stranger.mail(address, {t: 'hello', v: 99});
    stranger.mail(address, 'nonsense');
    stranger.mail(address, {long: 'x'.repeat(5_000_000)});
    await expectReal();
    expect(await sentTo(id)).to.equal('[]');
    expect(witness.all.length).to.be.below(4);
    expect(errors).to.be.empty;
  });

  it('tells a person of another version, once, and leaves them alone', async () => {
    const slot = freeSlot();
    const stranger = await Stranger.open(broker, slot);
    for (let i = 0; i < 5; i++) {
      stranger.mail(address, {t: 'hello', v: 2, id: hex(), attempt: hex()});
    }
    await until(() => stranger.mails.some(({t}) => t === 'refuse'), 'a word');
    expect(stranger.mails.filter(({t}) => t === 'refuse')).to.deep.equal([refusal]);
    expect(errors).to.deep.equal(['bad-message']);
    expect(mina.notice?.message).to.contain('version 2');
    expect(witness.all.length).to.equal(0);
    expect(mina.participants).to.have.length(0);
  });

  it('does not answer one who tells us that we speak another version', async () => {
    const stranger = await Stranger.open(broker, freeSlot());
    stranger.mail(address, {...refusal, v: 7});
    stranger.mail(address, {...refusal, v: 7});
    await until(() => errors.length, 'the word');
    expect(errors).to.deep.equal(['bad-message']);
    await expectReal();
    expect(stranger.mails.filter(({t}) => t === 'refuse')).to.be.empty;
  });

  it('bears nonsense from a slot of the room', async () => {
    const stranger = await Stranger.open(broker, freeSlot());
    const attempt = hex();
    for (const mail of [
      null,
      7,
      'text',
      [],
      {},
      {t: 'hello'},
      {t: 'hello', v: '1'},
      {t: 'hello', v, life: hex(), id: 'NOT HEX', attempt},
      {t: 'hello', v, life: hex(), id: hex(), attempt: 'x'.repeat(40_000)},
      {t: 'hello', v, life: hex(), id: hex(), attempt, offer: 'no sdp'},
      {t: 'description', v, id: hex(), attempt, n: 1, type: 'answer', sdp: 'v=0', labels: {}},
      {t: 'constructor', v},
      {t: '__proto__', v},
      {t: 'bye', v, attempt, reason: 'left'},
      {t: 'again', v, attempt},
      {t: 'full', v, attempt, pending: []},
      {t: 'candidate', v, attempt, candidate: {candidate: 'x'}},
      {t: 'echo', v, attempt},
    ]) {
      stranger.mail(address, mail);
    }
    await until(() => errors.length, 'an error');
    expect(new Set(errors)).to.deep.equal(new Set(['bad-message']));
    await expectReal();
    expect(mina.state.phase).to.equal('joined');
    expect(witness.all.length).to.be.below(5);
  });

  it('bears an offer that is malformed, and reports it', async () => {
    const stranger = await Stranger.open(broker, freeSlot());
    stranger.mail(address, {
      t: 'hello',
      v,
      life: hex(),
      id: hex(),
      attempt: hex(),
      offer: 'v=0\r\nnonsense',
    });
    await until(() => errors.length, 'an error');
    expect(errors).to.deep.equal(['bad-message']);
    await until(() => !mina.participants.length, 'nobody');
    expect(witness.live.length).to.equal(0);
    await expectReal();
  });

  it('gives one slot one connection, however often it says hello', async () => {
    const stranger = await Stranger.open(broker, freeSlot());
    for (let i = 0; i < 500; i++) {
      stranger.mail(address, {t: 'hello', v, life: hex(), id: hex(), attempt: hex()});
    }
    const jun = await expectReal();
    // Mina's to the stranger, the two of the real link, and what may be prepared.
    expect(witness.live.length).to.be.below(6);
    expect(witness.all.length).to.be.below(40);
    expect(mina.participants.filter(({connection}) => connection === 'connected')).to.have.length(
      1,
    );
    expect(jun.participants.some(({name}) => name === 'Mina')).to.be.true;
  });

  it('drops one who claims to be somebody else, and does not end the call of others', async () => {
    const jun = await expectReal();
    const {log} = await brokerInfo(broker);
    const mails = log
      .filter(({src, dst}) => addresses.includes(src ?? '') && addresses.includes(dst ?? ''))
      .map(({payload}) => (payload as {mail: {id?: string; attempt?: string}}).mail);
    const taken = await takenSlots(broker, room);
    const free = addresses.filter((_, slot) => !taken.includes(slot));
    const stranger = await Stranger.open(broker, free[0]);
    const told: string[] = [];
    mina.addEventListener('participant-left', ({reason}) => told.push(reason));
    jun.addEventListener('participant-left', ({reason}) => told.push(reason));
    for (const {id, attempt} of mails) {
      for (const slot of taken) {
        for (const t of ['bye', 'again', 'full', 'hello']) {
          stranger.mail(addresses[slot]!, {t, v, id, attempt, reason: 'left', pending: []});
        }
      }
    }
    const hearing = new Promise((resolve) =>
      mina.addEventListener('message', ({data}) => resolve(data), {once: true}),
    );
    // All of it has arrived when this has.
    const end = randomId();
    const listener = await Stranger.open(broker, end);
    stranger.mail(end, {t: 'last'});
    await until(() => listener.mails.length, 'the last of it');
    jun.send('still here');
    expect(await hearing).to.equal('still here');
    expect(told).to.be.empty;
    expect(mina.participants.filter(({name}) => name === 'Jun')).to.have.length(1);
  });

  it('does not listen for long to one who floods, and hears the others', async () => {
    const stranger = await Stranger.open(broker, freeSlot());
    const start = performance.now();
    let flooding = true;
    let turns = 0;
    const flood = (async () => {
      while (flooding) {
        for (let i = 0; i < 50; i++) {
          stranger.mail(address, {t: 'candidate', v, attempt: hex(), candidate: {candidate: 'x'}});
          stranger.mail(address, 'nonsense');
        }
        turns++;
        await new Promise((resolve) => setTimeout(resolve));
      }
    })();
    await until(() => turns > 5, 'a flood');
    await expectReal();
    flooding = false;
    await flood;
    // What a slot may say at most: 200 at once, and 50 a second.
    expect(errors.length).to.be.below(200 + ((performance.now() - start) / 1_000) * 50);
    expect(witness.all.length).to.be.below(5);
  });

  for (const [where, slot] of [
    ['to the same slot', 7],
    ['to another slot', 6],
  ] as const) {
    it(`answers the newest hello of one who came again at once ${where}, when hellos cross`, async () => {
      const other = randomRoom();
      const slots = await slotAddresses(other);
      // Slot 8: of two newcomers, the one in the lower slot answers, or the other after a while.
      replace(Math, 'random', () => 0.5);
      const jun = await createWatcher({room: other, broker: broker.url});
      await jun.join();
      const before = await Stranger.open(broker, slots[7]);
      const after = slot === 7 ? before : await Stranger.open(broker, slots[slot]);
      const [id, old, attempt] = [hex(), hex(), hex()];
      before.mail(slots[8]!, {t: 'hello', v, id, life: hex(), attempt: old});
      before.mail(slots[slot]!, {t: 'sent'});
      await until(() => after.mails.length, 'the old one is there');
      after.mail(slots[8]!, {t: 'hello', v, id, life: hex(), attempt});
      // The old one may have been answered before, when this one was slow to come.
      await until(
        () =>
          [...before.mails, ...after.mails].some(
            (mail) => mail.t === 'description' && mail.attempt === attempt,
          ),
        'an answer',
      );
    });
  }

  it('answers one who comes and goes too often a little later', async () => {
    const stranger = await Stranger.open(broker, freeSlot());
    const attempts = Array.from({length: 12}, hex);
    for (const attempt of attempts) {
      stranger.mail(address, {t: 'hello', v, id: hex(), life: hex(), attempt});
    }
    const answers = (attempt = '') =>
      stranger.mails.filter((mail) => mail.t === 'description' && mail.attempt === attempt);
    await until(() => answers(attempts.at(-1)).length, 'an answer to the last');
    // The burst that a slot is allowed was spent before.
    expect(answers(attempts.at(-2))).to.be.empty;
  });

  it('believes that the room is full also when it is told late, unless somebody is there', async () => {
    const stranger = await Stranger.open(broker, freeSlot());
    const {log} = await brokerInfo(broker);
    const hello = log
      .filter(({src}) => src === address)
      .map(({payload}) => (payload as {mail: {t: string; attempt: string}}).mail)
      .find(({t}) => t === 'hello')!;
    const left: string[] = [];
    mina.addEventListener('left', ({reason}) => left.push(reason));
    const jun = await expectReal();
    stranger.mail(address, {t: 'full', v, attempt: hello.attempt, pending: []});
    stranger.mail(address, {t: 'nonsense', v});
    await until(() => errors.length, 'the word');
    expect(mina.state.phase).to.equal('joined');
    jun.leave();
    await until(() => !mina.participants.length, 'nobody');
    // Not what a newcomer says, but what somebody says who was there before.
    stranger.mail(address, {t: 'full', v, attempt: hello.attempt, pending: []});
    stranger.mail(address, {t: 'nonsense', v});
    await until(() => errors.length === 2, 'the word of a newcomer');
    expect(mina.state.phase).to.equal('joined');
    // Said again each time it is asked.
    for (let i = 0; i < 4; i++) {
      stranger.mail(address, {t: 'full', v, attempt: hello.attempt, pending: [], settled: true});
    }
    await until(() => mina.state.phase === 'failed', 'failed');
    expect(errors).to.deep.equal(['bad-message', 'bad-message', 'room-full']);
    expect(left).to.deep.equal(['failed']);
    await until(
      async () => !(await takenSlots(broker, room)).includes(addresses.indexOf(address)),
      'a free slot',
    );
  });

  it('does not wait for ever for a place when who refused it is gone', async () => {
    const other = randomRoom();
    const slots = await slotAddresses(other);
    const stranger = await Stranger.open(broker, slots[3]);
    const jun = await createWatcher({room: other, broker: broker.url});
    const joining = jun.join();
    const hello = await until(() => stranger.mails.find(({t}) => t === 'hello'), 'a hello');
    const slot = (await takenSlots(broker, other)).find((taken) => taken !== 3)!;
    const {attempt} = hello as {attempt: string};
    stranger.mail(slots[slot]!, {t: 'full', v, attempt, pending: [], settled: true});
    await joining;
    expect(jun.state.phase).to.equal('joined');
  });

  it('sends nothing but a hello to anybody who has not said one', async () => {
    const stranger = await Stranger.open(broker, freeSlot());
    const jun = await expectReal();
    await untilConnected(mina, jun);
    expect(stranger.mails.every(({t}) => t === 'hello')).to.be.true;
    expect(await sentTo(freeSlot())).to.not.contain('"t":"candidate"');
  });
});
