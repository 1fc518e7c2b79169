import {after} from '../core/after.js';
import type {Diagnosis} from '../core/diagnosis.js';
import {RtcError, toRtcError} from '../core/errors.js';
import {randomHex} from '../core/hex.js';
import {cleanName, encodeData, type PeerState, type TrackKind} from '../core/messages.js';
import {TypedEventTarget} from '../core/typed-event-target.js';
import {Mesh} from '../networks/mesh.js';
import type {Member, Network} from '../networks/network.js';
import {LocalMedia, type Wanted} from '../rtc/local-media.js';
import {requireConnections} from '../rtc/requirements.js';
import {parseBroker, PeerJsSignaling, type Broker} from '../signaling/peerjs.js';
import type {Signaling} from '../signaling/signaling.js';
import {watchPage} from './page-events.js';
import {diagnose, type DiagnoseOptions} from './diagnosis.js';
import type {LeaveReason, Participant} from './participant.js';
import {TabMemory} from './tab-memory.js';
import {WakeLock} from './wake-lock.js';

/**
 * idle ──join──▶ joining ──▶ joined ◀──▶ reconnecting      any ──leave──▶ idle
 *                   └──▶ failed ──join──▶ joining
 *
 * When it failed because the broker was away, it joins by itself as soon as that is back.
 */
export type CallState =
  /** `reason` is there after a call. */
  | {readonly phase: 'idle'; readonly reason?: LeaveReason}
  | {readonly phase: 'joining'}
  | {readonly phase: 'joined'}
  /** Nobody can be reached, the broker neither: both are being tried again. */
  | {readonly phase: 'reconnecting'}
  | {readonly phase: 'failed'; readonly error: RtcError};

/** What a call is to be. Takes effect at the next join, names and switches at once. */
export interface CallOptions {
  /** Everybody with the same room on the same broker meets. 1 to 256 characters. */
  readonly room: string;
  /** How the others see us called. */
  readonly name: string;
  /** URL of a PeerServer, `https://host:port/path?key=k`; without it the public one. */
  readonly broker: string | undefined;
  /** Only `call` so far. */
  readonly mode: string;
  /** Never opens the camera. */
  readonly audioOnly: boolean;
  /** 2 to 16 people, oneself included. */
  readonly maxParticipants: number;
  /** ICE servers and the like; a function is asked whenever connections are made. */
  readonly rtcConfiguration:
    RTCConfiguration | (() => RTCConfiguration | Promise<RTCConfiguration>) | undefined;
  /** Sent instead of camera and microphone. Its tracks stay the page's to stop. */
  readonly stream: MediaStream | undefined;
  readonly micOff: boolean;
  readonly cameraOff: boolean;
  /** The call goes on over a reload, and on the next page that has it. */
  readonly resume: boolean;
  /** Hides the participants' addresses from each other: media goes through TURN servers only. */
  readonly relayOnly: boolean;
  /** How long somebody who cannot be reached keeps their place, if they may come back. */
  readonly reconnectTimeoutMs: number;
}

export class ParticipantJoinedEvent extends Event {
  constructor(readonly participant: Participant) {
    super('participant-joined');
  }
}

export class ParticipantLeftEvent extends Event {
  constructor(
    readonly participant: Participant,
    readonly reason: LeaveReason,
  ) {
    super('participant-left');
  }
}

export class CallMessageEvent extends Event {
  constructor(
    readonly data: unknown,
    readonly from: Participant,
  ) {
    super('message');
  }
}

export class LeftEvent extends Event {
  constructor(readonly reason: LeaveReason) {
    super('left');
  }
}

export class CallErrorEvent extends Event {
  constructor(readonly error: RtcError) {
    super('error');
  }
}

export interface CallSessionEvents {
  /** Anything a view may show has changed. */
  change: Event;
  joined: Event;
  left: LeftEvent;
  'participant-joined': ParticipantJoinedEvent;
  'participant-left': ParticipantLeftEvent;
  message: CallMessageEvent;
  /** A failure to join, which is also the state, or trouble that the call survives. */
  error: CallErrorEvent;
}

/** The two a browser can be expected to reach; no TURN: a relay is the page's to bring. */
const defaultConfiguration: RTCConfiguration = {
  iceServers: [{urls: ['stun:stun.l.google.com:19302', 'stun:stun.cloudflare.com:3478']}],
};
/** A broker that was away when we joined is tried again after this, */
const brokerRetryMs = 1_000;
const longestBrokerRetryMs = 6_000;
/** and not for ever: a camera should not open long after somebody has turned away. */
const brokerPatienceMs = 120_000;
/** How often it is kept in mind that we are in the call. */
const keepEveryMs = 10_000;
const maxRoomLength = 256;
const maxMeshSize = 16;

/** A call as this page sees it: the only place that decides. Knows nothing of the DOM. */
export class CallSession extends TypedEventTarget<CallSessionEvents> {
  readonly #media = new LocalMedia();
  readonly #wakeLock = new WakeLock();
  readonly #createSignaling: (broker: Broker) => Signaling;
  #options: CallOptions = {
    room: '',
    name: '',
    broker: undefined,
    mode: 'call',
    audioOnly: false,
    maxParticipants: 8,
    rtcConfiguration: undefined,
    stream: undefined,
    micOff: false,
    cameraOff: false,
    resume: false,
    relayOnly: false,
    reconnectTimeoutMs: 60_000,
  };
  #state: CallState = {phase: 'idle'};
  #participants: readonly Participant[] = [];
  #network: Network | undefined;
  #attempt: AbortController | undefined;
  /** There while devices may be open, in a call or for the preview before it: another one each time. */
  #usesDevices: symbol | undefined;
  #notice: RtcError | undefined;
  /** Under way for links that failed. */
  #finding: Promise<Diagnosis> | undefined;
  #memory: TabMemory | undefined;

  constructor({createSignaling}: {createSignaling?: () => Signaling} = {}) {
    super();
    this.#createSignaling = createSignaling ?? ((broker) => new PeerJsSignaling(broker));
    this.#media.addEventListener('change', () => this.#share());
    this.#media.addEventListener('error', ({error}) => this.#warn(error));
    this.#media.addEventListener('resolved', ({error}) => {
      if (error === this.#notice) {
        this.dismissNotice();
      }
    });
  }

  get options(): CallOptions {
    return this.#options;
  }

  get state(): CallState {
    return this.#state;
  }

  /** Oneself: what is wanted while a device opens, what there is after that. */
  get self(): Participant {
    const {name, micOff, cameraOff, audioOnly} = this.#options;
    const {missing} = this.#media;
    return {
      id: 'self',
      name: cleanName(name),
      stream: this.#media.stream,
      screen: this.#media.screen.active ? this.#media.screen : undefined,
      micOff: micOff || missing.audio,
      cameraOff: cameraOff || audioOnly || missing.video,
      connection: 'connected',
      away: false,
    };
  }

  /** The others, in the order of their coming. */
  get participants(): readonly Participant[] {
    return this.#participants;
  }

  /** The last trouble that did not end the call, until it is dismissed. */
  get notice(): RtcError | undefined {
    return this.#notice;
  }

  /** Cameras, microphones and speakers there are, while devices are in use. Nameless until one is allowed. */
  get devices(): readonly MediaDeviceInfo[] {
    return this.#media.devices;
  }

  get canShareScreen(): boolean {
    return this.#media.canShareScreen;
  }

  /** Changes what the call is to be. Wrong values are told at the next join. */
  configure(options: Partial<CallOptions>): void {
    const {micOff, cameraOff, ...others} = options;
    this.#options = {...this.#options, ...others};
    if (micOff !== undefined && micOff !== this.#options.micOff) {
      void this.toggleMic(!micOff);
    }
    if (cameraOff !== undefined && cameraOff !== this.#options.cameraOff) {
      void this.toggleCamera(!cameraOff);
    }
    if (this.#options.audioOnly && (this.#media.camera || this.#media.missing.video)) {
      void this.#media.setCamera(false);
    }
    this.#share();
  }

  dismissNotice(): void {
    this.#notice = undefined;
    this.#changed();
  }

  /** Opens camera and microphone before a call. Trouble is a notice. */
  async preview(): Promise<void> {
    this.#usesDevices ??= Symbol();
    await this.#openDevices();
  }

  /** Closes them again. Does nothing in a call. */
  stopPreview(): void {
    const {phase} = this.#state;
    if (phase === 'idle' || phase === 'failed') {
      this.#closeDevices();
    }
  }

  /** Goes online and opens the devices at the same time. Does nothing in a call. Never rejects. */
  async join(): Promise<void> {
    const {phase} = this.#state;
    if (phase === 'joining' || phase === 'joined' || phase === 'reconnecting') {
      return;
    }
    // What watches for the broker after a failure stops watching.
    this.#attempt?.abort();
    const {signal} = (this.#attempt = new AbortController());
    this.#notice = undefined;
    this.#become({phase: 'joining'});
    try {
      requireConnections();
      this.#requireOptions();
      const broker = parseBroker(this.#options.broker);
      // Asked for in this very turn: browsers want to see the click.
      void this.preview();
      const memory = (this.#memory ??= this.#remember(broker));
      const id = await memory.holdIdentity();
      if (signal.aborted) {
        memory.releaseIdentity();
        return;
      }
      this.#keep(signal);
      const network = this.#createNetwork(broker, id);
      this.#network = network;
      this.#share();
      this.#listen(network, signal);
      await network.open();
      if (!signal.aborted) {
        this.#enter();
      }
    } catch (cause) {
      if (!signal.aborted) {
        this.#fail(toRtcError(cause));
      }
    }
  }

  /** Ends the call, or the attempt at one, and closes the devices. Safe to repeat. */
  leave(reason: 'left' | 'closed' = 'left'): void {
    const {phase} = this.#state;
    this.#release(reason);
    if (phase !== 'idle') {
      this.#become({phase: 'idle', ...(phase !== 'failed' && {reason})});
    }
    if (phase === 'joined' || phase === 'reconnecting') {
      this.dispatchEvent(new LeftEvent(reason));
    }
  }

  /**
   * With `resume`, joins again if this tab was in the call a moment ago, in a page that is gone
   * now: under the name, and with the devices, that it had then. With `orJoin`, joins in any case.
   */
  async resume({orJoin = false} = {}): Promise<void> {
    const before = this.#state;
    // Not in the page that is just going.
    if (before.phase !== 'idle' || before.reason === 'closed') {
      return;
    }
    if (this.#options.resume) {
      await this.#return();
    }
    // Unless it was joined, or even left again, meanwhile.
    if (orJoin && this.#state === before) {
      await this.join();
    }
  }

  async #return() {
    let memory: TabMemory;
    try {
      memory = this.#remember(parseBroker(this.#options.broker));
    } catch {
      // Told when it is joined.
      return;
    }
    const stay = memory.recall();
    const before = this.#state;
    if (!stay || !(await memory.reclaim()) || this.#state !== before) {
      memory.releaseIdentity();
      return;
    }
    this.#memory = memory;
    const {name, micOff, cameraOff, audioinput, videoinput} = stay;
    this.configure({name, micOff, cameraOff});
    this.#media.prefer({audio: audioinput, video: videoinput});
    await this.join();
  }

  /** Switches the microphone, or puts it on or off. */
  async toggleMic(on = this.self.micOff): Promise<void> {
    this.#options = {...this.#options, micOff: !on};
    this.#changed();
    const use = this.#usesDevices;
    if (use) {
      await this.#media.setMic(on);
      await this.#settleDevices({audio: on, video: false}, use);
    }
  }

  /** Switches the camera, or puts it on or off. Off closes it. Does nothing in an audio call. */
  async toggleCamera(on = this.#options.cameraOff || this.#media.missing.video): Promise<void> {
    this.#options = {...this.#options, cameraOff: !on};
    this.#changed();
    const use = this.#usesDevices;
    if (use && !this.#options.audioOnly) {
      await this.#media.setCamera(on);
      await this.#settleDevices({audio: false, video: on}, use);
    }
  }

  /** Shares a screen, or stops. Only in a call. */
  async toggleScreen(on = !this.#media.screen.active): Promise<void> {
    if (this.#network) {
      await this.#media.setScreen(on);
    }
  }

  /** Changes to another device, in mid-call too. */
  async useDevice(kind: 'audioinput' | 'videoinput', deviceId: string): Promise<void> {
    const use = this.#usesDevices;
    await this.#media.useDevice(kind === 'audioinput' ? 'audio' : 'video', deviceId);
    const {micOff, cameraOff} = this.#options;
    await this.#settleDevices(
      {audio: kind === 'audioinput' && !micOff, video: kind === 'videoinput' && !cameraOff},
      use,
    );
  }

  /**
   * Sends any JSON value, or binary, to one participant or to all, in order and reliably.
   * @throws {RtcError} `bad-message` for what is no JSON value or above 64 kB,
   *   `peer-unavailable` when the receiver is not in the call, or there is no call.
   */
  send(data: unknown, to?: string): void {
    const encoded = encodeData(data);
    if (!this.#network) {
      throw new RtcError('peer-unavailable', {detail: to});
    }
    this.#network.send(encoded, to);
  }

  /** What the browser measures of each link, by participant. Empty outside a call. */
  async getStats(): Promise<ReadonlyMap<string, RTCStatsReport>> {
    return (await this.#network?.getStats()) ?? new Map<string, RTCStatsReport>();
  }

  /**
   * Finds out why the call works or does not: in a call, before it and after it failed. Asks the
   * person nothing and opens no device. Takes up to 6 s, less when the signal aborts. Never rejects.
   */
  diagnose(options?: DiagnoseOptions): Promise<Diagnosis> {
    return this.#diagnose(options);
  }

  #requireOptions() {
    const {room, mode, maxParticipants, stream} = this.#options;
    if (!room.trim() || room.length > maxRoomLength) {
      throw new RtcError('bad-attribute', {
        detail: room.trim() ? `room (${room.length} characters)` : 'room',
      });
    }
    if (mode !== 'call') {
      throw new RtcError('bad-attribute', {detail: `mode="${mode.slice(0, 80)}"`});
    }
    if (
      !Number.isInteger(maxParticipants) ||
      maxParticipants < 2 ||
      maxParticipants > maxMeshSize
    ) {
      throw new RtcError('bad-attribute', {detail: `max-participants (2 to ${maxMeshSize})`});
    }
    const {reconnectTimeoutMs} = this.#options;
    if (!(reconnectTimeoutMs >= 1_000 && reconnectTimeoutMs <= 3_600_000)) {
      throw new RtcError('bad-attribute', {detail: 'reconnect-timeout (1 to 3600 seconds)'});
    }
    if (stream && typeof (stream as Partial<MediaStream>).getTracks !== 'function') {
      throw new RtcError('bad-attribute', {detail: 'stream'});
    }
  }

  #remember({host, port, path}: Broker): TabMemory {
    return new TabMemory(`${host}:${port}${path}/${this.#options.room}`);
  }

  #createNetwork(broker: Broker, id: string): Network {
    const {room, maxParticipants, reconnectTimeoutMs} = this.#options;
    return new Mesh({
      room,
      id,
      maxParticipants,
      reconnectTimeoutMs,
      createSignaling: () => this.#createSignaling(broker),
      configuration: () => this.#configuration(),
      state: this.#peerState(),
    });
  }

  /** @throws {RtcError} `bad-attribute` when only relays are to be used and there is none. */
  async #configuration(): Promise<RTCConfiguration> {
    const {rtcConfiguration = defaultConfiguration, relayOnly} = this.#options;
    const configuration =
      typeof rtcConfiguration === 'function' ? await rtcConfiguration() : rtcConfiguration;
    if (!relayOnly) {
      return configuration;
    }
    if (!hasRelay(configuration)) {
      throw new RtcError('bad-attribute', {
        detail: 'relay-only needs a TURN server in rtcConfiguration',
      });
    }
    return {...configuration, iceTransportPolicy: 'relay'};
  }

  #listen(network: Network, signal: AbortSignal) {
    const options = {signal};
    network.addEventListener('change', () => this.#follow(network), options);
    network.addEventListener(
      'member-joined',
      ({member}) => {
        // We are in as soon as anybody is there, and that is told first.
        this.#enter();
        this.#follow(network);
        this.dispatchEvent(new ParticipantJoinedEvent(toParticipant(member)));
      },
      options,
    );
    network.addEventListener(
      'member-left',
      ({member, reason}) =>
        this.dispatchEvent(new ParticipantLeftEvent(toParticipant(member), reason)),
      options,
    );
    network.addEventListener(
      'data',
      ({data, from}) => this.dispatchEvent(new CallMessageEvent(data, toParticipant(from))),
      options,
    );
    network.addEventListener(
      'error',
      ({error, report}) => {
        if (error.code === 'connection-failed') {
          void this.#explain(error, report, signal);
        } else {
          this.#warn(error);
        }
      },
      options,
    );
    network.addEventListener('close', ({error}) => this.#fail(error), options);
    watchPage({check: (reason) => network.check(reason), hide: () => this.#depart()}, options);
  }

  #follow(network: Network) {
    this.#participants = network.members.map(toParticipant);
    if (network.isOnline && this.#notice?.code === 'broker-unreachable') {
      this.#notice = undefined;
    }
    const {phase} = this.#state;
    if (phase === 'joined' || phase === 'reconnecting') {
      // Those who are connected do not need the broker.
      const isLost =
        !network.isOnline && !this.#participants.some(({connection}) => connection === 'connected');
      this.#become({phase: isLost ? 'reconnecting' : 'joined'});
    } else {
      this.#changed();
    }
  }

  async #openDevices() {
    const use = this.#usesDevices;
    const {stream, audioOnly, micOff, cameraOff} = this.#options;
    const wanted = {audio: !micOff, video: !cameraOff && !audioOnly};
    if (typeof (stream as Partial<MediaStream> | undefined)?.getTracks === 'function') {
      this.#media.use(stream as MediaStream, wanted);
    }
    this.#media.mute(micOff);
    // Asked for in this very turn, before anything is drawn.
    await this.#media.open(wanted);
    await this.#settleDevices(wanted, use);
  }

  #closeDevices() {
    this.#usesDevices = undefined;
    this.#media.close();
  }

  /** What was wanted and could not be had is off, and so is what was switched off meanwhile. */
  async #settleDevices({audio, video}: Wanted, use: symbol | undefined) {
    if (!use || use !== this.#usesDevices) {
      return;
    }
    const {micOff, cameraOff} = this.#options;
    const {mic, camera, missing} = this.#media;
    this.#options = {
      ...this.#options,
      micOff: micOff || (audio && !mic && !missing.audio),
      cameraOff: cameraOff || (video && !camera && !missing.video),
    };
    if (this.#options.micOff && this.#media.micOn) {
      await this.#media.setMic(false);
    }
    if (this.#options.cameraOff && this.#media.camera) {
      await this.#media.setCamera(false);
    }
    this.#share();
  }

  /** Brings what we send and say up to date. */
  #share() {
    const {mic, camera, screen} = this.#media;
    const tracks: [TrackKind, MediaStreamTrack | undefined][] = [
      ['mic', mic],
      ['camera', camera],
      ['screen', screen.getVideoTracks()[0]],
      ['screen-audio', screen.getAudioTracks()[0]],
    ];
    this.#network?.setTracks(Object.fromEntries(tracks.filter(([, track]) => track)));
    this.#network?.setState(this.#peerState());
    this.#changed();
  }

  #peerState(): PeerState {
    return {
      name: cleanName(this.#options.name),
      micOff: !this.#media.micOn,
      cameraOff: !this.#media.camera,
      screen: this.#media.screen.active,
    };
  }

  /** Has the tab keep in mind that we are in the call, and how, for the page after this one. */
  #keep(signal: AbortSignal) {
    const keep = () => {
      const {resume, name, micOff, cameraOff} = this.#options;
      if (resume) {
        const {audio, video} = this.#media.preferred;
        this.#memory?.keep({name, micOff, cameraOff, audioinput: audio, videoinput: video});
      }
    };
    keep();
    this.addEventListener('change', keep, {signal});
    const timer = setInterval(keep, keepEveryMs);
    signal.addEventListener('abort', () => clearInterval(timer), {once: true});
  }

  /** The page goes; with `resume`, we do not. */
  #depart() {
    if (!this.#options.resume) {
      this.leave('closed');
      return;
    }
    this.#network?.close('away');
    this.#memory?.releaseIdentity();
    this.#memory = undefined;
    // Should the page be shown again as it is, by the Back button.
    window.addEventListener('pageshow', ({persisted}) => persisted && void this.#return(), {
      once: true,
    });
    this.leave('closed');
  }

  #release(reason: 'left' | 'closed') {
    this.#attempt?.abort();
    this.#attempt = undefined;
    this.#memory?.forget();
    this.#memory?.releaseIdentity();
    this.#memory = undefined;
    this.#network?.close(reason);
    this.#network = undefined;
    this.#participants = [];
    this.#closeDevices();
  }

  #enter() {
    if (this.#state.phase === 'joining') {
      this.#become({phase: 'joined'});
      this.dispatchEvent(new Event('joined'));
    }
  }

  #fail(error: RtcError) {
    const {phase} = this.#state;
    this.#release('left');
    this.#become({phase: 'failed', error});
    if (error.code === 'broker-unreachable') {
      void this.#watchBroker();
    }
    this.dispatchEvent(new CallErrorEvent(error));
    if (phase === 'joined' || phase === 'reconnecting') {
      this.dispatchEvent(new LeftEvent('failed'));
    }
  }

  /** Joins once the broker can be reached, unless somebody decides otherwise before. */
  async #watchBroker() {
    const {signal} = (this.#attempt = new AbortController());
    const broker = parseBroker(this.#options.broker);
    const until = performance.now() + brokerPatienceMs;
    for (let delayMs = brokerRetryMs; performance.now() < until; delayMs *= 2) {
      delayMs = Math.min(delayMs, longestBrokerRetryMs);
      const pause = new AbortController();
      await new Promise<void>((resolve) => {
        const end = () => resolve();
        after(delayMs * (0.75 + Math.random() / 4), end, pause.signal);
        window.addEventListener('online', end, pause);
        signal.addEventListener('abort', end, pause);
      });
      pause.abort();
      const signaling = this.#createSignaling(broker);
      try {
        signal.throwIfAborted();
        await signaling.open(randomHex(), {signal});
      } catch {
        if (signal.aborted) {
          return;
        }
        continue;
      } finally {
        signaling.close();
      }
      if (!signal.aborted) {
        void this.join();
      }
      return;
    }
  }

  /** Tells that somebody cannot be reached, and why. */
  async #explain(error: RtcError, failed: RTCStatsReport | undefined, signal: AbortSignal) {
    // Whoever cannot reach one often cannot reach many: they share an answer.
    const diagnosis = await (this.#finding ??= this.#diagnose({signal}, failed).finally(
      () => (this.#finding = undefined),
    ));
    if (!signal.aborted) {
      const {code, cause, detail} = error;
      this.#warn(new RtcError(code, {cause, detail, diagnosis}));
    }
  }

  #diagnose(options?: DiagnoseOptions, failed?: RTCStatsReport): Promise<Diagnosis> {
    const {audioOnly, broker, stream} = this.#options;
    const {mic, camera} = this.#media;
    return diagnose(
      {
        createSignaling: () => this.#createSignaling(parseBroker(broker)),
        configuration: () => this.#configuration(),
        devices: {
          ...(!stream && {audio: Boolean(mic)}),
          ...(!stream && !audioOnly && {video: Boolean(camera)}),
        },
        participants: () => this.#participants.filter(({away}) => !away),
        getStats: () => this.getStats(),
        failed,
      },
      options,
    );
  }

  #become(next: CallState) {
    this.#state = next;
    this.#changed();
  }

  #warn(error: RtcError) {
    this.#notice = error;
    this.#changed();
    this.dispatchEvent(new CallErrorEvent(error));
  }

  #changed() {
    this.#wakeLock.update(this.#isWatched);
    this.dispatchEvent(new Event('change'));
  }

  /** Whether there is a call with pictures, which nobody wants to go dark. */
  get #isWatched(): boolean {
    const {phase} = this.#state;
    const {camera, screen} = this.#media;
    return (
      (phase === 'joined' || phase === 'reconnecting') &&
      (Boolean(camera) ||
        screen.active ||
        this.#participants.some((other) => !other.cameraOff || other.screen))
    );
  }
}

function hasRelay({iceServers = []}: RTCConfiguration): boolean {
  return iceServers.some(({urls}) => [urls].flat().some((url) => /^turns?:/i.test(url)));
}

function toParticipant({id, state, connection, away, stream, screen}: Member): Participant {
  return {
    id,
    name: cleanName(state?.name ?? ''),
    stream,
    screen: state?.screen ? screen : undefined,
    micOff: state?.micOff ?? false,
    cameraOff: state?.cameraOff ?? false,
    connection,
    away,
  };
}
