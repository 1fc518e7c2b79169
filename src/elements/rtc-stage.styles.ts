import {css} from 'lit';

export const stageStyles = css`
  :host {
    display: block;
    min-height: 0;
    aspect-ratio: 16 / 9;
  }
  :host([hidden]) {
    display: none;
  }
  .stage {
    display: grid;
    grid-template: auto minmax(0, 1fr) auto / minmax(0, 1fr);
    height: 100%;
  }
  .tiles {
    grid-area: 2 / 1;
    position: relative;
    gap: var(--rtc-theme-gap);
    min-height: 0;
    /* What is dragged out of it has no scroll bars. Without round corners: those of the tiles will do. */
    overflow: hidden;
  }
  rtc-video {
    position: absolute;
    aspect-ratio: auto;
  }
  .small {
    z-index: 1;
    box-shadow:
      0 0 0 2px var(--rtc-theme-background),
      0 4px 16px rgb(0 0 0 / 0.35);
    cursor: grab;
    touch-action: none;
  }
  .small:active {
    cursor: grabbing;
  }
  /* Out of the way of the small picture. */
  .corner1 rtc-video:not(.small)::part(label) {
    inset-inline: auto calc(0.5 * var(--rtc-theme-rem));
  }
  .corner2 rtc-video:not(.small)::part(badge) {
    inset-inline: auto calc(0.5 * var(--rtc-theme-rem));
  }

  ::slotted([slot='status']) {
    grid-area: 1 / 1;
    justify-self: start;
    z-index: 2;
    margin-block: var(--rtc-theme-gap);
    pointer-events: none;
  }
  .filled ::slotted([slot='status']) {
    grid-row: 2;
    align-self: start;
    margin-inline: var(--rtc-theme-gap);
  }

  .filled.told rtc-video:not(.small)::part(badge) {
    inset-block-start: calc(2.75 * var(--rtc-theme-rem));
  }

  /* Beside the button there. */
  .pinnable::part(label),
  .small::part(label) {
    max-width: calc(100% - var(--rtc-theme-target) - 0.5 * var(--rtc-theme-rem));
  }
  /* The name below, the buttons above it. */
  .narrow::part(label) {
    inset: auto auto 2px 2px;
    max-width: calc(100% - 4px);
  }
  .narrow::part(speaking) {
    display: none;
  }
  .narrow::part(quality) {
    inset-inline: 0 auto;
  }
  .narrow::part(badge) {
    inset-block-start: 2px;
    inset-inline-start: 2px;
    max-width: calc(100% - var(--rtc-theme-target) - 2px);
  }
  .narrow > .over {
    inset-block: 0 auto;
  }
  .over {
    position: absolute;
    inset-block-end: 0;
    inset-inline-end: 0;
    z-index: 2;
    color: #fff;
    opacity: 0;
    transition: opacity 0.15s;
  }
  .over svg {
    box-sizing: border-box;
    width: calc(2 * var(--rtc-theme-rem));
    height: calc(2 * var(--rtc-theme-rem));
    padding: calc(0.375 * var(--rtc-theme-rem));
    border-radius: 50%;
    background: rgb(12 15 20 / 0.72);
  }
  .over.on svg {
    background: var(--rtc-theme-accent);
    color: var(--rtc-theme-accent-text);
  }
  rtc-video:hover .over,
  .over:focus-visible,
  .over.on {
    opacity: 1;
  }
  @media (hover: none) {
    .over {
      opacity: 0.8;
    }
  }

  .pager {
    grid-area: 3 / 1;
    display: flex;
    align-items: center;
    justify-content: center;
    gap: calc(0.5 * var(--rtc-theme-rem));
    font-variant-numeric: tabular-nums;
  }
  .pager button {
    border-radius: 50%;
  }
  .pager [aria-disabled='true'] {
    opacity: 0.4;
    cursor: default;
  }
  .pager:dir(rtl) svg {
    transform: scaleX(-1);
  }
  @media (prefers-reduced-motion: reduce) {
    .over {
      transition: none;
    }
  }
  @media (forced-colors: active) {
    .over svg,
    .pager button {
      border: 1px solid ButtonText;
    }
    .over.on svg {
      border: 3px solid Highlight;
    }
  }
`;
