import {css, html} from 'lit';

/** Three bars: how many of them count is for `fair`, `poor` and `good` on what is around. */
export const lineBars = html`<span class="bars"><i></i><i></i><i></i></span>`;

export const lineBarsStyles = css`
  .bars {
    display: flex;
    align-items: end;
    gap: 0.15em;
    height: 0.9em;
  }
  .bars i {
    width: 0.25em;
    background: rgb(255 255 255 / 0.35);
  }
  .bars i:nth-child(1) {
    height: 40%;
  }
  .bars i:nth-child(2) {
    height: 70%;
  }
  .bars i:nth-child(3) {
    height: 100%;
  }
  .poor i:nth-child(-n + 1),
  .fair i:nth-child(-n + 2),
  .good i {
    background: currentColor;
  }
  @media (forced-colors: active) {
    .bars i {
      forced-color-adjust: none;
      background: Canvas;
    }
    .poor i:nth-child(-n + 1),
    .fair i:nth-child(-n + 2),
    .good i {
      background: CanvasText;
    }
  }
`;
