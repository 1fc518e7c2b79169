import type * as LiveKit from 'livekit-client';
import type {LocalTrack, Room, Track, TrackPublishOptions} from 'livekit-client';
import {RtcError} from '../core/errors.js';
import type {OutgoingTracks} from '../rtc/peer-link.js';

export interface PublisherOptions {
  readonly sdk: typeof LiveKit;
  /** Whether sound is music: stereo, and nothing left out. */
  readonly music: boolean;
  /** Told of what the server does not take. */
  readonly report: (error: RtcError) => void;
}

const kinds = ['mic', 'camera', 'screen', 'screen-audio'] as const;
type Kind = (typeof kinds)[number];

/**
 * Brings what a room of LiveKit gets from us to what it should get: one step at a time, and
 * the last wish wins. A microphone or camera that is off is muted, so that it is back at once;
 * a screen is taken away.
 *
 * LiveKit takes the tracks it is given for its own: it would stop them, and switches them on
 * and off. They are the page's, or our session's, and are left as they were.
 */
export class Publisher {
  readonly #sdk: typeof LiveKit;
  readonly #music: boolean;
  readonly #report: (error: RtcError) => void;
  #room: Room | undefined;
  #tracks: OutgoingTracks = {};
  #micOff = true;
  #isBusy = false;
  /** Counts the wishes. */
  #wish = 0;
  /** Tracks that were switched off because nobody is to get them. */
  readonly #dimmed = new Map<Kind, MediaStreamTrack>();
  /** What the server did not take; it is not asked again. */
  readonly #refused = new Set<Kind>();

  constructor({sdk, music, report}: PublisherOptions) {
    this.#sdk = sdk;
    this.#music = music;
    this.#report = report;
  }

  /** What is to be sent from now on. */
  want(tracks: OutgoingTracks, {micOff}: {readonly micOff: boolean}): void {
    this.#tracks = tracks;
    this.#micOff = micOff;
    this.resume();
  }

  /** To be called when the room is connected, for the first time or again. */
  resume(room = this.#room): void {
    if (room !== this.#room) {
      this.#refused.clear();
    }
    this.#room = room;
    this.#wish++;
    void this.#publish();
  }

  /** To be called when what we may do has changed. */
  retry(): void {
    this.#refused.clear();
    this.resume();
  }

  /** Leaves the tracks as they were. */
  close(): void {
    this.#room = undefined;
    for (const kind of kinds) {
      this.#brighten(kind);
    }
  }

  async #publish() {
    if (this.#isBusy) {
      return;
    }
    this.#isBusy = true;
    for (let seen = -1; seen !== this.#wish;) {
      seen = this.#wish;
      for (const kind of kinds) {
        await this.#tryKind(kind);
      }
    }
    this.#isBusy = false;
  }

  async #tryKind(kind: Kind) {
    const room = this.#room;
    if (!room || !this.#isConnected(room)) {
      return;
    }
    try {
      await this.#putKind(room, kind);
    } catch {
      // While a connection is made anew nothing can be sent; then all of this comes again.
      if (room === this.#room && this.#isConnected(room) && !this.#refused.has(kind)) {
        this.#refused.add(kind);
        // What LiveKit says may quote the server, and is not to be shown.
        this.#report(new RtcError('server-rejected', {detail: `${kind} was not taken`}));
      }
    }
  }

  async #putKind(room: Room, kind: Kind) {
    const {localParticipant} = room;
    const given = this.#tracks[kind];
    const track = given?.readyState === 'live' ? given : undefined;
    const local = localParticipant.getTrackPublication(this.#source(kind))?.track;
    if (!local) {
      if (track && !this.#refused.has(kind)) {
        await this.#add(room, kind, track);
      }
    } else if (!track && (kind === 'screen' || kind === 'screen-audio')) {
      await localParticipant.unpublishTrack(local, false);
    } else if (track) {
      if (local.mediaStreamTrack === track) {
        this.#brighten(kind);
      }
      await this.#leaveAsIs(kind, track, () => this.#replace(kind, local, track));
    } else {
      this.#dim(kind, local.mediaStreamTrack);
      await local.mute();
    }
  }

  async #add(room: Room, kind: Kind, track: MediaStreamTrack) {
    const {localParticipant} = room;
    if (localParticipant.permissions?.canPublish === false) {
      this.#refused.add(kind);
      this.#report(new RtcError('server-rejected', {detail: 'the token does not allow to send'}));
      return;
    }
    const local = this.#create(track);
    await this.#leaveAsIs(kind, track, async () => {
      if (!this.#isOn(kind)) {
        await local.mute();
      }
      // By then it has done what it does to a new track.
      await new Promise((resolve) => setTimeout(resolve));
    });
    if (room === this.#room) {
      await localParticipant.publishTrack(local, this.#optionsFor(kind));
    }
  }

  #create(track: MediaStreamTrack): LocalTrack {
    const {LocalAudioTrack, LocalVideoTrack} = this.#sdk;
    const Local = track.kind === 'audio' ? LocalAudioTrack : LocalVideoTrack;
    // Its declarations are for less exact settings of the compiler than ours.
    const local = new Local(track, undefined, true) as LocalTrack;
    // It would stop the track when it cannot be published in time, or the page is frozen.
    local.stop = () => undefined;
    return local;
  }

  async #replace(kind: Kind, local: LocalTrack, track: MediaStreamTrack) {
    if (local.mediaStreamTrack !== track) {
      await local.replaceTrack(track, true);
    }
    this.#brighten(kind);
    await (this.#isOn(kind) ? local.unmute() : local.mute());
  }

  #isOn(kind: Kind): boolean {
    return Boolean(this.#tracks[kind]) && !(kind === 'mic' && this.#micOff);
  }

  #dim(kind: Kind, track: MediaStreamTrack) {
    if (track.enabled) {
      this.#dimmed.set(kind, track);
    }
  }

  #brighten(kind: Kind) {
    const track = this.#dimmed.get(kind);
    if (track) {
      track.enabled = true;
      this.#dimmed.delete(kind);
    }
  }

  /** Whether a microphone is on is for the session to say; it may have done so meanwhile. */
  async #leaveAsIs(kind: Kind, track: MediaStreamTrack, act: () => Promise<void>) {
    const {enabled} = track;
    try {
      await act();
    } finally {
      track.enabled = kind === 'mic' ? !this.#micOff : enabled;
    }
  }

  #isConnected(room: Room): boolean {
    return room.state === this.#sdk.ConnectionState.Connected;
  }

  #source(kind: Kind): Track.Source {
    const {Source} = this.#sdk.Track;
    return {
      mic: Source.Microphone,
      camera: Source.Camera,
      screen: Source.ScreenShare,
      'screen-audio': Source.ScreenShareAudio,
    }[kind];
  }

  #optionsFor(kind: Kind): TrackPublishOptions {
    return {
      source: this.#source(kind),
      ...(this.#music && {
        dtx: false,
        red: false,
        forceStereo: true,
        audioPreset: this.#sdk.AudioPresets.musicHighQualityStereo,
      }),
    };
  }
}
