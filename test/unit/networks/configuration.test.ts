import {expect} from '@open-wc/testing';
import {RtcError} from '../../../src/core/errors.js';
import {Configuration} from '../../../src/networks/configuration.js';
import {codeOf, hurry, replace, restoreAll, watchErrors} from '../support.js';

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

  it('is empty and not fresh until it is asked for', async () => {
    const configuration = new Configuration(count, lifetime);
    expect(configuration.current).to.deep.equal({});
    expect(configuration.isFresh).to.be.false;
    expect(asked).to.equal(0);
    await configuration.refresh();
    expect(userOf(configuration)).to.equal('1');
    expect(configuration.isFresh).to.be.true;
  });

  it('is fresh for half a minute, and is another one when it is asked for again', async () => {
    const configuration = new Configuration(async () => count(), lifetime);
    await configuration.refresh();
    now += 29_000;
    expect(configuration.isFresh).to.be.true;
    now += 2_000;
    expect(configuration.isFresh).to.be.false;
    // Until there is another, the old one is better than none.
    expect(userOf(configuration)).to.equal('1');
    await configuration.refresh();
    expect(userOf(configuration)).to.equal('2');
    expect(configuration.isFresh).to.be.true;
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
      expect(configuration.isFresh).to.be.false;
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
