import {css} from 'lit';

/**
 * The colours and sizes everything is drawn with. The `--rtc-…` properties of the page come first; what
 * it leaves open follows its accent and the colour scheme. Older browsers get plain colours.
 */
export const theme = css`
  :host,
  .themed {
    --rtc-theme-accent: var(--rtc-accent, #2259d6);
    --rtc-theme-accent-text: var(--rtc-accent-text, #fff);
    /* The accent, where it has to stand out against what is around it. */
    --rtc-theme-mark: var(--rtc-theme-accent);
    --rtc-theme-danger: var(--rtc-danger, #c8243a);
    --rtc-theme-danger-text: #fff;
    --rtc-theme-background: var(--rtc-background, #eef1f6);
    --rtc-theme-surface: var(--rtc-surface, #fff);
    --rtc-theme-text: var(--rtc-text, #161b24);
    --rtc-theme-soft: color-mix(in srgb, var(--rtc-theme-text) 72%, transparent);
    --rtc-theme-line: color-mix(in srgb, var(--rtc-theme-text) 50%, transparent);
    --rtc-theme-focus: #1d4ed8;
    /* A call on a large screen sets a scale of its own. */
    --rtc-theme-rem: calc(1rem * var(--rtc-scale, var(--rtc-theme-scale, 1)));
    --rtc-theme-target: max(44px, 2.75 * var(--rtc-theme-rem));
    --rtc-theme-radius: var(--rtc-radius, calc(0.75 * var(--rtc-theme-rem)));
    --rtc-theme-gap: var(--rtc-gap, calc(0.5 * var(--rtc-theme-rem)));
  }
  @media (prefers-color-scheme: dark) {
    :host,
    .themed {
      --rtc-theme-background: var(--rtc-background, #0e1116);
      --rtc-theme-surface: var(--rtc-surface, #1d232c);
      --rtc-theme-text: var(--rtc-text, #eef1f6);
      --rtc-theme-focus: #9dbcff;
    }
  }
  @supports (color: light-dark(red, red)) and (color: oklch(from red l c h)) {
    :host,
    .themed {
      /* Black or white, whichever has 4.5 to 1: that of a grey as bright as the colour. */
      --rtc-theme-accent-text: var(
        --rtc-accent-text,
        oklch(
          from color(from var(--rtc-theme-accent) xyz y y y) clamp(0, (0.565 - l) * 1000, 1) 0 0
        )
      );
      --rtc-theme-danger-text: oklch(
        from color(from var(--rtc-theme-danger) xyz y y y) clamp(0, (0.565 - l) * 1000, 1) 0 0
      );
      --rtc-theme-background: var(
        --rtc-background,
        color-mix(in srgb, var(--rtc-theme-accent) 6%, light-dark(#f3f4f6, #0d0f12))
      );
      --rtc-theme-surface: var(
        --rtc-surface,
        light-dark(#fff, color-mix(in srgb, var(--rtc-theme-accent) 9%, #1c1f24))
      );
      --rtc-theme-text: var(--rtc-text, light-dark(#161b24, #eef1f6));
      --rtc-theme-mark: light-dark(
        oklch(from var(--rtc-theme-accent) min(l, 0.58) c h),
        oklch(from var(--rtc-theme-accent) max(l, 0.55) c h)
      );
      --rtc-theme-focus: light-dark(
        oklch(from var(--rtc-theme-accent) min(l, 0.5) c h),
        oklch(from var(--rtc-theme-accent) max(l, 0.78) min(c, 0.12) h)
      );
    }
  }
  /* Not the host: what a page puts inside keeps the looks of the page. */
  .themed {
    font-family: var(--rtc-font, system-ui, sans-serif);
    font-size: var(--rtc-theme-rem);
    line-height: 1.4;
    color: var(--rtc-theme-text);
    color-scheme: var(--rtc-scheme, light dark);
  }
  button,
  input {
    font: inherit;
  }
  :focus-visible {
    outline: 3px solid var(--rtc-theme-focus);
    outline-offset: 2px;
  }
  svg {
    width: calc(1.375 * var(--rtc-theme-rem));
    height: calc(1.375 * var(--rtc-theme-rem));
    flex: none;
  }
  [hidden] {
    display: none;
  }
  /* For screen readers only. */
  .announcer {
    position: absolute;
    inset: 0 auto auto 0;
    width: 1px;
    height: 1px;
    overflow: hidden;
    clip-path: inset(50%);
    white-space: nowrap;
  }
`;

/** A button that is an icon and nothing else; on a page, or on a picture. */
export const iconButton = css`
  .bare {
    display: grid;
    flex: none;
    place-items: center;
    width: var(--rtc-theme-target);
    height: var(--rtc-theme-target);
    padding: 0;
    border: 0;
    border-radius: calc(var(--rtc-theme-radius) * 0.75);
    background: none;
    color: inherit;
    cursor: pointer;
  }
  .bare:not(.on-picture, [aria-disabled='true']):hover {
    background: color-mix(in srgb, var(--rtc-theme-text) 8%, transparent);
  }
  .on-picture:focus-visible {
    outline-color: #9dbcff;
    outline-offset: -4px;
  }
`;

/** A button with words on it. */
export const wordButton = css`
  .word {
    min-height: var(--rtc-theme-target);
    padding: calc(0.5 * var(--rtc-theme-rem)) calc(1.5 * var(--rtc-theme-rem));
    border: 1px solid var(--rtc-theme-mark);
    border-radius: calc(var(--rtc-theme-radius) * 0.75);
    background: var(--rtc-theme-accent);
    color: var(--rtc-theme-accent-text);
    font-weight: 600;
    cursor: pointer;
  }
  .word:hover:not(:disabled) {
    background: color-mix(in srgb, var(--rtc-theme-accent) 88%, var(--rtc-theme-text));
  }
  .word.plain {
    background: transparent;
    border-color: var(--rtc-theme-line);
    color: inherit;
  }
  .word.plain:hover:not(:disabled) {
    background: color-mix(in srgb, var(--rtc-theme-text) 8%, transparent);
  }
  .word:disabled {
    background: color-mix(in srgb, var(--rtc-theme-text) 10%, transparent);
    border-color: transparent;
    color: var(--rtc-theme-soft);
    cursor: default;
  }
`;
