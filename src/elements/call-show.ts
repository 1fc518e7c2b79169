import {css, html, nothing, type TemplateResult} from 'lit';
import {format, type Texts} from '../locales/texts.js';
import type {CallSession} from '../session/call-session.js';
import {isInCall} from '../session/call-state.js';
import './rtc-audience.js';
import './rtc-chat.js';
import './rtc-devices.js';
import {exportedParts} from './exported-parts.js';
import {closeIcon, recordIcon} from './icons.js';
import {isClosing} from './keys.js';
import type {TextsController} from './texts-controller.js';

/** The words of a call, and of a broadcast where that has others. */
export function wordsFor({call, show}: Texts, mode: string | undefined): Texts['call'] {
  switch (mode) {
    case 'broadcast':
      return {
        ...call,
        label: show.label,
        people: show.people,
        lobby: show.lobby,
        join: show.goLive,
        joining: show.starting,
        failed: show.failed,
        left: show.over,
        ended: show.ended,
        joinAgain: show.again,
      };
    case 'watch':
      return {
        ...call,
        label: show.label,
        people: show.people,
        lobby: show.watchLobby,
        join: show.watch,
        joining: show.connecting,
        joiningHint: '',
        waiting: show.waiting,
        waitingHint: show.waitingHint,
        failed: show.watchFailed,
        left: show.left,
        ended: show.ended,
        joinAgain: show.watchAgain,
      };
    default:
      return call;
  }
}

/** What the audience sees while there is no stage. */
export function renderWaiting({broadcast}: CallSession, {show}: Texts): TemplateResult {
  return broadcast.hasEnded
    ? html`<slot name="ended">
        <h2 part="title">${show.ended}</h2>
        <p>${show.endedHint}</p>
      </slot>`
    : html`<slot name="waiting">
        <h2 part="title"><span class="spinner"></span>${show.waiting}</h2>
        <p>${show.waitingHint}</p>
      </slot>`;
}

/** Offers what is left of a recording; in the middle of a show, or a call, only what is of that. */
export function renderLeftRecording(
  {recording, state, broadcast, startedAt}: CallSession,
  {texts: {show}, locale}: TextsController,
): TemplateResult | typeof nothing {
  if (recording.isSaving) {
    return html`<div part="notice" class="notice" role="status">
      <span class="spinner"></span>
      <p>${show.saving}</p>
    </div>`;
  }
  const since = isInCall(state) ? (broadcast.startedAt ?? startedAt ?? Infinity) : 0;
  const left = recording.left.find((one) => one.startedAt.getTime() >= since);
  if (!left || recording.isRunning) {
    return nothing;
  }
  const when = new Intl.DateTimeFormat(locale, {dateStyle: 'medium', timeStyle: 'short'});
  const size = new Intl.NumberFormat(locale, {maximumFractionDigits: left.bytes < 1e7 ? 1 : 0});
  const ask = ({currentTarget}: Event) =>
    (currentTarget as Element).closest('.notice')?.querySelector('dialog')?.showModal();
  const discard = ({target}: Event) =>
    (target as HTMLDialogElement).returnValue === 'yes' && void recording.discard(left);
  return html`<div part="notice" class="notice" role="status">
    ${recordIcon}
    <p>
      ${format(show.leftRecording, {when: when.format(left.startedAt), size: size.format(left.bytes / 1e6)})}
    </p>
    <button part="button" class="word" type="button" @click=${() => void recording.save(left)}>
      ${show.save}
    </button>
    <button part="button" class="word plain" type="button" @click=${ask}>${show.discard}</button>
    ${renderQuestion(
      {
        id: 'discard',
        title: show.discardTitle,
        hint: show.discardHint,
        yes: show.discard,
        no: show.keep,
      },
      {close: discard},
    )}
  </div>`;
}

/** The chat, the audience or the devices, beside the picture. */
export function renderSide(session: CallSession, texts: Texts): TemplateResult | typeof nothing {
  const {panel, broadcast} = session;
  if (!panel || (panel === 'audience' && broadcast.role !== 'stage')) {
    return nothing;
  }
  const {label, close: closing} = {
    chat: texts.chat,
    audience: {...texts.chat, label: texts.show.audience},
    devices: texts.devices,
  }[panel];
  const close = (event: KeyboardEvent) => isClosing(event) && session.openPanel(undefined);
  return html`<aside part="side" class="side" @keydown=${close}>
    <header>
      <h2 part="title">${label}</h2>
      <button
        part="close"
        class="bare close"
        type="button"
        aria-label=${closing}
        title=${closing}
        @click=${() => session.openPanel(undefined)}
      >
        ${closeIcon}
      </button>
    </header>
    ${
      panel === 'chat'
        ? html`<rtc-chat part="chat" exportparts=${exportedParts.chat}></rtc-chat>`
        : panel === 'devices'
          ? html`<rtc-devices part="devices" exportparts=${exportedParts.devices}></rtc-devices>`
          : html`<rtc-audience
              part="audience"
              exportparts=${exportedParts.audience}
            ></rtc-audience>`
    }
  </aside>`;
}

/** Asks a viewer whether they come up. The box has the focus first: a key that was meant for elsewhere answers nothing. */
export function renderInvitation({show}: Texts, answer: (comes: boolean) => void): TemplateResult {
  return html`<div
    part="panel"
    class="panel invitation"
    role="alertdialog"
    aria-labelledby="invited"
    aria-describedby="invited-hint"
    tabindex="-1"
    @keydown=${(event: KeyboardEvent) => isClosing(event) && answer(false)}
  >
    <h2 part="title" id="invited">${show.invited}</h2>
    <p id="invited-hint">${show.invitedHint}</p>
    <div class="choice">
      <button part="button" class="word" type="button" @click=${() => answer(true)}>
        ${show.comeUp}
      </button>
      <button part="button" class="word plain" type="button" @click=${() => answer(false)}>
        ${show.decline}
      </button>
    </div>
  </div>`;
}

/** Asks whether a stream is to end. */
export function renderEnd(
  {broadcast}: CallSession,
  {show, controls}: Texts,
  handlers: {press: (event: MouseEvent) => void; close: (event: Event) => void},
): TemplateResult {
  const {viewers} = broadcast;
  const hint = viewers === undefined ? '' : format(show.viewers, {count: String(viewers)});
  return renderQuestion(
    {id: 'end', title: show.end, hint, yes: controls.end, no: show.goOn},
    handlers,
  );
}

/** A question before what cannot be undone: `returnValue` is `yes` if so. To be opened by `showModal()`. */
function renderQuestion(
  {id, title, hint, yes, no}: Readonly<Record<'id' | 'title' | 'hint' | 'yes' | 'no', string>>,
  {press, close}: {press?: (event: MouseEvent) => void; close: (event: Event) => void},
): TemplateResult {
  return html`<dialog
    id=${id}
    part="question"
    class="question themed"
    aria-labelledby="${id}-title"
    @close=${close}
  >
    <form method="dialog" class="panel">
      <h2 part="title" id="${id}-title">${title}</h2>
      ${hint ? html`<p>${hint}</p>` : nothing}
      <div class="choice">
        <button part="button" class="word plain">${no}</button>
        <button part="button" class="word danger" value="yes" @click=${press}>${yes}</button>
      </div>
    </form>
  </dialog>`;
}

export const showStyles = css`
  .call.sided {
    grid-template:
      'notice notice' auto
      'stage side' minmax(0, 1fr)
      'bar bar' auto / minmax(0, 1fr) minmax(calc(15 * var(--rtc-theme-rem)), 26%);
  }
  .side {
    grid-area: side;
    display: grid;
    grid-template-rows: auto minmax(0, 1fr);
    min-height: 0;
    margin-block-start: var(--rtc-theme-gap);
    border-radius: var(--rtc-theme-radius);
  }
  .side header {
    display: flex;
    align-items: center;
    padding-inline-start: calc(0.5 * var(--rtc-theme-rem));
  }
  .side h2 {
    flex: 1;
    margin: 0;
    font-size: calc(1.0625 * var(--rtc-theme-rem));
  }
  @container (max-width: 640px) {
    .call.sided {
      grid-template:
        'notice' auto
        'stage' minmax(var(--rtc-theme-target), 3fr)
        'side' minmax(min(19 * var(--rtc-theme-rem), 100% - 7.5 * var(--rtc-theme-rem)), 7fr)
        'bar' auto / minmax(0, 1fr);
    }
    .side {
      margin: 0;
    }
    .sided.waiting .panel:not(.invitation) {
      align-self: center;
      margin: 0;
      padding-block: calc(0.5 * var(--rtc-theme-rem));
    }
    .sided.waiting .panel:not(.invitation) p {
      display: none;
    }
    .bar::part(volume) {
      display: none;
    }
    .bar::part(button) {
      width: var(--rtc-theme-target);
    }
  }
  .invitation {
    grid-row: 1 / -1;
    grid-column: 1;
    z-index: 4;
    align-self: safe center;
    justify-self: center;
    max-width: calc(100% - 2 * var(--rtc-theme-gap));
    max-height: calc(100% - var(--rtc-theme-gap));
    box-sizing: border-box;
    padding: var(--rtc-theme-rem) calc(1.5 * var(--rtc-theme-rem));
    overflow: auto;
    border-radius: var(--rtc-theme-radius);
    background: var(--rtc-theme-surface);
    box-shadow: 0 4px 24px rgb(0 0 0 / 0.35);
  }
  .choice {
    display: flex;
    flex-wrap: wrap;
    justify-content: center;
    gap: var(--rtc-theme-gap);
    margin-block-start: calc(0.5 * var(--rtc-theme-rem));
  }
  .word.danger {
    border-color: transparent;
    background: var(--rtc-theme-danger);
    color: var(--rtc-theme-danger-text);
  }
  .word.danger:hover:not(:disabled) {
    background: color-mix(in srgb, var(--rtc-theme-danger) 85%, var(--rtc-theme-text));
  }
  .question {
    max-width: min(26 * var(--rtc-theme-rem), calc(100vw - 2 * var(--rtc-theme-rem)));
    box-sizing: border-box;
    padding: calc(1.5 * var(--rtc-theme-rem));
    border: 0;
    border-radius: calc(var(--rtc-theme-radius) + 4px);
    background: var(--rtc-theme-surface);
    color: var(--rtc-theme-text);
    box-shadow: 0 8px 40px rgb(0 0 0 / 0.4);
  }
  .question::backdrop {
    background: rgb(0 0 0 / 0.5);
  }
  .poster {
    grid-area: stage;
    position: absolute;
    inset: 0;
    width: 100%;
    height: 100%;
    border-radius: var(--rtc-theme-radius);
    object-fit: cover;
  }
  .watch.waiting .panel {
    align-self: safe center;
    margin: 0;
    padding: calc(1.25 * var(--rtc-theme-rem)) calc(1.5 * var(--rtc-theme-rem));
  }
  .watch.lobby.call {
    grid-template:
      'notice' auto
      'stage' minmax(0, 1fr) / minmax(0, 1fr);
    gap: 0;
    padding: 0;
  }
  .watch.lobby .notice {
    margin: var(--rtc-theme-gap);
  }
  .watch.lobby .enter {
    background: none;
  }
  .watch.lobby .panel {
    grid-area: stage;
    z-index: 2;
    align-self: safe center;
    justify-self: center;
    box-sizing: border-box;
    width: min(24 * var(--rtc-theme-rem), calc(100% - 2 * var(--rtc-theme-gap)));
    max-height: 100%;
    padding: min(1.5 * var(--rtc-theme-rem), 3cqi);
    border-radius: var(--rtc-theme-radius);
    background: var(--rtc-theme-surface);
    box-shadow: 0 4px 24px rgb(0 0 0 / 0.25);
  }
  :host(:fullscreen) .call {
    max-height: none;
    aspect-ratio: auto;
    border-radius: 0;
  }
`;
