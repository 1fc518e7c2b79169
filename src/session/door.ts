import {pause} from '../core/after.js';
import {TypedEventTarget} from '../core/typed-event-target.js';

/** A name may still be being typed. */
const firstDelayMs = 300;
/** Asked for again this often, */
const askEveryMs = 18_000;
/** and less often while it cannot be known. */
const retryEveryMs = 60_000;

export interface DoorEvents {
  /** Others are in than before, or it is not known any more. */
  change: Event;
}

/**
 * Who is in a room one has not entered yet: asked now and then, while somebody stands at the door
 * and looks at the page. Where it cannot be known nothing is said of it.
 */
export class Door extends TypedEventTarget<DoorEvents> {
  readonly #ask: (signal: AbortSignal) => Promise<readonly string[]>;
  #inside: readonly string[] | undefined;
  #watch: AbortController | undefined;

  constructor(ask: (signal: AbortSignal) => Promise<readonly string[]>) {
    super();
    this.#ask = ask;
  }

  /** The names of those who are in; `undefined` while that is not known. */
  get inside(): readonly string[] | undefined {
    return this.#inside;
  }

  /** Begins to ask, anew if it did before. */
  open(): void {
    this.close();
    const watch = (this.#watch = new AbortController());
    void this.#run(watch.signal);
  }

  close(): void {
    this.#watch?.abort();
    this.#watch = undefined;
    this.#become(undefined);
  }

  async #run(signal: AbortSignal) {
    await pause(firstDelayMs, signal);
    while (!signal.aborted) {
      await this.#untilSeen(signal);
      const inside = await this.#ask(signal).catch(() => undefined);
      if (!signal.aborted) {
        this.#become(inside);
        await pause(inside ? askEveryMs : retryEveryMs, signal);
      }
    }
  }

  #become(inside: readonly string[] | undefined) {
    if (JSON.stringify(inside) !== JSON.stringify(this.#inside)) {
      this.#inside = inside;
      this.dispatchEvent(new Event('change'));
    }
  }

  /** Nobody needs to know in a tab that is not seen. */
  async #untilSeen(signal: AbortSignal) {
    while (document.visibilityState !== 'visible' && !signal.aborted) {
      await new Promise((resolve) => {
        document.addEventListener('visibilitychange', resolve, {once: true});
        signal.addEventListener('abort', resolve, {once: true});
      });
    }
  }
}
