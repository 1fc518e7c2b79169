import {after} from '../core/after.js';
import {RtcError} from '../core/errors.js';
import {randomHex} from '../core/hex.js';
import {parseSignal, protocolVersion, refusal, type Signal} from '../core/messages.js';
import {TokenBucket} from '../core/token-bucket.js';
import {TypedEventTarget} from '../core/typed-event-target.js';
import type {Signaling} from '../signaling/signaling.js';

/** A checked signal of whoever holds a slot. */
export class SlotSignalEvent extends Event {
  constructor(
    readonly slot: number,
    readonly signal: Exclude<Signal, {t: 'echo' | 'who' | 'here'}>,
  ) {
    super('signal');
  }
}

/** A signal found nobody in a slot. */
export class SlotEmptyEvent extends Event {
  constructor(readonly slot: number) {
    super('empty');
  }
}

export class MailroomErrorEvent extends Event {
  constructor(
    type: 'error' | 'offline',
    readonly error: RtcError,
  ) {
    super(type);
  }
}

export interface MailroomEvents {
  signal: SlotSignalEvent;
  empty: SlotEmptyEvent;
  /** Something came that is against the rules. */
  error: MailroomErrorEvent;
  /** The signaling is lost. It is tried again until it is back, or we are closed. */
  offline: MailroomErrorEvent;
  /** It is back, perhaps in another slot: the others should be told. */
  online: Event;
}

export interface MailroomOptions {
  /** Whom one can write to, and be, by slot. */
  readonly addresses: () => Promise<readonly string[]>;
  /** How many of them, from the first, may be our own. */
  readonly claimable: number;
  /** Whether anybody may write: who does gets a slot. Otherwise only those who have one are heard. */
  readonly isOpen?: boolean;
  /** Shows that a slot was ours before, to a server that believes it still is. */
  readonly ticket?: string | undefined;
  /** Our name, for strangers who ask who is in the room; nothing while we are not. */
  readonly tell?: () => string | undefined;
  readonly createSignaling: () => Signaling;
}

/** How long the signaling may take to let us in while somebody waits for it. */
const urgentOpenMs = 4_000;
const firstDelayMs = 500;
const urgentDelayMs = 1_000;
/** Soon back, while an outage is fresh, */
const freshDelayMs = 4_000;
const freshMs = 120_000;
/** and sparing, when it lasts. */
const longestDelayMs = 30_000;
/** A word to ourselves that is not back by then will not come. */
const echoMs = 2_000;
/** When the network has changed, the old connection is more likely dead than slow. */
const hastyEchoMs = 1_000;
const probeEveryMs = 20_000;
const urgentProbeEveryMs = 2_500;
const maxEarly = 200;
/** How many of those who may be anybody are kept in mind. */
const maxStrangers = 1_000;
/** How many strangers are told our name, at once and a second: each is at the door for a while. */
const told = [20, 4] as const;
const malformedCost = 10;
/** What a link costs, in ordinary signals: a connection; */
const linkCost = 20;
/** and how many it takes. */
const linkSignals = 40;

/**
 * Our slot in a room, kept through losses of the signaling: claims one, notices when the
 * connection has died without a word, and claims again, the same slot if it can be had.
 * Says who is heard from by slot, which is a number that stands for an address; knows nothing
 * of people.
 */
export class Mailroom extends TypedEventTarget<MailroomEvents> {
  readonly #options: MailroomOptions;
  readonly #lifetime = new AbortController();
  readonly #ticket: string;
  readonly #buckets = new Map<number, TokenBucket>();
  /** Slots whose people speak another version, and know that we do not. */
  readonly #refused = new Set<number>();
  readonly #echoes = new Map<string, () => void>();
  readonly #addresses = new Map<number, string>();
  readonly #slots = new Map<string, number>();
  /** Strangers who write for the first time. */
  readonly #strangers = new TokenBucket(200, 20);
  readonly #told = new TokenBucket(...told);
  #signaling: Signaling | undefined;
  #slot = -1;
  #nextSlot = 0;
  /** What came before we were ready to listen; undefined since. */
  #early: (() => void)[] | undefined = [];
  /** Whether what we send to ourselves comes back at all. */
  #hasEchoed = false;
  #sinceProbeMs = 0;
  #urgent = false;
  #offlineMs = 0;
  /** Ends the wait before the next claim, and a claim that takes too long. */
  #hurry: (() => void) | undefined;

  constructor(options: MailroomOptions) {
    super();
    this.#options = options;
    this.#ticket = options.ticket ?? randomHex();
  }

  get slot(): number {
    return this.#slot;
  }

  get isOnline(): boolean {
    return Boolean(this.#signaling);
  }

  /**
   * Claims a slot. What comes is kept until `listen()`.
   * @throws {RtcError} that says why there is none: `room-full` when others have them all,
   *   `address-taken` when there is but one.
   */
  async open(): Promise<void> {
    const addresses = await this.#options.addresses();
    this.#lifetime.signal.throwIfAborted();
    addresses.forEach((address, slot) => this.#know(slot, address));
    this.#nextSlot = addresses.length;
    await this.#claim(this.#lifetime.signal);
  }

  /** Delivers what has come, and what will. */
  listen(): void {
    const early = this.#early ?? [];
    this.#early = undefined;
    for (const deliver of early) {
      deliver();
    }
  }

  send(slot: number, signal: Signal): void {
    this.#signaling?.send(this.#address(slot), signal);
  }

  /**
   * Takes from the rate of a slot what it costs to begin a link with whoever has it, if enough
   * is left for what they have to say then: a link without its signals would only be in the way.
   */
  chargeLink(slot: number): boolean {
    return this.#bucket(slot).take(linkCost, linkSignals);
  }

  /** Resolves when everything sent so far is delivered, to how long that took; or to nothing. */
  echo(timeoutMs: number): Promise<number | undefined> {
    return new Promise((resolve) => {
      const attempt = randomHex(8);
      const sentAt = performance.now();
      this.#echoes.set(attempt, () => resolve(performance.now() - sentAt));
      this.send(this.#slot, {t: 'echo', v: protocolVersion, attempt});
      this.#after(timeoutMs, () => {
        this.#echoes.delete(attempt);
        resolve(undefined);
      });
    });
  }

  /** To be called some times a second; `urgent` when somebody cannot be reached otherwise. */
  beat(passedMs: number, {urgent}: {urgent: boolean}): void {
    this.#sinceProbeMs += passedMs;
    if (urgent && !this.#urgent && !this.isOnline) {
      this.#hurry?.();
    }
    this.#urgent = urgent;
    if (this.isOnline) {
      this.#offlineMs = 0;
      if (this.#sinceProbeMs >= (urgent ? urgentProbeEveryMs : probeEveryMs)) {
        void this.#probe(echoMs);
      }
    } else {
      this.#offlineMs += passedMs;
    }
  }

  /** The network may have changed: sees now whether the signaling still works. */
  check({hasMoved = false} = {}): void {
    if (this.isOnline) {
      void this.#probe(hasMoved ? hastyEchoMs : echoMs);
    } else {
      this.#hurry?.();
    }
  }

  close(): void {
    this.#signaling?.close();
    this.#signaling = undefined;
    this.#lifetime.abort();
  }

  async #probe(timeoutMs: number) {
    const signaling = this.#signaling;
    this.#sinceProbeMs = 0;
    const took = await this.echo(timeoutMs);
    // A server that never gives us our own mail cannot be judged by it.
    if (took === undefined && this.#hasEchoed && signaling && signaling === this.#signaling) {
      signaling.close();
      void this.#reopen(new RtcError('broker-unreachable', {detail: 'no echo'}));
    }
  }

  /**
   * Takes a free slot, the last one if it can be had. Starts at a random one otherwise, so that
   * those who come at once rarely collide.
   */
  async #claim(signal: AbortSignal) {
    const {claimable, createSignaling} = this.#options;
    const first = this.#slot >= 0 ? this.#slot : Math.floor(Math.random() * claimable);
    for (let i = 0; i < claimable; i++) {
      const slot = (first + i) % claimable;
      const signaling = createSignaling();
      const options = {signal: this.#lifetime.signal};
      signaling.addEventListener('message', ({from, data}) => this.#take(from, data), options);
      signaling.addEventListener('undelivered', ({to}) => this.#miss(to), options);
      try {
        await signaling.open(this.#address(slot), {signal, ticket: this.#ticket});
        signal.throwIfAborted();
      } catch (cause) {
        signaling.close();
        if (claimable > 1 && cause instanceof RtcError && cause.code === 'address-taken') {
          continue;
        }
        throw cause;
      }
      signaling.addEventListener(
        'close',
        ({error}) => {
          if (this.#signaling === signaling) {
            void this.#reopen(error);
          }
        },
        options,
      );
      this.#signaling = signaling;
      this.#slot = slot;
      return;
    }
    throw new RtcError('room-full');
  }

  async #reopen(error: RtcError) {
    const {signal} = this.#lifetime;
    this.#signaling = undefined;
    this.#offlineMs = 0;
    this.dispatchEvent(new MailroomErrorEvent('offline', error));
    for (let delayMs = firstDelayMs; !signal.aborted; delayMs *= 2) {
      const longest = this.#offlineMs < freshMs ? freshDelayMs : longestDelayMs;
      delayMs = Math.min(delayMs, this.#urgent ? urgentDelayMs : longest);
      // Not all at once, when a server comes back to many.
      if (!(await this.#pause(delayMs * (0.5 + Math.random() / 2)))) {
        delayMs = firstDelayMs;
      }
      if (signal.aborted || (await this.#tryClaim())) {
        break;
      }
    }
    if (!signal.aborted) {
      this.dispatchEvent(new Event('online'));
    }
  }

  /** Whether it went well. Ends early when there is reason to try anew. */
  async #tryClaim(): Promise<boolean> {
    const attempt = new AbortController();
    const abort = () => attempt.abort();
    this.#lifetime.signal.addEventListener('abort', abort, {signal: attempt.signal});
    this.#hurry = abort;
    if (this.#urgent) {
      after(urgentOpenMs, abort, attempt.signal);
    }
    try {
      await this.#claim(attempt.signal);
      return true;
    } catch {
      // Still away. It has been told once; now it is only a matter of time.
      return false;
    } finally {
      this.#hurry = undefined;
      attempt.abort();
    }
  }

  /** Whether the whole time has passed, and nobody has hurried us. */
  #pause(delayMs: number): Promise<boolean> {
    const pause = new AbortController();
    return new Promise((resolve) => {
      const end = (isWhole: boolean) => {
        pause.abort();
        resolve(isWhole);
      };
      this.#hurry = () => end(false);
      this.#lifetime.signal.addEventListener('abort', () => end(true), {signal: pause.signal});
      after(delayMs, () => end(true), pause.signal);
    });
  }

  #take(from: string, data: unknown) {
    if (this.#lifetime.signal.aborted) {
      // We have just left it.
      return;
    }
    const slot = this.#slots.get(from) ?? this.#meet(from);
    if (slot === undefined) {
      this.#tell(from, data);
      return;
    }
    if (!this.#bucket(slot).take()) {
      return;
    }
    if (!this.#early) {
      this.#deliver(slot, data);
    } else if (this.#early.length < maxEarly) {
      this.#early.push(() => this.#deliver(slot, data));
    }
  }

  #deliver(slot: number, data: unknown) {
    const parsed = parseSignal(data);
    if (parsed.kind === 'bad') {
      this.#bucket(slot).take(malformedCost);
      this.#report(parsed.reason);
    } else if (parsed.kind === 'version') {
      this.#refuse(slot, parsed.version, parsed.refused);
    } else if (slot !== this.#slot) {
      const {signal} = parsed;
      if (signal.t !== 'echo' && signal.t !== 'who' && signal.t !== 'here') {
        this.dispatchEvent(new SlotSignalEvent(slot, signal));
      }
    } else if (parsed.signal.t === 'echo') {
      this.#hasEchoed = true;
      this.#echoes.get(parsed.signal.attempt)?.();
      this.#echoes.delete(parsed.signal.attempt);
    }
  }

  /** Answers who asks who is in; nothing else is heard from a stranger. */
  #tell(to: string, data: unknown) {
    const name = this.#options.tell?.();
    if (name === undefined || !this.#told.take()) {
      return;
    }
    const parsed = parseSignal(data);
    if (parsed.kind === 'signal' && parsed.signal.t === 'who') {
      const {attempt} = parsed.signal;
      this.#signaling?.send(to, {t: 'here', v: protocolVersion, attempt, name});
    }
  }

  #refuse(slot: number, version: string, hasRefused: boolean) {
    if (this.#refused.has(slot)) {
      return;
    }
    this.#refused.add(slot);
    this.#report(`protocol version ${version}`);
    if (!hasRefused) {
      this.#signaling?.send(this.#address(slot), refusal);
    }
  }

  #miss(to: string) {
    const slot = this.#slots.get(to);
    if (slot !== undefined) {
      this.dispatchEvent(new SlotEmptyEvent(slot));
    }
  }

  #know(slot: number, address: string) {
    this.#addresses.set(slot, address);
    this.#slots.set(address, slot);
  }

  /** The slot of somebody who writes for the first time, if anybody may. */
  #meet(address: string): number | undefined {
    if (!this.#options.isOpen || !this.#strangers.take()) {
      return undefined;
    }
    const slot = this.#nextSlot++;
    this.#know(slot, address);
    this.#forget(slot - maxStrangers);
    return slot;
  }

  #forget(slot: number) {
    const address = this.#addresses.get(slot);
    if (slot >= this.#options.claimable && address !== undefined) {
      this.#addresses.delete(slot);
      this.#slots.delete(address);
      this.#buckets.delete(slot);
      this.#refused.delete(slot);
    }
  }

  #report(detail: string) {
    this.dispatchEvent(new MailroomErrorEvent('error', new RtcError('bad-message', {detail})));
  }

  #bucket(slot: number): TokenBucket {
    const bucket = this.#buckets.get(slot) ?? new TokenBucket(200, 50);
    this.#buckets.set(slot, bucket);
    return bucket;
  }

  #address(slot: number): string {
    return this.#addresses.get(slot) ?? '';
  }

  #after(delayMs: number, act: () => void) {
    after(delayMs, act, this.#lifetime.signal);
  }
}
