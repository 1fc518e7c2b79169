import type {LineQuality} from './line-grade.js';

/** How the path to a participant is doing. Oneself is always `connected`. */
export type ParticipantConnection = 'connecting' | 'connected' | 'reconnecting';

/** What somebody is in the call. */
export type ParticipantRole =
  /** One of all, in a call. */
  | 'participant'
  /** In a broadcast: who sends to all, */
  | 'stage'
  /** who was asked up from the audience, */
  | 'guest'
  /** and who watches. */
  | 'viewer';

/** Why somebody is no longer in the call. */
export type LeaveReason =
  /** Hung up. */
  | 'left'
  /** Closed the page, or went to another. */
  | 'closed'
  /** Found the room full. */
  | 'room-full'
  /** The connection broke and did not come back. */
  | 'lost'
  /** Broke the rules of the wire: see the `error` event that came with it. */
  | 'bad-message'
  /** The call ended with an error: see the state. */
  | 'failed';

/**
 * A person in the call as it is now. A new object takes its place when
 * something changes; `stream` and `screen` stay the same objects, so that a
 * media element never has to start again.
 */
export interface Participant {
  /**
   * Random for each join, and says nothing about the person; with LiveKit, the identity in their
   * token. Never `self`, but for oneself.
   */
  readonly id: string;
  /** What the person calls themselves; text from a stranger, never HTML. */
  readonly name: string;
  readonly role: ParticipantRole;
  /** Camera and microphone. */
  readonly stream: MediaStream | undefined;
  /** The shared screen, with its sound if there is any. */
  readonly screen: MediaStream | undefined;
  readonly micOff: boolean;
  readonly cameraOff: boolean;
  /** Whether they ask for the word. */
  readonly handRaised: boolean;
  /** Whether they say that they record the call. */
  readonly recording: boolean;
  /** Whether they are speaking, by what is heard of them here, or by the server's word. */
  readonly speaking: boolean;
  /**
   * How good the line to them is; of oneself, how well the others get what is sent. Nothing while
   * nothing is known.
   */
  readonly quality: LineQuality | undefined;
  readonly connection: ParticipantConnection;
  /** Whether they have said that they will be back in a moment; `reconnecting` until then. */
  readonly away: boolean;
}
