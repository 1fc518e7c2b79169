import {css, html, LitElement, nothing, type TemplateResult} from 'lit';
import {property} from 'lit/decorators.js';
import {repeat} from 'lit/directives/repeat.js';
import {format} from '../locales/texts.js';
import {CallController} from '../session/call-controller.js';
import type {CallSession} from '../session/call-session.js';
import type {Participant} from '../session/participant.js';
import {handIcon} from './icons.js';
import {nameOf} from './names.js';
import {TextsController} from './texts-controller.js';
import {theme, wordButton} from './theme.styles.js';

/** A longer list helps nobody, and costs. */
const maxShown = 60;

/**
 * The audience of the stage around it, or of the one that `for` names: who is watching and who
 * has a hand raised, a button to bring somebody on stage, and what the audience may do.
 *
 * @csspart list - The viewers.
 * @csspart viewer - One of them.
 * @csspart button - Every button.
 * @csspart switch - Every switch.
 */
export class RtcAudience extends LitElement {
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
      .audience {
        display: grid;
        grid-template-rows: minmax(calc(3.5 * var(--rtc-theme-rem)), 1fr) auto;
        gap: var(--rtc-theme-gap);
        height: 100%;
        overflow: auto;
      }
      ul {
        display: grid;
        grid-template-columns: minmax(0, 1fr);
        grid-auto-rows: max-content;
        gap: calc(0.375 * var(--rtc-theme-rem));
        min-height: 0;
        margin: 0;
        padding: calc(0.25 * var(--rtc-theme-rem));
        overflow: auto;
        overscroll-behavior: contain;
        list-style: none;
      }
      li {
        display: flex;
        flex-wrap: wrap;
        align-items: center;
        gap: calc(0.25 * var(--rtc-theme-rem)) calc(0.5 * var(--rtc-theme-rem));
        min-height: var(--rtc-theme-target);
        padding-inline: calc(0.75 * var(--rtc-theme-rem)) calc(0.25 * var(--rtc-theme-rem));
        border-radius: var(--rtc-theme-radius);
        background: var(--rtc-theme-surface);
      }
      .name {
        flex: 1 1 calc(5 * var(--rtc-theme-rem));
        min-width: 0;
        overflow: hidden;
        white-space: nowrap;
        text-overflow: ellipsis;
      }
      .hand {
        color: var(--rtc-theme-mark);
      }
      .more {
        justify-content: center;
        background: none;
        color: var(--rtc-theme-soft);
      }
      li .word {
        min-height: var(--rtc-theme-target);
        margin: 0;
        padding: calc(0.25 * var(--rtc-theme-rem)) calc(0.75 * var(--rtc-theme-rem));
        font-size: calc(0.875 * var(--rtc-theme-rem));
      }
      label {
        display: flex;
        align-items: center;
        gap: calc(0.625 * var(--rtc-theme-rem));
        min-height: var(--rtc-theme-target);
        padding: 0 calc(0.5 * var(--rtc-theme-rem));
        cursor: pointer;
      }
      input {
        width: calc(1.25 * var(--rtc-theme-rem));
        height: calc(1.25 * var(--rtc-theme-rem));
        margin: 0;
        accent-color: var(--rtc-theme-accent);
      }
      @media (forced-colors: active) {
        li {
          border: 1px solid CanvasText;
        }
      }
    `,
  ];

  /** The id of an `<rtc-call>` elsewhere; without it the call around it. */
  @property() for = '';

  readonly #call = new CallController(this, {for: () => this.for});
  readonly #texts = new TextsController(this, () => this.#call.session?.options.texts);

  protected override render(): TemplateResult | typeof nothing {
    const {session} = this.#call;
    if (session?.broadcast.role !== 'stage') {
      return nothing;
    }
    const texts = this.#texts.texts.show;
    // Who wants something comes first.
    const viewers = [...session.participants].sort((one, other) => rank(one) - rank(other));
    const more = viewers.length - maxShown;
    return html`
      <section class="audience themed" dir=${this.#texts.dir} aria-label=${texts.audience}>
        <ul part="list" aria-label=${texts.audience} tabindex="0">
          ${repeat(
            viewers.slice(0, maxShown),
            ({id}) => id,
            (viewer) => this.#renderViewer(session, viewer),
          )}
          ${viewers.length ? nothing : html`<li class="more">${texts.nobody}</li>`}
          ${
            more > 0
              ? html`<li class="more">${format(texts.more, {count: String(more)})}</li>`
              : nothing
          }
        </ul>
        <div>
          ${this.#renderSwitch(texts.allowChat, session.broadcast.chatIsOpen, this.#openChat)}
          ${this.#renderSwitch(
            texts.allowRecording,
            session.broadcast.recordingIsAllowed,
            this.#allowRecording,
          )}
        </div>
      </section>
    `;
  }

  #renderViewer({broadcast}: CallSession, viewer: Participant) {
    const {id, handRaised, role} = viewer;
    const texts = this.#texts.texts.show;
    const isAsked = broadcast.guest === id;
    const text =
      role === 'guest' ? texts.sendBack : isAsked ? texts.cancelInvitation : texts.invite;
    const shown = nameOf(viewer, this.#texts.texts);
    return html`<li part="viewer">
      <span class="name">${shown}</span>
      ${
        handRaised
          ? html`<span class="hand" role="img" aria-label=${texts.handRaised}>${handIcon}</span>`
          : nothing
      }
      ${
        broadcast.takesGuests
          ? html`<button
              part="button"
              class="word plain"
              type="button"
              aria-label="${text}: ${shown}"
              @click=${() => (isAsked ? broadcast.sendBack() : broadcast.invite(id))}
            >
              ${text}
            </button>`
          : nothing
      }
    </li>`;
  }

  #renderSwitch(text: string, isOn: boolean, change: (event: Event) => void) {
    return html`<label part="switch">
      <input type="checkbox" .checked=${isOn} @change=${change} />${text}
    </label>`;
  }

  #openChat(event: Event) {
    this.#call.session?.broadcast.openChat((event.target as HTMLInputElement).checked);
  }

  #allowRecording(event: Event) {
    this.#call.session?.broadcast.allowRecording((event.target as HTMLInputElement).checked);
  }
}

function rank({role, handRaised}: Participant): number {
  return role === 'guest' ? 0 : handRaised ? 1 : 2;
}

if (!customElements.get('rtc-audience')) {
  customElements.define('rtc-audience', RtcAudience);
}

declare global {
  interface HTMLElementTagNameMap {
    'rtc-audience': RtcAudience;
  }
}
