import type {ReactiveController, ReactiveControllerHost} from 'lit';

const claims = new WeakMap<MediaStream, Set<ReactiveControllerHost>>();

/**
 * Sees to it that a person is heard once, however many tiles of the page show
 * them: of all hosts that claim a stream the first one sounds.
 */
export class SoundController implements ReactiveController {
  readonly #host: ReactiveControllerHost;
  #stream: MediaStream | undefined;

  constructor(host: ReactiveControllerHost) {
    this.#host = host;
    host.addController(this);
  }

  /** Claims a stream in place of the one before. True if the host may sound. */
  claim(stream: MediaStream | undefined): boolean {
    if (stream !== this.#stream) {
      this.#release();
      this.#stream = stream;
    }
    if (!stream) {
      return false;
    }
    const hosts = claims.get(stream) ?? new Set();
    claims.set(stream, hosts.add(this.#host));
    return first(hosts) === this.#host;
  }

  hostDisconnected() {
    this.#release();
  }

  #release() {
    const hosts = this.#stream && claims.get(this.#stream);
    this.#stream = undefined;
    hosts?.delete(this.#host);
    first(hosts)?.requestUpdate();
  }
}

function first(hosts: Set<ReactiveControllerHost> | undefined) {
  return hosts?.values().next().value;
}
