import {after} from '../core/after.js';
import {RtcError} from '../core/errors.js';

const answerMs = 8_000;
/** One of a moment ago need not be asked for again. */
const freshMs = 30_000;

/**
 * The page's `RTCConfiguration`. A function of the page's is asked again when its last answer
 * is not of this moment: the credentials in it may be short-lived, and a call is long.
 */
export class Configuration {
  readonly #ask: () => RTCConfiguration | Promise<RTCConfiguration>;
  readonly #signal: AbortSignal;
  #current: RTCConfiguration = {};
  #answeredAt = -Infinity;
  #asking: Promise<void> | undefined;

  constructor(
    ask: () => RTCConfiguration | Promise<RTCConfiguration>,
    {signal}: {signal: AbortSignal},
  ) {
    this.#ask = ask;
    this.#signal = signal;
  }

  /** The last answer. */
  get current(): RTCConfiguration {
    return this.#current;
  }

  /** Whether `current` need not be asked for. */
  get isFresh(): boolean {
    return performance.now() - this.#answeredAt < freshMs;
  }

  /** @throws {RtcError} `connection-failed`, or what the page's function threw as an `RtcError`. */
  refresh(): Promise<void> {
    return (this.#asking ??= this.#refresh().finally(() => (this.#asking = undefined)));
  }

  async #refresh() {
    try {
      this.#current = await new Promise<RTCConfiguration>((resolve, reject) => {
        // It may ask a server, which may never answer.
        after(answerMs, () => reject(new Error('no answer')), this.#signal);
        Promise.resolve().then(this.#ask).then(resolve, reject);
      });
      this.#answeredAt = performance.now();
    } catch (cause) {
      throw cause instanceof RtcError
        ? cause
        : new RtcError('connection-failed', {cause, detail: 'rtcConfiguration'});
    }
  }
}
