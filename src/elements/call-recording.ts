import {css, html, nothing, type TemplateResult} from 'lit';
import {format} from '../locales/texts.js';
import type {CallSession} from '../session/call-session.js';
import {nameOf} from './names.js';
import type {TextsController} from './texts-controller.js';

/** Says who records the call, as long as somebody does. */
export function renderRecording(
  {self, participants}: CallSession,
  {texts, locale}: TextsController,
): TemplateResult | typeof nothing {
  const names = [self, ...participants]
    .filter((person) => person.recording)
    .map((person) => nameOf(person, texts));
  if (!names.length) {
    return nothing;
  }
  const list = new Intl.ListFormat(locale, {type: 'conjunction'});
  return html`<p part="recording" class="recorded" slot="status">
    <span class="dot"></span><span>${format(texts.recording.by, {names: list.format(names)})}</span>
  </p>`;
}

export const recordingStyles = css`
  .recorded {
    display: flex;
    align-items: center;
    gap: 0.4em;
    box-sizing: border-box;
    max-width: 100%;
    margin-inline: 0;
    padding: 0.2em 0.65em;
    border-radius: calc(var(--rtc-theme-radius) * 0.6);
    background: var(--rtc-theme-danger);
    color: var(--rtc-theme-danger-text);
    font-size: calc(0.875 * var(--rtc-theme-rem));
    font-weight: 650;
  }
  .recorded .dot {
    flex: none;
    width: 0.55em;
    height: 0.55em;
    border-radius: 50%;
    background: currentColor;
  }
  .recorded span:last-child {
    overflow: hidden;
    text-overflow: ellipsis;
    white-space: nowrap;
  }
  @media (forced-colors: active) {
    .recorded {
      border: 1px solid CanvasText;
    }
    .recorded .dot {
      background: CanvasText;
      forced-color-adjust: none;
    }
  }
`;
