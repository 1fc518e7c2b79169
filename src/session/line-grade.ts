import type {LineReading} from '../rtc/link-stats.js';

export type LineGrade = 'good' | 'fair' | 'poor';

/** What is the matter with a line. */
export type LineTrouble = 'loss' | 'delay' | 'freezes';

/** How good a line is, as it is shown: replaced when that changes, and not by every number. */
export interface LineQuality {
  readonly grade: LineGrade;
  /** Why it is not good. */
  readonly trouble?: LineTrouble;
  /** On whose side, where that can be told: that takes three people. */
  readonly side?: 'here' | 'there';
}

const grades: readonly LineGrade[] = ['good', 'fair', 'poor'];
const troubles: readonly LineTrouble[] = ['loss', 'delay', 'freezes'];

/** From where on a line is fair, and poor. */
const limits = {
  loss: [0.02, 0.08],
  // Of a second, how much of it the picture stood still.
  frozen: [0.1, 0.4],
  // Talk becomes hard at 400 ms there and back: people fall into each other's words.
  roundTripMs: [400, 800],
  jitterMs: [80, 200],
} as const;

/** So many readings in a row take it down, and so many up. */
const downCount = 2;
const upCount = 5;

export type Graded = Partial<
  Pick<LineReading, 'lossIn' | 'roundTripMs' | 'jitterMs' | 'frozenSeconds' | 'seconds'>
>;

/** Grades a line by what is read of it each second, and does not flicker. */
export class LineGrading {
  #level = 0;
  #trouble: LineTrouble | undefined;
  /** What was read lately, while it is all worse, or all better, than what is shown. */
  #run: number[] = [];

  get grade(): LineGrade {
    return grades[this.#level]!;
  }

  get trouble(): LineTrouble | undefined {
    return this.#trouble;
  }

  take({lossIn, roundTripMs, jitterMs, frozenSeconds = 0, seconds = 1}: Graded): void {
    const levels = [
      levelOf(lossIn, limits.loss),
      Math.max(levelOf(roundTripMs, limits.roundTripMs), levelOf(jitterMs, limits.jitterMs)),
      levelOf(Math.min(1, frozenSeconds / seconds), limits.frozen),
    ];
    const level = Math.max(...levels);
    const trouble = level ? troubles[levels.indexOf(level)] : undefined;
    this.#weigh(level, trouble);
    // A freeze is told when it is over: it counts for all the readings that it lasted.
    for (let more = 1; more < Math.min(downCount, frozenSeconds / seconds); more++) {
      this.#weigh(level, trouble);
    }
  }

  #weigh(level: number, trouble: LineTrouble | undefined) {
    if (level === this.#level) {
      this.#run = [];
      return;
    }
    const isWorse = level > this.#level;
    this.#run = [...this.#run.filter((one) => one > this.#level === isWorse), level];
    if (this.#run.length >= (isWorse ? downCount : upCount)) {
      this.#level = isWorse ? Math.min(...this.#run) : Math.max(...this.#run);
      this.#trouble = this.#level ? (trouble ?? this.#trouble) : undefined;
      this.#run = [];
    }
  }
}

function levelOf(number: number | undefined, [fair, poor]: readonly [number, number]): number {
  return number === undefined ? 0 : number > poor ? 2 : number > fair ? 1 : 0;
}
