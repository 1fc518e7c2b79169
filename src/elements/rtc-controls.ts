import {css, html, LitElement, nothing, type PropertyValues, type TemplateResult} from 'lit';
import {property, state} from 'lit/decorators.js';
import {live} from 'lit/directives/live.js';
import {repeat} from 'lit/directives/repeat.js';
import {RtcError} from '../core/errors.js';
import {CallController} from '../session/call-controller.js';
import {
  camerasOf,
  controlList,
  defaultControls,
  isControl,
  pressedControl,
  useCamera,
  type Control,
} from './control-list.js';
import {RtcErrorEvent} from './events.js';
import {TextsController} from './texts-controller.js';
import {theme} from './theme.styles.js';

/** The person asked for something by a button or its letter. Cancel it to leave things as they are. */
export class RtcRequestEvent extends Event {
  constructor(
    /** Which button, as in `controls`. */
    readonly control: string,
    /** What it is to be switched to. */
    readonly on: boolean,
  ) {
    super(`rtc-${control}-request`, {bubbles: true, composed: true, cancelable: true});
  }
}

/**
 * Buttons that act on the call around them, or on the one that `for` names.
 * Arrow keys go from button to button; while the focus is in the call, the
 * letters press them: M (microphone), V (camera), N (next camera), S (screen),
 * P (break), A (audience), B (leave the stage), H (hand), U (sound), C (chat),
 * R (record), I (picture in picture), F (full screen), L (leave).
 *
 * @fires {RtcRequestEvent} rtc-mic-request - The person asked to turn the microphone on or off; cancelable.
 * @fires {RtcRequestEvent} rtc-camera-request - The person asked to turn the camera on or off; cancelable.
 * @fires {RtcRequestEvent} rtc-cameras-request - The person chose another camera; cancelable.
 * @fires {RtcRequestEvent} rtc-screen-request - The person asked to share the screen or to stop; cancelable.
 * @fires {RtcRequestEvent} rtc-pause-request - The person on the stage asked for a break or its end; cancelable.
 * @fires {RtcRequestEvent} rtc-audience-request - The person on the stage asked to see the audience; cancelable.
 * @fires {RtcRequestEvent} rtc-offstage-request - A guest on the stage asked to go back to the audience; cancelable.
 * @fires {RtcRequestEvent} rtc-hand-request - A viewer asked to raise the hand or take it down; cancelable.
 * @fires {RtcRequestEvent} rtc-sound-request - The person asked to silence the others here, or not; cancelable.
 * @fires {RtcRequestEvent} rtc-chat-request - The person asked to open or close the chat; cancelable.
 * @fires {RtcRequestEvent} rtc-record-request - The person asked to record or to stop; cancelable.
 * @fires {RtcRequestEvent} rtc-pip-request - The person asked for the picture in a small window; cancelable.
 * @fires {RtcRequestEvent} rtc-fullscreen-request - The person asked for the full screen; cancelable.
 * @fires {RtcRequestEvent} rtc-leave-request - The person asked to leave; cancelable.
 * @fires {RtcErrorEvent} rtc-error - `controls` names a button that does not exist.
 * @slot start - Buttons of your own, before the built-in ones.
 * @slot end - Buttons of your own, after the built-in ones.
 * @csspart toolbar - The row of buttons.
 * @csspart button - Every built-in button.
 * @csspart mic - The microphone button; `camera`, `screen`, `leave` and the others likewise.
 * @csspart volume - The slider beside the `sound` button.
 * @cssprop [--rtc-gap=8px] - Space between the buttons.
 * @cssprop [--rtc-accent] - Colour of a button that is on where off is usual.
 * @cssprop [--rtc-surface] - Background of the buttons.
 * @cssprop [--rtc-text] - Colour of the icons.
 */
export class RtcControls extends LitElement {
  static override styles = [
    theme,
    css`
      :host {
        display: block;
      }
      :host([hidden]) {
        display: none;
      }
      .toolbar {
        display: flex;
        flex-wrap: wrap;
        align-items: center;
        justify-content: center;
        gap: var(--rtc-theme-gap);
      }
      button,
      .button {
        display: grid;
        place-items: center;
        box-sizing: border-box;
        width: 3.5rem;
        max-width: 100%;
        min-width: 44px;
        height: 3rem;
        min-height: 44px;
        padding: 0;
        border: 1px solid color-mix(in srgb, var(--rtc-theme-text) 14%, transparent);
        border-radius: 999px;
        background: var(--rtc-theme-surface);
        color: var(--rtc-theme-text);
        cursor: pointer;
      }
      button:hover:not(:disabled),
      .button:hover {
        background: color-mix(in srgb, var(--rtc-theme-surface), var(--rtc-theme-text) 10%);
      }
      .button > * {
        grid-area: 1 / 1;
      }
      select {
        width: 100%;
        height: 100%;
        opacity: 0;
        cursor: pointer;
      }
      .button:has(:focus-visible) {
        outline: 3px solid var(--rtc-theme-focus);
        outline-offset: 2px;
      }
      .off {
        border-color: transparent;
        background: color-mix(in srgb, var(--rtc-theme-danger) 18%, var(--rtc-theme-surface));
        color: color-mix(in srgb, var(--rtc-theme-danger) 55%, var(--rtc-theme-text));
      }
      .off:hover:not(:disabled) {
        background: color-mix(in srgb, var(--rtc-theme-danger) 28%, var(--rtc-theme-surface));
      }
      .active {
        border-color: transparent;
        background: var(--rtc-theme-accent);
        color: var(--rtc-theme-accent-text);
      }
      .active:hover:not(:disabled) {
        background: color-mix(in srgb, var(--rtc-theme-accent) 85%, var(--rtc-theme-text));
      }
      .leave {
        border-color: transparent;
        background: var(--rtc-theme-danger);
        color: #fff;
      }
      .leave:hover:not(:disabled) {
        background: color-mix(in srgb, var(--rtc-theme-danger) 85%, #000);
      }
      .pair {
        display: flex;
        align-items: center;
        gap: var(--rtc-theme-gap);
      }
      .volume {
        width: 5.5rem;
        min-width: 0;
        height: 44px;
        accent-color: var(--rtc-theme-accent);
      }
      button:disabled {
        opacity: 0.5;
        cursor: default;
      }
      @media (forced-colors: active) {
        button,
        .button {
          border-color: ButtonText;
        }
        .off,
        .active {
          border-width: 3px;
        }
      }
    `,
  ];

  /**
   * Which buttons there are, in your order: `mic`, `camera`, `cameras` (which one, if there are
   * several), `screen`, `leave`; on a stage also `pause`, `audience`, `chat`, `record`; in the
   * audience `offstage`, `hand`, `sound`, `chat`, `record` (if the stage allows it), `pip`,
   * `fullscreen`.
   */
  @property() controls: string | undefined;

  /** The id of an `<rtc-call>` elsewhere; without it the call around the buttons. */
  @property() for = '';

  /** The one button that Tab reaches; arrow keys reach the others. */
  @state() private current: Control | undefined;

  readonly #call = new CallController(this, {for: () => this.for});
  readonly #texts = new TextsController(this, () => this.#call.session?.options.texts);
  #scope: EventTarget = this;
  #hadFocus = false;

  override connectedCallback() {
    super.connectedCallback();
    this.#scope = callAround(this) ?? this;
    this.#scope.addEventListener('keydown', this.#shortcut);
  }

  override disconnectedCallback() {
    super.disconnectedCallback();
    this.#scope.removeEventListener('keydown', this.#shortcut);
  }

  /** Moves the focus to the button that Tab would reach. */
  override focus(options?: FocusOptions) {
    this.#stop?.focus(options);
  }

  protected override willUpdate(changed: PropertyValues<this>) {
    this.#hadFocus = Boolean(this.shadowRoot?.activeElement);
    if (this.current && !this.#isUsable(this.current)) {
      this.current = undefined;
    }
    if (changed.has('controls')) {
      for (const word of this.#words.filter((word) => !isControl(word))) {
        const detail = `controls: ${word}`;
        this.dispatchEvent(
          new RtcErrorEvent(new RtcError('bad-attribute', {detail, lang: this.#texts.lang})),
        );
      }
    }
  }

  protected override render(): TemplateResult {
    return html`
      <div
        part="toolbar"
        class="toolbar themed"
        role="toolbar"
        aria-label=${this.#texts.texts.controls.label}
        @keydown=${this.#move}
      >
        <slot name="start"></slot>
        ${repeat(
          this.#shown,
          (control) => control,
          (control) => this.#renderControl(control),
        )}
        <slot name="end"></slot>
      </div>
    `;
  }

  protected override updated() {
    if (this.#hadFocus && !this.shadowRoot?.activeElement) {
      // On a button that makes no sense any more.
      this.focus();
    }
  }

  #renderControl(control: Control) {
    switch (control) {
      case 'sound':
        return html`<span class="pair"
          >${this.#renderButton(control)}${this.#renderVolume()}</span
        >`;
      case 'cameras':
        return this.#renderCameras();
      default:
        return this.#renderButton(control);
    }
  }

  #renderButton(control: Control) {
    const texts = this.#texts.texts.controls;
    const {role} = this.#call.session?.broadcast ?? {};
    const {key, name, hint, icon, isOn, isUsuallyOn} = controlList[control];
    const on = this.#isOn(control);
    const look = !isOn || on === Boolean(isUsuallyOn) ? '' : on ? 'active' : 'off';
    return html`
      <button
        part="button ${control}"
        class="${control} ${look}"
        type="button"
        title="${hint?.(texts, on, role) ?? name(texts, role)} (${key})"
        aria-label=${name(texts, role)}
        aria-pressed=${isOn ? on : nothing}
        aria-keyshortcuts=${key}
        tabindex=${control === this.#tabbable ? 0 : -1}
        data-control=${control}
        ?disabled=${!this.#isUsable(control)}
        @focus=${() => (this.current = control)}
        @click=${() => this.#press(control)}
      >
        ${icon(on)}
      </button>
    `;
  }

  /** A list of the system, under an icon. */
  #renderCameras() {
    const {texts} = this.#texts;
    const {session} = this.#call;
    const {key, icon} = controlList.cameras;
    const now = session?.cameraId;
    const cameras = session ? camerasOf(session) : [];
    const isKnown = cameras.some(({deviceId}) => deviceId === now);
    return html`<span part="button cameras" class="button cameras">
      ${icon(false)}
      <select
        title="${texts.controls.cameras} (${key})"
        aria-label=${texts.controls.cameras}
        aria-keyshortcuts=${key}
        @change=${this.#chooseCamera}
      >
        ${isKnown ? nothing : html`<option value="" hidden selected></option>`}
        ${cameras.map(
          ({deviceId, label}, index) =>
            html`<option value=${deviceId} .selected=${live(deviceId === now)}>
              ${label || `${texts.controls.camera} ${index + 1}`}
            </option>`,
        )}
      </select>
    </span>`;
  }

  #renderVolume() {
    return html`<input
      part="volume"
      class="volume"
      type="range"
      min="0"
      max="1"
      step="0.05"
      aria-label=${this.#texts.texts.controls.volume}
      .value=${live(String(this.#call.session?.volume ?? 1))}
      ?disabled=${!this.#call.session}
      @input=${this.#setVolume}
    />`;
  }

  #isOn(control: Control): boolean {
    const {session} = this.#call;
    return session ? (controlList[control].isOn?.(session) ?? false) : false;
  }

  #isUsable(control: Control): boolean {
    const {session} = this.#call;
    return Boolean(session && controlList[control].isUsable(session));
  }

  get #words() {
    const controls = this.controls ?? defaultControls(this.#call.session?.options.mode);
    return [...new Set(controls.split(/\s+/).filter(Boolean))];
  }

  /** The buttons that make sense in this call and this browser. */
  get #shown(): Control[] {
    const {session} = this.#call;
    return this.#words
      .filter(isControl)
      .filter((control) => !session || (controlList[control].isShown?.(session) ?? true));
  }

  get #tabbable(): Control | undefined {
    const usable = this.#shown.filter(
      (control) => control !== 'cameras' && this.#isUsable(control),
    );
    return this.current && usable.includes(this.current) ? this.current : usable[0];
  }

  /** Buttons the focus can be on, as they are drawn. */
  get #stops(): HTMLButtonElement[] {
    return [...(this.shadowRoot?.querySelectorAll<HTMLButtonElement>('button:enabled') ?? [])];
  }

  get #stop(): HTMLButtonElement | undefined {
    return this.#stops.find(({tabIndex}) => tabIndex === 0);
  }

  #press(control: Control) {
    const {session} = this.#call;
    if (!session || !this.#isUsable(control)) {
      return;
    }
    const on = !this.#isOn(control);
    if (this.dispatchEvent(new RtcRequestEvent(control, on))) {
      controlList[control].act(session, on);
    }
  }

  #chooseCamera(event: Event) {
    const {session} = this.#call;
    const id = (event.target as HTMLSelectElement).value;
    if (session && this.dispatchEvent(new RtcRequestEvent('cameras', true))) {
      useCamera(session, id);
    }
    // Until it is the one.
    this.requestUpdate();
  }

  #setVolume(event: Event) {
    this.#call.session?.setVolume(Number((event.target as HTMLInputElement).value));
  }

  #move(event: KeyboardEvent) {
    const stops = this.#stops;
    const at = stops.indexOf(event.target as HTMLButtonElement);
    if (at === -1) {
      return;
    }
    const forward = getComputedStyle(this).direction === 'rtl' ? -1 : 1;
    const to = {
      ArrowRight: at + forward,
      ArrowLeft: at - forward,
      Home: 0,
      End: stops.length - 1,
    }[event.key];
    if (to !== undefined) {
      event.preventDefault();
      stops.at(to % stops.length)?.focus();
    }
  }

  readonly #shortcut = (event: Event) => {
    const control = pressedControl(event as KeyboardEvent);
    if (control && this.#shown.includes(control)) {
      // Also keeps a second toolbar of the same call from undoing it.
      event.preventDefault();
      this.#press(control);
    }
  };
}

/** The `<rtc-call>` an element stands in, across shadow roots. */
function callAround(element: Element): Element | undefined {
  const host = (element.getRootNode() as Partial<ShadowRoot>).host;
  return element.closest('rtc-call') ?? (host && callAround(host));
}

if (!customElements.get('rtc-controls')) {
  customElements.define('rtc-controls', RtcControls);
}

declare global {
  interface HTMLElementTagNameMap {
    'rtc-controls': RtcControls;
  }
  interface HTMLElementEventMap {
    'rtc-mic-request': RtcRequestEvent;
    'rtc-camera-request': RtcRequestEvent;
    'rtc-cameras-request': RtcRequestEvent;
    'rtc-screen-request': RtcRequestEvent;
    'rtc-pause-request': RtcRequestEvent;
    'rtc-audience-request': RtcRequestEvent;
    'rtc-offstage-request': RtcRequestEvent;
    'rtc-hand-request': RtcRequestEvent;
    'rtc-sound-request': RtcRequestEvent;
    'rtc-chat-request': RtcRequestEvent;
    'rtc-record-request': RtcRequestEvent;
    'rtc-pip-request': RtcRequestEvent;
    'rtc-fullscreen-request': RtcRequestEvent;
    'rtc-leave-request': RtcRequestEvent;
  }
}
