import {html, type ReactiveController, type ReactiveElement, type TemplateResult} from 'lit';

/** Passes on the icons of the page, which are in slots `icon-…` of the host. */
export class IconSlots implements ReactiveController {
  readonly #host: ReactiveElement;
  readonly #children: MutationObserver;

  constructor(host: ReactiveElement) {
    this.#host = host;
    this.#children = new MutationObserver(() => host.requestUpdate());
    host.addController(this);
  }

  hostConnected() {
    this.#children.observe(this.#host, {childList: true});
  }

  hostDisconnected() {
    this.#children.disconnect();
  }

  /** For inside the element they are passed on to. */
  render(): TemplateResult[] {
    const slots = [...this.#host.children].map(({slot}) => slot);
    return [...new Set(slots)]
      .filter((slot) => slot.startsWith('icon-'))
      .map((slot) => html`<slot name=${slot} slot=${slot}></slot>`);
  }
}
