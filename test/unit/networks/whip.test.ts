import {expect} from '@open-wc/testing';
import type {RtcError} from '../../../src/core/errors.js';
import {WhipNetwork, type WhipOptions} from '../../../src/networks/whip.js';
import {packetsOf, plain, requireMixing, silenceAll, StreamServer, tone} from '../stream-server.js';
import {
  canvasStream,
  closePaths,
  codeOf,
  ConnectionWitness,
  once,
  Path,
  replace,
  restoreAll,
  until,
  untilMoving,
  watchErrors,
} from '../support.js';

const networks: WhipNetwork[] = [];
const tracks: MediaStreamTrack[] = [];
let server: StreamServer;
let witness: ConnectionWitness;
let settle: () => void;

/** A network, and what it has told. */
function create(options: Partial<WhipOptions> = {}) {
  const network = new WhipNetwork({
    endpoint: server.whip,
    configuration: () => ({}),
    ...options,
  });
  const told: string[] = [];
  network.addEventListener('error', ({error}) => told.push(`error ${error.code}`));
  network.addEventListener('close', ({error}) => told.push(`close ${error.code}`));
  network.addEventListener('change', () => told.push(network.isOnline ? 'online' : 'offline'));
  networks.push(network);
  return {network, told};
}

const picture = () => {
  const [track] = canvasStream().getVideoTracks();
  tracks.push(track!);
  return track!;
};

/** Lets no time pass between tries, and writes down how long it would have been. */
function quicken(): number[] {
  const delays: number[] = [];
  const original = window.setTimeout.bind(window);
  const isPause = (ms: number) => [500, 1_000, 2_000, 4_000, 7_500, 7_000, 60_000].includes(ms);
  replace(Math, 'random', () => 0);
  replace(window, 'setTimeout', (act: TimerHandler, ms = 0, ...more: unknown[]) => {
    if (!isPause(ms)) {
      return original(act, ms, ...more);
    }
    delays.push(ms);
    return original(act, 5, ...more);
  });
  return delays;
}

describe('WhipNetwork', () => {
  beforeEach(() => {
    settle = watchErrors();
    server = new StreamServer();
    witness = new ConnectionWitness();
  });
  afterEach(async () => {
    for (const network of networks.splice(0)) {
      network.close();
    }
    for (const track of tracks.splice(0)) {
      track.stop();
    }
    server.close();
    silenceAll();
    restoreAll();
    settle();
    expect(witness.live, 'connections').to.be.empty;
    await closePaths();
  });

  it('is in when the server has agreed, and alone', async () => {
    const {network, told} = create();
    expect(network.isOnline).to.be.false;
    await network.open();
    expect(network.isOnline).to.be.true;
    expect(network.members).to.be.empty;
    expect(told).to.deep.equal(['online']);
    expect(await codeOf(() => network.send())).to.equal('peer-unavailable');
    expect((await network.getStats()).get('stream')!.size).to.be.above(0);
  });

  it('sends what it was given before it was opened, and after', async () => {
    const {network} = create();
    network.setTracks({camera: picture()});
    await network.open();
    const [session] = server.live;
    await untilMoving(session!.stream);
    network.setTracks({mic: tone()});
    await until(() => packetsOf(session!.pc, 'audio'), 'sound');
  });

  it('sends the screen in place of the camera, while there is one', async () => {
    const {network} = create();
    await network.open();
    const [camera, screen] = [picture(), picture()];
    const sent = () =>
      witness.all[0]!.getSenders().find(({track}) => track?.kind === 'video')?.track;
    network.setTracks({camera});
    await until(() => sent() === camera, 'the camera');
    network.setTracks({camera, screen});
    await until(() => sent() === screen, 'the screen');
    network.setTracks({camera});
    await until(() => sent() === camera, 'the camera again');
    network.setTracks({});
    await until(() => !sent(), 'nothing');
  });

  it('sends the sound of the screen beside the microphone', async function () {
    await requireMixing(this);
    const {network} = create();
    await network.open();
    const [mic, screen] = [tone(), tone()];
    const sent = () =>
      witness.all[0]!.getSenders().find(({track}) => track?.kind === 'audio')?.track;
    network.setTracks({mic, 'screen-audio': screen});
    const mixed = await until(() => {
      const track = sent();
      return track && track !== mic ? track : undefined;
    }, 'a mix');
    expect(mixed).to.not.equal(screen);
    await until(() => packetsOf(server.live[0]!.pc, 'audio'), 'sound at the server');
    network.setTracks({mic});
    await until(() => sent() === mic, 'the microphone');
    expect(mixed.readyState).to.equal('ended');
    network.setTracks({'screen-audio': screen});
    await until(() => sent() === screen, 'the screen alone');
    network.close();
    expect([mic.readyState, screen.readyState]).to.deep.equal(['live', 'live']);
  });

  it('says why it is not let in, and does not try again', async () => {
    const page = {'Content-Type': 'text/html'};
    for (const [what, response, code] of [
      ['no token', plain(401, 'who?'), 'server-rejected'],
      ['not allowed', plain(403, ''), 'server-rejected'],
      ['bad', plain(400, "path 'x' is not configured"), 'server-rejected'],
      ['no such method', plain(405, ''), 'server-rejected'],
      ['a page', new Response('<html>', {status: 200, headers: page}), 'server-rejected'],
    ] as const) {
      server.asked.length = 0;
      server.fault = () => response;
      const {network, told} = create();
      expect(await codeOf(() => network.open()), what).to.equal(code);
      expect(server.askedBy('POST'), what).to.have.length(1);
      expect(told, what).to.be.empty;
    }
  });

  it('waits to be let in by a server that is not ready', async () => {
    const delays = quicken();
    for (const [what, response, code] of [
      ['away', undefined, 'broker-unreachable'],
      ['starting', plain(404, ''), 'server-rejected'],
      ['taken', plain(409, ''), 'server-rejected'],
      ['broken', plain(500, ''), 'server-rejected'],
      ['busy', plain(503, '', {'Retry-After': '7'}), 'server-rejected'],
    ] as const) {
      server.isDown = !response;
      server.fault = () => response?.clone();
      server.asked.length = 0;
      delays.length = 0;
      const {network, told} = create();
      const opening = network.open();
      await until(() => server.askedBy('POST').length > 2, `${what}: more tries`);
      expect(told, what).to.deep.equal([`error ${code}`]);
      expect(network.isOnline, what).to.be.false;
      expect(delays.slice(0, 2), what).to.deep.equal(
        what === 'busy' ? [7_000, 7_000] : [500, 1_000],
      );
      server.isDown = false;
      server.fault = undefined;
      await opening;
      expect(told, what).to.deep.equal([`error ${code}`, 'online']);
      network.close();
    }
  });

  it('does not wait for ever', async () => {
    quicken();
    let skewMs = 0;
    const {now} = performance;
    replace(performance, 'now', () => now.call(performance) + skewMs);
    server.isDown = true;
    const {network} = create();
    const opening = codeOf(() => network.open());
    await until(() => server.asked.length > 2, 'more tries');
    skewMs = 121_000;
    expect(await opening).to.equal('broker-unreachable');
    const {length} = server.asked;
    network.check();
    expect(server.asked).to.have.length(length);
  });

  it('tells what the page cannot give', async () => {
    const configuration = () => Promise.reject(new Error('no credentials'));
    expect(await codeOf(() => create({configuration}).network.open())).to.equal(
      'connection-failed',
    );
    expect(server.asked).to.be.empty;
  });

  it('comes back after the server has hung up, with what it sends now', async () => {
    quicken();
    const {network, told} = create();
    network.setTracks({camera: picture()});
    await network.open();
    await untilMoving(server.live[0]!.stream);
    const camera = picture();
    network.setTracks({camera});
    server.hangUp();
    await until(() => server.live.length, 'another session');
    await untilMoving(server.live[0]!.stream);
    expect(told).to.deep.equal(['online', 'offline', 'online']);
    expect(witness.live).to.have.length(1);
  });

  it('tries longer and longer while the server is away, and tells it once', async () => {
    const delays = quicken();
    const {network, told} = create();
    await network.open();
    await until(() => witness.used.length, 'a connection');
    server.isDown = true;
    server.hangUp();
    await until(() => delays.length >= 8, 'some tries');
    server.isDown = false;
    await until(() => network.isOnline && witness.used.length, 'a connection again');
    expect(delays.filter((ms) => ms !== 1_000).slice(0, 4)).to.deep.equal([
      500, 2_000, 4_000, 7_500,
    ]);
    expect(delays.slice(-1)).to.deep.equal([7_500]);
    expect(told).to.deep.equal(['online', 'offline', 'error broker-unreachable', 'online']);
  });

  it('waits as long as the server asks, up to a minute', async () => {
    const delays = quicken();
    const {network} = create();
    await network.open();
    await until(() => witness.used.length, 'a connection');
    const answers = ['7', '3600'];
    server.fault = ({method}) => {
      const after = method === 'POST' ? answers.shift() : undefined;
      return after ? plain(503, 'later', {'Retry-After': after}) : undefined;
    };
    server.hangUp();
    await until(() => network.isOnline && server.live.length, 'another session');
    expect(delays.filter((ms) => ms === 7_000 || ms === 60_000)).to.deep.equal([7_000, 60_000]);
  });

  it('comes back to a server that still has the session before', async () => {
    quicken();
    const {network, told} = create();
    await network.open();
    await until(() => witness.used.length, 'a connection');
    let count = 0;
    server.fault = ({method}) =>
      method === 'POST' && count++ < 2 ? plain(400, 'someone is already publishing') : undefined;
    server.hangUp();
    await until(() => network.isOnline && server.live.length, 'another session');
    expect(told).to.deep.equal(['online', 'offline', 'error server-rejected', 'online']);
  });

  it('ends when the server does not want it any more', async () => {
    quicken();
    const {network, told} = create();
    await network.open();
    await until(() => witness.used.length, 'a connection');
    server.token = 'another';
    const closed = once<Event & {error: RtcError}>(network, 'close');
    server.hangUp();
    expect((await closed).error.detail).to.equal('401 no token, no stream');
    expect(told.at(-1)).to.equal('close server-rejected');
    expect(network.isOnline).to.be.false;
    expect(witness.live).to.be.empty;
    expect(server.askedBy('POST')).to.have.length(2);
  });

  it('asks the page anew for each link, and makes do with the last answer', async () => {
    quicken();
    let asked = 0;
    const configuration = () => {
      asked++;
      if (asked > 1) {
        throw new Error('not now');
      }
      return {};
    };
    const {network} = create({configuration});
    await network.open();
    await until(() => witness.used.length, 'a connection');
    const {now} = performance;
    replace(performance, 'now', () => now.call(performance) + 60_000);
    server.hangUp();
    await until(() => server.live.length, 'another session');
    expect(asked).to.equal(2);
  });

  it('looks for another path when the network has changed', async () => {
    const {network, told} = create();
    network.setTracks({camera: picture()});
    await network.open();
    await until(() => witness.used.length, 'a connection');
    network.check();
    network.check({hasMoved: true});
    await until(() => server.live[0]!.restarts === 1, 'a restart');
    await untilMoving(server.live[0]!.stream);
    expect(told).to.deep.equal(['online']);
    expect(server.askedBy('POST')).to.have.length(1);
  });

  it('stays as it is when the server does not know how to do that', async () => {
    server.acceptsRestarts = () => 405;
    const {network, told} = create();
    network.setTracks({camera: picture()});
    await network.open();
    await until(() => witness.used.length, 'a connection');
    network.check({hasMoved: true});
    await until(
      () => server.askedBy('PATCH').some(({headers}) => headers.get('if-match') === '*'),
      'a try',
    );
    await untilMoving(server.live[0]!.stream);
    expect(told).to.deep.equal(['online']);
    expect(server.askedBy('POST')).to.have.length(1);
  });

  for (const accepts of [true, false]) {
    it(`finds a way back when its line was cut, ${accepts ? 'by a restart' : 'by another session'}`, async function () {
      this.timeout(60_000);
      server.acceptsRestarts = () => (accepts ? 200 : 405);
      const path = await Path.open();
      // In Firefox nothing but another relay reaches a relay on this machine.
      server.configuration = (await Path.open()).configuration;
      const {network, told} = create({configuration: () => path.configuration});
      network.setTracks({camera: picture()});
      await network.open();
      await until(() => witness.used.length, 'a connection');
      await untilMoving(server.live[0]!.stream);
      await path.cut();
      await until(() => told.includes('offline'), 'the loss', 20_000);
      network.check();
      await until(
        () => server.askedBy('PATCH').some(({headers}) => headers.get('if-match') === '*'),
        'a try',
      );
      await path.heal();
      await until(() => network.isOnline && witness.used.length, 'a way back', 40_000);
      await untilMoving(server.live.at(-1)!.stream);
      expect(server.live).to.have.length(1);
    });
  }

  it('tells when no path is found, with what was measured', async () => {
    const {network} = create({
      configuration: () => ({
        iceTransportPolicy: 'relay',
        iceServers: [{urls: 'turn:127.0.0.1:3478', username: 'u', credential: 'c'}],
      }),
    });
    // As long as a path may take passes at once.
    let skewMs = 0;
    const {now} = performance;
    const {setTimeout} = window;
    replace(performance, 'now', () => now.call(performance) + skewMs);
    replace(window, 'setTimeout', (act: () => void, ms: number) => {
      skewMs += ms > 15_000 ? ms : 0;
      return setTimeout.call(window, act, ms > 15_000 ? 0 : ms);
    });
    const failed = once<Event & {error: RtcError; report?: RTCStatsReport}>(network, 'error');
    await network.open();
    const {error, report} = await failed;
    expect(error.code).to.equal('connection-failed');
    expect(report, 'statistics').to.exist;
    expect(network.isOnline).to.be.false;
  });

  it('ends its session when closed', async () => {
    const {network, told} = create();
    await network.open();
    network.close();
    network.close();
    await until(() => !server.live.length, 'the end');
    expect(server.askedBy('DELETE')).to.have.length(1);
    expect(told).to.deep.equal(['online']);
    expect(network.isOnline).to.be.false;
    network.setTracks({camera: picture(), mic: tone(), 'screen-audio': tone()});
    network.check({hasMoved: true});
  });

  it('can be closed before, and while, it opens', async () => {
    create().network.close();
    const {network} = create();
    let release!: () => void;
    const held = new Promise<void>((resolve) => (release = resolve));
    server.fault = ({method}) =>
      method === 'POST' ? (held.then(() => undefined) as unknown as Promise<Response>) : undefined;
    const opening = network.open().catch((error: Error) => error.name);
    await until(() => server.asked.length, 'the offer');
    network.close();
    expect(await opening).to.equal('AbortError');
    release();
    await until(() => server.askedBy('DELETE').length, 'the end of the late session');
    await until(() => !server.live.length, 'no session');
  });
});
