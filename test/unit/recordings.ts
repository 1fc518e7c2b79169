import {RecordingStore} from '../../src/rtc/recording-store.js';
import {until} from './support.js';

/** A place for the recordings of one test, and what is in it. */
export class TestStore extends RecordingStore {
  readonly #folder: string;

  private constructor(folder: string) {
    super({folder});
    this.#folder = folder;
  }

  static create(): TestStore {
    return new TestStore(`test-${crypto.randomUUID()}`);
  }

  get folder(): string {
    return this.#folder;
  }

  /** Names of the recordings that have anything on disk. */
  async ids(): Promise<string[]> {
    const ids: string[] = [];
    for await (const id of (await this.#open()).keys()) {
      ids.push(id);
    }
    return ids;
  }

  /** Sizes of all files of all recordings, without what describes them. */
  async sizes(): Promise<number[]> {
    const root = await this.#open();
    const sizes: number[] = [];
    for (const id of await this.ids()) {
      const folder = await root.getDirectoryHandle(id);
      for await (const [name, handle] of folder.entries()) {
        if (handle.kind === 'file' && /^\d+$/.test(name)) {
          sizes.push((await handle.getFile()).size);
        }
      }
    }
    return sizes;
  }

  async clear(): Promise<void> {
    const root = await navigator.storage.getDirectory();
    await root.removeEntry(this.#folder, {recursive: true}).catch(() => undefined);
  }

  async #open(): Promise<FileSystemDirectoryHandle> {
    const root = await navigator.storage.getDirectory();
    return root.getDirectoryHandle(this.#folder, {create: true});
  }
}

/** A picture of one colour that moves a little, until its track is stopped. */
export function colored(color: string, {width = 320, height = 180} = {}): MediaStreamTrack {
  const canvas = Object.assign(document.createElement('canvas'), {width, height});
  const context = canvas.getContext('2d')!;
  const stream = canvas.captureStream(15);
  const track = stream.getVideoTracks()[0]!;
  let turn = 0;
  const paint = () => {
    context.fillStyle = color;
    context.fillRect(0, 0, width, height);
    context.fillStyle = 'white';
    context.fillRect((turn += 5) % width, 0, 5, 5);
  };
  paint();
  const timer = setInterval(() => {
    paint();
    // Held by this timer: Firefox gives no more frames when it is collected.
    if (!stream.active) {
      clearInterval(timer);
    }
  }, 66);
  return track;
}

/** What a recording shows, as it is played: colours in order, without repetitions. */
export interface Played {
  readonly colors: readonly string[];
  /** What the player takes for its length, in seconds. */
  readonly duration: number;
  /** How far it could be played, in seconds. */
  readonly playedUntil: number;
}

/** Parts of width and height: in the middle, where an inset is, and where two people are beside each other. */
const places = {
  middle: [0.5, 0.5],
  corner: [0.85, 0.85],
  left: [0.25, 0.5],
  right: [0.75, 0.5],
} as const;
export type Place = keyof typeof places;

/** Plays all of it, fast, and looks at one place of the picture. */
export async function play(blob: Blob, place: Place = 'middle'): Promise<Played> {
  const video = document.createElement('video');
  video.muted = true;
  video.src = URL.createObjectURL(blob);
  document.body.append(video);
  try {
    await until(() => failed(video) ?? video.readyState >= 2, 'a recording that can be played');
    const {duration} = video;
    const context = new OffscreenCanvas(1, 1).getContext('2d', {willReadFrequently: true})!;
    const colors: string[] = [];
    video.playbackRate = 2;
    void video.play();
    await until(
      () => {
        const {videoWidth, videoHeight} = video;
        const [x, y] = places[place];
        context.drawImage(video, videoWidth * x, videoHeight * y, 1, 1, 0, 0, 1, 1);
        const color = nameOf(context.getImageData(0, 0, 1, 1).data);
        if (color !== colors.at(-1)) {
          colors.push(color);
        }
        return failed(video) ?? video.ended;
      },
      'the end of the recording',
      15_000,
    );
    return {colors, duration, playedUntil: video.currentTime};
  } finally {
    video.remove();
    URL.revokeObjectURL(video.src);
  }
}

/** Throws, so that `until` need not wait. */
function failed({error}: HTMLVideoElement): undefined {
  if (error) {
    throw new Error(`cannot be played: ${error.message}`);
  }
  return undefined;
}

/** The loudest sample of what is heard in it. */
export async function loudness(blob: Blob): Promise<number> {
  const context = new OfflineAudioContext(1, 1, 48_000);
  const buffer = await context.decodeAudioData(await blob.arrayBuffer());
  return Math.max(
    ...buffer
      .getChannelData(0)
      .map(Math.abs)
      .filter((_, i) => i % 10 === 0),
  );
}

/** The colour that a pixel has most of. */
export function nameOf([red = 0, green = 0, blue = 0]: Uint8ClampedArray): string {
  const bright = {red, green, blue};
  return (
    (['red', 'green', 'blue'] as const).find(
      (color) => bright[color] > 90 && bright[color] > (red + green + blue) / 2,
    ) ?? 'black'
  );
}
