import {
  html,
  nothing,
  type ReactiveController,
  type ReactiveElement,
  type TemplateResult,
} from 'lit';
import {createRef, ref} from 'lit/directives/ref.js';
import {float, hide} from './float.js';
import {closeIcon} from './icons.js';

/** Who goes on talking knows. */
const everyMs = 30_000;

export interface MutedHintTexts {
  readonly muted: string;
  readonly how: string;
  readonly dismiss: string;
}

/** Says at the microphone's button that nobody hears us, while we talk. */
export class MutedHint implements ReactiveController {
  readonly #host: ReactiveElement;
  readonly #isWanted: () => boolean;
  readonly #box = createRef<HTMLElement>();
  #wasWanted = false;
  #isShown = false;
  #shownAt = -Infinity;

  constructor(host: ReactiveElement, isWanted: () => boolean) {
    this.#host = host;
    this.#isWanted = isWanted;
    host.addController(this);
  }

  hostUpdate() {
    const isWanted = this.#isWanted();
    if (!isWanted) {
      this.#isShown = false;
    } else if (!this.#wasWanted && performance.now() - this.#shownAt > everyMs) {
      this.#isShown = true;
      this.#shownAt = performance.now();
    }
    this.#wasWanted = isWanted;
  }

  hostUpdated() {
    const box = this.#box.value;
    const mic = this.#host.shadowRoot?.querySelector('button.mic');
    if (box && mic && this.#isShown) {
      float(box, mic);
    } else if (box) {
      hide(box);
    }
  }

  render({muted, how, dismiss}: MutedHintTexts): TemplateResult {
    return html`
      <div class="announcer" role="status">${this.#isShown ? `${muted}. ${how}` : nothing}</div>
      <div part="muted-hint" class="popup hint themed" popover="manual" hidden ${ref(this.#box)}>
        <p><strong>${muted}</strong> ${how}</p>
        <button class="bare close" type="button" aria-label=${dismiss} @click=${this.#dismiss}>
          ${closeIcon}
        </button>
      </div>
    `;
  }

  readonly #dismiss = () => {
    this.#isShown = false;
    this.#host.requestUpdate();
  };
}
