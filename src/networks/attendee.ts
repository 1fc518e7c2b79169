import type {RemoteParticipant, RemoteTrackPublication} from 'livekit-client';
import type {PeerState, TrackKind} from '../core/messages.js';
import {TokenBucket} from '../core/token-bucket.js';
import type {Member, Size} from './network.js';
import {Assembly} from './packets.js';

/** As for a link between two. */
const receiveBurst = 600;
const receivePerSecond = 250;

const kinds = ['mic', 'camera', 'screen', 'screen-audio'] as const;

/** By what LiveKit calls the sources of tracks. */
const bySource = new Map<string, TrackKind>([
  ['microphone', 'mic'],
  ['camera', 'camera'],
  ['screen_share', 'screen'],
  ['screen_share_audio', 'screen-audio'],
]);

/**
 * What they are called here: their identity, except where that would pass for oneself, or for
 * nobody. No two identities become one.
 */
export function idOf(identity: string): string {
  return /^(self)?_*$/.test(identity) ? `${identity}_` : identity;
}

/**
 * One other person in a room of LiveKit, over all that the server knows them as: who comes back,
 * or is seen again after we were away, has the same streams.
 */
export class Attendee {
  readonly id: string;
  /** What the server calls them. */
  readonly identity: string;
  readonly stream = new MediaStream();
  readonly screen = new MediaStream();
  readonly incoming = new TokenBucket(receiveBurst, receivePerSecond);
  readonly assembly = new Assembly();
  /** Whether it has been told that they send too much. */
  isTooFast = false;
  /** Whether the server has said that they are gone for good. */
  hasLeft = false;
  /** Ends the wait for one who may come back. */
  wait: AbortController | undefined;
  #participant: RemoteParticipant | undefined;
  #state: PeerState | undefined;
  #speaking = false;
  readonly #sizes = new Map<TrackKind, Size | undefined>();

  constructor(identity: string) {
    this.id = idOf(identity);
    this.identity = identity;
  }

  /** Whether they are in the room, as the server sees it. */
  get isHere(): boolean {
    return Boolean(this.#participant);
  }

  /** `isOnline`: whether we are in the room ourselves. */
  member(isOnline: boolean): Member {
    return {
      id: this.id,
      state: this.#state,
      connection: this.isHere && isOnline ? 'connected' : 'reconnecting',
      away: false,
      stream: this.stream,
      screen: this.screen,
      speaking: this.#speaking,
    };
  }

  /** Takes over what the server says of them now. */
  see(participant: RemoteParticipant): void {
    this.wait?.abort();
    this.wait = undefined;
    this.hasLeft = false;
    this.#participant = participant;
    this.#speaking = participant.isSpeaking;
    const isOn = (kind: TrackKind) => this.#publication(kind)?.isMuted === false;
    this.#state = {
      // Who has no name is known to the page by their identity at least.
      name: participant.name || this.id,
      micOff: !isOn('mic'),
      cameraOff: !isOn('camera'),
      screen: isOn('screen'),
    };
    for (const kind of kinds) {
      this.#put(kind);
    }
  }

  /** The last pictures stand until they are seen again. */
  miss(): void {
    this.#participant = undefined;
    this.#speaking = false;
  }

  /** Asks for no more of a picture than is shown; `undefined` for none. */
  setSize(kind: TrackKind, size: Size | undefined): void {
    this.#sizes.set(kind, size);
    this.#resize(kind);
  }

  /** What the browser measures of all that is received from them. */
  async getStats(): Promise<RTCStatsReport> {
    const publications = [...(this.#participant?.trackPublications.values() ?? [])];
    const reports = await Promise.all(
      publications.map(({track}) => Promise.resolve(track?.getRTCStatsReport())),
    );
    return new Map(
      reports.flatMap((report) => [...((report as ReadonlyMap<string, object> | undefined) ?? [])]),
    );
  }

  #publication(kind: TrackKind): RemoteTrackPublication | undefined {
    const publications = [...(this.#participant?.trackPublications.values() ?? [])];
    // Of two, the older one is about to go.
    return publications.filter((publication) => kindOf(publication) === kind).at(-1);
  }

  #put(kind: TrackKind) {
    const stream = kind === 'mic' || kind === 'camera' ? this.stream : this.screen;
    const before = stream.getTracks().filter((track) => track.kind === mediaOf(kind));
    const publication = this.#publication(kind);
    const isOff = publication?.isMuted !== false;
    const track = isOff ? undefined : publication.track?.mediaStreamTrack;
    if (track ? before.includes(track) : !isOff) {
      return;
    }
    for (const old of before) {
      stream.removeTrack(old);
    }
    if (track) {
      stream.addTrack(track);
      this.#resize(kind);
    }
  }

  #resize(kind: TrackKind) {
    const publication = this.#publication(kind);
    const size = this.#sizes.get(kind);
    // Before there is a track it would not be kept.
    if (!publication?.track || !this.#sizes.has(kind)) {
      return;
    }
    publication.setEnabled(Boolean(size));
    if (size) {
      publication.setVideoDimensions({width: size.width, height: size.height});
    }
  }
}

/** What is not one of our kinds, as from a gateway or an agent, is taken for the next best. */
function kindOf({source, kind}: RemoteTrackPublication): TrackKind {
  return bySource.get(source) ?? ((kind as string) === 'audio' ? 'mic' : 'camera');
}

function mediaOf(kind: TrackKind): 'audio' | 'video' {
  return kind === 'mic' || kind === 'screen-audio' ? 'audio' : 'video';
}
