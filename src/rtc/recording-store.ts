import * as v from 'valibot';
import {randomHex} from '../core/hex.js';
import {hasPrivateFiles, hold} from './private-files.js';
import {fillRoom, webmHeadSize, withRoom} from './webm-head.js';

const metaName = 'meta.json';
/** All slices in one file, if it is there and not empty. */
const wholeName = 'whole';
/** The index of a WebM, if it is there and not empty. */
const cuesName = 'cues';
const maxMetaSize = 10_000;

const Meta = v.object({
  name: v.pipe(v.string(), v.maxLength(1_000)),
  type: v.pipe(v.string(), v.startsWith('video/'), v.maxLength(200)),
  /** The same for all parts of one that went on in another page. */
  take: v.optional(v.pipe(v.string(), v.maxLength(100))),
  /** From 1 on. */
  part: v.optional(v.number()),
  /** In milliseconds since 1970. */
  startedAt: v.number(),
  /** Unknown while it runs, and for one that was cut off. */
  lengthMs: v.optional(v.number()),
  /** When it was last given to the browser to be saved. */
  savedAt: v.optional(v.number()),
});
type Meta = v.InferOutput<typeof Meta>;

/** A browser that saves a file does not say when it has done so; after this long it has. */
const savingMs = 3_600_000;

/** What is known of a recording before it begins. */
export interface RecordingTitle {
  /** What the person calls it. */
  readonly name: string;
  /** Which recording it is a part of, and which part. */
  readonly take?: string | undefined;
  readonly part?: number | undefined;
}

export interface RecordingStoreOptions {
  /** Its folder in the origin private file system. */
  readonly folder?: string;
}

/**
 * Recordings in the origin private file system (https://fs.spec.whatwg.org), where they survive the end of
 * the page, expected or not.
 */
export class RecordingStore {
  readonly #folder: string;

  constructor({folder = 'rtc-recordings'}: RecordingStoreOptions = {}) {
    this.#folder = folder;
  }

  static get isSupported(): boolean {
    return hasPrivateFiles();
  }

  /** Begins a recording that is ours until `remove()` or `release()`, or until the page is gone. */
  async create({
    name,
    type,
    take,
    part,
  }: RecordingTitle & {readonly type: string}): Promise<StoredRecording> {
    const root = await this.#open();
    // What was saved long ago only takes its place.
    await this.#clean(root);
    const id = `${Date.now()}-${randomHex(4)}`;
    // Before there is anything to be found: what nobody holds was cut off.
    const release = await hold(this.#lockFor(id));
    try {
      const folder = await root.getDirectoryHandle(id, {create: true});
      const meta = {name, type, take, part, startedAt: Date.now()};
      await write(folder, metaName, JSON.stringify(meta));
      return new StoredRecording({root, folder, meta, files: [], release});
    } catch (cause) {
      release();
      throw cause;
    }
  }

  /** Those that nobody records or holds any more and that were never saved, the newest first. */
  async list(): Promise<StoredRecording[]> {
    const root = await this.#open();
    const free = await this.#clean(root);
    return free
      .filter(({isSaved}) => !isSaved)
      .sort((a, b) => b.startedAt.getTime() - a.startedAt.getTime());
  }

  /** Removes what is of no use, and gives what is left of those that nobody holds. */
  async #clean(root: FileSystemDirectoryHandle): Promise<StoredRecording[]> {
    const folders = new Map<string, FileSystemDirectoryHandle>();
    for await (const [id, handle] of root.entries()) {
      if (handle.kind === 'directory') {
        folders.set(id, handle);
      }
    }
    // Asked afterwards: one that has begun meanwhile is not among the folders.
    const {held = []} = await navigator.locks.query();
    const kept: StoredRecording[] = [];
    for (const [id, folder] of folders) {
      if (held.some(({name}) => name === this.#lockFor(id))) {
        continue;
      }
      const recording = await readRecording(root, folder);
      if (!recording || recording.bytes === 0 || recording.isDone) {
        await remove(root, id);
      } else {
        kept.push(recording);
      }
    }
    return kept;
  }

  async #open(): Promise<FileSystemDirectoryHandle> {
    const root = await navigator.storage.getDirectory();
    return root.getDirectoryHandle(this.#folder, {create: true});
  }

  #lockFor(id: string): string {
    return `${this.#folder}/${id}`;
  }
}

interface Parts {
  readonly root: FileSystemDirectoryHandle;
  readonly folder: FileSystemDirectoryHandle;
  readonly meta: Meta;
  readonly files: readonly File[];
  readonly release?: () => void;
}

/**
 * One recording: a series of small files, each closed as soon as it is written. What is closed is there after
 * a crash; a single file would not be, since what is written to it counts from `close()` on.
 */
export class StoredRecording {
  readonly #root: FileSystemDirectoryHandle;
  readonly #folder: FileSystemDirectoryHandle;
  readonly #release: () => void;
  #meta: Meta;
  #count: number;
  #bytes: number;

  constructor({root, folder, meta, files, release = () => undefined}: Parts) {
    this.#root = root;
    this.#folder = folder;
    this.#release = release;
    this.#meta = meta;
    this.#count = files.length;
    this.#bytes = files.reduce((sum, {size}) => sum + size, 0);
    const last = files.at(-1);
    if (last && meta.lengthMs === undefined) {
      // The last it wrote before it was cut off.
      this.#meta = {...meta, lengthMs: Math.max(0, last.lastModified - meta.startedAt)};
    }
  }

  get id(): string {
    return this.#folder.name;
  }

  /** What the person calls it, not the name of a file. */
  get name(): string {
    return this.#meta.name;
  }

  /** MIME type with codecs. */
  get type(): string {
    return this.#meta.type;
  }

  get take(): string | undefined {
    return this.#meta.take;
  }

  get part(): number {
    return this.#meta.part ?? 1;
  }

  get startedAt(): Date {
    return new Date(this.#meta.startedAt);
  }

  /** On disk. */
  get bytes(): number {
    return this.#bytes;
  }

  /** Unknown until it has ended; of one that was cut off, about. */
  get lengthMs(): number | undefined {
    return this.#meta.lengthMs;
  }

  /** Whether it was given to the browser to be saved. */
  get isSaved(): boolean {
    return this.#meta.savedAt !== undefined;
  }

  /** Whether the browser must have saved it by now. */
  get isDone(): boolean {
    return Date.now() - (this.#meta.savedAt ?? Infinity) > savingMs;
  }

  /** Resolves when it is on disk. One at a time. */
  async append(blob: Blob): Promise<void> {
    await write(this.#folder, String(this.#count).padStart(6, '0'), blob);
    this.#count++;
    this.#bytes += blob.size;
  }

  /** Nothing more comes, but its index, if it has one. */
  async end(lengthMs: number, cues?: Uint8Array<ArrayBuffer>): Promise<void> {
    await this.#change({lengthMs});
    if (cues) {
      await write(this.#folder, cuesName, new Blob([cues]));
    }
  }

  /** All of it, as one file that players can open and seek in. It stays on disk, and is gone with `remove()`. */
  async toBlob(): Promise<Blob> {
    const all = new Blob(await readFiles(this.#folder));
    const head = withRoom(new Uint8Array(await all.slice(0, webmHeadSize).arrayBuffer()));
    const rest = all.slice(webmHeadSize);
    const cues = await readAny(this.#folder, cuesName);
    const {type, lengthMs: durationMs = 0} = this.#meta;
    const cuesAt = cues && head.length + rest.size;
    return new Blob([fillRoom(head, {durationMs, cuesAt}), rest, cues ?? ''], {type});
  }

  /**
   * Puts the slices together in one file, which takes as much place again for a moment. Firefox reads a download
   * that is made of many files into memory, all of it; of one file it keeps nothing. Without the place, they stay.
   */
  async join(): Promise<void> {
    const slices = await readFiles(this.#folder);
    if (slices.some(({name}) => name === wholeName)) {
      return;
    }
    try {
      // What tells how long one was that was cut off is about to go.
      await this.#change({});
      await write(this.#folder, wholeName, ...slices);
    } catch {
      return;
    }
    // That takes long, and nothing waits for it. What is not removed now is removed with the recording.
    void removeAll(this.#folder, slices);
  }

  /**
   * The browser saves it and does not say when it has done so: it is not listed again, and removed when there
   * has been time enough.
   */
  async markSaved(): Promise<void> {
    await this.#change({savedAt: Date.now()});
    this.release();
  }

  /** Leaves it to whoever lists it next. */
  release(): void {
    this.#release();
  }

  /** Does nothing when it is removed already. */
  async remove(): Promise<void> {
    await remove(this.#root, this.#folder.name);
    this.release();
  }

  async #change(change: Partial<Meta>) {
    this.#meta = {...this.#meta, ...change};
    await write(this.#folder, metaName, JSON.stringify(this.#meta));
  }
}

/** Nothing, for what is no recording: cut off before it began. */
async function readRecording(
  root: FileSystemDirectoryHandle,
  folder: FileSystemDirectoryHandle,
): Promise<StoredRecording | undefined> {
  try {
    const file = await (await folder.getFileHandle(metaName)).getFile();
    const meta = file.size <= maxMetaSize && v.safeParse(Meta, JSON.parse(await file.text()));
    return meta && meta.success
      ? new StoredRecording({root, folder, meta: meta.output, files: await readFiles(folder)})
      : undefined;
  } catch {
    return undefined;
  }
}

async function readFiles(folder: FileSystemDirectoryHandle): Promise<File[]> {
  const handles: FileSystemFileHandle[] = [];
  const whole = await readAny(folder, wholeName);
  if (whole) {
    return [whole];
  }
  for await (const [name, handle] of folder.entries()) {
    if (handle.kind === 'file' && /^\d+$/.test(name)) {
      handles.push(handle);
    }
  }
  handles.sort((a, b) => Number(a.name) - Number(b.name));
  return Promise.all(handles.map((handle) => handle.getFile()));
}

/** Nothing, if it is not there or empty. */
async function readAny(folder: FileSystemDirectoryHandle, name: string): Promise<File | undefined> {
  try {
    const file = await (await folder.getFileHandle(name)).getFile();
    return file.size > 0 ? file : undefined;
  } catch {
    return undefined;
  }
}

async function removeAll(folder: FileSystemDirectoryHandle, files: readonly File[]) {
  for (const {name} of files) {
    await folder.removeEntry(name).catch(() => undefined);
  }
}

/** Whole or not at all: it counts when it is closed. */
async function write(
  folder: FileSystemDirectoryHandle,
  name: string,
  ...contents: readonly (Blob | string)[]
) {
  const file = await folder.getFileHandle(name, {create: true});
  const writable = await file.createWritable();
  try {
    for (const content of contents) {
      await writable.write(content);
    }
    await writable.close();
  } catch (cause) {
    await writable.abort().catch(() => undefined);
    throw cause;
  }
}

async function remove(root: FileSystemDirectoryHandle, name: string) {
  try {
    await root.removeEntry(name, {recursive: true});
  } catch (cause) {
    if (!(cause instanceof DOMException && cause.name === 'NotFoundError')) {
      throw cause;
    }
  }
}
