/** https://w3c.github.io/mediacapture-transform/, as Chromium has it outside of workers. */
declare const MediaStreamTrackProcessor: new (init: {readonly track: MediaStreamTrack}) => {
  readonly readable: ReadableStream<VideoFrame>;
};
declare const MediaStreamTrackGenerator: new (init: {
  readonly kind: 'video';
}) => MediaStreamTrack & {readonly writable: WritableStream<VideoFrame>};

/** Whether pictures can be taken from tracks, and put into one, by hand: also in a page that is out of sight. */
export function canPassFrames(): boolean {
  return 'MediaStreamTrackGenerator' in globalThis && 'MediaStreamTrackProcessor' in globalThis;
}

/** A track whose pictures are put in by hand. */
export class FrameTrack {
  readonly track = new MediaStreamTrackGenerator({kind: 'video'});
  readonly #writer = this.track.writable.getWriter();

  async put(picture: VideoFrame | OffscreenCanvas): Promise<void> {
    // Each source counts from another beginning.
    const frame = new VideoFrame(picture, {timestamp: performance.now() * 1_000});
    try {
      await this.#writer.write(frame);
    } catch {
      // Closed in the same moment.
      frame.close();
    }
  }
}

/** Hands over every frame of a track, to be closed. */
export async function readFrames(
  track: MediaStreamTrack,
  signal: AbortSignal,
  take: (frame: VideoFrame) => Promise<void>,
): Promise<void> {
  const reader = new MediaStreamTrackProcessor({track}).readable.getReader();
  signal.addEventListener('abort', () => void reader.cancel());
  for (;;) {
    const {value: frame} = await reader.read();
    if (!frame) {
      return;
    }
    if (signal.aborted) {
      frame.close();
      return;
    }
    await take(frame);
  }
}
