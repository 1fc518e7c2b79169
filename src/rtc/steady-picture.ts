/** A picture whose track stays the same, whatever is shown in it. */
export interface SteadyPicture {
  readonly track: MediaStreamTrack;
  /** Shows this from now on; without it, black. What is shown is not stopped, also not by `close()`. */
  show(track: MediaStreamTrack | undefined): void;
  close(): void;
}

/**
 * Where frames can be passed on by hand (Chromium), they are: nothing is encoded twice, the picture is
 * whole from the first frame, and no network is needed. Elsewhere a connection to ourselves carries it: a
 * canvas would stand still in a page that is out of sight.
 */
export function openSteadyPicture(): SteadyPicture {
  return 'MediaStreamTrackGenerator' in globalThis && 'MediaStreamTrackProcessor' in globalThis
    ? new FramePicture()
    : new LoopbackPicture();
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

/** https://w3c.github.io/mediacapture-transform/, as Chromium has it outside of workers. */
declare const MediaStreamTrackProcessor: new (init: {readonly track: MediaStreamTrack}) => {
  readonly readable: ReadableStream<VideoFrame>;
};
declare const MediaStreamTrackGenerator: new (init: {
  readonly kind: 'video';
}) => MediaStreamTrack & {readonly writable: WritableStream<VideoFrame>};

/** Passes on frames one by one. */
class FramePicture implements SteadyPicture {
  readonly track = new MediaStreamTrackGenerator({kind: 'video'});
  readonly #writer = this.track.writable.getWriter();
  readonly #timer = setInterval(() => this.#repeat(), repeatMs);
  #showing = new AbortController();
  #last: VideoFrame | undefined;
  #lastAt = 0;

  show(track: MediaStreamTrack | undefined): void {
    this.#showing.abort();
    this.#showing = new AbortController();
    // What has ended has no frames to pass on.
    if (track?.readyState === 'live') {
      void this.#copy(track, this.#showing.signal);
    } else {
      void this.#put(blackFrame());
    }
  }

  close(): void {
    clearInterval(this.#timer);
    this.#showing.abort();
    this.track.stop();
    this.#last?.close();
    this.#last = undefined;
  }

  async #copy(track: MediaStreamTrack, signal: AbortSignal) {
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
      await this.#put(frame);
    }
  }

  #repeat() {
    if (this.#last && performance.now() - this.#lastAt >= repeatMs) {
      void this.#put(this.#last.clone());
    }
  }

  async #put(frame: VideoFrame) {
    this.#last?.close();
    this.#last = frame;
    this.#lastAt = performance.now();
    // Each source counts from another beginning.
    const stamped = new VideoFrame(frame, {timestamp: this.#lastAt * 1_000});
    try {
      await this.#writer.write(stamped);
    } catch {
      // Closed in the same moment.
      stamped.close();
    }
  }
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

  show(track: MediaStreamTrack | undefined): void {
    // Fails only when it is closed.
    this.#sender.replaceTrack(track ?? this.#black.track).catch(() => undefined);
  }

  close(): void {
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
