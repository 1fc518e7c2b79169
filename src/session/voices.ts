/** A voice is above this, a room with noise suppression below that: effective values of a second. */
const speechLevel = 0.015;
const quietLevel = 0.007;
/** Twice as loud is clearly louder. */
const louder = 2;
/** So many seconds it takes to be heard: a cough is shorter, */
const risingCount = 2;
/** and so many to be taken for silent: who thinks is not done. */
const silentCount = 3;

/** Whether somebody speaks, by how loud they were in the last second and whether they spoke before. */
export function isSpeech(level: number, before: boolean): boolean {
  return level > (before ? quietLevel : speechLevel);
}

/**
 * Who has the word, by how loud each was, second by second. Whoever has it keeps it while others
 * talk in between, until somebody is clearly louder for longer than a cough, or speaks after them.
 */
export class ActiveSpeaker {
  #id: string | undefined;
  #silence = 0;
  #rival: string | undefined;
  #rivalCount = 0;

  get id(): string | undefined {
    return this.#id;
  }

  hear(levels: ReadonlyMap<string, number>): void {
    const own = levels.get(this.#id ?? '') ?? 0;
    this.#silence = isSpeech(own, true) ? 0 : this.#silence + 1;
    const least = this.#silence ? speechLevel : Math.max(speechLevel, own * louder);
    const [rival] = [...levels]
      .filter(([id, level]) => id !== this.#id && level > least)
      .sort(([, one], [, other]) => other - one)
      .map(([id]) => id);
    this.#rivalCount = rival === this.#rival ? this.#rivalCount + 1 : 1;
    this.#rival = rival;
    if (rival !== undefined && this.#rivalCount >= risingCount) {
      this.#id = rival;
      this.#silence = 0;
      this.#rival = undefined;
    } else if (this.#silence >= silentCount || !levels.has(this.#id ?? '')) {
      this.#id = undefined;
    }
  }
}

/** Whether one talks on and on, unaware that nobody hears it. */
export class VainTalk {
  #count = 0;
  #silence = 0;

  get isGoingOn(): boolean {
    return this.#count >= risingCount;
  }

  hear(level: number): void {
    this.#silence = level > speechLevel ? 0 : this.#silence + 1;
    if (!this.#silence) {
      this.#count++;
    } else if (!this.isGoingOn || this.#silence >= silentCount) {
      this.#count = 0;
    }
  }
}
