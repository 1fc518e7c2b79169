import {
  html,
  nothing,
  type ReactiveController,
  type ReactiveElement,
  type TemplateResult,
} from 'lit';
import {createRef, ref} from 'lit/directives/ref.js';
import {stepTo} from './arrow-keys.js';
import {float, hide} from './float.js';

export interface MenuItem {
  readonly name: string;
  readonly icon?: unknown;
  /** The letter that does it without the menu. */
  readonly key?: string | undefined;
  /** On or off, where it is a switch; the one that is chosen, in a group of choices. */
  readonly isOn?: boolean | undefined;
  readonly isDisabled?: boolean;
  readonly part?: string;
  readonly act: () => void;
}

/** Items that belong together. */
export interface MenuGroup {
  readonly name?: string;
  readonly kind: 'items' | 'choices' | 'signs';
  readonly items: readonly MenuItem[];
}

/**
 * A menu at a button of the host that has `aria-haspopup`: one at a time.
 * https://www.w3.org/WAI/ARIA/apg/patterns/menubar/
 */
export class MenuController implements ReactiveController {
  readonly #host: ReactiveElement;
  readonly #box = createRef<HTMLElement>();
  #at: HTMLElement | undefined;
  #open: string | undefined;
  #isNew = false;

  constructor(host: ReactiveElement) {
    this.#host = host;
    host.addController(this);
  }

  /** Which menu is open. */
  get open(): string | undefined {
    return this.#open;
  }

  /** Opens a menu at a button, or closes it. */
  toggle(menu: string, at: HTMLElement): void {
    if (menu === this.#open) {
      this.close();
      return;
    }
    this.#open = menu;
    this.#at = at;
    this.#isNew = true;
    window.addEventListener('pointerdown', this.#closeOutside, true);
    this.#host.requestUpdate();
  }

  /** Gives the focus back to the button, if it was in the menu. */
  close(): void {
    if (this.#open === undefined) {
      return;
    }
    this.#open = undefined;
    window.removeEventListener('pointerdown', this.#closeOutside, true);
    if (this.#box.value?.matches(':focus-within')) {
      this.#at?.focus();
    }
    this.#at = undefined;
    this.#host.requestUpdate();
  }

  hostDisconnected() {
    this.close();
  }

  hostUpdated() {
    const box = this.#box.value;
    if (!box) {
      return;
    }
    if (!this.#at) {
      hide(box);
    } else if (this.#at.isConnected && this.#items.length) {
      float(box, this.#at);
      if (this.#isNew) {
        this.#isNew = false;
        const chosen = box.querySelector<HTMLElement>('.choices:only-child [aria-checked=true]');
        (chosen ?? this.#items[0])?.focus();
      }
    } else {
      // What it was about makes no sense any more.
      this.close();
    }
  }

  render(name: string, groups: readonly MenuGroup[]): TemplateResult {
    return html`<div
      part="menu"
      class="popup menu themed"
      popover="manual"
      role="menu"
      aria-label=${name}
      hidden
      @keydown=${this.#move}
      @focusout=${this.#closeLeft}
      ${ref(this.#box)}
    >
      ${groups.map(
        ({name, kind, items}) =>
          html`<div class=${kind} role=${name ? 'group' : 'none'} aria-label=${name ?? nothing}>
            ${items.map((item) => this.#renderItem(item, kind))}
          </div>`,
      )}
    </div>`;
  }

  #renderItem({name, icon, key, isOn, isDisabled, part, act}: MenuItem, kind: MenuGroup['kind']) {
    const role =
      kind === 'choices' ? 'menuitemradio' : isOn === undefined ? 'menuitem' : 'menuitemcheckbox';
    return html`<button
      part="menu-item ${part ?? ''}"
      class="item"
      type="button"
      role=${role}
      tabindex="-1"
      aria-label=${name}
      aria-checked=${isOn ?? nothing}
      aria-disabled=${isDisabled || nothing}
      aria-keyshortcuts=${key ?? nothing}
      @click=${() => {
        if (!isDisabled) {
          this.close();
          act();
        }
      }}
    >
      <span class="sign" aria-hidden="true">${icon}</span>
      ${
        kind === 'signs'
          ? nothing
          : html`<span>${name}</span
              >${key ? html`<kbd part="key" aria-hidden="true">${key}</kbd>` : nothing}`
      }
    </button>`;
  }

  get #items(): HTMLElement[] {
    return [...(this.#box.value?.querySelectorAll<HTMLElement>('.item') ?? [])];
  }

  readonly #move = (event: KeyboardEvent) => {
    const {key, ctrlKey, metaKey, altKey} = event;
    const items = this.#items;
    const at = items.indexOf(event.target as HTMLElement);
    const to = stepTo(event, at, items.length);
    if (to !== undefined) {
      event.preventDefault();
      items[to]?.focus();
    } else if (key === 'Escape') {
      event.preventDefault();
      // Nor is anything around it closed.
      event.stopPropagation();
      this.close();
    } else if (key === 'Tab') {
      // It goes on from the button.
      this.close();
    } else if (/^\S$/u.test(key) && !ctrlKey && !metaKey && !altKey) {
      event.preventDefault();
      const letter = key.toLowerCase();
      [...items.slice(at + 1), ...items]
        .find((item) => item.getAttribute('aria-label')?.toLowerCase().startsWith(letter))
        ?.focus();
    }
  };

  readonly #closeOutside = (event: Event) => {
    const path = event.composedPath();
    if (!path.includes(this.#box.value as EventTarget) && !path.includes(this.#at as EventTarget)) {
      this.close();
    }
  };

  readonly #closeLeft = ({relatedTarget}: FocusEvent) => {
    if (relatedTarget && !this.#box.value?.contains(relatedTarget as Node)) {
      this.close();
    }
  };
}
