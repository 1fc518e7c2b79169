import {css} from 'lit';

export const controlsStyles = css`
  :host {
    display: block;
    position: relative;
  }
  :host([hidden]) {
    display: none;
  }
  .toolbar {
    display: flex;
    align-items: center;
    justify-content: center;
    gap: var(--rtc-theme-gap);
  }
  .tight {
    flex-wrap: wrap;
  }
  ::slotted(*) {
    flex: none;
  }
  ::slotted([slot^='icon-']) {
    grid-area: 1 / 1;
    width: calc(1.375 * var(--rtc-theme-rem));
    height: calc(1.375 * var(--rtc-theme-rem));
  }
  .toolbar button,
  .button {
    position: relative;
    display: grid;
    place-items: center;
    box-sizing: border-box;
    flex: 0 1 auto;
    width: calc(3.5 * var(--rtc-theme-rem));
    min-width: var(--rtc-theme-target);
    height: calc(3 * var(--rtc-theme-rem));
    min-height: var(--rtc-theme-target);
    padding: 0;
    border: 1px solid color-mix(in srgb, var(--rtc-theme-text) 14%, transparent);
    border-radius: 999px;
    background: var(--rtc-theme-surface);
    color: var(--rtc-theme-text);
    cursor: pointer;
  }
  .toolbar button:hover:not(:disabled),
  .button:hover {
    background: color-mix(in srgb, var(--rtc-theme-surface), var(--rtc-theme-text) 10%);
  }
  .button > *,
  .button svg {
    grid-area: 1 / 1;
  }
  select {
    width: 100%;
    height: 100%;
    opacity: 0;
    cursor: pointer;
  }
  .button:has(:focus-visible) {
    outline: 3px solid var(--rtc-theme-focus);
    outline-offset: 2px;
  }
  .toolbar .off {
    border-color: transparent;
    background: color-mix(in srgb, var(--rtc-theme-danger) 18%, var(--rtc-theme-surface));
    color: color-mix(in srgb, var(--rtc-theme-danger) 55%, var(--rtc-theme-text));
  }
  .toolbar .off:hover:not(:disabled) {
    background: color-mix(in srgb, var(--rtc-theme-danger) 28%, var(--rtc-theme-surface));
  }
  .toolbar .active,
  .toolbar .talking {
    border-color: var(--rtc-theme-mark);
    background: var(--rtc-theme-accent);
    color: var(--rtc-theme-accent-text);
  }
  .toolbar .active:hover:not(:disabled),
  .toolbar .talking:hover:not(:disabled) {
    background: color-mix(in srgb, var(--rtc-theme-accent) 85%, var(--rtc-theme-text));
  }
  .toolbar .leave {
    border-color: transparent;
    background: var(--rtc-theme-danger);
    color: var(--rtc-theme-danger-text);
  }
  .toolbar .leave:hover:not(:disabled) {
    background: color-mix(in srgb, var(--rtc-theme-danger) 85%, var(--rtc-theme-text));
  }
  .toolbar .mic {
    -webkit-touch-callout: none;
    -webkit-user-select: none;
    user-select: none;
    touch-action: none;
  }
  .talking::after {
    content: '';
    position: absolute;
    inset: -4px;
    border: 3px solid var(--rtc-theme-mark);
    border-radius: inherit;
    animation: pulse 1s ease-in-out infinite alternate;
  }
  @keyframes pulse {
    to {
      opacity: 0.3;
    }
  }
  .pair {
    display: flex;
    align-items: center;
    gap: var(--rtc-theme-gap);
  }
  .volume {
    flex: 0 1 calc(5.5 * var(--rtc-theme-rem));
    width: calc(5.5 * var(--rtc-theme-rem));
    min-width: var(--rtc-theme-target);
    height: var(--rtc-theme-target);
    accent-color: var(--rtc-theme-accent);
  }
  button:disabled,
  [aria-disabled='true'] {
    opacity: 0.5;
    cursor: default;
  }
  .count {
    position: absolute;
    inset-block-start: calc(-0.25 * var(--rtc-theme-rem));
    inset-inline-end: calc(-0.25 * var(--rtc-theme-rem));
    box-sizing: border-box;
    min-width: calc(1.25 * var(--rtc-theme-rem));
    padding: 0 calc(0.3 * var(--rtc-theme-rem));
    border-radius: 999px;
    background: var(--rtc-theme-danger);
    color: var(--rtc-theme-danger-text);
    font-size: calc(0.75 * var(--rtc-theme-rem));
    font-weight: 650;
    line-height: calc(1.25 * var(--rtc-theme-rem));
    text-align: center;
  }
  .dot {
    min-width: 0;
    width: calc(0.75 * var(--rtc-theme-rem));
    height: calc(0.75 * var(--rtc-theme-rem));
    padding: 0;
    inset-block-start: 0;
    inset-inline-end: calc(0.25 * var(--rtc-theme-rem));
    border: 2px solid var(--rtc-theme-background);
  }

  .popup {
    position: absolute;
    z-index: 5;
    inset: auto;
    box-sizing: border-box;
    width: max-content;
    max-width: calc(100vw - 16px);
    margin: 0;
    padding: calc(0.375 * var(--rtc-theme-rem));
    border: 1px solid color-mix(in srgb, var(--rtc-theme-text) 16%, transparent);
    border-radius: var(--rtc-theme-radius);
    background: var(--rtc-theme-surface);
    font-size: calc(0.9375 * var(--rtc-theme-rem));
    line-height: 1.4;
    box-shadow: 0 6px 28px rgb(0 0 0 / 0.28);
  }
  .popup[popover]:popover-open {
    position: fixed;
  }
  .popup[hidden] {
    display: none;
  }
  .menu {
    min-width: calc(13 * var(--rtc-theme-rem));
    max-height: calc(100vh - 16px);
    overflow: auto;
  }
  .menu > div + div {
    margin-block-start: calc(0.375 * var(--rtc-theme-rem));
    padding-block-start: calc(0.375 * var(--rtc-theme-rem));
    border-block-start: 1px solid color-mix(in srgb, var(--rtc-theme-text) 16%, transparent);
  }
  .item {
    display: flex;
    align-items: center;
    gap: calc(0.75 * var(--rtc-theme-rem));
    box-sizing: border-box;
    width: 100%;
    min-height: var(--rtc-theme-target);
    padding: calc(0.25 * var(--rtc-theme-rem)) calc(0.75 * var(--rtc-theme-rem));
    border: 0;
    border-radius: calc(var(--rtc-theme-radius) * 0.6);
    background: none;
    color: inherit;
    text-align: start;
    cursor: pointer;
  }
  .item:hover,
  .item:focus-visible {
    background: color-mix(in srgb, var(--rtc-theme-text) 9%, transparent);
  }
  .item:focus-visible {
    outline-offset: -3px;
  }
  .item .sign {
    position: relative;
    display: grid;
    flex: none;
    place-items: center;
    width: calc(1.5 * var(--rtc-theme-rem));
    min-height: calc(1.5 * var(--rtc-theme-rem));
  }
  .item kbd {
    margin-inline-start: auto;
  }
  .item[aria-checked='true'] .sign {
    border-radius: 50%;
    box-shadow: 0 0 0 5px var(--rtc-theme-accent);
    background: var(--rtc-theme-accent);
    color: var(--rtc-theme-accent-text);
  }
  .item[aria-checked='true'] span + span {
    font-weight: 650;
  }
  .signs {
    display: flex;
    flex-wrap: wrap;
    justify-content: space-between;
  }
  .signs .item {
    flex: none;
    width: var(--rtc-theme-target);
    padding: 0;
    justify-content: center;
    font-size: calc(1.5 * var(--rtc-theme-rem));
  }
  kbd {
    min-width: 1.5em;
    box-sizing: border-box;
    padding: 0 0.375em;
    border: 1px solid color-mix(in srgb, currentColor 40%, transparent);
    border-radius: 4px;
    font: inherit;
    font-size: 0.8125em;
    text-align: center;
  }
  .tooltip {
    max-width: min(18 * var(--rtc-theme-rem), calc(100vw - 16px));
    padding: calc(0.375 * var(--rtc-theme-rem)) calc(0.625 * var(--rtc-theme-rem));
    border-radius: calc(var(--rtc-theme-radius) * 0.6);
    border-color: transparent;
    background: var(--rtc-theme-text);
    color: var(--rtc-theme-background);
    font-size: calc(0.875 * var(--rtc-theme-rem));
    box-shadow: none;
  }
  /* Nobody has a keyboard there, or finds the letters where it is told of one. */
  @media (hover: none) and (pointer: coarse) {
    kbd {
      display: none;
    }
  }
  .tooltip kbd {
    display: inline-block;
    margin-inline-start: calc(0.375 * var(--rtc-theme-rem));
  }
  .tooltip small {
    display: block;
    font-size: inherit;
    opacity: 0.85;
  }
  .hint {
    display: flex;
    align-items: center;
    gap: calc(0.25 * var(--rtc-theme-rem));
    max-width: min(20 * var(--rtc-theme-rem), calc(100vw - 16px));
    padding-inline-start: calc(0.875 * var(--rtc-theme-rem));
  }
  .hint p {
    margin: 0;
  }
  .hint strong {
    display: block;
  }
  .hint .bare {
    border-radius: calc(var(--rtc-theme-radius) * 0.6);
  }
  @media (prefers-reduced-motion: reduce) {
    .talking::after {
      animation: none;
    }
  }
  @media (forced-colors: active) {
    .toolbar button,
    .button {
      border-color: ButtonText;
    }
    .toolbar .off,
    .toolbar .active,
    .toolbar .talking,
    .item[aria-checked='true'] {
      border: 3px solid Highlight;
    }
    .popup,
    .count {
      border: 1px solid CanvasText;
    }
  }
`;
