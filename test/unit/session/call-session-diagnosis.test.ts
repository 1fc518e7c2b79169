import {expect} from '@open-wc/testing';
import {CallSession, type CallErrorEvent} from '../../../src/session/call-session.js';
import {TabSignaling} from '../../../src/signaling/tab.js';
import {
  closePaths,
  ConnectionWitness,
  createSession,
  createWatcher,
  DeviceWitness,
  failureOf,
  hurry,
  leaveAll,
  once,
  Path,
  randomRoom,
  restoreAll,
  startBroker,
  stopBroker,
  until,
  untilConnected,
  watchErrors,
} from '../support.js';

/** Nobody can be reached with it. */
const nowhere: RTCConfiguration = {iceTransportPolicy: 'relay'};

/** Knocks of a diagnosis at the broker that wait for their answer, while they are to wait. */
let knocks: (() => void)[] | undefined;

/** Nobody hangs up: it is seen that there is no way. */
class Speechless extends TabSignaling {
  override send(to: string, message: {t?: string; v?: number; reason?: string}) {
    if (message.t === 'echo' && !message.v && knocks) {
      knocks.push(() => super.send(to, message));
    } else if (message.t !== 'bye' || message.reason === 'failed') {
      super.send(to, message);
    }
  }
}

describe('CallSession.diagnose', () => {
  let settle: () => void;
  let connections: ConnectionWitness;
  let devices: DeviceWitness;
  let all: CallSession[] = [];

  beforeEach(() => {
    settle = watchErrors();
    connections = new ConnectionWitness();
    devices = new DeviceWitness();
  });
  afterEach(async () => {
    leaveAll();
    all.splice(0).forEach((session) => session.leave());
    knocks = undefined;
    await until(() => devices.live.length === 0, 'the end of every track');
    await until(() => connections.live.length === 0, 'the end of every connection');
    restoreAll();
    await closePaths();
    settle();
  });

  /** People who find no way to each other, and soon give up. */
  function strangers(count: number): CallSession[] {
    hurry({20_000: 1_000});
    const room = randomRoom();
    all = Array.from({length: count}, () => {
      const session = new CallSession({createSignaling: () => new Speechless(room)});
      session.configure({room, micOff: true, cameraOff: true, rtcConfiguration: nowhere});
      return session;
    });
    return all;
  }
  const joinAll = () => Promise.all(all.map((session) => session.join()));

  const statuses = async (session: CallSession) =>
    Object.fromEntries((await session.diagnose()).checks.map(({name, status}) => [name, status]));

  it('opens no device and asks for none, before a call', async () => {
    const session = await createSession({room: randomRoom()});
    const diagnosis = await session.diagnose({lang: 'ko'});
    expect(diagnosis.verdict).to.equal('ok');
    expect(diagnosis.text).to.contain('연결 점검');
    expect(devices.asked.length).to.equal(0);
    expect(connections.live.length).to.equal(0);
    expect(session.state.phase).to.equal('idle');
  });

  it('describes the links of a call, and disturbs none', async () => {
    const room = randomRoom();
    const paths = [await Path.open(), await Path.open()] as const;
    const mina = await createWatcher({room, rtcConfiguration: paths[0].configuration});
    const jun = await createWatcher({
      room,
      name: 'Jun',
      rtcConfiguration: () => paths[1].configuration,
    });
    await Promise.all([mina.join(), jun.join()]);
    await untilConnected(mina, jun);
    const {verdict, links, checks, text} = await mina.diagnose();
    expect(verdict).to.equal('ok');
    expect(checks.find(({name}) => name === 'turn')?.status).to.equal('ok');
    expect(links.length).to.equal(1);
    expect(links[0]).to.deep.include({participant: 'Jun', connection: 'connected'});
    expect(links[0]?.pair).to.include({local: 'relay', protocol: 'udp', relayProtocol: 'udp'});
    expect(links[0]?.remote).to.include('relay');
    expect(text)
      .to.contain('Jun: connected')
      .and.to.not.match(/\d+\.\d+\.\d+\.\d+|secret/);
    await untilConnected(mina, jun);
  });

  it('knows what the call uses: what is open, what is not asked for', async () => {
    const session = await createSession({room: randomRoom(), audioOnly: true});
    await session.preview();
    expect(await statuses(session)).to.include({microphone: 'ok', camera: 'skipped'});
    session.stopPreview();
    session.configure({stream: new MediaStream()});
    expect(await statuses(session)).to.include({microphone: 'skipped', camera: 'skipped'});
  });

  it('says after a failure what it was', async () => {
    const broker = await startBroker();
    await stopBroker(broker);
    const session = await createWatcher({room: randomRoom(), broker: broker.url});
    await session.join();
    expect(failureOf(session)).to.equal('broker-unreachable');
    expect((await session.diagnose()).verdict).to.equal('broker-unreachable');
  });

  it('tells of somebody who cannot be reached only when it knows why', async () => {
    const [mina] = strangers(2);
    const trouble = once<CallErrorEvent>(mina!, 'error');
    await joinAll();
    const {error} = await trouble;
    expect(error.code).to.equal('connection-failed');
    expect(error.diagnosis).to.include({ok: false, verdict: 'needs-turn'});
    expect(error.diagnosis?.links[0]).to.include({connection: 'failed'});
    expect(mina!.notice).to.equal(error);
    expect(mina!.state.phase).to.equal('joined');
  });

  it('gives one answer for all who cannot be reached at once', async () => {
    const [mina] = strangers(3);
    const told: unknown[] = [];
    mina!.addEventListener('error', ({error}) => told.push(error.diagnosis));
    knocks = [];
    await joinAll();
    await until(() => knocks?.length && connections.live.length === 0, 'the end of all links');
    knocks.forEach((answer) => answer());
    // Firefox may give up on one before it is known that they are there: then that is not told.
    await until(() => told.length, 'word');
    expect(new Set(told).size).to.equal(1);
    expect(knocks.length).to.be.at.most(all.length);
  });

  it('tells nothing of one who cannot be reached when it is left meanwhile', async () => {
    strangers(2);
    let told = 0;
    all.forEach((one) => one.addEventListener('error', () => told++));
    knocks = [];
    await joinAll();
    await until(() => knocks?.length, 'a diagnosis');
    all.forEach((one) => one.leave());
    knocks.forEach((answer) => answer());
    // Whoever asks now is answered after them.
    knocks = undefined;
    const later = await createSession({room: randomRoom()});
    await later.diagnose();
    expect(told).to.equal(0);
    expect(all.map(({notice}) => notice)).to.deep.equal([undefined, undefined]);
  });
});
