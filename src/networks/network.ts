import type {RtcError} from '../core/errors.js';
import type {Note, PeerState, Show} from '../core/messages.js';
import type {TypedEventTarget} from '../core/typed-event-target.js';
import type {FileChannel} from '../rtc/file-channel.js';
import type {LinkEnd, OutgoingTracks} from '../rtc/peer-link.js';

/** In pixels of the screen. */
export interface Size {
  readonly width: number;
  readonly height: number;
}

/** Somebody else in the room. Replaced, not changed. */
export interface Member {
  readonly id: string;
  /** Unknown until their link is open. */
  readonly state: PeerState | undefined;
  readonly connection: 'connecting' | 'connected' | 'reconnecting';
  /** Whether they have said that they will be back in a moment. */
  readonly away: boolean;
  readonly stream: MediaStream;
  readonly screen: MediaStream;
  /** Whether the server hears them speak, where one tells. */
  readonly speaking?: boolean;
  /** Carries files to them and from them, where the network can; another one after each change of links. */
  readonly files?: FileChannel | undefined;
}

export class MemberJoinedEvent extends Event {
  constructor(readonly member: Member) {
    super('member-joined');
  }
}

export class MemberLeftEvent extends Event {
  constructor(
    readonly member: Member,
    readonly reason: Exclude<LinkEnd, 'away'>,
  ) {
    super('member-left');
  }
}

export class NetworkDataEvent extends Event {
  constructor(
    readonly data: unknown,
    readonly from: Member,
  ) {
    super('data');
  }
}

/** A line of a chat, or the like. */
export class NetworkNoteEvent extends Event {
  constructor(
    readonly note: Note,
    readonly from: Member,
  ) {
    super('note');
  }
}

/** Trouble that does not end the call, except `room-full`: we were not in it after all. */
export class NetworkErrorEvent extends Event {
  constructor(
    readonly error: RtcError,
    /** What the browser measured of the link that could not be made. */
    readonly report?: RTCStatsReport,
  ) {
    super('error');
  }
}

/** The network has ended by itself, after it had been opened. */
export class NetworkCloseEvent extends Event {
  constructor(readonly error: RtcError) {
    super('close');
  }
}

export interface NetworkEvents {
  /** `members` or `isOnline` has changed. */
  change: Event;
  'member-joined': MemberJoinedEvent;
  /** Only for those whose joining was told. */
  'member-left': MemberLeftEvent;
  data: NetworkDataEvent;
  note: NetworkNoteEvent;
  error: NetworkErrorEvent;
  close: NetworkCloseEvent;
}

/** What the stage of a broadcast decides about it. */
export interface ShowTerms {
  readonly paused: boolean;
  /** Whether the audience may chat, */
  readonly chat: boolean;
  /** and record. */
  readonly record: boolean;
  /** Which viewer is asked to the stage, or is on it. */
  readonly guest: string | undefined;
}

/** What keeps a stage from serving more viewers, or these better. */
export type StageLimit = 'cap' | 'uplink' | 'cpu';

/** How a stage is doing, by what the browser measured in the last seconds. */
export interface StageHealth {
  /** All that is sent, in bits a second. */
  readonly bitrate: number;
  /** Frames a second that a viewer in the middle of the field gets. */
  readonly frameRate: number | undefined;
  /** Frames of the camera that were not sent to them, in percent. */
  readonly droppedPercent: number | undefined;
  /** What keeps the picture from being better. */
  readonly limitedBy: Exclude<StageLimit, 'cap'> | undefined;
  /** Why the next viewer would be refused. */
  readonly fullBy: StageLimit | undefined;
}

/**
 * Who is in the room and how media gets there. Opened once, closed once; what we
 * send and say of ourselves may be set at any time.
 */
export interface Network extends TypedEventTarget<NetworkEvents> {
  readonly members: readonly Member[];
  /** Whether newcomers can find us. Those who are in stay connected without. */
  readonly isOnline: boolean;
  /**
   * Resolves when we are in the room.
   * @throws {RtcError} that says why we are not.
   */
  open(): Promise<void>;
  setTracks(tracks: OutgoingTracks): void;
  setState(state: PeerState): void;
  /** Whether files can be sent to those who have, or will have, a channel for them. */
  readonly takesFiles?: boolean;
  /** Whether sound is music from now on: a network without it finds that out when it is opened. */
  setMusic?(music: boolean): void;
  /**
   * How large somebody's picture is shown, in pixels of the screen, or that it is not to be seen
   * (`undefined`): so no more is sent than that. Until told, pictures come as large as they are.
   */
  setSize?(id: string, source: 'camera' | 'screen', size: Size | undefined): void;
  /**
   * Sends to one member or to all.
   * @throws {RtcError} `peer-unavailable` when `to` is not in the room.
   */
  send(data: string | ArrayBuffer, to?: string): void;
  /** Of these members only, where that is less work; of all without. */
  getStats(ids?: readonly string[]): Promise<ReadonlyMap<string, RTCStatsReport>>;
  /**
   * The page may have slept, or the network be another one: paths should be looked after.
   * When it `hasMoved`, what does not answer soon is taken for dead.
   */
  check(options?: {readonly hasMoved?: boolean}): void;
  /** `away`: we will be back in a moment, perhaps as another page. */
  close(reason: 'left' | 'closed' | 'away'): void;

  /** The stage of a broadcast: what the audience is told, and who of it is asked up. */
  setShow?(terms: ShowTerms): void;
  readonly health?: StageHealth | undefined;
  /** Whether stage and audience can count, and write to, each other: a media server knows nobody. */
  readonly hasPeople?: boolean;
  /** Whether there may be viewers whom nobody can count. */
  readonly isCrowded?: boolean;
  /** The stage: whether somebody of the audience can be brought up. */
  readonly takesGuests?: boolean;
  /** In the audience: what the stage has told; nothing while there is none. */
  readonly show?: Show | undefined;
  /** In the audience: whether the stage has said that it is over. */
  readonly hasEnded?: boolean;
}
