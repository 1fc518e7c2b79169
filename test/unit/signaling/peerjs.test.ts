import {expect} from '@open-wc/testing';
import {RtcError} from '../../../src/core/errors.js';
import {parseBroker, PeerJsSignaling, publicBroker} from '../../../src/signaling/peerjs.js';
import type {
  SignalingCloseEvent,
  SignalingUndeliveredEvent,
} from '../../../src/signaling/signaling.js';
import {
  brokerInfo,
  closeStrangers,
  codeOf,
  dropConnections,
  freezeBroker,
  hurry,
  once,
  randomId,
  replace,
  restoreAll,
  startBroker,
  stopBroker,
  Stranger,
  takenIds,
  thawBroker,
  until,
  watchErrors,
  type TestBroker,
} from '../support.js';

const {signal} = new AbortController();

describe('parseBroker', () => {
  const parsed: Readonly<Record<string, object>> = {
    'https://broker.example': {
      host: 'broker.example',
      port: 443,
      path: '/',
      key: 'peerjs',
      secure: true,
    },
    'http://broker.example': {
      host: 'broker.example',
      port: 80,
      path: '/',
      key: 'peerjs',
      secure: false,
    },
    'https://broker.example:9000/': {port: 9000, path: '/'},
    'HTTPS://Broker.Example/My/Path': {host: 'broker.example', path: '/My/Path'},
    'https://broker.example/path/?key=k': {path: '/path/', key: 'k'},
    'https://broker.example/?key=a%26b%3D%23': {key: 'a%26b%3D%23'},
    'https://broker.example/?key=': {key: ''},
    'https://broker.example/?other=1#hash': {key: 'peerjs', path: '/'},
    'http://[::1]:9000': {host: '[::1]', port: 9000},
    'http://127.0.0.1:9000/': {host: '127.0.0.1', secure: false},
    'https://bücher.example': {host: 'xn--bcher-kva.example'},
    ' https://broker.example ': {host: 'broker.example'},
  };
  for (const [url, expected] of Object.entries(parsed)) {
    it(`reads ${url}`, () => {
      expect(parseBroker(url)).to.include(expected);
    });
  }

  it('gives the public broker where there is none', () => {
    expect(parseBroker(undefined)).to.equal(publicBroker);
  });

  for (const url of [
    '',
    ' ',
    'broker.example',
    'broker.example:9000',
    '/path',
    '//broker.example',
    'https://',
    'http://:9000',
    'https://broker.example:port',
    'https://broker.example:99999',
    'ws://broker.example',
    'wss://broker.example',
    'javascript:alert(1)',
    'data:text/plain,x',
    'file:///etc/passwd',
    'x'.repeat(100_000),
  ]) {
    it(`refuses "${url.slice(0, 40)}"`, () => {
      try {
        parseBroker(url);
        expect.fail('taken');
      } catch (error) {
        expect(error).to.be.instanceOf(RtcError);
        expect((error as RtcError).code).to.equal('bad-attribute');
        expect((error as RtcError).message)
          .to.contain('broker="')
          .and.to.have.length.below(200);
      }
    });
  }
});

describe('PeerJsSignaling', () => {
  let settle: () => void;
  const started: TestBroker[] = [];
  const open: PeerJsSignaling[] = [];

  async function start(options: Record<string, string | number>) {
    const broker = await startBroker(options);
    started.push(broker);
    return broker;
  }
  function create(url: string) {
    const signaling = new PeerJsSignaling(parseBroker(url));
    open.push(signaling);
    return signaling;
  }

  beforeEach(() => {
    settle = watchErrors();
  });
  afterEach(async () => {
    restoreAll();
    closeStrangers();
    for (const signaling of open.splice(0)) {
      signaling.close();
    }
    await Promise.all(started.splice(0).map(stopBroker));
    settle();
  });

  /** Urls a page would connect to, and nothing that does. */
  function watchUrls(): string[] {
    const urls: string[] = [];
    replace(
      window,
      'WebSocket',
      class {
        constructor(url: string) {
          urls.push(url);
        }
        close() {
          // Never open.
        }
      },
    );
    return urls;
  }

  async function urlFor(signaling: PeerJsSignaling, id: string): Promise<URL> {
    const urls = watchUrls();
    const attempt = new AbortController();
    const opening = signaling.open(id, {signal: attempt.signal}).catch(() => undefined);
    const url = await until(() => urls[0], 'a socket');
    attempt.abort();
    await opening;
    return new URL(url);
  }

  it('contacts the public broker unless told otherwise', async () => {
    const id = randomId();
    const url = await urlFor(new PeerJsSignaling(), id);
    expect(url.href.replace(/token=[0-9a-f]{32}/, 'token=T')).to.equal(
      `wss://0.peerjs.com/peerjs?key=peerjs&id=${id}&token=T&version=1.5.5`,
    );
  });

  it('contacts the broker it is given, by the same way', async () => {
    const id = randomId();
    const url = await urlFor(create('http://broker.example:9000/my/path?key=a%26b'), id);
    expect(url.href.replace(/token=[0-9a-f]{32}/, 'token=T')).to.equal(
      `ws://broker.example:9000/my/path/peerjs?key=a%26b&id=${id}&token=T&version=1.5.5`,
    );
  });

  it('has a token of its own for each address, which nobody can guess', async () => {
    const tokens = [];
    for (let i = 0; i < 3; i++) {
      tokens.push((await urlFor(new PeerJsSignaling(), randomId())).searchParams.get('token'));
      restoreAll();
    }
    expect(new Set(tokens).size).to.equal(3);
    // Not by `Math.random()`, as PeerJS does.
    replace(Math, 'random', () => 0.5);
    const one = await urlFor(new PeerJsSignaling(), randomId());
    restoreAll();
    replace(Math, 'random', () => 0.5);
    const other = await urlFor(new PeerJsSignaling(), randomId());
    expect(one.searchParams.get('token')).to.not.equal(other.searchParams.get('token'));
  });

  it('finds a broker with a path and a key', async () => {
    const broker = await start({path: '/calls/', key: 'abc'});
    const signaling = create(broker.url);
    const id = randomId();
    await signaling.open(id, {signal});
    expect(await takenIds(broker)).to.deep.equal([id]);
  });

  it('opens no connection to the server for anything but the socket', async () => {
    const broker = await start({});
    let fetched = 0;
    const original = window.fetch;
    replace(window, 'fetch', (...args: Parameters<typeof fetch>) => {
      fetched++;
      return original.apply(window, args);
    });
    await create(broker.url).open(randomId(), {signal});
    expect(fetched).to.equal(0);
  });

  it('knows a wrong key', async () => {
    const broker = await start({key: 'abc'});
    const signaling = create(broker.url.replace(/\?.*/, '?key=other'));
    expect(await codeOf(() => signaling.open(randomId(), {signal}))).to.equal('broker-error');
  });

  it('knows a full broker', async () => {
    const broker = await start({concurrent_limit: 1});
    await create(broker.url).open(randomId(), {signal});
    expect(await codeOf(() => create(broker.url).open(randomId(), {signal}))).to.equal(
      'broker-full',
    );
  });

  it('knows a broker that is down', async () => {
    const broker = await start({});
    await stopBroker(started.pop()!);
    expect(await codeOf(() => create(broker.url).open(randomId(), {signal}))).to.equal(
      'broker-unreachable',
    );
  });

  for (const [kind, code] of [
    ['http500', 'broker-unreachable'],
    ['garbage', 'broker-error'],
  ] as const) {
    it(`knows a broker that is ${kind}`, async () => {
      const broker = await start({kind});
      expect(await codeOf(() => create(broker.url).open(randomId(), {signal}))).to.equal(code);
      await until(async () => (await brokerInfo(broker)).sockets === 0, 'no socket');
    });
  }

  for (const kind of ['silent', 'mute']) {
    it(`does not wait for ever for a broker that is ${kind}`, async () => {
      hurry({10_000: 300});
      const broker = await start({kind});
      expect(await codeOf(() => create(broker.url).open(randomId(), {signal}))).to.equal(
        'broker-unreachable',
      );
      if (kind === 'mute') {
        // The silent one does not notice.
        await until(async () => (await brokerInfo(broker)).sockets === 0, 'no socket');
      }
    });
  }

  it('outlives a broker that talks nonsense after it has let us in', async () => {
    const broker = await start({kind: 'open-garbage'});
    const signaling = create(broker.url);
    const heard: unknown[] = [];
    signaling.addEventListener('message', ({data}) => heard.push(data));
    await signaling.open(randomId(), {signal});
    signaling.send('anybody', {n: 1});
    await until(async () => (await brokerInfo(broker)).log.length, 'our message');
    expect(heard).to.be.empty;
  });

  it('tells once when the connection is lost', async () => {
    const broker = await start({});
    const signaling = create(broker.url);
    await signaling.open(randomId(), {signal});
    let closed = 0;
    signaling.addEventListener('close', () => closed++);
    const closing = once<SignalingCloseEvent>(signaling, 'close');
    await dropConnections(broker);
    expect((await closing).error.code).to.equal('broker-unreachable');
    signaling.send('anybody', {n: 1});
    signaling.close();
    expect(closed).to.equal(1);
  });

  it('tells nothing when it is closed by ourselves', async () => {
    const broker = await start({});
    const signaling = create(broker.url);
    const id = randomId();
    await signaling.open(id, {signal});
    let closed = 0;
    signaling.addEventListener('close', () => closed++);
    signaling.close();
    await until(async () => (await brokerInfo(broker)).sockets === 0, 'no socket');
    expect(await takenIds(broker)).to.be.empty;
    expect(closed).to.equal(0);
  });

  describe('with a ticket', () => {
    /** What comes, in the order of its coming. */
    function hear(signaling: PeerJsSignaling): unknown[] {
      const heard: unknown[] = [];
      signaling.addEventListener('message', ({data}) => heard.push(data));
      return heard;
    }

    it('takes its address over while the server still holds the old connection', async () => {
      const broker = await start({});
      const [id, ticket] = [randomId(), randomId()];
      const [old, next, other] = [create(broker.url), create(broker.url), create(broker.url)];
      const [heardByOld, heard] = [hear(old), hear(next)];
      await old.open(id, {signal, ticket});
      await next.open(id, {signal, ticket});
      await other.open(randomId(), {signal});
      other.send(id, {n: 1});
      await until(() => heard.length === 1, 'mail');
      // The end of the old connection is not the end of the new one.
      old.close();
      await until(async () => (await brokerInfo(broker)).sockets === 2, 'its end');
      expect(await takenIds(broker)).to.include(id);
      other.send(id, {n: 2});
      next.send(id, {n: 3});
      await until(() => heard.length === 3, 'more mail');
      expect(heard).to.deep.equal([{n: 1}, {n: 2}, {n: 3}]);
      expect(heardByOld).to.be.empty;
    });

    it('comes back by another line while the server believes in the dead one', async () => {
      const broker = await start({});
      const [id, ticket] = [randomId(), randomId()];
      const [old, next] = [create(broker.url), create(broker.url)];
      const heard = hear(next);
      await old.open(id, {signal, ticket});
      await freezeBroker(broker);
      old.close();
      const opening = next.open(id, {signal, ticket});
      await thawBroker(broker);
      await opening;
      next.send(id, {n: 1});
      await until(() => heard.length, 'the echo');
      expect(await takenIds(broker)).to.deep.equal([id]);
    });

    it('tells when it is lost after it was taken over', async () => {
      const broker = await start({});
      const [id, ticket] = [randomId(), randomId()];
      await create(broker.url).open(id, {signal, ticket});
      const next = create(broker.url);
      await next.open(id, {signal, ticket});
      const closing = once<SignalingCloseEvent>(next, 'close');
      await dropConnections(broker);
      expect((await closing).error.code).to.equal('broker-unreachable');
    });

    it('gives its address to no other ticket', async () => {
      const broker = await start({});
      const id = randomId();
      const holder = create(broker.url);
      const heard = hear(holder);
      await holder.open(id, {signal, ticket: randomId()});
      for (const ticket of [undefined, randomId()]) {
        const options = {signal, ...(ticket && {ticket})};
        expect(await codeOf(() => create(broker.url).open(id, options))).to.equal('address-taken');
      }
      holder.send(id, {n: 1});
      await until(() => heard.length, 'the echo');
    });
  });

  describe('of a message that nobody got', () => {
    it('tells whom it was for', async () => {
      const broker = await start({expire_timeout: 300});
      const signaling = create(broker.url);
      await signaling.open(randomId(), {signal});
      const nobody = randomId();
      const telling = once<SignalingUndeliveredEvent>(signaling, 'undelivered');
      signaling.send(nobody, {n: 1});
      expect((await telling).to).to.equal(nobody);
    });

    it('is told once for many, and not of those that arrive', async () => {
      const broker = await start({expire_timeout: 300});
      const [signaling, friend] = [create(broker.url), create(broker.url)];
      const [id, late] = [randomId(), randomId()];
      await signaling.open(randomId(), {signal});
      await friend.open(id, {signal});
      const told: string[] = [];
      signaling.addEventListener('undelivered', ({to}) => told.push(to));
      const [one, other] = [randomId(), randomId()];
      for (const to of [one, id, one, late, one]) {
        signaling.send(to, {n: 1});
      }
      // Who comes in time gets what waits.
      const latecomer = create(broker.url);
      const hearing = once(latecomer, 'message');
      await latecomer.open(late, {signal});
      await hearing;
      await until(() => told.length, 'the first');
      signaling.send(other, {n: 1});
      await until(() => told.includes(other), 'the last');
      expect(told).to.deep.equal([one, other]);
    });

    it('may be told by anybody, of their own address', async () => {
      const broker = await start({});
      const [signaling, id, own] = [create(broker.url), randomId(), randomId()];
      await signaling.open(id, {signal});
      const stranger = await Stranger.open(broker, own);
      const telling = once<SignalingUndeliveredEvent>(signaling, 'undelivered');
      stranger.send('EXPIRE', id, {src: 'somebody else'});
      expect((await telling).to).to.equal(own);
    });
  });
});
