import {PageIcon} from './page-icon.js';

/** What a page that is out of sight says of a call in its tab. */
export interface PageMark {
  /** How much is new there. */
  readonly unread: number;
  /** Whether something goes out that one should not forget: a recording, a show. */
  readonly isLive: boolean;
}

/** Shared by name, so that two copies of this file do not mark each other's titles. */
const key = Symbol.for('rtc-elements.page-badge');

/**
 * Marks the title and the icon of a page that is out of sight, for all its calls together. When it
 * is seen again, or nothing is to be marked, they are what the page has made them, meanwhile too.
 */
export class PageBadge {
  readonly #page: Document;
  readonly #icon: PageIcon;
  readonly #marks = new Map<object, PageMark>();
  readonly #changes = new MutationObserver(() => this.#draw());
  /** What the page had there, and what we have put there. */
  #title: {readonly theirs: string; readonly ours: string} | undefined;

  /** Use `of()`: two would mark each other's titles. */
  private constructor(page: Document) {
    this.#page = page;
    this.#icon = new PageIcon(page);
    page.addEventListener('visibilitychange', () => this.#draw());
  }

  /** The one of a page. */
  static of(page: Document & {[key]?: PageBadge} = document): PageBadge {
    return (page[key] ??= new PageBadge(page));
  }

  /** What the page has as its title, without a mark of ours. */
  get title(): string {
    return this.#given.replace(/\s+/g, ' ').trim();
  }

  /** What there is to say of one call; nothing when there is nothing. */
  set(call: object, mark: PageMark | undefined): void {
    const before = this.#marks.get(call);
    if (before?.unread === mark?.unread && before?.isLive === mark?.isLive) {
      return;
    }
    if (mark) {
      this.#marks.set(call, mark);
    } else {
      this.#marks.delete(call);
    }
    this.#draw();
  }

  get #element() {
    return this.#page.head?.querySelector('title');
  }

  get #given(): string {
    const now = this.#element?.textContent ?? '';
    return now === this.#title?.ours ? this.#title.theirs : now;
  }

  #draw() {
    const marks = this.#page.visibilityState === 'hidden' ? [...this.#marks.values()] : [];
    const unread = marks.reduce((sum, mark) => sum + mark.unread, 0);
    const isLive = marks.some((mark) => mark.isLive);
    this.#changes.disconnect();
    this.#drawTitle(`${unread ? `(${unread > 99 ? '99+' : unread}) ` : ''}${isLive ? '● ' : ''}`);
    this.#icon.mark(unread > 0 || isLive);
    if (this.#title) {
      this.#changes.observe(this.#page.head, {
        childList: true,
        subtree: true,
        characterData: true,
      });
    }
  }

  #drawTitle(prefix: string) {
    const element = this.#element;
    const theirs = this.#given;
    const ours = prefix + theirs;
    this.#title = prefix && element ? {theirs, ours} : undefined;
    if (element && element.textContent !== ours) {
      element.textContent = ours;
    }
  }
}
