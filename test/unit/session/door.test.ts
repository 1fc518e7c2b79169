import {expect} from '@open-wc/testing';
import {slotAddresses} from '../../../src/networks/addresses.js';
import {whoIsIn} from '../../../src/networks/who-is-in.js';
import {parseBroker, PeerJsSignaling} from '../../../src/signaling/peerjs.js';
import {
  closeStrangers,
  ConnectionWitness,
  createWatcher,
  leaveAll,
  randomRoom,
  restoreAll,
  sharedBroker,
  Stranger,
  takenSlots,
  until,
  untilConnected,
  watchErrors,
} from '../support.js';

describe('CallSession at the door', () => {
  let settle: () => void;

  beforeEach(() => (settle = watchErrors()));
  afterEach(() => {
    leaveAll();
    closeStrangers();
    restoreAll();
    settle();
  });

  it('knows who is in, and nobody inside notices', async () => {
    const room = randomRoom();
    const mina = await createWatcher({room, name: 'Mina \u202e'});
    const guest = await createWatcher({room});
    await Promise.all([mina.join(), guest.join()]);
    await untilConnected(mina, guest);
    const witness = new ConnectionWitness();
    const errors: unknown[] = [];
    mina.addEventListener('error', ({error}) => errors.push(error));

    const visitor = await createWatcher({room});
    visitor.watchDoor(true);
    const inside = await until(() => visitor.inside, 'those inside');
    expect([...inside].sort()).to.deep.equal(['', 'Mina']);
    expect(mina.participants).to.have.length(1);
    expect(witness.all).to.be.empty;
    expect(errors).to.be.empty;

    await visitor.join();
    expect(visitor.inside).to.equal(undefined);
    await untilConnected(mina, guest, visitor);
  });

  it('says that nobody is in, asks anew in another room, and nothing once it turns away', async () => {
    const visitor = await createWatcher({room: ''});
    visitor.watchDoor(true);
    expect(visitor.inside).to.equal(undefined);
    visitor.configure({room: randomRoom()});
    expect(await until(() => visitor.inside, 'an answer')).to.deep.equal([]);
    visitor.watchDoor(false);
    expect(visitor.inside).to.equal(undefined);
  });

  it('is silent about a broker that is away', async () => {
    const visitor = await createWatcher({room: randomRoom(), broker: 'http://127.0.0.1:9'});
    const errors: unknown[] = [];
    visitor.addEventListener('error', ({error}) => errors.push(error));
    visitor.watchDoor(true);
    const {url} = await sharedBroker();
    // Another question, asked later, has its answer.
    const createSignaling = () => new PeerJsSignaling(parseBroker(url));
    await whoIsIn({room: randomRoom(), createSignaling, signal: new AbortController().signal});
    expect(visitor.inside).to.equal(undefined);
    expect(visitor.state.phase).to.equal('idle');
    expect(errors).to.be.empty;
  });

  it('answers strangers at a rate, and only what it should', async () => {
    const room = randomRoom();
    const mina = await createWatcher({room, name: 'Mina'});
    await mina.join();
    const broker = await sharedBroker();
    const slot = (await takenSlots(broker, room))[0]!;
    const address = (await slotAddresses(room))[slot]!;
    const stranger = await Stranger.open(broker);
    stranger.mail(address, {
      t: 'hello',
      v: 1,
      id: 'a'.repeat(8),
      life: 'b'.repeat(8),
      attempt: 'c'.repeat(8),
    });
    for (let i = 0; i < 300; i++) {
      stranger.mail(address, {t: 'who', v: 1, attempt: 'd'.repeat(8)});
    }
    await until(() => stranger.mails.length >= 15, 'answers');
    // Whoever is one of the room is still heard.
    const guest = await createWatcher({room});
    await guest.join();
    await untilConnected(mina, guest);
    expect(stranger.mails.length).to.be.lessThan(150);
    expect(stranger.mails.every(({t, name}) => t === 'here' && name === 'Mina')).to.be.true;
  });
});
