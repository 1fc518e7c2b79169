import {after} from '../core/after.js';
import {RtcError} from '../core/errors.js';
import {randomHex} from '../core/hex.js';
import {protocolVersion, type LinkSignal, type PeerState, type Signal} from '../core/messages.js';
import {TokenBucket} from '../core/token-bucket.js';
import {TypedEventTarget} from '../core/typed-event-target.js';
import {
  fingerprintOf,
  PeerLink,
  type LinkEnd,
  type LinkRelayEvent,
  type OutgoingTracks,
} from '../rtc/peer-link.js';
import type {Signaling} from '../signaling/signaling.js';
import {slotAddresses, slotCount} from './addresses.js';
import {Configuration} from './configuration.js';
import {Contact, type LinkPlan} from './contact.js';
import {Mailroom} from './mailroom.js';
import {
  MemberJoinedEvent,
  MemberLeftEvent,
  NetworkNoteEvent,
  NetworkCloseEvent,
  NetworkDataEvent,
  NetworkErrorEvent,
  type Member,
  type Network,
  type NetworkEvents,
} from './network.js';
import {Recovery} from './recovery.js';

export interface MeshOptions {
  readonly room: string;
  readonly maxParticipants: number;
  readonly createSignaling: () => Signaling;
  /** Asked for anew whenever links are made, unless it has just been. */
  readonly configuration: () => RTCConfiguration | Promise<RTCConfiguration>;
  readonly state: PeerState;
  /** Who we are, over reloads and returns. */
  readonly id?: string | undefined;
  /** How long somebody who cannot be reached keeps their place, if they may come back. */
  readonly reconnectTimeoutMs: number;
  /** Whether what we send sounds like music. */
  readonly music?: boolean;
}

type Hello = Extract<Signal, {t: 'hello'}>;
type Description = Extract<LinkSignal, {t: 'description'}>;

/** A broker keeps mail for an address nobody has for 5 s, and looks once a second. */
const helloLifeMs = 7_000;
/** How long the one who should answer a crossing hello has, before the other does. */
const crossingMs = 1_500;
const connectTimeoutMs = 20_000;
/** Without an echo, how long until we believe that we are in. */
const echoTimeoutMs = 3_000;
/** Time for the others to find and send their answer, beside the way there and back. */
const answerMs = 150;
const fullRetryMs = 400;
const fullRetries = 12;
const byeRetries = 3;
/** When somebody says the same hello again so long after our answer, that has come to nothing. */
const answerLifeMs = 3_000;
/** When a hello that a slot's rate did not allow is looked at again. */
const putOffMs = 500;
/** How often paths are looked after. */
const beatMs = 250;
/** A beat that comes later than this says that the page has slept. */
const sleptMs = 5_000;
/** When this quiet, the signaling is looked at as well: it may be our own network. */
const doubtMs = 1_200;
/** So many tries may have been lost on the way. */
const maxEpochStep = 1_000;
/** How many others are asked to pass a signal on. */
const maxRelays = 3;

/**
 * A room where everybody has a link to everybody, and no server that knows of it.
 *
 * A newcomer claims one of the room's slots, which the signaling makes atomic, and
 * says hello to all the others; whoever is there answers, and a link follows. When
 * two hellos cross, as those of people who come at once do, the lower slot answers.
 *
 * The hello carries the offer of a connection without media, prepared while the
 * signaling was opening. One answers it and sends its media with the answer: that
 * saves a whole way there and back. The others make an offer of their own.
 *
 * The people inside keep the cap. Who is told that the room is full leaves, unless
 * the last place is held by somebody of a higher slot whose link is not open yet:
 * so two who come at once for one place agree on who gets it.
 *
 * A path that breaks is given a moment to heal. Then the one with the lower id makes
 * another link, again and again, which takes over when it plays; the other only says
 * hello, so that it is known where they are. Signals go through the signaling and,
 * at the same time, by way of the others in the room.
 */
export class Mesh extends TypedEventTarget<NetworkEvents> implements Network {
  readonly takesFiles = true;
  readonly #id: string;
  /** Another one for each page: who says hello with a new one knows nothing of our links. */
  readonly #life = randomHex(8);
  readonly #options: MeshOptions;
  readonly #lifetime = new AbortController();
  readonly #mailroom: Mailroom;
  readonly #contacts = new Map<string, Contact>();
  readonly #recovery: Recovery;
  /** Whose failure to connect has been told. */
  readonly #told = new Set<string>();
  /** What more is told: each is looked into, and anybody may come by another name. */
  readonly #failures = new TokenBucket(8, 1 / 60);
  readonly #configuration: Configuration;
  #state: PeerState;
  #music: boolean;
  #tracks: OutgoingTracks = {};
  #hello = {attempt: '', at: -Infinity};
  /** Hellos that will be answered later, by slot; one of a person. */
  readonly #waitingHellos = new Map<number, Hello>();
  /** A connection made before it is known to whom. */
  #prepared: PeerLink | undefined;
  #fullRetries = 0;
  #openedAt = 0;
  #beatenAt = 0;
  /** Settles `open()`: we are in, or there is no place for us. */
  readonly #entry: Promise<void>;
  #admit!: () => void;
  #refuse!: (reason: unknown) => void;
  #isIn = false;

  constructor(options: MeshOptions) {
    super();
    this.#options = options;
    this.#id = options.id ?? randomHex(8);
    this.#state = options.state;
    this.#music = options.music ?? false;
    this.#mailroom = new Mailroom({
      addresses: () => slotAddresses(options.room),
      claimable: slotCount,
      createSignaling: options.createSignaling,
      tell: () => (this.#isIn ? this.#state.name : undefined),
    });
    this.#recovery = new Recovery({
      contacts: this.#contacts,
      reconnectTimeoutMs: options.reconnectTimeoutMs,
      reach: (contact) => this.#reach(contact),
      accept: (contact, signals, introducer) => this.#accept(contact, signals, introducer),
      giveUp: (contact) => this.#giveUp(contact),
      call: (slot) => this.#greetSlot(slot),
    });
    this.#configuration = new Configuration(options.configuration, this.#lifetime);
    this.#entry = new Promise((resolve, reject) => {
      this.#admit = resolve;
      this.#refuse = reject;
    });
    // Nobody may be waiting for it when it fails.
    this.#entry.catch(() => undefined);
  }

  get members(): readonly Member[] {
    return this.#present.map(({member}) => member);
  }

  get isOnline(): boolean {
    return this.#mailroom.isOnline;
  }

  async open(): Promise<void> {
    const {signal} = this.#lifetime;
    this.#attend();
    const [offer] = await Promise.all([this.#prepare(), this.#mailroom.open()]);
    signal.throwIfAborted();
    this.#after(helloLifeMs, () => this.#discardPrepared());
    this.#openedAt = performance.now();
    this.#greet(offer);
    this.#mailroom.listen();
    this.#startBeating();
    await this.#entry;
  }

  setTracks(tracks: OutgoingTracks): void {
    this.#tracks = tracks;
    for (const link of this.#links()) {
      link.setTracks(tracks);
    }
  }

  setMusic(music: boolean): void {
    this.#music = music;
    for (const link of this.#links()) {
      link.setMusic(music);
    }
  }

  setState(state: PeerState): void {
    this.#state = state;
    for (const link of this.#links()) {
      link.setState(state);
    }
  }

  send(data: string | ArrayBuffer, to?: string): void {
    const open = [...this.#contacts.values()].filter(({joined}) => joined);
    const receivers = to === undefined ? open : open.filter(({id}) => id === to);
    if (to !== undefined && !receivers.length) {
      throw new RtcError('peer-unavailable', {detail: to});
    }
    // All or nobody.
    for (const contact of receivers) {
      contact.requireRoom(data);
    }
    for (const contact of receivers) {
      contact.send(data);
    }
  }

  async getStats(): Promise<ReadonlyMap<string, RTCStatsReport>> {
    return new Map(
      await Promise.all(
        this.#present.map(async ({id, link}) => [id, await link.getStats()] as const),
      ),
    );
  }

  check(options: {readonly hasMoved?: boolean} = {}): void {
    this.#mailroom.check(options);
    this.#recovery.check();
  }

  close(reason: 'left' | 'closed' | 'away' | 'room-full'): void {
    if (this.#lifetime.signal.aborted) {
      return;
    }
    for (const contact of this.#contacts.values()) {
      this.#hangUp(contact, reason);
    }
    this.#contacts.clear();
    this.#discardPrepared();
    this.#mailroom.close();
    this.#lifetime.abort();
    this.#refuse(this.#lifetime.signal.reason);
  }

  // Getting in.

  async #prepare(): Promise<string> {
    const {signal} = this.#lifetime;
    await this.#configuration.refresh();
    signal.throwIfAborted();
    try {
      this.#prepared = this.#createLink(randomHex(8));
      return await this.#prepared.prepare();
    } catch (cause) {
      signal.throwIfAborted();
      throw new RtcError('bad-attribute', {cause, detail: 'rtcConfiguration'});
    }
  }

  #attend() {
    const {signal} = this.#lifetime;
    this.#mailroom.addEventListener(
      'signal',
      ({slot, signal: received}) => this.#take(slot, received),
      {signal},
    );
    this.#mailroom.addEventListener('empty', ({slot}) => this.#miss(slot), {signal});
    this.#mailroom.addEventListener('error', ({error}) => this.#report(error), {signal});
    this.#mailroom.addEventListener(
      'offline',
      ({error}) => {
        this.#refuse(error);
        if (this.#isIn) {
          this.#report(error);
          this.#changed();
        }
      },
      {signal},
    );
    this.#mailroom.addEventListener(
      'online',
      () => {
        this.#greet();
        this.#recovery.hurry();
        this.#beat();
        this.#changed();
      },
      {signal},
    );
  }

  #greet(offer?: string) {
    this.#hello = {
      attempt: this.#prepared?.attempt ?? randomHex(8),
      at: performance.now(),
    };
    for (let slot = 0; slot < slotCount; slot++) {
      if (slot !== this.#mailroom.slot) {
        this.#greetSlot(slot, offer);
      }
    }
    // Comes back when all of the above is delivered.
    void this.#mailroom.echo(echoTimeoutMs).then((tookMs) => {
      this.#after(tookMs === undefined ? 0 : tookMs / 2 + answerMs, () => this.#settle());
    });
  }

  #greetSlot(slot: number, offer?: string) {
    this.#mailroom.send(slot, {
      t: 'hello',
      v: protocolVersion,
      id: this.#id,
      life: this.#life,
      attempt: this.#hello.attempt,
      ...(offer !== undefined && {offer}),
    });
  }

  /** Nobody has answered, or not yet: we are in, unless we wait for a place. */
  #settle() {
    if (this.#fullRetries === 0) {
      this.#enter();
    }
  }

  #enter() {
    this.#isIn = true;
    this.#admit();
  }

  // What comes through the signaling.

  #take(slot: number, signal: Exclude<Signal, {t: 'echo'}>) {
    const contact = this.#find(slot, signal);
    // Either shows that somebody we answered is there.
    if (contact && (signal.t === 'description' || signal.t === 'again')) {
      if (!this.#admits(contact, signal.settled)) {
        return;
      }
    }
    switch (signal.t) {
      case 'hello':
        this.#takeHello(slot, signal);
        break;
      case 'description':
        if (contact) {
          contact.receive(signal);
        } else if (!this.#takeLate(slot, signal)) {
          this.#takeFirst(slot, signal);
        }
        break;
      case 'candidate':
        contact?.receive(signal);
        break;
      case 'again':
        if (contact) {
          this.#startAgain(contact, slot, signal.attempt);
        }
        break;
      case 'full':
        if (contact || signal.attempt === this.#hello.attempt) {
          this.#takeFull(slot, signal);
        }
        break;
      case 'bye':
        this.#takeBye(slot, signal);
    }
  }

  /** Somebody else had their offer already: we make ours. */
  #startAgain(contact: Contact, slot: number, attempt: string) {
    const {next} = contact;
    const isNext = next?.attempt === attempt;
    if (isNext ? next.link.isOpen : contact.attempt !== attempt || contact.isIn) {
      return;
    }
    if (!this.#mailroom.chargeLink(slot)) {
      return;
    }
    const {life, epoch} = isNext ? next : contact;
    const plan = this.#plan(attempt, {life, epoch});
    if (isNext) {
      contact.succeed(plan);
    } else {
      contact.replace(plan);
    }
    this.#connect(contact, plan);
    plan.link.offer();
  }

  /** A link that works ends over its own channel, not because a broker says so. */
  #takeBye(slot: number, {attempt, reason}: Extract<Signal, {t: 'bye'}>) {
    const contact = [...this.#contacts.values()].find(
      (one) => one.slot === slot && (one.attempt === attempt || one.next?.attempt === attempt),
    );
    if (!contact) {
      return;
    }
    if (reason === 'failed') {
      // They know sooner than we do. It shows as well that they are there.
      if (!contact.isIn) {
        contact.alive = true;
        this.#lose(contact, 'lost');
      }
    } else if (!contact.isIn) {
      this.#drop(contact);
    } else if (!contact.isWell) {
      contact.end(reason);
    } else {
      // It may be about to end without a word: what was said last can be lost with the channel.
      contact.lastWord = reason;
      this.#after(helloLifeMs, () => (contact.lastWord = undefined));
    }
  }

  #takeHello(slot: number, hello: Hello) {
    if (hello.id === this.#id) {
      return;
    }
    for (const [from, {id}] of this.#waitingHellos) {
      if (from === slot || id === hello.id) {
        // Whoever said that does not listen any more.
        this.#waitingHellos.delete(from);
      }
    }
    const known = this.#contacts.get(hello.id);
    if (known?.isIn) {
      this.#takeReturn(known, slot, hello);
      return;
    }
    if (known && !known.link.isClosed) {
      if (known.attempt === this.#hello.attempt) {
        return;
      }
      const leftMs = answerLifeMs - known.ageMs;
      if (known.attempt === hello.attempt && leftMs > 0) {
        // They may have given up the link that our answer has led to, or not have got it yet.
        this.#takeLater(leftMs, slot, hello);
        return;
      }
    }
    // Each answer costs a connection.
    if (!this.#mailroom.chargeLink(slot)) {
      // Who comes and goes and comes again says hello only once each time.
      this.#takeLater(putOffMs, slot, hello);
      return;
    }
    for (const other of this.#contacts.values()) {
      if (other === known || (other.slot === slot && !other.isIn)) {
        this.#drop(other);
      }
    }
    if (this.#isNew && this.#mailroom.slot > slot) {
      this.#takeLater(crossingMs, slot, hello, () => {
        if (!this.#contacts.has(hello.id)) {
          this.#answer(slot, hello);
        }
      });
      return;
    }
    this.#answer(slot, hello);
  }

  #takeLater(
    delayMs: number,
    slot: number,
    hello: Hello,
    take = () => this.#takeHello(slot, hello),
  ) {
    this.#waitingHellos.set(slot, hello);
    this.#after(delayMs, () => {
      if (this.#waitingHellos.get(slot) === hello) {
        this.#waitingHellos.delete(slot);
        take();
      }
    });
  }

  /** Somebody says hello whom we have a link to, or say to be that one. */
  #takeReturn(contact: Contact, slot: number, hello: Hello) {
    if (contact.isWell) {
      // A link that works is not given up for a hello. It may be about to fall silent, though.
      const heir = () => this.#takeReturn(contact, slot, hello);
      contact.heir = heir;
      this.#after(helloLifeMs, () => {
        if (contact.heir === heir) {
          contact.heir = undefined;
        }
      });
      return;
    }
    contact.heir = undefined;
    contact.slot = slot;
    contact.isGone = false;
    if (hello.life === contact.life && !contact.isAway) {
      if (this.#dials(contact)) {
        this.#recovery.hurry(contact);
      } else {
        // They make the link, and need to know where we are.
        this.#greetSlot(slot);
      }
      return;
    }
    if (contact.next?.attempt === hello.attempt) {
      return;
    }
    if (!this.#mailroom.chargeLink(slot)) {
      this.#takeLater(putOffMs, slot, hello);
      return;
    }
    if (this.#isNew && this.#mailroom.slot > slot) {
      // Our own hello may just have reached them as well.
      this.#takeLater(crossingMs, slot, hello, () => {
        if (!contact.isWell && !contact.next) {
          this.#answerReturn(contact, hello);
        }
      });
      return;
    }
    this.#answerReturn(contact, hello);
  }

  #answerReturn(contact: Contact, hello: Hello) {
    this.#configuration.use(() => {
      if (this.#contacts.get(contact.id) !== contact) {
        return;
      }
      const plan = this.#plan(hello.attempt, {life: hello.life});
      contact.succeed(plan);
      this.#recovery.wait(contact);
      this.#connect(contact, plan);
      this.#respond(plan.link, hello.offer);
    });
  }

  #answer(slot: number, hello: Hello) {
    this.#configuration.use(() => {
      if (this.#contacts.has(hello.id)) {
        return;
      }
      // Nobody goes before this one has been heard: the hello may be of somebody who is gone.
      if (!this.#lastFor(slot, false) && !this.#makeRoom(slot, hello.attempt)) {
        return;
      }
      const plan = this.#plan(hello.attempt, {life: hello.life});
      this.#add({id: hello.id, slot, plan, settled: false, alive: false});
      this.#respond(plan.link, hello.offer);
    });
  }

  #respond(link: PeerLink, offer: string | undefined) {
    // A prepared offer can be answered by one only: the first of those who know each other.
    const isFirst = !this.#present.some(({slot}) => slot < this.#mailroom.slot);
    if (offer !== undefined && isFirst) {
      link.accept(offer);
    } else {
      link.offer();
    }
  }

  /** Whether it is of one whose link has ended already: they are there, only the path to them is not. */
  #takeLate(slot: number, {id, attempt}: Description): boolean {
    const known = this.#contacts.get(id);
    const isLate =
      known?.slot === slot && known.attempt === attempt && !known.alive && known.link.isClosed;
    if (isLate) {
      known.alive = true;
      this.#lose(known, 'lost');
    }
    return isLate;
  }

  /** The first description of a link that we do not know yet. */
  #takeFirst(slot: number, signal: Description) {
    const {id, attempt, n} = signal;
    if (n !== 1 || id === this.#id || !this.#mailroom.chargeLink(slot)) {
      // A later description of a link that was refused meanwhile.
      return;
    }
    const known = this.#contacts.get(id);
    if (signal.epoch) {
      if (signal.to !== this.#id) {
        return;
      }
      if (known) {
        if (known.joined && this.#takeSuccessor(known, signal)) {
          known.slot = slot;
        }
        return;
      }
    } else if (attempt !== this.#hello.attempt) {
      return;
    }
    if (known?.joined) {
      // They do not know us any more, as we do them.
      if (!known.isWell && this.#isUsable(slot, signal)) {
        known.slot = slot;
        this.#accept(known, [signal]);
      }
      return;
    }
    this.#takeAnswer(slot, signal, known);
  }

  /** Somebody answers our hello, or has kept us in mind, and starts a link. */
  #takeAnswer(slot: number, signal: Description, known: Contact | undefined) {
    const {id, attempt, type, settled = false, life = '', epoch = 0} = signal;
    if (known) {
      // We have answered theirs as well. The lower slot's answer counts.
      if (known.link.isOpen || this.#mailroom.slot < slot) {
        return;
      }
      this.#drop(known);
    }
    if (!this.#isUsable(slot, signal)) {
      return;
    }
    if (!this.#makeRoom(slot, attempt, settled)) {
      this.#yield(settled);
      return;
    }
    const plan = this.#plan(attempt, {life, epoch, type});
    this.#add({id, slot, plan, settled, alive: true});
    plan.link.receive(signal);
  }

  /** An answer needs the offer that we had prepared. When somebody else has it, they are told. */
  #isUsable(slot: number, {type, attempt}: Description): boolean {
    const isUsable = type === 'offer' || this.#prepared?.attempt === attempt;
    if (!isUsable) {
      const settled = this.#isIn;
      this.#mailroom.send(slot, {t: 'again', v: protocolVersion, attempt, settled});
    }
    return isUsable;
  }

  /** Whether there is a place for somebody who turns out to be there. */
  #admits(contact: Contact, settled = false): boolean {
    if (!contact.alive) {
      if (!this.#makeRoom(contact.slot, contact.attempt, settled)) {
        this.#drop(contact);
        this.#yield(settled);
        return false;
      }
      contact.alive = true;
      this.#changed();
    }
    contact.settled ||= settled;
    return true;
  }

  /** Nobody was in this slot some seconds ago; since then somebody may have come. */
  #miss(slot: number) {
    for (const contact of this.#contacts.values()) {
      if (contact.slot === slot && contact.joined && !contact.isWell) {
        contact.isGone = true;
      }
    }
  }

  // The cap.

  /**
   * Whether there is a place for this slot. If not, it has been told. Who was in the room
   * before comes first, then the lower slot.
   */
  #makeRoom(slot: number, attempt: string, settled = false): boolean {
    if (this.#present.length + 1 < this.#options.maxParticipants) {
      return true;
    }
    const last = this.#lastFor(slot, settled);
    if (last) {
      this.#sendFull(last.slot, last.attempt, [slot]);
      this.#drop(last);
      return true;
    }
    const pending = this.#present.filter(({isIn}) => !isIn);
    this.#sendFull(
      slot,
      attempt,
      pending.map((contact) => contact.slot),
    );
    return false;
  }

  /** Who would have to go for somebody in this slot. */
  #lastFor(slot: number, settled: boolean): Contact | undefined {
    return this.#present
      .filter((one) => !one.isIn && !one.settled && (settled || one.slot > slot))
      .sort((a, b) => b.slot - a.slot)[0];
  }

  #sendFull(slot: number, attempt: string, pending: number[]) {
    this.#mailroom.send(slot, {
      t: 'full',
      v: protocolVersion,
      attempt,
      pending,
      settled: this.#isIn,
    });
  }

  #takeFull(slot: number, {pending, settled = false}: Extract<Signal, {t: 'full'}>) {
    for (const contact of this.#contacts.values()) {
      if (contact.slot === slot && !contact.isWell) {
        // The link may have been open here and not yet there.
        this.#lose(contact, 'room-full');
      }
    }
    if ([...this.#contacts.values()].some(({isIn}) => isIn)) {
      // We have a place.
      return;
    }
    if (this.#isIn && !(settled && this.#isNew)) {
      // A newcomer does not put us out, and nobody does once we have been here for a while.
      return;
    }
    // Newcomers do not know yet who was there before; who is in has the last word.
    const mayHaveIt = !settled || pending.some((other) => other > this.#mailroom.slot);
    // Also when there is none: the good-bye of one who leaves may still be on its way.
    if (this.#fullRetries++ < (mayHaveIt ? fullRetries : byeRetries)) {
      const tries = this.#fullRetries;
      this.#after(fullRetryMs, () => this.#greetSlot(slot));
      this.#after(fullRetryMs + crossingMs, () => {
        // Nobody says so any more: they are gone.
        if (tries === this.#fullRetries) {
          this.#enter();
        }
      });
    } else {
      this.#turnAway();
    }
  }

  /** When those who were here before are more than our own cap allows, we are the one too many. */
  #yield(settled: boolean) {
    const hasJustCome = performance.now() - this.#openedAt < helloLifeMs;
    if (settled && hasJustCome && this.#present.every((one) => one.settled)) {
      this.#turnAway();
    }
  }

  /** Whether we have just said hello. */
  get #isNew(): boolean {
    return performance.now() - this.#hello.at < helloLifeMs;
  }

  #turnAway() {
    const error = new RtcError('room-full');
    this.#refuse(error);
    this.close('room-full');
    if (this.#isIn) {
      // Their word was slow: we believed that nobody is there.
      this.dispatchEvent(new NetworkCloseEvent(error));
    }
  }

  // Staying together.

  #startBeating() {
    this.#beatenAt = performance.now();
    const timer = setInterval(() => this.#beat(), beatMs);
    this.#lifetime.signal.addEventListener('abort', () => clearInterval(timer), {once: true});
  }

  #beat() {
    const now = performance.now();
    const passedMs = now - this.#beatenAt;
    this.#beatenAt = now;
    if (passedMs > sleptMs) {
      this.check();
    }
    this.#recovery.beat(passedMs);
    this.#mailroom.beat(passedMs, {
      urgent: [...this.#contacts.values()].some(
        ({joined, isAway, link}) => joined && !isAway && link.quietMs >= doubtMs,
      ),
    });
  }

  /** One of two makes the links that take over; when both did, they would be in each other's way. */
  #dials(contact: Contact): boolean {
    return this.#id < contact.id;
  }

  #reach(contact: Contact) {
    if (!this.#dials(contact)) {
      this.#greetSlot(contact.slot);
      return;
    }
    this.#configuration.use(() => {
      if (this.#contacts.get(contact.id) !== contact || contact.isWell) {
        return;
      }
      const epoch = ++contact.lastEpoch;
      const plan = this.#plan(randomHex(8), {life: contact.life, epoch});
      contact.succeed(plan);
      this.#connect(contact, plan);
      plan.link.offer();
    });
  }

  /** The offer of a link that is to take over. Whether it is taken, or may still be. */
  #takeSuccessor(contact: Contact, signal: Description, relayer?: Contact): boolean {
    const {attempt, epoch = 0} = signal;
    const isOld = epoch <= contact.lastEpoch || epoch > contact.lastEpoch + maxEpochStep;
    // Only one of us makes such offers.
    if (isOld || this.#dials(contact)) {
      // Perhaps the same by another way.
      if (contact.isNews(attempt)) {
        this.#report(new RtcError('bad-message', {detail: 'an old offer'}));
      }
      return false;
    }
    // Some words of it can be known to others: they may cost us a try, not all of them.
    if ((relayer && contact.keepsFrom(relayer)) || !contact.isNews(attempt)) {
      return false;
    }
    if (contact.isLively) {
      contact.hold(signal, relayer);
      return false;
    }
    this.#accept(contact, [signal], relayer);
    return true;
  }

  #accept(contact: Contact, signals: readonly LinkSignal[], introducer?: Contact) {
    const [first] = signals;
    if (first?.t !== 'description') {
      return;
    }
    const {attempt, life = contact.life, epoch = 0, type} = first;
    // Kept here what comes until there is a link to take it.
    const held = {attempt, signals: [...signals], quietMs: 0, isAccepted: true, introducer};
    contact.held = held;
    this.#configuration.use(() => {
      if (contact.held !== held || this.#contacts.get(contact.id) !== contact) {
        return;
      }
      contact.held = undefined;
      const plan = this.#plan(attempt, {life, epoch, type});
      contact.succeed(plan, introducer);
      this.#recovery.wait(contact);
      this.#connect(contact, plan);
      for (const signal of held.signals) {
        plan.link.receive(signal);
      }
    });
  }

  /** Somebody wants a signal passed on, or has passed one on to us. */
  #takeRelay(contact: Contact, {relayed}: LinkRelayEvent) {
    const {signal} = relayed;
    if (relayed.t === 'relay') {
      const target = this.#contacts.get(relayed.to);
      if (target?.joined && target.isWell && target !== contact && contact.relays.take()) {
        target.link.relay({t: 'relayed', from: contact.id, signal});
      }
      return;
    }
    const sender = this.#contacts.get(relayed.from);
    if (this.#recovery.isMissing(relayed.from)) {
      return;
    }
    // What leads to anybody else than the page that we have a link to is made up.
    const isTheirs =
      signal.t === 'candidate' ||
      (signal.id === relayed.from &&
        signal.life === sender?.life &&
        fingerprintOf(signal.sdp) === sender?.link.fingerprint);
    if (!sender?.joined || sender === contact || !isTheirs) {
      this.#report(new RtcError('bad-message', {detail: 'relayed for a stranger'}));
    } else if (
      !sender.receive(signal) &&
      signal.t === 'description' &&
      signal.n === 1 &&
      signal.to === this.#id
    ) {
      this.#takeSuccessor(sender, signal, contact);
    }
  }

  /** They are lost, as far as one can tell; but perhaps they are still there. */
  #giveUp(contact: Contact) {
    const reason = contact.isAway ? 'closed' : 'lost';
    this.#drop(contact);
    if (reason === 'lost') {
      this.#recovery.miss(contact);
    }
    this.dispatchEvent(new MemberLeftEvent(contact.member, reason));
  }

  // Contacts.

  get #present(): Contact[] {
    return [...this.#contacts.values()].filter(({alive}) => alive);
  }

  #createLink(attempt: string): PeerLink {
    return new PeerLink({
      id: this.#id,
      attempt,
      configuration: this.#configuration.current,
      state: this.#state,
      settled: this.#isIn,
      tracks: this.#tracks,
      music: this.#music,
    });
  }

  /** A link; the prepared one for whoever answers it. */
  #plan(attempt: string, {life = '', epoch = 0, type = 'offer'} = {}): LinkPlan {
    const prepared = type === 'answer' ? this.#prepared : undefined;
    if (prepared) {
      this.#prepared = undefined;
    }
    return {link: prepared ?? this.#createLink(attempt), attempt, life, epoch};
  }

  #add(options: Omit<ConstructorParameters<typeof Contact>[0], 'ownSlot'>) {
    const contact = new Contact({...options, ownSlot: () => this.#mailroom.slot});
    this.#contacts.set(contact.id, contact);
    const {signal} = this.#lifetime;
    contact.addEventListener('change', () => this.#update(contact), {signal});
    contact.addEventListener('error', ({error}) => this.#report(error), {signal});
    contact.addEventListener(
      'data',
      ({data}) => this.dispatchEvent(new NetworkDataEvent(data, contact.member)),
      {signal},
    );
    contact.addEventListener(
      'note',
      ({note}) => this.dispatchEvent(new NetworkNoteEvent(note, contact.member)),
      {signal},
    );
    contact.addEventListener('relay', (event) => this.#takeRelay(contact, event), {signal});
    contact.addEventListener('close', ({reason}) => this.#lose(contact, reason), {signal});
    this.#connect(contact, options.plan);
    this.#after(helloLifeMs, () => {
      if (!contact.alive) {
        this.#drop(contact);
      }
    });
    this.#after(connectTimeoutMs, () => {
      if (!contact.joined && this.#contacts.get(contact.id) === contact) {
        this.#hangUp(contact, 'left');
        this.#lose(contact, 'lost');
      }
    });
    this.#changed();
  }

  #connect(contact: Contact, {link, epoch}: LinkPlan) {
    link.connect((signal) => this.#carry(contact, signal, epoch), {polite: this.#id < contact.id});
  }

  /** Brings a signal to somebody by every way there is. */
  #carry(contact: Contact, signal: LinkSignal, epoch: number) {
    const message: LinkSignal =
      signal.t === 'description'
        ? {
            ...signal,
            settled: this.#isIn,
            life: this.#life,
            ...(epoch > 0 && {epoch, to: contact.id}),
          }
        : signal;
    this.#mailroom.send(contact.slot, message);
    if (contact.joined) {
      const others = [...this.#contacts.values()].filter(
        (other) => other !== contact && other.joined && other.isWell,
      );
      // Others each time: some may be cut off from them as well.
      const first = contact.tries % Math.max(1, others.length);
      for (const {link} of [...others.slice(first), ...others].slice(0, maxRelays)) {
        link.relay({t: 'relay', to: contact.id, signal: message});
      }
    }
  }

  #update(contact: Contact) {
    if (this.#contacts.get(contact.id) !== contact) {
      return;
    }
    const state = contact.link.peerState;
    if (!contact.joined && state && this.#admits(contact, state.settled)) {
      contact.joined = true;
      this.#recovery.find(contact);
      this.#told.delete(contact.id);
      this.#enter();
      this.dispatchEvent(new MemberJoinedEvent(contact.member));
    }
    this.#changed();
  }

  /** The link in use has ended by itself. */
  #lose(contact: Contact, reason: LinkEnd) {
    if (contact.joined && (reason === 'lost' || reason === 'away')) {
      this.#changed();
      return;
    }
    if (reason === 'lost') {
      if (!contact.alive) {
        // It may still turn out that they are there.
        return;
      }
      this.#mailBye(contact, 'failed');
      void this.#reportFailure(contact);
    }
    this.#drop(contact);
    if (contact.joined && reason !== 'away') {
      this.dispatchEvent(new MemberLeftEvent(contact.member, reason));
    }
  }

  /** Somebody is there, but no path to them was found. */
  async #reportFailure(contact: Contact) {
    const {id, link} = contact;
    const reporting = link.getStats().catch(() => undefined);
    this.#recovery.miss(contact);
    if (!this.#told.has(id) && this.#failures.take()) {
      this.#told.add(id);
      this.#report(new RtcError('connection-failed'), await reporting);
    }
  }

  #drop(contact: Contact) {
    contact.close(undefined);
    if (this.#contacts.get(contact.id) === contact) {
      this.#contacts.delete(contact.id);
      this.#changed();
    }
  }

  /** Tells them by both ways, of which one may not work any more, and closes the link. */
  #hangUp(contact: Contact, reason: 'left' | 'closed' | 'away' | 'room-full') {
    this.#mailBye(contact, reason);
    contact.close(reason);
  }

  #mailBye({slot, attempt}: Contact, reason: Extract<Signal, {t: 'bye'}>['reason']) {
    this.#mailroom.send(slot, {t: 'bye', v: protocolVersion, attempt, reason});
  }

  /** Whose link a signal is for. Two may share slot and attempt, when one has come after the other. */
  #find(slot: number, signal: Signal): Contact | undefined {
    const matches = [...this.#contacts.values()].filter(
      (contact) =>
        contact.slot === slot &&
        contact.has(signal) &&
        (signal.t !== 'description' || signal.id === contact.id),
    );
    return matches.find(({link}) => !link.isOpen) ?? matches[0];
  }

  #links(): PeerLink[] {
    const links = [...this.#contacts.values()].flatMap(({link, next}) =>
      next ? [link, next.link] : [link],
    );
    return this.#prepared ? [...links, this.#prepared] : links;
  }

  #discardPrepared() {
    this.#prepared?.close(undefined);
    this.#prepared = undefined;
  }

  #report(error: RtcError, report?: RTCStatsReport) {
    if (!this.#lifetime.signal.aborted) {
      this.dispatchEvent(new NetworkErrorEvent(error, report));
    }
  }

  #changed() {
    this.dispatchEvent(new Event('change'));
  }

  #after(delayMs: number, act: () => void) {
    after(delayMs, act, this.#lifetime.signal);
  }
}
