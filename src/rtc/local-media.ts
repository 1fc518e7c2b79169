import {RtcError, type RtcErrorCode} from '../core/errors.js';
import {TypedEventTarget} from '../core/typed-event-target.js';
import {requireDevices} from './requirements.js';

/** Something about a device a person should know. */
export class LocalMediaErrorEvent extends Event {
  constructor(readonly error: RtcError) {
    super('error');
  }
}

export interface LocalMediaEvents {
  /** A track came or went. */
  change: Event;
  error: LocalMediaErrorEvent;
}

export interface Wanted {
  readonly audio: boolean;
  readonly video: boolean;
}

type Kind = 'audio' | 'video';

const nothing: Wanted = {audio: false, video: false};

/**
 * Camera, microphone and screen of this device. What is off is not open: only
 * the microphone, once opened, stays open while muted, so that it is back at once.
 * No method rejects: trouble is an `error` event, and what there is stays usable.
 */
export class LocalMedia extends TypedEventTarget<LocalMediaEvents> {
  /** Microphone and camera, for the own picture. */
  readonly stream = new MediaStream();
  /** The shared screen; empty while there is none. */
  readonly screen = new MediaStream();
  /** Devices asked for; without one the browser chooses. */
  readonly #deviceIds: Partial<Record<Kind, string>> = {};
  /** Aborted when everything closes: a device that opens after that is closed at once. */
  #opening = new AbortController();
  #muted = false;
  /** What a page gave instead of the devices. Its tracks are the page's to stop. */
  #given: MediaStream | undefined;

  get mic(): MediaStreamTrack | undefined {
    return this.stream.getAudioTracks()[0];
  }

  get camera(): MediaStreamTrack | undefined {
    return this.stream.getVideoTracks()[0];
  }

  get micOn(): boolean {
    return Boolean(this.mic) && !this.#muted;
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
    this.#given = stream;
    for (const track of stream.getTracks()) {
      if (track.kind === 'audio' ? audio : video) {
        this.#put(track);
      }
    }
    this.#changed();
  }

  /** Opens what is wanted and not open yet; what cannot be had is reported and left out. */
  async open({audio, video}: Wanted): Promise<void> {
    const missing = {audio: audio && !this.mic, video: video && !this.camera};
    if (!missing.audio && !missing.video) {
      return;
    }
    if (this.#given) {
      this.use(this.#given, missing);
      return;
    }
    const {signal} = this.#opening;
    try {
      await this.#capture(missing, signal);
    } catch (cause) {
      await this.#openSeparately(missing, cause, signal);
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
    }
  }

  /** Opens the camera, or closes it so that its light goes out. */
  async setCamera(on: boolean): Promise<void> {
    if (on) {
      await this.open({audio: false, video: true});
    } else {
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
        this.screen.addTrack(track);
        // The browser's own button.
        track.addEventListener('ended', () => this.#stopScreen());
      }
      this.#changed();
    } catch (cause) {
      if (!(cause instanceof DOMException && cause.name === 'NotAllowedError')) {
        this.#report(mediaError(cause, 'video'), signal);
      }
    }
  }

  /** Changes to another device; the old one goes on when the new one cannot be had. */
  async useDevice(kind: Kind, deviceId: string): Promise<void> {
    const before = this.#deviceIds[kind];
    this.#deviceIds[kind] = deviceId;
    const old = kind === 'audio' ? this.mic : this.camera;
    if (!old) {
      return;
    }
    const {signal} = this.#opening;
    const wanted = {...nothing, [kind]: true};
    try {
      await this.#capture(wanted, signal);
    } catch (cause) {
      if (cause instanceof DOMException && cause.name === 'NotReadableError') {
        // Some phones cannot have two cameras open.
        this.#drop(old);
        if (!signal.aborted) {
          await this.open(wanted);
          this.#changed();
        }
        return;
      }
      if (before === undefined) {
        delete this.#deviceIds[kind];
      } else {
        this.#deviceIds[kind] = before;
      }
      this.#report(mediaError(cause, kind), signal);
    }
  }

  /** Closes everything. What is still opening is closed when it arrives. */
  close(): void {
    this.#opening.abort();
    this.#opening = new AbortController();
    this.#drop(this.mic);
    this.#drop(this.camera);
    this.#stopScreen();
    this.#muted = false;
    this.#given = undefined;
    this.#changed();
  }

  /** After both together failed: each alone, so that one broken device does not cost the other. */
  async #openSeparately(missing: Wanted, cause: unknown, signal: AbortSignal) {
    const kinds = (['audio', 'video'] as const).filter((kind) => missing[kind]);
    const name = cause instanceof DOMException ? cause.name : '';
    const refused = name === 'NotAllowedError' || name === 'SecurityError';
    const errors: RtcError[] = [];
    for (const kind of kinds) {
      // Who has just refused is not asked again, except for what is allowed for good.
      if (kinds.length === 1 || signal.aborted || (refused && !(await isGranted(kind)))) {
        errors.push(mediaError(cause, kind));
        continue;
      }
      try {
        await this.#capture({...nothing, [kind]: true}, signal);
      } catch (alone) {
        errors.push(mediaError(alone, kind));
      }
    }
    const [first, ...others] = errors;
    if (first) {
      this.#report(first, signal);
    }
    for (const error of others) {
      if (error.code !== first?.code) {
        this.#report(error, signal);
      }
    }
  }

  /** @throws what `getUserMedia` throws, or an `RtcError` where there is none. */
  async #capture({audio, video}: Wanted, signal: AbortSignal) {
    requireDevices();
    const stream = await navigator.mediaDevices.getUserMedia({
      audio: audio && this.#constraints('audio'),
      video: video && this.#constraints('video'),
    });
    if (signal.aborted) {
      stop(stream);
      return;
    }
    for (const track of stream.getTracks()) {
      this.#drop(track.kind === 'audio' ? this.mic : this.camera);
      this.#put(track);
    }
  }

  #constraints(kind: Kind): MediaTrackConstraints {
    const id = this.#deviceIds[kind];
    return {
      ...(id === undefined ? {} : {deviceId: {exact: id}}),
      ...(kind === 'video' && {
        width: {ideal: 1280},
        height: {ideal: 720},
        ...(id === undefined && {facingMode: 'user'}),
      }),
    };
  }

  #put(track: MediaStreamTrack) {
    if (track.kind === 'audio') {
      track.enabled = !this.#muted;
    }
    track.addEventListener('ended', () => {
      // Only for what happens to us: `stop()` fires no event.
      if (this.stream.getTracks().includes(track)) {
        this.stream.removeTrack(track);
        this.#report(new RtcError('device-lost', {detail: track.label}), this.#opening.signal);
        this.#changed();
      }
    });
    this.stream.addTrack(track);
    this.#changed();
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
  const name = cause instanceof Error ? cause.name : '';
  return new RtcError(codes[name] ?? 'device-failed', {
    cause,
    detail: kind === 'audio' ? 'microphone' : 'camera',
  });
}

/** Whether asking for a device needs no prompt. Firefox before 132 does not say: then no. */
async function isGranted(kind: Kind): Promise<boolean> {
  try {
    const name = (kind === 'audio' ? 'microphone' : 'camera') as PermissionName;
    return (await navigator.permissions.query({name})).state === 'granted';
  } catch {
    return false;
  }
}

function stop(stream: MediaStream) {
  for (const track of stream.getTracks()) {
    track.stop();
  }
}
