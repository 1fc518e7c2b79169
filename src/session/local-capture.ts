import type {RtcError} from '../core/errors.js';
import {TypedEventTarget} from '../core/typed-event-target.js';
import {LocalMedia} from '../rtc/local-media.js';

export interface LocalCaptureEvents {
  change: Event;
}

/** This device's camera and microphone without a call: a mirror, a preview, a photo booth. */
export class LocalCapture extends TypedEventTarget<LocalCaptureEvents> {
  readonly #media = new LocalMedia();
  #error: RtcError | undefined;

  constructor() {
    super();
    this.#media.addEventListener('change', () => this.#changed());
    this.#media.addEventListener('error', ({error}) => {
      this.#error = error;
      this.#changed();
    });
    this.#media.addEventListener('resolved', ({error}) => {
      if (error === this.#error) {
        this.#error = undefined;
        this.#changed();
      }
    });
  }

  /** The same object for ever; empty while nothing is open. */
  get stream(): MediaStream {
    return this.#media.stream;
  }

  /** What went wrong last. */
  get error(): RtcError | undefined {
    return this.#error;
  }

  /** Opens what is wanted. Never rejects: trouble is `error`. */
  async start({audio = true, video = true} = {}): Promise<void> {
    this.#error = undefined;
    await this.#media.open({audio, video});
  }

  stop(): void {
    this.#media.close();
  }

  #changed() {
    this.dispatchEvent(new Event('change'));
  }
}
