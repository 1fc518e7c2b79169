import {css, html, nothing, type TemplateResult} from 'lit';
import {format, type Texts} from '../locales/texts.js';
import type {CallSession} from '../session/call-session.js';
import {exportedParts} from './exported-parts.js';
import './rtc-devices.js';
import './rtc-level.js';

/** Of somebody who has taken away the name they were given: not even one of before. */
const noName = ' ';

export interface LobbyActions {
  /** What the page calls the person. */
  readonly name: string;
  readonly rename: (name: string) => void;
  readonly join: () => void;
}

/** What comes before a call: see and hear oneself, choose, and go in. */
export function renderLobby(
  session: CallSession,
  texts: Texts,
  words: Texts['call'],
  {name, rename, join}: LobbyActions,
): TemplateResult {
  const {settings} = session;
  const isCall = !session.broadcast.role;
  const watches = session.broadcast.role === 'viewer';
  const remembered = settings.choices.name ?? '';
  const write = ({target}: Event) => {
    const {value} = target as HTMLInputElement;
    if (name && name !== remembered) {
      // The name that the page has given is for this page only.
      rename(value || noName);
    } else {
      settings.choose({name: value});
      rename(value);
    }
  };
  const enter = (event: Event) => {
    event.preventDefault();
    session.openPanel(undefined);
    join();
  };
  const enterOff = (event: Event) => {
    session.stopPreview();
    session.configure({micOff: true, cameraOff: true});
    enter(event);
  };
  return html`
    <form part="panel" class="panel" @submit=${enter}>
      <h2 part="title">${words.lobby}</h2>
      ${isCall ? renderInside(session, texts) : nothing} ${renderHelp(session, texts)}
      <label>
        ${words.name}
        <input
          part="name"
          type="text"
          autocomplete="name"
          maxlength="64"
          .value=${name === noName ? '' : name || remembered}
          @input=${write}
        />
      </label>
      ${watches ? nothing : renderGear(session, texts)}
      <div class="enter">
        <button part="button" class="word" type="submit">${words.join}</button>
        ${
          isCall
            ? html`<button
                part="button"
                class="word plain"
                type="button"
                title=${texts.lobby.allOffHint}
                @click=${enterOff}
              >
                ${texts.lobby.allOff}
              </button>`
            : nothing
        }
      </div>
    </form>
    ${watches ? nothing : html`<rtc-level part="level" exportparts=${exportedParts.level} class="level"></rtc-level>`}
  `;
}

function renderInside({inside, cap}: CallSession, {lobby}: Texts) {
  return html`<p part="inside" class="inside" role="status">
    ${inside ? describeInside(inside, cap, lobby) : nothing}
  </p>`;
}

/** Who is in, in words. */
export function describeInside(
  inside: readonly string[],
  cap: number,
  texts: Texts['lobby'],
): string {
  const [name, other] = [...inside].sort((a, b) => Number(!a) - Number(!b));
  if (name === undefined) {
    return texts.nobody;
  }
  if (inside.length >= cap) {
    return format(texts.full, {cap: String(inside.length)});
  }
  const names = {name: name || texts.nameless, other: other || texts.nameless};
  if (other === undefined) {
    return format(texts.insideOne, names);
  }
  return inside.length === 2
    ? format(texts.insideTwo, names)
    : format(texts.insideMore, {...names, count: String(inside.length - 1)});
}

function renderHelp(session: CallSession, {help}: Texts) {
  const topic = session.help;
  return topic
    ? html`<section part="help" class="help" aria-labelledby="help">
        <h3 part="title" id="help">${help.title}</h3>
        <ol>
          ${help.steps[topic].map((step) => html`<li>${step}</li>`)}
        </ol>
        <button
          part="button"
          class="word plain"
          type="button"
          @click=${() => void session.retryDevices()}
        >
          ${help.retry}
        </button>
      </section>`
    : nothing;
}

/** Beside a large preview always open; where there is little room, when it is asked for. */
function renderGear(session: CallSession, {lobby}: Texts) {
  const isOpen = session.panel === 'devices';
  return html`<div class="gear">
    <button
      part="button"
      class="word plain"
      type="button"
      aria-expanded=${isOpen}
      aria-controls="devices"
      @click=${({currentTarget}: Event) => {
        session.openPanel(isOpen ? undefined : 'devices');
        if (!isOpen) {
          // What it opens is below it.
          requestAnimationFrame(() => (currentTarget as Element).scrollIntoView());
        }
      }}
    >
      ${lobby.devices}
    </button>
    <rtc-devices
      id="devices"
      part="devices"
      exportparts=${exportedParts.devices}
      class=${isOpen ? '' : 'folded'}
    ></rtc-devices>
  </div>`;
}

export const lobbyStyles = css`
  .lobby.call {
    grid-template:
      'notice notice' auto
      'stage panel' minmax(0, 1fr)
      'level panel' auto
      'bar panel' auto / minmax(0, 1.7fr) minmax(calc(15 * var(--rtc-theme-rem)), 1fr);
    overflow: auto;
  }
  .lobby .level {
    grid-area: level;
    margin-inline: var(--rtc-theme-gap);
  }
  .lobby ::slotted([slot='lobby']) {
    grid-area: panel;
    align-self: center;
    min-width: 0;
    margin-inline: clamp(0.5 * var(--rtc-theme-rem), 4cqi, 3 * var(--rtc-theme-rem));
  }
  .lobby .panel {
    grid-area: panel;
    align-content: safe center;
    justify-items: stretch;
    gap: var(--rtc-theme-rem);
    padding: var(--rtc-theme-rem) clamp(0.5 * var(--rtc-theme-rem), 4cqi, 3 * var(--rtc-theme-rem))
      0;
    overflow: auto;
    text-align: start;
  }
  .lobby h2 {
    font-size: calc(1.5 * var(--rtc-theme-rem));
  }
  /* What is not known yet has its place. */
  .lobby .inside {
    min-height: 1.5em;
  }
  .lobby label {
    display: grid;
    gap: calc(0.375 * var(--rtc-theme-rem));
    color: var(--rtc-theme-soft);
    font-size: calc(0.9375 * var(--rtc-theme-rem));
  }
  .lobby input {
    box-sizing: border-box;
    width: 100%;
    min-height: var(--rtc-theme-target);
    padding: calc(0.5 * var(--rtc-theme-rem)) calc(0.75 * var(--rtc-theme-rem));
    border: 1px solid var(--rtc-theme-line);
    border-radius: calc(var(--rtc-theme-radius) * 0.75);
    background: var(--rtc-theme-surface);
    color: var(--rtc-theme-text);
    font-size: var(--rtc-theme-rem);
  }
  .lobby .word {
    margin: 0;
  }
  /* Not under the buttons that stay in sight. */
  .lobby label,
  .lobby input,
  .lobby .help .word,
  .lobby .gear > button {
    scroll-margin-block-end: calc(8.5 * var(--rtc-theme-rem));
  }
  .lobby rtc-devices {
    /* In line with the rest: they keep room for focus rings. */
    margin-inline: -5px;
  }
  .lobby rtc-devices::part(level) {
    display: none;
  }
  .lobby .gear > button {
    display: none;
  }
  /* In sight also where the rest scrolls: what has the focus goes above it. */
  .lobby .enter {
    position: sticky;
    z-index: 1;
    inset-block-end: 0;
    display: flex;
    flex-wrap: wrap;
    gap: var(--rtc-theme-gap);
    padding-block: calc(0.5 * var(--rtc-theme-rem)) var(--rtc-theme-rem);
    background: var(--rtc-theme-background);
  }
  .lobby .enter .word {
    flex: 1 1 auto;
    min-width: 0;
    padding-inline: var(--rtc-theme-rem);
  }
  /* There is only room for the more important one. */
  @media (max-height: 480px) {
    .lobby .enter {
      display: contents;
    }
    .lobby .enter [type='submit'] {
      position: sticky;
      z-index: 1;
      inset-block-end: calc(0.5 * var(--rtc-theme-rem));
      box-shadow: 0 0 0 calc(0.5 * var(--rtc-theme-rem)) var(--rtc-theme-background);
    }
  }
  .lobby .help {
    display: grid;
    gap: calc(0.5 * var(--rtc-theme-rem));
    padding: calc(0.75 * var(--rtc-theme-rem)) var(--rtc-theme-rem);
    border-radius: var(--rtc-theme-radius);
    background: var(--rtc-theme-surface);
  }
  .lobby .help h3 {
    margin: 0;
    font-size: var(--rtc-theme-rem);
  }
  .lobby .help ol {
    margin: 0;
    padding-inline-start: calc(1.25 * var(--rtc-theme-rem));
  }
  .lobby .help .word {
    justify-self: start;
  }
  .lobby .bar::part(screen),
  .lobby .bar::part(pause),
  .lobby .bar::part(audience),
  .lobby .bar::part(chat),
  .lobby .bar::part(leave) {
    display: none;
  }
  @container (max-width: 640px) {
    .lobby.call {
      grid-template:
        'notice' auto
        'stage' minmax(calc(10 * var(--rtc-theme-rem)), 1fr)
        'level' auto
        'bar' auto
        'panel' auto / minmax(0, 1fr);
      padding-block-end: 0;
    }
    .lobby .panel {
      gap: calc(0.75 * var(--rtc-theme-rem));
      padding: calc(0.5 * var(--rtc-theme-rem)) calc(0.5 * var(--rtc-theme-rem)) 0;
      /* All of it scrolls as one. */
      overflow: visible;
    }
    .lobby h2 {
      font-size: calc(1.25 * var(--rtc-theme-rem));
    }
    .lobby .gear > button {
      display: block;
      width: 100%;
    }
    .lobby .folded {
      display: none;
    }
    .lobby .gear {
      display: grid;
      gap: calc(0.75 * var(--rtc-theme-rem));
    }
    .lobby .enter {
      padding-block-end: var(--rtc-theme-gap);
    }
  }
  @media (forced-colors: active) {
    .lobby .help {
      border: 1px solid CanvasText;
    }
  }
`;
