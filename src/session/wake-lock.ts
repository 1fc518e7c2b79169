/**
 * Keeps the screen from going dark while that is wanted. Where the browser
 * cannot or will not (a battery saver, say), it says nothing: it is a comfort.
 */
export class WakeLock {
  #wish: AbortController | undefined;
  #lock: WakeLockSentinel | undefined;
  #isAsking = false;

  update(wanted: boolean): void {
    if (wanted === Boolean(this.#wish)) {
      return;
    }
    this.#wish?.abort();
    this.#wish = wanted ? new AbortController() : undefined;
    if (this.#wish) {
      // The browser takes it away from a page that is out of sight.
      const {signal} = this.#wish;
      document.addEventListener('visibilitychange', () => void this.#ask(), {signal});
      void this.#ask();
    } else {
      this.#release();
    }
  }

  async #ask() {
    const {wakeLock} = navigator as Partial<Navigator>;
    const held = this.#lock && !this.#lock.released;
    if (!wakeLock || held || this.#isAsking || document.visibilityState !== 'visible') {
      return;
    }
    this.#isAsking = true;
    try {
      this.#lock = await wakeLock.request('screen');
    } catch {
      // Refused: asked again when the page is next seen.
    }
    this.#isAsking = false;
    if (!this.#wish) {
      this.#release();
    }
  }

  #release() {
    // It may have been taken away in the same moment.
    this.#lock?.release().catch(() => undefined);
    this.#lock = undefined;
  }
}
