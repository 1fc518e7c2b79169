import {RtcError} from '../core/errors.js';
import {reactionNames, type Reaction} from '../core/messages.js';
import {TokenBucket} from '../core/token-bucket.js';
import {TypedEventTarget} from '../core/typed-event-target.js';

export {reactionNames, type Reaction};

/** What somebody shows for a moment. */
export interface ShownReaction {
  /** Another one each time. */
  readonly id: number;
  readonly reaction: Reaction;
  /** Who shows it: a participant, or `self`. */
  readonly from: string;
}

/** How long one is shown. */
const shownMs = 5_000;
/** One person sends so many at once, and so many a second for long; */
const burst = 8;
const perSecond = 1;
/** they may come closer together than they were sent. */
const seenBurst = 12;
const maxShown = 50;

/** A closed list of signs that people in a call give each other, each for some seconds. */
export class Reactions extends TypedEventTarget<{change: Event}> {
  #current: readonly ShownReaction[] = [];
  #count = 0;
  #send: ((reaction: Reaction) => void) | undefined;
  #rate = new TokenBucket(burst, perSecond);
  readonly #rates = new Map<string, TokenBucket>();

  /** Whether one may send any. */
  get isOpen(): boolean {
    return this.#send !== undefined;
  }

  /** What is shown now, the oldest first. */
  get current(): readonly ShownReaction[] {
    return this.#current;
  }

  /**
   * Shows one to everybody.
   * @throws {RtcError} `peer-unavailable` outside a call, `bad-message` for too many of them.
   */
  send(reaction: Reaction): void {
    if (!this.#send) {
      throw new RtcError('peer-unavailable');
    }
    if (!reactionNames.includes(reaction) || !this.#rate.take()) {
      throw new RtcError('bad-message', {detail: 'too fast'});
    }
    this.#send(reaction);
    this.#show(reaction, 'self');
  }

  /** For the session only: a call begins, or ends. */
  connect(send: ((reaction: Reaction) => void) | undefined): void {
    this.#send = send;
    this.#current = [];
    this.#rates.clear();
    this.#changed();
  }

  /** For the session only: somebody shows one. */
  take(reaction: Reaction, from: string): void {
    const rate = this.#rates.get(from) ?? new TokenBucket(seenBurst, perSecond);
    this.#rates.set(from, rate);
    if (this.#send && rate.take()) {
      this.#show(reaction, from);
    }
  }

  #show(reaction: Reaction, from: string) {
    const shown = {id: ++this.#count, reaction, from};
    this.#current = [...this.#current, shown].slice(-maxShown);
    setTimeout(() => {
      this.#current = this.#current.filter((one) => one !== shown);
      this.#changed();
    }, shownMs);
    this.#changed();
  }

  #changed() {
    this.dispatchEvent(new Event('change'));
  }
}
