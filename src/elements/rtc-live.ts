import {css, html, LitElement, nothing, type TemplateResult} from 'lit';
import {property} from 'lit/decorators.js';
import {format} from '../locales/texts.js';
import {CallController} from '../session/call-controller.js';
import type {StageHealth} from '../session/broadcast.js';
import {lineBars, lineBarsStyles} from './line-bars.js';
import {TextsController} from './texts-controller.js';
import {theme} from './theme.styles.js';

/**
 * How the broadcast around it, or the one that `for` names, is doing: that it is live and since
 * when, how many are watching, on the stage what is sent, in the audience how good the line is.
 * Nothing while there is no broadcast.
 *
 * @csspart live - The badge with the time.
 * @csspart recording - That it is being recorded here.
 * @csspart viewers - How many are watching.
 * @csspart health - On the stage: bitrate and frame rate, and what limits them.
 * @csspart line - In the audience: the quality of the line.
 */
export class RtcLive extends LitElement {
  static override styles = [
    theme,
    lineBarsStyles,
    css`
      :host {
        display: block;
      }
      :host([hidden]) {
        display: none;
      }
      .bar {
        display: flex;
        flex-wrap: wrap;
        gap: calc(0.375 * var(--rtc-theme-rem));
        font-size: calc(0.875 * var(--rtc-theme-rem));
        font-variant-numeric: tabular-nums;
      }
      .bar > * {
        display: flex;
        align-items: center;
        gap: 0.4em;
        padding: 0.2em 0.65em;
        border-radius: calc(var(--rtc-theme-radius) * 0.6);
        background: rgb(12 15 20 / 0.78);
        color: #fff;
      }
      .live {
        background: var(--rtc-theme-danger);
        color: var(--rtc-theme-danger-text);
        font-weight: 650;
      }
      .recording .dot {
        color: #ff5d73;
      }
      .break {
        background: #8a5a14;
        color: #fff;
      }
      .dot {
        width: 0.55em;
        height: 0.55em;
        border-radius: 50%;
        background: currentColor;
      }
      /* In a narrow call: only what is the matter. */
      @container (max-width: 640px) {
        .rate {
          display: none;
        }
      }
      @media (forced-colors: active) {
        .bar > * {
          border: 1px solid CanvasText;
        }
      }
    `,
  ];

  /** The id of an `<rtc-call>` elsewhere; without it the call around it. */
  @property() for = '';

  readonly #call = new CallController(this, {for: () => this.for});
  readonly #texts = new TextsController(this, () => this.#call.session?.options.texts);
  #timer: ReturnType<typeof setInterval> | undefined;

  override connectedCallback() {
    super.connectedCallback();
    this.#timer = setInterval(() => this.requestUpdate(), 1_000);
  }

  override disconnectedCallback() {
    super.disconnectedCallback();
    clearInterval(this.#timer);
  }

  protected override render(): TemplateResult | typeof nothing {
    const {session} = this.#call;
    const {role, isLive, startedAt, isPaused, viewers, health} = session?.broadcast ?? {};
    if (!role || !isLive || session?.state.phase === 'joining') {
      return nothing;
    }
    const texts = this.#texts.texts.show;
    const recordedSince = session?.recording.startedAt;
    return html`
      <div class="bar themed" dir=${this.#texts.dir}>
        <span part="live" class="live ${isPaused ? 'break' : ''}">
          <span class="dot"></span>${isPaused ? texts.break : texts.live}
          ${
            startedAt === undefined
              ? nothing
              : html`<time>${duration(Date.now() - startedAt)}</time>`
          }
        </span>
        ${
          recordedSince
            ? html`<span part="recording" class="recording">
                <span class="dot"></span>${texts.recording}
                <time>${duration(Date.now() - recordedSince.getTime())}</time>
              </span>`
            : nothing
        }
        ${
          viewers === undefined
            ? nothing
            : html`<span part="viewers">${format(texts.viewers, {count: String(viewers)})}</span>`
        }
        ${role === 'stage' && health ? this.#renderHealth(health) : nothing}
        ${role === 'stage' ? nothing : this.#renderLine()}
      </div>
    `;
  }

  #renderHealth({bitrate, frameRate, droppedPercent, limitedBy, fullBy}: StageHealth) {
    const texts = this.#texts.texts.show;
    const said = [
      bitrate ? format(texts.kbps, {rate: String(Math.round(bitrate / 1_000))}) : '',
      frameRate ? format(texts.frameRate, {rate: String(Math.round(frameRate))}) : '',
      droppedPercent && droppedPercent > 5
        ? format(texts.dropped, {percent: String(droppedPercent)})
        : '',
    ].filter(Boolean);
    // What is full is limited by the same: said once.
    const limits = [
      limitedBy && limitedBy !== fullBy && texts.limitedBy[limitedBy],
      fullBy && texts.fullBy[fullBy],
    ].filter(Boolean);
    return html`
      ${said.length ? html`<span part="health" class="rate">${said.join(' · ')}</span>` : nothing}
      ${limits.map((limit) => html`<span part="health">${limit}</span>`)}
    `;
  }

  #renderLine() {
    const quality = this.#call.session?.broadcast.lineQuality;
    if (!quality) {
      return nothing;
    }
    const texts = this.#texts.texts.show;
    const said = `${texts.line}: ${texts[quality]}`;
    return html`<span
      part="line"
      class="line ${quality}"
      role="img"
      aria-label=${said}
      title=${said}
    >
      ${lineBars}
    </span>`;
  }
}

/** Hours, minutes and seconds, as on a clock. */
function duration(ms: number): string {
  const seconds = Math.max(0, Math.floor(ms / 1_000));
  const parts = [Math.floor(seconds / 3_600), Math.floor(seconds / 60) % 60, seconds % 60];
  const shown = parts[0] ? parts : parts.slice(1);
  return shown.map((part, index) => (index ? String(part).padStart(2, '0') : part)).join(':');
}

if (!customElements.get('rtc-live')) {
  customElements.define('rtc-live', RtcLive);
}

declare global {
  interface HTMLElementTagNameMap {
    'rtc-live': RtcLive;
  }
}
