import {RtcError} from '../core/errors.js';
import {TypedEventTarget} from '../core/typed-event-target.js';
import type {OutgoingTracks} from '../rtc/peer-link.js';
import {OneSound} from '../rtc/one-sound.js';
import {KeptLink, streamId, type EndpointOptions} from './kept-link.js';
import {
  NetworkCloseEvent,
  NetworkErrorEvent,
  type Member,
  type Network,
  type NetworkEvents,
} from './network.js';

export interface WhipOptions extends EndpointOptions {
  /** Whether the sound is music: stereo, and not made for speech. */
  readonly music?: boolean | undefined;
}

/**
 * Publishes one stream to a media server (WHIP, RFC 9725). Nobody is seen from here.
 * A server that is not ready is tried for two minutes, and told of; one that was, until it is back.
 */
export class WhipNetwork extends TypedEventTarget<NetworkEvents> implements Network {
  readonly members: readonly Member[] = [];
  readonly #kept: KeptLink;
  readonly #sound = new OneSound();
  #tracks: OutgoingTracks = {};
  #wasOnline = false;

  constructor(options: WhipOptions) {
    super();
    this.#kept = new KeptLink({...options, role: 'publisher'});
    this.#kept.addEventListener('change', () => {
      if (this.#wasOnline !== this.isOnline) {
        this.#wasOnline = this.isOnline;
        this.dispatchEvent(new Event('change'));
      }
    });
    this.#kept.addEventListener('error', ({error, report}) =>
      this.dispatchEvent(new NetworkErrorEvent(error, report)),
    );
    this.#sound.addEventListener('change', () => this.#putTracks());
    this.#kept.addEventListener('close', ({error}) => {
      this.#sound.close();
      this.dispatchEvent(new NetworkCloseEvent(error));
    });
  }

  /** Whether the server has agreed, and the path to it is not broken. */
  get isOnline(): boolean {
    return this.#kept.phase === 'linked';
  }

  open(): Promise<void> {
    return this.#kept.open();
  }

  /** One picture and one sound: the screen comes before the camera, its sound beside the microphone. */
  setTracks(tracks: OutgoingTracks): void {
    if (this.#kept.phase !== 'closed') {
      this.#tracks = tracks;
      this.#sound.set(tracks.mic, tracks['screen-audio']);
      this.#putTracks();
    }
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

  close(): void {
    this.#kept.close();
    this.#sound.close();
  }

  #putTracks() {
    const {screen, camera} = this.#tracks;
    this.#kept.setTracks({audio: this.#sound.track, video: screen ?? camera});
  }
}
