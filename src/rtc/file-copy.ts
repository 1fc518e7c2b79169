import {fillRoom, webmHeadSize, withRoom} from './webm-head.js';

/** A recording in a file that the person chose, written as it comes. Opened once and ended or aborted once. */
export class FileCopy {
  readonly #stream: FileSystemWritableFileStream;
  /** Its beginning, with room for what is known at the end; what has come, until there is enough of it. */
  #head: Uint8Array<ArrayBuffer> | undefined;
  #early = new Blob();
  #size = 0;

  private constructor(stream: FileSystemWritableFileStream) {
    this.#stream = stream;
  }

  static async open(file: FileSystemFileHandle): Promise<FileCopy> {
    return new FileCopy(await file.createWritable());
  }

  async append(blob: Blob): Promise<void> {
    if (this.#head) {
      await this.#write(blob);
      return;
    }
    // Chromium's first slice may be a single byte.
    this.#early = new Blob([this.#early, blob]);
    if (this.#early.size >= webmHeadSize) {
      await this.#begin();
    }
  }

  /** With its index, if it has one. */
  async end(durationMs: number, cues?: Uint8Array<ArrayBuffer>): Promise<void> {
    const head = this.#head ?? (await this.#begin());
    const cuesAt = cues && this.#size;
    if (cues) {
      await this.#write(new Blob([cues]));
    }
    const data = fillRoom(head, {durationMs, cuesAt});
    await this.#stream.write({type: 'write', position: 0, data});
    await this.#stream.close();
  }

  /** Leaves the file as it was before. */
  async abort(): Promise<void> {
    // It may be in error already.
    await this.#stream.abort().catch(() => undefined);
  }

  async #begin(): Promise<Uint8Array<ArrayBuffer>> {
    const head = new Uint8Array(await this.#early.slice(0, webmHeadSize).arrayBuffer());
    this.#head = withRoom(head);
    await this.#write(new Blob([this.#head, this.#early.slice(webmHeadSize)]));
    this.#early = new Blob();
    return this.#head;
  }

  async #write(data: Blob) {
    await this.#stream.write(data);
    this.#size += data.size;
  }
}
