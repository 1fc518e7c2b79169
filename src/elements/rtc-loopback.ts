import {css, html, LitElement, type TemplateResult} from 'lit';
import {describe, type RtcError} from '../core/errors.js';
import {LoopbackCall} from '../session/loopback-call.js';
import {RtcErrorEvent} from './events.js';
import {warningIcon} from './icons.js';
import './rtc-video.js';
import {TextsController} from './texts-controller.js';
import {theme, wordButton} from './theme.styles.js';

/**
 * A call to oneself: both ends in this page, no server. Shows whether camera,
 * microphone and the browser do what a call needs.
 *
 * @fires {RtcErrorEvent} rtc-error - Something went wrong: `error`.
 * @csspart loopback - The whole.
 * @csspart tile - Both pictures (`<rtc-video>`).
 * @csspart button - The three buttons.
 * @csspart status - What is going on.
 * @csspart devices - The names of the devices in use.
 * @cssprop [--rtc-accent=#2259d6] - Colour of what is to be pressed.
 * @cssprop [--rtc-background] - Behind everything; follows the colour scheme.
 * @cssprop [--rtc-text] - Text; follows the colour scheme.
 */
export class RtcLoopback extends LitElement {
  static override styles = [
    theme,
    wordButton,
    css`
      :host {
        display: block;
        container-type: inline-size;
      }
      :host([hidden]) {
        display: none;
      }
      .loopback {
        display: grid;
        grid-template-columns: repeat(2, minmax(0, 1fr));
        gap: calc(var(--rtc-theme-gap) * 1.5);
        padding: calc(var(--rtc-theme-gap) * 2);
        border-radius: calc(var(--rtc-theme-radius) + var(--rtc-theme-gap));
        background: var(--rtc-theme-background);
      }
      figure {
        margin: 0;
      }
      figcaption {
        padding-block-end: calc(0.375 * var(--rtc-theme-rem));
        font-weight: 600;
      }
      .buttons {
        display: flex;
        flex-wrap: wrap;
        gap: var(--rtc-theme-gap);
      }
      .buttons,
      p,
      dl {
        grid-column: 1 / -1;
        margin: 0;
      }
      p {
        display: flex;
        align-items: center;
        gap: calc(0.5 * var(--rtc-theme-rem));
      }
      .error svg {
        color: color-mix(in srgb, var(--rtc-theme-danger) 65%, var(--rtc-theme-text));
      }
      dl {
        display: grid;
        grid-template-columns: auto minmax(0, 1fr);
        gap: calc(0.25 * var(--rtc-theme-rem)) var(--rtc-theme-rem);
      }
      dt {
        color: var(--rtc-theme-soft);
      }
      dd {
        margin: 0;
        overflow-wrap: anywhere;
      }
      @container (max-width: 480px) {
        .loopback {
          grid-template-columns: minmax(0, 1fr);
        }
      }
    `,
  ];

  readonly #texts = new TextsController(this);
  readonly #call = new LoopbackCall();
  #reported: RtcError | undefined;

  constructor() {
    super();
    this.#call.addEventListener('change', () => this.#changed());
  }

  override disconnectedCallback() {
    super.disconnectedCallback();
    // A move in the document disconnects and connects again: only hang up when
    // the element is still gone a microtask later.
    queueMicrotask(() => {
      if (!this.isConnected) {
        this.#call.hangUp();
      }
    });
  }

  protected override render(): TemplateResult {
    const texts = this.#texts.texts.loopback;
    const {phase, devices, localStream, remoteStream} = this.#call;
    return html`
      <section part="loopback" class="loopback themed" aria-label=${texts.label}>
        ${this.#renderPicture(texts.local, localStream, true)}
        ${this.#renderPicture(texts.remote, remoteStream, false)}
        <div class="buttons">
          ${this.#renderButton(texts.start, this.#start, phase !== 'idle')}
          ${this.#renderButton(texts.call, this.#dial, phase !== 'started')}
          ${this.#renderButton(texts.hangUp, this.#hangUp, phase === 'idle')}
        </div>
        ${this.#renderStatus()}
        <dl part="devices">
          <dt>${texts.camera}</dt>
          <dd>${devices.camera ?? texts.none}</dd>
          <dt>${texts.microphone}</dt>
          <dd>${devices.microphone ?? texts.none}</dd>
        </dl>
      </section>
    `;
  }

  #renderPicture(caption: string, stream: MediaStream | undefined, own: boolean) {
    return html`<figure>
      <figcaption>${caption}</figcaption>
      <rtc-video part="tile" ?muted=${own} .srcObject=${stream ?? null}></rtc-video>
    </figure>`;
  }

  #renderButton(text: string, press: () => void, disabled: boolean) {
    return html`<button
      part="button"
      class="word ${press === this.#hangUp ? 'plain' : ''}"
      type="button"
      ?disabled=${disabled}
      @click=${press}
    >
      ${text}
    </button>`;
  }

  #renderStatus() {
    const {error, phase} = this.#call;
    const texts = this.#texts.texts.loopback;
    return error
      ? html`<p part="status" class="error" role="alert">
          ${warningIcon}${describe(error.code, error.detail, this.#texts.texts)}
        </p>`
      : html`<p part="status" role="status">
          ${phase === 'in-call' ? texts.inCall : texts[phase]}
        </p>`;
  }

  #changed() {
    const {error} = this.#call;
    if (error && error !== this.#reported) {
      this.dispatchEvent(new RtcErrorEvent(error));
    }
    this.#reported = error;
    this.requestUpdate();
  }

  #start() {
    void this.#call.start();
  }

  #dial() {
    void this.#call.call();
  }

  #hangUp() {
    this.#call.hangUp();
  }
}

if (!customElements.get('rtc-loopback')) {
  customElements.define('rtc-loopback', RtcLoopback);
}

declare global {
  interface HTMLElementTagNameMap {
    'rtc-loopback': RtcLoopback;
  }
}
