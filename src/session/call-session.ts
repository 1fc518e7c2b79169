import type {Diagnosis} from '../core/diagnosis.js';
import {RtcError, toRtcError} from '../core/errors.js';
import {
  cleanName,
  encodeNote,
  encodeData,
  type Note,
  type PeerState,
  type TrackKind,
} from '../core/messages.js';
import {TypedEventTarget} from '../core/typed-event-target.js';
import {textsFor, withOverrides, type Texts} from '../locales/texts.js';
import type {Member, Network} from '../networks/network.js';
import {whoIsIn} from '../networks/who-is-in.js';
import {lowPicture, type CaptureFeatures} from '../rtc/capture.js';
import {LocalMedia} from '../rtc/local-media.js';
import {helpTopic, type HelpTopic} from '../rtc/permission-help.js';
import type {RecordedTracks} from '../rtc/recorder.js';
import {requireConnections} from '../rtc/requirements.js';
import {Slate} from '../rtc/slate.js';
import {canAskForSpeaker, canChooseSpeaker} from '../rtc/speaker.js';
import {parseBroker, PeerJsSignaling, type Broker} from '../signaling/peerjs.js';
import type {Signaling} from '../signaling/signaling.js';
import {Broadcast} from './broadcast.js';
import {untilBroker} from './broker-watch.js';
import {
  capOf,
  defaultOptions,
  errorIn,
  requireOptions,
  serverOf,
  type CallOptions,
} from './call-options.js';
import {isInCall, type CallState} from './call-state.js';
import {Chat} from './chat.js';
import {createNetwork} from './create-network.js';
import {diagnose, type DiagnoseOptions} from './diagnosis.js';
import {Door} from './door.js';
import {Files} from './files.js';
import type {Layout, Tile} from './layout.js';
import {CallMediaSession} from './media-session.js';
import {Monitor, type LineNumbers} from './monitor.js';
import {OwnMedia} from './own-media.js';
import {watchPage} from './page-events.js';
import type {LeaveReason, Participant, ParticipantRole} from './participant.js';
import {Reactions} from './reactions.js';
import {tracksOfCall, tracksOfShow} from './recorded-tracks.js';
import {Recording} from './recording.js';
import {Settings} from './settings.js';
import {TabMemory} from './tab-memory.js';
import {Views, type View} from './views.js';
import {WakeLock} from './wake-lock.js';

export type {CallOptions, CallState};

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

/** What the person wants to see, to be done by whoever shows the call. */
export class ViewRequestEvent extends Event {
  constructor(readonly view: 'pip' | 'fullscreen') {
    super('view-request');
  }
}

/** What the person asked for outside of the page. Cancel it to leave things as they are. */
export class ControlRequestEvent extends Event {
  constructor(
    readonly control: 'mic' | 'camera' | 'leave',
    /** What it is to be switched to. */
    readonly on: boolean,
  ) {
    super('control-request', {cancelable: true});
  }
}

/** A part of the interface that is opened and closed. */
export type Panel = 'chat' | 'audience' | 'devices';

export interface CallSessionEvents {
  /** Anything a view may show has changed. */
  change: Event;
  joined: Event;
  left: LeftEvent;
  'participant-joined': ParticipantJoinedEvent;
  'participant-left': ParticipantLeftEvent;
  message: CallMessageEvent;
  'view-request': ViewRequestEvent;
  'control-request': ControlRequestEvent;
  /** A failure to join, which is also the state, or trouble that the call survives. */
  error: CallErrorEvent;
}

/** The two a browser can be expected to reach; no TURN: a relay is the page's to bring. */
const defaultConfiguration: RTCConfiguration = {
  iceServers: [{urls: ['stun:stun.l.google.com:19302', 'stun:stun.cloudflare.com:3478']}],
};
/** How often it is kept in mind that we are in the call. */
const keepEveryMs = 10_000;

/** A call as this page sees it: the only place that decides. Knows nothing of the DOM. */
export class CallSession extends TypedEventTarget<CallSessionEvents> {
  /** What is special about a stage and its audience. */
  readonly broadcast = new Broadcast();
  /** What is written during a call. */
  readonly chat = new Chat();
  /** Recording a call, or what goes over a stage. */
  readonly recording = new Recording(() => this.#recorded);
  /** What the person has chosen, in this call or one before. */
  readonly settings = new Settings();
  /** What people give each other. */
  readonly files = new Files();
  readonly reactions = new Reactions();
  readonly #media = new LocalMedia();
  readonly #own = new OwnMedia(this.#media, {
    settings: this.settings,
    options: () => this.#options,
    put: (switches) => (this.#options = {...this.#options, ...switches}),
  });
  readonly #wakeLock = new WakeLock();
  readonly #mediaSession = new CallMediaSession(this);
  readonly #views = new Views();
  /** There in a call. */
  #monitor: Monitor | undefined;
  #isFloating = false;
  readonly #door = new Door((signal) => this.#askWhoIsIn(signal));
  readonly #createSignaling: (broker: Broker) => Signaling;
  #options = defaultOptions;
  /** What the call that goes on was joined with. */
  #joinedWith: CallOptions | undefined;
  /** What is wrong with what it is to be next. */
  #wrong: string | undefined;
  #state: CallState = {phase: 'idle'};
  #participants: readonly Participant[] = [];
  #network: Network | undefined;
  #attempt: AbortController | undefined;
  #notice: RtcError | undefined;
  /** Under way for links that failed. */
  #finding: Promise<Diagnosis> | undefined;
  #memory: TabMemory | undefined;
  /** When this tab joined the call, or began the broadcast, in milliseconds since 1970. */
  #startedAt: number | undefined;
  #slate: Slate | undefined;
  #wasGuest = false;
  #isAtDoor = false;
  #panel: Panel | undefined;
  #layout: Layout = 'auto';
  #pinned: Tile | undefined;
  #volume = 1;
  #isSilent = false;
  /** What of the broadcast, or of a recording, the others have been told. */
  #told = '';

  constructor({createSignaling}: {createSignaling?: () => Signaling} = {}) {
    super();
    this.#createSignaling = createSignaling ?? ((broker) => new PeerJsSignaling(broker));
    this.#media.addEventListener('change', () => this.#share());
    this.#own.addEventListener('change', () => this.#share());
    this.#media.addEventListener('error', ({error}) => this.#warn(error));
    this.#media.addEventListener('resolved', ({error}) => {
      if (error === this.#notice) {
        this.dismissNotice();
      }
    });
    this.broadcast.addEventListener('change', () => {
      this.#followBroadcast();
      this.#changed();
    });
    const tell = () => this.dispatchEvent(new Event('change'));
    this.chat.addEventListener('change', tell);
    this.files.addEventListener('change', tell);
    this.reactions.addEventListener('change', tell);
    this.recording.addEventListener('change', () => {
      this.#followBroadcast();
      tell();
    });
    this.#door.addEventListener('change', () => this.#changed());
    this.recording.addEventListener('error', ({error}) => this.#warn(error));
  }

  get options(): CallOptions {
    return this.#options;
  }

  get state(): CallState {
    return this.#state;
  }

  /** Oneself: what is wanted while a device opens, what there is after that. */
  get self(): Participant {
    const {micOff, cameraOff, audioOnly} = this.#options;
    const {missing} = this.#media;
    const watches = !this.#sends;
    return {
      id: 'self',
      name: this.#name,
      role: this.broadcast.role ?? 'participant',
      stream: this.#media.stream,
      screen: this.#media.screen.active ? this.#media.screen : undefined,
      micOff: watches || micOff || missing.audio,
      cameraOff: watches || cameraOff || audioOnly || missing.video,
      handRaised: this.broadcast.handRaised,
      speaking: this.#monitor?.speaks('self') ?? false,
      // A stage has figures of its own: the line to one guest says nothing of the show.
      quality: this.#mode === 'broadcast' ? undefined : this.#monitor?.qualityOf('self'),
      recording: this.#recordsCall,
      connection: 'connected',
      away: false,
    };
  }

  /** The page's word first. */
  get #name(): string {
    return cleanName(this.#options.name || (this.settings.choices.name ?? ''));
  }

  /** A call stays what it was joined as. */
  get #agreed(): CallOptions {
    return this.#joinedWith ?? this.#options;
  }

  get #mode(): string {
    return this.#agreed.mode;
  }

  /** Whether it goes through a media server. */
  get #isServed(): boolean {
    return serverOf(this.#agreed) !== undefined;
  }

  get #isIn(): boolean {
    return isInCall(this.#state);
  }

  /** Whether camera and microphone are of use here: not to one who only watches. */
  get #sends(): boolean {
    return this.#mode !== 'watch' || this.broadcast.isGuest;
  }

  /**
   * The others, in the order of their coming: the viewers, on a stage; who is on the stage, in
   * the audience.
   */
  get participants(): readonly Participant[] {
    return this.#participants;
  }

  /** Who of the others has the word: somebody who only coughs does not get it, nor who falls into it. */
  get activeSpeaker(): string | undefined {
    return this.#monitor?.activeSpeaker;
  }

  /** Whether one talks into a microphone that is off, where the browser lets us hear that. */
  get isTalkingMuted(): boolean {
    return this.#monitor?.isTalkingMuted ?? false;
  }

  /** What the line to a participant, or `self`, measured in the last second: more than a view shows at all times. */
  lineOf(id: string): LineNumbers | undefined {
    return this.#monitor?.numbersOf(id);
  }

  /** When this tab joined the call, or began the broadcast, in milliseconds since 1970; nothing for who watches. */
  get startedAt(): number | undefined {
    return this.#startedAt;
  }

  /** Whether somebody records this call, as far as is known: nothing keeps others from other ways. */
  get isRecorded(): boolean {
    return [this.self, ...this.#participants].some(({recording}) => recording);
  }

  /**
   * Before a call: the names of those who are in it, empty for those without; `undefined` where
   * that is not known, and unless `watchDoor()` was called.
   */
  get inside(): readonly string[] | undefined {
    return this.#door.inside;
  }

  /** How many people fit in the call, or may watch the broadcast. */
  get cap(): number {
    return capOf(this.#agreed);
  }

  /** The last trouble that did not end the call, until it is dismissed. */
  get notice(): RtcError | undefined {
    return this.#notice;
  }

  /** Which part of the interface is open: one for all elements of the call. */
  get panel(): Panel | undefined {
    return this.#panel;
  }

  /** How many lines and files of others nobody has looked at here. */
  get unread(): number {
    return this.chat.unread + this.files.unread;
  }

  /** The person has seen all there is in the chat. */
  markRead(): void {
    this.chat.markRead();
    this.files.markRead();
  }

  /** How the tiles are laid out. */
  get layout(): Layout {
    return this.#layout;
  }

  /** The tile that is to be large, whatever the layout, while it is there. */
  get pinned(): Tile | undefined {
    const {id, source} = this.#pinned ?? {};
    const person = [this.self, ...this.#participants].find((one) => one.id === id);
    return person && (source === 'camera' || person.screen) ? this.#pinned : undefined;
  }

  /** How loud the others are played here, 0 to 1. */
  get volume(): number {
    return this.#isSilent ? 0 : this.#volume;
  }

  /** Cameras, microphones and speakers there are, while devices are in use. Nameless until one is allowed. */
  get devices(): readonly MediaDeviceInfo[] {
    return this.#media.devices;
  }

  /** The id of the camera that is open; while it is off, of the one that will be, where that is known. */
  get cameraId(): string | undefined {
    return this.#media.cameraId;
  }

  /** The same of the microphone. */
  get micId(): string | undefined {
    return this.#media.micId;
  }

  /** The id of the speaker that the others are played through; empty for the usual one. */
  get speakerId(): string {
    return this.#own.speakerId;
  }

  get canChooseSpeaker(): boolean {
    return canChooseSpeaker();
  }

  /** Whether the browser has a list of speakers of its own, see `askForSpeaker()`. */
  get canAskForSpeaker(): boolean {
    return canAskForSpeaker();
  }

  /** What can be switched of camera and microphone, in `settings`, while they are open. */
  get features(): CaptureFeatures {
    return this.#media.features;
  }

  /** Whether there is a camera on the other side of this phone. */
  get canFlip(): boolean {
    return this.#sends && this.#media.canFlip;
  }

  get canShareScreen(): boolean {
    return this.#media.canShareScreen;
  }

  /** Whether the others of a call can be told that we ask for the word. */
  get canRaiseHand(): boolean {
    return this.#mode === 'call' && !this.#isServed;
  }

  get canPictureInPicture(): boolean {
    return globalThis.document?.pictureInPictureEnabled === true;
  }

  get canFullScreen(): boolean {
    return globalThis.document?.fullscreenEnabled === true;
  }

  /** Changes what the call is to be. Wrong values are told, in a call at once, else at the next join. */
  configure(options: Partial<CallOptions>): void {
    const {micOff, cameraOff, ...others} = options;
    const before = this.#options;
    this.#options = {...before, ...(this.#network ? this.#check(others) : others)};
    this.#own.configure(before);
    const {room, broker, mode} = this.#options;
    const moved = room !== before.room || broker !== before.broker || mode !== before.mode;
    if (moved) {
      this.watchDoor(this.#isAtDoor);
    }
    if (this.#mode !== before.mode && !this.#joinedWith) {
      this.broadcast.connect(this.#mode);
      if (!this.#sends) {
        this.#own.close();
      }
    }
    if (micOff !== undefined && micOff !== this.#options.micOff) {
      void this.toggleMic(!micOff);
    }
    if (cameraOff !== undefined && cameraOff !== this.#options.cameraOff) {
      void this.toggleCamera(!cameraOff);
    }
    this.#share();
  }

  /** In a call, what is wrong is told, once; and not taken, where it would take effect at once. */
  #check(others: Partial<CallOptions>): Partial<CallOptions> {
    const now = {...this.#options, ...others};
    const wrong = errorIn(now);
    if (wrong && wrong.detail !== this.#wrong) {
      this.#warn(wrong);
    }
    this.#wrong = wrong?.detail;
    const {stream, audioMode} = this.#options;
    return {
      ...others,
      ...(errorIn({...this.#agreed, stream: now.stream}) && {stream}),
      ...(errorIn({...this.#agreed, audioMode: now.audioMode}) && {audioMode}),
    };
  }

  openPanel(panel: Panel | undefined): void {
    this.#panel = panel;
    this.#changed();
  }

  /** Lays the tiles out in another way. Nothing is pinned after that. */
  setLayout(layout: Layout): void {
    this.#layout = layout;
    this.#pinned = undefined;
    this.#changed();
  }

  /** Makes a tile large, whatever the layout; nothing to go back to that. */
  pin(tile: Tile | undefined): void {
    this.#pinned = tile;
    this.#changed();
  }

  /** Plays the others so loud; back from silence, as loud as before. */
  setVolume(volume: number): void {
    this.#isSilent = volume === 0;
    this.#volume = volume || this.#volume;
    this.#changed();
  }

  /** Silences the others here, or not. */
  toggleSound(on = this.#isSilent): void {
    this.#isSilent = !on;
    this.#changed();
  }

  /**
   * Says where and how large somebody is shown, in whatever way: a network that can then gets no more than
   * that. Nothing when that place shows nobody any more.
   */
  setView(place: object, view: View | undefined): void {
    this.#views.set(place, view);
  }

  /** Whether the call can be seen in a small window, also while the page cannot. */
  get isFloating(): boolean {
    return this.#isFloating;
  }

  /** Says whether it can: who speaks is measured then too. */
  setFloating(isFloating: boolean): void {
    this.#isFloating = isFloating;
    this.#monitor?.followSight();
    this.#changed();
  }

  /** Asks whoever shows the call for another view. In a click: browsers want to see one. */
  requestView(view: ViewRequestEvent['view']): void {
    this.dispatchEvent(new ViewRequestEvent(view));
  }

  /** What a button outside of the page does, unless whoever shows the call has something against it. */
  requestControl(control: ControlRequestEvent['control']): void {
    const {micOff, cameraOff} = this.self;
    const on = {mic: micOff, camera: cameraOff, leave: true}[control];
    if (!this.dispatchEvent(new ControlRequestEvent(control, on))) {
      return;
    }
    switch (control) {
      case 'mic':
        void this.toggleMic(on);
        break;
      case 'camera':
        void this.toggleCamera(on);
        break;
      case 'leave':
        this.leave();
    }
  }

  dismissNotice(): void {
    this.#notice = undefined;
    this.#changed();
  }

  /** Opens camera and microphone before a call. Trouble is a notice. Does nothing for a viewer. */
  async preview(): Promise<void> {
    if (this.#sends) {
      await this.#own.open();
    }
  }

  /** Asks for a camera or microphone that was refused, once more. */
  retryDevices(): Promise<void> {
    return this.#own.retry();
  }

  /** What helps a person who may not use camera or microphone, in this browser. */
  get help(): HelpTopic | undefined {
    const {code, cause} = this.#notice ?? {};
    return code === 'permission-denied' ? helpTopic(navigator, cause) : undefined;
  }

  /** Closes them again. Does nothing in a call. */
  stopPreview(): void {
    const {phase} = this.#state;
    if (phase === 'idle' || phase === 'failed') {
      this.#own.close();
    }
  }

  /** Keeps asking who is `inside`, or stops. Only in a call from person to person, before it. */
  watchDoor(on: boolean): void {
    this.#isAtDoor = on;
    const {mode, room} = this.#options;
    if (on && !this.#joinedWith && mode === 'call' && !serverOf(this.#options) && room.trim()) {
      this.#door.open();
    } else {
      this.#door.close();
    }
  }

  async #askWhoIsIn(signal: AbortSignal): Promise<readonly string[]> {
    const {room, broker} = this.#options;
    const server = parseBroker(broker);
    return whoIsIn({room, signal, createSignaling: () => this.#createSignaling(server)});
  }

  /** Goes online and opens the devices at the same time. Does nothing in a call. Never rejects. */
  async join(): Promise<void> {
    if (this.#isIn || this.#state.phase === 'joining') {
      return;
    }
    // What watches for the broker after a failure stops watching.
    this.#attempt?.abort();
    this.#door.close();
    const {signal} = (this.#attempt = new AbortController());
    const options = (this.#joinedWith = this.#options);
    if (!this.#lacksDevice) {
      this.#notice = undefined;
    }
    this.#become({phase: 'joining'});
    try {
      requireConnections();
      requireOptions(options);
      const broker = parseBroker(options.broker);
      // Asked for in this very turn: browsers want to see the click.
      void this.preview();
      const memory = (this.#memory ??= this.#remember(broker));
      const id = await memory.holdIdentity();
      if (signal.aborted) {
        memory.releaseIdentity();
        return;
      }
      this.#startedAt = this.#mode === 'watch' ? undefined : (this.#startedAt ?? Date.now());
      this.#keep(signal);
      const network = await createNetwork(options, {
        id,
        ticket: memory.ticket,
        startedAt: this.#startedAt ?? Date.now(),
        createSignaling: () => this.#createSignaling(broker),
        configuration: () => this.#configuration(),
        ownConfiguration: () => this.#configuration({}),
        state: this.#peerState(),
      });
      if (signal.aborted) {
        network.close('left');
        return;
      }
      // Who comes back into a break must not be seen.
      this.#followBroadcast();
      this.#network = network;
      this.#share();
      this.#listen(network, signal);
      this.#views.connect(network);
      this.#connectShow(network);
      this.#monitor = this.#createMonitor(network, signal);
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
    const wasIn = this.#isIn;
    this.#release(reason);
    if (phase !== 'idle') {
      // Who thinks better of it while joining has left nothing.
      const hasReason = wasIn || (phase === 'joining' && reason === 'closed');
      this.#become({phase: 'idle', ...(hasReason && {reason})});
    }
    if (wasIn) {
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
    const {name, micOff, cameraOff, audioinput, videoinput, startedAt, terms, recording} = stay;
    this.#startedAt = startedAt;
    if (terms) {
      this.broadcast.restore(terms);
    }
    this.configure({name, micOff, cameraOff});
    this.#media.prefer({audio: audioinput, video: videoinput});
    this.recording.resume(recording);
    await this.join();
  }

  /** Switches the microphone, or puts it on or off. */
  toggleMic(on = this.self.micOff): Promise<void> {
    return this.#own.toggleMic(on);
  }

  /** Switches the camera, or puts it on or off. Off closes it. Does nothing in an audio call. */
  toggleCamera(on?: boolean): Promise<void> {
    return this.#own.toggleCamera(on);
  }

  /** Shares a screen, or stops. Only in a call. */
  async toggleScreen(on = !this.#media.screen.active): Promise<void> {
    if (this.#network && this.#sends) {
      await this.#media.setScreen(on);
    }
  }

  /** Changes to another device, in mid-call too, and in the calls to come. */
  useDevice(kind: MediaDeviceKind, deviceId: string): Promise<void> {
    return this.#own.useDevice(kind, deviceId);
  }

  /** Has the browser ask for the speaker, where it can. In a click. */
  askForSpeaker(): Promise<void> {
    return this.#own.askForSpeaker();
  }

  /** Changes between the cameras on the front and on the back of a phone. */
  flipCamera(): Promise<void> {
    return this.#own.flip();
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

  #remember({host, port, path}: Broker): TabMemory {
    const {room, mode} = this.#options;
    // Who watched is not to find themselves on the stage.
    return new TabMemory(`${host}:${port}${path}/${room}${mode === 'call' ? '' : `/${mode}`}`);
  }

  /** What a stage, its audience and all who chat have with the network. */
  #connectShow(network: Network) {
    const mode = this.#mode;
    this.broadcast.connect(mode, network, {
      ...(this.#startedAt !== undefined && {startedAt: this.#startedAt}),
      viewers: () => this.#participants.length,
      line:
        mode === 'watch'
          ? () => this.#participants.find(({role}) => role === 'stage')?.quality?.grade
          : undefined,
    });
    const send = (note: Note, to?: string) => {
      try {
        network.send(encodeNote(note), to);
      } catch {
        // Gone in this very moment.
      }
    };
    this.files.clear();
    this.reactions.connect(
      mode === 'call' ? (reaction) => send({t: 'reaction', reaction}) : undefined,
    );
    this.chat.connect({
      send: (line, to) => send({t: 'chat', ...line}, to),
      askPast: (to) => send({t: 'ask-past'}, to),
      tellPast: (lines, to) => send({t: 'past', lines: [...lines]}, to),
      relayTo: mode === 'broadcast' ? () => network.members.map(({id}) => id) : undefined,
      isRelayed: mode === 'watch',
      selfName: () => this.self.name,
    });
    this.#openChat();
  }

  #createMonitor(network: Network, signal: AbortSignal): Monitor {
    const monitor = new Monitor({
      getStats: (ids) => network.getStats(ids),
      people: () =>
        // Of the audience nothing is heard, and much of it there may be.
        network.members.filter(({id, state}) => this.#roleOf(id, state) !== 'viewer'),
      mic: () => {
        const {mic, micOn} = this.#media;
        return mic && {track: mic, isMuted: !micOn, isDevice: !this.#options.stream};
      },
      isFloating: () => this.#isFloating,
      signal,
    });
    monitor.addEventListener(
      'change',
      () => {
        this.#participants = network.members.map((member) => this.#toParticipant(member));
        this.#changed();
      },
      {signal},
    );
    return monitor;
  }

  #openChat() {
    // In the audience, the stage is who hears.
    const isHeard = this.#mode !== 'watch' || this.#participants.length > 0;
    this.chat.open(isHeard && this.broadcast.hasPeople && this.broadcast.chatIsOpen);
  }

  #followBroadcast() {
    const {isGuest, isPaused, answer} = this.broadcast;
    const isSlated = isPaused && this.#mode === 'broadcast';
    if (isSlated !== Boolean(this.#slate)) {
      this.#slate?.close();
      const {paused} = this.#texts.show;
      this.#slate = isSlated ? new Slate({text: paused, image: this.#options.poster}) : undefined;
    }
    if (isGuest !== this.#wasGuest) {
      this.#wasGuest = isGuest;
      if (isGuest) {
        void this.preview();
      } else {
        this.#own.close();
      }
    }
    const told = JSON.stringify([isSlated, answer, this.#recordsCall]);
    if (told !== this.#told) {
      this.#told = told;
      this.#share();
    }
  }

  /** @throws {RtcError} `bad-attribute` when only relays are to be used and there is none. */
  async #configuration(otherwise = defaultConfiguration): Promise<RTCConfiguration> {
    const {rtcConfiguration = otherwise, relayOnly} = this.#options;
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
        const participant = this.#toParticipant(member);
        this.dispatchEvent(new ParticipantJoinedEvent(participant));
        // A server tells nothing of who was there first.
        this.chat.meet(participant, {wasThere: member.state?.settled ?? this.#isServed});
      },
      options,
    );
    network.addEventListener(
      'member-left',
      ({member, reason}) => {
        this.chat.miss(member.id);
        this.dispatchEvent(new ParticipantLeftEvent(this.#toParticipant(member), reason));
      },
      options,
    );
    network.addEventListener(
      'data',
      ({data, from}) => this.dispatchEvent(new CallMessageEvent(data, this.#toParticipant(from))),
      options,
    );
    network.addEventListener(
      'note',
      ({note, from}) => this.#takeNote(note, this.#toParticipant(from)),
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

  #takeNote(note: Note, from: Participant) {
    switch (note.t) {
      case 'chat': {
        const {id, text, from: author} = note;
        this.chat.take({id, text, ...(author && {from: author})}, from);
        break;
      }
      case 'ask-past':
        this.chat.tellPast(from.id);
        break;
      case 'past':
        this.chat.takePast(note.lines, from.id);
        break;
      case 'reaction':
        this.reactions.take(note.reaction, from.id);
    }
  }

  #follow(network: Network) {
    this.#participants = network.members.map((member) => this.#toParticipant(member));
    this.broadcast.follow();
    this.#followBroadcast();
    this.#openChat();
    this.files.follow(network.members, this.chat.isOpen && network.takesFiles === true);
    const trouble = network.isOnline && this.#notice?.code;
    if (
      trouble === 'broker-unreachable' ||
      // Of a media server that was not ready.
      (trouble === 'server-rejected' && this.broadcast.isLive)
    ) {
      this.#notice = undefined;
    }
    if (this.#isIn) {
      // Those who are connected do not need the broker.
      // Nor do viewers who are known through it see anything of a stage that its server has lost.
      const isServedStage = this.#mode === 'broadcast' && this.#isServed;
      const isLost =
        !network.isOnline &&
        (isServedStage || !this.#participants.some(({connection}) => connection === 'connected'));
      this.#become({phase: isLost ? 'reconnecting' : 'joined'});
    } else {
      this.#changed();
    }
  }

  /** Whether the notice is about a device that is still not there: who goes in without should know. */
  get #lacksDevice(): boolean {
    const {code = '', detail} = this.#notice ?? {};
    const device = detail === 'microphone' ? this.#media.mic : this.#media.camera;
    return /^(device|permission)-/.test(code) && !device;
  }

  /** Brings what we send and say up to date. */
  #share() {
    const {mic, camera, screen} = this.#media;
    const slate = this.#slate?.track;
    const tracks: [TrackKind, MediaStreamTrack | undefined][] = slate
      ? [['camera', slate]]
      : [
          ['mic', mic],
          ['camera', camera],
          ['screen', screen.getVideoTracks()[0]],
          ['screen-audio', screen.getAudioTracks()[0]],
        ];
    this.#views.cap(this.settings.choices.lowData ? lowPicture : undefined);
    this.#network?.setMusic?.(this.#options.audioMode === 'music');
    this.#network?.setTracks(Object.fromEntries(tracks.filter(([, track]) => track)));
    this.#network?.setState(this.#peerState());
    this.#monitor?.followMic();
    this.#changed();
  }

  #peerState(): PeerState {
    return {
      name: this.#name,
      ...(this.settings.choices.lowData && {lowData: true}),
      micOff: !this.#media.micOn || Boolean(this.#slate),
      cameraOff: !this.#media.camera && !this.#slate,
      screen: this.#media.screen.active && !this.#slate,
      ...(this.#recordsCall && {recording: true}),
      ...this.broadcast.answer,
    };
  }

  /** A broadcast decides itself what it says of recording. */
  get #recordsCall(): boolean {
    return this.recording.startedAt !== undefined && !this.broadcast.role;
  }

  /** Has the tab keep in mind that we are in the call, and how, for the page after this one. */
  #keep(signal: AbortSignal) {
    const keep = () => {
      const {resume, name, micOff, cameraOff} = this.#options;
      if (resume) {
        const {audio, video} = this.#media.preferred;
        this.#memory?.keep({
          name,
          micOff,
          cameraOff,
          audioinput: audio,
          videoinput: video,
          startedAt: this.#startedAt,
          terms: this.broadcast.terms,
          recording: this.recording.unfinished,
        });
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
    this.#views.connect(undefined);
    this.#monitor = undefined;
    this.#participants = [];
    this.#startedAt = undefined;
    this.recording.resume(undefined);
    this.chat.connect(undefined);
    this.reactions.connect(undefined);
    this.files.follow([], false);
    this.#joinedWith = undefined;
    this.#wrong = undefined;
    this.broadcast.connect(this.#mode);
    this.#slate?.close();
    this.#slate = undefined;
    this.#wasGuest = false;
    this.#own.close();
  }

  #enter() {
    if (this.#state.phase === 'joining') {
      this.#become({phase: 'joined'});
      this.dispatchEvent(new Event('joined'));
    }
  }

  #fail(error: RtcError) {
    const wasIn = this.#isIn;
    const isServed = this.#isServed;
    this.#release('left');
    this.#become({phase: 'failed', error});
    // A media server that does not answer is not found by looking at the broker.
    if (error.code === 'broker-unreachable' && !isServed) {
      void this.#watchBroker();
    }
    this.dispatchEvent(new CallErrorEvent(error));
    if (wasIn) {
      this.dispatchEvent(new LeftEvent('failed'));
    }
  }

  /** Joins once the broker can be reached, unless somebody decides otherwise before. */
  async #watchBroker() {
    const {signal} = (this.#attempt = new AbortController());
    const broker = parseBroker(this.#options.broker);
    if (await untilBroker(() => this.#createSignaling(broker), {signal})) {
      void this.join();
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

  #toParticipant({
    id,
    state,
    connection,
    away,
    stream,
    screen,
    speaking = this.#monitor?.speaks(id) ?? false,
  }: Member): Participant {
    const role = this.#roleOf(id, state);
    return {
      id,
      name: cleanName(state?.name ?? ''),
      role,
      // A viewer who was not asked up has nothing to show, whatever they send.
      stream: role === 'viewer' ? undefined : stream,
      screen: state?.screen && role !== 'viewer' ? screen : undefined,
      micOff: state?.micOff ?? false,
      cameraOff: state?.cameraOff ?? false,
      handRaised: state?.hand ?? false,
      recording: state?.recording ?? false,
      speaking,
      quality: this.#monitor?.qualityOf(id),
      connection,
      away,
    };
  }

  #roleOf(id: string, state: PeerState | undefined): ParticipantRole {
    switch (this.#mode) {
      case 'broadcast':
        return id === this.broadcast.guest && state?.guest ? 'guest' : 'viewer';
      case 'watch':
        return id === 'guest' ? 'guest' : 'stage';
      default:
        return 'participant';
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
    this.#wakeLock.update(this.#isWatched);
    this.#mediaSession.update();
    const {role, recordingIsAllowed} = this.broadcast;
    const isIn = this.#isIn;
    // A server for calls carries no word of it to the others.
    const isAllowed = role ? role === 'stage' || recordingIsAllowed : !this.#isServed;
    this.recording.follow({isIn, isAllowed: isIn && isAllowed});
    this.dispatchEvent(new Event('change'));
  }

  /** For what is drawn into pictures. */
  get #texts(): Texts {
    return withOverrides(textsFor(), this.#options.texts);
  }

  /** What is to be recorded at the moment. */
  get #recorded(): RecordedTracks {
    const slate = this.#slate?.track;
    if (slate) {
      return {video: slate, audio: []};
    }
    const all = this.#sends ? [this.self, ...this.#participants] : this.#participants;
    return this.broadcast.role ? tracksOfShow(all) : tracksOfCall(all, this.#texts);
  }

  /** Whether there is a call with pictures, which nobody wants to go dark. */
  get #isWatched(): boolean {
    const {camera, screen} = this.#media;
    return (
      this.#isIn &&
      (Boolean(camera) ||
        screen.active ||
        this.#participants.some((other) => !other.cameraOff || other.screen))
    );
  }
}

function hasRelay({iceServers = []}: RTCConfiguration): boolean {
  return iceServers.some(({urls}) => [urls].flat().some((url) => /^turns?:/i.test(url)));
}
