import {ContextConsumer} from '@lit/context';
import type {ReactiveController, ReactiveElement} from 'lit';
import {callContext} from './call-context.js';
import type {CallSession} from './call-session.js';

export interface CallControllerOptions {
  /** Gives the id of an `<rtc-call>` elsewhere to follow instead of the one around the host. */
  for?: () => string | null | undefined;
}

type NamedCall = Element & {readonly session?: CallSession};

/**
 * Connects an element to the call around it, or to the one that `for` names:
 * finds the session and updates the host whenever the session changes. The
 * call may come later, leave, or be replaced.
 */
export class CallController implements ReactiveController {
  readonly #host: ReactiveElement;
  readonly #for: () => string | null | undefined;
  readonly #consumer: ContextConsumer<typeof callContext, ReactiveElement>;
  #around: CallSession | undefined;
  #named: NamedCall | undefined;
  #session: CallSession | undefined;
  #connection: AbortController | undefined;
  #id = '';
  #observer: MutationObserver | undefined;

  constructor(host: ReactiveElement, options: CallControllerOptions = {}) {
    this.#host = host;
    this.#for = options.for ?? (() => '');
    this.#consumer = new ContextConsumer(host, {
      context: callContext,
      subscribe: true,
      callback: (session) => {
        this.#around = session;
        this.#look();
      },
    });
    host.addController(this);
  }

  get session(): CallSession | undefined {
    return this.#session;
  }

  /** The element that `for` names, once it is there. */
  get named(): Element | undefined {
    return this.#named;
  }

  hostConnected() {
    this.#look();
    if (!this.#session) {
      // A call that stands in the page already but is defined after the host
      // has not heard the request.
      void customElements.whenDefined('rtc-call').then(() => {
        if (this.#host.isConnected && !this.#session) {
          this.#consumer.hostConnected();
          this.#look();
        }
      });
    }
  }

  hostUpdate() {
    if ((this.#for() ?? '') !== this.#id) {
      this.#look();
    }
  }

  hostDisconnected() {
    this.#around = undefined;
    this.#named = undefined;
    this.#observe('');
    this.#follow(undefined);
  }

  #look() {
    if (!this.#host.isConnected) {
      return;
    }
    const id = this.#for() ?? '';
    if (id !== this.#id) {
      this.#observe(id);
    }
    this.#named = id ? this.#find(id) : undefined;
    this.#follow(id ? this.#named?.session : this.#around);
  }

  /** Looks in the host's own tree first, then in the document. */
  get #roots() {
    return new Set([this.#host.getRootNode() as Document | ShadowRoot, this.#host.ownerDocument]);
  }

  #find(id: string): NamedCall | undefined {
    for (const root of this.#roots) {
      const element: NamedCall | null = root.getElementById(id);
      if (element?.session) {
        return element;
      }
    }
    return undefined;
  }

  #observe(id: string) {
    this.#id = id;
    this.#observer?.disconnect();
    this.#observer = undefined;
    if (id) {
      this.#observer = new MutationObserver(() => this.#look());
      for (const root of this.#roots) {
        this.#observer.observe(root, {
          childList: true,
          subtree: true,
          attributeFilter: ['id'],
        });
      }
    }
  }

  #follow(session: CallSession | undefined) {
    if (session === this.#session) {
      return;
    }
    this.#connection?.abort();
    this.#connection = new AbortController();
    this.#session = session;
    session?.addEventListener('change', () => this.#host.requestUpdate(), {
      signal: this.#connection.signal,
    });
    this.#host.requestUpdate();
  }
}
