import {expect} from '@open-wc/testing';
import {TabMemory} from '../../../src/session/tab-memory.js';
import {randomRoom, replace, restoreAll, until} from '../support.js';

const stay = {name: 'Mina', micOff: true, cameraOff: false, videoinput: 'front'};
/** What may stand in a storage that others use as well. */
const garbage = [
  '',
  'garbage',
  'null',
  '7',
  '""',
  '"short"',
  '"0123456789ABCDEF"',
  '"0123456789abcdef0"',
  '[]',
  '{}',
  '{"at":"now","name":"Mina","micOff":true,"cameraOff":true}',
  '{"at":null,"name":7,"micOff":0,"cameraOff":{}}',
  `"${'0'.repeat(100_000)}"`,
];

describe('TabMemory', () => {
  let call: string;
  const memories = new Set<TabMemory>();

  beforeEach(() => {
    call = randomRoom();
  });
  afterEach(() => {
    restoreAll();
    for (const memory of memories) {
      memory.releaseIdentity();
    }
    memories.clear();
  });

  /** What a page of this tab has. */
  function create(name = call): TabMemory {
    const memory = new TabMemory(name);
    memories.add(memory);
    return memory;
  }

  /** The page with this memory is gone. */
  async function end(memory: TabMemory, id: string) {
    memory.releaseIdentity();
    await until(async () => {
      const {held = []} = await navigator.locks.query();
      return !held.some(({name}) => name?.includes(id));
    }, 'the end of the page');
  }

  function spoil(text: string) {
    for (const key of Object.keys(sessionStorage).filter((key) => key.includes(call))) {
      sessionStorage.setItem(key, text);
    }
  }

  describe('of who we are', () => {
    it('gives the same identity to one page after the other', async () => {
      const first = create();
      const id = await first.holdIdentity();
      expect(id).to.match(/^[0-9a-f]{16}$/);
      for (let i = 0; i < 3; i++) {
        await end(first, id);
        const next = create();
        expect(await next.holdIdentity()).to.equal(id);
        await end(next, id);
      }
    });

    it('gives another one while a page has it, and it again after that', async () => {
      const first = create();
      const id = await first.holdIdentity();
      const others = await Promise.all([create().holdIdentity(), create().holdIdentity()]);
      expect(new Set([id, ...others]).size).to.equal(3);
      await end(first, id);
      expect(await create().holdIdentity()).to.equal(id);
    });

    it('waits for the page before, which is going', async () => {
      const [going, coming] = [create(), create()];
      const id = await going.holdIdentity();
      going.keep(stay);
      const holding = coming.holdIdentity();
      await until(async () => (await navigator.locks.query()).pending?.length, 'the one who waits');
      going.releaseIdentity();
      expect(await holding).to.equal(id);
    });

    it('waits a moment only: it may be a copy of the tab, in which the call goes on', async () => {
      const going = create();
      const id = await going.holdIdentity();
      going.keep(stay);
      expect(await create().holdIdentity())
        .to.match(/^[0-9a-f]{16}$/)
        .and.not.equal(id);
    });

    it('is another one for good in a copy of the tab', async () => {
      const first = create();
      const id = await first.holdIdentity();
      const {held} = await navigator.locks.query();
      const lock = held!.find(({name}) => name?.includes(id))!.name!;
      await end(first, id);
      // The tab that this one is a copy of.
      let close!: () => void;
      const isClosed = new Promise<void>((resolve) => (close = resolve));
      await new Promise<void>((isHeld) => {
        void navigator.locks.request(lock, () => {
          isHeld();
          return isClosed;
        });
      });
      const copy = create();
      const other = await copy.holdIdentity();
      expect(other).to.not.equal(id);
      await end(copy, other);
      const next = create();
      expect(await next.holdIdentity()).to.equal(other);
      close();
    });

    it('gives each call its own', async () => {
      const one = await create().holdIdentity();
      const other = await create(randomRoom()).holdIdentity();
      expect(one).to.not.equal(other);
    });

    it('takes nothing for an identity that is none', async () => {
      const first = create();
      await end(first, await first.holdIdentity());
      for (const text of garbage) {
        spoil(text);
        const memory = create();
        const id = await memory.holdIdentity();
        expect(id, text.slice(0, 40)).to.match(/^[0-9a-f]{16}$/);
        await end(memory, id);
        // It is kept in the place of the garbage.
        const next = create();
        expect(await next.holdIdentity(), text.slice(0, 40)).to.equal(id);
        await end(next, id);
      }
    });

    it('gives one where there are no locks', async () => {
      replace(navigator, 'locks', undefined);
      const id = await create().holdIdentity();
      expect(id).to.match(/^[0-9a-f]{16}$/);
      expect(await create().holdIdentity()).to.equal(id);
    });

    it('gives one where locks are refused', async () => {
      replace(navigator, 'locks', {
        request: () => Promise.reject(new DOMException('no', 'SecurityError')),
      });
      expect(await create().holdIdentity()).to.match(/^[0-9a-f]{16}$/);
    });

    it('is the same when asked for again', async () => {
      const memory = create();
      expect(await memory.holdIdentity()).to.equal(await memory.holdIdentity());
    });

    it('can be had again only where there was one, and nobody has it', async () => {
      expect(await create().reclaim()).to.equal(false);
      const first = create();
      const id = await first.holdIdentity();
      const copy = create();
      expect(await copy.reclaim()).to.equal(false);
      await end(first, id);
      expect(await copy.reclaim()).to.equal(true);
      expect(await copy.holdIdentity()).to.equal(id);
    });

    it('may be released before it is held, and again', async () => {
      const memory = create();
      memory.releaseIdentity();
      const id = await memory.holdIdentity();
      await end(memory, id);
      memory.releaseIdentity();
    });
  });

  describe('of what shows an address to be ours', () => {
    it('is the same in one page after the other, as long as we are', async () => {
      const first = create();
      const id = await first.holdIdentity();
      const {ticket} = first;
      expect(ticket).to.match(/^[0-9a-f]{32}$/);
      expect(first.ticket).to.equal(ticket);
      await end(first, id);
      const next = create();
      expect(await next.holdIdentity()).to.equal(id);
      expect(next.ticket).to.equal(ticket);
    });

    it('is another one for somebody else: in a copy of the tab, or in another call', async () => {
      const first = create();
      await first.holdIdentity();
      const {ticket} = first;
      const copy = create();
      await copy.holdIdentity();
      expect(copy.ticket).to.not.equal(ticket);
      const other = create(randomRoom());
      await other.holdIdentity();
      expect(other.ticket).to.not.equal(ticket);
    });

    it('is a new one in the place of garbage', async () => {
      for (const text of garbage) {
        const memory = create();
        const id = await memory.holdIdentity();
        spoil(text);
        const {ticket} = memory;
        expect(ticket, text.slice(0, 40)).to.match(/^[0-9a-f]{32}$/);
        expect(memory.ticket).to.equal(ticket);
        await end(memory, id);
      }
    });
  });

  describe('of how we are in the call', () => {
    it('is given to the next page, until we have left', () => {
      const before = Date.now();
      create().keep(stay);
      const {at, ...rest} = create().recall()!;
      expect(rest).to.deep.equal(stay);
      expect(at).to.be.within(before, Date.now());
      create().forget();
      expect(create().recall()).to.equal(undefined);
    });

    it('is nothing when we have not been in it', async () => {
      const memory = create();
      await memory.holdIdentity();
      expect(memory.recall()).to.equal(undefined);
    });

    it('is nothing when it was long ago, by a clock that may be set back', () => {
      const now = Date.now();
      for (const [later, isKept] of [
        [59_000, true],
        [61_000, false],
        [-61_000, false],
      ] as const) {
        replace(Date, 'now', () => now);
        create().keep(stay);
        replace(Date, 'now', () => now + later);
        expect(Boolean(create().recall()), `${later} ms`).to.equal(isKept);
      }
    });

    it('is of one call only', () => {
      const other = randomRoom();
      create().keep(stay);
      expect(create(other).recall()).to.equal(undefined);
      create(other).keep({...stay, name: 'Jun'});
      expect(create().recall()?.name).to.equal('Mina');
      expect(create(other).recall()?.name).to.equal('Jun');
    });

    it('is nothing when it is garbage', () => {
      for (const text of garbage) {
        create().keep(stay);
        spoil(text);
        expect(create().recall(), text.slice(0, 40)).to.equal(undefined);
      }
    });
  });

  for (const [what, refuse] of [
    [
      'refuses everything',
      () => {
        for (const method of ['getItem', 'setItem', 'removeItem']) {
          replace(Storage.prototype, method, () => {
            throw new DOMException('no', 'SecurityError');
          });
        }
      },
    ],
    [
      'is full',
      () =>
        replace(Storage.prototype, 'setItem', () => {
          throw new DOMException('full', 'QuotaExceededError');
        }),
    ],
    ['is not there', () => replace(window, 'sessionStorage', undefined)],
  ] as const) {
    it(`makes us somebody new each time where the storage ${what}`, async () => {
      refuse();
      const memory = create();
      const id = await memory.holdIdentity();
      expect(id).to.match(/^[0-9a-f]{16}$/);
      expect(memory.ticket).to.match(/^[0-9a-f]{32}$/);
      memory.keep(stay);
      await end(memory, id);
      const next = create();
      expect(next.recall()).to.equal(undefined);
      expect(await next.holdIdentity())
        .to.match(/^[0-9a-f]{16}$/)
        .and.not.equal(id);
    });
  }
});
