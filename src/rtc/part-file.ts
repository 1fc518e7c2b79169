import {randomHex} from '../core/hex.js';
import {hasPrivateFiles, hold} from './private-files.js';

/** A file that comes bit by bit. Opened once; finished, or removed. */
export interface PartFile {
  /** One at a time. */
  append(bytes: ArrayBuffer): Promise<void>;
  /** All of it, as a file of this type. It is there until `release()` or `remove()`. */
  finish(type: string): Promise<Blob>;
  /** The browser may still be busy saving it: it is removed later. */
  release(): void;
  remove(): Promise<void>;
}

const folderName = 'rtc-files';
/** Without a disk to write to. */
export const maxMemoryBytes = 256_000_000;
/** What no page holds any more is of no use after that. */
const leftForMs = 3_600_000;

/** On disk, where the browser lets pages write to it; else in memory. `no-room`, where it does not fit. */
export async function createPartFile(size: number): Promise<PartFile | 'no-room'> {
  if (hasPrivateFiles()) {
    try {
      const {quota = Infinity, usage = 0} = await navigator.storage.estimate();
      return size > quota - usage ? 'no-room' : await StoredPart.create();
    } catch {
      // Private windows may have no store.
    }
  }
  return size > maxMemoryBytes ? 'no-room' : new MemoryPart();
}

class StoredPart implements PartFile {
  readonly #folder: FileSystemDirectoryHandle;
  readonly #file: FileSystemFileHandle;
  readonly #stream: FileSystemWritableFileStream;
  readonly #release: () => void;

  private constructor(
    folder: FileSystemDirectoryHandle,
    file: FileSystemFileHandle,
    stream: FileSystemWritableFileStream,
    release: () => void,
  ) {
    this.#folder = folder;
    this.#file = file;
    this.#stream = stream;
    this.#release = release;
  }

  static async create(): Promise<StoredPart> {
    const root = await navigator.storage.getDirectory();
    const folder = await root.getDirectoryHandle(folderName, {create: true});
    await clean(folder);
    const name = randomHex();
    const release = await hold(lockFor(name));
    try {
      const file = await folder.getFileHandle(name, {create: true});
      return new StoredPart(folder, file, await file.createWritable(), release);
    } catch (cause) {
      release();
      throw cause;
    }
  }

  append(bytes: ArrayBuffer): Promise<void> {
    return this.#stream.write(bytes);
  }

  async finish(type: string): Promise<Blob> {
    await this.#stream.close();
    const file = await this.#file.getFile();
    return file.slice(0, file.size, type);
  }

  release(): void {
    this.#release();
  }

  async remove(): Promise<void> {
    // It may be closed, or in error, already.
    await this.#stream.abort().catch(() => undefined);
    await this.#folder.removeEntry(this.#file.name).catch(() => undefined);
    this.#release();
  }
}

class MemoryPart implements PartFile {
  #parts: Blob[] = [];

  append(bytes: ArrayBuffer): Promise<void> {
    this.#parts.push(new Blob([bytes]));
    return Promise.resolve();
  }

  finish(type: string): Promise<Blob> {
    return Promise.resolve(new Blob(this.#parts.splice(0), {type}));
  }

  release(): void {
    this.#parts = [];
  }

  remove(): Promise<void> {
    return Promise.resolve(this.release());
  }
}

/** Removes what pages before this one have left. */
async function clean(folder: FileSystemDirectoryHandle) {
  const names: string[] = [];
  for await (const [name, handle] of folder.entries()) {
    const isOld =
      handle.kind === 'file' && Date.now() - (await handle.getFile()).lastModified > leftForMs;
    if (isOld) {
      names.push(name);
    }
  }
  const {held = []} = await navigator.locks.query();
  for (const name of names) {
    // Chromium writes into `<name>.crswap` until it is closed.
    if (!held.some((lock) => lock.name && lockFor(name).startsWith(lock.name))) {
      await folder.removeEntry(name).catch(() => undefined);
    }
  }
}

function lockFor(name: string): string {
  return `${folderName}/${name}`;
}
