import {arrange, drawTile, type ComposedTile, type Picture, type Place} from './composed-tile.js';
import {canPassFrames, FrameTrack, readFrames} from './frames.js';

const width = 1_280;
const height = 720;
/** A picture is made this often at most. */
const pictureMs = 40;
/** Making it takes no more than one part in so many of the page's time, on a slow machine too. */
const share = 3;
/** One that stands still is repeated this often: recorders hold back the sound until there is one. */
const repeatMs = 1_000;
/** What can be seen through costs twice to encode. */
const opaque: CanvasRenderingContext2DSettings = {alpha: false};

/**
 * Everybody in one picture, whose track stays the same, whoever comes and goes. Where frames can be passed on by hand
 * (Chromium), they are drawn as they come, in the background too; elsewhere a timer draws what video elements show.
 */
export class Composer {
  readonly #canvas = canPassFrames() ? new FrameCanvas() : new ElementCanvas();
  readonly #timer = setInterval(() => void this.#refresh(), this.#canvas.everyMs);
  readonly #sources = new Map<MediaStreamTrack, Source>();
  #tiles: readonly ComposedTile[] = [];
  #places: readonly Place[] = [];
  /** Whether all has to be drawn. */
  #isNew = true;
  /** When the next picture is to be made. */
  #dueAt = 0;

  get track(): MediaStreamTrack {
    return this.#canvas.track;
  }

  /** Shows these from now on. Their tracks are not stopped, also not by `close()`. */
  show(tiles: readonly ComposedTile[]): void {
    if (areSame(tiles, this.#tiles)) {
      return;
    }
    this.#tiles = tiles;
    this.#places = arrange(tiles, {x: 0, y: 0, width, height});
    this.#isNew = true;
    const tracks = tiles.map(({track}) => track);
    for (const [track, source] of this.#sources) {
      if (!tracks.includes(track)) {
        source.close();
        this.#sources.delete(track);
      }
    }
    for (const track of tracks) {
      // What has ended has nothing to show.
      if (track?.readyState === 'live' && !this.#sources.has(track)) {
        this.#sources.set(
          track,
          this.#canvas.open(track, () => this.#refresh()),
        );
      }
    }
    void this.#refresh();
  }

  close(): void {
    clearInterval(this.#timer);
    for (const source of this.#sources.values()) {
      source.close();
    }
    this.#canvas.close();
  }

  /** Sources have a rhythm each: a picture that comes half of the time too early is made, the next one later. */
  async #refresh() {
    const now = performance.now();
    if (now + pictureMs / 2 < this.#dueAt) {
      return;
    }
    this.#dueAt = Math.max(this.#dueAt + pictureMs, now);
    const {context} = this.#canvas;
    if (this.#isNew) {
      context.fillStyle = '#0b0e13';
      context.fillRect(0, 0, width, height);
    }
    this.#tiles.forEach((tile, index) => {
      const source = tile.track && this.#sources.get(tile.track);
      const place = this.#places[index];
      if (place && (this.#isNew || source?.isNew)) {
        drawTile(context, tile, place, source?.take());
      }
    });
    this.#isNew = false;
    const published = this.#canvas.publish();
    // Without a graphics card the page waits for what it draws.
    const spentMs = performance.now() - now;
    this.#dueAt = Math.max(this.#dueAt, now + share * spentMs);
    await published;
  }
}

function areSame(some: readonly ComposedTile[], others: readonly ComposedTile[]): boolean {
  return (
    some.length === others.length &&
    some.every(({source, name, track}, index) => {
      const other = others[index];
      return source === other?.source && name === other.name && track === other.track;
    })
  );
}

/** What is to be seen of a track. */
interface Source {
  /** Whether that is another picture than the last one taken. */
  readonly isNew: boolean;
  take(): Picture | undefined;
  close(): void;
}

class FrameCanvas {
  readonly everyMs = repeatMs;
  readonly context = new OffscreenCanvas(width, height).getContext('2d', opaque)!;
  readonly #out = new FrameTrack();
  readonly track: MediaStreamTrack = this.#out.track;

  open(track: MediaStreamTrack, tell: () => Promise<void>): Source {
    return new FrameSource(track, tell);
  }

  publish(): Promise<void> {
    return this.#out.put(this.context.canvas);
  }

  close(): void {
    this.track.stop();
  }
}

class FrameSource implements Source {
  isNew = false;
  readonly #end = new AbortController();
  #frame: VideoFrame | undefined;

  constructor(track: MediaStreamTrack, tell: () => Promise<void>) {
    void readFrames(track, this.#end.signal, (frame) => {
      this.#frame?.close();
      this.#frame = frame;
      this.isNew = true;
      return tell();
    });
  }

  take(): Picture | undefined {
    this.isNew = false;
    const image = this.#frame;
    return image && {image, width: image.displayWidth, height: image.displayHeight};
  }

  close(): void {
    this.#end.abort();
    this.#frame?.close();
  }
}

class ElementCanvas {
  readonly everyMs = pictureMs;
  readonly #canvas = Object.assign(document.createElement('canvas'), {width, height});
  readonly context = this.#canvas.getContext('2d', opaque)!;
  /** Held, so that it is not collected while its track is in use. */
  readonly #stream = this.#canvas.captureStream();
  readonly track = this.#stream.getVideoTracks()[0]!;

  open(track: MediaStreamTrack): Source {
    return new ElementSource(track);
  }

  async publish(): Promise<void> {
    // What is drawn is captured.
  }

  close(): void {
    this.track.stop();
  }
}

class ElementSource implements Source {
  readonly isNew = true;
  readonly #video = document.createElement('video');

  constructor(track: MediaStreamTrack) {
    Object.assign(this.#video, {muted: true, srcObject: new MediaStream([track])});
    // It rejects when it is over before it began.
    this.#video.play().catch(() => undefined);
  }

  take(): Picture | undefined {
    const image = this.#video;
    const {videoWidth, videoHeight} = image;
    return videoWidth ? {image, width: videoWidth, height: videoHeight} : undefined;
  }

  close(): void {
    this.#video.srcObject = null;
  }
}
