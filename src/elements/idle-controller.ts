import type {ReactiveController, ReactiveElement} from 'lit';

const idleAfterMs = 3_000;
const signsOfLife = ['pointermove', 'pointerdown', 'wheel', 'keydown', 'focusin', 'click'] as const;

/**
 * Whether nobody has moved, touched or pressed anything on the host for a while, in full screen:
 * what is in the way of the picture can go then. Never while the host is busy, nor for who presses
 * without a pointer or keys: a screen reader does, and nobody sees what is read.
 */
export class IdleController implements ReactiveController {
  readonly #host: ReactiveElement;
  readonly #isBusy: () => boolean;
  #watch: AbortController | undefined;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #isIdle = false;

  constructor(host: ReactiveElement, {isBusy}: {isBusy: () => boolean}) {
    this.#host = host;
    this.#isBusy = isBusy;
    host.addController(this);
  }

  get isIdle(): boolean {
    return this.#isIdle;
  }

  hostConnected() {
    document.addEventListener('fullscreenchange', this.#follow);
  }

  hostDisconnected() {
    document.removeEventListener('fullscreenchange', this.#follow);
    this.#end();
  }

  readonly #follow = () => {
    this.#end();
    if (document.fullscreenElement === this.#host) {
      this.#watch = new AbortController();
      for (const type of signsOfLife) {
        this.#host.addEventListener(type, this.#wake, {
          signal: this.#watch.signal,
          capture: true,
          passive: true,
        });
      }
      this.#wait(idleAfterMs);
    }
  };

  readonly #wake = (event: Event) => {
    this.#become(false);
    clearTimeout(this.#timer);
    const isAssisted = event.type === 'click' && (event as MouseEvent).detail === 0;
    if (!isAssisted) {
      this.#wait(idleAfterMs);
    }
  };

  #wait(delayMs: number) {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => {
      if (this.#isBusy()) {
        this.#wait(idleAfterMs);
      } else {
        this.#become(true);
      }
    }, delayMs);
  }

  #end() {
    this.#watch?.abort();
    this.#watch = undefined;
    clearTimeout(this.#timer);
    this.#become(false);
  }

  #become(isIdle: boolean) {
    if (isIdle !== this.#isIdle) {
      this.#isIdle = isIdle;
      this.#host.requestUpdate();
    }
  }
}
