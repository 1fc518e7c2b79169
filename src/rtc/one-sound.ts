import {TypedEventTarget} from '../core/typed-event-target.js';
import {SoundMix} from './sound-mix.js';

export interface OneSoundEvents {
  /** `track` is another one, by itself. */
  change: Event;
}

/**
 * Several sounds as one track. The tracks given are never stopped here, and nothing is mixed
 * while there is only one: then it is that track itself.
 */
export class OneSound extends TypedEventTarget<OneSoundEvents> {
  #tracks: readonly MediaStreamTrack[] = [];
  #mix: SoundMix | undefined;
  #isMixing = false;

  /**
   * The sound of them all; of the first alone until the browser mixes, which it may not do
   * before somebody has clicked, or without a device to play on.
   */
  get track(): MediaStreamTrack | undefined {
    return this.#isMixing ? this.#mix?.track : this.#tracks[0];
  }

  /** Takes these instead of those before. */
  set(...tracks: (MediaStreamTrack | undefined)[]): void {
    const wanted = tracks.filter((track) => track !== undefined);
    if (
      wanted.length === this.#tracks.length &&
      wanted.every((track, i) => track === this.#tracks[i])
    ) {
      return;
    }
    this.close();
    this.#tracks = wanted;
    if (wanted.length > 1) {
      this.#begin(wanted);
    }
  }

  close(): void {
    const mix = this.#mix;
    this.#mix = undefined;
    this.#isMixing = false;
    this.#tracks = [];
    mix?.close();
  }

  #begin(tracks: readonly MediaStreamTrack[]) {
    const mix = new SoundMix();
    this.#mix = mix;
    mix.play(tracks);
    mix.run((isRunning) => {
      if (mix === this.#mix) {
        this.#isMixing = isRunning;
        this.dispatchEvent(new Event('change'));
      }
    });
  }
}
