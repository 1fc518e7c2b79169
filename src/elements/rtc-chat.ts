import {html, LitElement, nothing, type TemplateResult} from 'lit';
import {property, query, state} from 'lit/decorators.js';
import {guard} from 'lit/directives/guard.js';
import {repeat} from 'lit/directives/repeat.js';
import type {RtcError} from '../core/errors.js';
import {maxChatLength, maxOffers} from '../core/messages.js';
import {format} from '../locales/texts.js';
import {CallController} from '../session/call-controller.js';
import type {CallSession} from '../session/call-session.js';
import type {ChatMessage} from '../session/chat.js';
import type {FileTransfer} from '../session/files.js';
import {Announcer} from './announcer.js';
import {authorOf, ChatNews} from './chat-news.js';
import {DropController, dropStyles} from './drop-controller.js';
import {renderFile} from './file-row.js';
import {attachIcon, chatIcon, downIcon, sendIcon} from './icons.js';
import {isComposing} from './keys.js';
import {linkedText} from './linked-text.js';
import {chatStyles} from './rtc-chat.styles.js';
import {States} from './states.js';
import {TextsController} from './texts-controller.js';
import {theme, wordButton} from './theme.styles.js';

/** Nearer to the end than this, in CSS pixels, the list follows what is new. */
const nearPx = 40;
/** What one person writes within this time stands under one name. */
const groupMs = 300_000;

type Entry = ChatMessage | FileTransfer;

/** Made once for a language: that takes longer than their use. */
interface Formats {
  readonly locale: string;
  readonly day: Intl.DateTimeFormat;
  readonly time: Intl.DateTimeFormat;
}

/**
 * What people write and give each other in the call around it, or in the one that `for` names: lines,
 * also those from before one came, and files.
 *
 * @csspart list - The lines and files.
 * @csspart message - One line; also `own` for one's own.
 * @csspart author - Who wrote it.
 * @csspart time - When.
 * @csspart link - An address in a line.
 * @csspart divider - Between days, before what is new, and after what was written before one came.
 * @csspart empty - In place of lines, while there are none.
 * @csspart file - One file; also `own` for one's own.
 * @csspart progress - How much of it is there.
 * @csspart file-button - What can be done about it.
 * @csspart newest - Leads to what is new, while one reads what was before.
 * @csspart problem - Why something could not be sent.
 * @csspart input - Where one writes.
 * @csspart add - Adds files.
 * @csspart send - The button that sends.
 * @csspart drop - Shown while files are dragged over it.
 * @cssstate empty - Nothing has been written.
 * @cssstate closed - Nobody can write now.
 * @cssprop [--rtc-accent=#2259d6] - Behind one's own lines.
 * @cssprop [--rtc-surface] - Behind the lines of others and the field; follows the colour scheme.
 * @cssprop [--rtc-text] - Text; follows the colour scheme.
 */
export class RtcChat extends LitElement {
  static override styles = [theme, wordButton, chatStyles, dropStyles];

  /** The id of an `<rtc-call>` elsewhere; without it the call around the chat. */
  @property() for = '';

  /** Why the last thing could not be sent. */
  @state() private problem = '';
  @state() private isInView = false;
  @state() private followsEnd = true;

  @query('textarea') private readonly input!: HTMLTextAreaElement;
  @query('.list') private readonly list!: HTMLElement;
  @query('input') private readonly picker!: HTMLInputElement;

  readonly #call = new CallController(this, {for: () => this.for});
  readonly #texts = new TextsController(this, () => this.#call.session?.options.texts);
  readonly #states = new States(this);
  readonly #announcer = new Announcer(this);
  readonly #news = new ChatNews();
  readonly #drop = new DropController(this, {
    isOpen: () => this.#call.session?.files.isOpen ?? false,
    take: (files) => this.offer(files),
  });
  #connection: AbortController | undefined;
  #session: CallSession | undefined;
  /** Lines and files, in the order of their coming. */
  #entries: readonly Entry[] = [];
  /** The first of them that came unseen. */
  #newFrom: string | undefined;
  #lastTop = 0;
  readonly #pictures = new Map<Blob, string>();
  #formats: Formats | undefined;
  /** The file whose button has the focus. */
  #focusedFile: Element | undefined;

  override connectedCallback() {
    super.connectedCallback();
    this.#connection = new AbortController();
    const {signal} = this.#connection;
    document.addEventListener('visibilitychange', () => this.requestUpdate(), {signal});
    const observer = new IntersectionObserver((entries) => {
      this.isInView = entries.at(-1)?.isIntersecting ?? false;
    });
    observer.observe(this);
    signal.addEventListener('abort', () => observer.disconnect());
  }

  override disconnectedCallback() {
    super.disconnectedCallback();
    this.#connection?.abort();
    this.isInView = false;
    this.#session?.chat.readers.delete(this);
    this.#keepPictures([]);
  }

  /** Moves the focus to where one writes. */
  override focus(options?: FocusOptions) {
    this.input?.focus(options);
  }

  /** Offers files to everybody. What is wrong with that is said here. */
  offer(files: Iterable<File>): void {
    const {tooMany} = this.#texts.texts.files;
    try {
      this.#call.session?.files.send(files);
      this.problem = '';
      this.#toEnd();
    } catch (cause) {
      const isTooMany = (cause as RtcError).code === 'bad-message';
      this.problem = isTooMany
        ? format(tooMany, {count: String(maxOffers)})
        : this.#texts.texts.chat.notSent;
    }
  }

  protected override willUpdate() {
    if (this.hasUpdated) {
      this.#scrolled();
    }
    this.#focusedFile = this.shadowRoot?.activeElement?.closest('.file') ?? undefined;
    const {session} = this.#call;
    if (session !== this.#session) {
      this.#session?.chat.readers.delete(this);
      this.#session = session;
      this.#announcer.clear();
    }
    session?.chat.readers[this.isInView ? 'add' : 'delete'](this);
    for (const [kind, sentence] of this.#news.look(session, this.#texts.texts)) {
      // Else the call says it.
      if (this.isInView) {
        this.#announcer.say(sentence, kind);
      }
    }
    const {chat, files} = session ?? {};
    const transfers = files?.transfers ?? [];
    this.#entries = merge(chat?.messages ?? [], transfers);
    this.#keepPictures(transfers);
    if (!this.#isRead) {
      const isUnread = ({id}: Entry) => id === chat?.firstUnread || id === files?.firstUnread;
      this.#newFrom = this.#entries.find(isUnread)?.id ?? this.#newFrom;
    }
    const {locale} = this.#texts;
    if (this.#formats?.locale !== locale) {
      this.#formats = {
        locale,
        day: new Intl.DateTimeFormat(locale, {dateStyle: 'long'}),
        time: new Intl.DateTimeFormat(locale, {hour: 'numeric', minute: '2-digit'}),
      };
    }
  }

  protected override render(): TemplateResult {
    const {chat: texts, files: fileTexts} = this.#texts.texts;
    const {chat, files, unread} = this.#call.session ?? {};
    const isOpen = chat?.isOpen ?? false;
    const entries = this.#entries;
    const label = isOpen ? texts.write : texts.closed;
    const draft = chat?.draft ?? '';
    this.#states.set({empty: entries.length === 0, closed: !isOpen});
    return html`
      <section class="chat themed" dir=${this.#texts.dir} aria-label=${texts.label}>
        <div
          part="list"
          class="list"
          role="log"
          aria-live="off"
          aria-label=${texts.label}
          tabindex="0"
          @scroll=${this.#scrolled}
        >
          ${
            entries.length
              ? repeat(
                  entries,
                  ({id}) => id,
                  (entry, at) => this.#renderEntry(entry, entries[at - 1], this.#formats!),
                )
              : html`<div part="empty" class="empty">
                  ${chatIcon}<strong>${isOpen ? texts.empty : texts.closed}</strong>
                  ${isOpen ? html`<span>${texts.emptyHint}</span>` : nothing}
                </div>`
          }
        </div>
        <div class="foot">
          ${
            !this.followsEnd && unread
              ? html`<button part="newest" class="jump" type="button" @click=${this.#seeNewest}>
                  ${downIcon}${format(texts.newest, {count: String(unread)})}
                </button>`
              : nothing
          }
          <p part="problem" class="problem" role="alert">${this.problem}</p>
          <form @submit=${this.#submit}>
            ${
              files?.isOpen
                ? html`<input type="file" multiple hidden @change=${this.#picked} /><button
                      part="add"
                      class="icon plain"
                      type="button"
                      aria-label=${fileTexts.add}
                      title=${fileTexts.add}
                      @click=${() => this.picker.click()}
                    >
                      ${attachIcon}
                    </button>`
                : nothing
            }
            <div class="grow" data-text=${draft}>
              <textarea
                part="input"
                rows="1"
                dir="auto"
                autocomplete="off"
                enterkeyhint="send"
                maxlength=${maxChatLength}
                placeholder=${label}
                aria-label=${label}
                ?disabled=${!isOpen}
                .value=${draft}
                @input=${this.#write}
                @keydown=${this.#press}
                @paste=${this.#paste}
              ></textarea>
            </div>
            <button
              part="send"
              class="icon send"
              type="submit"
              aria-label=${texts.send}
              title=${texts.send}
              ?disabled=${!isOpen}
            >
              ${sendIcon}
            </button>
          </form>
        </div>
        ${this.#drop.render('drop', fileTexts.drop)}
        <div class="announcer" role="status">${this.#announcer.text}</div>
      </section>
    `;
  }

  #renderEntry(entry: Entry, before: Entry | undefined, formats: Formats) {
    const {texts} = this.#texts;
    const isNew = entry.id === this.#newFrom;
    const isDay = !before || !isSameDay(before.at, entry.at);
    const isHere = isPast(before) && !isPast(entry);
    const isFirst =
      isNew ||
      isDay ||
      isHere ||
      before.isOwn !== entry.isOwn ||
      before.from.id !== entry.from.id ||
      entry.at - before.at > groupMs;
    const head = isFirst ? this.#renderHead(entry, formats) : nothing;
    const isToday = isSameDay(entry.at, Date.now());
    return html`
      ${isDay && (before || !isToday) ? this.#renderDivider(formats.day.format(entry.at)) : nothing}
      ${!before && isPast(entry) ? this.#renderDivider(this.#pastLabel) : nothing}
      ${isNew ? this.#renderDivider(texts.chat.new, 'new') : nothing}
      ${
        'text' in entry
          ? html`<p
              part="message ${entry.isOwn ? 'own' : ''}"
              class="message ${entry.isOwn ? 'own' : ''} ${isFirst ? 'first' : ''}"
            >
              ${head}<span class="text" dir="auto"
                >${guard([entry.text], () => linkedText(entry.text))}</span
              >
            </p>`
          : this.#renderFile(entry, head, formats)
      }
    `;
  }

  #renderHead(entry: Entry, {time}: Formats) {
    const {at} = entry;
    const {texts} = this.#texts;
    return html`<span class="head"
      ><bdi part="author" class="author"
        >${entry.isOwn ? texts.video.self : authorOf(entry, texts)}</bdi
      >
      <time part="time" datetime=${new Date(at).toISOString()}>${time.format(at)}</time></span
    >`;
  }

  #renderDivider(text: string, look = '') {
    return html`<p part="divider" class="divider ${look}"><span>${text}</span></p>`;
  }

  #renderFile(transfer: FileTransfer, head: TemplateResult | typeof nothing, {locale}: Formats) {
    const files = this.#call.session?.files;
    return files
      ? renderFile(transfer, {
          files,
          head,
          texts: this.#texts.texts.files,
          locale,
          pictureUrl: this.#pictureOf(transfer),
        })
      : nothing;
  }

  protected override firstUpdated() {
    // The keyboard of a phone takes its place.
    new ResizeObserver(() => this.followsEnd && this.#toEnd()).observe(this.list);
  }

  protected override updated() {
    if (this.#focusedFile && !this.shadowRoot?.activeElement) {
      // On a button that makes no sense any more: what can be done instead, or the list.
      (this.#focusedFile.querySelector('button') ?? this.list).focus();
    }
    if (this.followsEnd) {
      this.#toEnd();
    }
    if (this.#isRead) {
      this.#call.session?.markRead();
    }
  }

  /** What was written before one came is somebody’s word; a stage is believed. */
  get #pastLabel(): string {
    const {chat, broadcast} = this.#call.session ?? {};
    const {past, pastFrom} = this.#texts.texts.chat;
    const name = broadcast?.role ? '' : chat?.pastFrom;
    return name ? format(pastFrom, {name}) : past;
  }

  /** Whether what is there, and what comes, is seen. */
  get #isRead(): boolean {
    return this.isInView && this.followsEnd && document.visibilityState === 'visible';
  }

  /** Pictures of files that are gone take memory for nothing. */
  #keepPictures(transfers: readonly FileTransfer[]) {
    for (const [picture, url] of this.#pictures) {
      if (!transfers.some(({blob}) => blob === picture)) {
        URL.revokeObjectURL(url);
        this.#pictures.delete(picture);
      }
    }
  }

  /** Of a type that is safe to show. */
  #pictureOf({blob}: FileTransfer): string | undefined {
    if (!blob?.type.startsWith('image/')) {
      return undefined;
    }
    const url = this.#pictures.get(blob) ?? URL.createObjectURL(blob);
    this.#pictures.set(blob, url);
    return url;
  }

  #scrolled() {
    const {scrollHeight, scrollTop, clientHeight} = this.list;
    const isNear = scrollHeight - scrollTop - clientHeight < nearPx;
    // A list that only gets lower, as by the keyboard of a phone, is not scrolled.
    this.followsEnd = isNear || (this.followsEnd && scrollTop >= this.#lastTop);
    this.#lastTop = scrollTop;
  }

  #toEnd() {
    this.list.scrollTop = this.list.scrollHeight;
  }

  #seeNewest() {
    this.#toEnd();
    this.focus();
  }

  #write() {
    const chat = this.#call.session?.chat;
    if (chat) {
      chat.draft = this.input.value;
    }
    this.problem = '';
    this.requestUpdate();
  }

  #press(event: KeyboardEvent) {
    if (event.key === 'Enter' && !event.shiftKey && !isComposing(event)) {
      this.#submit(event);
    }
  }

  #submit(event: Event) {
    event.preventDefault();
    const chat = this.#call.session?.chat;
    if (!chat?.isOpen || !chat.draft.trim()) {
      return;
    }
    const {tooFast, notSent} = this.#texts.texts.chat;
    try {
      chat.send(chat.draft);
      chat.draft = '';
      this.problem = '';
      this.#newFrom = undefined;
      this.#toEnd();
    } catch (cause) {
      // It stays there, to be sent in a moment.
      this.problem = (cause as RtcError).code === 'bad-message' ? tooFast : notSent;
    }
    this.requestUpdate();
  }

  // Files.

  #picked() {
    this.offer(this.picker.files ?? []);
    // So that the same can be chosen again.
    this.picker.value = '';
  }

  #paste(event: ClipboardEvent) {
    const files = event.clipboardData?.files;
    if (files?.length && this.#call.session?.files.isOpen) {
      event.preventDefault();
      this.offer(files);
    }
  }
}

/** Both are in the order of their coming. */
function merge(messages: readonly ChatMessage[], transfers: readonly FileTransfer[]): Entry[] {
  const entries: Entry[] = [];
  const rest = [...transfers];
  for (const message of messages) {
    while (rest[0] && rest[0].at < message.at) {
      entries.push(rest.shift()!);
    }
    entries.push(message);
  }
  return [...entries, ...rest];
}

function isPast(entry: Entry | undefined): boolean {
  return Boolean(entry && 'text' in entry && entry.isPast);
}

function isSameDay(one: number, other: number): boolean {
  return new Date(one).toDateString() === new Date(other).toDateString();
}

if (!customElements.get('rtc-chat')) {
  customElements.define('rtc-chat', RtcChat);
}

declare global {
  interface HTMLElementTagNameMap {
    'rtc-chat': RtcChat;
  }
}
