import {after} from '../core/after.js';
import {RtcError} from '../core/errors.js';
import {randomHex} from '../core/hex.js';
import {protocolVersion, type LinkSignal, type PeerState, type Signal} from '../core/messages.js';
import {TokenBucket} from '../core/token-bucket.js';
import {TypedEventTarget} from '../core/typed-event-target.js';
import {readSending} from '../rtc/link-stats.js';
import {PeerLink, type OutgoingTracks} from '../rtc/peer-link.js';
import type {Signaling} from '../signaling/signaling.js';
import {stageAddress} from './addresses.js';
import {Capacity} from './capacity.js';
import {Configuration} from './configuration.js';
import {Contact, type LinkPlan} from './contact.js';
import {Mailroom} from './mailroom.js';
import {
  MemberJoinedEvent,
  MemberLeftEvent,
  NetworkNoteEvent,
  NetworkDataEvent,
  NetworkErrorEvent,
  type Member,
  type Network,
  type NetworkEvents,
  type ShowTerms,
  type StageHealth,
} from './network.js';
import {Recovery} from './recovery.js';

export interface StageOptions {
  readonly room: string;
  /** Who we are, over reloads and returns. */
  readonly id: string;
  /** Gives us the address back after a reload. */
  readonly ticket: string;
  readonly maxViewers: number;
  /** When the show began, in milliseconds since 1970. */
  readonly startedAt: number;
  readonly createSignaling: () => Signaling;
  /** Asked for anew whenever links are made, unless it has just been. */
  readonly configuration: () => RTCConfiguration | Promise<RTCConfiguration>;
  readonly state: PeerState;
  /** How long a viewer who cannot be reached is kept in mind. */
  readonly reconnectTimeoutMs: number;
  /** Whether what we send sounds like music. */
  readonly music?: boolean;
  /** For messages only: pictures and sound go another way. */
  readonly withoutMedia?: boolean;
}

type Hello = Extract<Signal, {t: 'hello'}>;

const beatMs = 250;
/** A beat that comes later than this says that the page has slept. */
const sleptMs = 5_000;
const connectTimeoutMs = 20_000;
/** So many are let in at a time: each costs a key frame and a hand shake, and shows what the next one may cost. */
const maxConnecting = 4;
const beginningMs = 5_000;
const maxWaiting = 500;
/** When somebody says the same hello again so long after our answer, that has come to nothing. */
const answerLifeMs = 3_000;
/** Who says hello while their link is well may be about to lose it. */
const heirMs = 7_000;
const tellEveryMs = 1_000;
const measureEveryMs = 2_000;
const longestMeasureMs = 10_000;
/** Before that a link has not found out yet what it can carry. */
const settlingMs = 8_000;

/**
 * The stage of a broadcast: has one address that all viewers can compute, and a link to each
 * viewer who says hello there. Viewers know nothing of each other; what one is to learn of
 * another we tell. Somebody of the audience who is brought up sends to us, and we pass it on.
 *
 * A viewer whose link breaks says hello again, and we make another, which takes over.
 */
export class Stage extends TypedEventTarget<NetworkEvents> implements Network {
  readonly takesFiles = true;
  readonly #options: StageOptions;
  readonly #life = randomHex(8);
  readonly #lifetime = new AbortController();
  readonly #mailroom: Mailroom;
  readonly #configuration: Configuration;
  readonly #contacts = new Map<string, Contact>();
  readonly #recovery: Recovery;
  readonly #capacity: Capacity;
  /** Who has to wait until others are in, by id, in the order of their coming. */
  readonly #waiting = new Map<string, {readonly slot: number; readonly hello: Hello}>();
  /** What strangers do wrong is told, but not without end. */
  readonly #complaints = new TokenBucket(4, 1 / 60);
  readonly #reports = new Map<PeerLink, RTCStatsReport>();
  /** Links over which somebody has been told of the show. */
  readonly #informed = new WeakSet<PeerLink>();
  #state: PeerState;
  #music: boolean;
  #tracks: OutgoingTracks = {};
  #terms: ShowTerms = {paused: false, chat: true, record: false, guest: undefined};
  #beatenAt = 0;
  #sinceToldMs = 0;
  #isTold = true;
  #sinceMeasuredMs = 0;
  #measuringSince = -Infinity;

  constructor(options: StageOptions) {
    super();
    this.#options = options;
    this.#state = options.state;
    this.#music = options.music ?? false;
    this.#capacity = new Capacity(options);
    this.#mailroom = new Mailroom({
      addresses: async () => [await stageAddress(options.room)],
      claimable: 1,
      isOpen: true,
      ticket: options.ticket,
      createSignaling: options.createSignaling,
    });
    this.#configuration = new Configuration(options.configuration, this.#lifetime);
    this.#recovery = new Recovery({
      contacts: this.#contacts,
      reconnectTimeoutMs: options.reconnectTimeoutMs,
      // It is for the viewers to say hello.
      reach: () => undefined,
      accept: () => undefined,
      giveUp: (contact) => this.#end(contact, contact.isAway ? 'closed' : 'lost'),
      call: () => undefined,
    });
  }

  /** The viewers. */
  get members(): readonly Member[] {
    return [...this.#contacts.values()].filter(({joined}) => joined).map(({member}) => member);
  }

  get isOnline(): boolean {
    return this.#mailroom.isOnline;
  }

  get takesGuests(): boolean {
    return !this.#options.withoutMedia;
  }

  get health(): StageHealth {
    return this.#capacity.health(this.#contacts.size);
  }

  /** @throws {RtcError} `address-taken` when the room has a stage. */
  async open(): Promise<void> {
    const {signal} = this.#lifetime;
    this.#attend();
    await Promise.all([this.#configuration.refresh(), this.#mailroom.open()]);
    signal.throwIfAborted();
    this.#mailroom.listen();
    this.#beatenAt = performance.now();
    const timer = setInterval(() => this.#beat(), beatMs);
    signal.addEventListener('abort', () => clearInterval(timer), {once: true});
  }

  setTracks(tracks: OutgoingTracks): void {
    this.#tracks = tracks;
    this.#putTracks();
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

  setShow(terms: ShowTerms): void {
    this.#terms = terms;
    this.#tell();
    this.#putTracks();
  }

  send(data: string | ArrayBuffer, to?: string): void {
    const joined = [...this.#contacts.values()].filter((contact) => contact.joined);
    const receivers = to === undefined ? joined : joined.filter(({id}) => id === to);
    if (to !== undefined && !receivers.length) {
      throw new RtcError('peer-unavailable', {detail: to});
    }
    for (const contact of receivers) {
      try {
        contact.requireRoom(data);
      } catch (cause) {
        if (contact.isWell || to !== undefined) {
          throw cause;
        }
        // One who is cut off must not keep the others from being told anything.
        this.#end(contact, 'lost');
      }
    }
    for (const contact of receivers) {
      if (this.#contacts.has(contact.id)) {
        contact.send(data);
      }
    }
  }

  async getStats(ids?: readonly string[]): Promise<ReadonlyMap<string, RTCStatsReport>> {
    const joined = [...this.#contacts.values()].filter(
      ({id, joined}) => joined && (ids?.includes(id) ?? true),
    );
    return new Map(
      await Promise.all(joined.map(async ({id, link}) => [id, await link.getStats()] as const)),
    );
  }

  check(options: {readonly hasMoved?: boolean} = {}): void {
    this.#mailroom.check(options);
    this.#recovery.check();
  }

  close(reason: 'left' | 'closed' | 'away'): void {
    if (this.#lifetime.signal.aborted) {
      return;
    }
    for (const contact of this.#contacts.values()) {
      this.#mailBye(contact.slot, contact.attempt, reason);
      contact.close(reason);
    }
    for (const {slot, hello} of this.#waiting.values()) {
      this.#mailBye(slot, hello.attempt, reason);
    }
    this.#contacts.clear();
    this.#waiting.clear();
    this.#mailroom.close();
    this.#lifetime.abort();
  }

  #attend() {
    const options = {signal: this.#lifetime.signal};
    this.#mailroom.addEventListener(
      'signal',
      ({slot, signal}) => this.#take(slot, signal),
      options,
    );
    this.#mailroom.addEventListener('error', ({error}) => this.#complain(error), options);
    this.#mailroom.addEventListener(
      'offline',
      ({error}) => {
        this.dispatchEvent(new NetworkErrorEvent(error));
        this.#changed();
      },
      options,
    );
    this.#mailroom.addEventListener('online', () => this.#changed(), options);
  }

  #take(slot: number, signal: Exclude<Signal, {t: 'echo'}>) {
    if (signal.t === 'hello') {
      this.#takeHello(slot, signal);
      return;
    }
    const contact = [...this.#contacts.values()].find(
      (one) => one.slot === slot && one.has(signal),
    );
    if (signal.t === 'description' || signal.t === 'candidate') {
      if (signal.t !== 'description' || signal.id === contact?.id) {
        contact?.receive(signal);
      }
    } else if (signal.t === 'bye') {
      this.#takeBye(slot, contact, signal);
    }
  }

  #takeHello(slot: number, hello: Hello) {
    if (hello.id === this.#options.id) {
      return;
    }
    const known = this.#contacts.get(hello.id);
    if (known?.isIn) {
      this.#takeReturn(known, slot, hello);
      return;
    }
    const isAnswered = known?.attempt === hello.attempt && !known.link.isClosed;
    if (isAnswered && known.ageMs < answerLifeMs) {
      return;
    }
    if (!known && this.#capacity.fullBy(this.#inside)) {
      this.#refuse(slot, hello.attempt);
      return;
    }
    // An address is one person's, whatever names they say.
    if ([...this.#contacts.values()].some((one) => one.slot === slot && one !== known)) {
      return;
    }
    for (const [id, waiting] of this.#waiting) {
      if (waiting.slot === slot && id !== hello.id) {
        this.#waiting.delete(id);
      }
    }
    if (this.#waiting.size < maxWaiting || this.#waiting.has(hello.id)) {
      this.#waiting.set(hello.id, {slot, hello});
      this.#admit();
    }
  }

  /** Lets in those who wait, some at a time. */
  #admit() {
    if (this.#waiting.size) {
      this.#configuration.use(() => this.#admitWaiting());
    }
  }

  #admitWaiting() {
    for (const [id, {slot, hello}] of this.#waiting) {
      const known = this.#contacts.get(id);
      const isFull = !known && this.#capacity.fullBy(this.#inside);
      if (!known && !isFull && !this.#hasRoom) {
        return;
      }
      this.#waiting.delete(id);
      if (known?.isIn) {
        continue;
      }
      if (isFull) {
        this.#refuse(slot, hello.attempt);
        continue;
      }
      // Who may not have a link now says hello again.
      if (this.#mailroom.chargeLink(slot)) {
        this.#drop(known);
        this.#answer(slot, hello);
      }
    }
  }

  /** How many have come in. */
  get #inside(): number {
    return [...this.#contacts.values()].filter(({isIn}) => isIn).length;
  }

  /** Whether another link may be begun now. */
  get #hasRoom(): boolean {
    const connecting = [...this.#contacts.values()].filter(
      // Somebody who does not get through should not keep all others out.
      ({isIn, ageMs}) => !isIn && ageMs < beginningMs,
    );
    return connecting.length < maxConnecting && !this.#capacity.fullBy(this.#contacts.size);
  }

  #refuse(slot: number, attempt: string) {
    this.#mailroom.send(slot, {
      t: 'full',
      v: protocolVersion,
      attempt,
      pending: [],
      settled: true,
    });
    this.#changed();
  }

  /** Somebody says hello whom we have a link to, or says to be that one. */
  #takeReturn(contact: Contact, slot: number, hello: Hello) {
    if (contact.isWell) {
      // A link that works is not given up for a hello. It may be about to fall silent, though.
      const heir = () => this.#takeReturn(contact, slot, hello);
      contact.heir = heir;
      after(
        heirMs,
        () => {
          if (contact.heir === heir) {
            contact.heir = undefined;
          }
        },
        this.#lifetime.signal,
      );
      return;
    }
    contact.heir = undefined;
    contact.slot = slot;
    if (contact.next?.attempt === hello.attempt || !this.#mailroom.chargeLink(slot)) {
      return;
    }
    this.#configuration.use(() => {
      if (this.#contacts.get(contact.id) === contact) {
        const plan = this.#plan(hello);
        contact.succeed(plan);
        this.#offer(contact, plan);
      }
    });
  }

  #answer(slot: number, hello: Hello) {
    const {id} = hello;
    const plan = this.#plan(hello);
    const contact = new Contact({id, slot, plan, settled: false, alive: true});
    this.#contacts.set(id, contact);
    const options = {signal: this.#lifetime.signal};
    contact.addEventListener('change', () => this.#update(contact), options);
    contact.addEventListener('error', ({error}) => this.#complain(error), options);
    contact.addEventListener(
      'data',
      ({data}) => this.dispatchEvent(new NetworkDataEvent(data, contact.member)),
      options,
    );
    contact.addEventListener(
      'note',
      ({note}) => this.dispatchEvent(new NetworkNoteEvent(note, contact.member)),
      options,
    );
    contact.addEventListener(
      'close',
      ({reason}) => {
        if (contact.joined && (reason === 'lost' || reason === 'away')) {
          this.#changed();
        } else {
          this.#end(contact, reason === 'away' ? 'closed' : reason);
        }
      },
      options,
    );
    after(
      connectTimeoutMs,
      () => {
        if (!contact.joined && this.#contacts.get(id) === contact) {
          this.#mailBye(contact.slot, contact.attempt, 'failed');
          this.#end(contact, 'lost');
        }
      },
      this.#lifetime.signal,
    );
    this.#offer(contact, plan);
  }

  #takeBye(
    slot: number,
    contact: Contact | undefined,
    {attempt, reason}: Extract<Signal, {t: 'bye'}>,
  ) {
    for (const [id, waiting] of this.#waiting) {
      if (waiting.slot === slot && waiting.hello.attempt === attempt) {
        this.#waiting.delete(id);
      }
    }
    if (!contact) {
      return;
    }
    if (!contact.isIn) {
      this.#end(contact, reason === 'failed' ? 'lost' : 'left');
    } else if (reason !== 'failed' && !contact.isWell) {
      contact.end(reason);
    } else if (reason !== 'failed') {
      // What was said last can be lost with the channel.
      contact.lastWord = reason;
    }
  }

  #plan({attempt, life}: Hello): LinkPlan {
    const link = new PeerLink({
      id: this.#options.id,
      attempt,
      configuration: this.#configuration.current,
      state: this.#state,
      settled: true,
      tracks: this.#tracks,
      music: this.#music,
      withoutMedia: this.#options.withoutMedia ?? false,
    });
    link.limit(this.#capacity.limit);
    return {link, attempt, life, epoch: 0};
  }

  #offer(contact: Contact, {link}: LinkPlan) {
    link.connect(
      (signal: LinkSignal) =>
        this.#mailroom.send(
          contact.slot,
          signal.t === 'description' ? {...signal, settled: true, life: this.#life} : signal,
        ),
      {polite: false},
    );
    link.offer();
  }

  #update(contact: Contact) {
    if (this.#contacts.get(contact.id) !== contact) {
      return;
    }
    const {link} = contact;
    const isNew = !contact.joined && Boolean(link.peerState);
    contact.joined ||= isNew;
    const isNewLink = contact.joined && link.isOpen && !this.#informed.has(link);
    if (isNewLink) {
      // What was told over the link before may have got lost with it.
      this.#informed.add(link);
      link.show(this.#showFor(contact));
    }
    if (isNew) {
      this.#isTold = false;
      this.dispatchEvent(new MemberJoinedEvent(contact.member));
      this.#admit();
    }
    const isGuest = contact.id === this.#terms.guest;
    if (isGuest) {
      this.#isTold = false;
    }
    if (isNewLink || isGuest) {
      this.#putTracks();
    }
    this.#changed();
  }

  #end(contact: Contact, reason: MemberLeftEvent['reason']) {
    const wasIn = this.#drop(contact);
    if (wasIn && contact.joined) {
      this.#isTold = false;
      this.#putTracks();
      this.dispatchEvent(new MemberLeftEvent(contact.member, reason));
    }
    this.#admit();
    this.#changed();
  }

  /** Whether they were there. */
  #drop(contact: Contact | undefined): boolean {
    if (!contact || this.#contacts.get(contact.id) !== contact) {
      return false;
    }
    contact.close(undefined);
    this.#contacts.delete(contact.id);
    return true;
  }

  // The show.

  /** Somebody of the audience who was asked up, and has come. */
  get #guest(): Contact | undefined {
    const guest = this.#contacts.get(this.#terms.guest ?? '');
    return guest?.joined && guest.member.state?.guest ? guest : undefined;
  }

  /** In a break nobody is seen or heard. */
  get #guestOnAir(): Contact | undefined {
    return this.#terms.paused ? undefined : this.#guest;
  }

  #putTracks() {
    const guest = this.#guestOnAir;
    const [audio] = guest?.stream.getAudioTracks() ?? [];
    const [video] = guest?.stream.getVideoTracks() ?? [];
    const withGuest = {
      ...this.#tracks,
      ...(video && {guest: video}),
      ...(audio && {'guest-audio': audio}),
    };
    for (const contact of this.#contacts.values()) {
      // Nobody wants to hear their own voice come back.
      const tracks = contact === guest ? this.#tracks : withGuest;
      contact.link.setTracks(tracks);
      contact.next?.link.setTracks(tracks);
    }
  }

  #showFor(contact: Contact) {
    const {paused, chat, record, guest: invited} = this.#terms;
    const guest = this.#guestOnAir;
    const {name = '', micOff = true, cameraOff = true} = guest?.member.state ?? {};
    return {
      viewers: this.members.length,
      sinceMs: Math.max(0, Date.now() - this.#options.startedAt),
      paused,
      chat,
      record,
      invited: contact.id === invited,
      ...(guest && guest !== contact && {guest: {id: 'guest', name, micOff, cameraOff}}),
    };
  }

  #tell() {
    this.#isTold = true;
    this.#sinceToldMs = 0;
    for (const contact of this.#contacts.values()) {
      const link = contact.next?.link.isOpen ? contact.next.link : contact.link;
      link.show(this.#showFor(contact));
    }
  }

  #beat() {
    const now = performance.now();
    const passedMs = now - this.#beatenAt;
    this.#beatenAt = now;
    if (passedMs > sleptMs) {
      this.check();
    }
    this.#recovery.beat(passedMs);
    this.#mailroom.beat(passedMs, {urgent: false});
    if (this.#waiting.size && this.#hasRoom) {
      this.#admit();
    }
    this.#sinceToldMs += passedMs;
    // Many who come at once are told of at once.
    if (!this.#isTold && this.#sinceToldMs >= tellEveryMs) {
      this.#tell();
    }
    this.#sinceMeasuredMs += passedMs;
    if (this.#sinceMeasuredMs >= measureEveryMs && !this.#options.withoutMedia) {
      this.#sinceMeasuredMs = 0;
      void this.#measureOnce();
    }
  }

  /** One at a time; of a link that is closed meanwhile Firefox never answers. */
  async #measureOnce() {
    const now = performance.now();
    if (now - this.#measuringSince > longestMeasureMs) {
      this.#measuringSince = now;
      await this.#measure();
      this.#measuringSince = -Infinity;
    }
  }

  async #measure() {
    const {signal} = this.#lifetime;
    const contacts = [...this.#contacts.values()].filter(
      ({isWell, link}) => isWell && link.openMs > settlingMs,
    );
    const links = contacts.map(({link}) => link);
    for (const link of this.#reports.keys()) {
      if (!links.includes(link)) {
        this.#reports.delete(link);
      }
    }
    const sendings = await Promise.all(
      links.map(async (link) => {
        const report = await link.getStats();
        const sending = readSending(report, this.#reports.get(link));
        this.#reports.set(link, report);
        return sending ?? [];
      }),
    );
    if (signal.aborted) {
      return;
    }
    this.#capacity.measure(sendings.flat());
    for (const link of this.#links()) {
      link.limit(this.#capacity.limit);
    }
    this.#changed();
  }

  #links(): PeerLink[] {
    return [...this.#contacts.values()].flatMap(({link, next}) =>
      next ? [link, next.link] : [link],
    );
  }

  #mailBye(slot: number, attempt: string, reason: Extract<Signal, {t: 'bye'}>['reason']) {
    this.#mailroom.send(slot, {t: 'bye', v: protocolVersion, attempt, reason});
  }

  #complain(error: RtcError) {
    if (!this.#lifetime.signal.aborted && this.#complaints.take()) {
      this.dispatchEvent(new NetworkErrorEvent(error));
    }
  }

  #changed() {
    if (!this.#lifetime.signal.aborted) {
      this.dispatchEvent(new Event('change'));
    }
  }
}
