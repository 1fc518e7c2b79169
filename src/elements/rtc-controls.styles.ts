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
  .toolbar button,
  .button {
    position: relative;
    display: grid;
    place-items: center;
    box-sizing: border-box;
    flex: 0 1 auto;
    width: 3.5rem;
    min-width: 44px;
    height: 3rem;
    min-height: 44px;
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
  .button > * {
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
    border-color: transparent;
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
    color: #fff;
  }
  .toolbar .leave:hover:not(:disabled) {
    background: color-mix(in srgb, var(--rtc-theme-danger) 85%, #000);
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
    border: 3px solid var(--rtc-theme-accent);
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
    flex: 0 1 5.5rem;
    width: 5.5rem;
    min-width: 44px;
    height: 44px;
    accent-color: var(--rtc-theme-accent);
  }
  button:disabled,
  [aria-disabled='true'] {
    opacity: 0.5;
    cursor: default;
  }
  .count {
    position: absolute;
    inset-block-start: -0.25rem;
    inset-inline-end: -0.25rem;
    box-sizing: border-box;
    min-width: 1.25rem;
    padding: 0 0.3rem;
    border-radius: 999px;
    background: var(--rtc-theme-danger);
    color: #fff;
    font-size: 0.75rem;
    font-weight: 650;
    line-height: 1.25rem;
    text-align: center;
  }
  .dot {
    min-width: 0;
    width: 0.75rem;
    height: 0.75rem;
    padding: 0;
    inset-block-start: 0;
    inset-inline-end: 0.25rem;
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
    padding: 0.375rem;
    border: 1px solid color-mix(in srgb, var(--rtc-theme-text) 16%, transparent);
    border-radius: var(--rtc-theme-radius);
    background: var(--rtc-theme-surface);
    color: var(--rtc-theme-text);
    font-family: var(--rtc-font, system-ui, sans-serif);
    font-size: 0.9375rem;
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
    min-width: 13rem;
    max-height: calc(100vh - 16px);
    overflow: auto;
  }
  .menu > div + div {
    margin-block-start: 0.375rem;
    padding-block-start: 0.375rem;
    border-block-start: 1px solid color-mix(in srgb, var(--rtc-theme-text) 16%, transparent);
  }
  .item {
    display: flex;
    align-items: center;
    gap: 0.75rem;
    box-sizing: border-box;
    width: 100%;
    min-height: 44px;
    padding: 0.25rem 0.75rem;
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
    width: 1.5rem;
    min-height: 1.5rem;
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
    justify-content: space-between;
  }
  .signs .item {
    width: 44px;
    padding: 0;
    justify-content: center;
    font-size: 1.5rem;
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
    max-width: min(18rem, calc(100vw - 16px));
    padding: 0.375rem 0.625rem;
    border-radius: calc(var(--rtc-theme-radius) * 0.6);
    border-color: transparent;
    background: var(--rtc-theme-text);
    color: var(--rtc-theme-background);
    font-size: 0.875rem;
    box-shadow: none;
  }
  .tooltip kbd {
    display: inline-block;
    margin-inline-start: 0.375rem;
  }
  .tooltip small {
    display: block;
    font-size: inherit;
    opacity: 0.85;
  }
  .hint {
    display: flex;
    align-items: center;
    gap: 0.25rem;
    max-width: min(20rem, calc(100vw - 16px));
    padding-inline-start: 0.875rem;
  }
  .hint p {
    margin: 0;
  }
  .hint strong {
    display: block;
  }
  .close {
    display: grid;
    flex: none;
    place-items: center;
    width: 44px;
    height: 44px;
    border: 0;
    border-radius: calc(var(--rtc-theme-radius) * 0.6);
    background: none;
    color: inherit;
    cursor: pointer;
  }
  .close:hover {
    background: color-mix(in srgb, var(--rtc-theme-text) 8%, transparent);
  }
  .announcer {
    position: absolute;
    width: 1px;
    height: 1px;
    overflow: hidden;
    clip-path: inset(50%);
    white-space: nowrap;
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
