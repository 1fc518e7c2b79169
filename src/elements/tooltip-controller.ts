import {html, type ReactiveController, type ReactiveElement, type TemplateResult} from 'lit';
import {createRef, ref} from 'lit/directives/ref.js';
import {after} from '../core/after.js';
import {float, hide} from './float.js';

/** Nobody wants to be told all the time while the mouse goes by; */
const showAfterMs = 500;
/** and it stays for who goes over to it. */
const hideAfterMs = 200;

/**
 * Shows a line at what the mouse rests on, or the focus is visibly on: every element of the host
 * with `data-tip`. Escape, and pressing anything, takes it away. For the eye only: a screen reader
 * knows names and shortcuts from the elements.
 * https://www.w3.org/TR/WCAG22/#content-on-hover-or-focus
 */
export class TooltipController implements ReactiveController {
  readonly #host: ReactiveElement;
  readonly #content: (tip: string) => unknown;
  readonly #box = createRef<HTMLElement>();
  #at: HTMLElement | undefined;
  #coming: AbortController | undefined;
  #going: AbortController | undefined;

  constructor(host: ReactiveElement, content: (tip: string) => unknown) {
    this.#host = host;
    this.#content = content;
    host.addController(this);
    host.addEventListener('pointerleave', () => this.#stay(undefined));
  }

  hostConnected() {
    // Going from one button to the next is nothing that the host hears of.
    const {renderRoot} = this.#host as Partial<ReactiveElement>;
    renderRoot?.addEventListener('pointerover', this.#over as EventListener);
    renderRoot?.addEventListener('focusin', this.#focus);
    for (const type of ['focusout', 'pointerdown', 'click']) {
      renderRoot?.addEventListener(type, this.#hide);
    }
    window.addEventListener('keydown', this.#dismiss, true);
  }

  hostDisconnected() {
    window.removeEventListener('keydown', this.#dismiss, true);
    this.hide();
  }

  /** Not at one that is gone or has opened something by itself. */
  hostUpdated() {
    if (this.#at && (!this.#at.isConnected || this.#at.matches('[aria-expanded=true]'))) {
      this.hide();
    } else if (this.#at && this.#box.value) {
      float(this.#box.value, this.#at);
    }
  }

  render(): TemplateResult {
    const tip = this.#at?.dataset['tip'];
    return html`<div
      part="tooltip"
      class="popup tooltip themed"
      popover="manual"
      aria-hidden="true"
      hidden
      ${ref(this.#box)}
    >
      ${tip && this.#content(tip)}
    </div>`;
  }

  hide() {
    this.#coming?.abort();
    this.#going?.abort();
    this.#at = undefined;
    if (this.#box.value) {
      hide(this.#box.value);
    }
  }

  readonly #hide = () => this.hide();

  readonly #over = (event: PointerEvent) => {
    if (event.pointerType === 'touch') {
      return;
    }
    const isOnBox = event.composedPath().includes(this.#box.value as EventTarget);
    this.#stay(isOnBox ? this.#at : tipped(event));
  };

  readonly #focus = (event: Event) => {
    const at = tipped(event);
    if (at?.matches(':focus-visible')) {
      this.#show(at);
    }
  };

  readonly #dismiss = ({key}: KeyboardEvent) => {
    if (/^(Escape|Enter| )$/.test(key)) {
      this.hide();
    }
  };

  /** The mouse is here, or nowhere of interest. */
  #stay(at: HTMLElement | undefined) {
    this.#coming?.abort();
    this.#coming = new AbortController();
    if (at) {
      this.#going?.abort();
      if (at !== this.#at) {
        after(this.#at ? 0 : showAfterMs, () => this.#show(at), this.#coming.signal);
      }
    } else if (this.#at && !this.#at.matches(':focus-visible')) {
      this.#going?.abort();
      this.#going = new AbortController();
      after(hideAfterMs, () => this.hide(), this.#going.signal);
    }
  }

  #show(at: HTMLElement) {
    this.#coming?.abort();
    this.#going?.abort();
    this.#at = at;
    this.#host.requestUpdate();
  }
}

function tipped(event: Event): HTMLElement | undefined {
  return event
    .composedPath()
    .find((node): node is HTMLElement => node instanceof HTMLElement && 'tip' in node.dataset);
}
