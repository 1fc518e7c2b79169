import * as v from 'valibot';
import {randomHex} from '../core/hex.js';

const Id = v.pipe(v.string(), v.regex(/^[0-9a-f]{16}$/));

const Departure = v.object({
  /** When, in milliseconds since 1970. */
  at: v.number(),
  name: v.string(),
  micOff: v.boolean(),
  cameraOff: v.boolean(),
  audioinput: v.optional(v.string()),
  videoinput: v.optional(v.string()),
});
/** How somebody was in a call when their page went. */
export type Departure = v.InferOutput<typeof Departure>;

const prefix = 'rtc-elements';
/** Who comes back later than this has been given up by the others. */
const departureLifeMs = 60_000;
/** How long the page before us may take to go. */
const handOverMs = 500;

/**
 * What a tab keeps in mind of a call from one page to the next (`sessionStorage`): who we
 * are in it, and how we were when we left. A tab that is copied takes the memory along; but an
 * identity is held by one page at a time (a Web Lock), which a crash ends as well.
 */
export class TabMemory {
  readonly #call: string;
  #release: (() => void) | undefined;

  /** `call` names it among all the calls of this site. */
  constructor(call: string) {
    this.#call = call;
  }

  /** The identity of this tab in the call; another one when a page has that already. */
  async holdIdentity(): Promise<string> {
    const known = read(`${prefix}/id/${this.#call}`, Id);
    const left = read(`${prefix}/left/${this.#call}`, Departure);
    if (known && (await this.#hold(known, left && age(left) < departureLifeMs))) {
      return known;
    }
    const id = randomHex(8);
    if (await this.#hold(id)) {
      if (!known) {
        write(`${prefix}/id/${this.#call}`, id);
      }
    }
    return id;
  }

  /** Lets another page have the identity. */
  releaseIdentity(): void {
    this.#release?.();
    this.#release = undefined;
  }

  /** Keeps in mind that we go in the middle of the call. */
  depart(departure: Omit<Departure, 'at'>): void {
    write(`${prefix}/left/${this.#call}`, {...departure, at: Date.now()});
  }

  /** How we went a moment ago, if we did. Said once. */
  takeDeparture(): Departure | undefined {
    const key = `${prefix}/left/${this.#call}`;
    const departure = read(key, Departure);
    write(key, undefined);
    return departure && age(departure) < departureLifeMs ? departure : undefined;
  }

  #hold(id: string, mayWait = false): Promise<boolean> {
    const {locks} = navigator as Partial<Navigator>;
    if (!locks) {
      return Promise.resolve(true);
    }
    return new Promise((resolve) => {
      locks
        .request(
          `${prefix}/id/${id}`,
          mayWait ? {signal: AbortSignal.timeout(handOverMs)} : {ifAvailable: true},
          (lock) => {
            resolve(Boolean(lock));
            return lock && new Promise<void>((release) => (this.#release = release));
          },
        )
        .catch(() => resolve(false));
    });
  }
}

function age({at}: Departure): number {
  return Math.abs(Date.now() - at);
}

/** Nothing where there is no storage, or something else is stored. */
function read<T>(key: string, schema: v.GenericSchema<unknown, T>): T | undefined {
  try {
    const result = v.safeParse(schema, JSON.parse(sessionStorage.getItem(key) ?? 'null'));
    return result.success ? result.output : undefined;
  } catch {
    return undefined;
  }
}

function write(key: string, value: unknown) {
  try {
    if (value === undefined) {
      sessionStorage.removeItem(key);
    } else {
      sessionStorage.setItem(key, JSON.stringify(value));
    }
  } catch {
    // No storage, or it is full: then we come back as somebody new.
  }
}
