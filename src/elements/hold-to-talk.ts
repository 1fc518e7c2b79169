import type {ReactiveController, ReactiveElement} from 'lit';
import {after} from '../core/after.js';

/** What is pressed for longer than this is held. */
const holdMs = 300;

/** The microphone of a call, as far as it matters here. */
export interface Talk {
  isMuted(): boolean;
  turn(on: boolean): void;
}

/**
 * Holding a key, or the button, unmutes until it is let go; the page gets out of sight; or the
 * focus goes elsewhere.
 */
export class HoldToTalk implements ReactiveController {
  readonly #host: ReactiveElement;
  readonly #find: () => Talk | undefined;
  /** What was turned on is turned off again, whatever the host belongs to by then. */
  #talk: Talk | undefined;
  #held: AbortController | undefined;
  #isTalking = false;

  constructor(host: ReactiveElement, find: () => Talk | undefined) {
    this.#host = host;
    this.#find = find;
    host.addController(this);
  }

  get isTalking(): boolean {
    return this.#isTalking;
  }

  hostDisconnected() {
    this.#end();
  }

  /** A key that does nothing else. */
  readonly start = (event: KeyboardEvent): void => this.#begin(event, 0);

  /** A key, or the button, that also does something when pressed shortly. */
  readonly watch = (event: KeyboardEvent | PointerEvent): void => {
    if (!('button' in event) || event.button === 0) {
      this.#begin(event, holdMs);
    }
  };

  #begin(event: KeyboardEvent | PointerEvent, delayMs: number) {
    this.#end();
    this.#talk = this.#find();
    this.#held = new AbortController();
    const {signal} = this.#held;
    const options = {signal, capture: true};
    const end = () => this.#end();
    if ('code' in event) {
      const {code} = event;
      window.addEventListener('keyup', (up) => up.code === code && this.#end(), options);
      window.addEventListener('focusin', end, options);
    } else {
      window.addEventListener('pointerup', () => this.#letGo(), options);
      window.addEventListener('pointercancel', end, options);
    }
    window.addEventListener('blur', ({target}) => target === window && this.#end(), options);
    document.addEventListener('visibilitychange', end, options);
    const talk = () => {
      this.#isTalking = true;
      if (this.#talk?.isMuted()) {
        this.#talk.turn(true);
      }
      this.#host.requestUpdate();
    };
    if (delayMs) {
      after(delayMs, talk, signal);
    } else {
      talk();
    }
  }

  /** The click that comes of it is none. */
  #letGo() {
    if (this.#isTalking) {
      const clicked = new AbortController();
      this.#host.addEventListener('click', (event) => event.stopImmediatePropagation(), {
        capture: true,
        signal: clicked.signal,
      });
      setTimeout(() => clicked.abort());
    }
    this.#end();
  }

  #end() {
    this.#held?.abort();
    this.#held = undefined;
    if (this.#isTalking) {
      this.#isTalking = false;
      if (this.#talk?.isMuted() === false) {
        this.#talk.turn(false);
      }
      this.#host.requestUpdate();
    }
  }
}
