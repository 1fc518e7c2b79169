import {expect} from '@open-wc/testing';
import {RtcError} from '../../../src/core/errors.js';
import {Configuration} from '../../../src/networks/configuration.js';
import {codeOf, hurry, replace, restoreAll, until, watchErrors} from '../support.js';

describe('Configuration', () => {
  let now: number;
  let asked: number;
  let lifetime: AbortController;
  let settle: () => void;

  beforeEach(() => {
    settle = watchErrors();
    now = 5_000;
    asked = 0;
    lifetime = new AbortController();
    replace(performance, 'now', () => now);
  });
  afterEach(() => {
    lifetime.abort();
    restoreAll();
    settle();
  });

  /** Gives another user each time. */
  const count = () => ({
    iceServers: [{urls: 'turn:turn.example', username: `${++asked}`, credential: 'c'}],
  });
  const userOf = ({current}: Configuration) => current.iceServers?.[0]?.username;

  /** Acts with it once, and tells whose credentials that was with: nobody's before it has acted. */
  function act(configuration: Configuration): {user?: string | undefined; times: number} {
    const acted: {user?: string | undefined; times: number} = {times: 0};
    configuration.use(() => {
      acted.user = userOf(configuration);
      acted.times++;
    });
    return acted;
  }

  it('is empty until it is asked for', async () => {
    const configuration = new Configuration(count, lifetime);
    expect(configuration.current).to.deep.equal({});
    expect(asked).to.equal(0);
    await configuration.refresh();
    expect(userOf(configuration)).to.equal('1');
  });

  it('is used at once for half a minute, and asked for again after that', async () => {
    const configuration = new Configuration(async () => count(), lifetime);
    await configuration.refresh();
    now += 29_000;
    expect(act(configuration)).to.deep.equal({user: '1', times: 1});
    expect(asked).to.equal(1);
    now += 2_000;
    const acted = act(configuration);
    expect(acted.times).to.equal(0);
    await until(() => acted.times, 'the act');
    expect(acted).to.deep.equal({user: '2', times: 1});
  });

  it('does not keep somebody waiting for a newer one for long', async () => {
    let answer!: (configuration: RTCConfiguration) => void;
    const slow = () => new Promise<RTCConfiguration>((resolve) => (answer = resolve));
    let ask: () => RTCConfiguration | Promise<RTCConfiguration> = count;
    const configuration = new Configuration(() => ask(), lifetime);
    await configuration.refresh();
    ask = slow;
    // Half a second passes as soon as anybody waits for it.
    hurry({500: 20});
    now += 299_000;
    const acted = act(configuration);
    expect(acted.times).to.equal(0);
    await until(() => acted.times, 'the act');
    expect(acted.user).to.equal('1');
    answer(count());
    await until(() => userOf(configuration) === '2', 'the newer one');
    expect(acted.times).to.equal(1);
  });

  it('waits for a newer one when the last is too old to be of use', async () => {
    let answer!: (configuration: RTCConfiguration) => void;
    let ask: () => RTCConfiguration | Promise<RTCConfiguration> = count;
    const configuration = new Configuration(() => ask(), lifetime);
    await configuration.refresh();
    ask = () => new Promise<RTCConfiguration>((resolve) => (answer = resolve));
    hurry({500: 0});
    now += 301_000;
    const acted = act(configuration);
    // It would have acted by then, were it not too old.
    await new Promise((resolve) => setTimeout(resolve, 500));
    expect(acted.times).to.equal(0);
    answer(count());
    await until(() => acted.times, 'the act');
    expect(acted).to.deep.equal({user: '2', times: 1});
  });

  it('acts with the last one when there is no newer', async () => {
    let isBroken = false;
    const configuration = new Configuration(() => {
      if (isBroken) {
        throw new Error('503');
      }
      return count();
    }, lifetime);
    await configuration.refresh();
    isBroken = true;
    now += 1_000_000;
    const acted = act(configuration);
    await until(() => acted.times, 'the act');
    expect(acted).to.deep.equal({user: '1', times: 1});
  });

  it('does not act any more once it is over', async () => {
    const configuration = new Configuration(async () => count(), lifetime);
    await configuration.refresh();
    now += 31_000;
    const acted = act(configuration);
    const next = configuration.refresh();
    lifetime.abort();
    await next;
    await Promise.resolve();
    expect(acted.times).to.equal(0);
  });

  it('asks once for all who ask at once', async () => {
    const configuration = new Configuration(async () => count(), lifetime);
    await Promise.all([configuration.refresh(), configuration.refresh(), configuration.refresh()]);
    expect(asked).to.equal(1);
    await configuration.refresh();
    expect(asked).to.equal(2);
  });

  for (const [what, ask] of [
    [
      'throws',
      () => {
        throw new Error('401');
      },
    ],
    ['rejects', () => Promise.reject(new Error('401'))],
    ['never answers', () => new Promise<RTCConfiguration>(() => undefined)],
  ] as const) {
    it(`fails when the page's function ${what}, and may be asked again`, async () => {
      hurry({8_000: 50});
      let isBroken = false;
      const configuration = new Configuration(() => (isBroken ? ask() : count()), lifetime);
      await configuration.refresh();
      isBroken = true;
      now += 31_000;
      const refreshing = configuration.refresh();
      expect(await codeOf(() => refreshing)).to.equal('connection-failed');
      await refreshing.catch((error: unknown) => {
        expect((error as RtcError).detail).to.equal('rtcConfiguration');
      });
      expect(userOf(configuration)).to.equal('1');
      isBroken = false;
      await configuration.refresh();
      expect(userOf(configuration)).to.equal('2');
    });
  }

  it('passes on what is known to be wrong', async () => {
    const configuration = new Configuration(() => {
      throw new RtcError('bad-attribute', {detail: 'relay-only'});
    }, lifetime);
    expect(await codeOf(() => configuration.refresh())).to.equal('bad-attribute');
  });
});
