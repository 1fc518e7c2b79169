import {expect} from '@open-wc/testing';
import {RtcError} from '../../../src/core/errors.js';
import {parseBroker, PeerJsSignaling, publicBroker} from '../../../src/signaling/peerjs.js';
import type {SignalingCloseEvent} from '../../../src/signaling/signaling.js';
import {
  brokerInfo,
  codeOf,
  dropConnections,
  hurry,
  once,
  randomId,
  replace,
  restoreAll,
  startBroker,
  stopBroker,
  takenIds,
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
});
