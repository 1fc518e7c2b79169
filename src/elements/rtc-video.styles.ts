import {css} from 'lit';

export const videoStyles = css`
  :host {
    display: block;
    position: relative;
    overflow: hidden;
    aspect-ratio: 16 / 9;
    min-width: 0;
    border-radius: var(--rtc-theme-radius);
  }
  :host([hidden]) {
    display: none;
  }
  .tile {
    position: absolute;
    inset: 0;
    display: grid;
    place-items: center;
    container-type: size;
    background: var(--rtc-tile-background, #1b212b);
    color: #fff;
  }
  .tile > ::slotted(*) {
    /* Over the picture. */
    position: relative;
  }
  .speaking::after {
    content: '';
    position: absolute;
    inset: 0;
    z-index: 1;
    border: 3px solid var(--rtc-speaking, #35c27f);
    border-radius: inherit;
    pointer-events: none;
  }
  video {
    position: absolute;
    inset: 0;
    width: 100%;
    height: 100%;
    margin: auto;
    object-fit: cover;
    object-position: 50% 38%;
  }
  video.mirrored {
    transform: scaleX(-1);
  }
  /* The last picture of somebody who cannot be reached now. */
  video.stale {
    filter: grayscale(0.7) brightness(0.85);
  }
  video.empty {
    visibility: hidden;
  }
  .avatar {
    display: grid;
    place-items: center;
    width: clamp(2.5 * var(--rtc-theme-rem), 42cqmin, 15 * var(--rtc-theme-rem));
    aspect-ratio: 1;
    border-radius: 50%;
    background: #4b5568;
    font-size: clamp(var(--rtc-theme-rem), 16cqmin, 5.5 * var(--rtc-theme-rem));
    font-weight: 600;
    letter-spacing: 0.02em;
    user-select: none;
  }
  .avatar svg {
    width: 55%;
    height: 55%;
  }
  .tone0 {
    background: #2f5fb8;
  }
  .tone1 {
    background: #7a4bb5;
  }
  .tone2 {
    background: #0f766e;
  }
  .tone3 {
    background: #a8483c;
  }
  .tone4 {
    background: #8a5a14;
  }
  .tone5 {
    background: #a23a77;
  }
  .label,
  .badge {
    position: absolute;
    display: flex;
    align-items: center;
    gap: 0.35em;
    box-sizing: border-box;
    max-width: calc(100% - var(--rtc-theme-rem));
    padding: 0.2em 0.6em;
    border-radius: calc(var(--rtc-theme-radius) * 0.6);
    background: rgb(12 15 20 / 0.72);
    font-size: clamp(0.75 * var(--rtc-theme-rem), 3.5cqmin, 1.25 * var(--rtc-theme-rem));
  }
  .label {
    z-index: 1;
    pointer-events: none;
    inset-block-end: calc(0.5 * var(--rtc-theme-rem));
    inset-inline-start: calc(0.5 * var(--rtc-theme-rem));
  }
  .badge {
    inset-block-start: calc(0.5 * var(--rtc-theme-rem));
    inset-inline-start: calc(0.5 * var(--rtc-theme-rem));
  }
  .label svg,
  .badge svg {
    width: 1.15em;
    height: 1.15em;
  }
  .muted,
  .speaks {
    display: contents;
    color: #ff9aa5;
  }
  .speaks {
    color: var(--rtc-speaking, #35c27f);
  }
  /* Above the name; without any, it takes no room. */
  .captions {
    position: absolute;
    inset-block-end: calc(
      var(--rtc-theme-rem) + clamp(1.25 * var(--rtc-theme-rem), 7cqmin, 2.5 * var(--rtc-theme-rem))
    );
    inset-inline: calc(0.5 * var(--rtc-theme-rem));
    z-index: 1;
    display: grid;
    justify-items: center;
    gap: 0.15em;
    max-height: 60%;
    overflow: hidden;
    font-size: clamp(0.875 * var(--rtc-theme-rem), 6cqmin, 1.75 * var(--rtc-theme-rem));
    line-height: 1.3;
    text-align: center;
    pointer-events: none;
  }
  .captions ::slotted(*) {
    max-width: 40em;
    margin: 0;
    padding: 0.1em 0.5em;
    border-radius: 0.25em;
    background: rgb(0 0 0 / 0.8);
    color: #fff;
  }
  .name {
    overflow: hidden;
    white-space: nowrap;
    text-overflow: ellipsis;
  }
  .hand {
    display: contents;
    color: #ffd166;
  }
  .reactions {
    position: absolute;
    inset-block-start: calc(0.5 * var(--rtc-theme-rem));
    inset-inline-end: calc(0.5 * var(--rtc-theme-rem));
    z-index: 1;
    display: flex;
    gap: calc(0.25 * var(--rtc-theme-rem));
    font-size: clamp(1.25 * var(--rtc-theme-rem), 14cqmin, 4 * var(--rtc-theme-rem));
    line-height: 1.2;
    pointer-events: none;
  }
  .reaction {
    animation: pop 0.3s ease-out;
  }
  @keyframes pop {
    from {
      transform: scale(0.4);
      opacity: 0;
    }
  }
  @media (prefers-reduced-motion: reduce) {
    .reaction {
      animation: none;
    }
  }
  .play {
    position: absolute;
    inset: 0;
    display: grid;
    place-content: center;
    justify-items: center;
    gap: calc(0.5 * var(--rtc-theme-rem));
    width: 100%;
    border: 0;
    border-radius: inherit;
    background: rgb(12 15 20 / 0.55);
    color: inherit;
    font-weight: 600;
    cursor: pointer;
  }
  .play svg {
    width: clamp(2 * var(--rtc-theme-rem), 20cqmin, 4 * var(--rtc-theme-rem));
    height: clamp(2 * var(--rtc-theme-rem), 20cqmin, 4 * var(--rtc-theme-rem));
  }
  .error {
    position: absolute;
    inset: 0;
    display: grid;
    place-content: center;
    justify-items: center;
    gap: calc(0.5 * var(--rtc-theme-rem));
    margin: 0;
    padding: var(--rtc-theme-rem);
    overflow: auto;
    background: rgb(12 15 20 / 0.72);
    font-size: clamp(0.8125 * var(--rtc-theme-rem), 5cqmin, var(--rtc-theme-rem));
    text-align: center;
  }
  @container (max-height: 90px) {
    .badge {
      display: none;
    }
    .avatar {
      width: calc(2 * var(--rtc-theme-rem));
      margin-block-end: var(--rtc-theme-rem);
      font-size: calc(0.8125 * var(--rtc-theme-rem));
    }
    .label {
      inset-block-end: calc(0.25 * var(--rtc-theme-rem));
      inset-inline-start: calc(0.25 * var(--rtc-theme-rem));
      padding-block: 0;
    }
  }
  @media (forced-colors: active) {
    .tile {
      border: 1px solid CanvasText;
    }
    .speaking::after {
      border: 4px double Highlight;
    }
    .avatar {
      border: 2px solid CanvasText;
    }
  }
`;
