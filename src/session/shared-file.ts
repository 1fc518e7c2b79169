import {randomHex, toHex} from '../core/hex.js';
import {segmentBytes, type FileOffer} from '../core/messages.js';

/** How far somebody is with a file of ours. */
export interface FileReceiver {
  readonly name: string;
  readonly state: 'offered' | 'sending' | 'done' | 'declined';
  /** In bytes, about. */
  readonly sent: number;
}

/** How many segments there are: one that is empty, of an empty file. */
export function segmentCount(size: number): number {
  return Math.max(1, Math.ceil(size / segmentBytes));
}

export function segmentSize(size: number, n: number): number {
  return Math.min(segmentBytes, size - n * segmentBytes);
}

export async function sha256(bytes: BufferSource): Promise<Uint8Array<ArrayBuffer>> {
  return new Uint8Array(await crypto.subtle.digest('SHA-256', bytes));
}

/** The digest of the digests of all segments: nobody needs the whole file at once for it. */
export async function rootOf(digests: readonly Uint8Array<ArrayBuffer>[]): Promise<string> {
  return toHex(await sha256(await new Blob([...digests]).arrayBuffer()));
}

/** A segment, ready to go. */
export interface Segment {
  readonly bytes: ArrayBuffer;
  readonly digest: string;
  /** With the last one. */
  readonly root?: string;
}

/** A file that this page offers. It is read as it is wanted. */
export class SharedFile {
  readonly id = randomHex(8);
  readonly at = Date.now();
  readonly file: File;
  /** By the id of the member. */
  readonly receivers = new Map<string, FileReceiver>();
  /** `unreadable`: it was changed or removed; `given`: it made room, when nobody there waited for it any more. */
  ending: 'cancelled' | 'unreadable' | 'given' | undefined;
  readonly #digests: Uint8Array<ArrayBuffer>[] = [];

  constructor(file: File) {
    this.file = file;
  }

  get offer(): FileOffer {
    const {name, size, type} = this.file;
    return {id: this.id, name: name.slice(-255), size, type: type.slice(0, 100)};
  }

  /** @throws {DOMException} when it was changed or removed. */
  async read(n: number): Promise<Segment> {
    const {size} = this.file;
    const at = n * segmentBytes;
    const bytes = await this.file.slice(at, at + segmentSize(size, n)).arrayBuffer();
    const digest = await sha256(bytes);
    this.#digests[n] = digest;
    const isLast = n === segmentCount(size) - 1;
    return {bytes, digest: toHex(digest), ...(isLast && {root: await this.#root()})};
  }

  /** Somebody may have got the first ones before a change of links, and of others there is no need to know. */
  async #root(): Promise<string> {
    for (let n = 0; n < segmentCount(this.file.size); n++) {
      if (!this.#digests[n]) {
        await this.read(n);
      }
    }
    return rootOf(this.#digests);
  }
}
