import {RtcError} from '../core/errors.js';
import {toHex} from '../core/hex.js';
import {cleanFileName, segmentBytes, type FileMessage, type FileOffer} from '../core/messages.js';
import type {FileChannel} from '../rtc/file-channel.js';
import type {PartFile} from '../rtc/part-file.js';
import {rootOf, segmentCount, segmentSize, sha256} from './shared-file.js';

/** Why a file did not arrive. */
export type FileProblem =
  /** It does not fit on the disk, or in memory. */
  | 'no-room'
  /** A digest was wrong. */
  | 'damaged'
  /** The sender has left, or does not offer it any more. */
  | 'gone'
  /** Ours was changed or removed. */
  | 'unreadable'
  /** It could not be written. */
  | 'not-written';

/** Waits for an answer, arrives, or is over. */
export type IncomingState = 'offered' | 'receiving' | 'done' | 'declined' | 'cancelled' | 'failed';

/** So many segments are asked for before the first of them is written. */
const window = 4;

/** What may be shown: of what else somebody calls a picture, a browser might run scripts. */
export const pictureTypes: readonly string[] = [
  'image/png',
  'image/jpeg',
  'image/gif',
  'image/webp',
  'image/avif',
];

/** A segment on its way. */
interface Coming {
  readonly size: number;
  /** If not, an attempt before this one has asked for it. */
  readonly isDue: boolean;
  readonly digest: string;
  /** Of the whole, with the last segment. */
  readonly root: string | undefined;
}
const anyType = 'application/octet-stream';

/**
 * A file that somebody offers. Once accepted it asks for one segment after the other, checks and
 * writes each: so it takes no more memory than these few, and goes on over another channel where it was.
 * Once it is over it stays so: another one is made of it for another attempt.
 */
export class IncomingFile {
  readonly at: number;
  /** What it is known by here: two people may use one id. */
  readonly key: string;
  readonly id: string;
  readonly name: string;
  readonly size: number;
  readonly type: string;
  readonly #changed: () => void;
  #state: IncomingState = 'offered';
  #problem: FileProblem | undefined;
  #blob: Blob | undefined;
  #part: PartFile | undefined;
  #channel: FileChannel | undefined;
  /** How many segments have been asked for over this channel, have come, and are written. */
  #asked = 0;
  #came = 0;
  #written = 0;
  /** How many that attempts before this one have asked for may still come over this channel. */
  #owed = 0;
  readonly #digests: Uint8Array<ArrayBuffer>[] = [];
  /** The segment that is coming. */
  #current: Coming | undefined;
  #bytes = new Uint8Array();
  #filled = 0;
  #writing: Promise<void> = Promise.resolve();

  /** `before` is the attempt that this one takes the place of. */
  constructor(
    key: string,
    {id, name, size, type}: FileOffer,
    {changed, before}: {changed: () => void; before?: IncomingFile | undefined},
  ) {
    this.at = before?.at ?? Date.now();
    if (before) {
      this.#channel = before.#channel;
      this.#owed = before.#outstanding;
    }
    this.key = key;
    this.id = id;
    this.name = cleanFileName(name) || 'file';
    this.size = size;
    this.type = pictureTypes.includes(type) ? type : anyType;
    this.#changed = changed;
  }

  get state(): IncomingState {
    return this.#state;
  }

  get problem(): FileProblem | undefined {
    return this.#problem;
  }

  /** In bytes, checked and written. */
  get received(): number {
    return Math.min(this.size, this.#written * segmentBytes);
  }

  /** All of it, once it is done. */
  get blob(): Blob | undefined {
    return this.#blob;
  }

  /** Whether a chunk that comes now belongs to it. */
  get isComing(): boolean {
    return this.#current !== undefined;
  }

  /** Asks for it. Does nothing unless it is offered. */
  async accept(): Promise<void> {
    if (this.#state !== 'offered') {
      return;
    }
    this.#become('receiving');
    try {
      const {createPartFile} = await import('../rtc/part-file.js');
      const part = await createPartFile(this.size);
      if (part === 'no-room') {
        this.fail('no-room');
      } else if ((this.#state as IncomingState) !== 'receiving') {
        // Cancelled meanwhile.
        await part.remove();
      } else {
        this.#part = part;
        this.#ask();
      }
    } catch {
      this.fail('not-written');
    }
  }

  /** Declines it, or breaks it off. */
  cancel(): void {
    if (this.#state === 'offered') {
      this.#end('declined');
    } else if (this.#state === 'receiving') {
      this.#end('cancelled');
    }
  }

  fail(problem: FileProblem): void {
    if (this.#state === 'offered' || this.#state === 'receiving') {
      this.#problem = problem;
      this.#end('failed');
    }
  }

  /** It goes on over this channel, and the sender is told how things are. */
  connect(channel: FileChannel): void {
    if (channel !== this.#channel) {
      this.#channel = channel;
      this.#asked = this.#came;
      this.#owed = 0;
      this.#current = undefined;
      this.#tell();
      this.#ask();
    }
  }

  /** @throws {RtcError} `bad-message`, and then it has failed. */
  begin({n, digest, root}: Extract<FileMessage, {t: 'segment'}>): void {
    const last = segmentCount(this.size) - 1;
    const isDue = n === this.#came && n < this.#asked;
    if (this.#current || n > last || (n === last) !== Boolean(root) || !(isDue || this.#owed)) {
      this.#refuse('not the segment that was asked for');
    }
    this.#owed -= isDue ? 0 : 1;
    const size = segmentSize(this.size, n);
    this.#current = {size, isDue, digest, root};
    this.#bytes = new Uint8Array(this.#isKept ? size : 0);
    this.#filled = 0;
    this.#complete();
  }

  /** @throws {RtcError} `bad-message`, and then it has failed. */
  take(chunk: ArrayBuffer, chunkBytes: number): void {
    const left = (this.#current?.size ?? 0) - this.#filled;
    if (chunk.byteLength !== Math.min(chunkBytes, left)) {
      this.#refuse('not the chunk that was due');
    }
    if (this.#isKept) {
      this.#bytes.set(new Uint8Array(chunk), this.#filled);
    }
    this.#filled += chunk.byteLength;
    this.#complete();
  }

  /** What is done may be about to be saved: it goes later. */
  release(): void {
    this.cancel();
    this.#part?.release();
  }

  get #isOver(): boolean {
    return this.#state !== 'receiving';
  }

  /** What comes for an attempt that was broken off is not. */
  get #isKept(): boolean {
    return !this.#isOver && Boolean(this.#current?.isDue);
  }

  /** How many segments may still come over this channel, after the one that does. */
  get #outstanding(): number {
    return this.#asked - this.#came - (this.#current?.isDue ? 1 : 0) + this.#owed;
  }

  #complete() {
    const current = this.#current;
    if (!current || this.#filled < current.size) {
      return;
    }
    const isKept = this.#isKept;
    const bytes = this.#bytes;
    this.#current = undefined;
    this.#bytes = new Uint8Array();
    this.#came += current.isDue ? 1 : 0;
    if (isKept) {
      this.#writing = this.#writing
        .then(() => this.#write(bytes.buffer, current))
        .catch(() => this.fail('not-written'));
    }
  }

  async #write(bytes: ArrayBuffer, {digest, root}: Coming) {
    const own = await sha256(bytes);
    const part = this.#part;
    if (this.#isOver || !part) {
      return;
    }
    this.#digests.push(own);
    const isRight = toHex(own) === digest;
    if (!isRight || (root !== undefined && root !== (await rootOf(this.#digests)))) {
      this.fail('damaged');
      return;
    }
    await part.append(bytes);
    if (this.#isOver) {
      return;
    }
    this.#written++;
    if (root === undefined) {
      this.#ask();
      this.#changed();
      return;
    }
    const blob = await part.finish(this.type);
    if (this.#isOver) {
      // While it was being closed it could not be removed.
      await part.remove();
      return;
    }
    this.#blob = blob;
    this.#become('done');
    this.#tell();
  }

  #ask() {
    if (this.#isOver || !this.#part || !this.#channel) {
      return;
    }
    const until = Math.min(segmentCount(this.size), this.#written + window);
    for (; this.#asked < until; this.#asked++) {
      this.#channel.send({t: 'want', id: this.id, n: this.#asked});
    }
  }

  #tell() {
    if (this.#isOver && this.#state !== 'offered') {
      this.#channel?.send({t: this.#state === 'done' ? 'done' : 'no', id: this.id});
    }
  }

  #refuse(detail: string): never {
    this.#current = undefined;
    this.fail('damaged');
    throw new RtcError('bad-message', {detail});
  }

  #end(state: IncomingState) {
    this.#become(state);
    this.#tell();
    void this.#part?.remove();
  }

  #become(state: IncomingState) {
    this.#state = state;
    this.#changed();
  }
}
