import {TypedEventTarget} from '../core/typed-event-target.js';
import {readLine, type LineReading} from '../rtc/link-stats.js';
import {SoundLevel} from '../rtc/sound-level.js';
import {LineGrading, type Graded, type LineQuality} from './line-grade.js';
import {ActiveSpeaker, isSpeech, VainTalk} from './voices.js';

const everyMs = 1_000;
/** What lies further back than this, as after a nap of the page, says nothing of now. */
const staleSeconds = 3;

/** Somebody whose voice and line are of interest. */
export interface Monitored {
  readonly id: string;
  readonly stream: MediaStream;
  /** Where the server tells. */
  readonly speaking?: boolean;
}

/** The microphone that is open. */
export interface OpenMic {
  readonly track: MediaStreamTrack;
  readonly isMuted: boolean;
  /** Whether it is one that people speak into, and no stream of the page. */
  readonly isDevice: boolean;
}

export interface MonitorOptions {
  readonly getStats: (ids: readonly string[]) => Promise<ReadonlyMap<string, RTCStatsReport>>;
  readonly people: () => readonly Monitored[];
  readonly mic: () => OpenMic | undefined;
  /** Whether the call can be seen while the page cannot, as in a small window. */
  readonly isFloating: () => boolean;
  /** When aborted, nothing is measured any more. */
  readonly signal: AbortSignal;
}

/** What is measured of a line: for who wants to know more than its quality. */
export interface LineNumbers {
  readonly lossPercent?: number;
  readonly roundTripMs?: number;
  readonly jitterMs?: number;
  readonly frameRate?: number;
  /** How often the picture stood still in this call. */
  readonly freezes?: number;
}

export interface MonitorEvents {
  /** Somebody began or ceased to speak, or a line became better or worse. */
  change: Event;
}

/**
 * Measures who speaks and how the lines are, once a second, while there is anybody and the call can
 * be seen. One look at the statistics serves it all.
 */
export class Monitor extends TypedEventTarget<MonitorEvents> {
  readonly #options: MonitorOptions;
  readonly #lines = new Map<string, Line>();
  #own = new Line();
  readonly #speaker = new ActiveSpeaker();
  #talk = new VainTalk();
  #ear: Ear | undefined;
  /** Whether this browser measures how loud the own microphone is. */
  #measuresOwn = true;
  #timer: ReturnType<typeof setInterval> | undefined;
  #polling: Promise<void> | undefined;
  #shown = '';

  constructor(options: MonitorOptions) {
    super();
    this.#options = options;
    const {signal} = options;
    document.addEventListener('visibilitychange', () => this.followSight(), {signal});
    signal.addEventListener('abort', () => this.#rest(), {once: true});
    this.followSight();
  }

  /** Who has the word among the others. */
  get activeSpeaker(): string | undefined {
    return this.#speaker.id;
  }

  /** Whether one talks into a microphone that is off. */
  get isTalkingMuted(): boolean {
    return this.#talk.isGoingOn;
  }

  speaks(id: string): boolean {
    return this.#line(id)?.speaks ?? false;
  }

  qualityOf(id: string): LineQuality | undefined {
    return this.#line(id)?.quality;
  }

  numbersOf(id: string): LineNumbers | undefined {
    return this.#line(id)?.numbers;
  }

  /** The call may be seen from now on, or not any more. */
  followSight(): void {
    if (!this.#isSeen) {
      this.#rest();
    } else if (this.#timer === undefined) {
      this.#timer = setInterval(() => this.#poll(), everyMs);
      this.#poll();
    }
  }

  /** The microphone may be another one, or off: the ear goes with it. */
  followMic(): void {
    const mic = this.#isNeeded ? this.#options.mic() : undefined;
    const wanted = mic && (mic.isMuted ? mic.isDevice : !this.#measuresOwn) ? mic : undefined;
    if (this.#ear && (this.#ear.track !== wanted?.track || this.#ear.isMuted !== wanted.isMuted)) {
      this.#ear.level.close();
      this.#ear = undefined;
    }
    if (!mic?.isMuted) {
      this.#talk = new VainTalk();
    }
    if (wanted && !this.#ear) {
      const {track, isMuted} = wanted;
      this.#ear = {track, isMuted, level: new SoundLevel(track, {evenMuted: isMuted})};
    }
  }

  get #isNeeded(): boolean {
    return this.#isSeen && this.#options.people().length > 0;
  }

  get #isSeen(): boolean {
    const {signal, isFloating} = this.#options;
    return !signal.aborted && (document.visibilityState === 'visible' || isFloating());
  }

  #line(id: string): Line | undefined {
    return id === 'self' ? this.#own : this.#lines.get(id);
  }

  /** What is known of the lines stands until it is measured anew; who speaks is not known any more. */
  #rest() {
    clearInterval(this.#timer);
    this.#timer = undefined;
    this.#hear(new Map());
    this.followMic();
    this.#changed();
  }

  #poll() {
    // One that takes long must not pile up.
    this.#polling ??= this.#measure().finally(() => (this.#polling = undefined));
  }

  async #measure() {
    this.followMic();
    if (!this.#isNeeded) {
      this.#lines.clear();
      this.#own = new Line();
      this.#hear(new Map());
      this.#changed();
      return;
    }
    const ids = this.#options.people().map(({id}) => id);
    const reports = await this.#options.getStats(ids).catch(() => new Map<string, never>());
    if (!this.#isNeeded) {
      return;
    }
    const people = this.#options.people();
    const mic = this.#options.mic();
    const tracks = {own: mic?.track.id};
    const readings = people.flatMap(({id, stream}) => {
      const line = this.#lines.get(id) ?? new Line();
      this.#lines.set(id, line);
      const voice = stream.getAudioTracks()[0]?.id;
      return line.read(reports.get(id), {...tracks, voice}) ?? [];
    });
    for (const id of this.#lines.keys()) {
      if (!people.some((person) => person.id === id)) {
        this.#lines.delete(id);
      }
    }
    this.#takeSides();
    this.#weighOwn(readings);
    this.#hearOwn(readings, mic);
    this.#hear(
      new Map(
        people.map(({id, speaking}) => [
          id,
          // Who the server hears is heard.
          speaking === false ? 0 : (this.#lines.get(id)?.level ?? 0),
        ]),
      ),
    );
    this.#changed();
  }

  #hear(levels: ReadonlyMap<string, number>) {
    for (const [id, line] of this.#lines) {
      line.speaks = isSpeech(levels.get(id) ?? 0, line.speaks);
    }
    if (!levels.size) {
      this.#own.speaks = false;
    }
    this.#speaker.hear(levels);
  }

  #hearOwn(readings: readonly LineReading[], mic: OpenMic | undefined) {
    const measured = readings.flatMap(({ownLevel}) => ownLevel ?? []);
    if (readings.length && mic && !mic.isMuted) {
      this.#measuresOwn = measured.length > 0;
    }
    const heard = this.#ear?.level.read() ?? 0;
    const level = mic?.isMuted ? 0 : Math.max(heard, ...measured);
    this.#own.speaks = isSpeech(level, this.#own.speaks);
    if (mic?.isMuted) {
      this.#talk.hear(heard);
    }
  }

  /** What is bad with all is our side; what is bad with few is theirs. */
  #takeSides() {
    const lines = [...this.#lines.values()].filter(({isKnown}) => isKnown);
    const bad = lines.filter(({grading}) => grading.grade !== 'good').length;
    const isShared = bad === lines.length;
    const isTheirs = bad * 2 <= lines.length;
    const side = isShared ? 'here' : isTheirs ? 'there' : undefined;
    for (const line of lines) {
      line.show(lines.length > 1 ? side : undefined);
    }
  }

  /** What the others get from us: one of them with a bad line of their own says nothing of ours. */
  #weighOwn(readings: readonly LineReading[]) {
    const lines = [...this.#lines.values()];
    const losses = lines.flatMap(({lossOut}) => lossOut ?? []);
    if (!losses.length) {
      return;
    }
    const lossIn = median(losses);
    const roundTripMs = median(lines.flatMap(({numbers}) => numbers?.roundTripMs ?? []));
    if (readings.some(({lossOut}) => lossOut !== undefined)) {
      this.#own.take({lossIn});
    }
    this.#own.numbers = {
      ...(lossIn !== undefined && {lossPercent: Math.round(lossIn * 100)}),
      ...(roundTripMs !== undefined && {roundTripMs}),
    };
    this.#own.show(losses.length > 1 ? 'here' : undefined);
  }

  #changed() {
    const shown = JSON.stringify([
      [...this.#lines].map(([id, {speaks, quality}]) => [id, speaks, quality]),
      [this.#own.speaks, this.#own.quality],
      [this.activeSpeaker, this.isTalkingMuted],
    ]);
    if (shown !== this.#shown) {
      this.#shown = shown;
      this.dispatchEvent(new Event('change'));
    }
  }
}

/** What listens to the own microphone where the statistics do not. */
interface Ear {
  readonly track: MediaStreamTrack;
  readonly isMuted: boolean;
  readonly level: SoundLevel;
}

/** What is known of the line to one person. */
class Line {
  readonly grading = new LineGrading();
  isKnown = false;
  speaks = false;
  level = 0;
  /** What they last said is lost of what we send. */
  lossOut: number | undefined;
  numbers: LineNumbers | undefined;
  quality: LineQuality | undefined;
  #report: RTCStatsReport | undefined;
  #freezes = 0;

  read(
    report: RTCStatsReport | undefined,
    tracks: {readonly voice: string | undefined; readonly own: string | undefined},
  ): LineReading | undefined {
    const reading = report && this.#report && readLine(report, this.#report, tracks);
    this.#report = report;
    this.level = 0;
    if (!reading || reading.seconds > staleSeconds) {
      return undefined;
    }
    this.level = reading.level ?? 0;
    this.lossOut = reading.lossOut ?? this.lossOut;
    this.#freezes += reading.freezes;
    if (reading.lossIn === undefined) {
      // Nothing is known while nothing arrives.
      this.isKnown = false;
      this.quality = undefined;
    } else {
      this.take(reading);
    }
    const {lossIn, roundTripMs, jitterMs, frameRate} = reading;
    this.numbers = {
      ...(lossIn !== undefined && {lossPercent: Math.round(lossIn * 100)}),
      ...(roundTripMs !== undefined && {roundTripMs}),
      ...(jitterMs !== undefined && {jitterMs}),
      ...(frameRate !== undefined && {frameRate, freezes: this.#freezes}),
    };
    return reading;
  }

  take(reading: Graded): void {
    this.isKnown = true;
    this.grading.take(reading);
  }

  /** The quality stays the same object while it says the same. */
  show(side: LineQuality['side']): void {
    const {grade, trouble} = this.grading;
    const isGood = grade === 'good';
    const next = {grade, ...(trouble && {trouble}), ...(side && !isGood && {side})};
    if (JSON.stringify(next) !== JSON.stringify(this.quality)) {
      this.quality = next;
    }
  }
}

function median(numbers: readonly number[]): number | undefined {
  return [...numbers].sort((a, b) => a - b)[Math.floor((numbers.length - 1) / 2)];
}
