import {expect} from '@open-wc/testing';
import {
  encodeData,
  maxDataBytes,
  protocolVersion,
  type LinkSignal,
  type PeerState,
} from '../../../src/core/messages.js';
import type {RtcError} from '../../../src/core/errors.js';
import {musicBitrate} from '../../../src/rtc/opus.js';
import {PeerLink, type OutgoingTracks} from '../../../src/rtc/peer-link.js';
import {
  canvasStream,
  codeOf,
  ConnectionWitness,
  once,
  restoreAll,
  until,
  untilMoving,
  watchErrors,
} from '../support.js';

const attempt = '0011223344556677';
const state: PeerState = {name: 'Mina', micOff: true, cameraOff: true, screen: false};
const v = protocolVersion;

/** A link, and what it has told. */
class End {
  readonly link: PeerLink;
  readonly sent: LinkSignal[] = [];
  readonly data: unknown[] = [];
  readonly errors: RtcError[] = [];
  readonly ends: string[] = [];

  constructor(id: string, tracks: OutgoingTracks = {}, music = false) {
    this.link = new PeerLink({id, attempt, configuration: {}, state, tracks, music});
    this.link.addEventListener('data', ({data}) => this.data.push(data));
    this.link.addEventListener('error', ({error}) => this.errors.push(error));
    this.link.addEventListener('close', ({reason}) => this.ends.push(reason));
  }
}

interface Wiring {
  readonly tracks?: readonly [OutgoingTracks?, OutgoingTracks?];
  /** What arrives for each signal sent, and in which order: the signal itself unless told. */
  readonly carry?: (signal: LinkSignal) => readonly LinkSignal[];
}

/** Two links whose signals go straight across, as the JSON that they are. */
function pair({tracks = [], carry = (signal) => [signal]}: Wiring = {}) {
  const [a, b] = [new End('aaaaaaaaaaaaaaaa', tracks[0]), new End('bbbbbbbbbbbbbbbb', tracks[1])];
  ends.push(a, b);
  const connect = (from: End, to: End, polite: boolean) =>
    from.link.connect(
      (signal) => {
        from.sent.push(signal);
        for (const arriving of carry(signal)) {
          queueMicrotask(() => to.link.receive(JSON.parse(JSON.stringify(arriving)) as LinkSignal));
        }
      },
      {polite},
    );
  return {
    a,
    b,
    connect() {
      connect(a, b, true);
      connect(b, a, false);
    },
  };
}

/** Two links that are open. */
async function openPair(wiring?: Wiring) {
  const {a, b, connect} = pair(wiring);
  connect();
  a.link.offer();
  await untilOpen(a, b);
  return {a, b};
}

const untilOpen = (...all: End[]) =>
  until(() => all.every(({link}) => link.isOpen && link.peerState), 'open links');

const ends: End[] = [];
let witness: ConnectionWitness;
let settle: () => void;

/** Runs before and after each test of this file. */
function prepare() {
  beforeEach(() => {
    settle = watchErrors();
    witness = new ConnectionWitness();
  });
  afterEach(() => {
    for (const {link} of ends.splice(0)) {
      link.close('left');
    }
    restoreAll();
    settle();
    expect(witness.live, 'connections').to.be.empty;
  });
}

describe('PeerLink', () => {
  prepare();

  it('connects when one side offers', async () => {
    const {a, b} = await openPair();
    expect(a.link.peerState).to.deep.equal({...state, settled: false});
    expect(b.sent.filter(({t}) => t === 'description')).to.have.length(1);
    expect(witness.all).to.have.length(2);
    expect([...a.errors, ...b.errors]).to.be.empty;
  });

  it('connects by an offer prepared for anybody, which holds no media', async () => {
    const {a, b, connect} = pair();
    const offer = await a.link.prepare();
    expect(offer).to.not.match(/^m=(audio|video)/m);
    expect(offer).to.have.length.below(2_000);
    connect();
    b.link.accept(offer);
    await untilOpen(a, b);
    expect([...a.errors, ...b.errors]).to.be.empty;
  });

  it('carries signals made before anybody could, in order', async () => {
    const {a, b, connect} = pair();
    a.link.offer();
    const [connection] = witness.all;
    await until(() => connection?.iceGatheringState === 'complete', 'all candidates');
    expect(a.sent).to.be.empty;
    connect();
    expect(a.sent[0]?.t).to.equal('description');
    expect(a.sent.length).to.be.above(1);
    await untilOpen(a, b);
  });

  it('sends moving pictures both ways, from the start and from either side', async () => {
    for (const prepared of [false, true]) {
      const [one, other] = [canvasStream(), canvasStream()];
      const camera = (stream: MediaStream) => ({camera: stream.getVideoTracks()[0]!});
      const {a, b, connect} = pair({tracks: [camera(one), camera(other)]});
      connect();
      if (prepared) {
        b.link.accept(await a.link.prepare());
      } else {
        a.link.offer();
      }
      for (const {link} of [a, b]) {
        link.setState({...state, cameraOff: false});
      }
      await untilOpen(a, b);
      await Promise.all([untilMoving(a.link.stream), untilMoving(b.link.stream)]);
      expect(a.link.stream.getAudioTracks()).to.be.empty;
      a.link.close('left');
      b.link.close('left');
      one.getTracks()[0]?.stop();
      other.getTracks()[0]?.stop();
    }
  });

  it('puts the picture of one who has it into the link of one who sends nothing', async () => {
    const [track] = canvasStream().getVideoTracks();
    const {a, b} = await openPair({tracks: [{}, {camera: track!}]});
    b.link.setState({...state, cameraOff: false});
    await untilMoving(a.link.stream);
    expect(b.link.stream.getTracks()).to.be.empty;
    track?.stop();
  });

  it('switches microphone and camera without a negotiation', async () => {
    const {a, b} = await openPair();
    const descriptions = () => [...a.sent, ...b.sent].filter(({t}) => t === 'description').length;
    const before = descriptions();
    let needed = 0;
    for (const connection of witness.all) {
      connection.addEventListener('negotiationneeded', () => needed++);
    }
    for (let i = 0; i < 3; i++) {
      const [track] = canvasStream().getVideoTracks();
      a.link.setTracks({camera: track!});
      a.link.setState({...state, cameraOff: false});
      await untilMoving(b.link.stream);
      a.link.setTracks({});
      a.link.setState(state);
      await until(() => !b.link.stream.getTracks().length, 'no picture');
      track?.stop();
    }
    expect(needed).to.equal(0);
    expect(descriptions()).to.equal(before);
  });

  it('tells what it says of itself at once, and again when that changes', async () => {
    const {a, b} = await openPair();
    a.link.setState({...state, name: '<b>Jun</b>'});
    await until(() => b.link.peerState?.name === '<b>Jun</b>', 'the new name');
    // All is off, however often it is said.
    expect(b.link.stream.getTracks().length).to.equal(0);
    a.link.setState({...state, name: 'Jun'});
    await until(() => b.link.peerState?.name === 'Jun', 'the next name');
    expect(b.link.stream.getTracks().length).to.equal(0);
  });

  it('shows, stops and shows a screen again, beside the camera', async () => {
    const [camera] = canvasStream().getVideoTracks();
    const {a, b} = await openPair({tracks: [{camera: camera!}]});
    a.link.setState({...state, cameraOff: false});
    const sections = [];
    for (let i = 0; i < 3; i++) {
      const [screen] = canvasStream({width: 640, height: 360}).getVideoTracks();
      a.link.setTracks({camera: camera!, screen: screen!});
      a.link.setState({...state, cameraOff: false, screen: true});
      await untilMoving(b.link.screen);
      expect(b.link.stream.getVideoTracks()).to.have.length(1);
      expect(b.link.screen.getVideoTracks()[0]).to.not.equal(b.link.stream.getVideoTracks()[0]);
      a.link.setTracks({camera: camera!});
      a.link.setState({...state, cameraOff: false});
      await until(() => !b.link.screen.getTracks().length, 'no screen');
      screen?.stop();
      sections.push(witness.all[0]?.getTransceivers().length);
    }
    // The section is used again.
    expect(sections).to.deep.equal([3, 3, 3]);
    await untilMoving(b.link.stream);
    camera?.stop();
  });

  it('shares what it may send among the pictures there are', async () => {
    const [camera] = canvasStream().getVideoTracks();
    const [screen] = canvasStream({width: 640, height: 360}).getVideoTracks();
    const {a} = await openPair({tracks: [{camera: camera!}]});
    const limits = () =>
      witness.all[0]!.getSenders()
        .filter(({track}) => track?.kind === 'video')
        .map((sender) => sender.getParameters().encodings[0]?.maxBitrate);
    a.link.limit({maxBitrate: 600_000});
    await until(() => String(limits()) === '600000', 'all for one');
    a.link.setTracks({camera: camera!, screen: screen!});
    await until(() => String(limits()) === '300000,300000', 'half each');
    a.link.setTracks({screen: screen!});
    await until(() => String(limits()) === '600000', 'all for the other');
    screen!.stop();
    camera!.stop();
  });

  it('sends small pictures while either of the two has little data to spare', async () => {
    const [camera] = canvasStream({width: 640, height: 360}).getVideoTracks();
    const {a, b} = await openPair({tracks: [{camera: camera!}]});
    const limits = () => {
      const {maxBitrate, maxFramerate, scaleResolutionDownBy} = witness.all[0]!.getSenders()
        .find(({track}) => track === camera)!
        .getParameters().encodings[0]!;
      return [maxBitrate, maxFramerate, scaleResolutionDownBy ?? 1].join();
    };
    const before = limits();
    for (const end of [a, b]) {
      end.link.setState({...state, lowData: true});
      await until(() => limits() === '150000,12,2', 'a small picture');
      end.link.setState(state);
      await until(() => limits() === before, 'a picture as before');
    }
    camera?.stop();
  });

  it('goes from speech to music and back, without a new link', async () => {
    const {a, b} = await openPair();
    const [connection, other] = witness.all;
    // Firefox says `stereo=1` at any time.
    const isMusic = (at = connection) =>
      /^a=fmtp:.*maxaveragebitrate/m.test(at?.remoteDescription?.sdp ?? '');
    const maxBitrate = () =>
      connection!
        .getTransceivers()
        .find(({receiver}) => receiver.track.kind === 'audio')!
        .sender.getParameters().encodings[0]?.maxBitrate;
    expect([isMusic(), maxBitrate()]).to.deep.equal([false, undefined]);
    a.link.setMusic(true);
    await until(() => isMusic() && maxBitrate() === musicBitrate, 'music');
    a.link.setMusic(false);
    await until(() => !isMusic() && maxBitrate() === undefined, 'speech');
    // Both at once.
    a.link.setMusic(true);
    b.link.setMusic(true);
    await until(() => isMusic(connection) && isMusic(other), 'music both ways');
    expect([...a.errors, ...b.errors, ...a.ends, ...b.ends]).to.be.empty;
  });

  it('shows a screen that was there before the link', async () => {
    for (const prepared of [false, true]) {
      const [screen] = canvasStream().getVideoTracks();
      const {a, b, connect} = pair({tracks: [{screen: screen!}, {screen: screen!}]});
      for (const {link} of [a, b]) {
        link.setState({...state, screen: true});
      }
      connect();
      if (prepared) {
        b.link.accept(await a.link.prepare());
      } else {
        a.link.offer();
      }
      await untilOpen(a, b);
      await Promise.all([untilMoving(a.link.screen), untilMoving(b.link.screen)]);
      a.link.close('left');
      b.link.close('left');
      screen?.stop();
    }
  });

  it('lets both show a screen in the same moment', async () => {
    for (const delayMs of [0, 0, 1, 3, 8, 20]) {
      const [one, other] = [
        canvasStream().getVideoTracks()[0]!,
        canvasStream().getVideoTracks()[0]!,
      ];
      const {a, b} = await openPair();
      const [first, second] = delayMs % 2 ? [b, a] : [a, b];
      first.link.setTracks({screen: one});
      first.link.setState({...state, screen: true});
      if (delayMs) {
        await new Promise((resolve) => setTimeout(resolve, delayMs));
      }
      second.link.setTracks({screen: other});
      second.link.setState({...state, screen: true});
      await Promise.all([untilMoving(a.link.screen), untilMoving(b.link.screen)]);
      expect([...a.errors, ...b.errors, ...a.ends, ...b.ends]).to.be.empty;
      a.link.close('left');
      b.link.close('left');
      one.stop();
      other.stop();
    }
  });

  it('takes every signal twice without harm', async () => {
    const {a, b} = await openPair({carry: (signal) => [signal, signal]});
    expect(b.sent.filter(({t}) => t === 'description')).to.have.length(1);
    const [track] = canvasStream().getVideoTracks();
    a.link.setTracks({screen: track!});
    a.link.setState({...state, screen: true});
    await untilMoving(b.link.screen);
    expect([...a.errors, ...b.errors]).to.be.empty;
    track?.stop();
  });

  it('takes candidates that come before the description', async () => {
    const held: LinkSignal[] = [];
    let released = false;
    const {a, b} = pair();
    b.link.connect((signal) => a.link.receive(signal), {polite: false});
    a.link.connect(
      (signal) => {
        if (signal.t === 'description' && !released) {
          held.push(signal);
        } else {
          b.link.receive(signal);
        }
      },
      {polite: true},
    );
    a.link.offer();
    const [connection] = witness.all;
    await until(() => connection?.iceGatheringState === 'complete' && held.length, 'candidates');
    released = true;
    b.link.receive(held[0]!);
    await untilOpen(a, b);
    expect([...a.errors, ...b.errors]).to.be.empty;
  });

  it('tells the other why it ends, and ends there too', async () => {
    for (const reason of ['left', 'closed', 'room-full'] as const) {
      for (let i = 0; i < 3; i++) {
        const {a, b} = await openPair();
        a.link.close(reason);
        a.link.close('left');
        await until(() => b.ends.length, 'the end');
        expect(b.ends).to.deep.equal([reason]);
        expect(a.ends).to.be.empty;
        expect(a.link.isClosed && b.link.isClosed).to.be.true;
        expect(b.link.isOpen).to.be.false;
      }
    }
  });

  it('is lost when the other is gone without a word', async () => {
    const {a, b} = await openPair();
    a.link.close(undefined);
    await until(() => b.ends.length, 'the end');
    expect(b.ends).to.deep.equal(['lost']);
    expect(b.link.isClosed).to.be.true;
  });

  it('keeps the last picture of one who will be back in a moment', async () => {
    const [camera] = canvasStream().getVideoTracks();
    const {a, b} = await openPair({tracks: [{camera: camera!}]});
    a.link.setState({...state, cameraOff: false});
    await untilMoving(b.link.stream);
    a.link.close('away');
    await until(() => b.ends.length, 'the end');
    expect(b.ends).to.deep.equal(['away']);
    expect(b.link.stream.getVideoTracks().map(({readyState}) => readyState)).to.deep.equal([
      'live',
    ]);
    b.link.close(undefined);
    await until(
      () => b.link.stream.getVideoTracks().every(({readyState}) => readyState === 'ended'),
      'its end',
    );
    camera?.stop();
  });

  it('notices silence, and when it ends', async () => {
    const {a, b} = await openPair();
    const ping = {slot: 3, got: 0};
    expect(a.link.isInterrupted).to.be.false;
    const changed = once(a.link, 'change');
    for (let i = 0; i < 5; i++) {
      a.link.beat(500, ping);
    }
    await changed;
    expect(a.link.isInterrupted).to.be.true;
    expect(a.link.quietMs).to.equal(2_500);
    const heard = once<Event & {slot: number; got: number}>(a.link, 'ping');
    b.link.ping({slot: 7, got: 12});
    const {slot, got} = await heard;
    expect([slot, got]).to.deep.equal([7, 12]);
    expect(a.link.isInterrupted).to.be.false;
    expect(a.link.quietMs).to.equal(0);
  });

  it('does not take its own sleep for silence of the other', async () => {
    const {a} = await openPair();
    a.link.beat(600_000, {slot: 0, got: 0});
    expect(a.link.isInterrupted).to.be.false;
  });

  it('pings about once a second', async () => {
    const {a, b} = await openPair();
    let heard = 0;
    b.link.addEventListener('ping', () => heard++);
    for (let i = 0; i < 20; i++) {
      a.link.beat(500, {slot: 0, got: 0});
    }
    const last = once(b.link, 'ping');
    a.link.ping({slot: 9, got: 9});
    await last;
    await until(() => heard === 11, `11 pings, not ${heard}`);
  });

  it('hears media as well, when pings are late', async () => {
    const [camera] = canvasStream().getVideoTracks();
    const {a, b} = await openPair({tracks: [{camera: camera!}]});
    a.link.setState({...state, cameraOff: false});
    await untilMoving(b.link.stream);
    const video = document.createElement('video');
    Object.assign(video, {muted: true, autoplay: true, srcObject: b.link.stream});
    await until(() => {
      b.link.beat(400, {slot: 0, got: 0});
      return b.link.quietMs === 0;
    }, 'a sign of life');
    // Not for ever: media alone cannot tell that the data channel is dead.
    await until(() => {
      b.link.beat(400, {slot: 0, got: 0});
      return b.link.isInterrupted;
    }, 'silence');
    video.srcObject = null;
    camera?.stop();
  });

  it('gives a suspected path one more second', async () => {
    const {a} = await openPair();
    a.link.suspect();
    expect(a.link.isInterrupted).to.be.false;
    for (let i = 0; i < 3; i++) {
      a.link.beat(500, {slot: 0, got: 0});
    }
    expect(a.link.isInterrupted).to.be.true;
  });

  it('gives what is to be passed on to whoever knows to whom', async () => {
    const {a, b} = await openPair();
    const [description] = a.sent.filter(({t}) => t === 'description');
    for (const message of [
      {t: 'relay', to: '00112233', signal: description!},
      {t: 'relayed', from: '00112233', signal: description!},
    ] as const) {
      const heard = once<Event & {relayed: unknown}>(b.link, 'relay');
      a.link.relay(message);
      expect((await heard).relayed).to.deep.equal(message);
    }
    for (let i = 0; i < 50; i++) {
      a.link.relay({t: 'relay', to: '00112233', signal: description!});
    }
    await until(() => b.ends.length, 'the end of a flood');
    expect(b.ends).to.deep.equal(['bad-message']);
  });

  it('does nothing once it is closed', async () => {
    const {a, b} = await openPair();
    const [description] = a.sent.filter(({t}) => t === 'description');
    b.link.close('left');
    const [track] = canvasStream().getVideoTracks();
    b.link.setTracks({camera: track!, screen: track!});
    b.link.setState(state);
    b.link.receive(description!);
    b.link.offer();
    b.link.accept('v=0');
    track?.stop();
    await until(() => a.ends.length, 'the end');
    expect(b.errors).to.be.empty;
    expect(b.ends).to.be.empty;
  });

  it('may be closed at any moment of its making', async () => {
    for (const turns of [0, 1, 2, 3, 5, 8, 13]) {
      const {a, b, connect} = pair();
      connect();
      b.link.accept(await a.link.prepare());
      for (let turn = 0; turn < turns; turn++) {
        await new Promise((resolve) => setTimeout(resolve));
      }
      (turns % 2 ? a : b).link.close('left');
      (turns % 2 ? b : a).link.close('left');
      expect([...a.errors, ...b.errors]).to.be.empty;
    }
  });

  it('gives the statistics of its connection', async () => {
    const {a} = await openPair();
    expect((await a.link.getStats()).size).to.be.above(0);
  });
});

describe('PeerLink with data', () => {
  prepare();

  it('delivers any JSON value and binary, in order', async () => {
    const {a, b} = await openPair();
    const values = [null, true, -1.5, '', 'Grüße 👋', [1, [2]], {a: {b: null}}, {t: 'bye'}];
    for (const value of values) {
      a.link.send(encodeData(value));
    }
    a.link.send(encodeData(new Uint8Array([1, 2, 3])));
    a.link.send(encodeData('last'));
    await until(() => b.data.length === values.length + 2, 'all data');
    const binary = b.data.splice(values.length, 1)[0];
    expect(b.data).to.deep.equal([...values, 'last']);
    expect(binary).to.be.instanceOf(ArrayBuffer);
    expect(new Uint8Array(binary as ArrayBuffer)).to.deep.equal(new Uint8Array([1, 2, 3]));
  });

  it('delivers the largest messages there are', async () => {
    const {a, b} = await openPair();
    const bytes = new Uint8Array(maxDataBytes).map((_, i) => i % 251);
    a.link.send(encodeData(bytes));
    a.link.send(encodeData('x'.repeat(maxDataBytes - 2)));
    a.link.send(encodeData('한'.repeat(21_844)));
    await until(() => b.data.length === 3, 'all data');
    expect(new Uint8Array(b.data[0] as ArrayBuffer)).to.deep.equal(bytes);
    expect(b.data[1]).to.have.length(maxDataBytes - 2);
    expect(b.data[2]).to.equal('한'.repeat(21_844));
    expect(b.errors).to.be.empty;
  });

  it('delivers 1,500 messages of a loop, at a pace the other side takes', async () => {
    const {a, b} = await openPair();
    const numbers = Array.from({length: 1_500}, (_, i) => i);
    for (const n of numbers) {
      a.link.send(encodeData(n));
    }
    await until(() => b.data.length === 1_500 || b.ends.length, 'all data', 15_000);
    expect(b.data).to.deep.equal(numbers);
    expect([...b.errors, ...b.ends]).to.be.empty;
  });

  it('refuses more than memory should hold', async () => {
    const {a} = pair();
    const message = encodeData(new Uint8Array(64_000));
    for (let size = 65_000; size <= 64_000_000; size += 65_000) {
      a.link.send(message);
    }
    expect(await codeOf(() => a.link.send(message))).to.equal('bad-message');
  });

  it('sends what was to be sent before it was open', async () => {
    const {a, b, connect} = pair();
    a.link.send(encodeData('early'));
    connect();
    a.link.offer();
    await untilOpen(a, b);
    a.link.send(encodeData('late'));
    await until(() => b.data.length === 2, 'both');
    expect(b.data).to.deep.equal(['early', 'late']);
  });
});

describe('PeerLink with a peer that breaks the rules', () => {
  prepare();

  /** A link, open, to a bare connection that may say anything. */
  async function openRaw() {
    const end = new End('aaaaaaaaaaaaaaaa');
    ends.push(end);
    const pc = new RTCPeerConnection();
    const channel = pc.createDataChannel('rtc', {negotiated: true, id: 0});
    pc.addEventListener('icecandidate', ({candidate}) => {
      if (candidate?.candidate) {
        end.link.receive({
          t: 'candidate',
          v,
          attempt,
          candidate: candidate.toJSON() as {candidate: string},
        });
      }
    });
    let queue = Promise.resolve();
    end.link.connect(
      (signal) => {
        queue = queue.then(async () => {
          if (signal.t === 'candidate') {
            await pc.addIceCandidate(signal.candidate);
            return;
          }
          await pc.setRemoteDescription({type: signal.type, sdp: signal.sdp});
          await pc.setLocalDescription();
          end.link.receive(answer(pc.localDescription!.sdp));
        });
      },
      {polite: true},
    );
    end.link.offer();
    await until(() => end.link.isOpen && channel.readyState === 'open', 'an open channel');
    const heard: string[] = [];
    channel.addEventListener('message', ({data}) => heard.push(data as string));
    return {end, link: end.link, pc, channel, heard};
  }

  const answer = (sdp: string, n = 1): LinkSignal => ({
    t: 'description',
    v,
    id: 'bbbbbbbbbbbbbbbb',
    attempt,
    n,
    type: 'answer',
    sdp,
    labels: {},
  });

  it('tells of messages that are nonsense, and goes on', async () => {
    const {end, link, channel, pc} = await openRaw();
    const nonsense = [
      'not json',
      '',
      'null',
      '7',
      '[]',
      '{}',
      '{"t":"nothing"}',
      '{"t":"state","name":{"length":1}}',
      '{"t":"bye","v":2,"attempt":"x","reason":"left"}',
      '{"t":"data"}',
    ];
    for (const text of nonsense) {
      channel.send(text);
    }
    channel.send('{"t":"data","data":"fine"}');
    await until(() => end.data.length, 'what is fine');
    expect(end.data).to.deep.equal(['fine']);
    expect(end.errors.map(({code}) => code)).to.deep.equal(nonsense.map(() => 'bad-message'));
    expect(link.isOpen).to.be.true;
    pc.close();
  });

  it('ends with one that talks only nonsense', async () => {
    const {end, channel, heard, pc} = await openRaw();
    for (let i = 0; i < 50; i++) {
      channel.send('nonsense');
    }
    await until(() => end.ends.length, 'the end');
    expect(end.ends).to.deep.equal(['bad-message']);
    expect(end.errors.length).to.be.below(20);
    await until(() => heard.some((text) => text.includes('"bye"')), 'a good bye');
    expect(JSON.parse(heard.at(-1)!)).to.include({t: 'bye', reason: 'bad-message'});
    pc.close();
  });

  it('drops data that is too large', async () => {
    const {end, link, channel, pc} = await openRaw();
    channel.send(new ArrayBuffer(maxDataBytes + 1));
    channel.send(`{"t":"data","data":"${'x'.repeat(maxDataBytes + 200)}"}`);
    channel.send(new ArrayBuffer(maxDataBytes));
    await until(() => end.data.length, 'what is just right');
    expect(end.data).to.have.length(1);
    expect((end.data[0] as ArrayBuffer).byteLength).to.equal(maxDataBytes);
    expect(end.errors.map(({detail}) => detail)).to.deep.equal(['too long', 'too long']);
    expect(link.isOpen).to.be.true;
    pc.close();
  });

  it('ends with one that floods', async () => {
    const {end, channel, pc} = await openRaw();
    for (let i = 0; i < 2_000; i++) {
      channel.send(`{"t":"data","data":${i}}`);
    }
    await until(() => end.ends.length, 'the end');
    expect(end.ends).to.deep.equal(['bad-message']);
    expect(end.errors.at(-1)?.detail).to.equal('too fast');
    expect(end.data.length).to.be.within(100, 1_500);
    // What is left of the flood is not heard.
    const heard = end.data.length;
    await until(() => channel.readyState === 'closed', 'the end over there');
    expect(end.data).to.have.length(heard);
    pc.close();
  });

  it('keeps the name it is given for text, and refuses one without end', async () => {
    const {end, link, channel, pc} = await openRaw();
    const say = (name: string) => channel.send(JSON.stringify({t: 'state', ...state, name}));
    say('<img src=x onerror=alert(1)>');
    await until(() => link.peerState, 'the name');
    expect(link.peerState?.name).to.equal('<img src=x onerror=alert(1)>');
    say('x'.repeat(1_001));
    await until(() => end.errors.length, 'an error');
    expect(link.peerState?.name).to.equal('<img src=x onerror=alert(1)>');
    pc.close();
  });

  it('does not believe in pictures that are not there', async () => {
    const {link, channel, pc} = await openRaw();
    channel.send(
      JSON.stringify({t: 'state', name: '', micOff: false, cameraOff: false, screen: true}),
    );
    await until(() => link.peerState?.screen, 'the claim');
    expect(link.screen.getTracks()).to.be.empty;
    pc.close();
  });

  for (const [what, sdp] of [
    ['malformed', 'v=0\r\nnonsense\r\n'],
    ['empty', 'v=0'],
    [
      'of something else',
      'v=0\r\no=- 1 2 IN IP4 127.0.0.1\r\ns=-\r\nt=0 0\r\nm=audio 9 RTP/AVP 0\r\n',
    ],
  ] as const) {
    it(`ends when the answer is ${what}`, async () => {
      const end = new End('aaaaaaaaaaaaaaaa');
      ends.push(end);
      end.link.connect(
        (signal) => {
          if (signal.t === 'description') {
            end.link.receive(answer(sdp));
          }
        },
        {polite: true},
      );
      end.link.offer();
      await until(() => end.ends.length, 'the end');
      expect(end.ends).to.deep.equal(['bad-message']);
      expect(end.errors.map(({code}) => code)).to.deep.equal(['bad-message']);
      expect(end.link.isClosed).to.be.true;
    });

    it(`ends when the prepared offer is ${what}`, async () => {
      const end = new End('aaaaaaaaaaaaaaaa');
      ends.push(end);
      end.link.connect(() => undefined, {polite: true});
      end.link.accept(sdp);
      await until(() => end.ends.length, 'the end');
      expect(end.ends).to.deep.equal(['bad-message']);
    });
  }

  it('takes answers to nothing, and candidates of nobody, without harm', async () => {
    const {end, link, channel, pc} = await openRaw();
    const {sdp} = pc.localDescription!;
    for (const n of [1, 0, 7, 8]) {
      channel.send(JSON.stringify(answer(sdp, n)));
    }
    for (const candidate of [
      {candidate: '', sdpMid: '0'},
      {candidate: 'candidate:9 1 udp 1 127.0.0.1 9 typ host', sdpMid: '77'},
      {candidate: 'nonsense', sdpMid: '0'},
    ]) {
      channel.send(JSON.stringify({t: 'candidate', v, attempt, candidate}));
    }
    channel.send('{"t":"data","data":"fine"}');
    await until(() => end.data.length, 'what is fine');
    expect(link.isOpen).to.be.true;
    pc.close();
  });

  it('ends with one that never stops to negotiate', async () => {
    const {end, channel, pc} = await openRaw();
    const {sdp} = pc.localDescription!;
    for (let n = 2; n < 60; n++) {
      channel.send(JSON.stringify({...answer(sdp, n), type: 'answer'}));
    }
    await until(() => end.ends.length, 'the end');
    expect(end.ends).to.deep.equal(['bad-message']);
    pc.close();
  });

  it('keeps a bounded number of candidates for a description that never comes', async () => {
    const {a, b, connect} = pair();
    connect();
    for (let i = 0; i < 1_000; i++) {
      a.link.receive({t: 'candidate', v, attempt, candidate: {candidate: `candidate:${i}`}});
    }
    // One hundred of them are tried, and found to be nonsense: the link ends.
    b.link.offer();
    await until(() => a.ends.length || a.link.isOpen, 'an end');
    expect(a.errors.length).to.be.below(101);
  });

  it('tells when the path breaks, and that it may come back', async () => {
    const {end, link, pc} = await openRaw();
    const [connection] = witness.all;
    const become = (connectionState: RTCPeerConnectionState) => {
      Object.defineProperty(connection!, 'connectionState', {
        value: connectionState,
        configurable: true,
      });
      connection!.dispatchEvent(new Event('connectionstatechange'));
    };
    const changed = once(link, 'change');
    become('failed');
    await changed;
    expect(link.isInterrupted).to.be.true;
    expect(end.ends).to.be.empty;
    become('connected');
    expect(link.isInterrupted).to.be.false;
    pc.close();
  });

  it('is lost when no path is found', async () => {
    const {a, connect} = pair({carry: () => []});
    connect();
    a.link.offer();
    const [connection] = witness.all;
    Object.defineProperty(connection!, 'connectionState', {value: 'failed', configurable: true});
    connection!.dispatchEvent(new Event('connectionstatechange'));
    expect(a.ends).to.deep.equal(['lost']);
  });
});

describe('PeerLink with music', function () {
  this.timeout(40_000);
  prepare();

  const contexts: AudioContext[] = [];

  before(async function () {
    // Firefox makes no sound on a machine without a device for it.
    const context = new AudioContext();
    const isHeard = until(() => context.currentTime > 0, 'time', 3_000).catch(() => undefined);
    void context.resume();
    if (!(await isHeard)) {
      this.skip();
    }
    await context.close();
  });
  afterEach(async () => {
    await Promise.all(contexts.splice(0).map((context) => context.close()));
  });

  function createContext(): AudioContext {
    const context = new AudioContext({sampleRate: 48_000});
    contexts.push(context);
    return context;
  }

  /** A tone on the left, and nothing on the right; with `noise`, what needs all the bits there are. */
  function tone({noise = false} = {}): MediaStreamTrack {
    const context = createContext();
    const destination = context.createMediaStreamDestination();
    destination.channelCount = 2;
    const merger = context.createChannelMerger(2);
    merger.connect(destination);
    if (noise) {
      const buffer = context.createBuffer(2, 48_000, 48_000);
      for (const channel of [0, 1]) {
        const samples = buffer.getChannelData(channel);
        samples.forEach((_, i) => (samples[i] = Math.random() - 0.5));
      }
      const source = new AudioBufferSourceNode(context, {buffer, loop: true});
      source.connect(destination);
      source.start();
    } else {
      const source = new OscillatorNode(context, {frequency: 440});
      source.connect(merger, 0, 0);
      source.start();
    }
    return destination.stream.getAudioTracks()[0]!;
  }

  /** Two links, of which the first offers and sends this, as music or as speech. */
  async function openMusic(music: boolean, mic: MediaStreamTrack) {
    const make = (id: string, tracks: OutgoingTracks, isMusic: boolean) => {
      const end = new End(id, tracks, isMusic);
      ends.push(end);
      return end;
    };
    const a = make('aaaaaaaaaaaaaaaa', {mic}, music);
    const b = make('bbbbbbbbbbbbbbbb', {}, false);
    for (const [from, to, polite] of [
      [a, b, false],
      [b, a, true],
    ] as const) {
      from.link.connect((signal) => void queueMicrotask(() => to.link.receive(signal)), {polite});
    }
    a.link.offer();
    await untilOpen(a, b);
    a.link.setState({...state, micOff: false});
    await until(() => b.link.stream.getAudioTracks().length, 'a sound');
    return {a, b};
  }

  /** How loud the two channels are, left and right. */
  async function listen(stream: MediaStream) {
    // Chromium plays nothing to WebAudio that no element plays.
    const audio = new Audio();
    audio.srcObject = stream;
    audio.muted = true;
    await audio.play();
    const context = createContext();
    const source = context.createMediaStreamSource(stream);
    const splitter = context.createChannelSplitter(2);
    // What is mono is made two, as for loudspeakers.
    const both = new GainNode(context, {channelCount: 2, channelCountMode: 'explicit'});
    source.connect(both).connect(splitter);
    const analysers = [0, 1].map((channel) => {
      const analyser = context.createAnalyser();
      splitter.connect(analyser, channel);
      return analyser;
    });
    const samples = new Float32Array(2_048);
    return () =>
      analysers.map((analyser) => {
        analyser.getFloatTimeDomainData(samples);
        return Math.sqrt(samples.reduce((sum, sample) => sum + sample ** 2, 0) / samples.length);
      }) as [number, number];
  }

  const bytesOf = async (link: PeerLink) => {
    let sent = {at: 0, bytes: 0};
    (await link.getStats()).forEach(
      (stat: {type: string; kind?: string; bytesSent?: number; timestamp: number}) => {
        if (stat.type === 'outbound-rtp' && stat.kind === 'audio') {
          sent = {at: stat.timestamp, bytes: stat.bytesSent ?? 0};
        }
      },
    );
    return sent;
  };

  it('sends music in stereo', async () => {
    const {a, b} = await openMusic(true, tone());
    const loudness = await listen(b.link.stream);
    await until(() => loudness()[0] > 0.1, 'a tone on the left');
    const [left, right] = loudness();
    expect(left).to.be.above(0.1);
    expect(right).to.be.below(left / 20);
    expect([...a.errors, ...b.errors]).to.be.empty;
  });

  it('sends speech as it always did: the same on both sides, and without a word about stereo', async () => {
    const {a, b} = await openMusic(false, tone());
    const loudness = await listen(b.link.stream);
    await until(() => loudness()[1] > 0.05, 'a tone on the right');
    const [left, right] = loudness();
    expect(right).to.be.within(left / 2, left * 2);
    for (const {localDescription} of witness.all) {
      expect(localDescription?.sdp).to.not.match(/sprop-stereo|maxaveragebitrate/);
    }
    expect([...a.errors, ...b.errors]).to.be.empty;
  });

  it('spends on music what it needs, and not on speech', async () => {
    const mic = tone({noise: true});
    const [music, speech] = [await openMusic(true, mic), await openMusic(false, mic.clone())];
    const before = await Promise.all([bytesOf(music.a.link), bytesOf(speech.a.link)]);
    const [musicBits, speechBits] = await until(
      async () => {
        const now = await Promise.all([bytesOf(music.a.link), bytesOf(speech.a.link)]);
        const rates = now.map(
          ({at, bytes}, i) => (8_000 * (bytes - before[i]!.bytes)) / (at - before[i]!.at),
        );
        return now.every(({at}, i) => at - before[i]!.at > 4_000) ? rates : undefined;
      },
      'four seconds of both',
      20_000,
    );
    expect(musicBits).to.be.within(musicBitrate * 0.6, musicBitrate * 1.25);
    expect(speechBits).to.be.below(musicBits! / 2);
  });

  it('lets whoever only listens hear music, whoever of the two has offered', async () => {
    // The music is on the side that answers.
    const mic = tone();
    const a = new End('aaaaaaaaaaaaaaaa');
    const b = new End('bbbbbbbbbbbbbbbb', {mic}, true);
    ends.push(a, b);
    for (const [from, to, polite] of [
      [a, b, true],
      [b, a, false],
    ] as const) {
      from.link.connect((signal) => void queueMicrotask(() => to.link.receive(signal)), {polite});
    }
    a.link.offer();
    await untilOpen(a, b);
    b.link.setState({...state, micOff: false});
    await until(() => a.link.stream.getAudioTracks().length, 'a sound');
    expect([...a.errors, ...b.errors]).to.be.empty;
    const loudness = await listen(a.link.stream);
    await until(() => loudness()[0] > 0.05, 'a tone');
  });
});
