import {after} from '../core/after.js';
import {RtcError} from '../core/errors.js';
import {randomHex} from '../core/hex.js';
import {
  protocolVersion,
  type LinkSignal,
  type PeerState,
  type Show,
  type Signal,
} from '../core/messages.js';
import {TypedEventTarget} from '../core/typed-event-target.js';
import {PeerLink, type OutgoingTracks} from '../rtc/peer-link.js';
import type {Signaling} from '../signaling/signaling.js';
import {stageAddress} from './addresses.js';
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

export interface AudienceOptions {
  readonly room: string;
  /** Who we are, over reloads and returns. */
  readonly id: string;
  readonly createSignaling: () => Signaling;
  /** Asked for anew whenever links are made, unless it has just been. */
  readonly configuration: () => RTCConfiguration | Promise<RTCConfiguration>;
  readonly state: PeerState;
  /** How long a stage that cannot be reached is shown as it was last. */
  readonly reconnectTimeoutMs: number;
  /** For messages only: pictures and sound come another way. */
  readonly withoutMedia?: boolean;
}

type Description = Extract<LinkSignal, {t: 'description'}>;

const beatMs = 250;
/** A beat that comes later than this says that the page has slept. */
const sleptMs = 5_000;
/** A broker keeps mail for 5 s: so there is always some when the stage comes. */
const helloEveryMs = 4_000;
/** How long a page may take to go. */
const leavingMs = 1_500;
const connectTimeoutMs = 20_000;
/** Our own address: a few are tried, should one be taken. */
const ownAddresses = 3;
const stageSlot = ownAddresses;
/** When this quiet, the signaling is looked at as well: it may be our own network. */
const doubtMs = 1_200;

/**
 * A broadcast as one viewer has it: says hello at the address of the stage, again and again
 * until that is there, and again when the link breaks. Opens as soon as one may wait.
 */
export class Audience extends TypedEventTarget<NetworkEvents> implements Network {
  readonly takesFiles = true;
  readonly #options: AudienceOptions;
  readonly #life = randomHex(8);
  readonly #lifetime = new AbortController();
  readonly #mailroom: Mailroom;
  readonly #configuration: Configuration;
  /** The stage, or nobody. */
  readonly #contacts = new Map<string, Contact>();
  readonly #recovery: Recovery;
  /** What our last hello has asked for. */
  #attempt = randomHex(8);
  #sinceHelloMs = Infinity;
  #state: PeerState;
  #tracks: OutgoingTracks = {};
  #show: Show | undefined;
  #guest: Member | undefined;
  readonly #noScreen = new MediaStream();
  #hasEnded = false;
  #beatenAt = 0;

  constructor(options: AudienceOptions) {
    super();
    this.#options = options;
    this.#state = options.state;
    this.#mailroom = new Mailroom({
      addresses: async () => [
        ...Array.from({length: ownAddresses}, () => randomHex()),
        await stageAddress(options.room),
      ],
      claimable: ownAddresses,
      createSignaling: options.createSignaling,
    });
    this.#configuration = new Configuration(options.configuration, this.#lifetime);
    this.#recovery = new Recovery({
      contacts: this.#contacts,
      reconnectTimeoutMs: options.reconnectTimeoutMs,
      reach: () => this.#greet(randomHex(8)),
      accept: () => undefined,
      giveUp: (contact) => this.#end(contact, contact.isAway ? 'closed' : 'lost'),
      call: () => undefined,
    });
  }

  /** Who is on the stage. */
  get members(): readonly Member[] {
    const stage = this.#stage;
    const guest = this.#guest;
    return stage
      ? [stage.member, ...(guest ? [{...guest, connection: stage.member.connection}] : [])]
      : [];
  }

  get isOnline(): boolean {
    return this.#mailroom.isOnline;
  }

  get show(): Show | undefined {
    return this.#stage && this.#show;
  }

  get hasEnded(): boolean {
    return this.#hasEnded;
  }

  get #stage(): Contact | undefined {
    return [...this.#contacts.values()].find(({joined}) => joined);
  }

  async open(): Promise<void> {
    const {signal} = this.#lifetime;
    this.#attend();
    await Promise.all([this.#configuration.refresh(), this.#mailroom.open()]);
    signal.throwIfAborted();
    this.#mailroom.listen();
    this.#beatenAt = performance.now();
    const timer = setInterval(() => this.#beat(), beatMs);
    signal.addEventListener('abort', () => clearInterval(timer), {once: true});
    this.#beat();
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

  /** Sends to the stage. */
  send(data: string | ArrayBuffer, to?: string): void {
    const stage = this.#stage;
    if (!stage || (to !== undefined && to !== stage.id)) {
      throw new RtcError('peer-unavailable', {detail: to});
    }
    stage.requireRoom(data);
    stage.send(data);
  }

  async getStats(): Promise<ReadonlyMap<string, RTCStatsReport>> {
    const stage = this.#stage;
    return stage
      ? new Map([[stage.id, await stage.link.getStats()]])
      : new Map<string, RTCStatsReport>();
  }

  check(options: {readonly hasMoved?: boolean} = {}): void {
    this.#mailroom.check(options);
    this.#recovery.check();
  }

  close(reason: 'left' | 'closed' | 'away' | 'room-full'): void {
    if (this.#lifetime.signal.aborted) {
      return;
    }
    this.#mailBye(this.#attempt, reason);
    for (const contact of this.#contacts.values()) {
      if (contact.attempt !== this.#attempt) {
        this.#mailBye(contact.attempt, reason);
      }
      contact.close(reason);
    }
    this.#contacts.clear();
    this.#mailroom.close();
    this.#lifetime.abort();
  }

  #attend() {
    const options = {signal: this.#lifetime.signal};
    this.#mailroom.addEventListener(
      'signal',
      ({slot, signal}) => {
        if (slot === stageSlot) {
          this.#take(signal);
        }
      },
      options,
    );
    this.#mailroom.addEventListener('error', ({error}) => this.#report(error), options);
    this.#mailroom.addEventListener(
      'offline',
      ({error}) => {
        this.#report(error);
        this.#changed();
      },
      options,
    );
    this.#mailroom.addEventListener(
      'online',
      () => {
        this.#sinceHelloMs = Infinity;
        this.#recovery.hurry();
        this.#beat();
        this.#changed();
      },
      options,
    );
  }

  /** Asks the stage for a link. */
  #greet(attempt = this.#attempt) {
    this.#attempt = attempt;
    this.#sinceHelloMs = 0;
    this.#mailroom.send(stageSlot, {
      t: 'hello',
      v: protocolVersion,
      id: this.#options.id,
      life: this.#life,
      attempt,
    });
  }

  #take(signal: Exclude<Signal, {t: 'echo'}>) {
    const contact = [...this.#contacts.values()].find((one) => one.has(signal));
    switch (signal.t) {
      case 'description':
        if (!contact) {
          this.#takeOffer(signal);
        } else if (signal.id === contact.id) {
          contact.receive(signal);
        }
        break;
      case 'candidate':
        contact?.receive(signal);
        break;
      case 'full':
        if (signal.attempt === this.#attempt && !this.#stage) {
          const error = new RtcError('room-full');
          this.close('room-full');
          this.dispatchEvent(new NetworkCloseEvent(error));
        }
        break;
      case 'bye':
        this.#takeBye(contact, signal);
    }
  }

  #takeOffer(signal: Description) {
    const {id, attempt, n, type, life = ''} = signal;
    if (attempt !== this.#attempt || n !== 1 || type !== 'offer') {
      return;
    }
    this.#configuration.use(() => {
      // Another may have come meanwhile.
      if (attempt !== this.#attempt) {
        return;
      }
      const known = this.#contacts.get(id);
      const plan = this.#plan(attempt, life);
      if (known?.joined) {
        known.succeed(plan);
        this.#recovery.wait(known);
      } else {
        // Another stage, or one that we never got to know.
        for (const contact of this.#contacts.values()) {
          this.#end(contact, 'lost');
        }
        this.#meet(id, plan);
      }
      plan.link.connect(
        (own) =>
          this.#mailroom.send(
            stageSlot,
            own.t === 'description' ? {...own, settled: false, life: this.#life} : own,
          ),
        {polite: true},
      );
      plan.link.receive(signal);
    });
  }

  #meet(id: string, plan: LinkPlan) {
    const contact = new Contact({id, slot: stageSlot, plan, settled: true, alive: true});
    this.#contacts.set(id, contact);
    this.#hasEnded = false;
    const options = {signal: this.#lifetime.signal};
    contact.addEventListener('change', () => this.#update(contact), options);
    contact.addEventListener('error', ({error}) => this.#report(error), options);
    contact.addEventListener('show', ({show}) => this.#takeShow(contact, show), options);
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
        if (contact.joined && reason === 'lost') {
          this.#changed();
        } else if (contact.joined && reason === 'away') {
          this.#seekAnew();
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
          void this.#reportFailure(contact);
          this.#end(contact, 'lost');
        }
      },
      this.#lifetime.signal,
    );
    this.#changed();
  }

  #takeBye(contact: Contact | undefined, {attempt, reason}: Extract<Signal, {t: 'bye'}>) {
    if (!contact) {
      // We were still waiting to be let in.
      if (attempt === this.#attempt && reason === 'left') {
        this.#hasEnded = true;
        this.#changed();
      }
    } else if (!contact.isIn) {
      void (reason === 'failed' && this.#reportFailure(contact));
      this.#end(contact, reason === 'failed' ? 'lost' : reason === 'away' ? 'closed' : reason);
    } else if (reason !== 'failed' && !contact.isWell) {
      contact.end(reason);
    } else if (reason !== 'failed') {
      // What was said last can be lost with the channel.
      contact.lastWord = reason;
    }
  }

  #update(contact: Contact) {
    if (this.#contacts.get(contact.id) !== contact) {
      return;
    }
    if (!contact.joined && contact.link.peerState) {
      contact.joined = true;
      this.dispatchEvent(new MemberJoinedEvent(contact.member));
    }
    this.#changed();
  }

  #takeShow(contact: Contact, show: Show) {
    this.#show = show;
    this.#setGuest(contact, show);
    this.#changed();
  }

  /** Whoever is on the stage beside whoever has it. */
  #setGuest(contact: Contact, show: Show | undefined) {
    const before = this.#guest;
    const told = show?.guest;
    this.#guest = told && {
      // Not as the stage would have it: that could be the id of another.
      id: 'guest',
      state: {...told, screen: false},
      connection: contact.member.connection,
      away: false,
      stream: contact.guest,
      screen: this.#noScreen,
    };
    if (before && !told) {
      this.dispatchEvent(new MemberLeftEvent(before, 'left'));
    }
    if (this.#guest && !before) {
      this.dispatchEvent(new MemberJoinedEvent(this.#guest));
    }
  }

  #end(contact: Contact, reason: MemberLeftEvent['reason']) {
    if (this.#contacts.get(contact.id) !== contact) {
      return;
    }
    this.#hasEnded = reason === 'left';
    contact.close(undefined);
    this.#setGuest(contact, undefined);
    this.#contacts.delete(contact.id);
    this.#show = undefined;
    this.#seekAnew();
    if (contact.joined) {
      this.dispatchEvent(new MemberLeftEvent(contact.member, reason));
    }
    this.#changed();
  }

  /** Says hello again soon; not at once: one who is just leaving would hear it. */
  #seekAnew() {
    this.#attempt = randomHex(8);
    this.#sinceHelloMs = helloEveryMs - leavingMs;
  }

  #plan(attempt: string, life: string): LinkPlan {
    const link = new PeerLink({
      id: this.#options.id,
      attempt,
      configuration: this.#configuration.current,
      state: this.#state,
      tracks: this.#tracks,
      withoutMedia: this.#options.withoutMedia ?? false,
    });
    return {link, attempt, life, epoch: 0};
  }

  #beat() {
    const now = performance.now();
    const passedMs = now - this.#beatenAt;
    this.#beatenAt = now;
    if (passedMs > sleptMs) {
      this.check();
    }
    const stage = this.#stage;
    this.#recovery.beat(passedMs);
    this.#mailroom.beat(passedMs, {
      urgent: Boolean(stage && !stage.isAway && stage.link.quietMs >= doubtMs),
    });
    this.#sinceHelloMs += passedMs;
    const isWanted = !this.#contacts.size || (stage?.isAway && !stage.next);
    if (isWanted && this.#sinceHelloMs >= helloEveryMs && this.isOnline) {
      this.#greet();
    }
  }

  #links(): PeerLink[] {
    return [...this.#contacts.values()].flatMap(({link, next}) =>
      next ? [link, next.link] : [link],
    );
  }

  /** The stage is there, but no path to it was found. */
  async #reportFailure({link}: Contact) {
    const report = await link.getStats().catch(() => undefined);
    this.#report(new RtcError('connection-failed'), report);
  }

  #mailBye(attempt: string, reason: Extract<Signal, {t: 'bye'}>['reason']) {
    this.#mailroom.send(stageSlot, {t: 'bye', v: protocolVersion, attempt, reason});
  }

  #report(error: RtcError, report?: RTCStatsReport) {
    if (!this.#lifetime.signal.aborted) {
      this.dispatchEvent(new NetworkErrorEvent(error, report));
    }
  }

  #changed() {
    if (!this.#lifetime.signal.aborted) {
      this.dispatchEvent(new Event('change'));
    }
  }
}
