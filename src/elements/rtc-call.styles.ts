import {css} from 'lit';

export const callStyles = css`
  :host {
    display: block;
    position: relative;
    box-sizing: border-box;
    width: 100%;
  }
  :host([hidden]) {
    display: none;
  }
  .frame {
    width: 100%;
    height: 100%;
    container-type: inline-size;
  }
  .call {
    position: relative;
    display: grid;
    grid-template:
      'notice' auto
      'stage' minmax(0, 1fr)
      'bar' auto / minmax(0, 1fr);
    gap: var(--rtc-theme-gap);
    box-sizing: border-box;
    width: 100%;
    height: 100%;
    max-height: 100vh;
    max-height: 100dvh;
    aspect-ratio: 16 / 9;
    padding: 0 var(--rtc-theme-gap) var(--rtc-theme-gap);
    overflow: hidden;
    border-radius: calc(var(--rtc-theme-radius) + var(--rtc-theme-gap));
    background: var(--rtc-theme-background);
  }
  @container (max-width: 640px) {
    .call {
      aspect-ratio: 3 / 4;
    }
  }

  .stage {
    grid-area: stage;
    aspect-ratio: auto;
  }
  .bar {
    grid-area: bar;
    transition:
      opacity 0.2s,
      transform 0.2s;
  }
  .idle {
    cursor: none;
  }
  .idle .bar {
    position: absolute;
    inset: auto 0 0;
    opacity: 0;
    transform: translateY(100%);
    pointer-events: none;
  }

  .notice {
    grid-area: notice;
    display: flex;
    align-items: center;
    gap: 0.75rem;
    min-width: 0;
    margin-block-start: var(--rtc-theme-gap);
    padding-block: 0.25rem;
    padding-inline: 0.875rem 0.25rem;
    border-radius: var(--rtc-theme-radius);
    background: var(--rtc-theme-surface);
    font-size: 0.9375rem;
  }
  .notice p {
    flex: 1;
    min-width: 0;
    margin: 0;
    padding-block: 0.375rem;
  }
  .notice > svg {
    color: color-mix(in srgb, var(--rtc-theme-danger) 65%, var(--rtc-theme-text));
  }
  .close {
    display: grid;
    place-items: center;
    width: 44px;
    height: 44px;
    flex: none;
    border: 0;
    border-radius: calc(var(--rtc-theme-radius) * 0.75);
    background: none;
    color: inherit;
    cursor: pointer;
  }
  .close:hover {
    background: color-mix(in srgb, var(--rtc-theme-text) 8%, transparent);
  }

  .panel {
    display: grid;
    justify-items: center;
    gap: 0.5rem;
    min-width: 0;
    margin: 0;
    text-align: center;
  }
  .panel h2 {
    margin: 0;
    font-size: 1.25rem;
    font-weight: 650;
    line-height: 1.25;
    text-wrap: balance;
  }
  .panel p {
    max-width: 32rem;
    margin: 0;
    color: var(--rtc-theme-soft);
    text-wrap: pretty;
  }
  .panel > svg {
    width: 2.5rem;
    height: 2.5rem;
    color: color-mix(in srgb, var(--rtc-theme-danger) 65%, var(--rtc-theme-text));
  }
  .panel .word {
    margin-block-start: 0.5rem;
  }
  .failed .panel,
  .left .panel {
    grid-area: 1 / 1 / -1 / -1;
    align-content: safe center;
    padding: 1rem;
    overflow: auto;
  }
  .joining .panel,
  .waiting .panel {
    grid-area: stage;
    z-index: 2;
    align-self: end;
    justify-self: center;
    max-width: calc(100% - 2 * var(--rtc-theme-gap));
    max-height: 100%;
    box-sizing: border-box;
    margin-block-end: 3rem;
    overflow: auto;
    padding: 0.875rem 1.25rem;
    border-radius: var(--rtc-theme-radius);
    background: var(--rtc-theme-surface);
    box-shadow: 0 4px 24px rgb(0 0 0 / 0.25);
  }
  .joining .panel {
    align-self: center;
    margin: 0;
    padding: 1.25rem 1.5rem;
  }
  .joining h2,
  .waiting h2 {
    display: flex;
    align-items: center;
    gap: 0.625rem;
    font-size: 1.0625rem;
  }
  .joining p,
  .waiting p {
    font-size: 0.9375rem;
  }

  .spinner {
    width: 1.125rem;
    height: 1.125rem;
    flex: none;
    box-sizing: border-box;
    border: 2.5px solid color-mix(in srgb, var(--rtc-theme-accent) 25%, transparent);
    border-block-start-color: var(--rtc-theme-accent);
    border-radius: 50%;
    animation: turn 0.9s linear infinite;
  }
  @keyframes turn {
    to {
      transform: rotate(1turn);
    }
  }
  @media (prefers-reduced-motion: reduce) {
    .bar {
      transition: none;
    }
    .spinner {
      animation-duration: 4s;
      animation-timing-function: steps(8);
    }
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
    .call,
    .panel,
    .notice {
      border: 1px solid CanvasText;
    }
  }
`;
