import {TypedEventTarget} from '../core/typed-event-target.js';

export interface SoundMixEvents {
  /** `track` is another one, by itself. */
  change: Event;
}

/**
 * Several sounds as one track. The tracks given are never stopped here, and nothing is mixed
 * while there is only one: then it is that track itself.
 */
export class SoundMix extends TypedEventTarget<SoundMixEvents> {
  #tracks: readonly MediaStreamTrack[] = [];
  #context: AudioContext | undefined;
  #mixed: MediaStreamTrack | undefined;

  /**
   * The sound of them all; of the first alone until the browser mixes, which it may not do
   * before somebody has clicked, or without a device to play on.
   */
  get track(): MediaStreamTrack | undefined {
    return this.#context?.state === 'running' ? this.#mixed : this.#tracks[0];
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
      this.#mix(wanted);
    }
  }

  close(): void {
    const context = this.#context;
    this.#context = undefined;
    this.#tracks = [];
    this.#mixed?.stop();
    this.#mixed = undefined;
    void context?.close();
  }

  #mix(tracks: readonly MediaStreamTrack[]) {
    const context = new AudioContext();
    const destination = context.createMediaStreamDestination();
    for (const track of tracks) {
      context.createMediaStreamSource(new MediaStream([track])).connect(destination);
    }
    this.#context = context;
    this.#mixed = destination.stream.getAudioTracks()[0];
    context.addEventListener('statechange', () => {
      if (context === this.#context) {
        this.dispatchEvent(new Event('change'));
      }
    });
    // It rejects, if it does, because it is closed by then.
    context.resume().catch(() => undefined);
  }
}
