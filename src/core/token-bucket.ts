/** Lets a burst through, then a steady rate. Time comes from `performance.now()`. */
export class TokenBucket {
  readonly #burst: number;
  readonly #perSecond: number;
  #tokens: number;
  #at = performance.now();

  constructor(burst: number, perSecond: number) {
    this.#burst = burst;
    this.#perSecond = perSecond;
    this.#tokens = burst;
  }

  /** Takes the tokens if there are that many, and leaves at least the rest. */
  take(count = 1, rest = 0): boolean {
    const now = performance.now();
    this.#tokens = Math.min(
      this.#burst,
      this.#tokens + ((now - this.#at) / 1000) * this.#perSecond,
    );
    this.#at = now;
    if (this.#tokens < count + rest) {
      return false;
    }
    this.#tokens -= count;
    return true;
  }
}
