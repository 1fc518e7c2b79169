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
  /* On a wall one stands further away. */
  @media (min-height: 1000px) {
    @container (min-width: 1900px) {
      .themed {
        --rtc-theme-scale: 1.25;
      }
    }
  }
  @media (min-height: 1400px) {
    @container (min-width: 2600px) {
      .themed {
        --rtc-theme-scale: 1.6;
      }
    }
  }
  @media (min-height: 1900px) {
    @container (min-width: 3400px) {
      .themed {
        --rtc-theme-scale: 2;
      }
    }
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
    min-height: 0;
    padding: 0 var(--rtc-theme-gap) var(--rtc-theme-gap);
    /* Round corners that cut off what is in them have every frame of a picture drawn twice. */
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
    overflow: hidden;
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
    gap: calc(0.75 * var(--rtc-theme-rem));
    min-width: 0;
    margin-block-start: var(--rtc-theme-gap);
    padding-block: calc(0.25 * var(--rtc-theme-rem));
    padding-inline: calc(0.875 * var(--rtc-theme-rem)) calc(0.25 * var(--rtc-theme-rem));
    border-radius: var(--rtc-theme-radius);
    background: var(--rtc-theme-surface);
    font-size: calc(0.9375 * var(--rtc-theme-rem));
  }
  .notice p {
    flex: 1;
    min-width: 0;
    margin: 0;
    padding-block: calc(0.375 * var(--rtc-theme-rem));
  }
  .notice > svg {
    color: color-mix(in srgb, var(--rtc-theme-danger) 65%, var(--rtc-theme-text));
  }

  .panel {
    display: grid;
    justify-items: center;
    gap: calc(0.5 * var(--rtc-theme-rem));
    min-width: 0;
    margin: 0;
    text-align: center;
  }
  .panel h2 {
    margin: 0;
    font-size: calc(1.25 * var(--rtc-theme-rem));
    font-weight: 650;
    line-height: 1.25;
    text-wrap: balance;
  }
  .panel p {
    max-width: calc(32 * var(--rtc-theme-rem));
    margin: 0;
    color: var(--rtc-theme-soft);
    text-wrap: pretty;
  }
  .panel > svg {
    width: calc(2.5 * var(--rtc-theme-rem));
    height: calc(2.5 * var(--rtc-theme-rem));
    color: color-mix(in srgb, var(--rtc-theme-danger) 65%, var(--rtc-theme-text));
  }
  .panel .word {
    margin-block-start: calc(0.5 * var(--rtc-theme-rem));
  }
  .failed .panel,
  .left .panel {
    grid-area: 1 / 1 / -1 / -1;
    align-content: safe center;
    padding: var(--rtc-theme-rem);
    overflow: auto;
  }
  .joining .panel,
  .waiting .panel {
    grid-area: stage;
    z-index: 2;
    align-self: end;
    justify-self: center;
    max-width: min(100% - 2 * var(--rtc-theme-gap), 36 * var(--rtc-theme-rem));
    max-height: 100%;
    box-sizing: border-box;
    margin-block-end: calc(3 * var(--rtc-theme-rem));
    overflow: auto;
    padding: calc(0.875 * var(--rtc-theme-rem)) calc(1.25 * var(--rtc-theme-rem));
    border-radius: var(--rtc-theme-radius);
    background: var(--rtc-theme-surface);
    box-shadow: 0 4px 24px rgb(0 0 0 / 0.25);
  }
  .joining .panel {
    align-self: center;
    margin: 0;
    padding: calc(1.25 * var(--rtc-theme-rem)) calc(1.5 * var(--rtc-theme-rem));
  }
  .joining h2,
  .waiting h2 {
    display: flex;
    align-items: center;
    gap: calc(0.625 * var(--rtc-theme-rem));
    font-size: calc(1.0625 * var(--rtc-theme-rem));
  }
  .joining p,
  .waiting p {
    font-size: calc(0.9375 * var(--rtc-theme-rem));
  }

  .spinner {
    width: calc(1.125 * var(--rtc-theme-rem));
    height: calc(1.125 * var(--rtc-theme-rem));
    flex: none;
    box-sizing: border-box;
    border: 2.5px solid color-mix(in srgb, var(--rtc-theme-mark) 25%, transparent);
    border-block-start-color: var(--rtc-theme-mark);
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

  @media (forced-colors: active) {
    .call,
    .panel,
    .notice {
      border: 1px solid CanvasText;
    }
  }
`;
