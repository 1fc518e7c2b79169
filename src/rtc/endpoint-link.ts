import {RtcError} from '../core/errors.js';
import {TypedEventTarget} from '../core/typed-event-target.js';
import {Endpoint, iceFragment, withFragment} from './endpoint.js';
import {candidateStats} from './link-stats.js';
import {musicBitrate, withMusic} from './opus.js';
import {putTrack} from './put-track.js';

/**
 * new ──▶ connecting ──▶ connected ◀──▶ interrupted        any ──▶ lost, closed
 *
 * `lost`: no path was found, or the server has ended it. An `interrupted` one may come back.
 */
export type EndpointLinkState =
  'new' | 'connecting' | 'connected' | 'interrupted' | 'lost' | 'closed';

/** What a publisher sends. A kind that is missing sends nothing. */
export interface EndpointTracks {
  readonly audio?: MediaStreamTrack | undefined;
  readonly video?: MediaStreamTrack | undefined;
}

export interface EndpointLinkEvents {
  /** `state` is another one, or a track plays. */
  change: Event;
}

export interface EndpointLinkOptions {
  readonly role: 'publisher' | 'player';
  /** As `parseEndpoint()` gives it. */
  readonly endpoint: string;
  /** Sent as a bearer token, to the endpoint's own origin only. */
  readonly token?: string | undefined;
  readonly configuration: RTCConfiguration;
  readonly tracks?: EndpointTracks;
  /** Whether a publisher sends music: stereo, and not made for speech. */
  readonly music?: boolean | undefined;
}

const kinds = ['audio', 'video'] as const;
/** Candidates that come together are told together. */
const gatherMs = 100;
const maxCandidates = 50;

/**
 * One `RTCPeerConnection` to a media server, opened once and closed once: WHIP (RFC 9725) to
 * publish, WHEP (draft-ietf-wish-whep) to watch. Knows nothing of trying again.
 *
 * A publisher has a section each for sound and picture from the start, with or without a track:
 * what it sends is switched without the server, which could not be asked again anyway.
 */
export class EndpointLink extends TypedEventTarget<EndpointLinkEvents> {
  readonly #options: EndpointLinkOptions;
  readonly #endpoint: Endpoint;
  readonly #pc: RTCPeerConnection;
  readonly #lifetime = new AbortController();
  /** What a publisher sends through. */
  readonly #senders = new Map<'audio' | 'video', RTCRtpSender>();
  /** What has arrived: one of a kind. */
  readonly #tracks = new Map<string, MediaStreamTrack>();
  /** Those of them that have played. */
  readonly #playing = new Set<MediaStreamTrack>();
  #candidates: string[] = [];
  /** Whether those were the last, which is still to be told. */
  #isGathered = false;
  #trickleTimer: ReturnType<typeof setTimeout> | undefined;
  /** Whether the server knows of the description that candidates belong to, and wants them. */
  #mayTrickle = false;
  #wasConnected = false;
  #isLost = false;
  /** Whether we have answered, rather than the server. */
  #hasAnswered = false;
  #lastStats: RTCStatsReport | undefined;

  /** @throws {RtcError} `bad-attribute` for a configuration or a token that cannot be used. */
  constructor(options: EndpointLinkOptions) {
    super();
    this.#options = options;
    this.#endpoint = new Endpoint(options.endpoint, {
      attribute: options.role === 'publisher' ? 'whip' : 'whep',
      token: options.token,
    });
    try {
      this.#pc = new RTCPeerConnection({
        ...options.configuration,
        bundlePolicy: 'max-bundle',
        rtcpMuxPolicy: 'require',
      });
    } catch (cause) {
      throw new RtcError('bad-attribute', {cause, detail: 'rtcConfiguration'});
    }
    this.#addMedia();
    const {signal} = this.#lifetime;
    this.#pc.addEventListener('connectionstatechange', () => this.#look(), {signal});
    this.#pc.addEventListener('icecandidate', ({candidate}) => this.#gather(candidate), {signal});
    this.#pc.addEventListener('track', ({track}) => this.#receive(track), {signal});
  }

  get state(): EndpointLinkState {
    if (this.#lifetime.signal.aborted) {
      return 'closed';
    }
    if (this.#isLost) {
      return 'lost';
    }
    if (this.#pc.connectionState === 'connected') {
      return 'connected';
    }
    return this.#wasConnected ? 'interrupted' : 'connecting';
  }

  /** A player's track of a kind, once it has played. */
  track(kind: 'audio' | 'video'): MediaStreamTrack | undefined {
    const track = this.#tracks.get(kind);
    return track && this.#playing.has(track) ? track : undefined;
  }

  /**
   * Resolves when the server has agreed; the connection may still be to come. Closes when it rejects.
   * @throws {RtcError} `broker-unreachable` when there was no answer; `server-rejected`.
   */
  async open({signal}: {signal: AbortSignal}): Promise<void> {
    signal.throwIfAborted();
    const gone = new Promise<never>((_, reject) => {
      const leave = () => reject(signal.reason as Error);
      signal.addEventListener('abort', leave, {signal: this.#lifetime.signal});
      this.#lifetime.signal.addEventListener('abort', () =>
        reject(new DOMException('closed', 'AbortError')),
      );
    });
    try {
      // What the server says later than we leave is still heard, to end the session.
      await Promise.race([this.#exchange(), gone]);
    } catch (cause) {
      this.close();
      throw cause;
    }
  }

  /**
   * Looks for another path, by an ICE restart. Nothing has changed when it rejects.
   * @throws {RtcError} `broker-unreachable` when there was no answer; `server-rejected`.
   */
  async restart(): Promise<void> {
    const {remoteDescription, signalingState} = this.#pc;
    if (this.#hasAnswered || !remoteDescription || signalingState !== 'stable') {
      // Who has made the offer would have to make another.
      throw new RtcError('server-rejected', {detail: 'no ICE restart'});
    }
    const {sdp = ''} = await this.#pc.createOffer({iceRestart: true});
    const fragment = await this.#endpoint.restart(iceFragment(sdp));
    this.#lifetime.signal.throwIfAborted();
    const answer = withFragment(remoteDescription.sdp, fragment);
    this.#candidates = [];
    this.#isGathered = false;
    this.#mayTrickle = true;
    await this.#apply(async () => {
      await this.#pc.setLocalDescription({type: 'offer', sdp: this.#own(sdp)});
      await this.#pc.setRemoteDescription({type: 'answer', sdp: answer});
    });
  }

  /** Sends these tracks from now on instead of those before. */
  setTracks(tracks: EndpointTracks): void {
    if (this.#lifetime.signal.aborted) {
      return;
    }
    for (const [kind, sender] of this.#senders) {
      putTrack(sender, tracks[kind] ?? null).catch(() => this.#lose());
    }
  }

  /** What the browser measures; once it is closed, the candidates of both ends. */
  async getStats(): Promise<RTCStatsReport> {
    return this.#lastStats ?? this.#pc.getStats();
  }

  /** Ends it, and the session at the server, also from a page that is going. Safe to repeat. */
  close(): void {
    if (this.#lifetime.signal.aborted) {
      return;
    }
    clearTimeout(this.#trickleTimer);
    this.#lastStats = candidateStats(this.#pc);
    // First, or else the server has seen the connection end, and knows nothing of it any more.
    this.#endpoint.end();
    this.#lifetime.abort();
    this.#pc.close();
  }

  #addMedia() {
    const {role, tracks = {}, music = false} = this.#options;
    const streams = [new MediaStream()];
    for (const kind of kinds) {
      if (role === 'player') {
        this.#pc.addTransceiver(kind, {direction: 'recvonly'});
      } else {
        const {sender} = this.#pc.addTransceiver(tracks[kind] ?? kind, {
          direction: 'sendonly',
          streams,
          ...(music && kind === 'audio' && {sendEncodings: [{maxBitrate: musicBitrate}]}),
        });
        this.#senders.set(kind, sender);
      }
    }
  }

  async #exchange() {
    const {role, configuration} = this.#options;
    const offer = await this.#pc.createOffer();
    this.#lifetime.signal.throwIfAborted();
    const own = this.#own(offer.sdp ?? '');
    const {type, sdp, iceServers} = await this.#endpoint.offer(own);
    this.#lifetime.signal.throwIfAborted();
    if (type === 'offer' && role === 'publisher') {
      throw new RtcError('server-rejected', {detail: '406'});
    }
    if (iceServers.length && !configuration.iceServers?.length) {
      // Before anything is gathered.
      this.#useServers([...iceServers]);
    }
    if (type === 'answer') {
      this.#mayTrickle = true;
      await this.#apply(async () => {
        await this.#pc.setLocalDescription({type: 'offer', sdp: own});
        await this.#pc.setRemoteDescription({type, sdp: this.#theirs(sdp)});
      });
    } else {
      await this.#apply(async () => {
        this.#hasAnswered = true;
        await this.#pc.setRemoteDescription({type, sdp});
        const answer = await this.#pc.createAnswer();
        await this.#pc.setLocalDescription({type: 'answer', sdp: this.#own(answer.sdp ?? '')});
      });
      await this.#endpoint.answer(this.#pc.localDescription?.sdp ?? '');
      this.#lifetime.signal.throwIfAborted();
      this.#mayTrickle = true;
      this.#trickle();
    }
    for (const {transport} of [...this.#pc.getSenders(), ...this.#pc.getReceivers()]) {
      // A server that hangs up says so here at once; the connection as a whole only misses it.
      transport?.addEventListener('statechange', () => this.#look(), this.#lifetime);
    }
    this.#look();
  }

  /** @throws {RtcError} `server-rejected`: it is the server's words that a browser does not take. */
  async #apply(step: () => Promise<void>) {
    try {
      await step();
    } catch (cause) {
      this.#lifetime.signal.throwIfAborted();
      // What a browser says may quote the server, and is not to be shown.
      throw new RtcError('server-rejected', {cause, detail: 'unusable session description'});
    }
  }

  #useServers(iceServers: RTCIceServer[]) {
    try {
      this.#pc.setConfiguration({...this.#pc.getConfiguration(), iceServers});
    } catch {
      // Without them it may work as well.
    }
  }

  /** Who can play music says so; who sends it is asked. */
  #own(sdp: string): string {
    const {role, music} = this.#options;
    return role === 'player' || music ? withMusic(sdp) : sdp;
  }

  #theirs(sdp: string): string {
    const {role, music} = this.#options;
    return role === 'publisher' && music ? withMusic(sdp) : sdp;
  }

  #gather(candidate: RTCIceCandidate | null) {
    if (!candidate) {
      this.#isGathered = true;
    } else if (
      candidate.candidate &&
      // The section that all others are bundled with.
      candidate.sdpMLineIndex === 0 &&
      this.#candidates.length < maxCandidates
    ) {
      this.#candidates.push(candidate.candidate);
    }
    this.#trickle();
  }

  /** Tells the server, in a moment, what there is to tell. */
  #trickle() {
    if (this.#mayTrickle && (this.#candidates.length || this.#isGathered)) {
      this.#trickleTimer ??= setTimeout(() => void this.#trickleNow(), gatherMs);
    }
  }

  async #trickleNow() {
    const isComplete = this.#isGathered;
    this.#isGathered = false;
    const {sdp = ''} = this.#pc.localDescription ?? {};
    const fragment = iceFragment(sdp, this.#candidates.splice(0), {isComplete});
    if (!(await this.#endpoint.trickle(fragment))) {
      this.#mayTrickle = false;
    }
    this.#trickleTimer = undefined;
    this.#trickle();
  }

  #receive(track: MediaStreamTrack) {
    if (this.#options.role === 'publisher' || this.#tracks.has(track.kind)) {
      return;
    }
    this.#tracks.set(track.kind, track);
    const play = () => {
      this.#playing.add(track);
      this.#changed();
    };
    if (track.muted) {
      track.addEventListener('unmute', play, {once: true, signal: this.#lifetime.signal});
    } else {
      play();
    }
  }

  #look() {
    const {connectionState} = this.#pc;
    const transports = [...this.#pc.getSenders(), ...this.#pc.getReceivers()].map(
      ({transport}) => transport?.state,
    );
    if (connectionState === 'connected') {
      this.#wasConnected = true;
    }
    if (
      transports.some((state) => state === 'closed' || state === 'failed') ||
      (connectionState === 'failed' && !this.#wasConnected)
    ) {
      this.#lose();
    } else {
      this.#changed();
    }
  }

  #lose() {
    this.#isLost = true;
    this.#changed();
  }

  #changed() {
    if (!this.#lifetime.signal.aborted) {
      this.dispatchEvent(new Event('change'));
    }
  }
}
