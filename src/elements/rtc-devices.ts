import {css, html, LitElement, nothing, type TemplateResult} from 'lit';
import {property} from 'lit/decorators.js';
import {live} from 'lit/directives/live.js';
import {CallController} from '../session/call-controller.js';
import type {CallSession} from '../session/call-session.js';
import {ChimeController} from '../session/chime-controller.js';
import type {Choices} from '../session/settings.js';
import {exportedParts} from './exported-parts.js';
import {pauseIcon, playIcon} from './icons.js';
import './rtc-level.js';
import {TextsController} from './texts-controller.js';
import {theme, wordButton} from './theme.styles.js';

type Switch = 'noiseSuppression' | 'voiceIsolation' | 'backgroundBlur' | 'lowData';

/**
 * Camera, microphone and speaker to choose from, and switches for what the browser can do with
 * them, of the call around it or of the one that `for` names. Each is offered only where it works.
 *
 * @csspart field - A menu with its name.
 * @csspart menu - Every menu of devices.
 * @csspart level - The level of the microphone (an `<rtc-level>`); also `level-meter`, `level-bar`.
 * @csspart button - Every button.
 * @csspart switch - Every switch, with its name.
 * @csspart hint - What is said of a menu or a switch.
 * @cssprop [--rtc-accent=#2259d6] - Colour of switches that are on.
 * @cssprop [--rtc-surface] - Behind the menus; follows the colour scheme.
 * @cssprop [--rtc-text] - Text; follows the colour scheme.
 */
export class RtcDevices extends LitElement {
  static override styles = [
    theme,
    wordButton,
    css`
      :host {
        display: block;
        min-height: 0;
      }
      :host([hidden]) {
        display: none;
      }
      .devices {
        display: grid;
        align-content: start;
        gap: var(--rtc-theme-rem);
        height: 100%;
        box-sizing: border-box;
        /* What scrolls cuts off focus rings. */
        padding: 5px;
        overflow: auto;
        overscroll-behavior: contain;
      }
      /* What has the focus stays above what a lobby keeps in sight below. */
      select,
      input,
      .word {
        scroll-margin-block-end: calc(8.5 * var(--rtc-theme-rem));
      }
      .field {
        display: grid;
        gap: calc(0.375 * var(--rtc-theme-rem));
        min-width: 0;
      }
      .field > label {
        color: var(--rtc-theme-soft);
        font-size: calc(0.9375 * var(--rtc-theme-rem));
      }
      select {
        box-sizing: border-box;
        width: 100%;
        min-width: 0;
        min-height: var(--rtc-theme-target);
        padding: calc(0.25 * var(--rtc-theme-rem)) calc(0.5 * var(--rtc-theme-rem));
        border: 1px solid var(--rtc-theme-line);
        border-radius: calc(var(--rtc-theme-radius) * 0.75);
        background: var(--rtc-theme-surface);
        color: var(--rtc-theme-text);
        font: inherit;
        text-overflow: ellipsis;
      }
      p,
      .hint {
        margin: 0;
        color: var(--rtc-theme-soft);
        font-size: calc(0.875 * var(--rtc-theme-rem));
      }
      .word {
        display: inline-flex;
        align-items: center;
        justify-content: center;
        justify-self: start;
        gap: calc(0.5 * var(--rtc-theme-rem));
        padding-inline: var(--rtc-theme-rem);
      }
      .switch {
        display: grid;
        grid-template-columns: minmax(0, 1fr) auto;
        align-items: center;
        column-gap: var(--rtc-theme-rem);
        min-height: var(--rtc-theme-target);
        cursor: pointer;
      }
      .switch .hint {
        grid-column: 1;
      }
      [role='switch'] {
        grid-area: 1 / 2 / span 2;
        appearance: none;
        position: relative;
        width: var(--rtc-theme-target);
        height: calc(1.5 * var(--rtc-theme-rem));
        margin: 0;
        border: 2px solid var(--rtc-theme-line);
        border-radius: var(--rtc-theme-rem);
        cursor: inherit;
      }
      [role='switch']::before {
        content: '';
        position: absolute;
        inset-block: calc(0.1875 * var(--rtc-theme-rem));
        inset-inline-start: calc(0.1875 * var(--rtc-theme-rem));
        aspect-ratio: 1;
        border-radius: 50%;
        background: var(--rtc-theme-text);
      }
      [role='switch']:checked {
        border-color: var(--rtc-theme-mark);
        background: var(--rtc-theme-accent);
      }
      [role='switch']:checked::before {
        inset-inline: auto calc(0.1875 * var(--rtc-theme-rem));
        background: var(--rtc-theme-accent-text);
      }
      [role='switch']:disabled {
        opacity: 0.55;
      }
      @media (forced-colors: active) {
        [role='switch'] {
          border-color: ButtonText;
        }
        [role='switch']::before {
          background: ButtonText;
        }
        [role='switch']:checked {
          forced-color-adjust: none;
          background: Highlight;
        }
        [role='switch']:checked::before {
          background: HighlightText;
        }
      }
    `,
  ];

  /** The id of an `<rtc-call>` elsewhere; without it the call around the element. */
  @property() for = '';

  readonly #call = new CallController(this, {for: () => this.for});
  readonly #texts = new TextsController(this, () => this.#call.session?.options.texts);
  readonly #chime = new ChimeController(this);
  /** Whose devices were opened from here. */
  #previewed: CallSession | undefined;

  override disconnectedCallback() {
    super.disconnectedCallback();
    // A move in the document disconnects and connects again.
    queueMicrotask(() => {
      if (!this.isConnected) {
        this.#previewed?.stopPreview();
        this.#previewed = undefined;
      }
    });
  }

  protected override render(): TemplateResult {
    const session = this.#call.session;
    return html`<section
      class="devices themed"
      dir=${this.#texts.dir}
      aria-label=${this.#texts.texts.devices.label}
    >
      ${
        session
          ? html`${this.#renderOwn(session)} ${this.#renderSpeaker(session)}
            ${this.#renderSwitches(session)}`
          : nothing
      }
    </section>`;
  }

  #renderOwn(session: CallSession) {
    const texts = this.#texts.texts.devices;
    const {devices, options, broadcast, self} = session;
    if (broadcast.role === 'viewer') {
      return nothing;
    }
    if (options.stream) {
      return html`<p part="hint">${texts.given}</p>`;
    }
    const isNameless = !devices.some(({label}) => label);
    const isWanted = !self.micOff || !self.cameraOff || session.help;
    return html`
      ${options.audioOnly ? nothing : this.#renderCamera(session)}
      ${this.#renderMenu(session, 'audioinput', session.micId)}
      <rtc-level
        part="level"
        exportparts=${exportedParts.level}
        .for=${this.for}
        ?hidden=${self.micOff}
      ></rtc-level>
      ${isNameless ? html`<p part="hint">${texts.nameless}</p>` : nothing}
      ${
        isNameless && isWanted
          ? html`<button
              part="button"
              class="word plain"
              type="button"
              @click=${() => this.#allow(session)}
            >
              ${texts.allow}
            </button>`
          : nothing
      }
    `;
  }

  #allow(session: CallSession) {
    this.#previewed = session;
    void session.retryDevices();
  }

  #renderCamera(session: CallSession) {
    return html`${this.#renderMenu(session, 'videoinput', session.cameraId)}
    ${
      session.canFlip
        ? html`<button
            part="button"
            class="word plain"
            type="button"
            @click=${() => void session.flipCamera()}
          >
            ${this.#texts.texts.devices.flip}
          </button>`
        : nothing
    }`;
  }

  #renderMenu(session: CallSession, kind: MediaDeviceKind, current: string | undefined) {
    const texts = this.#texts.texts.devices;
    const [name, none] = {
      videoinput: [texts.camera, texts.noCamera],
      audioinput: [texts.microphone, texts.noMicrophone],
      audiooutput: [texts.speaker, ''],
    }[kind] as [string, string];
    const all = session.devices.filter((one) => one.kind === kind && one.deviceId);
    // Until it has been allowed, the browser names none, or tells only that there are some.
    const isKnown = session.devices.some((one) => one.kind === kind);
    const options = all.map(({deviceId, label}, index) => ({
      id: deviceId,
      text: label || `${name} ${index + 1}`,
    }));
    if (kind === 'audiooutput' && !options.some(({id}) => id === 'default')) {
      options.unshift({id: '', text: texts.standard});
    }
    const selected = options.some(({id}) => id === current) ? current : undefined;
    return html`<div part="field" class="field">
      <label for=${kind}>${name}</label>
      ${
        options.length
          ? html`<select
              part="menu"
              id=${kind}
              @change=${({target}: Event) => {
                void session.useDevice(kind, (target as HTMLSelectElement).value);
                this.requestUpdate();
              }}
            >
              ${options.map(
                ({id, text}) =>
                  html`<option value=${id} .selected=${live(id === selected)}>${text}</option>`,
              )}
            </select>`
          : html`<select part="menu" id=${kind} disabled>
              <option>${isKnown ? texts.standard : none || texts.standard}</option>
            </select>`
      }
    </div>`;
  }

  #renderSpeaker(session: CallSession) {
    const texts = this.#texts.texts.devices;
    const {isPlaying} = this.#chime;
    const hasList = session.devices.some(({kind, deviceId}) => kind === 'audiooutput' && deviceId);
    return html`
      ${
        session.canChooseSpeaker
          ? this.#renderMenu(session, 'audiooutput', session.speakerId || 'default')
          : nothing
      }
      ${
        session.canAskForSpeaker && !hasList
          ? html`<button
              part="button"
              class="word plain"
              type="button"
              @click=${() => void session.askForSpeaker()}
            >
              ${texts.chooseSpeaker}
            </button>`
          : nothing
      }
      <button
        part="button"
        class="word plain"
        type="button"
        @click=${() => (isPlaying ? this.#chime.stop() : this.#chime.play(session.speakerId))}
      >
        ${isPlaying ? pauseIcon : playIcon} ${isPlaying ? texts.testStop : texts.test}
      </button>
    `;
  }

  #renderSwitches(session: CallSession) {
    const texts = this.#texts.texts.devices;
    const {features, options, broadcast, settings} = session;
    const {noiseSuppression = true, voiceIsolation = false, lowData = false} = settings.choices;
    const sends = broadcast.role !== 'viewer' && !options.stream;
    const isSpeech = sends && options.audioMode !== 'music';
    const blur = sends && !options.audioOnly && features.backgroundBlur;
    return html`
      ${blur === 'always' ? html`<p part="hint">${texts.blurAlways}</p>` : nothing}
      ${
        blur === true
          ? this.#renderSwitch('backgroundBlur', features.isBlurred, [texts.blur, texts.blurHint])
          : nothing
      }
      ${
        isSpeech && features.noiseSuppression
          ? this.#renderSwitch('noiseSuppression', noiseSuppression, [texts.noise, texts.noiseHint])
          : nothing
      }
      ${
        isSpeech && features.voiceIsolation
          ? this.#renderSwitch('voiceIsolation', voiceIsolation, [
              texts.isolation,
              texts.isolationHint,
            ])
          : nothing
      }
      ${this.#renderSwitch('lowData', lowData, [texts.lowData, texts.lowDataHint])}
    `;
  }

  #renderSwitch(name: Switch, isOn: boolean, [text, hint]: readonly [string, string]) {
    const press = ({target}: Event) => {
      const choices: Choices = {[name]: (target as HTMLInputElement).checked};
      this.#call.session?.settings.choose(choices);
    };
    return html`<label part="switch" class="switch">
      <span id=${`${name}-name`}>${text}</span>
      <input
        type="checkbox"
        role="switch"
        aria-checked=${isOn}
        aria-labelledby=${`${name}-name`}
        aria-describedby=${`${name}-hint`}
        .checked=${live(isOn)}
        @change=${press}
      />
      <span part="hint" class="hint" id=${`${name}-hint`}>${hint}</span>
    </label>`;
  }
}

if (!customElements.get('rtc-devices')) {
  customElements.define('rtc-devices', RtcDevices);
}

declare global {
  interface HTMLElementTagNameMap {
    'rtc-devices': RtcDevices;
  }
}
