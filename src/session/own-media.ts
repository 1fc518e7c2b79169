import {TypedEventTarget} from '../core/typed-event-target.js';
import type {LocalMedia, Wanted} from '../rtc/local-media.js';
import type {CallOptions} from './call-options.js';

type Switches = Partial<Pick<CallOptions, 'micOff' | 'cameraOff'>>;

export interface OwnMediaNeeds {
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
  }

  /** Opens what is not off; until `close()` switches take effect at once. Never rejects. */
  async open(): Promise<void> {
    this.#use ??= Symbol();
    await this.#open(this.#use);
  }

  close(): void {
    this.#use = undefined;
    this.#media.close();
  }

  /** Follows changes of the options that are about devices. */
  configure({stream}: Pick<CallOptions, 'stream'>): void {
    const {audioMode, audioOnly, ...now} = this.#options;
    this.#media.setAudioMode(audioMode);
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

  async useDevice(kind: 'audioinput' | 'videoinput', deviceId: string): Promise<void> {
    const use = this.#use;
    await this.#media.useDevice(kind === 'audioinput' ? 'audio' : 'video', deviceId);
    const {micOff, cameraOff} = this.#options;
    await this.#settle(
      {audio: kind === 'audioinput' && !micOff, video: kind === 'videoinput' && !cameraOff},
      use,
    );
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
