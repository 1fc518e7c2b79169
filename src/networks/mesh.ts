import {RtcError} from '../core/errors.js';
import {randomHex} from '../core/hex.js';
import {
  parseSignal,
  protocolVersion,
  refusal,
  type LinkSignal,
  type PeerState,
  type Signal,
} from '../core/messages.js';
import {TokenBucket} from '../core/token-bucket.js';
import {TypedEventTarget} from '../core/typed-event-target.js';
import {PeerLink, type LinkEnd, type OutgoingTracks} from '../rtc/peer-link.js';
import type {Signaling} from '../signaling/signaling.js';
import {
  MemberJoinedEvent,
  MemberLeftEvent,
  NetworkCloseEvent,
  NetworkDataEvent,
  NetworkErrorEvent,
  type Member,
  type Network,
  type NetworkEvents,
} from './network.js';
import {slotAddresses, slotCount} from './slots.js';

export interface MeshOptions {
  readonly room: string;
  readonly maxParticipants: number;
  readonly createSignaling: () => Signaling;
  /** Asked for once, when opening. */
  readonly configuration: () => RTCConfiguration | Promise<RTCConfiguration>;
  readonly state: PeerState;
}

type Hello = Extract<Signal, {t: 'hello'}>;

/** Somebody we have, or are making, a link to. */
interface Contact {
  readonly id: string;
  /** Where signals for them go. Changes when they come back through another slot. */
  slot: number;
  readonly attempt: string;
  link: PeerLink;
  /**
   * Whether they have been heard in this attempt. A hello may have waited at the broker, and
   * whoever sent it be gone: until then they are not shown, and take no place.
   */
  alive: boolean;
  /** Whether they were in the room before us. */
  settled: boolean;
  /** Whether they have told us who they are, and we have told the call. */
  joined: boolean;
}

/** A broker keeps mail for an address nobody has for 5 s, and looks once a second. */
const helloLifeMs = 7_000;
/** How long the one who should answer a crossing hello has, before the other does. */
const crossingMs = 1_500;
const connectTimeoutMs = 20_000;
const configureTimeoutMs = 10_000;
/** Without an echo, how long until we believe that we are in. */
const echoTimeoutMs = 3_000;
/** Time for the others to find and send their answer, beside the way there and back. */
const answerMs = 150;
const maxEarly = 200;
const fullRetryMs = 400;
const fullRetries = 12;
const byeRetries = 3;
/** What some messages cost of a slot's rate, in ordinary ones. */
const malformedCost = 10;
const helloCost = 20;

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
 */
export class Mesh extends TypedEventTarget<NetworkEvents> implements Network {
  readonly #id = randomHex(8);
  readonly #options: MeshOptions;
  readonly #lifetime = new AbortController();
  readonly #contacts = new Map<string, Contact>();
  readonly #buckets = new Map<number, TokenBucket>();
  /** Slots whose people speak another version, and know that we do not. */
  readonly #refused = new Set<number>();
  #addresses: readonly string[] = [];
  #configuration: RTCConfiguration = {};
  #state: PeerState;
  #tracks: OutgoingTracks = {};
  #signaling: Signaling | undefined;
  #slot = -1;
  #hello = {attempt: '', at: -Infinity};
  /** What came before we could greet; undefined since. */
  #early: {readonly from: string; readonly data: unknown}[] | undefined;
  /** A connection made before it is known to whom. */
  #prepared: PeerLink | undefined;
  #fullRetries = 0;
  /** Settles `open()`: we are in, or there is no place for us. */
  readonly #entry: Promise<void>;
  #admit!: () => void;
  #refuse!: (reason: unknown) => void;
  #isIn = false;

  constructor(options: MeshOptions) {
    super();
    this.#options = options;
    this.#state = options.state;
    this.#entry = new Promise((resolve, reject) => {
      this.#admit = resolve;
      this.#refuse = reject;
    });
    // Nobody may be waiting for it when it fails.
    this.#entry.catch(() => undefined);
  }

  get members(): readonly Member[] {
    return this.#present.map(toMember);
  }

  get isOnline(): boolean {
    return Boolean(this.#signaling);
  }

  async open(): Promise<void> {
    const {signal} = this.#lifetime;
    const preparing = this.#prepare();
    // It fails where it is awaited; a claim that fails first must not leave it unhandled.
    preparing.catch(() => undefined);
    this.#addresses = await slotAddresses(this.#options.room);
    signal.throwIfAborted();
    await this.#claim();
    const offer = await preparing;
    signal.throwIfAborted();
    this.#after(helloLifeMs, () => this.#discardPrepared());
    this.#greet(offer);
    this.#after(echoTimeoutMs, () => this.#settle());
    await this.#entry;
  }

  setTracks(tracks: OutgoingTracks): void {
    this.#tracks = tracks;
    for (const link of this.#links()) {
      link.setTracks(tracks);
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
    for (const {link} of receivers) {
      link.requireRoom(data);
    }
    for (const {link} of receivers) {
      link.send(data);
    }
  }

  async getStats(): Promise<ReadonlyMap<string, RTCStatsReport>> {
    return new Map(
      await Promise.all(
        this.#present.map(async ({id, link}) => [id, await link.getStats()] as const),
      ),
    );
  }

  close(reason: 'left' | 'closed' | 'room-full'): void {
    if (this.#lifetime.signal.aborted) {
      return;
    }
    for (const contact of this.#contacts.values()) {
      this.#hangUp(contact, reason);
    }
    this.#contacts.clear();
    this.#discardPrepared();
    this.#signaling?.close();
    this.#signaling = undefined;
    this.#lifetime.abort();
    this.#refuse(this.#lifetime.signal.reason);
  }

  // Getting in.

  async #prepare(): Promise<string> {
    const {signal} = this.#lifetime;
    try {
      this.#configuration = await this.#configure();
    } catch (cause) {
      throw new RtcError('connection-failed', {cause, detail: 'rtcConfiguration'});
    }
    signal.throwIfAborted();
    try {
      this.#prepared = this.#createLink(randomHex(8));
      return await this.#prepared.prepare();
    } catch (cause) {
      signal.throwIfAborted();
      throw new RtcError('bad-attribute', {cause, detail: 'rtcConfiguration'});
    }
  }

  /** The page's function may ask a server, which may never answer. */
  #configure(): Promise<RTCConfiguration> {
    return new Promise((resolve, reject) => {
      this.#after(configureTimeoutMs, () => reject(new Error('rtcConfiguration did not answer')));
      Promise.resolve(this.#options.configuration()).then(resolve, reject);
    });
  }

  /** Takes a free slot. Starts at a random one, so that those who come at once rarely collide. */
  async #claim() {
    const {signal} = this.#lifetime;
    this.#early = [];
    const first = Math.floor(Math.random() * slotCount);
    for (let i = 0; i < slotCount; i++) {
      const slot = (first + i) % slotCount;
      const signaling = this.#options.createSignaling();
      signaling.addEventListener('message', ({from, data}) => this.#take(from, data), {signal});
      try {
        await signaling.open(this.#address(slot), {signal});
        signal.throwIfAborted();
      } catch (cause) {
        signaling.close();
        if (cause instanceof RtcError && cause.code === 'address-taken') {
          continue;
        }
        throw cause;
      }
      signaling.addEventListener('close', ({error}) => void this.#reopen(error), {signal});
      this.#signaling = signaling;
      this.#slot = slot;
      return;
    }
    throw new RtcError('room-full');
  }

  #greet(offer?: string) {
    this.#hello = {
      attempt: this.#prepared?.attempt ?? randomHex(8),
      at: performance.now(),
    };
    for (let slot = 0; slot < slotCount; slot++) {
      if (slot !== this.#slot) {
        this.#greetSlot(slot, offer);
      }
    }
    // Comes back when all of the above is delivered.
    this.#send(this.#slot, {t: 'echo', v: protocolVersion, attempt: this.#hello.attempt});
    const early = this.#early ?? [];
    this.#early = undefined;
    for (const {from, data} of early) {
      this.#take(from, data);
    }
  }

  #greetSlot(slot: number, offer?: string) {
    this.#send(slot, {
      t: 'hello',
      v: protocolVersion,
      id: this.#id,
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

  /** The signaling is gone: those inside stay linked; newcomers need us back. */
  async #reopen(error: RtcError) {
    const {signal} = this.#lifetime;
    this.#signaling = undefined;
    this.#refuse(error);
    if (!this.#isIn) {
      return;
    }
    this.dispatchEvent(new NetworkErrorEvent(error));
    this.#changed();
    for (let delayMs = 500; ; delayMs = Math.min(delayMs * 2, 30_000)) {
      await new Promise<void>((resolve) => {
        this.#after(delayMs * (0.5 + Math.random() / 2), resolve);
      });
      try {
        await this.#claim();
        break;
      } catch {
        // Still away. It has been told once; now it is only a matter of time.
        if (signal.aborted) {
          return;
        }
      }
    }
    this.#greet();
    this.#changed();
  }

  // What comes through the signaling.

  #take(from: string, data: unknown) {
    const slot = this.#addresses.indexOf(from);
    if (slot < 0 || this.#lifetime.signal.aborted) {
      // Nobody of this room, or we have just left it.
      return;
    }
    const bucket = this.#bucket(slot);
    if (!bucket.take()) {
      return;
    }
    if (this.#early) {
      if (this.#early.length < maxEarly) {
        this.#early.push({from, data});
      }
      return;
    }
    const parsed = parseSignal(data);
    if (parsed.kind === 'bad') {
      bucket.take(malformedCost);
      this.#report(new RtcError('bad-message', {detail: parsed.reason}));
      return;
    }
    if (parsed.kind === 'version') {
      this.#takeVersion(slot, parsed.version, parsed.refused);
      return;
    }
    const {signal} = parsed;
    if (slot === this.#slot) {
      if (signal.t === 'echo' && signal.attempt === this.#hello.attempt) {
        const roundTripMs = performance.now() - this.#hello.at;
        this.#after(roundTripMs / 2 + answerMs, () => this.#settle());
      }
      return;
    }
    const contact = this.#find(slot, signal.attempt);
    // Either shows that somebody we answered is there.
    if (contact && (signal.t === 'description' || signal.t === 'again')) {
      const settled = signal.t === 'description' && signal.settled;
      if (!this.#admits(contact, settled)) {
        return;
      }
    }
    switch (signal.t) {
      case 'hello':
        this.#takeHello(slot, signal);
        break;
      case 'description':
        if (contact) {
          contact.link.receive(signal);
        } else {
          this.#takeAnswer(slot, signal);
        }
        break;
      case 'candidate':
        contact?.link.receive(signal);
        break;
      case 'again':
        if (contact && !contact.link.isOpen) {
          contact.link.close(undefined);
          contact.link = this.#createLink(contact.attempt);
          this.#follow(contact);
          contact.link.offer();
        }
        break;
      case 'full':
        if (contact || signal.attempt === this.#hello.attempt) {
          this.#takeFull(slot, contact, signal);
        }
        break;
      case 'bye':
        // An open link ends over its own channel, not because a broker says so.
        if (contact && !contact.link.isOpen) {
          this.#drop(contact);
        }
    }
  }

  #takeVersion(slot: number, version: string, refused: boolean) {
    if (this.#refused.has(slot)) {
      return;
    }
    this.#refused.add(slot);
    this.#report(new RtcError('bad-message', {detail: `protocol version ${version}`}));
    if (!refused) {
      this.#signaling?.send(this.#address(slot), refusal);
    }
  }

  #takeHello(slot: number, hello: Hello) {
    const known = this.#contacts.get(hello.id);
    if (known?.link.isOpen) {
      // They lost the broker, not us.
      known.slot = slot;
      return;
    }
    if (known?.attempt === hello.attempt || known?.attempt === this.#hello.attempt) {
      return;
    }
    // Each answer costs a connection.
    if (!this.#bucket(slot).take(helloCost)) {
      return;
    }
    for (const other of this.#contacts.values()) {
      if (other === known || (other.slot === slot && !other.link.isOpen)) {
        this.#drop(other);
      }
    }
    if (this.#isNew && this.#slot > slot) {
      this.#after(crossingMs, () => {
        if (!this.#contacts.has(hello.id)) {
          this.#answer(slot, hello);
        }
      });
      return;
    }
    this.#answer(slot, hello);
  }

  #answer(slot: number, {id, attempt, offer}: Hello) {
    // Nobody goes before this one has been heard: the hello may be of somebody who is gone.
    if (!this.#lastFor(slot, false) && !this.#makeRoom(slot, attempt)) {
      return;
    }
    // A prepared offer can be answered by one only: the first of those who know each other.
    const isFirst = !this.#present.some((other) => other.slot < this.#slot);
    const contact = this.#add({
      id,
      slot,
      attempt,
      link: this.#createLink(attempt),
      settled: false,
      alive: false,
      joined: false,
    });
    if (offer !== undefined && isFirst) {
      contact.link.accept(offer);
    } else {
      contact.link.offer();
    }
  }

  /** Somebody answers our hello, and starts a link. */
  #takeAnswer(slot: number, signal: Extract<LinkSignal, {t: 'description'}>) {
    const {id, attempt, n, type, settled = false} = signal;
    // A later description of a link that was refused meanwhile.
    if (attempt !== this.#hello.attempt || n !== 1 || id === this.#id) {
      return;
    }
    const known = this.#contacts.get(id);
    if (known) {
      // We have answered theirs as well. The lower slot's answer counts.
      if (known.link.isOpen || this.#slot < slot) {
        return;
      }
      this.#drop(known);
    }
    const prepared = this.#prepared;
    if (type === 'answer' && !prepared) {
      this.#send(slot, {t: 'again', v: protocolVersion, attempt});
      return;
    }
    if (!this.#makeRoom(slot, attempt, settled)) {
      this.#yield(settled);
      return;
    }
    let link: PeerLink;
    if (type === 'answer' && prepared) {
      this.#prepared = undefined;
      link = prepared;
    } else {
      link = this.#createLink(attempt);
    }
    this.#add({id, slot, attempt, link, settled, alive: true, joined: false});
    link.receive(signal);
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
      contact.settled = settled;
      this.#changed();
    }
    return true;
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
    const pending = this.#present.filter(({link}) => !link.isOpen);
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
      .filter((one) => !one.link.isOpen && !one.settled && (settled || one.slot > slot))
      .sort((a, b) => b.slot - a.slot)[0];
  }

  #sendFull(slot: number, attempt: string, pending: number[]) {
    this.#send(slot, {t: 'full', v: protocolVersion, attempt, pending, settled: this.#isIn});
  }

  #takeFull(
    slot: number,
    contact: Contact | undefined,
    {pending, settled = false}: Extract<Signal, {t: 'full'}>,
  ) {
    if ([...this.#contacts.values()].some(({link}) => link.isOpen)) {
      // We have a place.
      return;
    }
    if (contact) {
      this.#drop(contact);
    }
    if (this.#isIn && !(settled && this.#isNew)) {
      // A newcomer does not put us out, and nobody does once we have been here for a while.
      return;
    }
    // Newcomers do not know yet who was there before; who is in has the last word.
    const mayHaveIt = !settled || pending.some((other) => other > this.#slot);
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
    if (settled && this.#isNew && this.#present.every((one) => one.settled)) {
      this.#turnAway();
    }
  }

  /** Whether we have just come. */
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

  // Contacts.

  get #present(): Contact[] {
    return [...this.#contacts.values()].filter(({alive}) => alive);
  }

  #createLink(attempt: string): PeerLink {
    return new PeerLink({
      id: this.#id,
      attempt,
      configuration: this.#configuration,
      state: this.#state,
      tracks: this.#tracks,
    });
  }

  #add(contact: Contact): Contact {
    this.#contacts.set(contact.id, contact);
    this.#follow(contact);
    this.#changed();
    return contact;
  }

  #follow(contact: Contact) {
    const {link} = contact;
    const {signal} = this.#lifetime;
    link.addEventListener('change', () => this.#update(contact), {signal});
    link.addEventListener('error', ({error}) => this.#report(error), {signal});
    link.addEventListener(
      'data',
      ({data}) => {
        if (contact.joined) {
          this.dispatchEvent(new NetworkDataEvent(data, toMember(contact)));
        }
      },
      {signal},
    );
    link.addEventListener('close', ({reason}) => this.#lose(contact, reason), {signal});
    link.connect(
      (message) =>
        this.#send(
          contact.slot,
          message.t === 'description' ? {...message, settled: this.#isIn} : message,
        ),
      {polite: this.#id < contact.id},
    );
    this.#after(helloLifeMs, () => {
      if (!contact.alive) {
        this.#drop(contact);
      }
    });
    this.#after(connectTimeoutMs, () => {
      if (contact.link === link && !link.isOpen && !link.isClosed) {
        this.#hangUp(contact, 'left');
        this.#lose(contact, 'lost');
      }
    });
  }

  #update(contact: Contact) {
    if (!contact.joined && contact.link.peerState && this.#admits(contact)) {
      contact.joined = true;
      this.#enter();
      this.dispatchEvent(new MemberJoinedEvent(toMember(contact)));
    }
    this.#changed();
  }

  /** A link has ended by itself. */
  #lose(contact: Contact, reason: LinkEnd) {
    this.#drop(contact);
    if (contact.joined) {
      this.dispatchEvent(new MemberLeftEvent(toMember(contact), reason));
    } else if (reason === 'lost' && contact.alive) {
      this.#report(new RtcError('connection-failed'));
    }
  }

  #drop(contact: Contact) {
    contact.link.close(undefined);
    if (this.#contacts.get(contact.id) === contact) {
      this.#contacts.delete(contact.id);
      this.#changed();
    }
  }

  /** Tells them, by the way that is there, and closes the link. */
  #hangUp({slot, attempt, link}: Contact, reason: 'left' | 'closed' | 'room-full') {
    if (!link.isOpen) {
      this.#send(slot, {t: 'bye', v: protocolVersion, attempt, reason});
    }
    link.close(reason);
  }

  #find(slot: number, attempt: string): Contact | undefined {
    return [...this.#contacts.values()].find(
      (contact) => contact.slot === slot && contact.attempt === attempt,
    );
  }

  #links(): PeerLink[] {
    const links = [...this.#contacts.values()].map(({link}) => link);
    return this.#prepared ? [...links, this.#prepared] : links;
  }

  #discardPrepared() {
    this.#prepared?.close(undefined);
    this.#prepared = undefined;
  }

  #bucket(slot: number): TokenBucket {
    const bucket = this.#buckets.get(slot) ?? new TokenBucket(200, 50);
    this.#buckets.set(slot, bucket);
    return bucket;
  }

  #address(slot: number): string {
    return this.#addresses[slot] ?? '';
  }

  #send(slot: number, signal: Signal) {
    this.#signaling?.send(this.#address(slot), signal);
  }

  #report(error: RtcError) {
    this.dispatchEvent(new NetworkErrorEvent(error));
  }

  #changed() {
    this.dispatchEvent(new Event('change'));
  }

  /** Acts later, unless we are closed by then. */
  #after(delayMs: number, act: () => void) {
    if (this.#lifetime.signal.aborted) {
      return;
    }
    const {signal} = this.#lifetime;
    const cancel = () => clearTimeout(timer);
    const timer = setTimeout(() => {
      signal.removeEventListener('abort', cancel);
      act();
    }, delayMs);
    signal.addEventListener('abort', cancel, {once: true});
  }
}

function toMember({id, link, joined}: Contact): Member {
  return {
    id,
    state: link.peerState,
    connection: !joined ? 'connecting' : link.isInterrupted ? 'reconnecting' : 'connected',
    stream: link.stream,
    screen: link.screen,
  };
}
