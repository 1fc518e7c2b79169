import {html, LitElement, nothing, type PropertyValues, type TemplateResult} from 'lit';
import {property} from 'lit/decorators.js';
import {live} from 'lit/directives/live.js';
import {repeat} from 'lit/directives/repeat.js';
import {RtcError} from '../core/errors.js';
import {format} from '../locales/texts.js';
import {CallController} from '../session/call-controller.js';
import {isInCall} from '../session/call-state.js';
import {stepTo} from './arrow-keys.js';
import {
  controlList,
  defaultControls,
  isControl,
  isWrittenIn,
  pressedControl,
  type Control,
  type ControlChoice,
  type ControlSpec,
} from './control-list.js';
import {RtcErrorEvent} from './events.js';
import {FitController} from './fit-controller.js';
import {HoldToTalk, type Talk} from './hold-to-talk.js';
import {checkIcon, moreIcon} from './icons.js';
import {MenuController, type MenuGroup} from './menu-controller.js';
import {MutedHint} from './muted-hint.js';
import {controlsStyles} from './rtc-controls.styles.js';
import {States} from './states.js';
import {TextsController} from './texts-controller.js';
import {iconButton, theme} from './theme.styles.js';
import {TooltipController} from './tooltip-controller.js';

/** The person asked for something by a button or its letter. Cancel it to leave things as they are. */
export class RtcRequestEvent extends Event {
  constructor(
    /** Which button, as in `controls`. */
    readonly control: string,
    /** What it is to be switched to. */
    readonly on: boolean,
    /** Which of several was chosen, where there is a choice. */
    readonly choice?: string,
  ) {
    super(`rtc-${control}-request`, {bubbles: true, composed: true, cancelable: true});
  }
}

/**
 * Buttons that act on the call around them, or on the one that `for` names, in one row: what there
 * is no room for is in a menu. Arrow keys go from button to button; while the focus is there or
 * in the call, letters press them: M (microphone), V (camera), N (next camera), T (flip the
 * camera), S (screen), P (break), A (audience), B (leave the stage), E (reactions), H (hand),
 * U (sound), C (chat), R (record), G (layout), D (devices), I (picture in picture), F (full
 * screen), L (leave); with `no-shortcuts` none does.
 *
 * Who is muted can talk while they hold M, the microphone's button, or the space bar where that
 * does nothing else.
 *
 * @fires {RtcRequestEvent} rtc-mic-request - The person asked to turn the microphone on or off; cancelable.
 * @fires {RtcRequestEvent} rtc-camera-request - The person asked to turn the camera on or off; cancelable.
 * @fires {RtcRequestEvent} rtc-cameras-request - The person chose another camera: `choice`, its id; cancelable.
 * @fires {RtcRequestEvent} rtc-flip-request - The person asked for the camera on the other side; cancelable.
 * @fires {RtcRequestEvent} rtc-screen-request - The person asked to share the screen or to stop; cancelable.
 * @fires {RtcRequestEvent} rtc-pause-request - The person on the stage asked for a break or its end; cancelable.
 * @fires {RtcRequestEvent} rtc-audience-request - The person on the stage asked to see the audience; cancelable.
 * @fires {RtcRequestEvent} rtc-offstage-request - A guest on the stage asked to go back to the audience; cancelable.
 * @fires {RtcRequestEvent} rtc-reactions-request - The person sends a reaction: `choice`; cancelable.
 * @fires {RtcRequestEvent} rtc-hand-request - A viewer asked to raise the hand or take it down; cancelable.
 * @fires {RtcRequestEvent} rtc-sound-request - The person asked to silence the others here, or not; cancelable.
 * @fires {RtcRequestEvent} rtc-chat-request - The person asked to open or close the chat; cancelable.
 * @fires {RtcRequestEvent} rtc-record-request - The person asked to record or to stop; cancelable.
 * @fires {RtcRequestEvent} rtc-layout-request - The person asked for another layout: `choice`; cancelable.
 * @fires {RtcRequestEvent} rtc-devices-request - The person asked to open or close the choice of devices; cancelable.
 * @fires {RtcRequestEvent} rtc-pip-request - The person asked for the picture in a small window; cancelable.
 * @fires {RtcRequestEvent} rtc-fullscreen-request - The person asked for the full screen; cancelable.
 * @fires {RtcRequestEvent} rtc-leave-request - The person asked to leave; cancelable.
 * @fires {RtcErrorEvent} rtc-error - `controls` names a button that does not exist.
 * @slot start - Buttons of your own, before the built-in ones.
 * @slot end - Buttons of your own, after the built-in ones.
 * @slot icon-NAME - An icon in place of ours, for the button of that name, `more` included; `icon-mic-off`, `icon-camera-off`, `icon-sound-off` while those are off.
 * @csspart toolbar - The row of buttons.
 * @csspart button - Every built-in button.
 * @csspart mic - The microphone button; `camera`, `screen`, `leave` and the others likewise.
 * @csspart talking - The microphone button while somebody holds it to talk.
 * @csspart count - How much is new behind a button.
 * @csspart more - The button that opens the menu of what there is no room for.
 * @csspart volume - The slider beside the `sound` button.
 * @csspart menu - A menu, with every `menu-item` in it.
 * @csspart tooltip - What a button does, and its letter.
 * @csspart key - A letter, in a menu or a tooltip.
 * @csspart muted-hint - What is said to who talks while muted.
 * @cssstate overflowing - Not all buttons have room: the others are in a menu.
 * @cssstate open - A menu is open.
 * @cssprop [--rtc-gap=0.5rem] - Space between the buttons.
 * @cssprop [--rtc-accent] - Colour of a button that is on where off is usual.
 * @cssprop [--rtc-surface] - Background of the buttons.
 * @cssprop [--rtc-text] - Colour of the icons.
 */
export class RtcControls extends LitElement {
  static override styles = [theme, iconButton, controlsStyles];

  /**
   * Which buttons there are, in your order: `mic`, `camera`, `cameras` (which one, if there are
   * several), `flip` (front or back), `screen`, `reactions`, `hand`, `chat`, `record`, `layout`,
   * `devices`, `pip`, `fullscreen`, `leave`; on a stage also `pause`, `audience`; in the audience
   * `offstage`, `sound`. Those that make no sense are left out.
   */
  @property() controls: string | undefined;

  /** Letters press nothing, for who speaks to the computer, or hits keys by accident. */
  @property({type: Boolean, attribute: 'no-shortcuts'}) noShortcuts = false;

  /** The id of an `<rtc-call>` elsewhere; without it the call around the buttons. */
  @property() for = '';

  readonly #call = new CallController(this, {for: () => this.for});
  readonly #texts = new TextsController(this, () => this.#call.session?.options.texts);
  readonly #states = new States(this);
  readonly #fit = new FitController(this);
  readonly #menu = new MenuController(this);
  readonly #tooltip = new TooltipController(this, (tip) => this.#renderTip(tip));
  readonly #hold = new HoldToTalk(this, () => this.#talk);
  readonly #hint = new MutedHint(this, () => this.#isTalkingMuted);
  /** The call that letters are heard in. */
  #scope: Element | undefined;
  #listening: AbortController | undefined;
  #hadFocus = false;
  /** The one that Tab reaches; arrow keys reach the others. */
  #stop: HTMLElement | undefined;

  override connectedCallback() {
    super.connectedCallback();
    this.#listen();
  }

  override disconnectedCallback() {
    super.disconnectedCallback();
    this.#listening?.abort();
    this.#listening = undefined;
  }

  /** Moves the focus to the button that Tab would reach. */
  override focus(options?: FocusOptions) {
    this.#stop?.focus(options);
  }

  /** Whether somebody is at it: with the focus to be seen on a button, or a menu open. */
  get isBusy(): boolean {
    const {activeElement} = this.shadowRoot ?? {};
    return this.#menu.open !== undefined || activeElement?.matches(':focus-visible') === true;
  }

  protected override willUpdate(changed: PropertyValues<this>) {
    this.#hadFocus = Boolean(this.shadowRoot?.activeElement);
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
    const texts = this.#texts.texts.controls;
    const shown = this.#shown;
    const row = this.#fit.fitting(shown);
    const rest = shown.filter((control) => !row.includes(control));
    this.#states.set({overflowing: rest.length > 0, open: this.#menu.open !== undefined});
    // Who leaves looks for it at the end.
    const last = row.at(-1) === 'leave' ? row.slice(-1) : [];
    return html`
      <div
        part="toolbar"
        class="toolbar themed ${this.#fit.isTight(row) ? 'tight' : ''}"
        dir=${this.#texts.dir}
        role="toolbar"
        aria-label=${texts.label}
        @keydown=${this.#move}
        @focusin=${this.#stopHere}
      >
        <slot name="start" @slotchange=${this.#fit.followSlots}></slot>
        ${repeat(
          [
            ...row.slice(0, row.length - last.length),
            ...(rest.length ? ['more' as const] : []),
            ...last,
          ],
          (control) => control,
          (control) => (control === 'more' ? this.#renderMore(rest) : this.#renderControl(control)),
        )}
        <slot name="end" @slotchange=${this.#fit.followSlots}></slot>
      </div>
      ${this.#renderMenu(rest)} ${this.#tooltip.render()}
      ${this.#hint.render({
        muted: texts.muted,
        how: this.noShortcuts
          ? texts.holdSpace
          : format(texts.mutedHint, {key: controlList.mic.key}),
        dismiss: this.#texts.texts.call.dismiss,
      })}
    `;
  }

  protected override updated() {
    if (this.#listening) {
      this.#listen();
    }
    this.#stopAt(this.#stop);
    if (this.#hadFocus && !this.shadowRoot?.activeElement) {
      // On a button that makes no sense any more.
      this.focus();
    }
  }

  /** Letters count all over the call, and here. */
  #listen() {
    const scope = this.for ? this.#call.named : callAround(this);
    if (this.#listening && scope === this.#scope) {
      return;
    }
    this.#scope = scope;
    this.#listening?.abort();
    this.#listening = new AbortController();
    const {signal} = this.#listening;
    scope?.addEventListener('keydown', this.#shortcut, {signal});
    if (this.for || !scope) {
      this.addEventListener('keydown', this.#shortcut, {signal});
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
    const {isOn, isUsuallyOn, choices} = controlList[control];
    const on = this.#isOn(control);
    const isTalking = control === 'mic' && this.#hold.isTalking;
    const look = !isOn || on === Boolean(isUsuallyOn) ? '' : on ? 'active' : 'off';
    return html`
      <button
        part="button ${control} ${isTalking ? 'talking' : ''}"
        class="${control} ${look} ${isTalking ? 'talking' : ''}"
        type="button"
        aria-label=${this.#nameOf(control)}
        aria-pressed=${isOn ? on : nothing}
        aria-haspopup=${choices ? 'menu' : nothing}
        aria-expanded=${choices ? this.#menu.open === control : nothing}
        aria-keyshortcuts=${this.#keyOf(control) ?? nothing}
        data-tip=${control}
        ?disabled=${!this.#isUsable(control)}
        @pointerdown=${control === 'mic' && this.#isMuted ? this.#hold.watch : nothing}
        @click=${() => this.#press(control)}
      >
        ${this.#renderIcon(control, on)} ${this.#renderCount(control)}
      </button>
    `;
  }

  /** Ours, unless the page has one for it. */
  #renderIcon(control: Control, on: boolean) {
    const {icon, isUsuallyOn} = controlList[control];
    const name = isUsuallyOn && !on ? `${control}-off` : control;
    return html`<slot name="icon-${name}">${icon(on)}</slot>`;
  }

  /** What is new, for the eye: the name says it too. */
  #renderCount(...controls: Control[]) {
    const count = controls.reduce((sum, control) => sum + this.#unreadIn(control), 0);
    return count
      ? html`<span part="count" class="count" aria-hidden="true"
          >${count > 99 ? '99+' : count}</span
        >`
      : nothing;
  }

  #renderMore(rest: readonly Control[]) {
    const texts = this.#texts.texts.controls;
    const news = rest
      .filter((control) => this.#unreadIn(control) || this.#isNews(control))
      .map((control) => this.#nameOf(control))
      .join(', ');
    const count = this.#renderCount(...rest);
    return html`<button
      part="button more"
      class="more"
      type="button"
      aria-label=${news ? format(texts.moreNews, {news}) : texts.more}
      aria-haspopup="menu"
      aria-expanded=${this.#menu.open === 'more'}
      data-tip="more"
      @click=${() => this.#toggleMenu('more')}
    >
      <slot name="icon-more">${moreIcon}</slot>
      ${news && count === nothing ? html`<span part="count" class="count dot"></span>` : count}
    </button>`;
  }

  #renderMenu(rest: readonly Control[]) {
    const texts = this.#texts.texts.controls;
    const {open} = this.#menu;
    if (open === undefined) {
      return this.#menu.render('', []);
    }
    if (open !== 'more') {
      const control = open as Control;
      const isThere = this.#shown.includes(control) && this.#isUsable(control);
      return this.#menu.render(this.#nameOf(control), isThere ? [this.#groupOf(control)] : []);
    }
    const choices = (kind: MenuGroup['kind']) =>
      rest
        .filter((control) => controlList[control].choices && this.#isUsable(control))
        .map((control) => this.#groupOf(control))
        .filter((group) => group.kind === kind);
    const items = rest
      .filter((control) => !controlList[control].choices)
      .map((control) => {
        const {isOn} = controlList[control];
        const on = this.#isOn(control);
        return {
          name: isOn ? this.#nameOf(control) : this.#hintOf(control),
          icon: html`${this.#renderIcon(control, on)} ${this.#renderCount(control)}`,
          key: this.#keyOf(control),
          isOn: isOn && on,
          isDisabled: !this.#isUsable(control),
          part: control,
          act: () => this.#press(control),
        };
      });
    return this.#menu.render(texts.more, [
      ...choices('signs'),
      {kind: 'items', items},
      ...choices('choices'),
    ]);
  }

  #groupOf(control: Control): MenuGroup {
    const choices = this.#choicesIn(control);
    return {
      name: this.#nameOf(control),
      kind: choices.some(({sign}) => sign) ? 'signs' : 'choices',
      items: choices.map((choice) => ({
        name: choice.name,
        icon: choice.sign ?? (choice.isChosen ? checkIcon : nothing),
        isOn: choice.isChosen,
        act: () => this.#choose(control, choice),
      })),
    };
  }

  #renderTip(tip: string) {
    const texts = this.#texts.texts.controls;
    if (!isControl(tip)) {
      return texts.more;
    }
    const {session} = this.#call;
    const isOutside = session && !isInCall(session.state) && !this.#isUsable(tip);
    const more = isOutside
      ? texts.onlyInCall
      : tip === 'mic' && this.#isMuted
        ? this.noShortcuts
          ? texts.holdSpace
          : texts.hold
        : undefined;
    const key = this.#keyOf(tip);
    return html`${this.#hintOf(tip)} ${key ? html`<kbd part="key">${key}</kbd>` : nothing}
    ${more ? html`<small>${more}</small>` : nothing}`;
  }

  /** A list of the system, under an icon. */
  #renderCameras() {
    const cameras = this.#choicesIn('cameras');
    const isKnown = cameras.some(({isChosen}) => isChosen);
    return html`<span part="button cameras" class="button cameras">
      ${this.#renderIcon('cameras', true)}
      <select
        data-tip="cameras"
        aria-label=${this.#nameOf('cameras')}
        aria-keyshortcuts=${this.#keyOf('cameras') ?? nothing}
        @change=${this.#chooseCamera}
      >
        ${isKnown ? nothing : html`<option value="" hidden selected></option>`}
        ${cameras.map(
          ({id, name, isChosen}) =>
            html`<option value=${id} .selected=${live(isChosen === true)}>${name}</option>`,
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

  get #isMuted(): boolean {
    return this.#call.session?.self.micOff === true;
  }

  get #talk(): Talk | undefined {
    const {session} = this.#call;
    return (
      session && {
        isMuted: () => session.self.micOff,
        turn: (on) => this.#request('mic', on, session),
      }
    );
  }

  get #isTalkingMuted(): boolean {
    return this.#isMuted && (this.#call.session?.isTalkingMuted ?? false);
  }

  #nameOf(control: Control): string {
    const {texts} = this.#texts;
    const {name: nameIn, unreadName}: ControlSpec = controlList[control];
    const name = nameIn(texts.controls, this.#call.session?.broadcast.role);
    const unread = this.#unreadIn(control);
    const count = unread > 99 ? '99+' : String(unread);
    if (!unread) {
      return name;
    }
    return unreadName
      ? `${name}: ${unreadName(texts)} (${count})`
      : format(texts.controls.unread, {name, count});
  }

  /** The letter that presses it. */
  #keyOf(control: Control): string | undefined {
    return this.noShortcuts ? undefined : controlList[control].key;
  }

  /** What pressing it would do. */
  #hintOf(control: Control): string {
    const texts = this.#texts.texts.controls;
    const role = this.#call.session?.broadcast.role;
    const {hint, name} = controlList[control];
    return hint?.(texts, this.#isOn(control), role) ?? name(texts, role);
  }

  #choicesIn(control: Control): readonly ControlChoice[] {
    const {session} = this.#call;
    return (session && controlList[control].choices?.(session, this.#texts.texts)) ?? [];
  }

  /** What came while it was not looked at. */
  #unreadIn(control: Control): number {
    const {session} = this.#call;
    return (session && !this.#isOn(control) && controlList[control].unread?.(session)) || 0;
  }

  #isNews(control: Control): boolean {
    return controlList[control].isNews === true && this.#isOn(control);
  }

  /** What the focus can be on, as it is drawn; of buttons of the page, those that keep the arrow keys free. */
  get #stops(): HTMLElement[] {
    const own = this.shadowRoot?.querySelectorAll('.toolbar > *, .toolbar > .pair > button') ?? [];
    return [...own].flatMap((child) =>
      child instanceof HTMLSlotElement
        ? child.assignedElements({flatten: true}).flatMap(stopsIn)
        : stopsIn(child).filter((stop) => !stop.matches('.volume')),
    );
  }

  readonly #stopHere = (event: FocusEvent) => {
    const [target] = event.composedPath();
    this.#stopAt(this.#stops.find((stop) => stop === target) ?? this.#stop);
  };

  /** Has Tab reach one of them only. */
  #stopAt(wanted: HTMLElement | undefined) {
    const stops = this.#stops;
    this.#stop = wanted && stops.includes(wanted) ? wanted : stops[0];
    for (const stop of stops) {
      stop.tabIndex = stop === this.#stop ? 0 : -1;
    }
  }

  #press(control: Control) {
    if (!this.#isUsable(control)) {
      return;
    }
    if (controlList[control].choices) {
      this.#toggleMenu(control);
    } else {
      this.#request(control, !this.#isOn(control));
    }
  }

  #request(control: Control, on: boolean, session = this.#call.session) {
    if (session && this.dispatchEvent(new RtcRequestEvent(control, on))) {
      controlList[control].act?.(session, on);
    }
  }

  #choose(control: Control, {id, act}: ControlChoice) {
    if (this.dispatchEvent(new RtcRequestEvent(control, true, id))) {
      act();
    }
  }

  /** At its button, or where that went. */
  #toggleMenu(menu: Control | 'more') {
    const find = (name: string) =>
      this.shadowRoot?.querySelector<HTMLElement>(`.toolbar > .${name}`) ?? undefined;
    const at = find(menu);
    const more = find('more');
    if (at) {
      this.#menu.toggle(menu, at);
    } else if (more) {
      this.#menu.toggle('more', more);
    }
  }

  #chooseCamera(event: Event) {
    const {value} = event.target as HTMLSelectElement;
    const camera = this.#choicesIn('cameras').find(({id}) => id === value);
    if (camera) {
      this.#choose('cameras', camera);
    }
    // Until it is the one.
    this.requestUpdate();
  }

  #setVolume(event: Event) {
    this.#call.session?.setVolume(Number((event.target as HTMLInputElement).value));
  }

  #move(event: KeyboardEvent) {
    const stops = this.#stops;
    const at = stops.indexOf(event.composedPath()[0] as HTMLElement);
    // Up and down scroll, or choose in what a page has put into the row.
    if (at === -1 || event.key === 'ArrowUp' || event.key === 'ArrowDown') {
      return;
    }
    const to = stepTo(event, at, stops.length);
    if (to !== undefined) {
      event.preventDefault();
      stops[to]?.focus();
    }
  }

  readonly #shortcut = (event: Event) => {
    const pressed = event as KeyboardEvent;
    const control = this.noShortcuts ? undefined : pressedControl(pressed);
    const isShown = control && this.#shown.includes(control);
    if (isShown) {
      // Also keeps a second toolbar of the same call from undoing it.
      event.preventDefault();
      if (control === 'mic' && this.#isMuted) {
        this.#hold.watch(pressed);
      }
      this.#pressByKey(control);
    } else if (isFreeSpace(pressed) && this.#shown.includes('mic') && this.#isInCall) {
      event.preventDefault();
      if (this.#isMuted && !pressed.repeat) {
        this.#hold.start(pressed);
      }
    }
  };

  /** A letter goes through what there is to choose from, where one always is. */
  #pressByKey(control: Control) {
    const choices = this.#choicesIn(control);
    const next = choices[(choices.findIndex(({isChosen}) => isChosen) + 1) % choices.length];
    if (next?.isChosen === undefined) {
      this.#press(control);
    } else if (this.#isUsable(control)) {
      this.#choose(control, next);
    }
  }

  get #isInCall(): boolean {
    const {session} = this.#call;
    return session !== undefined && isInCall(session.state);
  }
}

/** Elements the focus can be on, without those that need the arrow keys for themselves. */
function stopsIn(element: Element): HTMLElement[] {
  const all = [element, ...element.querySelectorAll('*')];
  return all.filter(
    (one): one is HTMLElement =>
      one.matches('button:enabled, a[href], select:enabled, [tabindex]') &&
      !(one as HTMLElement).hidden,
  );
}

/** The space bar, where it presses and writes nothing. */
function isFreeSpace(event: KeyboardEvent): boolean {
  const [target] = event.composedPath();
  return (
    event.key === ' ' &&
    !event.defaultPrevented &&
    !(event.ctrlKey || event.metaKey || event.altKey || event.shiftKey) &&
    target instanceof Element &&
    !isWrittenIn(target) &&
    !target.closest(
      'button, a[href], summary, audio, [controls], [role]:not([role=list], [role=listitem], [role=region])',
    )
  );
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
    'rtc-flip-request': RtcRequestEvent;
    'rtc-reactions-request': RtcRequestEvent;
    'rtc-layout-request': RtcRequestEvent;
    'rtc-devices-request': RtcRequestEvent;
    'rtc-pip-request': RtcRequestEvent;
    'rtc-fullscreen-request': RtcRequestEvent;
    'rtc-leave-request': RtcRequestEvent;
  }
}
