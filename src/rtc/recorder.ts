import {RtcError, toRtcError} from '../core/errors.js';
import {TypedEventTarget} from '../core/typed-event-target.js';
import type {ComposedTile} from './composed-tile.js';
import {Composer} from './composer.js';
import {FileCopy} from './file-copy.js';
import {RecordingStore, type RecordingTitle, type StoredRecording} from './recording-store.js';
import {SoundMix} from './sound-mix.js';
import {openSteadyPicture, type SteadyPicture} from './steady-picture.js';
import {WebmIndex} from './webm-index.js';

/**
 * idle ──start──▶ starting ──▶ recording ──stop──▶ stopping ──▶ finished
 *                    └────────────┴───────────────────┴───────▶ failed
 */
export type RecorderState =
  | {readonly phase: 'idle' | 'starting'}
  | {readonly phase: 'recording'; readonly startedAt: Date}
  | {readonly phase: 'stopping'; readonly startedAt: Date}
  /** `recording` is still to be saved; without it, all is in the file that was given, or there was nothing. */
  | {readonly phase: 'finished'; readonly recording: StoredRecording | undefined}
  /** `recording` is what there was until then. */
  | {
      readonly phase: 'failed';
      readonly error: RtcError;
      readonly recording: StoredRecording | undefined;
    };

/** The recording has ended before it was told to. */
export class RecorderErrorEvent extends Event {
  constructor(readonly error: RtcError) {
    super('error');
  }
}

export interface RecorderEvents {
  /** `state` or `bytes` has changed. */
  change: Event;
  error: RecorderErrorEvent;
}

export interface RecordedTracks {
  /** Without one the picture is black. */
  readonly video: MediaStreamTrack | undefined;
  /** In its corner. */
  readonly inset?: MediaStreamTrack | undefined;
  /** Instead, all of these beside each other: for the whole of a recording, or for nothing of it. */
  readonly tiles?: readonly ComposedTile[];
  readonly audio: readonly MediaStreamTrack[];
}

export interface RecorderStartOptions extends RecordingTitle {
  /** Where it shall be in the end. */
  readonly file?: FileSystemFileHandle | undefined;
}

export interface RecorderOptions {
  readonly store?: RecordingStore;
}

/**
 * The first that a browser has is taken. WebM with VP8 comes first: pictures of another size may follow in it
 * without harm, it costs the processor least, and all browsers but Safari and common players have it. In MP4
 * with `avc1` a change of size makes the rest unreadable.
 */
const types = ['video/webm;codecs=vp8,opus', 'video/webm', 'video/mp4'] as const;
const videoBitrate = 5_000_000;
const audioBitrate = 192_000;
/** What a crash costs at most. */
const sliceMs = 3_000;

/**
 * Records what it is given, to disk as it comes: into the origin private file system, so that a crash costs no
 * more than the last seconds, and as well into a file that the person has chosen, where there is one: that
 * alone would be empty after a crash, since a file counts from when it is closed. What is recorded may change
 * at any time, and be nothing. Started once and stopped once.
 */
export class Recorder extends TypedEventTarget<RecorderEvents> {
  readonly #store: RecordingStore;
  #state: RecorderState = {phase: 'idle'};
  #tracks: RecordedTracks = {video: undefined, audio: []};
  #picture: SteadyPicture | Composer | undefined;
  #sound: SoundMix | undefined;
  #recording: StoredRecording | undefined;
  #copy: FileCopy | undefined;
  readonly #index = new WebmIndex();
  /** All that has come so far is on disk. What comes after it has failed is not written: it would follow a gap. */
  #written: Promise<void> = Promise.resolve();
  /** Why it has ended by itself. */
  #trouble: unknown;
  #starting: Promise<void> | undefined;
  /** Ends it, once. */
  #finish: (() => Promise<void>) | undefined;
  #finishing: Promise<void> | undefined;

  constructor({store = new RecordingStore()}: RecorderOptions = {}) {
    super();
    this.#store = store;
  }

  static get isSupported(): boolean {
    return (
      Recorder.type !== undefined &&
      RecordingStore.isSupported &&
      'AudioContext' in globalThis &&
      'RTCPeerConnection' in globalThis
    );
  }

  /** The MIME type of what is recorded here; nothing, where nothing can be. */
  static get type(): string | undefined {
    return 'MediaRecorder' in globalThis
      ? types.find((type) => MediaRecorder.isTypeSupported(type))
      : undefined;
  }

  get state(): RecorderState {
    return this.#state;
  }

  /** Since when it records; nothing while it does not. */
  get startedAt(): Date | undefined {
    return 'startedAt' in this.#state ? this.#state.startedAt : undefined;
  }

  /** How much is on disk. */
  get bytes(): number {
    return this.#recording?.bytes ?? 0;
  }

  /** Records these from now on. They are not stopped here. */
  setTracks(tracks: RecordedTracks): void {
    const before = this.#tracks;
    this.#tracks = tracks;
    if (tracks.tiles || tracks.video !== before.video || tracks.inset !== before.inset) {
      this.#show();
    }
    this.#sound?.play(tracks.audio);
  }

  #show() {
    const {video, inset, tiles = []} = this.#tracks;
    if (this.#picture instanceof Composer) {
      this.#picture.show(tiles);
    } else {
      this.#picture?.show(video, inset);
    }
  }

  /**
   * Resolves when it records, or has failed: trouble is a state and an event. To be called in a click: browsers
   * give no sound to a page that nobody has touched. Does nothing when it was started or stopped before.
   */
  start(options: RecorderStartOptions): Promise<void> {
    if (this.#state.phase === 'idle') {
      this.#become({phase: 'starting'});
      this.#starting = this.#begin(options);
    }
    return this.#starting ?? Promise.resolve();
  }

  /** Resolves when all is on disk. Safe to repeat; while it starts, there will be no recording. */
  async stop(): Promise<void> {
    const {phase} = this.#state;
    if (phase === 'idle' || phase === 'starting') {
      this.#become({phase: 'finished', recording: undefined});
      await this.#starting;
    } else {
      await this.#end();
    }
  }

  async #begin({file, ...title}: RecorderStartOptions) {
    try {
      const {type} = Recorder;
      if (!type || !Recorder.isSupported) {
        throw new RtcError('unsupported-browser', {detail: 'MediaRecorder'});
      }
      const picture = this.#tracks.tiles ? new Composer() : openSteadyPicture();
      const sound = new SoundMix();
      this.#picture = picture;
      this.#sound = sound;
      this.#show();
      sound.play(this.#tracks.audio);
      const isMixed = await sound.start();
      this.#recording = await this.#store.create({...title, type});
      this.#copy = file && (await FileCopy.open(file));
      if (this.#state.phase !== 'starting') {
        await this.#discard();
        return;
      }
      // Without a mix, one microphone is better than nothing.
      const audio = isMixed ? sound.track : this.#tracks.audio[0];
      // Firefox waits for a sound that it was told of, for ever.
      const mimeType = audio ? type : type.replace(',opus', '');
      this.#record(new MediaStream([picture.track, ...(audio ? [audio] : [])]), mimeType);
      this.#become({phase: 'recording', startedAt: new Date()});
    } catch (cause) {
      await this.#discard();
      if (this.#state.phase === 'starting') {
        this.#fail(cause, undefined);
      }
    }
  }

  #record(stream: MediaStream, mimeType: string) {
    const recorder = new MediaRecorder(stream, {
      mimeType,
      videoBitsPerSecond: videoBitrate,
      audioBitsPerSecond: audioBitrate,
    });
    let begunMs = performance.now();
    // Firefox begins with the first picture.
    recorder.addEventListener('start', () => (begunMs = performance.now()));
    recorder.addEventListener('dataavailable', ({data}) => this.#take(data));
    recorder.addEventListener('error', (event) => this.#break(event.error));
    const stopped = new Promise<void>((resolve) =>
      recorder.addEventListener('stop', () => {
        this.#break(new Error('stopped by the browser'));
        resolve();
      }),
    );
    recorder.start(sliceMs);
    this.#finish = async () => {
      const lengthMs = performance.now() - begunMs;
      if (recorder.state !== 'inactive') {
        recorder.stop();
      }
      await stopped;
      await this.#conclude(lengthMs);
    };
  }

  #take(data: Blob) {
    if (data.size > 0) {
      this.#written = this.#written.then(() => this.#write(data));
      this.#written.catch((cause: unknown) => this.#break(cause));
    }
  }

  async #write(data: Blob) {
    await this.#recording?.append(data);
    await this.#index.add(data);
    try {
      await this.#copy?.append(data);
    } catch {
      // The stick may have been pulled out. The store has everything, and it can be saved from there.
      await this.#copy?.abort();
      this.#copy = undefined;
    }
    this.#changed();
  }

  #break(cause: unknown) {
    if (this.#state.phase === 'recording') {
      this.#trouble = cause;
      void this.#end();
    }
  }

  #end(): Promise<void> {
    const {state} = this;
    if (state.phase === 'recording' && this.#finish) {
      this.#become({phase: 'stopping', startedAt: state.startedAt});
      this.#finishing = this.#finish();
    }
    return this.#finishing ?? Promise.resolve();
  }

  async #conclude(lengthMs: number) {
    this.#release();
    try {
      await this.#written;
    } catch (cause) {
      this.#trouble ??= cause;
    }
    const recording = await this.#keep(lengthMs);
    if (this.#trouble === undefined) {
      this.#become({phase: 'finished', recording});
    } else {
      this.#fail(this.#trouble, recording);
    }
  }

  /** What is still to be saved. */
  async #keep(lengthMs: number): Promise<StoredRecording | undefined> {
    const [recording, copy] = [this.#recording, this.#copy];
    // What has broken off may have no place left for an index.
    const cues = this.#trouble === undefined ? this.#index.cues() : undefined;
    try {
      await copy?.end(lengthMs, cues);
      if (copy || !recording?.bytes) {
        await recording?.remove();
        return undefined;
      }
    } catch {
      // It is still in the store.
    }
    // When there is no place left even for this, its length is guessed another time.
    await recording?.end(lengthMs, cues).catch(() => undefined);
    return recording;
  }

  async #discard() {
    this.#release();
    await this.#copy?.abort();
    // What cannot be removed is empty, and removed another time.
    await this.#recording?.remove().catch(() => undefined);
  }

  #release() {
    this.#picture?.close();
    this.#sound?.close();
    this.#picture = undefined;
    this.#sound = undefined;
  }

  #fail(cause: unknown, recording: StoredRecording | undefined) {
    const error = toRtcError(cause, 'recording-failed');
    this.#become({phase: 'failed', error, recording});
    this.dispatchEvent(new RecorderErrorEvent(error));
  }

  #become(state: RecorderState) {
    this.#state = state;
    this.#changed();
  }

  #changed() {
    this.dispatchEvent(new Event('change'));
  }
}
