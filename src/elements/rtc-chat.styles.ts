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
    grid-template-rows: minmax(calc(3.5 * var(--rtc-theme-rem)), 1fr) auto;
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
    gap: calc(0.25 * var(--rtc-theme-rem));
    min-height: 0;
    padding: calc(0.25 * var(--rtc-theme-rem));
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
    padding: calc(0.375 * var(--rtc-theme-rem)) calc(0.75 * var(--rtc-theme-rem));
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
    margin-block-start: calc(0.5 * var(--rtc-theme-rem));
  }
  .head {
    display: flex;
    flex-wrap: wrap;
    column-gap: calc(0.5 * var(--rtc-theme-rem));
    align-items: baseline;
    color: var(--rtc-theme-soft);
    font-size: calc(0.8125 * var(--rtc-theme-rem));
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
    gap: calc(0.75 * var(--rtc-theme-rem));
    padding-block: calc(0.5 * var(--rtc-theme-rem)) calc(0.25 * var(--rtc-theme-rem));
    color: var(--rtc-theme-soft);
    font-size: calc(0.8125 * var(--rtc-theme-rem));
    text-align: center;
  }
  .divider::before,
  .divider::after {
    content: '';
    flex: 1 1 var(--rtc-theme-rem);
    border-block-start: 1px solid currentColor;
    opacity: 0.5;
  }
  .divider.new {
    color: var(--rtc-theme-text);
    font-weight: 600;
  }
  .divider.new::before,
  .divider.new::after {
    border-color: var(--rtc-theme-mark);
    opacity: 1;
  }
  .empty {
    display: grid;
    justify-items: center;
    gap: calc(0.5 * var(--rtc-theme-rem));
    margin: auto;
    padding: var(--rtc-theme-rem);
    color: var(--rtc-theme-soft);
    text-align: center;
    text-wrap: balance;
  }
  .empty svg {
    width: calc(2.5 * var(--rtc-theme-rem));
    height: calc(2.5 * var(--rtc-theme-rem));
  }
  .empty strong {
    color: var(--rtc-theme-text);
  }
  .file {
    display: grid;
    grid-template-columns: auto minmax(0, 1fr);
    column-gap: calc(0.75 * var(--rtc-theme-rem));
    row-gap: calc(0.25 * var(--rtc-theme-rem));
    align-items: center;
    width: 92%;
    padding-block: calc(0.625 * var(--rtc-theme-rem));
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
    font-size: calc(0.8125 * var(--rtc-theme-rem));
  }
  .bad .meta {
    color: var(--rtc-theme-text);
  }
  progress {
    width: 100%;
    height: calc(0.375 * var(--rtc-theme-rem));
    accent-color: var(--rtc-theme-accent);
  }
  .picture img {
    display: block;
    max-width: 100%;
    max-height: calc(15 * var(--rtc-theme-rem));
    border-radius: calc(var(--rtc-theme-radius) * 0.5);
  }
  .actions {
    display: flex;
    flex-wrap: wrap;
    gap: calc(0.5 * var(--rtc-theme-rem));
    padding-block-start: calc(0.25 * var(--rtc-theme-rem));
  }
  .actions .word {
    padding-inline: var(--rtc-theme-rem);
  }
  .foot {
    position: relative;
    display: grid;
    gap: calc(0.25 * var(--rtc-theme-rem));
  }
  .jump {
    position: absolute;
    inset-block-end: calc(100% + var(--rtc-theme-gap));
    inset-inline: 0;
    width: fit-content;
    min-height: var(--rtc-theme-target);
    margin-inline: auto;
    display: flex;
    align-items: center;
    gap: calc(0.5 * var(--rtc-theme-rem));
    padding: 0 var(--rtc-theme-rem);
    border: 1px solid var(--rtc-theme-mark);
    border-radius: var(--rtc-theme-target);
    background: var(--rtc-theme-accent);
    color: var(--rtc-theme-accent-text);
    font-weight: 600;
    box-shadow: 0 2px 8px rgb(0 0 0 / 0.3);
    cursor: pointer;
  }
  .problem {
    color: var(--rtc-theme-text);
    font-size: calc(0.875 * var(--rtc-theme-rem));
  }
  .problem:not(:empty) {
    padding: calc(0.375 * var(--rtc-theme-rem)) calc(0.75 * var(--rtc-theme-rem));
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
    max-height: calc(8.5 * var(--rtc-theme-rem));
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
    min-height: var(--rtc-theme-target);
    max-height: calc(8.5 * var(--rtc-theme-rem));
    margin: 0;
    padding: calc(0.5625 * var(--rtc-theme-rem)) calc(0.75 * var(--rtc-theme-rem));
    border: 1px solid var(--rtc-theme-line);
    border-radius: calc(var(--rtc-theme-radius) * 0.75);
    font: inherit;
    font-size: var(--rtc-theme-rem);
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
    overflow: hidden;
    color: var(--rtc-theme-soft);
    opacity: 1;
    white-space: nowrap;
    text-overflow: ellipsis;
  }
  .icon {
    display: grid;
    flex: none;
    place-items: center;
    width: var(--rtc-theme-target);
    height: var(--rtc-theme-target);
    padding: 0;
    border: 1px solid var(--rtc-theme-mark);
    border-radius: calc(var(--rtc-theme-radius) * 0.75);
    background: var(--rtc-theme-accent);
    color: var(--rtc-theme-accent-text);
    cursor: pointer;
  }
  .icon.plain {
    border-color: transparent;
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
  .send:dir(rtl) svg {
    transform: scaleX(-1);
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
