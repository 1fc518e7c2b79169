import {css, html, LitElement, type TemplateResult} from 'lit';
import {property, query} from 'lit/decorators.js';
import {CallController} from '../session/call-controller.js';
import {LevelController} from '../session/level-controller.js';
import {TextsController} from './texts-controller.js';
import {theme} from './theme.styles.js';

/** How often the value is told to assistive technology. */
const tellEveryMs = 1_000;

/**
 * How loud one's own microphone is, in the call around it or the one that `for` names.
 *
 * @csspart meter - The whole meter.
 * @csspart level - What grows with loudness.
 * @cssprop [--rtc-accent=#2259d6] - Colour of the level.
 */
export class RtcLevel extends LitElement {
  static override styles = [
    theme,
    css`
      :host {
        display: block;
        position: relative;
        height: calc(0.5 * var(--rtc-theme-rem));
      }
      :host([hidden]) {
        display: none;
      }
      meter {
        position: absolute;
        width: 100%;
        height: 100%;
        clip-path: inset(50%);
      }
      .meter {
        height: 100%;
        overflow: hidden;
        border-radius: var(--rtc-theme-rem);
        background: color-mix(in srgb, var(--rtc-theme-text) 16%, transparent);
      }
      .level {
        height: 100%;
        border-radius: inherit;
        background: var(--rtc-theme-mark);
        transform: scaleX(0);
        transform-origin: left;
      }
      .meter:dir(rtl) .level {
        transform-origin: right;
      }
      @media (forced-colors: active) {
        .meter {
          border: 1px solid CanvasText;
        }
        .level {
          forced-color-adjust: none;
          background: Highlight;
        }
      }
    `,
  ];

  /** The id of an `<rtc-call>` elsewhere; without it the call around the meter. */
  @property() for = '';

  @query('meter') private readonly meter!: HTMLMeterElement;
  @query('.level') private readonly level!: HTMLElement;

  readonly #call = new CallController(this, {for: () => this.for});
  readonly #texts = new TextsController(this, () => this.#call.session?.options.texts);
  #toldAt = -Infinity;

  constructor() {
    super();
    new LevelController(this, {
      track: () => this.#track,
      draw: (level) => this.#draw(level),
    });
  }

  protected override render(): TemplateResult {
    return html`
      <meter min="0" max="100" value="0" aria-label=${this.#texts.texts.devices.level}></meter>
      <div part="meter" class="meter themed" aria-hidden="true">
        <div part="level" class="level"></div>
      </div>
    `;
  }

  get #track(): MediaStreamTrack | undefined {
    const self = this.#call.session?.self;
    return self?.micOff ? undefined : self?.stream?.getAudioTracks()[0];
  }

  #draw(level: number) {
    if (!this.hasUpdated) {
      return;
    }
    this.level.style.transform = `scaleX(${level.toFixed(2)})`;
    const now = performance.now();
    if (now - this.#toldAt >= tellEveryMs || level === 0) {
      this.#toldAt = now;
      this.meter.value = Math.round(level * 100);
    }
  }
}

if (!customElements.get('rtc-level')) {
  customElements.define('rtc-level', RtcLevel);
}

declare global {
  interface HTMLElementTagNameMap {
    'rtc-level': RtcLevel;
  }
}
