import {webmHeadSize, withDuration} from './webm-duration.js';

/** A recording in a file that the person chose, written as it comes. Opened once and ended or aborted once. */
export class FileCopy {
  readonly #stream: FileSystemWritableFileStream;
  /** Its beginning, as soon as that has room for the duration; what has come, until then. */
  #head: Uint8Array<ArrayBuffer> | undefined;
  #early = new Blob();

  private constructor(stream: FileSystemWritableFileStream) {
    this.#stream = stream;
  }

  static async open(file: FileSystemFileHandle): Promise<FileCopy> {
    return new FileCopy(await file.createWritable());
  }

  async append(blob: Blob): Promise<void> {
    if (this.#head) {
      await this.#stream.write(blob);
      return;
    }
    // Chromium's first slice may be a single byte.
    this.#early = new Blob([this.#early, blob]);
    if (this.#early.size >= webmHeadSize) {
      await this.#begin();
    }
  }

  async end(lengthMs: number): Promise<void> {
    const head = this.#head ?? (await this.#begin());
    await this.#stream.write({type: 'write', position: 0, data: withDuration(head, lengthMs)});
    await this.#stream.close();
  }

  /** Leaves the file as it was before. */
  async abort(): Promise<void> {
    // It may be in error already.
    await this.#stream.abort().catch(() => undefined);
  }

  async #begin(): Promise<Uint8Array<ArrayBuffer>> {
    const head = new Uint8Array(await this.#early.slice(0, webmHeadSize).arrayBuffer());
    this.#head = withDuration(head, 0);
    await this.#stream.write(this.#head);
    await this.#stream.write(this.#early.slice(webmHeadSize));
    this.#early = new Blob();
    return this.#head;
  }
}
