import {after} from '../core/after.js';
import {RtcError, toRtcError} from '../core/errors.js';
import type {PeerState, Show} from '../core/messages.js';
import {TypedEventTarget} from '../core/typed-event-target.js';
import {readSending, type Sending} from '../rtc/link-stats.js';
import type {OutgoingTracks} from '../rtc/peer-link.js';
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
  type ShowTerms,
  type StageHealth,
} from './network.js';

export {parseEndpoint} from '../rtc/endpoint.js';
export {WhepNetwork} from './whep.js';
export {WhipNetwork} from './whip.js';

/** So many viewers have a link to the stage: for a name, a hand and the chat. */
export const maxKnownViewers = 200;
/** Who finds no place tries again in a while: so when so many are left, there are no others. */
const uncrowdedShare = 0.9;
/** How long a stage waits for the broker. */
const brokerMs = 3_000;
const retryPeopleMs = 20_000;
const measureEveryMs = 2_000;

export interface ServedOptions {
  readonly role: 'stage' | 'audience';
  /** By way of the media server. */
  readonly media: Network & {readonly forget?: () => void};
  /** By way of the room's broker; without it there is nobody to count and nothing to write. */
  readonly createPeople: (() => Network) | undefined;
}

/**
 * A broadcast through a media server: pictures and sound go by that; viewers, hands and chat by
 * links of messages only that the room's broker makes. Where there is no broker, or no place
 * left, the show goes on without.
 */
export class Served extends TypedEventTarget<NetworkEvents> implements Network {
  readonly #role: ServedOptions['role'];
  readonly #media: ServedOptions['media'];
  readonly #createPeople: (() => Network) | undefined;
  readonly #lifetime = new AbortController();
  #people: Network | undefined;
  #state: PeerState | undefined;
  #terms: ShowTerms | undefined;
  #hasEnded = false;
  #isCrowded = false;
  /** What the stage was called last. */
  #stageName = '';
  /** Whether a stage is on the air: viewers may be there before. */
  #isLive = false;
  #report: RTCStatsReport | undefined;
  #sending: Sending | undefined;

  constructor({role, media, createPeople}: ServedOptions) {
    super();
    this.#role = role;
    this.#media = media;
    this.#createPeople = createPeople;
    this.#listenToMedia();
  }

  /** On the stage the viewers who are known; in the audience the stage, once it plays. */
  get members(): readonly Member[] {
    return this.#role === 'stage'
      ? (this.#isLive && this.#people?.members) || []
      : this.#media.members.filter(({state}) => state).map((member) => this.#named(member));
  }

  get isOnline(): boolean {
    return this.#media.isOnline;
  }

  get hasPeople(): boolean {
    return this.#role === 'stage' ? this.#people !== undefined : this.show !== undefined;
  }

  /** Those who have no link are not counted, and many of them may watch. */
  get isCrowded(): boolean {
    return this.#isCrowded;
  }

  get takesFiles(): boolean {
    return this.#people?.takesFiles ?? false;
  }

  get show(): Show | undefined {
    return this.#people?.show;
  }

  get hasEnded(): boolean {
    const hasEnded = this.#people ? this.#people.hasEnded : this.#hasEnded;
    return Boolean(hasEnded) && !this.members.length;
  }

  /** On the stage, whatever is sent goes to the server. */
  get health(): StageHealth | undefined {
    if (this.#role !== 'stage' || !this.#sending) {
      return undefined;
    }
    const {bitrate, frameRate, sourceFrameRate, limitedBy} = this.#sending;
    const dropped =
      frameRate !== undefined && sourceFrameRate ? 1 - frameRate / sourceFrameRate : 0;
    return {
      bitrate: Math.round(bitrate),
      frameRate,
      droppedPercent: Math.round(Math.max(0, dropped) * 100),
      limitedBy: limitedBy === 'bandwidth' ? 'uplink' : limitedBy,
      fullBy: undefined,
    };
  }

  /** @throws {RtcError} the server's, or `address-taken` when the room has a stage. */
  async open(): Promise<void> {
    const {signal} = this.#lifetime;
    if (this.#role === 'stage') {
      // Whose stage it is comes first: two must not send to one place. A broker that is away must
      // not keep the show from beginning, though.
      const people = this.#openPeople();
      await Promise.race([people, new Promise<void>((go) => after(brokerMs, go, signal))]);
      signal.throwIfAborted();
      people.catch((cause: unknown) => this.#give(toRtcError(cause)));
      await this.#media.open();
      this.#isLive = true;
      this.members.forEach((member) => this.dispatchEvent(new MemberJoinedEvent(member)));
      const timer = setInterval(() => void this.#measure(), measureEveryMs);
      signal.addEventListener('abort', () => clearInterval(timer), {once: true});
    } else {
      // Nobody waits for it, but it tells who that is who is seen.
      void this.#openPeople();
      await this.#media.open();
    }
  }

  setTracks(tracks: OutgoingTracks): void {
    this.#media.setTracks(tracks);
  }

  setState(state: PeerState): void {
    this.#state = state;
    this.#people?.setState(state);
  }

  setShow(terms: ShowTerms): void {
    this.#terms = terms;
    this.#people?.setShow?.(terms);
  }

  send(data: string | ArrayBuffer, to?: string): void {
    if (!this.#people) {
      throw new RtcError('peer-unavailable', {detail: to});
    }
    // In the audience there is but the stage, under the name of its stream.
    this.#people.send(data, this.#role === 'stage' ? to : undefined);
  }

  getStats(): Promise<ReadonlyMap<string, RTCStatsReport>> {
    return this.#media.getStats();
  }

  check(options?: {readonly hasMoved?: boolean}): void {
    this.#media.check(options);
    this.#people?.check(options);
  }

  close(reason: 'left' | 'closed' | 'away'): void {
    if (!this.#lifetime.signal.aborted) {
      this.#lifetime.abort();
      this.#people?.close(reason);
      this.#media.close(reason);
    }
  }

  #listenToMedia() {
    const media = this.#media;
    const options = {signal: this.#lifetime.signal};
    media.addEventListener('change', () => this.#changed(), options);
    media.addEventListener(
      'member-joined',
      ({member}) => {
        this.#hasEnded = false;
        this.dispatchEvent(new MemberJoinedEvent(this.#named(member)));
      },
      options,
    );
    media.addEventListener(
      'member-left',
      ({member, reason}) => {
        this.#hasEnded = true;
        this.dispatchEvent(new MemberLeftEvent(this.#named(member), reason));
      },
      options,
    );
    media.addEventListener(
      'error',
      ({error, report}) => this.dispatchEvent(new NetworkErrorEvent(error, report)),
      options,
    );
    media.addEventListener('close', ({error}) => this.#give(error), options);
  }

  /** It cannot go on. */
  #give(error: RtcError) {
    if (!this.#lifetime.signal.aborted) {
      this.close('left');
      this.dispatchEvent(new NetworkCloseEvent(error));
    }
  }

  /** @throws {RtcError} `address-taken`; all else is no reason not to go on. */
  async #openPeople() {
    const people = this.#createPeople?.();
    const {signal} = this.#lifetime;
    if (!people || signal.aborted) {
      return;
    }
    const options = {signal};
    const isStage = this.#role === 'stage';
    /** Not by a stage that is not on the air yet: for that there is nobody. */
    const isHeard = () => !isStage || this.#isLive;
    let wasOver = false;
    people.addEventListener(
      'change',
      () => {
        this.#stageName = people.members[0]?.state?.name ?? this.#stageName;
        const isOver = !isStage && (people.hasEnded ?? false);
        if (isOver && !wasOver) {
          // Sooner than the server says so.
          this.#media.forget?.();
          this.#stageName = '';
        }
        wasOver = isOver;
        const known = isStage ? people.members.length : (people.show?.viewers ?? 0);
        this.#isCrowded = known >= maxKnownViewers * (this.#isCrowded ? uncrowdedShare : 1);
        this.#changed();
      },
      options,
    );
    people.addEventListener(
      'member-joined',
      ({member}) => {
        if (!isStage) {
          // Where there is a stage, its stream is there soon: no need to wait as long as before.
          this.#media.check();
        } else if (this.#isLive) {
          this.dispatchEvent(new MemberJoinedEvent(member));
        }
      },
      options,
    );
    people.addEventListener(
      'member-left',
      ({member, reason}) => {
        if (this.#isLive) {
          this.dispatchEvent(new MemberLeftEvent(member, reason));
        }
      },
      options,
    );
    people.addEventListener(
      'data',
      ({data, from}) =>
        isHeard() && this.dispatchEvent(new NetworkDataEvent(data, this.#sender(from))),
      options,
    );
    people.addEventListener(
      'note',
      ({note, from}) =>
        isHeard() && this.dispatchEvent(new NetworkNoteEvent(note, this.#sender(from))),
      options,
    );
    // No place left there: what is to be seen does not depend on it.
    people.addEventListener('close', () => this.#losePeople(people), options);
    try {
      await people.open();
    } catch (cause) {
      people.close('left');
      if (isStage && toRtcError(cause).code === 'address-taken') {
        throw cause;
      }
      this.#losePeople(people);
      return;
    }
    if (signal.aborted) {
      people.close('left');
    } else {
      this.#people = people;
      if (this.#state) {
        people.setState(this.#state);
      }
      if (this.#terms) {
        people.setShow?.(this.#terms);
      }
      this.#changed();
    }
  }

  #losePeople(people: Network) {
    if (this.#people === people) {
      this.#people = undefined;
      this.#changed();
    }
    // A stage that is taken meanwhile stays taken.
    after(
      retryPeopleMs,
      () => void this.#openPeople().catch(() => undefined),
      this.#lifetime.signal,
    );
  }

  /** What the stage says of itself, where it can be heard, or has said. */
  #named(member: Member): Member {
    const state = member.state && {...member.state, name: this.#stageName};
    return {...member, state, files: this.#people?.members[0]?.files};
  }

  #sender(from: Member): Member {
    const [stream] = this.#role === 'stage' ? [] : this.#media.members;
    return stream ? this.#named(stream) : from;
  }

  async #measure() {
    const [report] = (await this.#media.getStats()).values();
    this.#sending = report && readSending(report, this.#report);
    this.#report = report;
    this.#changed();
  }

  #changed() {
    if (!this.#lifetime.signal.aborted) {
      this.dispatchEvent(new Event('change'));
    }
  }
}
