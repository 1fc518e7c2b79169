import {maxSignalLength} from '../core/messages.js';
import {RtcError} from '../core/errors.js';
import {TypedEventTarget} from '../core/typed-event-target.js';
import {SignalingMessageEvent, type Signaling, type SignalingEvents} from './signaling.js';

interface Letter {
  readonly to: string;
  readonly from: string;
  readonly text: string;
}

/**
 * Signaling between the tabs of one browser, and within a page: a `BroadcastChannel`
 * carries, a Web Lock makes the claim of an address atomic and ends it with the page.
 */
export class TabSignaling extends TypedEventTarget<SignalingEvents> implements Signaling {
  readonly #scope: string;
  #channel: BroadcastChannel | undefined;
  #address = '';
  #release: (() => void) | undefined;

  constructor(scope = 'rtc-elements') {
    super();
    this.#scope = scope;
  }

  async open(address: string, {signal}: {signal: AbortSignal}): Promise<void> {
    const isFree = await new Promise<boolean>((resolve, reject) => {
      navigator.locks
        .request(`${this.#scope}/${address}`, {ifAvailable: true}, (lock) => {
          resolve(Boolean(lock));
          return lock && new Promise<void>((release) => (this.#release = release));
        })
        .catch(reject);
    });
    if (signal.aborted) {
      this.close();
      signal.throwIfAborted();
    }
    if (!isFree) {
      throw new RtcError('address-taken', {detail: address});
    }
    this.#address = address;
    this.#channel = new BroadcastChannel(this.#scope);
    this.#channel.addEventListener('message', ({data}: MessageEvent<unknown>) => {
      const {to, from, text} = (data ?? {}) as Partial<Letter>;
      if (to === address && typeof from === 'string' && typeof text === 'string') {
        this.#deliver(from, text);
      }
    });
  }

  send(to: string, message: object): void {
    const text = JSON.stringify(message);
    if (to === this.#address) {
      // A channel does not hear itself.
      queueMicrotask(() => this.#channel && this.#deliver(to, text));
    } else {
      this.#channel?.postMessage({to, from: this.#address, text} satisfies Letter);
    }
  }

  close(): void {
    this.#channel?.close();
    this.#channel = undefined;
    this.#release?.();
  }

  #deliver(from: string, text: string) {
    if (text.length <= maxSignalLength) {
      this.dispatchEvent(new SignalingMessageEvent(from, JSON.parse(text)));
    }
  }
}
