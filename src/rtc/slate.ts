const width = 1_280;
const height = 720;
/** In the background a timer comes once a second; who comes in a break needs a picture soon. */
const drawEveryMs = 500;

/**
 * A still picture to send in place of the camera: a text, on an image if there is one. It is
 * drawn again and again, so that a viewer who comes now gets one.
 */
export class Slate {
  readonly #canvas = document.createElement('canvas');
  readonly #text: string;
  #image: HTMLImageElement | undefined;
  #stream: MediaStream | undefined;
  #timer: ReturnType<typeof setInterval> | undefined;

  /** An image of another site needs CORS; without, it is left out. */
  constructor({text, image}: {text: string; image?: string | undefined}) {
    this.#text = text;
    this.#canvas.width = width;
    this.#canvas.height = height;
    if (image) {
      const element = new Image();
      element.crossOrigin = 'anonymous';
      element.addEventListener('load', () => {
        // A drawing may have no size, and then cannot be drawn.
        if (element.width && element.height) {
          this.#image = element;
          this.#draw();
        }
      });
      element.src = image;
    }
  }

  /** The picture. The same track until `close()`. */
  get track(): MediaStreamTrack | undefined {
    if (!this.#stream) {
      this.#draw();
      this.#stream = this.#canvas.captureStream(5);
      this.#timer = setInterval(() => this.#draw(), drawEveryMs);
    }
    return this.#stream.getVideoTracks()[0];
  }

  close(): void {
    clearInterval(this.#timer);
    for (const track of this.#stream?.getTracks() ?? []) {
      track.stop();
    }
    this.#stream = undefined;
  }

  #draw() {
    const context = this.#canvas.getContext('2d');
    if (!context) {
      return;
    }
    context.fillStyle = '#12161d';
    context.fillRect(0, 0, width, height);
    const image = this.#image;
    if (image) {
      const scale = Math.max(width / image.width, height / image.height);
      const [w, h] = [image.width * scale, image.height * scale];
      context.drawImage(image, (width - w) / 2, (height - h) / 2, w, h);
      return;
    }
    context.fillStyle = '#eef1f6';
    context.font = '600 56px system-ui, sans-serif';
    context.textAlign = 'center';
    context.textBaseline = 'middle';
    context.fillText(this.#text, width / 2, height / 2, width - 120);
  }
}
