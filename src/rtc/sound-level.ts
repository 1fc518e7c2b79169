/** How much is looked at at once: two thirds of a second at 48 kHz, the most there can be. */
const samples = 32_768;

/**
 * How loud a track is. Reads nothing by itself: who shows it asks many times a second, who only wants
 * to know whether somebody speaks, once. Zero where the browser starts no sound before a gesture.
 */
export class SoundLevel {
  // Where the browser can, without a speaker: it must not be woken for this.
  readonly #context = new AudioContext({sinkId: {type: 'none'}} as AudioContextOptions);
  readonly #analyser = new AnalyserNode(this.#context, {fftSize: samples});
  readonly #data = new Float32Array(samples);
  readonly #copy: MediaStreamTrack | undefined;
  #readAt = 0;

  /** With `evenMuted`, of what the device hears while the track is disabled, by a copy of it. */
  constructor(track: MediaStreamTrack, {evenMuted = false} = {}) {
    if (evenMuted) {
      this.#copy = track.clone();
      this.#copy.enabled = true;
    }
    const stream = new MediaStream([this.#copy ?? track]);
    this.#context.createMediaStreamSource(stream).connect(this.#analyser);
    // It rejects, if it does, because it is closed by then.
    this.#context.resume().catch(() => undefined);
  }

  /**
   * The effective value since the last time, at most two thirds of a second: 0 to 1, on the scale of
   * `audioLevel` in statistics. Speech is between 0.01 and 0.3; a meter is best drawn in decibels.
   */
  read(): number {
    const {currentTime, sampleRate} = this.#context;
    const passed = Math.round((currentTime - this.#readAt) * sampleRate);
    this.#readAt = currentTime;
    if (passed <= 0) {
      return 0;
    }
    this.#analyser.getFloatTimeDomainData(this.#data);
    const heard = this.#data.subarray(-Math.min(passed, samples));
    const energy = heard.reduce((sum, value) => sum + value * value, 0);
    return Math.min(1, Math.sqrt(energy / heard.length));
  }

  /** Lets go of the track; the copy is stopped, so that the light of the device can go out. */
  close(): void {
    this.#copy?.stop();
    // It may be closed by the browser already.
    this.#context.close().catch(() => undefined);
  }
}
