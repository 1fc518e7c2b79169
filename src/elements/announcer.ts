import type {ReactiveController, ReactiveControllerHost} from 'lit';
import {after} from '../core/after.js';

/** What is said within a moment is read out in one go; */
const gatherMs = 150;
/** then it stays so long that no screen reader misses it, whatever comes next; */
const stayMs = 1_200;
/** and is gone before somebody finds it when reading through the page. */
const goneMs = 15_000;
/** Nobody listens to more at once: of what is older, it is to be seen. */
const mostAtOnce = 8;

/**
 * Sentences for a live region, so that none takes the place of another before it was noticed. Those of one moment are
 * read together, and later ones follow.
 */
export class Announcer implements ReactiveController {
  readonly #host: ReactiveControllerHost;
  #text = '';
  /** By its kind. */
  readonly #waiting = new Map<string, string>();
  /** Until the next may be said. */
  #turn: AbortController | undefined;
  #silence: AbortController | undefined;

  constructor(host: ReactiveControllerHost) {
    this.#host = host;
    host.addController(this);
  }

  /** What the live region holds. */
  get text(): string {
    return this.#text;
  }

  hostDisconnected() {
    this.clear();
  }

  /** Does nothing for what is about to be said, or for an empty one. Of a kind that is given only the last is said. */
  say(sentence: string, kind = sentence): void {
    if (!sentence || this.#waiting.get(kind) === sentence) {
      return;
    }
    this.#waiting.delete(kind);
    this.#waiting.set(kind, sentence);
    for (const oldest of [...this.#waiting.keys()].slice(0, -mostAtOnce)) {
      this.#waiting.delete(oldest);
    }
    if (!this.#turn) {
      this.#wait(gatherMs);
    }
  }

  /** Forgets what was to be said: it holds no longer. */
  clear(): void {
    this.#turn?.abort();
    this.#turn = undefined;
    this.#waiting.clear();
    this.#show('');
  }

  #wait(ms: number) {
    this.#turn = new AbortController();
    after(ms, () => this.#next(), this.#turn.signal);
  }

  #next() {
    this.#turn = undefined;
    if (this.#waiting.size) {
      this.#show([...this.#waiting.values()].join(' '));
      this.#waiting.clear();
      this.#wait(stayMs);
    }
  }

  #show(text: string) {
    this.#silence?.abort();
    this.#silence = new AbortController();
    if (text) {
      after(goneMs, () => this.#show(''), this.#silence.signal);
    }
    this.#text = text;
    this.#host.requestUpdate();
  }
}
