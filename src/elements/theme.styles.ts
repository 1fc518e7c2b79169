import {css} from 'lit';

/**
 * The colours everything is drawn with. The `--rtc-…` properties of the page come first; what it leaves
 * open follows its accent and the colour scheme. Browsers that cannot mix colours get plain ones.
 */
export const theme = css`
  :host {
    --rtc-theme-accent: var(--rtc-accent, #2259d6);
    --rtc-theme-background: var(--rtc-background, #eef1f6);
    --rtc-theme-surface: var(--rtc-surface, #fff);
    --rtc-theme-text: var(--rtc-text, #161b24);
    --rtc-theme-soft: color-mix(in srgb, var(--rtc-theme-text) 72%, transparent);
    --rtc-theme-line: color-mix(in srgb, var(--rtc-theme-text) 50%, transparent);
    --rtc-theme-accent-text: var(--rtc-accent-text, #fff);
    --rtc-theme-danger: var(--rtc-danger, #c8243a);
    --rtc-theme-focus: #1d4ed8;
    --rtc-theme-radius: var(--rtc-radius, 12px);
    --rtc-theme-gap: var(--rtc-gap, 8px);
    --rtc-theme-rem: calc(1rem * var(--rtc-scale, 1));
  }
  @media (prefers-color-scheme: dark) {
    :host {
      --rtc-theme-background: var(--rtc-background, #0e1116);
      --rtc-theme-surface: var(--rtc-surface, #1d232c);
      --rtc-theme-text: var(--rtc-text, #eef1f6);
      --rtc-theme-focus: #9dbcff;
    }
  }
  @supports (color: color-mix(in srgb, red, red)) {
    :host {
      --rtc-theme-background: var(
        --rtc-background,
        color-mix(in srgb, var(--rtc-theme-accent) 6%, #f3f4f6)
      );
    }
    @media (prefers-color-scheme: dark) {
      :host {
        --rtc-theme-background: var(
          --rtc-background,
          color-mix(in srgb, var(--rtc-theme-accent) 6%, #0d0f12)
        );
        --rtc-theme-surface: var(
          --rtc-surface,
          color-mix(in srgb, var(--rtc-theme-accent) 9%, #1c1f24)
        );
      }
    }
  }
  /* Black or white on the accent, whichever can be read, and a ring that can be seen. */
  @supports (color: oklch(from red l c h)) {
    :host {
      --rtc-theme-accent-text: var(
        --rtc-accent-text,
        oklch(from var(--rtc-theme-accent) clamp(0, (0.6 - l) * 1000, 1) 0 0)
      );
      --rtc-theme-focus: oklch(from var(--rtc-theme-accent) min(l, 0.5) c h);
    }
    @media (prefers-color-scheme: dark) {
      :host {
        --rtc-theme-focus: oklch(from var(--rtc-theme-accent) max(l, 0.78) min(c, 0.12) h);
      }
    }
  }
  /* Not the host: what a page puts inside keeps the looks of the page. */
  .themed {
    font-family: var(--rtc-font, system-ui, sans-serif);
    line-height: 1.4;
    color: var(--rtc-theme-text);
    color-scheme: light dark;
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
    width: 1.375rem;
    height: 1.375rem;
    flex: none;
  }
  [hidden] {
    display: none;
  }
`;

/** A button with words on it. */
export const wordButton = css`
  .word {
    min-height: 2.75rem;
    padding: 0.5rem 1.5rem;
    border: 1px solid transparent;
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
