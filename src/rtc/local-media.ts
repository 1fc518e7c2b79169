import {RtcError, type RtcErrorCode} from '../core/errors.js';
import {TypedEventTarget} from '../core/typed-event-target.js';
import {
  constraintsFor,
  defaultWishes,
  featuresOf,
  heeds,
  type CaptureFeatures,
  type CaptureWishes,
} from './capture.js';
import {
  deviceOf,
  DeviceList,
  findAgain,
  isSame,
  isUsed,
  permissionFor,
  type Device,
  type DeviceKind as Kind,
} from './device-list.js';
import {requireDevices} from './requirements.js';

/** Something about a device a person should know. */
export class LocalMediaErrorEvent extends Event {
  constructor(readonly error: RtcError) {
    super('error');
  }
}

/** What an `error` event said holds no longer: the device is back, or not wanted any more. */
export class LocalMediaResolvedEvent extends Event {
  constructor(readonly error: RtcError) {
    super('resolved');
  }
}

/** A device may be used now that was refused before. */
export class LocalMediaAllowedEvent extends Event {
  constructor(readonly kind: Kind) {
    super('allowed');
  }
}

export interface LocalMediaEvents {
  /** A track came or went, or the list of devices is another one. */
  change: Event;
  error: LocalMediaErrorEvent;
  resolved: LocalMediaResolvedEvent;
  allowed: LocalMediaAllowedEvent;
}

export interface Wanted {
  readonly audio: boolean;
  readonly video: boolean;
}

/** A device that went away while it was in use. */
interface Loss extends Device {
  /** What was told about it. */
  error: RtcError | undefined;
  /** It was not unplugged: the person has forbidden it. */
  refused: boolean;
  /** Aborted when its outcome is not wanted any more. There is never more than one. */
  attempt: AbortController | undefined;
}

type DeviceIds = Readonly<Partial<Record<Kind, string>>>;
type Facing = 'user' | 'environment';

/** A device as it is remembered: by its name as well, for ids change. */
export type Favourite = Pick<Device, 'label'> & {readonly id: string};

const nothing: Wanted = {audio: false, video: false};

/**
 * Camera, microphone and screen of this device. What is off is not open: only
 * the microphone, once opened, stays open while muted, so that it is back at once.
 * No method rejects: trouble is an `error` event, and what there is stays usable.
 *
 * A device that goes away while it is in use is wanted further on: another one
 * takes its place, if there is one, until it comes back or the person decides.
 */
export class LocalMedia extends TypedEventTarget<LocalMediaEvents> {
  /** Microphone and camera, for the own picture. */
  readonly stream = new MediaStream();
  /** The shared screen; empty while there is none. */
  readonly screen = new MediaStream();
  /** Devices asked for; without one the browser chooses. */
  readonly #deviceIds: Partial<Record<Kind, string>> = {};
  /** Rather these than others, where none is asked for. */
  #favourites: Readonly<Partial<Record<Kind, Device>>> = {};
  /** Which way the camera is to look, where nothing else says which one it is, */
  #facing: Facing = 'user';
  /** and which way the last one looked, on devices that have one on each side. */
  #looked: string | undefined;
  /** What was told of devices that may not be used. */
  readonly #refused = new Map<Kind, RtcError>();
  /** Aborted when everything closes: a device that opens after that is closed at once. */
  #opening = new AbortController();
  #muted = false;
  #wishes = defaultWishes;
  /** What a page gave instead of the devices. Its tracks are the page's to stop. */
  #given: MediaStream | undefined;
  readonly #losses: Partial<Record<Kind, Loss>> = {};
  /** What is in use, by kind: some browsers forget it when the track ends. */
  readonly #used: Partial<Record<Kind, Device>> = {};
  /** What was opened without the person, by kind. */
  readonly #reopened: Partial<Record<Kind, MediaStreamTrack | undefined>> = {};
  /** Whose end is listened for. */
  readonly #followed = new WeakSet<MediaStreamTrack>();
  #list: DeviceList | undefined;
  #devices: readonly MediaDeviceInfo[] = [];

  get mic(): MediaStreamTrack | undefined {
    return this.stream.getAudioTracks()[0];
  }

  get camera(): MediaStreamTrack | undefined {
    return this.stream.getVideoTracks()[0];
  }

  get micOn(): boolean {
    return Boolean(this.mic) && !this.#muted;
  }

  /** The id of the camera that is open; while none is, of the one that will be, where that is known. */
  get cameraId(): string | undefined {
    return this.#idOf('video');
  }

  /** The same of the microphone. */
  get micId(): string | undefined {
    return this.#idOf('audio');
  }

  /** What went away, is still wanted, and has nothing in its place. */
  get missing(): Wanted {
    return {
      audio: Boolean(this.#losses.audio) && !this.mic,
      video: Boolean(this.#losses.video) && !this.camera,
    };
  }

  /** What may not be used, though it was wanted. */
  get refused(): Wanted {
    return {audio: this.#refused.has('audio'), video: this.#refused.has('video')};
  }

  /** Cameras, microphones and speakers, from the first `open()` until `close()`. */
  get devices(): readonly MediaDeviceInfo[] {
    return this.#devices;
  }

  /** What can be switched of the devices in use. */
  get features(): CaptureFeatures {
    const {mic, camera} = this;
    return featuresOf(mic, camera);
  }

  /** Whether there is a camera on the other side of this device. */
  get canFlip(): boolean {
    const cameras = this.#devices.filter(({kind}) => kind === 'videoinput');
    return this.#looked !== undefined && cameras.length > 1 && !this.#given;
  }

  get canShareScreen(): boolean {
    return typeof globalThis.navigator?.mediaDevices?.getDisplayMedia === 'function';
  }

  /** Uses the tracks of this stream instead of devices. They are never stopped here. */
  use(stream: MediaStream, {audio, video}: Wanted): void {
    // What was open before is not what is to be sent.
    for (const track of this.stream.getTracks()) {
      if (!stream.getTracks().includes(track)) {
        this.#drop(track);
      }
    }
    if (stream !== this.#given) {
      this.#forget('audio');
      this.#forget('video');
    }
    this.#given = stream;
    for (const track of stream.getTracks()) {
      if ((track.kind === 'audio' ? audio : video) && track.readyState === 'live') {
        this.#place(track);
        this.#forget(track.kind as Kind);
      }
    }
    // Once for all of them: in between, what is sent would seem to be off.
    this.#changed();
  }

  /** Uses devices again, when they are next opened. */
  useDevices(): void {
    const given = this.#given;
    if (given) {
      for (const track of this.stream.getTracks()) {
        this.#drop(track);
      }
      this.#given = undefined;
      this.#changed();
    }
  }

  /** Takes sound and picture like this from now on: what is open is adjusted, or opened anew. */
  adjust(wishes: CaptureWishes): void {
    const before = this.#wishes;
    this.#wishes = wishes;
    for (const kind of ['audio', 'video'] as const) {
      const [old, now] = [before, wishes].map((all) => constraintsFor(kind, {}, all));
      if (JSON.stringify(old) !== JSON.stringify(now) && !this.#given) {
        void this.#adjust(kind, {anew: wishes.music !== before.music});
      }
    }
  }

  /** Opens what is wanted and not open yet; what cannot be had is reported and left out. */
  async open({audio, video}: Wanted): Promise<void> {
    this.#watch();
    const missing = {audio: audio && !this.mic, video: video && !this.camera};
    this.#pardon({audio, video});
    if (!missing.audio && !missing.video) {
      return;
    }
    if (this.#given) {
      this.use(this.#given, missing);
      return;
    }
    const {signal} = this.#opening;
    const kinds = (['audio', 'video'] as const).filter((kind) => missing[kind]);
    await this.#overtake(kinds, async () => {
      try {
        await this.#capture(missing, signal);
      } catch (cause) {
        await this.#openSeparately(kinds, cause, signal);
      }
    });
    for (const kind of signal.aborted ? [] : kinds) {
      if (this.#track(kind)) {
        this.#forget(kind);
        this.#missFavourite(kind);
      }
    }
  }

  /** Silences the microphone, now or when it is opened. */
  mute(muted: boolean): void {
    this.#muted = muted;
    if (this.mic) {
      this.mic.enabled = !muted;
    }
    this.#changed();
  }

  /** Mutes or unmutes; opens the microphone when it was not. */
  async setMic(on: boolean): Promise<void> {
    this.mute(!on);
    if (on) {
      await this.open({audio: true, video: false});
    } else {
      this.#pardon({audio: true, video: false});
    }
  }

  /** Opens the camera, or closes it so that its light goes out. */
  async setCamera(on: boolean): Promise<void> {
    if (on) {
      await this.open({audio: false, video: true});
    } else {
      this.#forget('video');
      this.#pardon({audio: false, video: true});
      this.#drop(this.camera);
    }
    this.#changed();
  }

  /** Asks for a screen to share, or stops sharing. To think better of it is no error. */
  async setScreen(on: boolean): Promise<void> {
    if (!on) {
      this.#stopScreen();
      return;
    }
    if (this.screen.active) {
      return;
    }
    const {signal} = this.#opening;
    try {
      const stream = await navigator.mediaDevices.getDisplayMedia({video: true, audio: true});
      if (signal.aborted || this.screen.active) {
        stop(stream);
        return;
      }
      for (const track of stream.getTracks()) {
        hint(track, track.kind === 'video' ? 'detail' : 'music');
        this.screen.addTrack(track);
        // The browser's own button.
        track.addEventListener('ended', () => this.#stopScreen());
      }
      this.#changed();
    } catch (cause) {
      if (!(cause instanceof DOMException && cause.name === 'NotAllowedError')) {
        this.#report(new RtcError('screen-failed', {cause, detail: 'screen'}), signal);
      }
    }
  }

  /** Changes to another device; the old one goes on when the new one cannot be had. */
  async useDevice(kind: Kind, deviceId: string): Promise<void> {
    await this.#change(kind, () => (this.#deviceIds[kind] = deviceId));
  }

  /** Changes to the camera on the other side. */
  async flip(): Promise<void> {
    await this.#change('video', () => {
      delete this.#deviceIds.video;
      const facing = (this.camera ? this.#looked : this.#facing) === 'environment';
      this.#facing = facing ? 'user' : 'environment';
    });
  }

  async #change(kind: Kind, choose: () => void) {
    const before = {id: this.#deviceIds[kind], facing: this.#facing, all: this.#favourites};
    this.#favourites = {...this.#favourites, [kind]: undefined};
    choose();
    const old = this.#track(kind);
    const wanted = {...nothing, [kind]: true};
    if (!old) {
      if (this.#losses[kind] && this.#wants(kind)) {
        await this.open(wanted);
      }
      return;
    }
    const {signal} = this.#opening;
    await this.#overtake([kind], async () => {
      try {
        await this.#capture(wanted, signal);
        if (!signal.aborted) {
          this.#forget(kind);
        }
      } catch (cause) {
        if (nameOf(cause) === 'NotReadableError') {
          // Some phones cannot have two cameras open.
          this.#drop(old);
          if (!signal.aborted) {
            await this.open(wanted);
            this.#changed();
          }
          return;
        }
        if (before.id === undefined) {
          delete this.#deviceIds[kind];
        } else {
          this.#deviceIds[kind] = before.id;
        }
        this.#facing = before.facing;
        this.#favourites = before.all;
        this.#report(mediaError(cause, kind), signal);
      }
    });
  }

  /** The devices that were chosen, to be `prefer`red another time. */
  get preferred(): DeviceIds {
    return {...this.#deviceIds};
  }

  /** Opens these devices from now on, if they are there. */
  prefer({audio, video}: {audio?: string | undefined; video?: string | undefined}): void {
    Object.assign(this.#deviceIds, audio && {audio}, video && {video});
  }

  /** Opens these rather than others, as long as none is asked for: also when they come later. */
  favour(favourites: Readonly<Partial<Record<Kind, Favourite | undefined>>>): void {
    const entries = Object.entries(favourites) as [Kind, Favourite | undefined][];
    this.#favourites = Object.fromEntries(
      entries.flatMap(([kind, device]) =>
        device
          ? [[kind, {kind, label: device.label, deviceId: device.id, groupId: undefined}]]
          : [],
      ),
    );
  }

  /** Closes everything. What is still opening is closed when it arrives. */
  close(): void {
    this.#opening.abort();
    this.#opening = new AbortController();
    this.#list = undefined;
    this.#devices = [];
    this.#forget('audio');
    this.#forget('video');
    this.#drop(this.mic);
    this.#drop(this.camera);
    this.#stopScreen();
    this.#muted = false;
    this.#given = undefined;
    this.#facing = 'user';
    this.#looked = undefined;
    this.#refused.clear();
    this.#changed();
  }

  /** After all together failed: each alone, so that one broken device does not cost the other. */
  async #openSeparately(kinds: readonly Kind[], cause: unknown, signal: AbortSignal) {
    const name = nameOf(cause);
    const refused = name === 'NotAllowedError' || name === 'SecurityError';
    const failed: {readonly kind: Kind; readonly error: RtcError}[] = [];
    for (const kind of kinds) {
      // The device that was chosen may be gone: then any other.
      const gone = name === 'OverconstrainedError' && this.#deviceIds[kind] !== undefined;
      const useless = kinds.length === 1 && !gone;
      // Who has just refused is not asked again, except for what is allowed for good.
      if (useless || signal.aborted || (refused && (await permissionFor(kind)) !== 'granted')) {
        failed.push({kind, error: mediaError(cause, kind)});
        continue;
      }
      try {
        await this.#captureAny(kind, signal);
      } catch (alone) {
        failed.push({kind, error: mediaError(alone, kind)});
      }
    }
    if (signal.aborted) {
      return;
    }
    const told: RtcError[] = [];
    for (const {kind, error} of failed) {
      const same = told.find(({code}) => code === error.code);
      const loss = this.#losses[kind];
      if (loss) {
        loss.refused ||= error.code === 'permission-denied';
        loss.error = same ?? error;
      } else if (error.code === 'permission-denied') {
        this.#refused.set(kind, same ?? error);
      }
      if (!same) {
        told.push(error);
        this.#report(error, signal);
      }
    }
  }

  /** Opens the device that was chosen, or any when that is gone. */
  async #captureAny(kind: Kind, signal: AbortSignal) {
    const wanted = {...nothing, [kind]: true};
    try {
      await this.#capture(wanted, signal);
    } catch (cause) {
      const gone = nameOf(cause) === 'OverconstrainedError' && this.#deviceIds[kind] !== undefined;
      if (!gone || signal.aborted) {
        throw cause;
      }
      await this.#capture(wanted, signal, {});
    }
  }

  /** @throws what `getUserMedia` throws, or an `RtcError` where there is none. */
  async #capture(wanted: Wanted, signal: AbortSignal, deviceIds?: DeviceIds) {
    const wishes = this.#wishes;
    const stream = await this.#ask(wanted, deviceIds);
    if (signal.aborted) {
      stop(stream);
      return;
    }
    this.#take(stream);
    if (wanted.audio && wishes.music !== this.#wishes.music) {
      // Not what is wanted by now.
      await this.#capture({...nothing, audio: true}, signal, deviceIds);
    } else if (JSON.stringify(wishes) !== JSON.stringify(this.#wishes)) {
      for (const track of stream.getTracks()) {
        void this.#adjust(track.kind as Kind, {anew: false});
      }
    }
  }

  #ask({audio, video}: Wanted, deviceIds?: DeviceIds): Promise<MediaStream> {
    requireDevices();
    return navigator.mediaDevices.getUserMedia({
      audio: audio && this.#constraints('audio', deviceIds),
      video: video && this.#constraints('video', deviceIds),
    });
  }

  /** For the device that was chosen, or for these; for any when these name none. */
  #constraints(kind: Kind, deviceIds?: DeviceIds): MediaTrackConstraints {
    const wish = deviceIds
      ? {exact: deviceIds[kind]}
      : {
          exact: this.#deviceIds[kind],
          ideal: this.#favourites[kind]?.deviceId,
          facing: this.#facing,
        };
    return constraintsFor(kind, wish, this.#wishes);
  }

  /** A microphone that cannot be told while it is open is opened anew. */
  async #adjust(kind: Kind, {anew}: {anew: boolean}) {
    const track = this.#track(kind);
    const {signal} = this.#opening;
    if (!track) {
      return;
    }
    if (!anew) {
      // What cannot be is left as it is.
      const constraints = constraintsFor(kind, {}, this.#wishes);
      await track.applyConstraints(constraints).catch(() => undefined);
      this.#changed();
    }
    const isDone = !anew && (kind === 'video' || heeds(track, this.#wishes));
    if (isDone || kind === 'video' || signal.aborted || this.mic !== track) {
      return;
    }
    try {
      await this.#capture({audio: true, video: false}, signal);
    } catch (cause) {
      // The one that is open goes on.
      this.#report(mediaError(cause, 'audio'), signal);
    }
  }

  #take(stream: MediaStream) {
    for (const track of stream.getTracks()) {
      this.#drop(this.#track(track.kind as Kind));
      this.#put(track);
    }
    // Now their names may be known.
    void this.#list?.refresh();
  }

  #put(track: MediaStreamTrack) {
    this.#place(track);
    this.#changed();
  }

  #place(track: MediaStreamTrack) {
    if (track.kind === 'audio') {
      track.enabled = !this.#muted;
    }
    hint(track, track.kind === 'video' ? 'motion' : this.#wishes.music ? 'music' : 'speech');
    this.#used[track.kind as Kind] = deviceOf(track);
    this.#looked = track.getSettings().facingMode ?? this.#looked;
    if (!this.#followed.has(track)) {
      this.#followed.add(track);
      track.addEventListener('ended', () => {
        // Only for what happens to us: `stop()` fires no event.
        if (this.stream.getTracks().includes(track)) {
          this.#lose(track);
        }
      });
      // The system has switched an effect on or off.
      track.addEventListener('configurationchange', () => this.#changed());
    }
    this.stream.addTrack(track);
  }

  #idOf(kind: Kind): string | undefined {
    return (
      this.#track(kind)?.getSettings().deviceId ??
      this.#deviceIds[kind] ??
      this.#used[kind]?.deviceId ??
      this.#favourites[kind]?.deviceId
    );
  }

  #track(kind: Kind): MediaStreamTrack | undefined {
    return kind === 'audio' ? this.mic : this.camera;
  }

  /** Follows what comes and goes until everything closes. */
  #watch() {
    if (this.#list) {
      return;
    }
    const {signal} = this.#opening;
    const list = new DeviceList({signal});
    this.#list = list;
    list.addEventListener('change', () => this.#follow(list.all), {signal});
    document.addEventListener('visibilitychange', () => this.#recheck(), {signal});
  }

  #follow(devices: readonly MediaDeviceInfo[]) {
    const before = this.#devices;
    this.#devices = devices;
    this.#regain(this.#losses.audio);
    this.#regain(this.#losses.video);
    void this.#seeAllowed();
    void this.#followDefault(before);
    if (devices !== before) {
      this.#changed();
    }
  }

  /** Nobody waits for these to be allowed any more. */
  #pardon(kinds: Wanted) {
    for (const kind of ['audio', 'video'] as const) {
      const error = kinds[kind] && this.#refused.get(kind);
      if (error) {
        this.#refused.delete(kind);
        this.dispatchEvent(new LocalMediaResolvedEvent(error));
      }
    }
  }

  async #seeAllowed() {
    for (const [kind, error] of this.#refused) {
      const permission = await permissionFor(kind);
      if (permission === 'granted' && this.#refused.get(kind) === error) {
        this.#refused.delete(kind);
        this.dispatchEvent(new LocalMediaResolvedEvent(error));
        this.dispatchEvent(new LocalMediaAllowedEvent(kind));
      }
    }
  }

  /** Another one is open than the person likes best: theirs takes its place when it is there. */
  #missFavourite(kind: Kind) {
    const favourite = this.#deviceIds[kind] === undefined && this.#favourites[kind];
    const used = this.#used[kind];
    if (favourite && used && !this.#given && !isSame(used, favourite)) {
      const loss = {...favourite, error: undefined, refused: false, attempt: undefined};
      this.#losses[kind] = loss;
      this.#regain(loss);
    }
  }

  /** A phone may have taken a device from a page in the background, and said nothing. */
  #recheck() {
    if (document.visibilityState === 'visible') {
      for (const track of this.#given ? [] : this.stream.getTracks()) {
        if (track.readyState === 'ended') {
          this.#lose(track, {unseen: true});
        }
      }
      void this.#list?.refresh();
    }
  }

  /** Goes on with another device, or without, and keeps in mind what is missing. */
  #lose(track: MediaStreamTrack, {unseen = document.hidden} = {}) {
    const kind = track.kind as Kind;
    const used = this.#used[kind] ?? deviceOf(track);
    const loss: Loss = {...used, error: undefined, refused: false, attempt: undefined};
    const again = this.#reopened[kind] === track;
    this.#forget(kind);
    this.stream.removeTrack(track);
    this.#losses[kind] = loss;
    this.#changed();
    if (this.#given) {
      this.#tell(loss, 'device-lost');
      return;
    }
    void this.#attempt(loss, async (signal) => {
      loss.refused = await this.#isRefused(loss, unseen);
      if (signal.aborted) {
        return;
      }
      this.#tell(loss, loss.refused ? 'permission-denied' : 'device-lost');
      // What keeps failing while it is plugged in is not opened for ever.
      const hopeless = loss.refused || (again && findAgain(await this.#listed(), loss));
      if (!hopeless && !signal.aborted && this.#wants(kind)) {
        await this.#reopen(loss, undefined, signal);
      }
    });
  }

  /** Takes a lost device back, or any when there is none, as soon as it can be had. */
  #regain(loss: Loss | undefined) {
    if (!loss || loss.attempt || this.#given) {
      return;
    }
    const {kind} = loss;
    const current = this.#track(kind);
    const device = findAgain(this.#devices, loss);
    const hope = current
      ? device && !isUsed(device, current)
      : this.#devices.some((any) => any.kind === `${kind}input`);
    if (!hope) {
      return;
    }
    if (!current && !this.#wants(kind)) {
      if (device) {
        this.#forget(kind);
      }
      return;
    }
    void this.#attempt(loss, async (signal) => {
      if (!loss.refused || (await permissionFor(kind)) === 'granted') {
        await this.#reopen(loss, device, signal);
      }
    });
  }

  /** One at a time. What changes meanwhile counts afterwards. */
  async #attempt(loss: Loss, act: (signal: AbortSignal) => Promise<void>) {
    const devices = this.#devices;
    const attempt = new AbortController();
    loss.attempt = attempt;
    await act(attempt.signal);
    if (loss.attempt === attempt) {
      loss.attempt = undefined;
      if (this.#losses[loss.kind] === loss && this.#devices !== devices) {
        this.#regain(loss);
      }
    }
  }

  /** What the person does themselves takes the place of what is being tried. */
  async #overtake(kinds: readonly Kind[], act: () => Promise<void>) {
    const attempt = new AbortController();
    const losses = kinds.flatMap((kind) => this.#losses[kind] ?? []);
    for (const loss of losses) {
      loss.attempt?.abort();
      loss.attempt = attempt;
    }
    await act();
    for (const loss of losses) {
      if (loss.attempt === attempt) {
        loss.attempt = undefined;
      }
    }
  }

  /** Opens this device in place of what is lost, or any; what fails is tried again another time. */
  async #reopen(loss: Loss, device: MediaDeviceInfo | undefined, signal: AbortSignal) {
    const {kind} = loss;
    const wanted = {...nothing, [kind]: true};
    try {
      await this.#capture(wanted, signal, device ? {[kind]: device.deviceId} : {});
    } catch (cause) {
      // A page in the background may be refused what it has the permission for.
      if (nameOf(cause) === 'NotAllowedError' && !document.hidden && !signal.aborted) {
        loss.refused = true;
        if (!this.#track(kind)) {
          this.#tell(loss, 'permission-denied');
        }
      }
      return;
    }
    const now = this.#used[kind];
    if (signal.aborted || !now) {
      return;
    }
    this.#reopened[kind] = this.#track(kind);
    if (!device && !isSame(now, loss)) {
      return;
    }
    if (now.deviceId && loss.deviceId && loss.deviceId === this.#deviceIds[kind]) {
      // Chosen once, also in another socket.
      this.#deviceIds[kind] = now.deviceId;
    }
    this.#forget(kind);
  }

  /** A microphone that nobody has chosen is the default one: when that changes, as for a headset, so does ours. */
  async #followDefault(before: readonly MediaDeviceInfo[]) {
    const {mic} = this;
    const [old, now] = [before, this.#devices].map((list) =>
      // The default comes first: https://w3c.github.io/mediacapture-main/#dom-mediadevices-enumeratedevices
      list.find(({kind}) => kind === 'audioinput'),
    );
    const liked = this.#losses.audio ? undefined : this.#favourites.audio;
    const chosen = this.#given ?? this.#deviceIds.audio ?? liked;
    if (chosen !== undefined || this.#losses.audio?.attempt || !mic || !old || !now) {
      return;
    }
    if (isUsed(old, mic) && !isUsed(now, mic)) {
      try {
        const stream = await this.#ask({audio: true, video: false});
        if (this.mic === mic) {
          this.#take(stream);
        } else {
          stop(stream);
        }
      } catch {
        // The one we have goes on.
      }
    }
  }

  /** Whether a device went because it is forbidden now, and not because it was unplugged. */
  async #isRefused(loss: Loss, unseen: boolean): Promise<boolean> {
    const permission = await permissionFor(loss.kind);
    if (permission !== 'prompt' || unseen) {
      return permission === 'denied';
    }
    // Allowed for a while, or no longer: what is forbidden is still there, but may have no name.
    const devices = await this.#listed();
    const isNameless = devices.some(({kind, label}) => kind === `${loss.kind}input` && !label);
    return isNameless || Boolean(findAgain(devices, loss));
  }

  async #listed(): Promise<readonly MediaDeviceInfo[]> {
    return (await this.#list?.refresh()) ?? [];
  }

  /** Nobody needs a microphone that is muted: it is opened when it is not. */
  #wants(kind: Kind): boolean {
    return kind === 'video' || !this.#muted;
  }

  #forget(kind: Kind) {
    const loss = this.#losses[kind];
    loss?.attempt?.abort();
    delete this.#losses[kind];
    if (loss?.error) {
      this.dispatchEvent(new LocalMediaResolvedEvent(loss.error));
    }
  }

  #tell(loss: Loss, code: RtcErrorCode) {
    loss.error = new RtcError(code, {detail: loss.label});
    this.dispatchEvent(new LocalMediaErrorEvent(loss.error));
  }

  #drop(track: MediaStreamTrack | undefined) {
    if (track) {
      this.stream.removeTrack(track);
      if (!this.#given?.getTracks().includes(track)) {
        track.stop();
      }
    }
  }

  #stopScreen() {
    const tracks = this.screen.getTracks();
    for (const track of tracks) {
      track.stop();
      this.screen.removeTrack(track);
    }
    if (tracks.length) {
      this.#changed();
    }
  }

  #changed() {
    this.dispatchEvent(new Event('change'));
  }

  #report(error: RtcError, signal: AbortSignal) {
    if (!signal.aborted) {
      this.dispatchEvent(new LocalMediaErrorEvent(error));
    }
  }
}

const codes: Readonly<Record<string, RtcErrorCode>> = {
  NotAllowedError: 'permission-denied',
  SecurityError: 'permission-denied',
  NotFoundError: 'device-not-found',
  NotReadableError: 'device-in-use',
  AbortError: 'device-in-use',
  OverconstrainedError: 'device-failed',
};

/** https://w3c.github.io/mediacapture-main/#dom-mediadevices-getusermedia names the failures. */
function mediaError(cause: unknown, kind: Kind): RtcError {
  if (cause instanceof RtcError) {
    return cause;
  }
  return new RtcError(codes[nameOf(cause)] ?? 'device-failed', {
    cause,
    detail: kind === 'audio' ? 'microphone' : 'camera',
  });
}

/** Not `instanceof`: an `OverconstrainedError` is no `DOMException` everywhere. */
function nameOf(cause: unknown): string {
  return (cause as Partial<Error> | undefined)?.name ?? '';
}

/** Says what matters in it, unless the page has. https://w3c.github.io/mst-content-hint/ */
function hint(track: MediaStreamTrack, content: 'motion' | 'detail' | 'music' | 'speech') {
  track.contentHint ||= content;
}

function stop(stream: MediaStream) {
  for (const track of stream.getTracks()) {
    track.stop();
  }
}
