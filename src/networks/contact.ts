import {RtcError} from '../core/errors.js';
import type {LinkSignal, PeerState, Signal} from '../core/messages.js';
import {TokenBucket} from '../core/token-bucket.js';
import {TypedEventTarget} from '../core/typed-event-target.js';
import {
  LinkNoteEvent,
  LinkCloseEvent,
  LinkDataEvent,
  LinkErrorEvent,
  LinkRelayEvent,
  LinkShowEvent,
  maxWaitingSize,
  sizeOf,
  type LinkEnd,
  type PeerLink,
} from '../rtc/peer-link.js';
import {slotCount} from './addresses.js';
import type {Member} from './network.js';

/** A link, and what both ends know it by. */
export interface LinkPlan {
  readonly link: PeerLink;
  readonly attempt: string;
  /** The page of theirs that it leads to, as far as is known. */
  life: string;
  /** Which one it is between us. */
  readonly epoch: number;
}

export interface ContactEvents {
  /** Something a view may show has changed. */
  change: Event;
  data: LinkDataEvent;
  note: LinkNoteEvent;
  show: LinkShowEvent;
  error: LinkErrorEvent;
  relay: LinkRelayEvent;
  /** The link has ended, and no other takes its place. */
  close: LinkCloseEvent;
}

export interface ContactOptions {
  readonly id: string;
  readonly slot: number;
  readonly plan: LinkPlan;
  readonly settled: boolean;
  readonly alive: boolean;
  /** Our own slot, to be told, in a room where slots mean the same to all. */
  readonly ownSlot?: () => number;
}

/** What came for a link that we are not sure to want. */
interface Held {
  readonly attempt: string;
  readonly signals: LinkSignal[];
  /** How quiet it was when it came. */
  readonly quietMs: number;
  readonly isAccepted: boolean;
  readonly introducer: Contact | undefined;
}

const longestBeatMs = 750;
/** What has not become a link by then will not. */
const nextLifeMs = 10_000;
/** For so long a living path may be quiet at most, pings being one second apart. */
const livelyMs = 1_500;
/** For so long one that is to take over is given its chance. */
const youngMs = 3_000;
/** Who gets what is sent confirms some of it within this time. */
const confirmMs = 30_000;
const maxHeldSignals = 50;
const maxOffered = 50;

/**
 * One other person, over all the links to them: the one in use, and another that takes over
 * from it once its pictures play. What we say meanwhile is kept until they have got it, so
 * that nothing is lost, doubled or out of order over all of this.
 * Knows nothing of rooms or how signals travel.
 */
export class Contact extends TypedEventTarget<ContactEvents> {
  readonly id: string;
  /** Microphone and camera, whatever link they come by: a media element never starts again. */
  readonly stream = new MediaStream();
  readonly screen = new MediaStream();
  /** Somebody else whom they pass on. */
  readonly guest = new MediaStream();
  /** Where signals for them go. Changes when they come back through another slot. */
  slot: number;
  /**
   * Whether they have been heard in this attempt. A hello may have waited at the broker, and
   * whoever sent it be gone: until then they are not shown, and take no place.
   */
  alive: boolean;
  /** Whether they were in the room before us. */
  settled: boolean;
  /** Whether they have told us who they are, and we have told the call. */
  joined = false;
  /** Whether nobody is at their address any more. */
  isGone = false;
  /** When to try next to get through to them. */
  retryInMs = 0;
  sinceTryMs = 0;
  tries = 0;
  /** The highest epoch that we have tried, or that has led to a link. */
  lastEpoch = 0;
  /** Answers one who says to be them, come again, when the link falls silent. */
  heir: (() => void) | undefined;
  held: Held | undefined;
  /** Their good-bye, as the signaling had it, while the link was still well. */
  lastWord: LinkEnd | undefined;
  /** What we pass on for them is paid for by us, in the rate of others. */
  readonly relays = new TokenBucket(100, 10);
  /** How many links to others, begun on what they have passed on, came to nothing. */
  misled = 0;
  readonly #ownSlot: (() => number) | undefined;
  #current: LinkPlan;
  #begunAt = performance.now();
  #next: LinkPlan | undefined;
  #nextMs = 0;
  /** Who has passed on the offer of it. */
  #introducer: Contact | undefined;
  #ending: LinkEnd | undefined;
  #troubledMs = 0;
  /** What they said of themselves over the link before. */
  #lastState: PeerState | undefined;
  /** What they have not confirmed yet, oldest first. */
  readonly #outbox: (string | ArrayBuffer)[] = [];
  #outboxSize = 0;
  /** Their count at the last ping; unknown before the first of a page of theirs. */
  #confirmed: number | undefined;
  #confirmedLife: string | undefined;
  /** For how long they have confirmed nothing of what they should have got. */
  #unconfirmedMs = 0;
  #received = 0;
  /** Offers of links that have been looked at. */
  readonly #offered = new Set<string>();
  /** The link that has got all of the outbox. */
  #sendsBy: PeerLink | undefined;

  constructor({id, slot, plan, settled, alive, ownSlot}: ContactOptions) {
    super();
    this.id = id;
    this.slot = slot;
    this.settled = settled;
    this.alive = alive;
    this.#ownSlot = ownSlot;
    this.#current = plan;
    this.lastEpoch = plan.epoch;
    this.#follow(plan);
  }

  get link(): PeerLink {
    return this.#current.link;
  }

  get attempt(): string {
    return this.#current.attempt;
  }

  get life(): string {
    return this.#current.life;
  }

  get epoch(): number {
    return this.#current.epoch;
  }

  get next(): LinkPlan | undefined {
    return this.#next;
  }

  /**
   * Whether another link has only just been begun, and what somebody passes on should not
   * disturb it: unless it was begun on the word of one who is less to be trusted.
   */
  keepsFrom(relayer: Contact): boolean {
    const misled = this.#introducer?.misled ?? 0;
    return Boolean(this.#next) && this.#nextMs < youngMs && relayer.misled >= misled;
  }

  /** Whether they have their place in the room. */
  get isIn(): boolean {
    return this.joined || this.link.isOpen;
  }

  /** Whether the path to them works. */
  get isWell(): boolean {
    return this.link.isOpen && !this.link.isInterrupted;
  }

  /** Whether they have said that they will be back in a moment. */
  get isAway(): boolean {
    return this.#ending === 'away';
  }

  /** Whether there was a sign of them within the last moments. */
  get isLively(): boolean {
    return this.isWell && this.link.quietMs < livelyMs;
  }

  /** How old the first link is, in milliseconds. */
  get ageMs(): number {
    return performance.now() - this.#begunAt;
  }

  /** For how long they could not be reached, in milliseconds that we were awake. */
  get troubledMs(): number {
    return this.#troubledMs;
  }

  get member(): Member {
    const {id, joined, link, stream, screen} = this;
    return {
      id,
      state: link.peerState ?? this.#lastState,
      connection: !joined ? 'connecting' : this.isWell ? 'connected' : 'reconnecting',
      away: this.isAway,
      stream,
      screen,
      files: link.files.isOpen ? link.files : undefined,
    };
  }

  /** Whether it is for one of the links. */
  has(signal: Signal): boolean {
    return Boolean(this.#find(signal)) || this.held?.attempt === signal.attempt;
  }

  /** Whether the signal is for one of the links; it has got it then. */
  receive(signal: LinkSignal): boolean {
    const plan = this.#find(signal);
    if (plan) {
      // One that is open hears of its peer over its own channel only: the rest may be anybody's word.
      if (!plan.link.isOpen) {
        if (signal.t === 'description') {
          plan.life = signal.life ?? plan.life;
        }
        plan.link.receive(signal);
      }
      return true;
    }
    if (this.held?.attempt === signal.attempt) {
      if (this.held.signals.length < maxHeldSignals) {
        this.held.signals.push(signal);
      }
      return true;
    }
    return false;
  }

  /** Keeps an offer until it is clear whether the link it would replace still lives. */
  hold(signal: LinkSignal, introducer?: Contact): void {
    this.held = {
      attempt: signal.attempt,
      signals: [signal],
      quietMs: this.link.quietMs,
      isAccepted: false,
      introducer,
    };
    this.ping();
  }

  /** Another link that takes over once it plays. It takes the place of one that does not yet. */
  succeed(plan: LinkPlan, introducer?: Contact): void {
    this.#discardNext();
    this.#next = plan;
    this.#introducer = introducer;
    this.#nextMs = 0;
    if (plan.epoch === 0) {
      // They count from the start when they do not know us any more.
      this.lastEpoch = 0;
    }
    this.#follow(plan);
  }

  /** Whether the offer of this attempt comes for the first time, whatever way it came. */
  isNews(attempt: string): boolean {
    if (this.#offered.has(attempt)) {
      return false;
    }
    const [oldest] = this.#offered;
    if (oldest !== undefined && this.#offered.size >= maxOffered) {
      this.#offered.delete(oldest);
    }
    this.#offered.add(attempt);
    return true;
  }

  /** The first link is made anew, before it has ever been open. */
  replace(plan: LinkPlan): void {
    this.#current.link.close(undefined);
    this.#current = plan;
    this.#begunAt = performance.now();
    this.#follow(plan);
  }

  /** @throws {RtcError} `bad-message` when more waits than memory should hold. */
  requireRoom(data: string | ArrayBuffer): void {
    if (this.#outboxSize + sizeOf(data) > maxWaitingSize) {
      throw new RtcError('bad-message', {detail: 'too much at once'});
    }
  }

  /** Sends application data: now, or when they can be reached again. */
  send(data: string | ArrayBuffer): void {
    this.#outbox.push(data);
    this.#outboxSize += sizeOf(data);
    if (this.#sendsBy?.isOpen) {
      this.#sendsBy.send(data);
    }
  }

  /** To be called some times a second. */
  beat(passedMs: number): void {
    const ping = this.#ping();
    this.link.beat(passedMs, ping);
    if (this.#next) {
      this.#next.link.beat(passedMs, ping);
      this.#nextMs += passedMs;
      const {link} = this.#next;
      if (link.isInterrupted || (this.#nextMs > nextLifeMs && !link.isPlaying)) {
        this.#lose(this.#next, 'lost');
      }
    }
    this.#review();
    if (this.isWell) {
      this.#ending = undefined;
      this.#awaitConfirmation(passedMs);
    }
    const before = this.#troubledMs;
    this.#troubledMs = this.isWell || !this.joined ? 0 : before + Math.min(passedMs, longestBeatMs);
    if (this.held && this.isLively && this.link.quietMs < this.held.quietMs) {
      // It lives: whoever offered another has heard of that by now.
      this.held = undefined;
    }
  }

  /** Tells them at once that we are there. */
  ping(): void {
    this.link.ping(this.#ping());
  }

  /** They have said, by another way than the link, why it ends. */
  end(reason: LinkEnd): void {
    this.#ending = reason;
    this.dispatchEvent(new LinkCloseEvent(reason));
  }

  close(reason: Parameters<PeerLink['close']>[0]): void {
    this.#next?.link.close(reason);
    this.#next = undefined;
    this.link.close(reason);
  }

  /**
   * One that has ended is not meant: who comes back to the same slot may use its name again. Nor is
   * an open one to a page before, which may not know yet that it has ended.
   */
  #find(signal: Signal): LinkPlan | undefined {
    const life = signal.t === 'description' ? signal.life : undefined;
    return [this.#next, this.#current].find(
      (plan) =>
        plan?.attempt === signal.attempt &&
        !plan.link.isClosed &&
        (!plan.link.isOpen || life === undefined || life === plan.life),
    );
  }

  #follow(plan: LinkPlan) {
    const {link} = plan;
    let pinged = false;
    link.addEventListener('change', () => {
      if (link.isOpen && !pinged) {
        pinged = true;
        this.lastEpoch = Math.max(this.lastEpoch, plan.epoch);
        link.ping(this.#ping());
      }
      this.#review();
      this.#changed();
    });
    link.addEventListener('ping', ({slot, got}) => {
      if (plan === this.#newest) {
        if (this.#ownSlot && slot < slotCount && slot !== this.#ownSlot()) {
          this.slot = slot;
        }
        this.#confirm(plan, got);
      }
    });
    link.addEventListener('data', ({data}) => this.#take(plan, new LinkDataEvent(data)));
    link.addEventListener('note', ({note}) => this.#take(plan, new LinkNoteEvent(note)));
    link.addEventListener('show', ({show}) => {
      if (plan === this.#newest) {
        this.dispatchEvent(new LinkShowEvent(show));
      }
    });
    link.addEventListener('error', ({error}) => this.dispatchEvent(new LinkErrorEvent(error)));
    link.addEventListener('relay', ({relayed}) => this.dispatchEvent(new LinkRelayEvent(relayed)));
    link.addEventListener('close', ({reason}) => this.#lose(plan, reason));
  }

  #take(plan: LinkPlan, event: LinkDataEvent | LinkNoteEvent) {
    // What still comes over an old link comes again over the new one.
    if (plan === this.#newest && this.joined) {
      this.#received++;
      this.dispatchEvent(event);
    }
  }

  /** The link that counts: an open one that is to take over will do so. */
  get #newest(): LinkPlan {
    return this.#next?.link.isOpen ? this.#next : this.#current;
  }

  #ping() {
    return {slot: this.#ownSlot?.() ?? 0, got: this.#received};
  }

  /** Lets the other link take over, or discards it when the old one has come back. */
  #review() {
    const next = this.#next;
    if (!next) {
      this.#show();
    } else if (next.link.isPlaying) {
      this.tries = 0;
      this.#takeOver(next);
    } else if (this.isWell && !next.link.isOpen) {
      this.#discardNext();
    }
  }

  #discardNext() {
    if (this.#next) {
      if (this.#introducer) {
        this.#introducer.misled++;
      }
      this.#next.link.close(undefined);
      this.#next = undefined;
    }
  }

  #takeOver(next: LinkPlan) {
    const old = this.#current;
    this.#lastState = old.link.peerState ?? this.#lastState;
    this.#current = next;
    this.#next = undefined;
    this.#ending = undefined;
    this.#troubledMs = 0;
    this.isGone = false;
    this.held = undefined;
    this.heir = undefined;
    this.#show();
    old.link.close(undefined);
  }

  #show() {
    sync(this.stream, this.link.stream);
    sync(this.screen, this.link.screen);
    sync(this.guest, this.link.guest);
  }

  #confirm(plan: LinkPlan, got: number) {
    if (plan.life !== this.#confirmedLife) {
      // Another page of theirs counts from the start.
      this.#confirmedLife = plan.life;
      this.#confirmed = undefined;
    }
    if (this.#confirmed !== undefined && got > this.#confirmed) {
      this.#unconfirmedMs = 0;
      for (const data of this.#outbox.splice(0, got - this.#confirmed)) {
        this.#outboxSize -= sizeOf(data);
      }
    }
    this.#confirmed = got;
    if (this.#sendsBy !== plan.link) {
      this.#sendsBy = plan.link;
      for (const data of this.#outbox) {
        plan.link.send(data);
      }
    }
  }

  /** What they never confirm must not be kept for ever, nor keep others from being sent anything. */
  #awaitConfirmation(passedMs: number) {
    this.#unconfirmedMs = this.#outbox.length
      ? this.#unconfirmedMs + Math.min(passedMs, longestBeatMs)
      : 0;
    if (this.#unconfirmedMs > confirmMs) {
      this.link.close('bad-message');
      this.end('bad-message');
    }
  }

  #lose(plan: LinkPlan, reason: LinkEnd) {
    if (plan === this.#next) {
      if (!plan.link.wasOpen) {
        this.#discardNext();
        this.#changed();
        return;
      }
      // What it has brought counts, and what the old one may still bring does not any more.
      this.#takeOver(plan);
    }
    if (plan === this.#current) {
      this.retryInMs = 0;
      this.end(reason === 'lost' ? (this.lastWord ?? reason) : reason);
    }
  }

  #changed() {
    this.dispatchEvent(new Event('change'));
  }
}

/** One kind after the other, and the old first: Firefox goes on showing the one that it has. */
function sync(shown: MediaStream, stream: MediaStream) {
  const tracks = stream.getTracks();
  for (const kind of ['audio', 'video']) {
    for (const track of shown.getTracks()) {
      if (track.kind === kind && !tracks.includes(track)) {
        shown.removeTrack(track);
      }
    }
    for (const track of tracks) {
      if (track.kind === kind) {
        shown.addTrack(track);
      }
    }
  }
}
