import {css} from 'lit';

export const chatStyles = css`
  :host {
    display: block;
    min-height: 0;
  }
  :host([hidden]) {
    display: none;
  }
  .chat {
    position: relative;
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
    gap: 0.25rem;
    min-height: 0;
    padding: 0.25rem;
    overflow: auto;
    overscroll-behavior: contain;
  }
  p {
    margin: 0;
  }
  .message,
  .file {
    align-self: start;
    max-width: 92%;
    box-sizing: border-box;
    padding: 0.375rem 0.75rem;
    border-radius: var(--rtc-theme-radius);
    background: var(--rtc-theme-surface);
    overflow-wrap: anywhere;
  }
  .message {
    white-space: pre-wrap;
  }
  .own {
    align-self: end;
    background: color-mix(in srgb, var(--rtc-theme-accent) 18%, var(--rtc-theme-surface));
  }
  .first {
    margin-block-start: 0.5rem;
  }
  .head {
    display: flex;
    flex-wrap: wrap;
    column-gap: 0.5rem;
    align-items: baseline;
    color: var(--rtc-theme-soft);
    font-size: 0.8125rem;
    white-space: normal;
  }
  .author {
    font-weight: 600;
  }
  .text {
    display: block;
  }
  a {
    color: inherit;
    text-decoration: underline;
    text-underline-offset: 0.15em;
  }
  .divider {
    display: flex;
    align-items: center;
    gap: 0.75rem;
    padding-block: 0.5rem 0.25rem;
    color: var(--rtc-theme-soft);
    font-size: 0.8125rem;
    text-align: center;
  }
  .divider::before,
  .divider::after {
    content: '';
    flex: 1 1 1rem;
    border-block-start: 1px solid currentColor;
    opacity: 0.5;
  }
  .divider.new {
    color: var(--rtc-theme-text);
    font-weight: 600;
  }
  .divider.new::before,
  .divider.new::after {
    border-color: var(--rtc-theme-accent);
    opacity: 1;
  }
  .empty {
    display: grid;
    justify-items: center;
    gap: 0.5rem;
    margin: auto;
    padding: 1rem;
    color: var(--rtc-theme-soft);
    text-align: center;
    text-wrap: balance;
  }
  .empty svg {
    width: 2.5rem;
    height: 2.5rem;
  }
  .empty strong {
    color: var(--rtc-theme-text);
  }
  .file {
    display: grid;
    grid-template-columns: auto minmax(0, 1fr);
    column-gap: 0.75rem;
    row-gap: 0.25rem;
    align-items: center;
    width: 92%;
    padding-block: 0.625rem;
  }
  .file > .head,
  .file > .actions,
  .file > progress,
  .file > .picture {
    grid-column: 1 / -1;
  }
  .file .name {
    font-weight: 600;
  }
  .meta {
    color: var(--rtc-theme-soft);
    font-size: 0.8125rem;
  }
  .bad .meta {
    color: var(--rtc-theme-text);
  }
  progress {
    width: 100%;
    height: 0.375rem;
    accent-color: var(--rtc-theme-accent);
  }
  .picture img {
    display: block;
    max-width: 100%;
    max-height: 15rem;
    border-radius: calc(var(--rtc-theme-radius) * 0.5);
  }
  .actions {
    display: flex;
    flex-wrap: wrap;
    gap: 0.5rem;
    padding-block-start: 0.25rem;
  }
  .actions .word {
    padding-inline: 1rem;
  }
  .foot {
    position: relative;
    display: grid;
    gap: 0.25rem;
  }
  .jump {
    position: absolute;
    inset-block-end: calc(100% + var(--rtc-theme-gap));
    inset-inline: 0;
    width: fit-content;
    min-height: 44px;
    margin-inline: auto;
    display: flex;
    align-items: center;
    gap: 0.5rem;
    padding: 0 1rem;
    border: 0;
    border-radius: 22px;
    background: var(--rtc-theme-accent);
    color: var(--rtc-theme-accent-text);
    font-weight: 600;
    box-shadow: 0 2px 8px rgb(0 0 0 / 0.3);
    cursor: pointer;
  }
  .problem {
    color: var(--rtc-theme-text);
    font-size: 0.875rem;
  }
  .problem:not(:empty) {
    padding: 0.375rem 0.75rem;
    border-inline-start: 3px solid var(--rtc-theme-danger);
  }
  form {
    display: flex;
    align-items: end;
    gap: var(--rtc-theme-gap);
  }
  /* The copy of the text behind the field makes both as high as it is. */
  .grow {
    display: grid;
    flex: 1 1 0;
    min-width: 0;
    max-height: 8.5rem;
  }
  .grow::after {
    content: attr(data-text) ' ';
    visibility: hidden;
    overflow: hidden;
  }
  .grow::after,
  textarea {
    grid-area: 1 / 1;
    box-sizing: border-box;
    min-width: 0;
    min-height: 44px;
    max-height: 8.5rem;
    margin: 0;
    padding: 0.5625rem 0.75rem;
    border: 1px solid var(--rtc-theme-line);
    border-radius: calc(var(--rtc-theme-radius) * 0.75);
    font: inherit;
    font-size: 1rem;
    line-height: 1.5;
    white-space: pre-wrap;
    overflow-wrap: anywhere;
  }
  textarea {
    background: var(--rtc-theme-surface);
    color: var(--rtc-theme-text);
    resize: none;
    overflow-y: auto;
  }
  textarea::placeholder {
    color: var(--rtc-theme-soft);
    opacity: 1;
  }
  .icon {
    display: grid;
    flex: none;
    place-items: center;
    width: 44px;
    height: 44px;
    padding: 0;
    border: 0;
    border-radius: calc(var(--rtc-theme-radius) * 0.75);
    background: var(--rtc-theme-accent);
    color: var(--rtc-theme-accent-text);
    cursor: pointer;
  }
  .icon.plain {
    background: transparent;
    color: inherit;
  }
  .icon.plain:hover:not(:disabled) {
    background: color-mix(in srgb, var(--rtc-theme-text) 8%, transparent);
  }
  .icon:disabled,
  textarea:disabled {
    opacity: 0.55;
    cursor: default;
  }
  :host(:dir(rtl)) .send svg {
    transform: scaleX(-1);
  }
  .drop {
    position: absolute;
    inset: 0;
    display: grid;
    place-content: center;
    justify-items: center;
    gap: 0.75rem;
    padding: 1rem;
    border: 2px dashed var(--rtc-theme-accent);
    border-radius: var(--rtc-theme-radius);
    background: color-mix(in srgb, var(--rtc-theme-background) 92%, transparent);
    font-weight: 600;
    text-align: center;
    pointer-events: none;
  }
  .announcer {
    position: absolute;
    inset: 0 auto auto 0;
    width: 1px;
    height: 1px;
    overflow: hidden;
    clip-path: inset(50%);
    white-space: nowrap;
  }
  @media (forced-colors: active) {
    .message,
    .file,
    .jump {
      border: 1px solid CanvasText;
    }
    .icon {
      border: 1px solid ButtonText;
    }
  }
`;
