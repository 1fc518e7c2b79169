import type {LinkSignal} from '../core/messages.js';
import type {Contact} from './contact.js';

export interface RecoveryOptions {
  readonly contacts: ReadonlyMap<string, Contact>;
  /** How long somebody who cannot be reached keeps their place, if they may come back. */
  readonly reconnectTimeoutMs: number;
  /** Makes another link to somebody, or has them make it. */
  readonly reach: (contact: Contact) => void;
  /** Takes the offer of another link, with what followed it. */
  readonly accept: (
    contact: Contact,
    signals: readonly LinkSignal[],
    introducer: Contact | undefined,
  ) => void;
  readonly giveUp: (contact: Contact) => void;
  /** Says hello to where somebody was. */
  readonly call: (slot: number) => void;
}

/** Somebody who was given up, and may still be there. */
interface Missing {
  readonly slot: number;
  retryInMs: number;
  tries: number;
}

/** So long a broken path may take to heal by itself before another link is tried, */
const healMs = 800;
/** and that one, before yet another is; each may need some round trips of a slow network. */
const firstRetryMs = 5_000;
const retryMs = 8_000;
/** No more often than this, whatever others ask of us. */
const leastRetryMs = 2_000;
/** How long somebody is waited for of whom nothing suggests that they come back. */
const goneTimeoutMs = 30_000;
/** Who was given up is called now and then, for some ten minutes. */
const missingRetryMs = 10_000;
const slowMissingRetryMs = 30_000;
const maxMissingTries = 25;

/**
 * Decides when to do something about people who cannot be reached: when to try another link,
 * when to give them up, and when to see whether they are back. How is the mesh's business.
 */
export class Recovery {
  readonly #options: RecoveryOptions;
  readonly #missing = new Map<string, Missing>();

  constructor(options: RecoveryOptions) {
    this.#options = options;
  }

  /** To be called some times a second. */
  beat(passedMs: number): void {
    for (const contact of this.#options.contacts.values()) {
      contact.beat(passedMs);
      if (contact.joined) {
        this.#lookAfter(contact, passedMs);
      }
    }
    for (const [id, missing] of this.#missing) {
      this.#callMissing(id, missing, passedMs);
    }
  }

  /** The network may have changed: sees which paths still live, and tries the others now. */
  check(): void {
    for (const contact of this.#options.contacts.values()) {
      contact.link.suspect();
      contact.ping();
    }
    for (const missing of this.#missing.values()) {
      missing.retryInMs = 0;
      missing.tries = 0;
    }
    this.hurry();
  }

  /** There is a new way to reach everybody, or this one, who asks for it. */
  hurry(contact?: Contact): void {
    if (contact) {
      contact.retryInMs = Math.min(contact.retryInMs, leastRetryMs - contact.sinceTryMs);
      return;
    }
    for (const each of this.#options.contacts.values()) {
      each.retryInMs = 0;
    }
  }

  /** Another link is under way. */
  wait(contact: Contact): void {
    contact.retryInMs = retryMs;
  }

  /** Somebody is not in the call any more, but perhaps still there. */
  miss({id, slot}: Contact): void {
    if (this.#missing.has(id)) {
      return;
    }
    // Nobody but the last can have the slot now.
    for (const [other, missing] of this.#missing) {
      if (missing.slot === slot) {
        this.#missing.delete(other);
      }
    }
    this.#missing.set(id, {slot, retryInMs: missingRetryMs, tries: 0});
  }

  /** Whether somebody was given up, and may not know it. */
  isMissing(id: string): boolean {
    return this.#missing.has(id);
  }

  /** They are back. */
  find({id}: Contact): void {
    this.#missing.delete(id);
  }

  #lookAfter(contact: Contact, passedMs: number) {
    const {accept, giveUp, reach} = this.#options;
    const {held} = contact;
    if (held && !held.isAccepted && !contact.isLively) {
      accept(contact, held.signals, held.introducer);
    }
    if (contact.isWell) {
      contact.retryInMs = healMs;
      contact.tries = 0;
      contact.isGone = false;
      return;
    }
    if (contact.heir && !contact.isAway) {
      contact.heir();
    }
    if (contact.troubledMs >= this.#patienceMs(contact)) {
      giveUp(contact);
      return;
    }
    contact.retryInMs -= passedMs;
    contact.sinceTryMs += passedMs;
    if (contact.retryInMs <= 0 && !contact.isAway && !contact.next?.link.isOpen) {
      contact.retryInMs = contact.tries++ ? retryMs : firstRetryMs;
      contact.sinceTryMs = 0;
      reach(contact);
    }
  }

  #patienceMs({isAway, isGone}: Contact): number {
    const {reconnectTimeoutMs} = this.#options;
    return isAway || isGone ? Math.min(goneTimeoutMs, reconnectTimeoutMs) : reconnectTimeoutMs;
  }

  #callMissing(id: string, missing: Missing, passedMs: number) {
    missing.retryInMs -= passedMs;
    if (missing.retryInMs > 0) {
      return;
    }
    if (missing.tries++ >= maxMissingTries) {
      this.#missing.delete(id);
      return;
    }
    missing.retryInMs = missing.tries < 6 ? missingRetryMs : slowMissingRetryMs;
    this.#options.call(missing.slot);
  }
}
