import {RtcError} from '../core/errors.js';
import {chunkBytes, segmentBytes, type FileMessage, type FileOffer} from '../core/messages.js';
import type {FileChannel, FileListener} from '../rtc/file-channel.js';
import type {IncomingFile} from './incoming-file.js';
import {segmentCount, type SharedFile} from './shared-file.js';

/** What may be asked for before any of it is sent: more than our own kind asks for. */
const maxWants = 200;

interface Want {
  readonly file: SharedFile;
  readonly n: number;
}

export interface FileExchangeOptions {
  readonly channel: FileChannel;
  /** Ours, by id. */
  readonly find: (id: string) => SharedFile | undefined;
  /** Theirs. */
  readonly findIncoming: (id: string) => IncomingFile | undefined;
  /** They offer these, and no others. */
  readonly offered: (offers: readonly FileOffer[]) => void;
  /** They have got so much, or all, of a file of ours, or do not want it. */
  readonly told: (file: SharedFile, news: {sent: number} | 'done' | 'declined') => void;
  readonly unreadable: (file: SharedFile) => void;
}

/** Files to and from one person, over one channel: the segments they ask for go out one at a time. */
export class FileExchange implements FileListener {
  readonly channel: FileChannel;
  readonly #options: FileExchangeOptions;
  readonly #lifetime = new AbortController();
  /** The last segment that they have asked for, by file. */
  readonly #asked = new Map<string, number>();
  #wants: Want[] = [];
  #isSending = false;
  /** What goes out, unless they have heard enough of that file. */
  #served: Want | undefined;
  /** What comes now. */
  #incoming: IncomingFile | undefined;

  constructor(options: FileExchangeOptions) {
    this.#options = options;
    this.channel = options.channel;
  }

  open(): void {
    this.channel.listen(this);
  }

  close(): void {
    this.#lifetime.abort();
    this.#wants = [];
  }

  offer(files: readonly SharedFile[]): void {
    this.channel.send({t: 'offers', offers: files.map(({offer}) => offer)});
  }

  /** Sends no more of it than the rest of a segment. */
  stop(file: SharedFile): void {
    this.#wants = this.#wants.filter((want) => want.file !== file);
    if (this.#served?.file === file) {
      this.#served = undefined;
    }
  }

  take(message: FileMessage): void {
    if (this.#lifetime.signal.aborted) {
      return;
    }
    if (message.t === 'offers') {
      this.#options.offered(message.offers);
      return;
    }
    if (message.t === 'segment') {
      this.#incoming = this.#options.findIncoming(message.id);
      if (!this.#incoming) {
        throw new RtcError('bad-message', {detail: 'a file that was not offered'});
      }
      this.#incoming.begin(message);
      return;
    }
    const file = this.#options.find(message.id);
    if (!file) {
      // It is not offered any more, which they are about to hear.
      return;
    }
    if (message.t === 'want') {
      this.#want(file, message.n);
      return;
    }
    this.stop(file);
    if (message.t === 'no') {
      // They may think better of it.
      this.#asked.delete(file.id);
    }
    this.#options.told(file, message.t === 'done' ? 'done' : 'declined');
  }

  takeChunk(chunk: ArrayBuffer): void {
    if (this.#lifetime.signal.aborted) {
      return;
    }
    if (!this.#incoming?.isComing) {
      throw new RtcError('bad-message', {detail: 'a chunk of nothing'});
    }
    this.#incoming.take(chunk, chunkBytes);
  }

  #want(file: SharedFile, n: number) {
    const last = this.#asked.get(file.id) ?? -1;
    if (n <= last || n >= segmentCount(file.file.size) || this.#wants.length >= maxWants) {
      throw new RtcError('bad-message', {detail: 'wants what cannot be'});
    }
    this.#asked.set(file.id, n);
    this.#wants.push({file, n});
    if (!this.#isSending) {
      void this.#serve();
    }
  }

  async #serve() {
    const {signal} = this.#lifetime;
    this.#isSending = true;
    for (let want = this.#wants.shift(); want; want = this.#wants.shift()) {
      const {file, n} = want;
      this.#served = want;
      const segment = await file.read(n).catch(() => undefined);
      if (signal.aborted) {
        return;
      }
      if (!segment) {
        this.#options.unreadable(file);
      } else if (this.#isServed(want)) {
        const {bytes, ...digests} = segment;
        this.channel.send({t: 'segment', id: file.id, n, ...digests});
        await this.channel.sendChunks(bytes, signal);
        if (this.#isServed(want)) {
          this.#options.told(file, {sent: n * segmentBytes + bytes.byteLength});
        }
      }
    }
    this.#isSending = false;
  }

  /** Asked after each step: meanwhile they may have said that they do not want it, or have all of it. */
  #isServed(want: Want): boolean {
    return this.#served === want;
  }
}
