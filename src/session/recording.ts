import {after} from '../core/after.js';
import {RtcError, toRtcError} from '../core/errors.js';
import {randomHex} from '../core/hex.js';
import {TypedEventTarget} from '../core/typed-event-target.js';
import type {RecordedTracks, Recorder} from '../rtc/recorder.js';
import type {StoredRecording} from '../rtc/recording-store.js';
import type {Take} from './tab-memory.js';

export class RecordingErrorEvent extends Event {
  constructor(readonly error: RtcError) {
    super('error');
  }
}

export interface RecordingEvents {
  change: Event;
  error: RecordingErrorEvent;
}

/** A recording that was cut off, or could not be saved, in this visit or one before. */
export interface LeftRecording {
  readonly name: string;
  readonly startedAt: Date;
  /** In milliseconds, about. */
  readonly lengthMs: number | undefined;
  readonly bytes: number;
}

/** So long after a reload devices may take to open, and a stage to say that one may record. */
const waitMs = 12_000;

/**
 * Records a call, or what goes over the stage, to disk as it comes: whoever is in the call, the stage, and its audience
 * where that is allowed. What a crash has cut off is kept, and can be saved at the next visit; after
 * a reload it goes on in another part.
 */
export class Recording extends TypedEventTarget<RecordingEvents> {
  readonly #tracks: () => RecordedTracks;
  #isAllowed = false;
  #isStarting = false;
  #isSaving = false;
  #recorder: Recorder | undefined;
  #take: Take | undefined;
  /** What the page before this one recorded, until it goes on here. */
  #waiting: Take | undefined;
  /** Ends the wait for that. */
  #patience: AbortController | undefined;
  /** What is being saved. */
  readonly #saving = new Set<string>();
  #left: readonly StoredRecording[] = [];

  constructor(tracks: () => RecordedTracks) {
    super();
    this.#tracks = tracks;
  }

  /** Whether one may record now, and the browser can. */
  get isAvailable(): boolean {
    return this.#isAllowed && this.#isSupported;
  }

  /** From the click until it is saved. */
  get isRunning(): boolean {
    return (
      this.#isStarting ||
      this.#isSaving ||
      this.#recorder !== undefined ||
      this.#waiting !== undefined
    );
  }

  /** Whether what was recorded is being saved, which may take its time. */
  get isSaving(): boolean {
    return this.#isSaving;
  }

  /** Since when it records. */
  get startedAt(): Date | undefined {
    return this.#recorder?.startedAt;
  }

  /** How much is on disk. */
  get bytes(): number {
    return this.#recorder?.bytes ?? 0;
  }

  /** What was cut off or could not be saved, the newest first, once `findLeft()` has looked. */
  get left(): readonly LeftRecording[] {
    return this.#left;
  }

  /**
   * Starts to record, after the person has chosen a file, where the browser lets them; to be called in
   * a click. Trouble is an `error` event. Does nothing while it records, or where one may not.
   */
  async start(name: string): Promise<void> {
    if (!this.isRunning && this.isAvailable) {
      await this.#begin({id: randomHex(), name, part: 1}, {asks: true});
    }
  }

  async #begin(take: Take, {asks}: {asks: boolean}) {
    this.#isStarting = true;
    this.#changed();
    try {
      const [{Recorder}, {pickFile}] = await Promise.all([
        import('../rtc/recorder.js'),
        import('../rtc/save-file.js'),
      ]);
      const {type} = Recorder;
      if (!type || !Recorder.isSupported) {
        throw new RtcError('unsupported-browser');
      }
      const {id, name, part} = take;
      const file = asks ? await pickFile({name, type, startedAt: new Date()}) : 'unsupported';
      const isOff = !asks && !this.#waiting;
      if (file === 'cancelled' || isOff || !this.#isAllowed) {
        return;
      }
      const recorder = new Recorder();
      this.#recorder = recorder;
      this.#take = take;
      this.#stopWaiting();
      recorder.addEventListener('change', () => this.#changed());
      recorder.addEventListener('error', ({error}) => {
        this.#report(error);
        void this.#finish(recorder);
      });
      recorder.setTracks(this.#tracks());
      await recorder.start({name, take: id, part, ...(file !== 'unsupported' && {file})});
    } catch (cause) {
      this.#report(toRtcError(cause, 'recording-failed'));
    } finally {
      this.#isStarting = false;
      this.#stopWaiting();
      this.#changed();
    }
  }

  /** Ends it, and gives it to the person. Does nothing while nothing is recorded. */
  async stop(): Promise<void> {
    const recorder = this.#recorder;
    if (recorder) {
      await recorder.stop();
      await this.#finish(recorder);
    } else if (this.#waiting) {
      this.#stopWaiting();
      // What the page before this one has left is offered.
      await this.findLeft();
    }
  }

  /** Looks for what was cut off. Takes nothing from a page that is just recording. */
  async findLeft(): Promise<void> {
    if (!this.#isSupported) {
      return;
    }
    try {
      const {RecordingStore} = await import('../rtc/recording-store.js');
      const found = RecordingStore.isSupported ? await new RecordingStore().list() : [];
      const known = this.#left;
      this.#left = found.map((one) => known.find(({id}) => id === one.id) ?? one);
    } catch {
      // A private window may have no store, and so has nothing left.
      this.#left = [];
    }
    this.#changed();
  }

  /** Gives one that is left to the person, in a click. */
  async save(left: LeftRecording): Promise<void> {
    const recording = this.#find(left);
    if (recording) {
      await this.#save(recording);
    }
  }

  /** Deletes one that is left. */
  async discard(left: LeftRecording): Promise<void> {
    const recording = this.#find(left);
    if (recording) {
      this.#forget(recording);
      await recording.remove().catch(() => undefined);
    }
  }

  /** For the session only: what the page after this one may go on with. */
  get unfinished(): Take | undefined {
    const phase = this.#recorder?.state.phase;
    return phase === 'starting' || phase === 'recording' ? this.#take : this.#waiting;
  }

  /**
   * For the session only: goes on with what the page before this one recorded, as soon as there is something
   * to record. Into the store: a file that was chosen cannot be written to again without a click.
   */
  resume(take: Take | undefined): void {
    this.#stopWaiting();
    this.#waiting = take;
  }

  /** For the session only: something has changed. What may no longer be recorded is over. */
  follow({isIn, isAllowed}: {isIn: boolean; isAllowed: boolean}): void {
    const wasAllowed = this.#isAllowed;
    this.#isAllowed = isAllowed;
    if (wasAllowed && !isAllowed) {
      void this.stop();
      return;
    }
    this.#recorder?.setTracks(this.#tracks());
    if (isIn && this.#waiting) {
      this.#awaitMore(this.#waiting);
    }
  }

  /**
   * Devices take a moment, and without a click a browser may mix nothing: then the first sound is all there is.
   * What is dark and silent is recorded all the same.
   */
  #awaitMore(take: Take) {
    const {video, tiles = [], audio} = this.#tracks();
    const isSeen = video || tiles.some(({track}) => track);
    if (this.#isAllowed && (isSeen || audio.length > 0)) {
      this.#goOn(take);
    } else if (!this.#patience) {
      this.#patience = new AbortController();
      after(
        waitMs,
        () => void (this.#isAllowed ? this.#goOn(take) : this.stop()),
        this.#patience.signal,
      );
    }
  }

  #goOn(take: Take) {
    if (this.#isSupported && !this.#isStarting) {
      void this.#begin({...take, part: take.part + 1}, {asks: false});
    }
  }

  #stopWaiting() {
    this.#waiting = undefined;
    this.#patience?.abort();
    this.#patience = undefined;
  }

  async #finish(recorder: Recorder) {
    if (this.#recorder !== recorder) {
      return;
    }
    this.#recorder = undefined;
    this.#isSaving = true;
    const {state} = recorder;
    const recording = 'recording' in state ? state.recording : undefined;
    if (this.#take?.part !== 1) {
      // The parts before this one, which other pages have left.
      await this.findLeft();
    }
    if (recording) {
      recording.release();
      this.#left = [recording, ...this.#left];
    }
    this.#changed();
    if (state.phase === 'finished') {
      await this.#saveParts();
    }
    this.#isSaving = false;
    this.#changed();
  }

  /** Until the person does not want to. */
  async #saveParts() {
    const parts = this.#left.filter(({take}) => take === this.#take?.id);
    for (const part of parts.sort((a, b) => a.part - b.part)) {
      if (!(await this.#save(part))) {
        return;
      }
    }
  }

  async #save(recording: StoredRecording): Promise<boolean> {
    const {id} = recording;
    if (this.#saving.has(id)) {
      return false;
    }
    this.#saving.add(id);
    try {
      const {saveRecording} = await import('../rtc/save-file.js');
      if ((await saveRecording(recording)) === 'saved') {
        this.#forget(recording);
        return true;
      }
    } catch (cause) {
      this.#report(toRtcError(cause, 'recording-failed'));
    } finally {
      this.#saving.delete(id);
    }
    return false;
  }

  #find(left: LeftRecording): StoredRecording | undefined {
    return this.#left.find((recording) => recording === left);
  }

  #forget(recording: StoredRecording) {
    this.#left = this.#left.filter(({id}) => id !== recording.id);
    this.#changed();
  }

  get #isSupported(): boolean {
    return (
      'MediaRecorder' in globalThis &&
      Boolean(globalThis.navigator?.storage?.getDirectory) &&
      'FileSystemFileHandle' in globalThis &&
      'createWritable' in FileSystemFileHandle.prototype
    );
  }

  #report(error: RtcError) {
    this.dispatchEvent(new RecordingErrorEvent(error));
  }

  #changed() {
    this.dispatchEvent(new Event('change'));
  }
}
