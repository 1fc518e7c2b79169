import type {ReactiveController, ReactiveControllerHost} from 'lit';
import {playChime} from '../rtc/chime.js';

/** Lets a host play a test sound, and stop it. */
export class ChimeController implements ReactiveController {
  readonly #host: ReactiveControllerHost;
  #playing: AbortController | undefined;

  constructor(host: ReactiveControllerHost) {
    this.#host = host;
    host.addController(this);
  }

  get isPlaying(): boolean {
    return this.#playing !== undefined;
  }

  hostDisconnected() {
    this.stop();
  }

  /** In a click: browsers want to see one. */
  play(speakerId: string): void {
    this.stop();
    const playing = (this.#playing = new AbortController());
    this.#host.requestUpdate();
    void playChime(speakerId, playing).then(() => {
      if (playing === this.#playing) {
        this.stop();
      }
    });
  }

  stop(): void {
    this.#playing?.abort();
    this.#playing = undefined;
    this.#host.requestUpdate();
  }
}
