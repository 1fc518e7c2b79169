import {css, html, nothing, type TemplateResult} from 'lit';
import {format, type Texts} from '../locales/texts.js';
import type {CallSession} from '../session/call-session.js';
import {isInCall} from '../session/call-state.js';
import './rtc-audience.js';
import './rtc-chat.js';
import './rtc-devices.js';
import {closeIcon, recordIcon} from './icons.js';
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
        <h2>${show.ended}</h2>
        <p>${show.endedHint}</p>
      </slot>`
    : html`<slot name="waiting">
        <h2><span class="spinner"></span>${show.waiting}</h2>
        <p>${show.waitingHint}</p>
      </slot>`;
}

/** Offers what is left of a recording; in the middle of a show, or a call, only what is of that. */
export function renderLeftRecording(
  {recording, state, broadcast, startedAt}: CallSession,
  {texts: {show}, lang}: TextsController,
): TemplateResult | typeof nothing {
  const since = isInCall(state) ? (broadcast.startedAt ?? startedAt ?? Infinity) : 0;
  const left = recording.left.find((one) => one.startedAt.getTime() >= since);
  if (!left || recording.isRunning) {
    return nothing;
  }
  const when = new Intl.DateTimeFormat(lang || undefined, {
    dateStyle: 'medium',
    timeStyle: 'short',
  });
  const size = (left.bytes / 1e6).toFixed(left.bytes < 1e7 ? 1 : 0);
  return html`<div part="notice" class="notice" role="status">
    ${recordIcon}
    <p>${format(show.leftRecording, {when: when.format(left.startedAt), size})}</p>
    <button part="button" class="word" type="button" @click=${() => void recording.save(left)}>
      ${show.save}
    </button>
    <button
      part="button"
      class="word plain"
      type="button"
      @click=${() => void recording.discard(left)}
    >
      ${show.discard}
    </button>
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
  const close = ({key}: KeyboardEvent) => key === 'Escape' && session.openPanel(undefined);
  return html`<aside part="side" class="side" @keydown=${close}>
    <header>
      <h2>${label}</h2>
      <button
        class="close"
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
        ? html`<rtc-chat part="chat"></rtc-chat>`
        : panel === 'devices'
          ? html`<rtc-devices part="devices"></rtc-devices>`
          : html`<rtc-audience part="audience"></rtc-audience>`
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
    @keydown=${({key}: KeyboardEvent) => key === 'Escape' && answer(false)}
  >
    <h2 id="invited">${show.invited}</h2>
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

/** Asks the stage whether it is to end for all. */
export function renderEnd(
  {broadcast}: CallSession,
  {show, controls}: Texts,
  {end, close}: {end: (event: MouseEvent) => void; close: (event: Event) => void},
): TemplateResult {
  const {viewers} = broadcast;
  return html`<dialog class="end" aria-labelledby="end-title" @close=${close}>
    <form method="dialog" class="panel">
      <h2 id="end-title">${show.end}</h2>
      ${
        viewers === undefined
          ? nothing
          : html`<p>${format(show.viewers, {count: String(viewers)})}</p>`
      }
      <div class="choice">
        <button part="button" class="word plain">${show.goOn}</button>
        <button part="button" class="word danger" value="end" @click=${end}>${controls.end}</button>
      </div>
    </form>
  </dialog>`;
}

export const showStyles = css`
  .call.sided {
    grid-template:
      'notice notice' auto
      'stage side' minmax(0, 1fr)
      'bar bar' auto / minmax(0, 1fr) minmax(15rem, 26%);
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
    padding-inline-start: 0.5rem;
  }
  .side h2 {
    flex: 1;
    margin: 0;
    font-size: 1.0625rem;
  }
  @container (max-width: 640px) {
    .call.sided {
      grid-template:
        'notice' auto
        'stage' minmax(2.75rem, 3fr)
        'side' minmax(min(19rem, 100% - 7.5rem), 7fr)
        'bar' auto / minmax(0, 1fr);
    }
    .side {
      margin: 0;
    }
    .sided.waiting .panel:not(.invitation) {
      align-self: center;
      margin: 0;
      padding-block: 0.5rem;
    }
    .sided.waiting .panel:not(.invitation) p {
      display: none;
    }
    .bar::part(volume) {
      display: none;
    }
    .bar::part(button) {
      width: 44px;
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
    padding: 1rem 1.5rem;
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
    margin-block-start: 0.5rem;
  }
  .word.danger {
    border-color: transparent;
    background: var(--rtc-theme-danger);
    color: #fff;
  }
  .word.danger:hover:not(:disabled) {
    background: color-mix(in srgb, var(--rtc-theme-danger) 85%, #000);
  }
  .end {
    max-width: min(26rem, calc(100vw - 2rem));
    box-sizing: border-box;
    padding: 1.5rem;
    border: 0;
    border-radius: calc(var(--rtc-theme-radius) + 4px);
    background: var(--rtc-theme-surface);
    color: var(--rtc-theme-text);
    box-shadow: 0 8px 40px rgb(0 0 0 / 0.4);
  }
  .end::backdrop {
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
    padding: 1.25rem 1.5rem;
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
  .watch.lobby .panel {
    grid-area: stage;
    z-index: 2;
    align-self: safe center;
    justify-self: center;
    box-sizing: border-box;
    width: min(24rem, calc(100% - 2 * var(--rtc-theme-gap)));
    max-height: 100%;
    padding: min(1.5rem, 3cqi);
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
