const size = 32;
const colour = '#e0283f';

/**
 * Puts a dot on the icon of a page, if it has one of its own: there is no telling what a browser
 * shows without. An icon that may not be read, or a page that allows no drawn ones, stays as it is.
 */
export class PageIcon {
  readonly #page: Document;
  #isMarked = false;
  /** Whether the page's Content-Security-Policy has refused one: it would each time. */
  #isRefused = false;
  #drawn:
    {readonly link: HTMLLinkElement; readonly theirs: string; readonly ours: string} | undefined;

  constructor(page: Document) {
    this.#page = page;
  }

  mark(isMarked: boolean): void {
    if (isMarked === this.#isMarked) {
      return;
    }
    this.#isMarked = isMarked;
    const link = this.#page.head.querySelector<HTMLLinkElement>('link[rel~=icon][href]');
    if (!isMarked) {
      this.#restore();
    } else if (link && !this.#isRefused) {
      const image = new Image(size, size);
      image.addEventListener('load', () => this.#draw(link, image), {once: true});
      image.src = link.href;
    }
  }

  #draw(link: HTMLLinkElement, image: HTMLImageElement) {
    if (!this.#isMarked || this.#drawn || link.href !== image.src) {
      return;
    }
    const canvas = Object.assign(document.createElement('canvas'), {width: size, height: size});
    const context = canvas.getContext('2d');
    if (!context) {
      return;
    }
    context.drawImage(image, 0, 0, size, size);
    context.fillStyle = colour;
    context.arc(size - 9, 9, 9, 0, 7);
    context.fill();
    let ours: string;
    try {
      ours = canvas.toDataURL();
    } catch {
      // Of another origin: nobody may read it.
      return;
    }
    this.#page.addEventListener('securitypolicyviolation', this.#refuse);
    this.#drawn = {link, theirs: link.getAttribute('href') ?? '', ours};
    link.href = ours;
  }

  #restore() {
    this.#page.removeEventListener('securitypolicyviolation', this.#refuse);
    const {link, theirs = '', ours} = this.#drawn ?? {};
    // The page may have put another one there.
    if (link?.getAttribute('href') === ours) {
      link?.setAttribute('href', theirs);
    }
    this.#drawn = undefined;
  }

  readonly #refuse = ({blockedURI, effectiveDirective}: SecurityPolicyViolationEvent) => {
    if (effectiveDirective === 'img-src' && blockedURI.startsWith('data')) {
      this.#isRefused = true;
      this.#restore();
    }
  };
}
