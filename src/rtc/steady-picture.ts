import {canPassFrames, FrameTrack, readFrames} from './frames.js';
import {drawWithInset} from './inset.js';

/** A picture whose track stays the same, whatever is shown in it. */
export interface SteadyPicture {
  readonly track: MediaStreamTrack;
  /**
   * Shows this from now on, with `inset` in its corner; without it, black. What is shown is not stopped, also not by
   * `close()`.
   */
  show(track: MediaStreamTrack | undefined, inset?: MediaStreamTrack): void;
  close(): void;
}

/**
 * Where frames can be passed on by hand (Chromium), they are: nothing is encoded twice, the picture is
 * whole from the first frame, and no network is needed. Elsewhere a connection to ourselves carries it: a
 * canvas would stand still in a page that is out of sight, and so is used only for an inset, and in sight.
 */
export function openSteadyPicture(): SteadyPicture {
  return canPassFrames() ? new FramePicture() : new LoopbackPicture();
}

/** Black has the size of a usual camera: players take the size of their window from the first picture. */
const width = 1_280;
const height = 720;
/** A picture that stands still is repeated this often: recorders hold back the sound until there is one. */
const repeatMs = 1_000;
/** Black over the loopback is painted this often. At once a second a recording in Firefox sometimes did not begin. */
const paintMs = 200;
/** Most of what the loopback may take, in bits a second: above what is recorded. */
const loopbackBitrate = 8_000_000;

/** With two pictures, one that has come is shown at once, unless the other was this short a time ago. */
const betweenMs = 40;
/** How often the loopback paints two pictures. */
const insetMs = 40;

/** Passes on frames one by one. */
class FramePicture implements SteadyPicture {
  readonly #out = new FrameTrack();
  readonly track: MediaStreamTrack = this.#out.track;
  readonly #timer = setInterval(() => this.#repeat(), repeatMs);
  readonly #context = new OffscreenCanvas(width, height).getContext('2d');
  #showing = new AbortController();
  #last: VideoFrame | undefined;
  #inset: VideoFrame | undefined;
  #lastAt = 0;

  show(track: MediaStreamTrack | undefined, inset?: MediaStreamTrack): void {
    this.#showing.abort();
    this.#showing = new AbortController();
    const {signal} = this.#showing;
    this.#inset?.close();
    this.#inset = undefined;
    // What has ended has no frames to pass on.
    if (track?.readyState === 'live') {
      void readFrames(track, signal, (frame) => this.#put(frame));
    } else {
      void this.#put(blackFrame());
    }
    if (inset?.readyState === 'live') {
      void readFrames(inset, signal, (frame) => this.#putInset(frame));
    }
  }

  close(): void {
    clearInterval(this.#timer);
    this.#showing.abort();
    this.track.stop();
    this.#last?.close();
    this.#last = undefined;
    this.#inset?.close();
    this.#inset = undefined;
  }

  #repeat() {
    if (performance.now() - this.#lastAt >= repeatMs) {
      void this.#write();
    }
  }

  async #put(frame: VideoFrame) {
    this.#last?.close();
    this.#last = frame;
    await this.#write();
  }

  async #putInset(frame: VideoFrame) {
    this.#inset?.close();
    this.#inset = frame;
    // A screen that stands still gives no frames to be drawn with.
    if (performance.now() - this.#lastAt >= betweenMs) {
      await this.#write();
    }
  }

  async #write() {
    const [main, inset, context] = [this.#last, this.#inset, this.#context];
    if (!main) {
      return;
    }
    this.#lastAt = performance.now();
    if (inset && context) {
      drawWithInset(context, [main, sizeOf(main)], [inset, sizeOf(inset)]);
    }
    await this.#out.put(inset && context ? context.canvas : main);
  }
}

function sizeOf({displayWidth, displayHeight}: VideoFrame) {
  return {width: displayWidth, height: displayHeight};
}

function blackFrame(): VideoFrame {
  const pixels = width * height;
  // https://w3c.github.io/webcodecs/#pixel-formats: no light, then twice no colour.
  const data = new Uint8Array(pixels * 1.5).fill(128, pixels);
  return new VideoFrame(data, {
    format: 'I420',
    codedWidth: width,
    codedHeight: height,
    timestamp: 0,
  });
}

/** A connection from us to us, whose sender changes tracks. */
class LoopbackPicture implements SteadyPicture {
  readonly track: MediaStreamTrack;
  readonly #black = new BlackCanvas();
  readonly #from = new RTCPeerConnection();
  readonly #to = new RTCPeerConnection();
  readonly #sender: RTCRtpSender;
  #showing = new AbortController();

  constructor() {
    const [from, to] = [this.#from, this.#to];
    from.addEventListener('icecandidate', ({candidate}) => void tell(to, candidate));
    to.addEventListener('icecandidate', ({candidate}) => void tell(from, candidate));
    from.addEventListener('connectionstatechange', () => {
      // The network it went over is not there any more.
      if (from.connectionState === 'failed') {
        void this.#connect({iceRestart: true});
      }
    });
    this.#sender = from.addTrack(this.#black.track);
    // Who receives offers: then its track is there at once.
    this.track = to.addTransceiver('video', {direction: 'recvonly'}).receiver.track;
    void this.#connect();
  }

  show(track: MediaStreamTrack | undefined, inset?: MediaStreamTrack): void {
    this.#showing.abort();
    this.#showing = new AbortController();
    const {signal} = this.#showing;
    const both = track && inset && new InsetCanvas(track, inset, signal);
    const send = () => {
      const shown = document.hidden ? track : (both?.track ?? track);
      // Fails only when it is closed.
      this.#sender.replaceTrack(shown ?? this.#black.track).catch(() => undefined);
    };
    if (both) {
      document.addEventListener('visibilitychange', send, {signal});
    }
    send();
  }

  close(): void {
    this.#showing.abort();
    this.#from.close();
    this.#to.close();
    this.#black.close();
  }

  async #connect(options?: RTCOfferOptions) {
    const [from, to] = [this.#from, this.#to];
    try {
      await to.setLocalDescription(await to.createOffer(options));
      await from.setRemoteDescription(to.localDescription!);
      await from.setLocalDescription();
      await to.setRemoteDescription(from.localDescription!);
      const parameters = this.#sender.getParameters();
      await this.#sender.setParameters({
        ...parameters,
        encodings: parameters.encodings.map((encoding) => ({
          ...encoding,
          maxBitrate: loopbackBitrate,
        })),
        // Otherwise pictures are small until it has found out how fast it is.
        degradationPreference: 'maintain-resolution',
      });
    } catch (cause) {
      if (from.signalingState !== 'closed') {
        throw cause;
      }
    }
  }
}

async function tell(connection: RTCPeerConnection, candidate: RTCIceCandidate | null) {
  try {
    await connection.addIceCandidate(candidate ?? undefined);
  } catch {
    // Closed in the same moment, or one of a kind that it cannot use.
  }
}

/** Two pictures as one, as long as the page is in sight. */
class InsetCanvas {
  readonly track: MediaStreamTrack;
  readonly #canvas = document.createElement('canvas');
  readonly #context = this.#canvas.getContext('2d');

  constructor(main: MediaStreamTrack, inset: MediaStreamTrack, signal: AbortSignal) {
    const videos = [main, inset].map(playerOf) as [HTMLVideoElement, HTMLVideoElement];
    const stream = this.#canvas.captureStream();
    this.track = stream.getVideoTracks()[0]!;
    const timer = setInterval(() => this.#paint(...videos), insetMs);
    signal.addEventListener('abort', () => {
      clearInterval(timer);
      for (const video of videos) {
        video.srcObject = null;
      }
      for (const track of stream.getTracks()) {
        track.stop();
      }
    });
  }

  #paint(main: HTMLVideoElement, inset: HTMLVideoElement) {
    const [size, insetSize] = [main, inset].map(({videoWidth, videoHeight}) => ({
      width: videoWidth,
      height: videoHeight,
    }));
    if (this.#context && size?.width && insetSize?.width) {
      drawWithInset(this.#context, [main, size], [inset, insetSize]);
    }
  }
}

function playerOf(track: MediaStreamTrack): HTMLVideoElement {
  const video = Object.assign(document.createElement('video'), {
    muted: true,
    srcObject: new MediaStream([track]),
  });
  // It rejects when it is over before it began.
  video.play().catch(() => undefined);
  return video;
}

class BlackCanvas {
  readonly track: MediaStreamTrack;
  /** Held, so that it is not collected while its track is in use. */
  readonly #stream: MediaStream;
  readonly #timer: ReturnType<typeof setInterval>;

  constructor() {
    const canvas = Object.assign(document.createElement('canvas'), {width, height});
    const context = canvas.getContext('2d');
    const paint = () => context?.fillRect(0, 0, width, height);
    paint();
    this.#stream = canvas.captureStream();
    this.track = this.#stream.getVideoTracks()[0]!;
    // Only what is painted is sent.
    this.#timer = setInterval(paint, paintMs);
  }

  close(): void {
    clearInterval(this.#timer);
    for (const track of this.#stream.getTracks()) {
      track.stop();
    }
  }
}
