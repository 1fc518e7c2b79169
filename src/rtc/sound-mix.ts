/**
 * Several sounds as one track. Nothing is mixed while there is only one: then it is that track itself.
 * The tracks given are never stopped here.
 */
export class SoundMix {
  #context: AudioContext | undefined;
  #tracks: readonly MediaStreamTrack[] = [];
  #mixed: MediaStreamTrack | undefined;

  /** One track with the sound of all of these; the same one as long as they are the same. */
  of(...tracks: (MediaStreamTrack | undefined)[]): MediaStreamTrack | undefined {
    const wanted = tracks.filter((track) => track !== undefined);
    if (wanted.length < 2) {
      this.close();
      return wanted[0];
    }
    if (this.#mixed && wanted.every((track, i) => track === this.#tracks[i])) {
      return this.#mixed;
    }
    this.close();
    const context = new AudioContext();
    const destination = context.createMediaStreamDestination();
    for (const track of wanted) {
      context.createMediaStreamSource(new MediaStream([track])).connect(destination);
    }
    // Who shares a screen has clicked for it, so that it may run.
    void context.resume();
    this.#context = context;
    this.#tracks = wanted;
    this.#mixed = destination.stream.getAudioTracks()[0];
    return this.#mixed;
  }

  close(): void {
    this.#mixed?.stop();
    this.#mixed = undefined;
    this.#tracks = [];
    void this.#context?.close();
    this.#context = undefined;
  }
}
