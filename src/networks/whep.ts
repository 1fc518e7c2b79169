import {RtcError} from '../core/errors.js';
import {TypedEventTarget} from '../core/typed-event-target.js';
import {KeptLink, streamId, type EndpointOptions} from './kept-link.js';
import {
  MemberJoinedEvent,
  MemberLeftEvent,
  NetworkCloseEvent,
  NetworkErrorEvent,
  type Member,
  type Network,
  type NetworkEvents,
} from './network.js';

export type WhepOptions = EndpointOptions;

/**
 * Watches one stream of a media server (WHEP, draft-ietf-wish-whep). The stream is the one member:
 * it joins when it plays, and leaves when the server says that there is none; then it is waited for.
 */
export class WhepNetwork extends TypedEventTarget<NetworkEvents> implements Network {
  readonly #kept: KeptLink;
  /** The same over all links: a media element never starts again. */
  readonly #stream = new MediaStream();
  readonly #screen = new MediaStream();
  #member: Member | undefined;
  #wasOnline = false;

  constructor(options: WhepOptions) {
    super();
    this.#kept = new KeptLink({...options, role: 'player'});
    this.#kept.addEventListener('change', () => this.#update());
    this.#kept.addEventListener('error', ({error, report}) =>
      this.dispatchEvent(new NetworkErrorEvent(error, report)),
    );
    this.#kept.addEventListener('close', ({error}) =>
      this.dispatchEvent(new NetworkCloseEvent(error)),
    );
  }

  get members(): readonly Member[] {
    return this.#member ? [this.#member] : [];
  }

  /** Whether the server has answered, and the path to it is not broken. The stream may be still to come. */
  get isOnline(): boolean {
    return this.#kept.phase === 'linked' || this.#kept.phase === 'absent';
  }

  open(): Promise<void> {
    return this.#kept.open();
  }

  setTracks(): void {
    // Who watches sends nothing.
  }

  setState(): void {
    // There is nobody to tell.
  }

  send(): void {
    throw new RtcError('peer-unavailable');
  }

  async getStats(): Promise<ReadonlyMap<string, RTCStatsReport>> {
    const report = await this.#kept.getStats();
    return new Map(report && [[streamId, report]]);
  }

  check(options?: {readonly hasMoved?: boolean}): void {
    this.#kept.check(options);
  }

  /** Takes the stream for over, on the word of somebody who knows: what the server says takes longer. */
  forget(): void {
    this.#kept.forget();
  }

  close(): void {
    this.#kept.close();
  }

  #update() {
    const {phase, isConnected, tracks} = this.#kept;
    const last = this.#member;
    const wasOnline = this.#wasOnline;
    this.#wasOnline = this.isOnline;
    show(this.#stream, tracks);
    this.#member = phase === 'absent' ? undefined : this.#memberOf(last, isConnected);
    if (wasOnline !== this.isOnline || !isSame(last, this.#member)) {
      this.dispatchEvent(new Event('change'));
    } else {
      this.#member = last;
    }
    if (this.#member?.state && !last?.state) {
      this.dispatchEvent(new MemberJoinedEvent(this.#member));
    } else if (last?.state && !this.#member) {
      this.dispatchEvent(new MemberLeftEvent(last, 'left'));
    }
  }

  #memberOf(last: Member | undefined, isConnected: boolean): Member | undefined {
    const has = (kind: string) => this.#stream.getTracks().some((track) => track.kind === kind);
    const isThere = has('audio') || has('video');
    // Tracks may be there before they carry anything.
    const isLost = last?.state && last.connection !== 'connecting';
    if (!isThere && !isConnected && !last) {
      return undefined;
    }
    return {
      id: streamId,
      state:
        isThere || last?.state
          ? {
              name: '',
              micOff: !has('audio'),
              cameraOff: !has('video'),
              screen: false,
              settled: true,
            }
          : undefined,
      connection: isConnected ? 'connected' : isLost ? 'reconnecting' : 'connecting',
      away: false,
      stream: this.#stream,
      screen: this.#screen,
    };
  }
}

/** One kind after the other, and the old first: Firefox goes on showing the one that it has. */
function show(stream: MediaStream, tracks: readonly MediaStreamTrack[]) {
  for (const kind of ['audio', 'video']) {
    for (const track of stream.getTracks()) {
      if (track.kind === kind && !tracks.includes(track)) {
        stream.removeTrack(track);
      }
    }
    for (const track of tracks) {
      if (track.kind === kind) {
        stream.addTrack(track);
      }
    }
  }
}

function isSame(a: Member | undefined, b: Member | undefined): boolean {
  return (
    a?.connection === b?.connection &&
    Boolean(a?.state) === Boolean(b?.state) &&
    a?.state?.micOff === b?.state?.micOff &&
    a?.state?.cameraOff === b?.state?.cameraOff
  );
}
