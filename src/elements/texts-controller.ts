import type {ReactiveController, ReactiveControllerHost} from 'lit';
import {
  loadTexts,
  localeFor,
  textsFor,
  withOverrides,
  type TextOverrides,
  type Texts,
} from '../locales/texts.js';

/**
 * The texts in the language of an element: the closest `lang` attribute on the
 * element or around it, across shadow roots. Follows changes of `lang`.
 */
export class TextsController implements ReactiveController {
  readonly #host: ReactiveControllerHost & Element;
  readonly #overrides: () => TextOverrides | undefined;
  #lang: string | undefined;
  #observer: MutationObserver | undefined;

  constructor(
    host: ReactiveControllerHost & Element,
    overrides: () => TextOverrides | undefined = () => undefined,
  ) {
    this.#host = host;
    this.#overrides = overrides;
    host.addController(this);
  }

  get lang(): string | undefined {
    return this.#lang;
  }

  /** For `Intl`: numbers, dates and lists in the language of the texts. */
  get locale(): string {
    return localeFor(this.#lang);
  }

  get texts(): Texts {
    return withOverrides(textsFor(this.#lang), this.#overrides());
  }

  hostConnected() {
    this.#observer = new MutationObserver(() => this.#read());
    for (const element of withAncestors(this.#host)) {
      this.#observer.observe(element, {attributeFilter: ['lang']});
    }
    this.#read();
  }

  hostDisconnected() {
    this.#observer?.disconnect();
  }

  #read() {
    this.#lang = undefined;
    for (const element of withAncestors(this.#host)) {
      const lang = element.getAttribute('lang');
      if (lang !== null) {
        this.#lang = lang;
        break;
      }
    }
    this.#host.requestUpdate();
    void loadTexts(this.#lang).then((isNew) => isNew && this.#host.requestUpdate());
  }
}

function* withAncestors(element: Element): Iterable<Element> {
  let next: Element | null | undefined = element;
  while (next) {
    yield next;
    next = next.parentElement ?? (next.getRootNode() as Partial<ShadowRoot>).host;
  }
}
