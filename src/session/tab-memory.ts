import * as v from 'valibot';
import {randomHex} from '../core/hex.js';
import {readStored, writeStored} from './stored.js';

const Id = v.pipe(v.string(), v.regex(/^[0-9a-f]{16}$/));

const Take = v.object({id: v.string(), name: v.string(), part: v.number()});
/** A recording that may go on in the page after this one, and the part of it that runs. */
export type Take = v.InferOutput<typeof Take>;

const Stay = v.object({
  /** Until when at least, in milliseconds since 1970. */
  at: v.number(),
  name: v.string(),
  micOff: v.boolean(),
  cameraOff: v.boolean(),
  audioinput: v.optional(v.string()),
  videoinput: v.optional(v.string()),
  /** When the call was joined, or the broadcast began, in milliseconds since 1970. */
  startedAt: v.optional(v.number()),
  /** What its stage has decided. */
  terms: v.optional(v.object({paused: v.boolean(), chat: v.boolean(), record: v.boolean()})),
  /** What was being recorded. */
  recording: v.optional(Take),
});
/** How somebody is in a call, for the page that comes after this one. */
export type Stay = v.InferOutput<typeof Stay>;

/** What shows an address to be ours, and whose it is. */
const Ticket = v.object({id: Id, ticket: v.pipe(v.string(), v.regex(/^[0-9a-f]{32}$/))});

const prefix = 'rtc-elements';
/** Who comes back later than this has been given up by the others. */
const stayLifeMs = 60_000;
/** How long the page before us may take to go. */
const handOverMs = 500;

/** Identities that calls of this page have now. */
const held = new Set<string>();

/**
 * What a tab keeps in mind of a call from one page to the next (`sessionStorage`): who we
 * are in it, and how, as long as we are. A tab that is copied takes the memory along; but an
 * identity is held by one page at a time (a Web Lock), which a crash ends as well.
 */
export class TabMemory {
  readonly #call: string;
  #id: string | undefined;
  #release: (() => void) | undefined;

  /** `call` names it among all the calls of this site. */
  constructor(call: string) {
    this.#call = call;
  }

  /** The identity of this tab in the call; another one when a page has that already. */
  async holdIdentity(): Promise<string> {
    if (this.#id || (await this.reclaim(Boolean(this.recall())))) {
      return this.#id ?? '';
    }
    const stored = readStored('sessionStorage', this.#key('id'), Id);
    const id = randomHex(8);
    await this.#hold(id);
    // In a tab that was copied the other's is stored; unless it is of another element of this page.
    if (stored === undefined || !held.has(stored)) {
      writeStored('sessionStorage', this.#key('id'), id);
    }
    return id;
  }

  /**
   * Takes the identity that this tab had in the call before, if it had one, and no page has it
   * now. The page before us may still be going.
   */
  async reclaim(mayWait = true): Promise<boolean> {
    const id = readStored('sessionStorage', this.#key('id'), Id);
    return id !== undefined && (await this.#hold(id, mayWait));
  }

  /** What shows an address at the broker to be ours, as long as we have this identity. */
  get ticket(): string {
    const stored = readStored('sessionStorage', this.#key('ticket'), Ticket);
    if (stored && stored.id === this.#id) {
      return stored.ticket;
    }
    const ticket = randomHex();
    writeStored('sessionStorage', this.#key('ticket'), {id: this.#id, ticket});
    return ticket;
  }

  /** Lets another page have the identity. */
  releaseIdentity(): void {
    if (this.#id !== undefined) {
      held.delete(this.#id);
    }
    this.#release?.();
    this.#release = undefined;
    this.#id = undefined;
  }

  /** Keeps in mind how we are in the call, in case the page goes: now and then, for some may crash. */
  keep(stay: Omit<Stay, 'at'>): void {
    writeStored('sessionStorage', this.#key('stay'), {...stay, at: Date.now()});
  }

  /** We are not in the call any more. */
  forget(): void {
    writeStored('sessionStorage', this.#key('stay'), undefined);
  }

  /** How we were in the call a moment ago, if we were. */
  recall(): Stay | undefined {
    const stay = readStored('sessionStorage', this.#key('stay'), Stay);
    return stay && Math.abs(Date.now() - stay.at) < stayLifeMs ? stay : undefined;
  }

  #key(what: 'id' | 'stay' | 'ticket'): string {
    return `${prefix}/${what}/${this.#call}`;
  }

  #keepHeld(id: string) {
    this.#id = id;
    held.add(id);
  }

  #hold(id: string, mayWait = false): Promise<boolean> {
    const {locks} = navigator as Partial<Navigator>;
    if (!locks) {
      this.#keepHeld(id);
      return Promise.resolve(true);
    }
    return new Promise((resolve) => {
      locks
        .request(
          `${prefix}/id/${id}`,
          mayWait ? {signal: AbortSignal.timeout(handOverMs)} : {ifAvailable: true},
          (lock) => {
            if (lock) {
              this.#keepHeld(id);
            }
            resolve(Boolean(lock));
            return lock && new Promise<void>((release) => (this.#release = release));
          },
        )
        .catch(() => resolve(false));
    });
  }
}
