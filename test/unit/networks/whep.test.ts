import {expect} from '@open-wc/testing';
import type {RtcError} from '../../../src/core/errors.js';
import {WhepNetwork, type WhepOptions} from '../../../src/networks/whep.js';
import {plain, silenceAll, StreamServer, toneAndPicture} from '../stream-server.js';
import {
  canvasStream,
  codeOf,
  ConnectionWitness,
  once,
  replace,
  restoreAll,
  until,
  untilMoving,
  watchErrors,
} from '../support.js';

const networks: WhepNetwork[] = [];
let server: StreamServer;
let witness: ConnectionWitness;
let settle: () => void;

/** A network, and what it has told. */
function create(options: Partial<WhepOptions> = {}) {
  const network = new WhepNetwork({
    endpoint: server.whep,
    configuration: () => ({}),
    ...options,
  });
  const told: string[] = [];
  network.addEventListener('error', ({error}) => told.push(`error ${error.code}`));
  network.addEventListener('close', ({error}) => told.push(`close ${error.code}`));
  network.addEventListener('member-joined', ({member}) => told.push(`${member.id} joined`));
  network.addEventListener('member-left', ({member, reason}) =>
    told.push(`${member.id} left: ${reason}`),
  );
  networks.push(network);
  return {network, told};
}

const untilPlaying = (network: WhepNetwork) =>
  until(() => {
    // Without waiting for the next try.
    network.check();
    const [member] = network.members;
    return member?.state && member.connection === 'connected' ? member : undefined;
  }, 'a stream');

describe('WhepNetwork', () => {
  beforeEach(() => {
    settle = watchErrors();
    server = new StreamServer();
    witness = new ConnectionWitness();
  });
  afterEach(() => {
    for (const network of networks.splice(0)) {
      network.close();
    }
    server.close();
    silenceAll();
    restoreAll();
    settle();
    expect(witness.live, 'connections').to.be.empty;
  });

  for (const makesCounterOffers of [false, true]) {
    const by = makesCounterOffers ? ', by a counter-offer' : '';
    it(`has one member, who joins with the stream${by}`, async () => {
      server.stream = toneAndPicture();
      server.makesCounterOffers = makesCounterOffers;
      const {network, told} = create();
      await network.open();
      expect(network.isOnline).to.be.true;
      const {stream, id} = await untilPlaying(network);
      await untilMoving(stream);
      await until(() => network.members[0]!.state!.micOff === false, 'the sound');
      expect(network.members).to.have.length(1);
      expect(network.members[0]).to.deep.include({
        id: 'stream',
        connection: 'connected',
        away: false,
        state: {name: '', micOff: false, cameraOff: false, screen: false, settled: true},
      });
      expect(told).to.deep.equal(['stream joined']);
      expect((await network.getStats()).get(id)!.size).to.be.above(0);
      expect(await codeOf(() => network.send())).to.equal('peer-unavailable');
    });
  }

  it('says what the stream does not have', async () => {
    server.stream = canvasStream();
    const {network} = create();
    await network.open();
    expect((await untilPlaying(network)).state).to.include({micOff: true, cameraOff: false});
  });

  it('waits for a stream that is not there yet', async () => {
    const {network, told} = create();
    let answers = 0;
    server.fault = ({method}) => {
      const status = [404, 409, 410][answers++ % 3]!;
      return method === 'POST' && !server.stream ? plain(status, 'nothing yet') : undefined;
    };
    await network.open();
    expect(network.isOnline).to.be.true;
    expect(network.members).to.be.empty;
    await until(() => {
      network.check();
      return answers > 3;
    }, 'more tries');
    expect(told).to.be.empty;
    server.stream = toneAndPicture();
    await untilMoving((await untilPlaying(network)).stream);
    expect(told).to.deep.equal(['stream joined']);
  });

  it('takes a bad request for a stream that is not there, if the server has looked for it', async () => {
    let skewMs = 5_000;
    const {now} = performance;
    let sum = 0;
    replace(performance, 'now', () => now.call(performance) + sum);
    server.fault = () => {
      sum += skewMs;
      return plain(400, 'no stream');
    };
    const {network} = create();
    await network.open();
    expect(network.isOnline).to.be.true;
    // Who comes late to a search of the server's hears of its end soon.
    skewMs = 0;
    const late = create();
    const opening = late.network.open();
    await until(() => server.askedBy('POST').length === 2, 'a first answer');
    skewMs = 5_000;
    late.network.check();
    await opening;
    expect(late.network.isOnline).to.be.true;
    expect(late.told).to.be.empty;
  });

  it('tells what the server finds bad about a request, and goes on', async () => {
    server.fault = () => plain(400, "path 'live' is not configured");
    const {network, told} = create();
    const details: (string | undefined)[] = [];
    network.addEventListener('error', ({error}) => details.push(error.detail));
    await network.open();
    expect(server.askedBy('POST')).to.have.length(2);
    // The server is there.
    expect(network.isOnline).to.be.true;
    await until(() => {
      network.check();
      return server.askedBy('POST').length > 4;
    }, 'more tries');
    expect(details).to.deep.equal(["400 path 'live' is not configured"]);
    server.fault = undefined;
    server.stream = toneAndPicture();
    await untilPlaying(network);
    expect(told).to.deep.equal(['error server-rejected', 'stream joined']);
  });

  it('keeps the stream, and its last picture, over a loss', async () => {
    server.stream = toneAndPicture();
    const {network, told} = create();
    await network.open();
    const {stream} = await untilPlaying(network);
    await until(() => stream.getTracks().length === 2, 'both tracks');
    const video = Object.assign(document.createElement('video'), {muted: true, autoplay: true});
    video.srcObject = stream;
    document.body.append(video);
    const connections: string[] = [];
    let hasGaps = false;
    network.addEventListener('change', () => {
      const [member] = network.members;
      connections.push(member?.connection ?? 'none');
      hasGaps ||= !member?.stream.getVideoTracks().length || member.state?.cameraOff === true;
    });
    try {
      await until(() => video.videoWidth > 0, 'a picture');
      const before = stream.getVideoTracks()[0];
      server.isDown = true;
      server.hangUp();
      await until(() => told.includes('error broker-unreachable'), 'the loss');
      expect(network.isOnline).to.be.false;
      expect(network.members[0]!.connection).to.equal('reconnecting');
      expect(stream.getVideoTracks()).to.deep.equal([before]);
      server.isDown = false;
      await untilPlaying(network);
      await until(() => stream.getVideoTracks()[0] !== before, 'the new picture');
      const from = video.currentTime;
      await until(() => video.currentTime > from && !video.ended, 'a moving picture');
      expect(network.members[0]!.stream).to.equal(stream);
      expect(stream.getTracks()).to.have.length(2);
    } finally {
      video.remove();
      video.srcObject = null;
    }
    expect(told).to.deep.equal(['stream joined', 'error broker-unreachable']);
    expect(hasGaps).to.be.false;
    expect(connections).to.include('reconnecting').and.not.include('none');
    await until(() => witness.live.length === 1, 'the old connection closed');
  });

  it('lets the member go when the stream is over, and come again', async () => {
    server.stream = toneAndPicture();
    const {network, told} = create();
    await network.open();
    const {stream} = await untilPlaying(network);
    const {stream: played} = server;
    server.stream = undefined;
    server.hangUp();
    await until(() => !network.members.length, 'nobody');
    expect(network.isOnline).to.be.true;
    expect(stream.getTracks()).to.be.empty;
    expect(witness.live).to.be.empty;
    server.stream = played;
    await untilMoving((await untilPlaying(network)).stream);
    expect(told).to.deep.equal(['stream joined', 'stream left: left', 'stream joined']);
  });

  for (const state of ['plays', 'is interrupted']) {
    it(`lets the member go at once when told that it is over, while it ${state}`, async () => {
      server.stream = toneAndPicture();
      const {network, told} = create();
      await network.open();
      const {stream} = await untilPlaying(network);
      const {stream: played} = server;
      const [pc] = witness.used;
      server.stream = undefined;
      if (state === 'is interrupted') {
        Object.defineProperty(pc, 'connectionState', {value: 'disconnected'});
        pc!.dispatchEvent(new Event('connectionstatechange'));
        expect(network.members[0]!.connection).to.equal('reconnecting');
      }
      network.forget();
      expect(network.members).to.be.empty;
      expect(stream.getTracks()).to.be.empty;
      expect(network.isOnline).to.be.true;
      await until(() => !server.live.length, 'the end of the session');
      await until(() => server.askedBy('POST').length > 1, 'another try');
      // It was not over.
      server.stream = played;
      await untilMoving((await untilPlaying(network)).stream);
      expect(told).to.deep.equal(['stream joined', 'stream left: left', 'stream joined']);
    });
  }

  it('forgets nothing that is not there', async () => {
    const {network, told} = create();
    network.forget();
    await network.open();
    network.forget();
    server.stream = toneAndPicture();
    await untilPlaying(network);
    network.close();
    network.forget();
    expect(told).to.deep.equal(['stream joined']);
  });

  it('waits for a server that is not there yet, and tells it once', async () => {
    for (const down of [true, false]) {
      server.stream = toneAndPicture();
      server.isDown = down;
      server.fault = down ? undefined : () => plain(503, 'starting');
      const {network, told} = create();
      await network.open();
      expect(network.isOnline).to.be.false;
      const count = server.askedBy('POST').length;
      await until(() => {
        network.check();
        return server.askedBy('POST').length > count + 1;
      }, 'more tries');
      server.isDown = false;
      server.fault = undefined;
      await untilPlaying(network);
      expect(told).to.deep.equal([
        `error ${down ? 'broker-unreachable' : 'server-rejected'}`,
        'stream joined',
      ]);
      network.close();
    }
  });

  it('does not wait for what cannot get better', async () => {
    const html = {'Content-Type': 'text/html'};
    for (const response of [
      plain(401, ''),
      plain(403, ''),
      plain(406, ''),
      plain(405, ''),
      new Response('<html>', {status: 200, headers: html}),
    ]) {
      server.asked.length = 0;
      server.fault = () => response;
      const {network, told} = create();
      expect(await codeOf(() => network.open())).to.equal('server-rejected');
      expect(server.askedBy('POST')).to.have.length(1);
      expect(told).to.be.empty;
    }
  });

  it('ends when the server does not want it any more', async () => {
    const {network, told} = create();
    await network.open();
    server.token = 'another';
    const closed = once<Event & {error: RtcError}>(network, 'close');
    network.check();
    expect((await closed).error.detail).to.equal('401 no token, no stream');
    expect(told).to.deep.equal(['close server-rejected']);
  });

  it('restarts ICE when the network has changed', async () => {
    server.stream = toneAndPicture();
    const {network, told} = create();
    await network.open();
    const {stream} = await untilPlaying(network);
    network.check({hasMoved: true});
    await until(() => server.live[0]!.restarts, 'a restart');
    await untilMoving(stream);
    expect(told).to.deep.equal(['stream joined']);
    expect(server.askedBy('POST')).to.have.length(1);
  });

  it('ends its session when closed, and tells nothing more', async () => {
    server.stream = toneAndPicture();
    const {network, told} = create();
    await network.open();
    await untilPlaying(network);
    network.close();
    await until(() => !server.live.length, 'the end');
    expect(server.askedBy('DELETE')).to.have.length(1);
    expect(told).to.deep.equal(['stream joined']);
  });
});
