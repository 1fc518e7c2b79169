/** Mirrors what an element is for style sheets, as its custom states: `rtc-call:state(joined)`. */
export class States {
  readonly #internals: Partial<ElementInternals>;
  #now: readonly string[] = [];

  constructor(host: HTMLElement) {
    // Safari has none before 16.4.
    this.#internals = host.attachInternals?.() ?? {};
  }

  /** The element has exactly those whose value is true. */
  set(states: Readonly<Record<string, boolean | undefined>>): void {
    const now = Object.keys(states).filter((name) => states[name]);
    if (now.join() === this.#now.join()) {
      return;
    }
    this.#now = now;
    const {states: set} = this.#internals;
    try {
      set?.clear();
      now.forEach((name) => set?.add(name));
    } catch {
      // Browsers of before 2024 only take names with two dashes.
    }
  }
}
