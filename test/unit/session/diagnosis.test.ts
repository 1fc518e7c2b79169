import {expect} from '@open-wc/testing';
import type {Diagnosis, DiagnosisCheck} from '../../../src/core/diagnosis.js';
import {diagnose, type DiagnosisSubject} from '../../../src/session/diagnosis.js';
import {parseBroker, PeerJsSignaling} from '../../../src/signaling/peerjs.js';
import {TabSignaling} from '../../../src/signaling/tab.js';
import {
  brokerInfo,
  closePaths,
  ConnectionWitness,
  DeviceWitness,
  hurry,
  Path,
  randomId,
  replace,
  restoreAll,
  startBroker,
  stopBroker,
  until,
  watchErrors,
  type TestBroker,
} from '../support.js';

let settle: () => void;
let connections: ConnectionWitness;
let devices: DeviceWitness;
const brokers: TestBroker[] = [];

function prepare() {
  beforeEach(() => {
    settle = watchErrors();
    connections = new ConnectionWitness();
    devices = new DeviceWitness();
  });
  afterEach(async () => {
    expect(connections.live.length, 'connections').to.equal(0);
    expect(devices.asked.length, 'devices asked for').to.equal(0);
    restoreAll();
    await closePaths();
    await Promise.all(brokers.splice(0).map(stopBroker));
    settle();
  });
}

/** A call where all is well, but for what is given. */
const subject = (trouble: Partial<DiagnosisSubject> = {}): DiagnosisSubject => ({
  createSignaling: () => new TabSignaling(randomId()),
  configuration: () => ({}),
  devices: {},
  participants: () => [],
  getStats: async () => new Map(),
  ...trouble,
});
const find = (trouble?: Partial<DiagnosisSubject>) => diagnose(subject(trouble), {lang: 'en'});
const check = ({checks}: Diagnosis, name: DiagnosisCheck['name']) =>
  checks.find((one) => one.name === name);
const statusOf = (diagnosis: Diagnosis, name: DiagnosisCheck['name']) =>
  check(diagnosis, name)?.status;

async function open(options?: Record<string, string | number>): Promise<TestBroker> {
  const broker = await startBroker(options);
  brokers.push(broker);
  return broker;
}
const through = (url: string): Partial<DiagnosisSubject> => ({
  createSignaling: () => new PeerJsSignaling(parseBroker(url)),
});

describe('diagnose', () => {
  prepare();

  it('finds nothing where all is well, and asks the person nothing', async () => {
    const diagnosis = await find({devices: {audio: true, video: true}});
    expect(diagnosis).to.include({ok: true, verdict: 'ok'});
    expect(diagnosis.links).to.deep.equal([]);
    expect(
      Object.fromEntries(diagnosis.checks.map(({name, status}) => [name, status])),
    ).to.deep.equal({
      'secure-context': 'ok',
      browser: 'ok',
      network: 'ok',
      broker: 'ok',
      stun: 'skipped',
      turn: 'skipped',
      microphone: 'ok',
      camera: 'ok',
    });
    expect(Math.abs(Date.parse(diagnosis.at) - Date.now())).to.be.below(60_000);
    expect(diagnosis.text).to.contain('Everything that was tested works.');
  });

  it('can be sent as it is', async () => {
    const diagnosis = await find();
    expect(JSON.parse(JSON.stringify(diagnosis))).to.deep.equal(diagnosis);
  });

  it('says that the page is not secure, or the browser too old, before all else', async () => {
    replace(window, 'isSecureContext', false);
    const insecure = await find();
    expect(insecure.verdict).to.equal('insecure-context');
    expect(statusOf(insecure, 'browser')).to.equal('unknown');
    replace(window, 'isSecureContext', true);
    replace(window, 'RTCPeerConnection', undefined);
    const old = await find();
    expect(old.verdict).to.equal('unsupported-browser');
    expect(statusOf(old, 'network')).to.equal('unknown');
  });

  it('says that the device is offline', async () => {
    replace(navigator, 'onLine', false);
    const diagnosis = await find({
      createSignaling: () => {
        throw new Error('away');
      },
    });
    expect(diagnosis.verdict).to.equal('offline');
  });

  it('ends at once when it is given up, and lets go of everything', async () => {
    const broker = await open({kind: 'mute'});
    const path = await Path.open();
    await path.cut();
    const given = new AbortController();
    const diagnosing = diagnose(
      subject({
        ...through(broker.url),
        configuration: () => path.configuration,
        participants: () => [{id: '1', name: 'Jun', connection: 'connected'}],
        getStats: () => new Promise(() => undefined),
      }),
      {signal: given.signal},
    );
    await until(() => connections.live.length, 'the probe');
    await until(async () => (await brokerInfo(broker)).sockets, 'the knock at the broker');
    given.abort();
    await diagnosing;
    await until(async () => !(await brokerInfo(broker)).sockets, 'the end of the socket');
    await diagnose(subject(), {signal: given.signal});
  });

  it('answers in time when nobody else does', async () => {
    hurry({6_000: 200});
    const never = () => new Promise<never>(() => undefined);
    const diagnosis = await find({
      createSignaling: () => Object.assign(new TabSignaling(), {open: never}),
      configuration: never,
      participants: () => [{id: '1', name: 'Jun', connection: 'connecting'}],
      getStats: never,
    });
    expect(diagnosis.verdict).to.equal('broker-unreachable');
    expect(statusOf(diagnosis, 'turn')).to.equal('unknown');
    expect(diagnosis.links).to.deep.equal([
      {participant: 'Jun', connection: 'connecting', local: [], remote: []},
    ]);
  });
});

describe('diagnose, of the broker', () => {
  prepare();

  it('finds that it passes messages, and leaves no trace', async () => {
    const broker = await open();
    const diagnosis = await find(through(broker.url));
    expect(statusOf(diagnosis, 'broker')).to.equal('ok');
    expect(check(diagnosis, 'broker')?.detail).to.match(/^\d+ ms$/);
    await until(async () => !(await brokerInfo(broker)).sockets, 'the end of the socket');
  });

  it('finds that it has stopped', async () => {
    const broker = await open();
    await Promise.all(brokers.splice(0).map(stopBroker));
    const diagnosis = await find(through(broker.url));
    expect(diagnosis.verdict).to.equal('broker-unreachable');
    expect(statusOf(diagnosis, 'broker')).to.equal('failed');
    expect(diagnosis.text).to.contain('Check your internet connection');
  });

  it('finds that it is full, strange or mute', async () => {
    hurry({6_000: 2_000});
    for (const [options, verdict] of [
      [{concurrent_limit: 0}, 'broker-full'],
      [{kind: 'garbage'}, 'broker-error'],
      [{kind: 'mute'}, 'broker-unreachable'],
    ] as [options: Record<string, string | number>, verdict: string][]) {
      const {url} = await open(options);
      expect((await find(through(url))).verdict, JSON.stringify(options)).to.equal(verdict);
    }
  });

  it('finds that it lets people in and passes nothing', async () => {
    hurry({6_000: 200});
    const diagnosis = await find({
      createSignaling: () => Object.assign(new TabSignaling(randomId()), {send: () => undefined}),
    });
    expect(diagnosis.verdict).to.equal('broker-unreachable');
  });

  it('finds that the page names none, and does not repeat what it wrote', async () => {
    const diagnosis = await find(through('secret.example'));
    expect(diagnosis.verdict).to.equal('bad-attribute');
    expect(diagnosis.text).to.contain('Check: broker');
    expect(JSON.stringify(diagnosis)).to.not.contain('secret');
  });
});

describe('diagnose, of the ICE servers', () => {
  prepare();

  const asking = (...iceServers: RTCIceServer[]) => ({configuration: () => ({iceServers})});
  const nobody = 'nowhere.invalid:3478';

  async function openServer(): Promise<{path: Path; server: RTCIceServer}> {
    const path = await Path.open();
    return {path, server: path.configuration.iceServers![0]!};
  }

  it('finds that a TURN server works', async () => {
    const {server} = await openServer();
    const diagnosis = await find({configuration: async () => ({iceServers: [server]})});
    expect(diagnosis.verdict).to.equal('ok');
    expect(statusOf(diagnosis, 'turn')).to.equal('ok');
    expect(check(diagnosis, 'network')?.detail).to.contain('relay');
  });

  it('finds wrong credentials, and tells nobody which or where', async () => {
    const {server} = await openServer();
    const diagnosis = await find(asking({...server, username: 'me', credential: 'pssst'}));
    expect(diagnosis.verdict).to.equal('turn-refused');
    expect(check(diagnosis, 'turn')?.detail).to.match(/^turn:….*401$/);
    expect(JSON.stringify(diagnosis)).to.not.match(/pssst|127\.0|"me"/);
    expect(diagnosis.text).to.contain('user name and password');
  });

  it('finds that a TURN server is not there', async () => {
    hurry({4_000: 1_000});
    const {path, server} = await openServer();
    await path.cut();
    const diagnosis = await find(asking(server));
    expect(diagnosis.verdict).to.equal('turn-unreachable');
    expect(statusOf(diagnosis, 'turn')).to.equal('failed');
  });

  it('finds that one of two is not there, which is no reason to worry', async () => {
    const {server} = await openServer();
    const diagnosis = await find(asking({...server, urls: `turn:${nobody}?transport=tcp`}, server));
    expect(diagnosis.verdict).to.equal('ok');
    expect(check(diagnosis, 'turn')).to.deep.equal({
      name: 'turn',
      status: 'warning',
      detail: `turn:${nobody}?transport=tcp`,
    });
  });

  it('finds that a STUN server is not there', async () => {
    const diagnosis = await find(asking({urls: `stun:${nobody}`}));
    expect(diagnosis.verdict).to.equal('stun-unreachable');
    expect(diagnosis.text).to.contain(`STUN server: fails (stun:${nobody})`);
  });

  it('finds that the page does not say which, or something wrong', async () => {
    for (const configuration of [
      () => Promise.reject(new Error('401 for token 12345')),
      () => null as unknown as RTCConfiguration,
      () => ({iceServers: [{urls: 'turn:user:12345@nowhere.invalid'}]}),
    ]) {
      const diagnosis = await find({configuration});
      expect(diagnosis.verdict).to.equal('bad-attribute');
      expect(diagnosis.text).to.contain('Check: rtcConfiguration');
      expect(JSON.stringify(diagnosis)).to.not.contain('12345');
    }
  });
});

describe('diagnose, of the devices', () => {
  prepare();

  const permissions = (state: PermissionState) =>
    replace(navigator.permissions, 'query', async () => ({state}));

  it('finds that they are blocked', async () => {
    permissions('denied');
    const diagnosis = await find({devices: {audio: false, video: false}});
    expect(diagnosis.verdict).to.equal('permission-denied');
    expect(check(diagnosis, 'camera')).to.deep.equal({
      name: 'camera',
      status: 'failed',
      detail: 'permission-denied',
    });
  });

  it('finds that there are none', async () => {
    permissions('prompt');
    replace(navigator.mediaDevices, 'enumerateDevices', async () => [{kind: 'audioinput'}]);
    const diagnosis = await find({devices: {audio: false, video: false}});
    expect(diagnosis.verdict).to.equal('device-not-found');
    expect(statusOf(diagnosis, 'microphone')).to.equal('unknown');
    expect(statusOf(diagnosis, 'camera')).to.equal('failed');
  });

  it('believes what it sees: an open device works', async () => {
    permissions('denied');
    const diagnosis = await find({devices: {audio: true}});
    expect(diagnosis.verdict).to.equal('ok');
    expect(statusOf(diagnosis, 'camera')).to.equal('skipped');
  });

  it('finds that they may be used', async () => {
    permissions('granted');
    replace(navigator.mediaDevices, 'enumerateDevices', async () => [
      {kind: 'audioinput'},
      {kind: 'videoinput'},
    ]);
    const diagnosis = await find({devices: {audio: false, video: false}});
    expect(statusOf(diagnosis, 'microphone')).to.equal('ok');
    expect(statusOf(diagnosis, 'camera')).to.equal('ok');
  });
});

describe('diagnose, of the links', () => {
  prepare();

  type Stat = {id: string; type: string; [name: string]: unknown};
  const report = (...stats: Stat[]): RTCStatsReport =>
    new Map(stats.map((stat) => [stat.id, stat]));
  const candidates = (local: string[], remote: string[]) =>
    [
      ...local.map((candidateType) => ({type: 'local-candidate', candidateType})),
      ...remote.map((candidateType) => ({type: 'remote-candidate', candidateType})),
    ].map((stat, index) => ({...stat, id: `C${index}`}));
  /** The first of each side is in use. */
  const path = (local: string[], remote: string[], stats: Partial<Stat> = {}): Stat[] => [
    ...candidates(local, remote),
    {id: 'T', type: 'transport', selectedCandidatePairId: 'P'},
    {
      id: 'P',
      type: 'candidate-pair',
      localCandidateId: 'C0',
      remoteCandidateId: `C${local.length}`,
      timestamp: 0,
      ...stats,
    },
  ];
  /** Somebody whose link measures this: at first, and a second later. */
  const jun = (
    connection: 'connected' | 'reconnecting',
    ...reports: [RTCStatsReport, RTCStatsReport?]
  ): Partial<DiagnosisSubject> => ({
    participants: () => [{id: '1', name: 'Jun', connection}],
    getStats: async () => new Map([['1', (reports.length > 1 ? reports.shift() : reports[0])!]]),
  });

  it('finds that both networks block direct traffic, and there is no TURN server', async () => {
    for (const [local, remote] of [
      [['host'], ['host']],
      [
        ['host', 'srflx'],
        ['host', 'srflx'],
      ],
      [['host'], []],
      [[], []],
    ] as [local: string[], remote: string[]][]) {
      const diagnosis = await find({failed: report(...candidates(local, remote))});
      expect(diagnosis).to.include({ok: false, verdict: 'needs-turn'});
      expect(diagnosis.links).to.deep.equal([
        {participant: '', connection: 'failed', local, remote},
      ]);
      expect(diagnosis.text).to.contain('a TURN server is needed');
    }
  });

  it('finds that the TURN server is what is wrong', async () => {
    const failed = report(...candidates(['host', 'srflx'], ['host', 'srflx']));
    const turn = await Path.open();
    const [server] = turn.configuration.iceServers!;
    const verdictWith = async (iceServer: RTCIceServer) =>
      (await find({failed, configuration: () => ({iceServers: [iceServer]})})).verdict;
    expect(await verdictWith(server!)).to.equal('turn-not-working');
    expect(await verdictWith({...server!, credential: 'wrong'})).to.equal('turn-refused');
    hurry({4_000: 1_000});
    await turn.cut();
    expect(await verdictWith(server!)).to.equal('turn-unreachable');
  });

  it('finds that a path was there and is lost', async () => {
    expect((await find({failed: report(...path(['srflx'], ['host']))})).verdict).to.equal(
      'path-lost',
    );
    const diagnosis = await find(jun('reconnecting', report(...path(['host'], ['host']))));
    expect(diagnosis.verdict).to.equal('path-lost');
    expect(diagnosis.text).to.contain('Jun: connecting again');
  });

  it('reports the path in use, its pace and its loss', async () => {
    const at = (timestamp: number, bytes: number, lost: number) =>
      report(
        ...path(['relay', 'host'], ['srflx'], {
          timestamp,
          bytesSent: bytes,
          bytesReceived: bytes / 2,
          currentRoundTripTime: 0.08,
        }),
        {id: 'I', type: 'inbound-rtp', packetsLost: lost, packetsReceived: bytes / 1_000},
      );
    const diagnosis = await find(jun('connected', at(0, 100_000, 50), at(1_000, 199_000, 51)));
    expect(diagnosis.verdict).to.equal('ok');
    expect(diagnosis.links).to.deep.equal([
      {
        participant: 'Jun',
        connection: 'connected',
        local: ['relay', 'host'],
        remote: ['srflx'],
        pair: {local: 'relay', remote: 'srflx', protocol: ''},
        roundTripMs: 80,
        lossPercent: {in: 1},
        sendKbps: 792,
        receiveKbps: 396,
      },
    ]);
  });

  it('finds a slow network and a slow device', async () => {
    const limited = (qualityLimitationReason: string): Stat => ({
      id: 'O',
      type: 'outbound-rtp',
      qualityLimitationReason,
    });
    const host: Stat[] = path(['host'], ['host'], {bytesSent: 0});
    const later = path(['host'], ['host'], {timestamp: 1_000, bytesSent: 10_000});
    const fast = path(['host'], ['host'], {timestamp: 1_000, bytesSent: 100_000});
    const loss = {id: 'I', type: 'inbound-rtp', packetsLost: 10, packetsReceived: 90};
    const distant = path(['host'], ['host'], {currentRoundTripTime: 0.9});
    for (const [before, after, verdict] of [
      [host, [...fast, limited('cpu')], 'slow-device'],
      [host, [...later, limited('bandwidth')], 'slow-network'],
      [host, [...fast, limited('bandwidth')], 'ok'],
      [host, [...fast, loss], 'slow-network'],
      [host, distant, 'slow-network'],
    ] as [before: Stat[], after: Stat[], verdict: string][]) {
      const diagnosis = await find(jun('connected', report(...before), report(...after)));
      expect(diagnosis.verdict).to.equal(verdict);
    }
  });

  it('puts a call that cannot be made before a camera that is blocked', async () => {
    replace(navigator.permissions, 'query', async () => ({state: 'denied'}));
    const diagnosis = await find({
      devices: {audio: false, video: false},
      failed: report(...candidates(['host'], ['host'])),
    });
    expect(diagnosis.verdict).to.equal('needs-turn');
  });
});
