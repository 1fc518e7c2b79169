import {nothing, type ReactiveController, type ReactiveControllerHost} from 'lit';
import {
  isRightToLeft,
  loadTexts,
  localeFor,
  textsFor,
  withOverrides,
  type TextOverrides,
  type Texts,
} from '../locales/texts.js';

/**
 * The texts in the language of an element: the closest `lang` attribute on the
 * element or around it, across shadow roots. Follows changes of `lang` and `dir`.
 */
export class TextsController implements ReactiveController {
  readonly #host: ReactiveControllerHost & Element;
  readonly #overrides: () => TextOverrides | undefined;
  #lang: string | undefined;
  #hasDir = false;
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

  /** What `dir` should be where the page says nothing of it. */
  get dir(): 'rtl' | typeof nothing {
    return !this.#hasDir && isRightToLeft(this.#lang) ? 'rtl' : nothing;
  }

  get texts(): Texts {
    return withOverrides(textsFor(this.#lang), this.#overrides());
  }

  hostConnected() {
    this.#observer = new MutationObserver(() => this.#read());
    for (const element of withAncestors(this.#host)) {
      this.#observer.observe(element, {attributeFilter: ['lang', 'dir']});
    }
    this.#read();
  }

  hostDisconnected() {
    this.#observer?.disconnect();
  }

  #read() {
    const around = [...withAncestors(this.#host)];
    this.#lang =
      around.find((element) => element.hasAttribute('lang'))?.getAttribute('lang') ?? undefined;
    this.#hasDir = around.some((element) => element.hasAttribute('dir'));
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
