import {css, html, nothing, type ReactiveController, type ReactiveElement} from 'lit';
import {attachIcon} from './icons.js';

export interface DropOptions {
  /** Whether files can be taken now. */
  readonly isOpen: () => boolean;
  readonly take: (files: readonly File[]) => void;
}

/** Has files dropped on an element, unless one inside takes them. */
export class DropController implements ReactiveController {
  readonly #host: ReactiveElement;
  readonly #options: DropOptions;
  /** Whether files are held over it. */
  #isOver = false;

  constructor(host: ReactiveElement, options: DropOptions) {
    this.#host = host;
    this.#options = options;
    host.addController(this);
    host.addEventListener('dragenter', this.#drag);
    host.addEventListener('dragover', this.#drag);
    host.addEventListener('dragleave', this.#leave);
    host.addEventListener('drop', this.#drop);
  }

  hostDisconnected() {
    this.#show(false);
  }

  /** Says where they will go, while they are held over it. */
  render(part: string, text: string) {
    return this.#isOver ? html`<div part=${part} class="drop">${attachIcon}${text}</div>` : nothing;
  }

  readonly #drag = (event: DragEvent) => {
    const hasFiles = event.dataTransfer?.types.includes('Files') ?? false;
    const isTaken = event.defaultPrevented;
    this.#show(hasFiles && !isTaken && this.#options.isOpen());
    if (this.#isOver) {
      event.preventDefault();
    }
  };

  readonly #leave = ({relatedTarget: to}: DragEvent) => {
    if (!(to instanceof Node && this.#host.contains(to))) {
      this.#show(false);
    }
  };

  readonly #drop = (event: DragEvent) => {
    if (this.#isOver && !event.defaultPrevented) {
      event.preventDefault();
      this.#options.take([...(event.dataTransfer?.files ?? [])]);
    }
    this.#show(false);
  };

  #show(isOver: boolean) {
    if (isOver !== this.#isOver) {
      this.#isOver = isOver;
      this.#host.requestUpdate();
    }
  }
}

export const dropStyles = css`
  .drop {
    position: absolute;
    inset: 0;
    /* Over menus and panels too. */
    z-index: 6;
    display: grid;
    place-content: center;
    justify-items: center;
    gap: calc(0.75 * var(--rtc-theme-rem));
    padding: var(--rtc-theme-rem);
    border: 2px dashed var(--rtc-theme-mark);
    border-radius: var(--rtc-theme-radius);
    background: color-mix(in srgb, var(--rtc-theme-background) 92%, transparent);
    font-weight: 600;
    text-align: center;
    pointer-events: none;
  }
`;
