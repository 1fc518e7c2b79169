import {TypedEventTarget} from '../core/typed-event-target.js';
import {isSame} from '../rtc/device-list.js';
import type {LocalMedia, Wanted} from '../rtc/local-media.js';
import {askForSpeaker} from '../rtc/speaker.js';
import type {CallOptions} from './call-options.js';
import type {Settings} from './settings.js';

type Switches = Partial<Pick<CallOptions, 'micOff' | 'cameraOff'>>;

/** A kind of device one can choose, as browsers call it, and where the choice is kept. */
const choices = {audioinput: 'microphone', videoinput: 'camera', audiooutput: 'speaker'} as const;

export interface OwnMediaNeeds {
  readonly settings: Settings;
  /** What the call is to be at the moment. */
  readonly options: () => CallOptions;
  /** Puts down what is off from now on. */
  readonly put: (switches: Switches) => void;
}

export interface OwnMediaEvents {
  /** What is wanted has changed, or what became of it. */
  change: Event;
}

/** What the person wants of camera and microphone, brought together with what can be had. */
export class OwnMedia extends TypedEventTarget<OwnMediaEvents> {
  readonly #media: LocalMedia;
  readonly #needs: OwnMediaNeeds;
  /** There while devices may be open, in a call or for the preview before it: another one each time. */
  #use: symbol | undefined;

  constructor(media: LocalMedia, needs: OwnMediaNeeds) {
    super();
    this.#media = media;
    this.#needs = needs;
    needs.settings.addEventListener('change', () => {
      this.#adjust();
      this.#changed();
    });
    media.addEventListener('allowed', ({kind}) => {
      void (kind === 'audio' ? this.toggleMic(true) : this.toggleCamera(true));
    });
  }

  /** Asks for what was refused, once more. */
  async retry(): Promise<void> {
    const {audio, video} = this.#media.refused;
    this.#needs.put({...(audio && {micOff: false}), ...(video && {cameraOff: false})});
    await this.open();
  }

  /** The speaker that was chosen, while it is there; empty for the usual one. */
  get speakerId(): string {
    const {speaker} = this.#needs.settings.choices;
    const all = this.#media.devices.filter(
      ({kind, deviceId}) => kind === 'audiooutput' && deviceId,
    );
    const chosen = speaker && {deviceId: speaker.id, label: speaker.label};
    const found = chosen && all.find((one) => isSame(one, chosen));
    // Without a list nobody knows before it is tried.
    return found?.deviceId ?? (all.length ? '' : (speaker?.id ?? ''));
  }

  /** Opens what is not off; until `close()` switches take effect at once. Never rejects. */
  async open(): Promise<void> {
    if (!this.#use) {
      this.#use = Symbol();
      const {microphone, camera} = this.#needs.settings.choices;
      this.#media.favour({audio: microphone, video: camera});
      this.#adjust();
    }
    await this.#open(this.#use);
  }

  close(): void {
    this.#use = undefined;
    this.#media.close();
  }

  /** Follows changes of the options that are about devices. */
  configure({stream}: Pick<CallOptions, 'stream'>): void {
    const {audioOnly, ...now} = this.#options;
    this.#adjust();
    if (this.#use && now.stream !== stream) {
      void this.#open(this.#use);
    }
    if (audioOnly && (this.#media.camera || this.#media.missing.video)) {
      void this.#media.setCamera(false);
    }
  }

  async toggleMic(on: boolean): Promise<void> {
    this.#put({micOff: !on});
    const use = this.#use;
    if (use) {
      await this.#media.setMic(on);
      await this.#settle({audio: on, video: false}, use);
    }
  }

  /** Off closes it. Opens none in an audio call. */
  async toggleCamera(on = this.#options.cameraOff || this.#media.missing.video): Promise<void> {
    this.#put({cameraOff: !on});
    const use = this.#use;
    if (use && !this.#options.audioOnly) {
      await this.#media.setCamera(on);
      await this.#settle({audio: false, video: on}, use);
    }
  }

  /** Changes to another device, and remembers it. */
  async useDevice(kind: MediaDeviceKind, deviceId: string): Promise<void> {
    if (kind === 'audiooutput') {
      this.#remember(kind, deviceId);
      return;
    }
    const use = this.#use;
    const own = kind === 'audioinput' ? 'audio' : 'video';
    await this.#media.useDevice(own, deviceId);
    if (this.#media.preferred[own] === deviceId) {
      this.#remember(kind, deviceId);
    }
    const {micOff, cameraOff} = this.#options;
    await this.#settle(
      {audio: kind === 'audioinput' && !micOff, video: kind === 'videoinput' && !cameraOff},
      use,
    );
  }

  /** Lets the person choose from the browser's own list. */
  async askForSpeaker(): Promise<void> {
    const device = await askForSpeaker();
    if (device) {
      this.#remember('audiooutput', device.deviceId, device.label);
    }
  }

  /** Changes to the camera on the other side. */
  async flip(): Promise<void> {
    const use = this.#use;
    await this.#media.flip();
    await this.#settle({audio: false, video: !this.#options.cameraOff}, use);
  }

  #remember(kind: MediaDeviceKind, id: string, name?: string) {
    const device = this.#media.devices.find((one) => one.kind === kind && one.deviceId === id);
    // Whatever is the default then.
    const isDefault = id === '' || id === 'default';
    const label = name ?? device?.label ?? '';
    this.#needs.settings.choose({[choices[kind]]: isDefault ? undefined : {id, label}});
  }

  #adjust() {
    const {
      noiseSuppression = true,
      voiceIsolation = false,
      lowData = false,
      backgroundBlur,
    } = this.#needs.settings.choices;
    const music = this.#options.audioMode === 'music';
    this.#media.adjust({music, noiseSuppression, voiceIsolation, backgroundBlur, lowData});
  }

  get #options(): CallOptions {
    return this.#needs.options();
  }

  async #open(use: symbol) {
    const {stream, audioOnly, micOff, cameraOff} = this.#options;
    const wanted = {audio: !micOff, video: !cameraOff && !audioOnly};
    if (typeof (stream as Partial<MediaStream> | undefined)?.getTracks === 'function') {
      this.#media.use(stream as MediaStream, wanted);
    } else {
      this.#media.useDevices();
    }
    this.#media.mute(micOff);
    // Asked for in this very turn, before anything is drawn.
    await this.#media.open(wanted);
    await this.#settle(wanted, use);
  }

  /** What was wanted and could not be had is off, and so is what was switched off meanwhile. */
  async #settle({audio, video}: Wanted, use: symbol | undefined) {
    if (!use || use !== this.#use) {
      return;
    }
    const {mic, camera, missing} = this.#media;
    const micOff = this.#options.micOff || (audio && !mic && !missing.audio);
    const cameraOff = this.#options.cameraOff || (video && !camera && !missing.video);
    this.#needs.put({micOff, cameraOff});
    if (micOff && this.#media.micOn) {
      await this.#media.setMic(false);
    }
    if (cameraOff && this.#media.camera) {
      await this.#media.setCamera(false);
    }
    this.#changed();
  }

  #put(switches: Switches) {
    this.#needs.put(switches);
    this.#changed();
  }

  #changed() {
    this.dispatchEvent(new Event('change'));
  }
}
