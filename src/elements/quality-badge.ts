import {css, html, nothing, type ReactiveController, type ReactiveControllerHost} from 'lit';
import {format, type Texts} from '../locales/texts.js';
import type {Participant} from '../session/participant.js';
import type {LineNumbers} from '../session/monitor.js';
import {lineBars, lineBarsStyles} from './line-bars.js';
import {nameOf} from './names.js';

/** Numbers are worth a look as often as they are measured. */
const everyMs = 1_000;

export const qualityBadgeStyles = css`
  ${lineBarsStyles}
  /* Takes no place among what stands in the tile. */
  .around {
    display: contents;
  }
  .quality {
    position: absolute;
    inset-block-start: 0;
    inset-inline-end: 0;
    z-index: 3;
    border-radius: var(--rtc-theme-radius);
    color: #ffd27a;
  }
  .quality.poor {
    color: #ff9aa5;
  }
  .quality .bars {
    padding: 0.45em;
    border-radius: calc(var(--rtc-theme-radius) * 0.6);
    background: rgb(12 15 20 / 0.72);
  }
  .why {
    position: absolute;
    inset-block-start: calc(2.75 * var(--rtc-theme-rem));
    inset-inline-end: calc(0.5 * var(--rtc-theme-rem));
    z-index: 2;
    box-sizing: border-box;
    max-width: min(18 * var(--rtc-theme-rem), 100% - var(--rtc-theme-rem));
    max-height: calc(100% - 3.25 * var(--rtc-theme-rem));
    padding: calc(0.5 * var(--rtc-theme-rem)) calc(0.75 * var(--rtc-theme-rem));
    overflow: auto;
    border-radius: calc(var(--rtc-theme-radius) * 0.6);
    background: rgb(12 15 20 / 0.97);
    font-size: calc(0.875 * var(--rtc-theme-rem));
    overflow-wrap: anywhere;
    text-align: start;
  }
  .why p {
    margin: calc(0.25 * var(--rtc-theme-rem)) 0 0;
    color: rgb(255 255 255 / 0.8);
    font-variant-numeric: tabular-nums;
  }
  /* Where there is no room beside it, the tile is the card. */
  @container (max-height: 170px) {
    .why {
      inset: 0;
      max-width: none;
      max-height: none;
      padding-inline-end: calc(2.75 * var(--rtc-theme-rem));
      font-size: calc(0.8125 * var(--rtc-theme-rem));
      line-height: 1.3;
    }
  }
  @media (forced-colors: active) {
    .quality .bars,
    .why {
      border: 1px solid CanvasText;
    }
  }
`;

/** The badge of a line that is not good, which explains itself when it is pointed at, focused or pressed. */
export class QualityBadge implements ReactiveController {
  readonly #host: ReactiveControllerHost;
  #timer: ReturnType<typeof setInterval> | undefined;
  #isHovered = false;

  constructor(host: ReactiveControllerHost) {
    this.#host = host;
    host.addController(this);
  }

  hostDisconnected() {
    this.#stop();
  }

  /** Nothing while the line is good. */
  render(
    person: Participant,
    {texts: all, numbers}: {texts: Texts; numbers: () => LineNumbers | undefined},
  ) {
    const {quality, connection} = person;
    if (!quality || quality.grade === 'good' || connection !== 'connected') {
      // Not seen any more: no need to draw again.
      this.#stop();
      return nothing;
    }
    const {grade, side = 'between', trouble} = quality;
    const texts = all.quality;
    const own = person.id === 'self';
    const name = nameOf(person, all);
    const whose = own && side !== 'here' ? texts.own : format(texts[side], {name});
    const what = trouble && texts[own ? 'ownLoss' : trouble];
    return html`<div class="around" @pointerenter=${this.#point} @pointerleave=${this.#point}>
      <button
        part="quality"
        class="bare on-picture quality ${grade}"
        type="button"
        aria-label=${format(texts[grade], {name})}
        aria-expanded=${this.#isOpen}
        aria-describedby=${this.#isOpen ? 'why' : nothing}
        @click=${() => this.#open(this.#isHovered || !this.#isOpen)}
        @focus=${({target}: Event) =>
          (target as Element).matches(':focus-visible') && this.#open(true)}
        @blur=${() => this.#open(this.#isHovered)}
        @keydown=${this.#escape}
      >
        ${lineBars}
      </button>
      ${
        this.#isOpen
          ? html`<div part="quality-details" class="why" id="why">
              ${whose} ${what}
              <p>${describeNumbers(numbers(), texts)}</p>
            </div>`
          : nothing
      }
    </div>`;
  }

  get #isOpen(): boolean {
    return this.#timer !== undefined;
  }

  #open(on: boolean) {
    if (on !== this.#isOpen) {
      this.#stop();
      this.#timer = on ? setInterval(() => this.#host.requestUpdate(), everyMs) : undefined;
      this.#host.requestUpdate();
    }
  }

  #stop() {
    clearInterval(this.#timer);
    this.#timer = undefined;
  }

  readonly #point = ({type, pointerType}: PointerEvent) => {
    // A finger points at nothing before it presses.
    if (pointerType !== 'touch') {
      this.#isHovered = type === 'pointerenter';
      this.#open(this.#isHovered);
    }
  };

  readonly #escape = (event: KeyboardEvent) => {
    if (event.key === 'Escape' && this.#isOpen) {
      event.stopPropagation();
      this.#open(false);
    }
  };
}

function describeNumbers(
  {lossPercent, roundTripMs, freezes}: LineNumbers = {},
  {lost, roundTrip, frozen}: Texts['quality'],
): string {
  return [
    lossPercent === undefined ? '' : format(lost, {percent: String(lossPercent)}),
    roundTripMs === undefined ? '' : format(roundTrip, {ms: String(roundTripMs)}),
    freezes ? format(frozen, {count: String(freezes)}) : '',
  ]
    .filter(Boolean)
    .join(' · ');
}
