import {expect} from '@open-wc/testing';
import {probeIce, type ServerProbe} from '../../../src/rtc/ice-probe.js';
import {closePaths, ConnectionWitness, Path, restoreAll, until} from '../support.js';

describe('probeIce', () => {
  let connections: ConnectionWitness;
  let ending: AbortController;

  beforeEach(() => {
    connections = new ConnectionWitness();
    ending = new AbortController();
  });
  afterEach(async () => {
    expect(connections.live.length, 'connections').to.equal(0);
    restoreAll();
    await closePaths();
  });

  const probe = (configuration: RTCConfiguration) => probeIce(configuration, ending);
  const outcomes = (servers: readonly ServerProbe[]) => servers.map(({outcome}) => outcome);

  /** The one server of a path. */
  async function openServer(): Promise<{path: Path; server: RTCIceServer}> {
    const path = await Path.open();
    return {path, server: path.configuration.iceServers![0]!};
  }

  it('finds its own addresses without any server', async () => {
    expect(await probe({})).to.deep.equal({types: ['host'], servers: []});
  });

  it('finds a relay where the credentials are right', async () => {
    const {server} = await openServer();
    const {types, servers} = await probe({iceServers: [server]});
    expect(outcomes(servers)).to.deep.equal(['ok']);
    expect(types).to.have.members(['host', 'relay']);
  });

  it('gathers nothing but relays when nothing else may be used', async () => {
    const {path} = await openServer();
    const {types, servers} = await probe(path.configuration);
    expect(types).to.deep.equal(['relay']);
    expect(outcomes(servers)).to.deep.equal(['ok']);
  });

  it('tells wrong credentials from a server that is not there', async () => {
    const {server} = await openServer();
    const {path: gone, server: silent} = await openServer();
    await gone.cut();
    const begin = performance.now();
    const {servers} = await probe({
      iceServers: [{...server, credential: 'wrong'}, silent, server],
    });
    expect(outcomes(servers)).to.deep.equal(['refused', 'unreachable', 'ok']);
    expect(servers[0]?.errorCode).to.equal(401);
    // Firefox would take 11 s, Chromium for ever.
    expect(performance.now() - begin).to.be.below(10_000);
  });

  it('asks each address of a server, and says which one it means', async () => {
    const {server} = await openServer();
    const url = String(server.urls);
    const nobody = 'turn:nowhere.invalid:3478?transport=tcp';
    const {servers} = await probe({iceServers: [{...server, urls: [nobody, url]}]});
    expect(servers).to.deep.include({kind: 'turn', url, outcome: 'ok'});
    expect(servers).to.deep.include({kind: 'turn', url: nobody, outcome: 'unreachable'});
  });

  it('takes an answer without news for no failure of a STUN server', async () => {
    const {server} = await openServer();
    const url = String(server.urls).replace('turn:', 'stun:').replace(/\?.*/, '');
    const {types, servers} = await probe({iceServers: [{urls: url}]});
    // Without NAT an address is not told twice.
    expect(servers[0]?.outcome).to.equal(types.includes('srflx') ? 'ok' : 'unknown');
  });

  it('tells a STUN server that does not answer, or has no address', async () => {
    const {path, server} = await openServer();
    const url = String(server.urls).replace('turn:', 'stun:').replace(/\?.*/, '');
    await path.cut();
    const {servers} = await probe({iceServers: [{urls: [url, 'stun:nowhere.invalid']}]});
    expect(outcomes(servers)).to.deep.equal(['unreachable', 'unreachable']);
    expect(servers.map(({kind}) => kind)).to.deep.equal(['stun', 'stun']);
  });

  it('asks no STUN server when only relays may be used', async () => {
    const {servers} = await probe({
      iceTransportPolicy: 'relay',
      iceServers: [{urls: 'stun:nowhere.invalid'}],
    });
    expect(servers).to.deep.equal([]);
    expect(connections.all.length).to.equal(0);
  });

  it('says so when the browser does not take a server, and asks the others', async () => {
    const {server} = await openServer();
    const {servers} = await probe({
      iceServers: [{urls: 'turn:nowhere.invalid'}, {urls: 'nonsense'}, server],
    });
    expect(outcomes(servers)).to.deep.equal(['invalid', 'invalid', 'ok']);
  });

  it('asks a handful of servers, not all that a page may name', async () => {
    const {server} = await openServer();
    const {servers} = await probe({iceServers: Array.from({length: 40}, () => server)});
    expect(servers.length).to.equal(8);
    expect(connections.all.length).to.equal(9);
  });

  it('lets go of everything at once when it is given up', async () => {
    const {path, server} = await openServer();
    await path.cut();
    const probing = probe({iceServers: [server]});
    await until(
      () => connections.live.some(({iceGatheringState}) => iceGatheringState === 'gathering'),
      'the probe to begin',
    );
    ending.abort();
    expect(connections.live.length).to.equal(0);
    expect(outcomes((await probing).servers)).to.deep.equal(['unknown']);
    await probe({iceServers: [server]});
    expect(connections.live.length).to.equal(0);
  });

  it('finds nothing where there is no WebRTC', async () => {
    restoreAll();
    const native = window.RTCPeerConnection;
    Reflect.deleteProperty(window, 'RTCPeerConnection');
    try {
      expect(await probe({})).to.deep.equal({types: [], servers: []});
    } finally {
      window.RTCPeerConnection = native;
    }
  });
});
