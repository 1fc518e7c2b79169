import type {ReactiveController, ReactiveElement} from 'lit';
import {SoundLevel} from '../rtc/sound-level.js';

/** About 15 times a second: more is not seen. */
const drawEveryMs = 66;
/** What is drawn as nothing, in decibels; all of it is 0. */
const floorDb = -60;

/** Lets a host draw how loud a track is, as long as the host is seen. */
export class LevelController implements ReactiveController {
  readonly #host: ReactiveElement;
  readonly #track: () => MediaStreamTrack | undefined;
  readonly #draw: (level: number) => void;
  readonly #sight = new IntersectionObserver((entries) => {
    this.#isSeen = entries.at(-1)?.isIntersecting ?? false;
    this.hostUpdated();
  });
  #isSeen = false;
  #measured: MediaStreamTrack | undefined;
  #level: SoundLevel | undefined;
  #hasHeard = false;
  #frame = 0;
  #drawnAt = 0;
  #gestures: AbortController | undefined;

  /** `draw` is given 0 to 1, as loudness is felt. */
  constructor(
    host: ReactiveElement,
    {track, draw}: {track: () => MediaStreamTrack | undefined; draw: (level: number) => void},
  ) {
    this.#host = host;
    this.#track = track;
    this.#draw = draw;
    host.addController(this);
  }

  hostConnected() {
    this.#sight.observe(this.#host);
    this.#gestures = new AbortController();
    const {signal} = this.#gestures;
    for (const type of ['pointerup', 'keydown']) {
      document.addEventListener(type, () => this.#wake(), {signal, capture: true});
    }
  }

  hostDisconnected() {
    this.#sight.disconnect();
    this.#gestures?.abort();
    this.#isSeen = false;
    this.#measure(undefined);
  }

  hostUpdated() {
    this.#measure(this.#isSeen ? this.#track() : undefined);
  }

  /** A browser may start no sound before a gesture. */
  #wake() {
    const track = this.#measured;
    if (track && !this.#hasHeard) {
      this.#measure(undefined);
      this.#measure(track);
    }
  }

  #measure(track: MediaStreamTrack | undefined) {
    if (track === this.#measured) {
      return;
    }
    this.#measured = track;
    this.#level?.close();
    this.#level = track && new SoundLevel(track);
    this.#hasHeard = false;
    cancelAnimationFrame(this.#frame);
    this.#draw(0);
    if (track) {
      this.#frame = requestAnimationFrame(this.#beat);
    }
  }

  readonly #beat = (now: number) => {
    if (now - this.#drawnAt >= drawEveryMs) {
      this.#drawnAt = now;
      const level = this.#level?.read() ?? 0;
      this.#hasHeard ||= level > 0;
      this.#draw(Math.min(1, Math.max(0, 1 - (20 * Math.log10(level)) / floorDb)));
    }
    this.#frame = requestAnimationFrame(this.#beat);
  };
}
