import {RtcError} from '../core/errors.js';
import {chunkBytes, parseFileMessage, type FileMessage} from '../core/messages.js';
import {TokenBucket} from '../core/token-bucket.js';

/** Who hears what comes over a channel for files. What they throw is the peer's mistake. */
export interface FileListener {
  take(message: FileMessage): void;
  /** The next chunk of the segment under way. */
  takeChunk(chunk: ArrayBuffer): void;
}

/** What the browser may hold of what we send, and when more is given to it. */
const maxBuffered = 1_048_576;
const lowBuffered = 262_144;
/** A request for each segment: at that rate, 200 MB a second. */
const textBurst = 400;
const textPerSecond = 200;
/** What may come before anybody listens: the offers, and what was wanted over the channel before. */
const maxEarly = 100;

/**
 * A data channel for files only, beside the one for all else, so that nothing waits for them. Knows
 * nothing of what is offered or wanted.
 */
export class FileChannel {
  readonly #channel: RTCDataChannel;
  readonly #complain: (cause: unknown) => void;
  readonly #rate = new TokenBucket(textBurst, textPerSecond);
  #early: FileMessage[] = [];
  #listener: FileListener | undefined;

  constructor(
    channel: RTCDataChannel,
    {
      changed,
      heard,
      complain,
    }: {changed: () => void; heard: () => void; complain: (cause: unknown) => void},
  ) {
    this.#channel = channel;
    this.#complain = complain;
    channel.binaryType = 'arraybuffer';
    channel.bufferedAmountLowThreshold = lowBuffered;
    channel.addEventListener('open', changed);
    channel.addEventListener('close', changed);
    channel.addEventListener('message', ({data}) => {
      heard();
      this.#hear(data as string | ArrayBuffer);
    });
  }

  get isOpen(): boolean {
    return this.#channel.readyState === 'open';
  }

  /** From now on, and what has come before. */
  listen(listener: FileListener): void {
    this.#listener = listener;
    for (const message of this.#early.splice(0)) {
      this.#give(() => listener.take(message));
    }
  }

  /** Does nothing while it is not open: over the next one, all is said again. */
  send(message: FileMessage): void {
    if (this.isOpen) {
      this.#channel.send(JSON.stringify(message));
    }
  }

  /** Resolves when all of a segment is on its way, or the signal is aborted, or the channel closed. */
  async sendChunks(bytes: ArrayBuffer, signal: AbortSignal): Promise<void> {
    for (let at = 0; at < bytes.byteLength && this.isOpen && !signal.aborted; at += chunkBytes) {
      this.#channel.send(bytes.slice(at, at + chunkBytes));
      if (this.#channel.bufferedAmount > maxBuffered) {
        await this.#drain(signal);
      }
    }
  }

  #drain(signal: AbortSignal): Promise<void> {
    return new Promise((resolve) => {
      const end = new AbortController();
      const go = () => {
        end.abort();
        resolve();
      };
      this.#channel.addEventListener('bufferedamountlow', go, end);
      this.#channel.addEventListener('close', go, end);
      signal.addEventListener('abort', go, end);
    });
  }

  #hear(data: string | ArrayBuffer) {
    this.#give(() => {
      if (typeof data !== 'string') {
        if (!data.byteLength || data.byteLength > chunkBytes || !this.#listener) {
          throw new RtcError('bad-message', {detail: 'not a chunk'});
        }
        this.#listener.takeChunk(data);
        return;
      }
      if (!this.#rate.take()) {
        throw new RtcError('bad-message', {detail: 'too fast'});
      }
      const message = parseFileMessage(data);
      if (this.#listener) {
        this.#listener.take(message);
      } else if (this.#early.push(message) > maxEarly) {
        this.#early = [];
        throw new RtcError('bad-message', {detail: 'too early'});
      }
    });
  }

  #give(act: () => void) {
    try {
      act();
    } catch (cause) {
      this.#complain(cause);
    }
  }
}
