import {expect} from '@open-wc/testing';
import type {RtcError} from '../../../src/core/errors.js';
import type {Member} from '../../../src/networks/network.js';
import {WhepNetwork} from '../../../src/networks/whep.js';
import {WhipNetwork, type WhipOptions} from '../../../src/networks/whip.js';
import {MediaServer, stopMediaServers} from '../media-servers.js';
import {packetsOf, silenceAll, toneAndPicture} from '../stream-server.js';
import {
  codeOf,
  ConnectionWitness,
  once,
  randomId,
  replace,
  restoreAll,
  until,
  untilMoving,
  watchErrors,
} from '../support.js';

interface Request {
  readonly method: string;
  readonly url: string;
  readonly status: number;
}

const networks: (WhipNetwork | WhepNetwork)[] = [];
const streams: MediaStream[] = [];
/** What was asked of media servers, and answered: 0 for nothing. */
let requests: Request[];
let witness: ConnectionWitness;
let settle: () => void;

function listenToRequests() {
  requests = [];
  const {fetch} = window;
  replace(window, 'fetch', async (url: string, init?: RequestInit) => {
    const note = (status: number) => requests.push({method: init?.method ?? 'GET', url, status});
    try {
      const response = await fetch.call(window, url, init);
      note(response.status);
      return response;
    } catch (error) {
      note(0);
      throw error;
    }
  });
}

const statusesOf = (method: string) =>
  requests.filter((request) => request.method === method).map(({status}) => status);

function publish(server: MediaServer, name: string, options: Partial<WhipOptions> = {}) {
  const stream = toneAndPicture();
  streams.push(stream);
  const network = new WhipNetwork({
    endpoint: server.whip(name),
    token: server.token,
    configuration: () => ({}),
    ...options,
  });
  networks.push(network);
  const [mic, camera] = [stream.getAudioTracks()[0]!, stream.getVideoTracks()[0]!];
  network.setTracks({mic, camera});
  return network;
}

function watch(server: MediaServer, name: string, token = server.token) {
  const endpoint = server.whep(name);
  const network = new WhepNetwork({endpoint, token, configuration: () => ({})});
  networks.push(network);
  return network;
}

/** The stream, once it plays. */
const untilPlaying = (network: WhepNetwork, timeoutMs = 20_000): Promise<Member> =>
  until(
    () => {
      // Without waiting for the next try.
      network.check();
      const [member] = network.members;
      return member?.connection === 'connected' && member.state && !member.state.cameraOff
        ? member
        : undefined;
    },
    'a stream',
    timeoutMs,
  );

const isKeptBy = (pc: RTCPeerConnection) => /a=ice-ufrag:(\S+)/.exec(pc.remoteDescription!.sdp)![1];

/** A page of its own that publishes, and says good-bye. */
function publishFromFrame(server: MediaServer, name: string): HTMLIFrameElement {
  const frame = document.createElement('iframe');
  const options = JSON.stringify({endpoint: server.whip(name), token: server.token});
  const whip = new URL('../../../src/networks/whip.ts', import.meta.url).href;
  frame.srcdoc = `<canvas></canvas><script type="module">
    import {WhipNetwork} from '${whip}';
    const canvas = document.querySelector('canvas');
    const context = canvas.getContext('2d');
    setInterval(() => context.fillRect(Math.random() * 300, 0, 5, 5), 50);
    const [camera] = canvas.captureStream(15).getVideoTracks();
    const network = new WhipNetwork({...${options}, configuration: () => ({})});
    network.setTracks({camera});
    addEventListener('pagehide', () => {
      const {fetch} = window;
      window.fetch = (url, init) => {
        parent.lastWord = init.method + ' ' + init.keepalive;
        return fetch(url, init);
      };
      network.close('away');
    });
    await network.open();
  </script>`;
  document.body.append(frame);
  return frame;
}

/** Runs before and after each test of this file. */
function prepare() {
  beforeEach(() => {
    settle = watchErrors();
    witness = new ConnectionWitness();
    listenToRequests();
  });
  afterEach(() => {
    for (const network of networks.splice(0)) {
      network.close();
    }
    for (const track of streams.splice(0).flatMap((stream) => stream.getTracks())) {
      track.stop();
    }
    silenceAll();
    restoreAll();
    settle();
    expect(witness.live, 'connections').to.be.empty;
  });
}

// The same over all servers: who can do what differs, what comes of it does not.
for (const kind of ['mediamtx', 'janus']) {
  describe(`A broadcast by way of ${kind}`, function () {
    this.timeout(60_000);
    let server: MediaServer;

    before(async function () {
      this.timeout(60_000);
      server = await MediaServer.start(this, kind);
    });
    after(stopMediaServers);

    prepare();

    for (const music of [false, true]) {
      it(`carries picture and ${music ? 'music' : 'sound'} from the stage to the audience`, async () => {
        const name = randomId();
        const stage = publish(server, name, {music});
        await stage.open();
        const audience = watch(server, name);
        await audience.open();
        const {stream, state} = await untilPlaying(audience);
        await untilMoving(stream);
        await until(() => audience.members[0]!.state!.micOff === false, 'the sound');
        expect(state!.cameraOff).to.be.false;
        const stats = async () => (await audience.getStats()).get('stream')!;
        await until(async () => packetsOf({getStats: stats}, 'audio'), 'packets of the sound');
      });
    }

    it('lets nobody in without the token', async () => {
      const name = randomId();
      const stranger = publish(server, name, {token: 'not:this'});
      expect(await codeOf(() => stranger.open())).to.equal('server-rejected');
      expect(statusesOf('POST')).to.deep.equal([401]);
      await publish(server, name).open();
      // A server may say first that there is no such stream.
      await until(
        async () =>
          (await codeOf(() => watch(server, name, 'not:this').open())) === 'server-rejected',
        'a refusal',
      );
      expect(statusesOf('POST').at(-1)).to.be.oneOf([401, 403]);
    });

    it('is waited for until it begins, and after it has ended', async () => {
      const name = randomId();
      const audience = watch(server, name);
      const told: string[] = [];
      audience.addEventListener('member-joined', () => told.push('joined'));
      audience.addEventListener('member-left', () => told.push('left'));
      await audience.open();
      expect(audience.isOnline).to.be.true;
      expect(audience.members).to.be.empty;
      const stage = publish(server, name);
      await stage.open();
      const {stream} = await untilPlaying(audience);
      await untilMoving(stream);
      stage.close();
      await until(() => requests.some(({method}) => method === 'DELETE'), 'the end');
      await until(
        () => {
          audience.check();
          return told.includes('left');
        },
        'an empty stage',
        40_000,
      );
      await publish(server, name).open();
      await untilMoving((await untilPlaying(audience)).stream);
      expect(told).to.deep.equal(['joined', 'left', 'joined']);
    });

    it('begins once a server comes that was away', async () => {
      await server.kill();
      const name = randomId();
      const stage = publish(server, name);
      const told: string[] = [];
      stage.addEventListener('error', ({error}) => told.push(error.code));
      const opening = stage.open();
      await until(() => told.length, 'the trouble');
      await server.restart();
      await opening;
      expect(stage.isOnline).to.be.true;
      // Other words may come of a server that is just starting.
      expect(told[0]).to.equal('broker-unreachable');
      const audience = watch(server, name);
      await audience.open();
      await untilMoving((await untilPlaying(audience)).stream);
    });

    if (kind === 'mediamtx') {
      it('is waited for where the server is looking for it, whenever one comes', async () => {
        const told: string[] = [];
        const wait = () => {
          const audience = watch(server, 'elsewhere');
          audience.addEventListener('error', ({error}) => told.push(error.message));
          return audience.open();
        };
        const first = wait();
        const lateAt = performance.now() + 3_000;
        await until(() => performance.now() > lateAt, 'the search');
        await Promise.all([first, wait()]);
        // The first one asks again and again.
        expect(statusesOf('POST').slice(0, 3)).to.deep.equal([400, 400, 400]);
        expect(told).to.be.empty;
      });

      it('is waited for where the server knows no such place, and that is told', async () => {
        const audience = watch(server, 'no$where');
        const told: (string | undefined)[] = [];
        audience.addEventListener('error', ({error}) => told.push(error.detail));
        await audience.open();
        // From then on it asks again and again.
        expect(statusesOf('POST').slice(0, 2)).to.deep.equal([400, 400]);
        expect(told).to.have.length(1);
        expect(told[0]).to.match(/^400 invalid path name: .*no\$where/);
        expect(audience.isOnline).to.be.true;
      });
    }

    it('goes on when the server has died and come back', async () => {
      const name = randomId();
      const stage = publish(server, name);
      await stage.open();
      const audience = watch(server, name);
      await audience.open();
      const {stream} = await untilPlaying(audience);
      await untilMoving(stream);
      await server.kill();
      await until(
        () => !stage.isOnline && audience.members[0]!.connection === 'reconnecting',
        'the loss',
        40_000,
      );
      expect(audience.members[0]!.stream.getVideoTracks(), 'the last picture').to.have.length(1);
      await server.restart();
      await until(
        () => {
          stage.check();
          return stage.isOnline && witness.used.length;
        },
        'the stage again',
        40_000,
      );
      const member = await untilPlaying(audience, 40_000);
      expect(member.stream).to.equal(stream);
      await untilMoving(stream);
    });

    it('finds other paths when the network has changed', async () => {
      const name = randomId();
      const stage = publish(server, name);
      await stage.open();
      const audience = watch(server, name);
      await audience.open();
      const {stream} = await untilPlaying(audience);
      await untilMoving(stream);
      // The connections of those that waited are closed.
      const before = witness.live.map(isKeptBy);
      stage.check({hasMoved: true});
      if (kind === 'mediamtx') {
        // The other makes counter-offers: it would have to begin.
        audience.check({hasMoved: true});
      }
      const count = kind === 'mediamtx' ? 2 : 1;
      await until(
        () => statusesOf('PATCH').filter((status) => status === 200).length >= count,
        'restarts',
      );
      await until(
        () => witness.live.filter((pc, i) => isKeptBy(pc) !== before[i]).length === count,
        'other credentials',
      );
      await until(() => witness.used.length === 2, 'connections');
      await untilMoving(stream);
      const packets = () => packetsOf(witness.live[1]!, 'video');
      const from = await packets();
      await until(async () => (await packets()) > from + 20, 'more of the picture');
      expect(witness.live).to.have.length(2);
      expect(stage.isOnline && audience.isOnline).to.be.true;
    });

    it('is ended at the server by who leaves', async () => {
      const name = randomId();
      const stage = publish(server, name);
      await stage.open();
      const audience = watch(server, name);
      await audience.open();
      await untilMoving((await untilPlaying(audience)).stream);
      audience.close();
      stage.close();
      // Of each kind there may have been more than one, on a busy machine; 406 comes with a counter-offer.
      const begun = statusesOf('POST').filter((status) => status === 201 || status === 406);
      expect(begun).to.have.length.least(2);
      await until(() => statusesOf('DELETE').length === begun.length, 'the ends');
      // A server may have seen the connection end first.
      for (const status of statusesOf('DELETE')) {
        expect(status).to.be.oneOf([200, 204, 404]);
      }
      await watch(server, name).open();
      await until(() => statusesOf('POST').at(-1) === 404, 'an empty stage');
    });

    it('is ended by a page that goes', async () => {
      const name = randomId();
      const frame = publishFromFrame(server, name);
      const audience = watch(server, name);
      await audience.open();
      await untilMoving((await untilPlaying(audience)).stream);
      frame.remove();
      expect((window as {lastWord?: string}).lastWord).to.equal('DELETE true');
      await until(
        () => {
          audience.check();
          return !audience.members.length;
        },
        'an empty stage',
        40_000,
      );
    });
  });
}

describe('A broadcast by way of a server that goes wrong', function () {
  this.timeout(60_000);
  let server: MediaServer;

  before(async function () {
    this.timeout(60_000);
    server = await MediaServer.start(this, 'faulty');
  });
  after(stopMediaServers);
  prepare();

  /** A stage whose endpoint has orders. */
  const stageWith = (orders: string, name = randomId()) =>
    publish(server, name, {endpoint: `${server.whip(name)}?${orders}`});

  const untilConnected = () => until(() => witness.used.length, 'a connection');

  /** What the server was asked by this page since this test began, preflights aside. */
  const logSince = async (count: number) =>
    (await server.log()).slice(count).filter(({method}) => method !== 'OPTIONS');

  /** Goes through a whole session, and gives what was asked of the server. */
  const session = async (orders: string) => {
    const {length} = await server.log();
    const stage = stageWith(orders);
    await stage.open();
    await untilConnected();
    stage.close();
    return until(async () => {
      const log = await logSince(length);
      return log.some(({method, status}) => method === 'DELETE' && status) && log;
    }, 'the end') as Promise<Awaited<ReturnType<typeof logSince>>>;
  };

  for (const orders of ['', 'location=relative', 'redirect=same', 'patch=405', 'etag=none']) {
    it(`ends well with ${orders || 'nothing wrong'}`, async () => {
      const log = await session(orders);
      // A candidate that was on its way may come after it.
      const end = log.find(({method}) => method === 'DELETE')!;
      expect(end.status).to.equal(200);
      for (const {headers} of log) {
        expect(headers.authorization).to.equal(`Bearer ${server.token}`);
      }
    });
  }

  it('tells no other origin its token', async () => {
    for (const orders of ['location=other', 'redirect=other']) {
      const log = await session(orders);
      const own = new URL(server.whip('any')).origin;
      const elsewhere = log.filter(({url}) => new URL(url).origin !== own);
      expect(
        elsewhere.map(({method}) => method),
        orders,
      ).to.include('DELETE');
      for (const {headers} of elsewhere) {
        expect(headers.authorization, orders).to.be.undefined;
      }
    }
  });

  for (const [orders, detail] of [
    [
      'redirect=same&by=301',
      /^405 \(redirected to 127.+; only 307 and 308 take the offer along\)$/,
    ],
    [
      'redirect=other&by=302',
      /^405 \(redirected to 127.+; only 307 and 308 take the offer along\)$/,
    ],
    ['redirect=other&post=401', /^401 \(redirected to 127.+; the token does not go along\)$/],
    ['redirect=same&post=401', /^401 \(redirected to 127[^;]+\)$/],
    ['type=text/html', /^whip: a web page \(201 text\/html\) instead of application\/sdp$/],
    ['post=405&type=text/html', /^whip: a web page \(405 text\/html\) instead/],
  ] as const) {
    it(`says what is wrong with ${orders}`, async () => {
      const error = await stageWith(orders)
        .open()
        .catch((cause: RtcError) => cause);
      expect(error?.code).to.equal('server-rejected');
      expect(error?.detail).to.match(detail);
    });
  }

  it('goes on at another origin by 308 as well', async () => {
    expect((await session('redirect=other&by=308')).at(-1)!.status).to.equal(200);
  });

  for (const [orders, matches] of [
    ['etag=strict', ['*']],
    ['etag=quoted', ['*', '"*"']],
  ] as const) {
    it(`restarts ICE with ${orders}`, async () => {
      const stage = stageWith(orders);
      const {length} = await server.log();
      await stage.open();
      await untilConnected();
      stage.check({hasMoved: true});
      const seen = await until(async () => {
        const log = await logSince(length);
        const isDone = log.some(({method, status}) => method === 'PATCH' && status === 200);
        return isDone ? log : undefined;
      }, 'a restart');
      expect(
        seen.map(({headers}) => headers['if-match']).filter((match) => match?.includes('*')),
      ).to.deep.equal(matches);
      await until(() => stage.isOnline && witness.used.length, 'a connection');
    });
  }

  it('does not get in where the page may not look, and says so while it tries', async () => {
    const stage = stageWith('cors=none');
    const told = once<Event & {error: RtcError}>(stage, 'error');
    stage.open().catch(() => undefined);
    expect((await told).error.code).to.equal('broker-unreachable');
    expect(stage.isOnline).to.be.false;
  });

  for (const status of [503, 404]) {
    it(`begins after all, when the server was not ready (${status})`, async () => {
      const stage = stageWith(`post=${status}&times=2&retry-after=0`);
      const told: (string | undefined)[] = [];
      stage.addEventListener('error', ({error}) => told.push(error.detail));
      await stage.open();
      await untilConnected();
      expect(told).to.deep.equal([String(status)]);
      expect(statusesOf('POST')).to.deep.equal([status, status, 201]);
    });
  }

  it('is watched after all, when the server was not ready', async () => {
    const name = randomId();
    await publish(server, name).open();
    await untilConnected();
    const endpoint = `${server.whep(name)}?post=503&times=2&retry-after=0`;
    const audience = new WhepNetwork({endpoint, configuration: () => ({})});
    networks.push(audience);
    await audience.open();
    expect(audience.isOnline).to.be.false;
    // Of what Firefox offers this server takes the sound only: it does not know of bundle-only sections.
    await until(() => audience.members[0]?.state?.micOff === false, 'the sound');
    expect(audience.isOnline).to.be.true;
    expect(statusesOf('POST').filter((status) => status === 503)).to.have.length(2);
  });

  it('is ended by a page that goes', async () => {
    const name = randomId();
    const frame = publishFromFrame(server, name);
    // What the test before has left may still be coming in as well.
    const seen = async (wanted: string) =>
      (await server.log()).find(
        ({method, status, ...request}) => method === wanted && status && request.name === name,
      );
    await until(() => seen('PATCH'), 'a session');
    frame.remove();
    const word = await until(() => seen('DELETE'), 'the last word');
    expect(word.headers.authorization).to.equal(`Bearer ${server.token}`);
  });
});
