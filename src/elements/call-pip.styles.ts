import {css} from 'lit';

/** For a document of its own: always dark, as small windows over everything are. */
export const pipStyles = css`
  * {
    box-sizing: border-box;
  }
  body {
    display: grid;
    height: 100vh;
    margin: 0;
    overflow: hidden;
    background: var(--rtc-tile-background, #1b212b);
    color: #fff;
    font-family: var(--rtc-font, system-ui, sans-serif);
  }
  body > * {
    grid-area: 1 / 1;
    min-width: 0;
    min-height: 0;
  }
  video {
    width: 100%;
    height: 100%;
    object-fit: cover;
  }
  .whole {
    object-fit: contain;
  }
  .mirrored {
    transform: scaleX(-1);
  }
  .avatar {
    display: grid;
    place-items: center;
  }
  .avatar svg {
    width: 4rem;
    height: 4rem;
  }
  .name {
    place-self: start;
    max-width: calc(100% - 1rem);
    margin: 0.5rem;
    padding: 0.125rem 0.5rem;
    overflow: hidden;
    border-radius: 6px;
    background: rgb(0 0 0 / 0.6);
    font-size: 0.875rem;
    text-overflow: ellipsis;
    white-space: nowrap;
  }
  .bar {
    place-self: end center;
    display: flex;
    gap: 0.5rem;
    padding: 0.5rem;
  }
  button {
    display: grid;
    place-items: center;
    width: 3rem;
    height: 44px;
    min-width: 44px;
    padding: 0;
    border: 1px solid transparent;
    border-radius: 999px;
    background: rgb(20 24 31 / 0.85);
    color: #fff;
    cursor: pointer;
  }
  button:hover {
    background: #3a424f;
  }
  .off {
    background: #7c1d2b;
  }
  .leave {
    background: #c8243a;
  }
  .leave:hover {
    background: #a91d31;
  }
  :focus-visible {
    outline: 3px solid #9dbcff;
    outline-offset: 2px;
  }
  svg {
    width: 1.375rem;
    height: 1.375rem;
  }
  @media (forced-colors: active) {
    button {
      border-color: ButtonText;
    }
  }
`;
