import {css, html, LitElement, nothing, type TemplateResult} from 'lit';
import {property, query} from 'lit/decorators.js';
import {repeat} from 'lit/directives/repeat.js';
import {maxChatLength} from '../core/messages.js';
import {CallController} from '../session/call-controller.js';
import type {ChatMessage} from '../session/chat.js';
import {sendIcon} from './icons.js';
import {TextsController} from './texts-controller.js';
import {theme} from './theme.styles.js';

/** Nearer to the end than this, in CSS pixels, the list follows what is new. */
const nearPx = 40;

/**
 * What is written in the call around it, or in the one that `for` names.
 *
 * @csspart list - The lines.
 * @csspart message - One line; also `own` for one's own.
 * @csspart author - Who wrote it.
 * @csspart input - Where one writes.
 * @csspart send - The button that sends.
 * @cssprop [--rtc-accent=#2259d6] - Behind one's own lines.
 * @cssprop [--rtc-surface] - Behind the lines of others and the field; follows the colour scheme.
 * @cssprop [--rtc-text] - Text; follows the colour scheme.
 */
export class RtcChat extends LitElement {
  static override styles = [
    theme,
    css`
      :host {
        display: block;
        min-height: 0;
      }
      :host([hidden]) {
        display: none;
      }
      .chat {
        display: grid;
        grid-template-rows: minmax(3.5rem, 1fr) auto;
        gap: var(--rtc-theme-gap);
        height: 100%;
        box-sizing: border-box;
        /* What scrolls cuts off focus rings. */
        padding: 5px;
        overflow: auto;
      }
      .list {
        display: flex;
        flex-direction: column;
        gap: 0.5rem;
        min-height: 0;
        margin: 0;
        padding: 0.25rem;
        overflow: auto;
        overscroll-behavior: contain;
      }
      p {
        margin: 0;
        align-self: start;
        max-width: 92%;
        box-sizing: border-box;
        padding: 0.375rem 0.75rem;
        border-radius: var(--rtc-theme-radius);
        background: var(--rtc-theme-surface);
        overflow-wrap: anywhere;
        white-space: pre-wrap;
      }
      .own {
        align-self: end;
        background: color-mix(in srgb, var(--rtc-theme-accent) 18%, var(--rtc-theme-surface));
      }
      .author {
        display: block;
        color: var(--rtc-theme-soft);
        font-size: 0.8125rem;
        font-weight: 600;
      }
      .empty {
        align-self: center;
        margin: auto 0;
        background: none;
        color: var(--rtc-theme-soft);
        text-align: center;
      }
      form {
        display: grid;
        grid-template-columns: minmax(0, 1fr) auto;
        gap: var(--rtc-theme-gap);
      }
      input {
        box-sizing: border-box;
        min-width: 0;
        min-height: 44px;
        padding: 0.5rem 0.75rem;
        border: 1px solid var(--rtc-theme-line);
        border-radius: calc(var(--rtc-theme-radius) * 0.75);
        background: var(--rtc-theme-surface);
        color: var(--rtc-theme-text);
        font-size: 1rem;
      }
      button {
        display: grid;
        place-items: center;
        width: 44px;
        height: 44px;
        border: 0;
        border-radius: calc(var(--rtc-theme-radius) * 0.75);
        background: var(--rtc-theme-accent);
        color: var(--rtc-theme-accent-text);
        cursor: pointer;
      }
      button:disabled,
      input:disabled {
        opacity: 0.55;
        cursor: default;
      }
      :host(:dir(rtl)) button svg {
        transform: scaleX(-1);
      }
      @media (forced-colors: active) {
        p {
          border: 1px solid CanvasText;
        }
        button {
          border: 1px solid ButtonText;
        }
      }
    `,
  ];

  /** The id of an `<rtc-call>` elsewhere; without it the call around the chat. */
  @property() for = '';

  @query('input') private readonly input!: HTMLInputElement;
  @query('.list') private readonly list!: HTMLElement;

  readonly #call = new CallController(this, {for: () => this.for});
  readonly #texts = new TextsController(this, () => this.#call.session?.options.texts);
  #followsEnd = true;

  /** Moves the focus to where one writes. */
  override focus(options?: FocusOptions) {
    this.input?.focus(options);
  }

  protected override willUpdate() {
    if (this.hasUpdated) {
      const {scrollHeight, scrollTop, clientHeight} = this.list;
      this.#followsEnd = scrollHeight - scrollTop - clientHeight < nearPx;
    }
  }

  protected override render(): TemplateResult {
    const texts = this.#texts.texts.chat;
    const chat = this.#call.session?.chat;
    const messages = chat?.messages ?? [];
    const isOpen = chat?.isOpen ?? false;
    return html`
      <section class="chat themed" aria-label=${texts.label}>
        <div
          part="list"
          class="list"
          role="log"
          aria-live="polite"
          aria-label=${texts.label}
          tabindex="0"
        >
          ${
            messages.length
              ? repeat(
                  messages,
                  ({id}) => id,
                  (message) => this.#renderMessage(message),
                )
              : html`<p class="empty">${texts.empty}</p>`
          }
        </div>
        <form @submit=${this.#send}>
          <input
            part="input"
            type="text"
            autocomplete="off"
            maxlength=${maxChatLength}
            placeholder=${isOpen ? texts.write : texts.closed}
            aria-label=${isOpen ? texts.write : texts.closed}
            ?disabled=${!isOpen}
          />
          <button part="send" type="submit" aria-label=${texts.send} ?disabled=${!isOpen}>
            ${sendIcon}
          </button>
        </form>
      </section>
    `;
  }

  #renderMessage({text, from, isOwn}: ChatMessage) {
    const {self, nameless} = this.#texts.texts.video;
    return html`<p part="message ${isOwn ? 'own' : ''}" class=${isOwn ? 'own' : nothing}>
      <span part="author" class="author">${isOwn ? self : from.name || nameless}</span>${text}
    </p>`;
  }

  protected override updated() {
    if (this.#followsEnd) {
      this.list.scrollTop = this.list.scrollHeight;
    }
  }

  #send(event: Event) {
    event.preventDefault();
    const text = this.input.value.trim();
    const chat = this.#call.session?.chat;
    if (text && chat?.isOpen) {
      try {
        chat.send(text);
        this.input.value = '';
      } catch {
        // Too fast: it stays there to be sent in a moment.
      }
    }
  }
}

if (!customElements.get('rtc-chat')) {
  customElements.define('rtc-chat', RtcChat);
}

declare global {
  interface HTMLElementTagNameMap {
    'rtc-chat': RtcChat;
  }
}
