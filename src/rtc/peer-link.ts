import {
  maxDataBytes,
  parseLinkMessage,
  protocolVersion,
  type ByeReason,
  type LinkMessage,
  type LinkSignal,
  type Note,
  type PeerState,
  type Show,
  type TrackKind,
} from '../core/messages.js';
import {RtcError} from '../core/errors.js';
import {TokenBucket} from '../core/token-bucket.js';
import {TypedEventTarget} from '../core/typed-event-target.js';
import {lowPicture} from './capture.js';
import {FileChannel} from './file-channel.js';
import {candidateStats} from './link-stats.js';
import {musicBitrate, sayMusic, saysMusic, withMusic, withoutMusic} from './opus.js';
import {putTrack} from './put-track.js';

/** The tracks we send, by what they are. A kind that is missing sends nothing. */
export type OutgoingTracks = Readonly<Partial<Record<TrackKind, MediaStreamTrack>>>;

/** The most that is sent to the peer. What is left out is not limited. */
export interface SendLimit {
  /** In bits a second, of all pictures together. */
  readonly maxBitrate?: number;
  readonly maxFramerate?: number;
  /** 2 is half the width and half the height. */
  readonly scaleResolutionDownBy?: number;
}

/** Application data that came from the peer. */
export class LinkDataEvent extends Event {
  constructor(readonly data: unknown) {
    super('data');
  }
}

/** A line of a chat, or the like, that came from the peer. It counts as application data. */
export class LinkNoteEvent extends Event {
  constructor(readonly note: Note) {
    super('note');
  }
}

/** What the stage of a broadcast tells. */
export class LinkShowEvent extends Event {
  constructor(readonly show: Show) {
    super('show');
  }
}

/** The peer sent something that is against the rules. The link may go on. */
export class LinkErrorEvent extends Event {
  constructor(readonly error: RtcError) {
    super('error');
  }
}

/** The peer is there: how it can be reached, and what it has got. */
export class LinkPingEvent extends Event {
  constructor(
    readonly slot: number,
    readonly got: number,
  ) {
    super('ping');
  }
}

/** A signal for somebody else (`to`), or from somebody else by way of the peer (`from`). */
export class LinkRelayEvent extends Event {
  constructor(readonly relayed: Extract<LinkMessage, {t: 'relay' | 'relayed'}>) {
    super('relay');
  }
}

/** Why a link ended: the peer's word, or what the browser saw. */
export type LinkEnd = ByeReason | 'lost';

export class LinkCloseEvent extends Event {
  constructor(readonly reason: LinkEnd) {
    super('close');
  }
}

export interface PeerLinkEvents {
  /** The data channel is open, or the peer's state, its streams or the path has changed. */
  change: Event;
  data: LinkDataEvent;
  note: LinkNoteEvent;
  show: LinkShowEvent;
  ping: LinkPingEvent;
  relay: LinkRelayEvent;
  error: LinkErrorEvent;
  /**
   * It has ended by itself or by the peer. Not fired for our own `close()`, which is still to
   * be called when the peer is `lost` or `away`: until then the last picture stands.
   */
  close: LinkCloseEvent;
}

export interface PeerLinkOptions {
  /** Who we are, the same for a whole join. */
  readonly id: string;
  /** What both ends call this attempt at a link. */
  readonly attempt: string;
  readonly configuration: RTCConfiguration;
  readonly state: PeerState;
  /** Whether we were there before: the peer is told. */
  readonly settled?: boolean;
  readonly tracks?: OutgoingTracks;
  /** Whether what we send sounds like music: in stereo and with more bits. */
  readonly music?: boolean;
  /** For messages only. */
  readonly withoutMedia?: boolean;
}

/** The receiver ends a link that is faster than this for long; the sender paces itself below it. */
const receiveBurst = 600;
const receivePerSecond = 250;
const sendBurst = 400;
const sendPerSecond = 200;
/** What applying a description costs, in ordinary messages. */
const descriptionCost = 20;
/** What a malformed message costs, in ordinary ones. */
const malformedCost = 50;
/** What may wait for its turn before `send` refuses more, about bytes. */
export const maxWaitingSize = 64_000_000;
/** What the browser may hold of it. More would only make the signals behind it late. */
const maxBuffered = 1_000_000;
const maxWaitingCandidates = 100;
/** A ping is sent this often, */
const pingMs = 1_000;
/** by a timer that may be a little early, */
const earlyMs = 100;
/** and a path without any sign of life for this long is taken for broken. */
const silenceMs = 2_200;
/** A beat that comes later than this says that we slept, not that the peer was silent. */
const longestBeatMs = 750;
/** Without a ping for this long, one is late: then it is seen whether media still arrives. */
const lateMs = 1_200;
/** How long arriving media may stand in for pings that got stuck behind lost packets. */
const mediaGraceMs = 8_000;
/** How long an open link may take until its pictures play. */
const playGraceMs = 1_500;
/** What gets a section of its own when there is first something to send. */
const addedKinds = ['screen', 'screen-audio', 'guest', 'guest-audio'] as const;
const limitNames = ['maxBitrate', 'maxFramerate', 'scaleResolutionDownBy'] as const;
const musicLimit: SendLimit = {maxBitrate: musicBitrate};

/**
 * One `RTCPeerConnection` to one peer, opened once and closed once: W3C perfect
 * negotiation, trickled candidates, one data channel, tracks by what they are.
 * Knows nothing of rooms, devices or how signals travel.
 *
 * The very first offer comes from one side only, by rule of the caller: when both
 * offer on new connections, Chromium can stall for good. It is either `offer()`ed
 * with media, or `prepare()`d without, so that it is small and holds no address.
 * Microphone and camera have a section each in both directions from the start,
 * with or without a track: switching them needs no negotiation, and who has no
 * camera still receives. A shared screen gets sections of its own when first shown.
 */
export class PeerLink extends TypedEventTarget<PeerLinkEvents> {
  readonly attempt: string;
  /** The peer's microphone and camera, as far as they are on. */
  readonly stream = new MediaStream();
  /** The peer's shared screen, empty while there is none. */
  readonly screen = new MediaStream();
  /** Somebody else, whose picture and sound the peer passes on. */
  readonly guest = new MediaStream();
  /** For files, which all else need not wait for. */
  readonly files: FileChannel;
  readonly #id: string;
  readonly #pc: RTCPeerConnection;
  readonly #channel: RTCDataChannel;
  readonly #incoming = new TokenBucket(receiveBurst, receivePerSecond);
  readonly #outgoing = new TokenBucket(sendBurst, sendPerSecond);
  /** What we send through which section, and what the peer says it sends. */
  readonly #senders = new Map<TrackKind, RTCRtpTransceiver>();
  readonly #receivers = new Map<TrackKind, RTCRtpTransceiver>();
  readonly #candidates: RTCIceCandidateInit[] = [];
  readonly #waiting: (string | ArrayBuffer)[] = [];
  #waitingSize = 0;
  #waitingTimer: ReturnType<typeof setTimeout> | undefined;
  /** Signals made before anybody could carry them. */
  #unsent: LinkSignal[] = [];
  #carry: ((signal: LinkSignal) => void) | undefined;
  #polite = false;
  #state: PeerState;
  readonly #settled: boolean;
  #fingerprint: string | undefined;
  #wasOpen = false;
  #peerState: PeerState | undefined;
  #tracks: OutgoingTracks;
  #music: boolean;
  /** Whether our last offer said that it is music, and the last that the peer has taken. */
  #offersMusic = false;
  #agreedMusic: boolean | undefined;
  readonly #withoutMedia: boolean;
  /** Whether the peer sends music. */
  #hearsMusic = false;
  #heardMusic = false;
  #limit: SendLimit = {};
  #wasTuned = false;
  /** Parameters of senders are changed one after the other. */
  #tuning: Promise<void> = Promise.resolve();
  #closed = false;
  /** Why it has ended. */
  #ending: LinkEnd | undefined;
  /** What is left to measure after the end. */
  #lastStats: RTCStatsReport | undefined;
  #sincePingMs = 0;
  #quietMs = 0;
  #sinceMessageMs = 0;
  /** The newest packets of media that have been seen since a ping is late. */
  #mediaSeen: string | undefined;
  #openMs = 0;
  /** Negotiation is off until the first exchange, which has its own rule. */
  #mayOffer = false;
  #makingOffer = false;
  #ignoresOffer = false;
  #sent = 0;
  #received = 0;
  #lastDescription: LinkSignal | undefined;
  #queue: Promise<void> = Promise.resolve();

  constructor({
    id,
    attempt,
    configuration,
    state,
    settled = false,
    tracks = {},
    music = false,
    withoutMedia = false,
  }: PeerLinkOptions) {
    super();
    this.attempt = attempt;
    this.#id = id;
    this.#state = state;
    this.#settled = settled;
    this.#tracks = tracks;
    this.#music = music;
    this.#withoutMedia = withoutMedia;
    this.#pc = new RTCPeerConnection({
      ...configuration,
      bundlePolicy: 'max-bundle',
      rtcpMuxPolicy: 'require',
    });
    // Both sides make the channel themselves, and listen before anything can arrive.
    this.#channel = this.#pc.createDataChannel('rtc', {negotiated: true, id: 0});
    this.#channel.binaryType = 'arraybuffer';
    this.#channel.addEventListener('open', () => this.#open());
    this.#channel.addEventListener('message', ({data}) => this.#hear(data as string | ArrayBuffer));
    // Whoever hangs up says so. Without a word it is their browser that is gone, or the path.
    this.#channel.addEventListener('close', () => this.#end('lost'));
    this.files = new FileChannel(this.#pc.createDataChannel('files', {negotiated: true, id: 1}), {
      changed: () => this.#changed(),
      heard: () => this.#hearSign(),
      complain: (cause) => this.#complain(cause),
    });
    this.#pc.addEventListener('negotiationneeded', () => void this.#negotiate());
    this.#pc.addEventListener('icecandidate', ({candidate}) => {
      if (candidate?.candidate) {
        this.#signal({
          t: 'candidate',
          v: protocolVersion,
          attempt,
          candidate: candidate.toJSON() as {candidate: string},
        });
      }
    });
    this.#pc.addEventListener('track', ({track}) =>
      track.addEventListener('unmute', () => this.#changed()),
    );
    this.#pc.addEventListener('connectionstatechange', () => {
      // One that has been open may come back: Chromium goes on trying.
      if (this.#pc.connectionState === 'failed' && !this.isOpen) {
        this.#end('lost');
      } else {
        this.#changed();
      }
    });
  }

  /** Whether the data channel is open. */
  get isOpen(): boolean {
    return this.#channel.readyState === 'open' && !this.isClosed;
  }

  /** Whether the data channel is open, or was. */
  get wasOpen(): boolean {
    return this.#wasOpen;
  }

  /**
   * What shows the peer to be the same as in another link: the fingerprint of its certificate
   * (RFC 8122), once it has described itself.
   */
  get fingerprint(): string | undefined {
    return this.#fingerprint;
  }

  /** Whether it has ended, or we have closed it. */
  get isClosed(): boolean {
    return this.#closed || this.#ending !== undefined;
  }

  /** Whether the path has broken and may come back. */
  get isInterrupted(): boolean {
    return this.isOpen && (this.#quietMs >= silenceMs || this.#pc.connectionState === 'failed');
  }

  /** For how long there has been no sign of the peer, in milliseconds that we were awake. */
  get quietMs(): number {
    return this.#pc.connectionState === 'disconnected'
      ? Math.max(this.#quietMs, silenceMs)
      : this.#quietMs;
  }

  /**
   * Whether it can take over: the peer has told its state, and what it says is on arrives.
   * After a while without it is as good as it gets.
   */
  get isPlaying(): boolean {
    const state = this.#peerState;
    if (!this.isOpen || !state) {
      return false;
    }
    const on = {mic: !state.micOff, camera: !state.cameraOff, screen: state.screen};
    return (
      this.#openMs >= playGraceMs ||
      (['mic', 'camera', 'screen'] as const).every(
        (kind) => !on[kind] || this.#receivers.get(kind)?.receiver.track.muted === false,
      )
    );
  }

  /** For how long the data channel has been open, in milliseconds that we were awake. */
  get openMs(): number {
    return this.#openMs;
  }

  /** What the peer said of itself; nothing before the link is open. */
  get peerState(): PeerState | undefined {
    return this.#peerState;
  }

  /**
   * Says who carries signals while there is no data channel, and who gives way
   * when two offers cross. Signals made before are carried now.
   */
  connect(carry: (signal: LinkSignal) => void, {polite}: {polite: boolean}): void {
    this.#carry = carry;
    this.#polite = polite;
    for (const signal of this.#unsent.splice(0)) {
      this.#signal(signal);
    }
  }

  /**
   * Makes the first offer, with no media and no address: small enough to greet many with. Only
   * one may answer; candidates in it would lead all who try to this one connection, and two
   * DTLS handshakes with different certificates break it.
   */
  async prepare(): Promise<string> {
    const {sdp = ''} = await this.#pc.createOffer();
    await this.#pc.setLocalDescription({type: 'offer', sdp});
    this.#sent++;
    return sdp;
  }

  /** Accepts the offer that a peer `prepare()`d, then offers the media. */
  accept(offer: string): void {
    this.#enqueue(async () => {
      this.#received = 1;
      await this.#pc.setRemoteDescription({type: 'offer', sdp: offer});
      this.#fingerprint = fingerprintOf(offer);
      await this.#pc.setLocalDescription();
      this.#describe();
      this.#mayOffer = true;
      this.#addMedia();
    });
  }

  /** Makes the first offer, with the media. */
  offer(): void {
    if (this.#closed) {
      return;
    }
    this.#mayOffer = true;
    this.#addMedia();
    // The event for the data channel may have come, and been ignored, already.
    void this.#negotiate();
  }

  /** Takes a signal of the peer, whatever way it came. Never throws. */
  receive(signal: LinkSignal): void {
    if (signal.t === 'description' && !this.#incoming.take(descriptionCost)) {
      this.#end('bad-message');
      return;
    }
    this.#enqueue(() =>
      signal.t === 'description'
        ? this.#takeDescription(signal)
        : this.#takeCandidate(signal.candidate),
    );
  }

  /** Sends these tracks from now on instead of those before. */
  setTracks(tracks: OutgoingTracks): void {
    this.#tracks = tracks;
    if (!this.#closed && this.#mayOffer) {
      for (const kind of addedKinds) {
        if (tracks[kind] && !this.#senders.has(kind)) {
          this.#senders.set(kind, this.#pc.addTransceiver(tracks[kind], {direction: 'sendonly'}));
        }
      }
    }
    this.#putTracks();
  }

  /** Sends sound as music from now on, or as speech. */
  setMusic(music: boolean): void {
    if (music !== this.#music) {
      this.#music = music;
      this.#tune();
      this.#enqueue(() => this.#tellMusic());
    }
  }

  /**
   * To be called some times a second: tells the peer that we are there, and notices when
   * the peer is not.
   */
  beat(passedMs: number, ping: {readonly slot: number; readonly got: number}): void {
    if (!this.isOpen) {
      return;
    }
    const before = this.isInterrupted;
    const ms = Math.min(passedMs, longestBeatMs);
    this.#openMs += ms;
    this.#quietMs += ms;
    this.#sinceMessageMs += ms;
    this.#sincePingMs += passedMs;
    if (this.#sincePingMs >= pingMs - earlyMs) {
      this.ping(ping);
    }
    this.#seeMedia();
    if (this.isInterrupted !== before) {
      this.#changed();
    }
  }

  /** Tells the peer at once that we are there. */
  ping({slot, got}: {readonly slot: number; readonly got: number}): void {
    if (this.isOpen) {
      this.#sincePingMs = 0;
      this.#say({t: 'ping', slot, got});
    }
  }

  /** The network has changed: a path that lives shows it within a second, or is taken for broken. */
  suspect(): void {
    this.#quietMs = Math.max(this.#quietMs, silenceMs - lateMs);
  }

  /** Holds what is sent of each picture below this, from now on. */
  limit(limit: SendLimit): void {
    this.#limit = limit;
    this.#tune();
  }

  /** Tells a viewer about the broadcast. */
  show(show: Show): void {
    if (this.isOpen) {
      this.#say({t: 'show', ...show});
    }
  }

  /** Asks the peer to pass a signal on, or passes one on to it. */
  relay(message: Extract<LinkMessage, {t: 'relay' | 'relayed'}>): void {
    if (this.isOpen) {
      this.#say(message);
    }
  }

  /** Tells the peer about ourselves. */
  setState(state: PeerState): void {
    const isNew = JSON.stringify(state) !== JSON.stringify(this.#state);
    this.#state = state;
    this.#tune();
    if (isNew && this.isOpen) {
      this.#sendState();
    }
  }

  /**
   * Sends application data, in order and reliably, at a pace the other side accepts.
   * @throws {RtcError} `bad-message` when more waits than memory should hold.
   */
  send(data: string | ArrayBuffer): void {
    this.requireRoom(data);
    this.#waiting.push(data);
    this.#waitingSize += sizeOf(data);
    this.#sendWaiting();
  }

  /** @throws {RtcError} `bad-message` when `send` would. */
  requireRoom(data: string | ArrayBuffer): void {
    if (this.#waitingSize + sizeOf(data) > maxWaitingSize) {
      throw new RtcError('bad-message', {detail: 'too much at once'});
    }
  }

  /** What the browser measures; once the link has ended, the candidates of both ends. */
  async getStats(): Promise<RTCStatsReport> {
    // Of a connection that is closed meanwhile Chromium tells nothing, and Firefox never answers.
    return this.isClosed ? (this.#lastStats ??= candidateStats(this.#pc)) : this.#pc.getStats();
  }

  /** Ends the link and tells the peer why. Safe to repeat. */
  close(reason: ByeReason | undefined): void {
    if (this.#closed) {
      return;
    }
    clearTimeout(this.#waitingTimer);
    if (this.isOpen && reason) {
      this.#say({t: 'bye', v: protocolVersion, attempt: this.attempt, reason});
    }
    this.#lastStats ??= candidateStats(this.#pc);
    this.#closed = true;
    this.#channel.close();
    this.#pc.close();
  }

  // Negotiation. https://w3c.github.io/webrtc-pc/#perfect-negotiation-example

  async #negotiate() {
    if (!this.#mayOffer || this.#closed) {
      return;
    }
    try {
      this.#makingOffer = true;
      await this.#setLocalDescription();
      this.#describe();
    } catch (cause) {
      this.#fail(cause);
    } finally {
      this.#makingOffer = false;
    }
  }

  /** Stereo is agreed on in offers. */
  #tellMusic() {
    const isTold = this.#agreedMusic === undefined || this.#agreedMusic === this.#music;
    if (!isTold && this.#pc.signalingState === 'stable') {
      void this.#negotiate();
    }
  }

  async #takeDescription({n, type, sdp, labels}: LinkSignal & {t: 'description'}) {
    // A description sent by the broker comes again over the channel when that opens.
    if (n <= this.#received) {
      return;
    }
    this.#received = n;
    const isStable = this.#pc.signalingState === 'stable';
    const collides = type === 'offer' && (this.#makingOffer || !isStable);
    this.#ignoresOffer = !this.#polite && collides;
    if (this.#ignoresOffer || (type === 'answer' && isStable)) {
      return;
    }
    this.#hearsMusic = saysMusic(sdp);
    await this.#pc.setRemoteDescription({type, sdp: this.#music ? withMusic(sdp) : sdp});
    this.#fingerprint = fingerprintOf(sdp);
    if (type === 'answer') {
      this.#agreedMusic = this.#offersMusic;
    }
    for (const candidate of this.#candidates.splice(0)) {
      await this.#takeCandidate(candidate);
    }
    this.#readLabels(labels);
    if (type === 'offer') {
      await this.#setLocalDescription();
      this.#describe();
      // Not after the answer to a prepared offer: the peer's media is on its way.
      this.#mayOffer = true;
    }
    // A screen that was shown before there was anybody to show it to.
    this.setTracks(this.#tracks);
    this.#syncStreams();
    this.#tellMusic();
  }

  async #setLocalDescription() {
    this.#heardMusic ||= this.#hearsMusic;
    if (!this.#heardMusic) {
      await this.#pc.setLocalDescription();
      return;
    }
    const isAnswer = this.#pc.signalingState === 'have-remote-offer';
    const {type, sdp = ''} = await (isAnswer ? this.#pc.createAnswer() : this.#pc.createOffer());
    await this.#pc.setLocalDescription({
      type,
      sdp: this.#hearsMusic ? withMusic(sdp) : withoutMusic(sdp),
    });
  }

  async #takeCandidate(candidate: RTCIceCandidateInit) {
    if (!this.#pc.remoteDescription) {
      if (this.#candidates.length < maxWaitingCandidates) {
        this.#candidates.push(candidate);
      }
      return;
    }
    try {
      await this.#pc.addIceCandidate(candidate);
    } catch (cause) {
      // Belongs to an offer we did not take.
      if (!this.#ignoresOffer) {
        this.#complain(cause);
      }
    }
  }

  /** Puts a section for microphone and camera, both ways, into the next offer. */
  #addMedia() {
    if (this.#withoutMedia) {
      return;
    }
    for (const [kind, media] of [
      ['mic', 'audio'],
      ['camera', 'video'],
    ] as const) {
      const transceiver = this.#pc.addTransceiver(this.#tracks[kind] ?? media, {
        direction: 'sendrecv',
      });
      this.#senders.set(kind, transceiver);
      this.#receivers.set(kind, transceiver);
    }
    this.setTracks(this.#tracks);
  }

  /** Learns what the peer's sections carry; the offerer's microphone and camera become ours too. */
  #readLabels(labels: Readonly<Record<string, TrackKind>>) {
    for (const transceiver of this.#pc.getTransceivers()) {
      const kind = transceiver.mid === null ? undefined : labels[transceiver.mid];
      if (!kind || transceiver.receiver.track.kind !== mediaOf(kind)) {
        continue;
      }
      this.#receivers.set(kind, transceiver);
      if ((kind === 'mic' || kind === 'camera') && !this.#senders.has(kind)) {
        transceiver.direction = 'sendrecv';
        this.#senders.set(kind, transceiver);
      }
    }
    this.#putTracks();
  }

  /** Labels of the sections that we send through. */
  #labels(): Record<string, TrackKind> {
    return Object.fromEntries(
      [...this.#senders].flatMap(([kind, {mid}]) => (mid === null ? [] : [[mid, kind]])),
    );
  }

  #putTracks() {
    if (this.#closed) {
      return;
    }
    for (const [kind, {sender}] of this.#senders) {
      putTrack(sender, this.#tracks[kind] ?? null).catch((cause: unknown) => this.#fail(cause));
    }
    this.#tune();
  }

  /** Says how many bits each track may take. A browser that cannot be told goes on as it is. */
  #tune() {
    const isTuned = this.#music || this.#isThin || Object.keys(this.#limit).length > 0;
    if (!isTuned && !this.#wasTuned) {
      return;
    }
    this.#wasTuned = isTuned;
    this.#tuning = this.#tuning.then(async () => {
      for (const [kind, {sender}] of this.#closed ? [] : this.#senders) {
        const parameters = sender.getParameters();
        const [encoding] = parameters.encodings ?? [];
        if (!encoding) {
          continue;
        }
        const wanted =
          mediaOf(kind) === 'video' ? this.#pictureLimit(kind) : this.#music ? musicLimit : {};
        if (limitNames.every((name) => encoding[name] === wanted[name])) {
          continue;
        }
        for (const name of limitNames) {
          if (wanted[name] === undefined) {
            delete encoding[name];
          } else {
            encoding[name] = wanted[name];
          }
        }
        await sender.setParameters(parameters).catch(() => undefined);
      }
    });
  }

  /** Whether one of us has little data to spare. */
  get #isThin(): boolean {
    return this.#state.lowData === true || this.#peerState?.lowData === true;
  }

  /** What a picture gets of what there is for all. */
  #pictureLimit(kind: TrackKind): SendLimit {
    const limit = this.#isThin ? thinned(this.#limit, this.#tracks[kind], kind) : this.#limit;
    const {maxBitrate} = limit;
    const pictures = [...this.#senders.keys()].filter(
      (kind) => mediaOf(kind) === 'video' && this.#tracks[kind],
    ).length;
    return maxBitrate === undefined
      ? limit
      : {...limit, maxBitrate: Math.round(maxBitrate / Math.max(1, pictures))};
  }

  #describe() {
    const description = this.#pc.localDescription;
    if (this.#closed || !description) {
      return;
    }
    if (description.type === 'offer') {
      this.#offersMusic = this.#music;
    } else {
      this.#agreedMusic ??= this.#music;
    }
    this.#lastDescription = {
      t: 'description',
      v: protocolVersion,
      id: this.#id,
      attempt: this.attempt,
      n: ++this.#sent,
      type: description.type as 'offer' | 'answer',
      sdp: this.#music ? sayMusic(description.sdp) : description.sdp,
      labels: this.#labels(),
    };
    this.#signal(this.#lastDescription);
  }

  #signal(signal: LinkSignal) {
    if (this.isOpen) {
      this.#say(signal);
    } else if (this.#carry) {
      this.#carry(signal);
    } else {
      this.#unsent.push(signal);
    }
  }

  // The data channel.

  #open() {
    this.#wasOpen = true;
    // It may still be on its way through the broker; over here it is faster. It comes first:
    // who hears the state has something to draw.
    if (this.#lastDescription) {
      this.#say(this.#lastDescription);
    }
    this.#sendState();
    this.#changed();
  }

  #say(message: LinkMessage) {
    this.#transmit(JSON.stringify(message));
  }

  #transmit(data: string | ArrayBuffer) {
    try {
      // The overloads of `send` do not take a union.
      this.#channel.send(data as string);
    } catch (cause) {
      // The peer takes less than the protocol asks for, for one.
      this.#fail(cause);
    }
  }

  #sendState() {
    this.#say({t: 'state', ...this.#state, settled: this.#settled});
  }

  #sendWaiting() {
    clearTimeout(this.#waitingTimer);
    while (
      this.#waiting.length &&
      this.isOpen &&
      this.#channel.bufferedAmount < maxBuffered &&
      this.#outgoing.take()
    ) {
      const data = this.#waiting.shift() ?? '';
      this.#waitingSize -= sizeOf(data);
      this.#transmit(data);
    }
    if (this.#waiting.length && this.isOpen) {
      this.#waitingTimer = setTimeout(() => this.#sendWaiting(), 1_000 / sendPerSecond);
    }
  }

  #hear(data: string | ArrayBuffer) {
    if (this.isClosed) {
      return;
    }
    this.#hearSign();
    if (!this.#incoming.take()) {
      this.#complain(new RtcError('bad-message', {detail: 'too fast'}));
      this.#end('bad-message');
      return;
    }
    if (data instanceof ArrayBuffer) {
      if (data.byteLength > maxDataBytes) {
        this.#complain(new RtcError('bad-message', {detail: 'too long'}));
      } else {
        this.dispatchEvent(new LinkDataEvent(data));
      }
      return;
    }
    let message: LinkMessage;
    try {
      message = parseLinkMessage(data);
    } catch (cause) {
      this.#complain(cause);
      return;
    }
    switch (message.t) {
      case 'state': {
        const {settled = false, ...state} = withoutType(message);
        const next = {...state, settled};
        // Who says the same again and again is not listened to.
        if (JSON.stringify(next) !== JSON.stringify(this.#peerState)) {
          this.#peerState = next;
          this.#tune();
          this.#syncStreams();
        }
        break;
      }
      case 'description':
      case 'candidate':
        this.receive(message);
        break;
      case 'bye':
        this.#end(message.reason);
        break;
      case 'ping':
        this.dispatchEvent(new LinkPingEvent(message.slot, message.got));
        break;
      case 'relay':
      case 'relayed':
        if (message.signal.t === 'description' && !this.#incoming.take(descriptionCost)) {
          this.#end('bad-message');
        } else {
          this.dispatchEvent(new LinkRelayEvent(message));
        }
        break;
      case 'show':
        this.dispatchEvent(new LinkShowEvent(withoutType(message)));
        break;
      case 'data':
        this.dispatchEvent(new LinkDataEvent(message.data));
        break;
      default:
        this.dispatchEvent(new LinkNoteEvent(message));
    }
  }

  /** The path works. */
  #hearSign() {
    const wasInterrupted = this.isInterrupted;
    this.#quietMs = 0;
    this.#sinceMessageMs = 0;
    if (wasInterrupted) {
      this.#changed();
    }
  }

  /**
   * The streams hold what the peer says is on, so that nobody waits for a picture that is off.
   * Until it has said so the camera counts as on: the picture may be faster than the word.
   */
  #syncStreams() {
    const {micOff = false, cameraOff = false, screen = false} = this.#peerState ?? {};
    this.#sync(this.stream, 'mic', !micOff);
    this.#sync(this.stream, 'camera', !cameraOff);
    this.#sync(this.screen, 'screen', screen);
    this.#sync(this.screen, 'screen-audio', screen);
    this.#sync(this.guest, 'guest', true);
    this.#sync(this.guest, 'guest-audio', true);
    this.#changed();
  }

  #sync(stream: MediaStream, kind: TrackKind, isOn: boolean) {
    const track = this.#receivers.get(kind)?.receiver.track;
    if (!track || this.#closed) {
      return;
    }
    if (isOn && !stream.getTracks().includes(track)) {
      stream.addTrack(track);
    } else if (!isOn) {
      stream.removeTrack(track);
    }
  }

  // Endings.

  #enqueue(step: () => Promise<void> | void) {
    this.#queue = this.#queue.then(async () => {
      if (this.isClosed) {
        return;
      }
      try {
        await step();
      } catch (cause) {
        this.#complain(cause);
        this.#end('bad-message');
      }
    });
  }

  #complain(cause: unknown) {
    if (!this.isClosed) {
      // What a browser says may quote the peer, and is not to be shown.
      const error = cause instanceof RtcError ? cause : new RtcError('bad-message', {cause});
      this.dispatchEvent(new LinkErrorEvent(error));
      if (!this.#incoming.take(malformedCost)) {
        this.#end('bad-message');
      }
    }
  }

  #fail(cause: unknown) {
    if (!this.isClosed) {
      this.dispatchEvent(new LinkErrorEvent(new RtcError('connection-failed', {cause})));
      this.#end('lost');
    }
  }

  #end(reason: LinkEnd) {
    if (this.isClosed) {
      return;
    }
    if (reason === 'lost' || reason === 'away') {
      // The last picture stands until somebody takes over, or gives up.
      clearTimeout(this.#waitingTimer);
    } else {
      this.close(reason === 'bad-message' ? reason : undefined);
    }
    this.#ending = reason;
    this.dispatchEvent(new LinkCloseEvent(reason));
  }

  /** While media arrives, the path is not broken, though pings may be stuck. */
  #seeMedia() {
    if (this.#quietMs < lateMs) {
      // Asking costs more than all the rest of a beat.
      this.#mediaSeen = undefined;
      return;
    }
    const media = this.#newestMedia();
    const arrives = this.#mediaSeen !== undefined && this.#mediaSeen !== media;
    this.#mediaSeen = media;
    if (arrives && this.#sinceMessageMs < mediaGraceMs) {
      this.#quietMs = 0;
    }
  }

  /** What the newest packets of audio and video are: changes while any arrive. */
  #newestMedia(): string {
    return [...this.#receivers.values()]
      .flatMap(({receiver}) => receiver.getSynchronizationSources())
      .map(({rtpTimestamp}) => rtpTimestamp)
      .join();
  }

  #changed() {
    if (!this.#closed) {
      this.dispatchEvent(new Event('change'));
    }
  }
}

/** Also what a message costs to keep, so that many small ones count too. */
export function sizeOf(data: string | ArrayBuffer): number {
  return (typeof data === 'string' ? data.length : data.byteLength) + 1_000;
}

/** What a description says of its sender's certificate. */
export function fingerprintOf(sdp: string): string {
  const lines = sdp.match(/^a=fingerprint:.*$/gim) ?? [];
  return [...new Set(lines.map((line) => line.trim().toUpperCase()))].sort().join();
}

/** No more than suits who has little data to spare. A screen stays as large as it is: it is read. */
function thinned(
  {maxBitrate = Infinity, maxFramerate = Infinity, scaleResolutionDownBy = 1}: SendLimit,
  track: MediaStreamTrack | undefined,
  kind: TrackKind,
): SendLimit {
  const {height = 0} = (kind === 'screen' ? undefined : track?.getSettings()) ?? {};
  return {
    maxBitrate: Math.min(maxBitrate, lowPicture.bitrate),
    maxFramerate: Math.min(maxFramerate, lowPicture.frameRate),
    scaleResolutionDownBy: Math.max(scaleResolutionDownBy, height / lowPicture.height),
  };
}

function withoutType<T extends LinkMessage>(message: T): Omit<T, 't'> {
  const copy: Partial<T> = {...message};
  delete copy.t;
  return copy as Omit<T, 't'>;
}

function mediaOf(kind: TrackKind): 'audio' | 'video' {
  return kind === 'mic' || kind.endsWith('-audio') ? 'audio' : 'video';
}
