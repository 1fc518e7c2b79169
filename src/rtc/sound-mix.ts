/** How long the browser may take to start its sound. */
const startMs = 2_000;

interface Source {
  readonly node: MediaStreamAudioSourceNode;
  readonly player: HTMLAudioElement;
}

/** All that sounds at the moment in one track, which stays the same: stereo, and silence too. */
export class SoundMix {
  // Where the browser can, without a speaker: one that is unplugged must not matter.
  readonly #context = new AudioContext({sinkId: {type: 'none'}} as AudioContextOptions);
  readonly #out = this.#context.createMediaStreamDestination();
  readonly #sources = new Map<MediaStreamTrack, Source>();

  constructor() {
    // Where nothing is connected, Chromium gives nothing at all, and recorders wait for it.
    const silence = this.#context.createConstantSource();
    silence.offset.value = 0;
    silence.connect(this.#out);
    silence.start();
  }

  get track(): MediaStreamTrack {
    return this.#out.stream.getAudioTracks()[0]!;
  }

  /**
   * Whether there is sound: a page that nobody has touched may have none, and Firefox has none on a
   * machine without a speaker. A track without sound would hold back the picture in a recording.
   */
  async start(): Promise<boolean> {
    const context = this.#context;
    const timeout = new Promise((resolve) => setTimeout(resolve, startMs));
    // It may neither succeed nor fail.
    await Promise.race([context.resume().catch(() => undefined), timeout]);
    return context.state === 'running';
  }

  /** Starts as soon as the browser lets it, and tells when there is sound, and when not any more. */
  run(tell: (isRunning: boolean) => void): void {
    const context = this.#context;
    context.addEventListener('statechange', () => tell(context.state === 'running'));
    // It rejects, if it does, because it is closed by then.
    context.resume().catch(() => undefined);
  }

  play(tracks: readonly MediaStreamTrack[]): void {
    for (const [track, {node, player}] of this.#sources) {
      if (!tracks.includes(track)) {
        node.disconnect();
        player.srcObject = null;
        this.#sources.delete(track);
      }
    }
    for (const track of tracks) {
      if (!this.#sources.has(track) && track.readyState === 'live') {
        this.#add(track);
      }
    }
  }

  #add(track: MediaStreamTrack) {
    const stream = new MediaStream([track]);
    let node;
    try {
      node = this.#context.createMediaStreamSource(stream);
    } catch {
      // Some Firefox take no sound of another rate: all but that is heard.
      return;
    }
    node.connect(this.#out);
    // Chromium gives no sound of others that no element has: https://crbug.com/933677
    const player = Object.assign(new Audio(), {muted: true, srcObject: stream});
    this.#sources.set(track, {node, player});
  }

  close(): void {
    this.play([]);
    this.track.stop();
    // It may be closed by the browser already.
    this.#context.close().catch(() => undefined);
  }
}
