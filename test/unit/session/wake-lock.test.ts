import {expect} from '@open-wc/testing';
import {WakeLock} from '../../../src/session/wake-lock.js';
import {replace, restoreAll, until, watchErrors} from '../support.js';

class FakeLock {
  released = false;
  async release() {
    this.released = true;
  }
}

describe('WakeLock', () => {
  let lock: WakeLock;
  let locks: FakeLock[];
  let asked: number;
  let settle: () => void;
  /** What the next request waits for. */
  let gate: Promise<void>;

  beforeEach(() => {
    settle = watchErrors();
    locks = [];
    asked = 0;
    gate = Promise.resolve();
    replace(navigator, 'wakeLock', {
      request: async () => {
        asked++;
        await gate;
        locks.push(new FakeLock());
        return locks.at(-1);
      },
    });
    lock = new WakeLock();
  });
  afterEach(() => {
    lock.update(false);
    expect(held()).to.equal(0);
    restoreAll();
    settle();
  });

  const held = () => locks.filter(({released}) => !released).length;

  function see(visible: boolean) {
    replace(document, 'visibilityState', visible ? 'visible' : 'hidden');
    document.dispatchEvent(new Event('visibilitychange'));
  }

  it('asks for nothing by itself', () => {
    lock.update(false);
    see(true);
    expect(asked).to.equal(0);
  });

  it('holds one while it is wanted', async () => {
    lock.update(true);
    lock.update(true);
    await until(() => held() === 1, 'the lock');
    see(true);
    expect(asked).to.equal(1);
    lock.update(false);
    expect(held()).to.equal(0);
    lock.update(true);
    await until(() => held() === 1, 'the lock again');
  });

  it('asks again when the page is seen again', async () => {
    lock.update(true);
    await until(() => held() === 1, 'the lock');
    see(false);
    await locks[0]?.release();
    expect(asked).to.equal(1);
    see(true);
    see(true);
    await until(() => held() === 1, 'the lock again');
    expect(asked).to.equal(2);
  });

  it('waits until the page is seen', async () => {
    see(false);
    lock.update(true);
    expect(asked).to.equal(0);
    see(true);
    await until(() => held() === 1, 'the lock');
  });

  it('is silent when it is refused, and asks again another time', async () => {
    const working = navigator.wakeLock;
    let refused = 0;
    replace(navigator, 'wakeLock', {
      request: () => {
        refused++;
        return Promise.reject(new DOMException('as told', 'NotAllowedError'));
      },
    });
    lock.update(true);
    await until(() => refused, 'the refusal');
    replace(navigator, 'wakeLock', working);
    await until(() => {
      see(true);
      return held() === 1;
    }, 'the lock');
  });

  it('is silent where there is none', () => {
    replace(navigator, 'wakeLock', undefined);
    lock.update(true);
    see(true);
    lock.update(false);
    expect(asked).to.equal(0);
  });

  it('releases one that comes when it is not wanted any more', async () => {
    let give!: () => void;
    gate = new Promise((resolve) => (give = resolve));
    lock.update(true);
    lock.update(false);
    give();
    await until(() => locks.length && !held(), 'its release');
  });

  it('holds one when it is wanted again before it comes', async () => {
    let give!: () => void;
    gate = new Promise((resolve) => (give = resolve));
    lock.update(true);
    lock.update(false);
    lock.update(true);
    give();
    await until(() => held() === 1, 'the lock');
    expect(asked).to.equal(1);
  });

  it('does not listen when it is not wanted', async () => {
    const signals: (AbortSignal | undefined)[] = [];
    const add = document.addEventListener.bind(document);
    replace(
      document,
      'addEventListener',
      (type: string, listener: EventListener, options?: AddEventListenerOptions) => {
        signals.push(options?.signal);
        add(type, listener, options);
      },
    );
    lock.update(true);
    await until(() => held() === 1, 'the lock');
    lock.update(false);
    expect(signals).to.have.length(1);
    expect(signals[0]?.aborted).to.be.true;
  });
});
