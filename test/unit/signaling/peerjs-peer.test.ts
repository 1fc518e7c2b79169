import {expect} from '@open-wc/testing';
import {Peer} from 'peerjs';
import {maxSignalLength} from '../../../src/core/messages.js';
import {MailboxPeer} from '../../../src/signaling/peerjs-peer.js';
import {
  brokerInfo,
  closeStrangers,
  ConnectionWitness,
  randomId,
  restoreAll,
  startBroker,
  stopBroker,
  Stranger,
  until,
  watchErrors,
  type TestBroker,
} from '../support.js';

/** What PeerJS keeps, by names it does not document. */
interface Insides {
  readonly _connections: Map<string, unknown>;
  readonly _lostMessages: Map<string, unknown>;
  _handleMessage(message: unknown): void;
}

const sdp =
  'v=0\r\no=- 1 2 IN IP4 127.0.0.1\r\ns=-\r\nt=0 0\r\nm=application 9 UDP/DTLS/SCTP webrtc-datachannel\r\n';

/** Offers as a stock PeerJS makes them, and some it would never make. */
const offers = [
  ...[
    'binary',
    'json',
    'raw',
    'binary-utf8',
    'default',
    'rtc',
    'constructor',
    '__proto__',
    'toString',
    'hasOwnProperty',
    '',
    null,
    7,
    {},
  ].map((serialization, i) => ({
    type: 'data',
    connectionId: `dc_${i}`,
    label: `dc_${i}`,
    reliable: true,
    serialization,
    sdp: {type: 'offer', sdp},
  })),
  {type: 'media', connectionId: 'mc_1', metadata: {}, sdp: {type: 'offer', sdp}},
  {type: 'media', connectionId: '__proto__', sdp: null},
  {type: 'other', connectionId: 'x'},
  {connectionId: {}, type: []},
  null,
  undefined,
  7,
  'text',
  [],
];

describe('MailboxPeer', () => {
  let broker: TestBroker;
  let peer: MailboxPeer & Insides;
  let id: string;
  let mails: unknown[];
  let witness: ConnectionWitness;
  let settle: () => void;

  before(async () => {
    broker = await startBroker();
    // PeerJS makes a connection once, to see what the browser can.
    new MailboxPeer('probe', {host: '127.0.0.1', port: 9, token: 't'}).destroy();
  });
  after(() => stopBroker(broker));

  beforeEach(async () => {
    settle = watchErrors();
    witness = new ConnectionWitness();
    id = randomId();
    mails = [];
    const {host, port, path, key} = broker;
    peer = new MailboxPeer(id, {
      host,
      port,
      path,
      key,
      secure: false,
      token: randomId(),
    }) as typeof peer;
    peer.receive = (from, data) => mails.push([from, data]);
    await until(() => peer.open, 'the broker');
  });
  afterEach(() => {
    closeStrangers();
    peer.destroy();
    restoreAll();
    settle();
  });

  /** Everything the stranger has sent before is here. */
  async function delivered(stranger: Stranger) {
    const mark = randomId();
    stranger.mail(id, {mark});
    await until(() => JSON.stringify(mails).includes(mark), 'all that was sent');
    mails = mails.filter((mail) => !JSON.stringify(mail).includes(mark));
  }

  function expectNothing(stranger: Stranger) {
    expect(witness.all, 'connections').to.be.empty;
    expect(peer._connections.size, 'kept connections').to.equal(0);
    expect(peer._lostMessages.size, 'kept messages').to.equal(0);
    expect(
      stranger.received.filter(({src}) => src === id),
      'answers',
    ).to.be.empty;
    expect(peer.open, 'open').to.be.true;
  }

  it('is made with the version of PeerJS whose insides are known', async () => {
    const {dependencies} = (await (await fetch('/package.json')).json()) as {
      dependencies: Record<string, string>;
    };
    expect(dependencies['peerjs']).to.equal('1.5.5');
    const insides = Peer.prototype as unknown as Record<string, unknown>;
    expect(insides['_initialize']).to.be.a('function');
    expect(insides['_handleMessage']).to.be.a('function');
    const {socket} = peer as unknown as {socket: {send: unknown; _socket: unknown}};
    expect(socket.send).to.be.a('function');
    expect(socket._socket).to.be.instanceOf(WebSocket);
  });

  it('takes mail, and mail only', async () => {
    const stranger = await Stranger.open(broker);
    stranger.mail(id, {n: 1});
    stranger.send('ANSWER', id, {type: 'rtc-elements', mail: {n: 2}});
    stranger.send('CANDIDATE', id, {type: 'rtc-elements', mail: {n: 3}});
    stranger.send('OFFER', id, {type: 'RTC-ELEMENTS', mail: {n: 4}});
    stranger.send('OFFER', id, {type: 'rtc-elements'});
    await delivered(stranger);
    const [[from, data]] = mails as [[string, unknown]];
    expect(from).to.match(/^[0-9a-f]{32}$/);
    expect(data).to.deep.equal({n: 1});
    expect(mails).to.have.length(1);
  });

  it('sends mail', async () => {
    const stranger = await Stranger.open(broker);
    stranger.mail(id, 'who is there?');
    const [[from]] = (await until(() => mails.length && mails, 'mail')) as [[string]];
    peer.mail(from, {n: 1});
    await until(() => stranger.mails.length, 'an answer');
    expect(stranger.received.at(-1)).to.deep.include({type: 'OFFER', src: id});
    expect(stranger.mails).to.deep.equal([{n: 1}]);
  });

  it('opens no connection for offers of PeerJS, of any kind', async () => {
    const stranger = await Stranger.open(broker);
    for (const payload of offers) {
      stranger.send('OFFER', id, payload);
    }
    await delivered(stranger);
    expectNothing(stranger);
  });

  it('opens none for 500 of them, and the page goes on', async () => {
    const stranger = await Stranger.open(broker);
    for (let i = 0; i < 500; i++) {
      stranger.send('OFFER', id, {...(offers[i % 15] as object), connectionId: `dc_${i}`});
    }
    let turns = 0;
    const turning = setInterval(() => turns++);
    await delivered(stranger);
    clearInterval(turning);
    expect(turns).to.be.above(0);
    expectNothing(stranger);
  });

  it('keeps nothing of 3,000 candidates for connections it does not have', async () => {
    const stranger = await Stranger.open(broker);
    for (let i = 0; i < 3_000; i++) {
      stranger.send(i % 2 ? 'CANDIDATE' : 'ANSWER', id, {
        type: 'data',
        connectionId: i % 7 ? `dc_${i}` : '__proto__',
        candidate: {candidate: 'candidate:1 1 udp 1 127.0.0.1 9 typ host', sdpMid: '0'},
      });
    }
    await delivered(stranger);
    expectNothing(stranger);
  });

  it('does not end because somebody says so', async () => {
    const stranger = await Stranger.open(broker);
    for (const type of [
      'LEAVE',
      'EXPIRE',
      'ERROR',
      'ID-TAKEN',
      'INVALID-KEY',
      'OPEN',
      'HEARTBEAT',
    ]) {
      stranger.send(type, id, {msg: 'go away'});
    }
    await delivered(stranger);
    expectNothing(stranger);
  });

  it('drops what is longer than anything of ours', async () => {
    const stranger = await Stranger.open(broker);
    stranger.mail(id, {long: 'x'.repeat(5_000_000)});
    stranger.mail(id, {long: 'x'.repeat(maxSignalLength + 1_000)});
    stranger.send('CANDIDATE', id, {connectionId: 'x'.repeat(1_000_000)});
    await delivered(stranger);
    expectNothing(stranger);
    expect(mails).to.be.empty;
  });

  it('holds against whatever shape a frame has', () => {
    for (const type of [
      'OPEN',
      'ERROR',
      'ID-TAKEN',
      'INVALID-KEY',
      'LEAVE',
      'EXPIRE',
      'OFFER',
      'ANSWER',
      'CANDIDATE',
      'constructor',
      '__proto__',
      7,
      null,
      undefined,
      {},
    ]) {
      for (const payload of [
        undefined,
        null,
        7,
        '',
        [],
        {},
        {msg: 7},
        {type: 'media'},
        {connectionId: {}},
      ]) {
        for (const src of [undefined, null, 7, {}, 'x'.repeat(200)]) {
          // Those the server says itself are believed when they are whole.
          if (type !== 'OPEN') {
            peer._handleMessage({type, payload, src});
          }
        }
      }
    }
    for (const frame of [null, undefined, 7, '', 'text', [], {}, Object.create(null)]) {
      peer._handleMessage(frame);
    }
    expect(peer.open).to.be.true;
    expect(mails).to.be.empty;
    expect(peer._connections.size + peer._lostMessages.size).to.equal(0);
  });

  it('cannot be made to open a connection from this side either', () => {
    expect(() => peer.connect('anybody')).to.throw('not accepted');
    expect(() => peer.connect('anybody', {serialization: 'raw'})).to.throw('not accepted');
    expect(witness.all).to.be.empty;
  });

  it('gives real mail its place beside a flood', async () => {
    const [stranger, friend] = [await Stranger.open(broker), await Stranger.open(broker)];
    let flooding = true;
    const flood = (async () => {
      while (flooding) {
        for (const payload of offers) {
          stranger.send('OFFER', id, payload);
        }
        await new Promise((resolve) => setTimeout(resolve));
      }
    })();
    friend.mail(id, {from: 'a friend'});
    await until(() => mails.length, 'the mail of a friend');
    flooding = false;
    await flood;
    await delivered(stranger);
    expectNothing(stranger);
  });

  it('says that a broker talks nonsense only until it is in', async () => {
    const nonsense = await startBroker({kind: 'garbage'});
    const {host, port} = nonsense;
    const other = new MailboxPeer(randomId(), {host, port, secure: false, token: randomId()});
    let garbled = 0;
    other.garbled = () => garbled++;
    await until(() => garbled, 'nonsense');
    other.destroy();
    let late = 0;
    peer.garbled = () => late++;
    peer._handleMessage('nonsense');
    expect(late).to.equal(0);
    await until(async () => (await brokerInfo(nonsense)).sockets === 0, 'no socket');
    await stopBroker(nonsense);
  });

  it('tells when the server ends it', async () => {
    const {host, port, path, key} = broker;
    const second = new MailboxPeer(id, {host, port, path, key, secure: false, token: randomId()});
    const error = await new Promise<Error & {type: string}>((resolve) =>
      second.on('error', resolve),
    );
    expect(error.type).to.equal('unavailable-id');
    expect(second.destroyed).to.be.true;
  });
});
