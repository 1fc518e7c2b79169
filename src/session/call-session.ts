import {RtcError, toRtcError} from '../core/errors.js';
import {cleanName, encodeData, type PeerState, type TrackKind} from '../core/messages.js';
import {TypedEventTarget} from '../core/typed-event-target.js';
import {Mesh} from '../networks/mesh.js';
import type {Member, Network} from '../networks/network.js';
import {LocalMedia, type Wanted} from '../rtc/local-media.js';
import {requireConnections} from '../rtc/requirements.js';
import {parseBroker, PeerJsSignaling, type Broker} from '../signaling/peerjs.js';
import type {Signaling} from '../signaling/signaling.js';
import type {LeaveReason, Participant} from './participant.js';

/**
 * idle ──join──▶ joining ──▶ joined ◀──▶ reconnecting      any ──leave──▶ idle
 *                   └──▶ failed ──join──▶ joining
 */
export type CallState =
  /** `reason` is there after a call. */
  | {readonly phase: 'idle'; readonly reason?: LeaveReason}
  | {readonly phase: 'joining'}
  | {readonly phase: 'joined'}
  /** Alone, and nobody can find us: the broker is away and is being tried again. */
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
  /** ICE servers and the like; a function is asked at each join. */
  readonly rtcConfiguration:
    RTCConfiguration | (() => RTCConfiguration | Promise<RTCConfiguration>) | undefined;
  /** Sent instead of camera and microphone. Its tracks stay the page's to stop. */
  readonly stream: MediaStream | undefined;
  readonly micOff: boolean;
  readonly cameraOff: boolean;
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
const maxRoomLength = 256;
const maxMeshSize = 16;

/** A call as this page sees it: the only place that decides. Knows nothing of the DOM. */
export class CallSession extends TypedEventTarget<CallSessionEvents> {
  readonly #media = new LocalMedia();
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
  };
  #state: CallState = {phase: 'idle'};
  #participants: readonly Participant[] = [];
  #network: Network | undefined;
  #attempt: AbortController | undefined;
  /** There while devices may be open, in a call or for the preview before it: another one each time. */
  #usesDevices: symbol | undefined;
  #notice: RtcError | undefined;

  constructor({createSignaling}: {createSignaling?: () => Signaling} = {}) {
    super();
    this.#createSignaling = createSignaling ?? ((broker) => new PeerJsSignaling(broker));
    this.#media.addEventListener('change', () => this.#share());
    this.#media.addEventListener('error', ({error}) => {
      if (error.code === 'device-lost') {
        const {micOff, cameraOff, audioOnly} = this.#options;
        void this.#settleDevices(
          {audio: !micOff, video: !cameraOff && !audioOnly},
          this.#usesDevices,
        );
      }
      this.#warn(error);
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
    const {name, micOff, cameraOff} = this.#options;
    return {
      id: 'self',
      name: cleanName(name),
      stream: this.#media.stream,
      screen: this.#media.screen.active ? this.#media.screen : undefined,
      micOff,
      cameraOff: cameraOff || this.#options.audioOnly,
      connection: 'connected',
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
    if (this.#options.audioOnly && this.#media.camera) {
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
    if (!this.#network) {
      this.#closeDevices();
    }
  }

  /** Goes online and opens the devices at the same time. Does nothing in a call. Never rejects. */
  async join(): Promise<void> {
    const {phase} = this.#state;
    if (phase === 'joining' || phase === 'joined' || phase === 'reconnecting') {
      return;
    }
    const {signal} = (this.#attempt = new AbortController());
    this.#notice = undefined;
    this.#become({phase: 'joining'});
    try {
      requireConnections();
      this.#requireOptions();
      const network = this.#createNetwork();
      this.#network = network;
      this.#listen(network, signal);
      void this.preview();
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

  /** Switches the microphone, or puts it on or off. */
  async toggleMic(on = this.#options.micOff): Promise<void> {
    this.#options = {...this.#options, micOff: !on};
    this.#changed();
    const use = this.#usesDevices;
    if (use) {
      await this.#media.setMic(on);
      await this.#settleDevices({audio: on, video: false}, use);
    }
  }

  /** Switches the camera, or puts it on or off. Off closes it. Does nothing in an audio call. */
  async toggleCamera(on = this.#options.cameraOff): Promise<void> {
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
    if (stream && typeof (stream as Partial<MediaStream>).getTracks !== 'function') {
      throw new RtcError('bad-attribute', {detail: 'stream'});
    }
  }

  #createNetwork(): Network {
    const {room, maxParticipants, rtcConfiguration = defaultConfiguration} = this.#options;
    // The one of now, also when it has to be opened again.
    const broker = parseBroker(this.#options.broker);
    return new Mesh({
      room,
      maxParticipants,
      createSignaling: () => this.#createSignaling(broker),
      configuration:
        typeof rtcConfiguration === 'function' ? rtcConfiguration : () => rtcConfiguration,
      state: this.#peerState(),
    });
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
    network.addEventListener('error', ({error}) => this.#warn(error), options);
    network.addEventListener('close', ({error}) => this.#fail(error), options);
    // The others are told before the page is gone.
    globalThis.addEventListener?.('pagehide', () => this.leave('closed'), options);
  }

  #follow(network: Network) {
    this.#participants = network.members.map(toParticipant);
    if (network.isOnline && this.#notice?.code === 'broker-unreachable') {
      this.#notice = undefined;
    }
    const {phase} = this.#state;
    if (phase === 'joined' || phase === 'reconnecting') {
      // Those who are in a call do not need the broker.
      const isLost = !network.isOnline && !this.#participants.length;
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
    this.#options = {
      ...this.#options,
      micOff: micOff || (audio && !this.#media.mic),
      cameraOff: cameraOff || (video && !this.#media.camera),
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

  #release(reason: 'left' | 'closed') {
    this.#attempt?.abort();
    this.#attempt = undefined;
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
    this.dispatchEvent(new CallErrorEvent(error));
    if (phase === 'joined' || phase === 'reconnecting') {
      this.dispatchEvent(new LeftEvent('failed'));
    }
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
    this.dispatchEvent(new Event('change'));
  }
}

function toParticipant({id, state, connection, stream, screen}: Member): Participant {
  return {
    id,
    name: cleanName(state?.name ?? ''),
    stream,
    screen: state?.screen ? screen : undefined,
    micOff: state?.micOff ?? false,
    cameraOff: state?.cameraOff ?? false,
    connection,
  };
}
