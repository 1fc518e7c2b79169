import {css, html, LitElement, nothing, type PropertyValues, type TemplateResult} from 'lit';
import {property, state} from 'lit/decorators.js';
import {RtcError} from '../core/errors.js';
import {CallController} from '../session/call-controller.js';
import type {CallSession} from '../session/call-session.js';
import {RtcErrorEvent} from './events.js';
import {cameraIcon, cameraOffIcon, leaveIcon, micIcon, micOffIcon, screenIcon} from './icons.js';
import {TextsController} from './texts-controller.js';
import {theme} from './theme.styles.js';

/** The person asked to turn the microphone on or off. Cancel it to leave it as it is. */
export class RtcMicRequestEvent extends Event {
  constructor(readonly on: boolean) {
    super('rtc-mic-request', {bubbles: true, composed: true, cancelable: true});
  }
}

/** The person asked to turn the camera on or off. Cancel it to leave it as it is. */
export class RtcCameraRequestEvent extends Event {
  constructor(readonly on: boolean) {
    super('rtc-camera-request', {bubbles: true, composed: true, cancelable: true});
  }
}

/** The person asked to start or stop sharing the screen. Cancel it to leave it as it is. */
export class RtcScreenRequestEvent extends Event {
  constructor(readonly on: boolean) {
    super('rtc-screen-request', {bubbles: true, composed: true, cancelable: true});
  }
}

/** The person asked to leave. Cancel it to keep the call. */
export class RtcLeaveRequestEvent extends Event {
  constructor() {
    super('rtc-leave-request', {bubbles: true, composed: true, cancelable: true});
  }
}

const shortcuts = {mic: 'M', camera: 'V', screen: 'S', leave: 'L'} as const;

type Control = keyof typeof shortcuts;

/** The toolbar of a page that does not ask for another one. */
export const defaultControls = 'mic camera screen leave';

interface Look {
  readonly name: string;
  readonly hint: string;
  readonly icon: TemplateResult;
  readonly on?: boolean;
  readonly disabled?: boolean;
}

/**
 * Buttons that act on the call around them, or on the one that `for` names.
 * Arrow keys go from button to button; while the focus is in the call, the
 * letters M, V, S and L press them.
 *
 * @fires {RtcMicRequestEvent} rtc-mic-request - The person asked to turn the microphone on or off; cancelable.
 * @fires {RtcCameraRequestEvent} rtc-camera-request - The person asked to turn the camera on or off; cancelable.
 * @fires {RtcScreenRequestEvent} rtc-screen-request - The person asked to share the screen or to stop; cancelable.
 * @fires {RtcLeaveRequestEvent} rtc-leave-request - The person asked to leave; cancelable.
 * @fires {RtcErrorEvent} rtc-error - `controls` names a button that does not exist.
 * @slot start - Buttons of your own, before the built-in ones.
 * @slot end - Buttons of your own, after the built-in ones.
 * @csspart toolbar - The row of buttons.
 * @csspart button - Every built-in button.
 * @csspart mic - The microphone button.
 * @csspart camera - The camera button.
 * @csspart screen - The button that shares the screen.
 * @csspart leave - The button that ends the call.
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
      button {
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
      button:hover:not(:disabled) {
        background: color-mix(in srgb, var(--rtc-theme-surface), var(--rtc-theme-text) 10%);
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
      button:disabled {
        opacity: 0.5;
        cursor: default;
      }
      @media (forced-colors: active) {
        button {
          border-color: ButtonText;
        }
        .off,
        .active {
          border-width: 3px;
        }
      }
    `,
  ];

  /** Which buttons there are: `mic`, `camera`, `screen`, `leave`, in your order. */
  @property() controls = defaultControls;

  /** The id of an `<rtc-call>` elsewhere; without it the call around the buttons. */
  @property() for = '';

  /** The one button that Tab reaches; arrow keys reach the others. */
  @state() private current: Control | undefined;

  readonly #call = new CallController(this, {for: () => this.for});
  readonly #texts = new TextsController(this);
  #scope: EventTarget = this;

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
    if (this.current && this.#look(this.current).disabled) {
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
        ${this.#shown.map((control) => this.#renderButton(control))}
        <slot name="end"></slot>
      </div>
    `;
  }

  #renderButton(control: Control) {
    const {name, hint, icon, on, disabled} = this.#look(control);
    const key = shortcuts[control];
    const off = on === false && control !== 'screen';
    const active = on === true && control === 'screen';
    return html`
      <button
        part="button ${control}"
        class="${control} ${off ? 'off' : ''} ${active ? 'active' : ''}"
        type="button"
        title="${hint} (${key})"
        aria-label=${name}
        aria-pressed=${on ?? nothing}
        aria-keyshortcuts=${key}
        tabindex=${control === this.#tabbable ? 0 : -1}
        data-control=${control}
        ?disabled=${disabled}
        @focus=${() => (this.current = control)}
        @click=${() => this.#press(control)}
      >
        ${icon}
      </button>
    `;
  }

  #look(control: Control): Look {
    const texts = this.#texts.texts.controls;
    const session = this.#call.session;
    const phase = session?.state.phase;
    const inCall = phase === 'joined' || phase === 'reconnecting';
    const on = this.#isOn(control);
    switch (control) {
      case 'mic':
        return {
          name: texts.mic,
          hint: on ? texts.micTurnOff : texts.micTurnOn,
          icon: on ? micIcon : micOffIcon,
          on,
          disabled: !session,
        };
      case 'camera':
        return {
          name: texts.camera,
          hint: on ? texts.cameraTurnOff : texts.cameraTurnOn,
          icon: on ? cameraIcon : cameraOffIcon,
          on,
          disabled: !session,
        };
      case 'screen':
        return {
          name: texts.screen,
          hint: on ? texts.screenStop : texts.screenStart,
          icon: screenIcon,
          on,
          disabled: !inCall,
        };
      case 'leave':
        return {
          name: texts.leave,
          hint: texts.leaveHint,
          icon: leaveIcon,
          disabled: !inCall && phase !== 'joining',
        };
    }
  }

  #isOn(control: Control): boolean {
    const self = this.#call.session?.self;
    switch (control) {
      case 'mic':
        return self?.micOff === false;
      case 'camera':
        return self?.cameraOff === false;
      case 'screen':
        return self?.screen !== undefined;
      case 'leave':
        return false;
    }
  }

  get #words() {
    return [...new Set((this.controls ?? defaultControls).split(/\s+/).filter(Boolean))];
  }

  /** The buttons that make sense in this call and this browser. */
  get #shown(): Control[] {
    const session = this.#call.session;
    return this.#words.filter(isControl).filter((control) => {
      if (control === 'screen') {
        return session?.canShareScreen !== false;
      }
      return control !== 'camera' || !session?.options.audioOnly;
    });
  }

  get #tabbable(): Control | undefined {
    const usable = this.#shown.filter((control) => !this.#look(control).disabled);
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
    const session = this.#call.session;
    if (!session || this.#look(control).disabled) {
      return;
    }
    const on = !this.#isOn(control);
    if (this.dispatchEvent(request(control, on))) {
      act(session, control, on);
    }
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
    const control = pressed(event as KeyboardEvent);
    if (control && this.#shown.includes(control)) {
      // Also keeps a second toolbar of the same call from undoing it.
      event.preventDefault();
      this.#press(control);
    }
  };
}

function isControl(word: string): word is Control {
  return Object.hasOwn(shortcuts, word);
}

function request(control: Control, on: boolean): Event {
  switch (control) {
    case 'mic':
      return new RtcMicRequestEvent(on);
    case 'camera':
      return new RtcCameraRequestEvent(on);
    case 'screen':
      return new RtcScreenRequestEvent(on);
    case 'leave':
      return new RtcLeaveRequestEvent();
  }
}

function act(session: CallSession, control: Control, on: boolean) {
  switch (control) {
    case 'mic':
      void session.toggleMic(on);
      break;
    case 'camera':
      void session.toggleCamera(on);
      break;
    case 'screen':
      void session.toggleScreen(on);
      break;
    case 'leave':
      session.leave();
      break;
  }
}

/** The button a letter stands for, unless it is being typed into something. */
function pressed(event: KeyboardEvent): Control | undefined {
  const [target] = event.composedPath();
  const typing =
    target instanceof HTMLElement &&
    (target.isContentEditable || /^(input|textarea|select)$/.test(target.localName));
  const chord = event.ctrlKey || event.metaKey || event.altKey;
  if (event.defaultPrevented || event.repeat || event.isComposing || typing || chord) {
    return undefined;
  }
  // On a Korean keyboard the key M gives another letter: then the place counts.
  const latin = /^[a-z]$/i.test(event.key);
  const letter = (latin ? event.key : event.code.replace(/^Key/, '')).toUpperCase();
  return (Object.keys(shortcuts) as Control[]).find((control) => shortcuts[control] === letter);
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
    'rtc-mic-request': RtcMicRequestEvent;
    'rtc-camera-request': RtcCameraRequestEvent;
    'rtc-screen-request': RtcScreenRequestEvent;
    'rtc-leave-request': RtcLeaveRequestEvent;
  }
}
