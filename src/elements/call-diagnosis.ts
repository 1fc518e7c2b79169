import {css, html, nothing, type TemplateResult} from 'lit';
import {
  describeCheck,
  describeDiagnosis,
  describeLink,
  describeVerdict,
  statusSigns,
} from '../core/diagnosis.js';
import type {DiagnosisController} from '../session/diagnosis-controller.js';
import type {TextsController} from './texts-controller.js';

export const diagnosisStyles = css`
  @container (max-width: 640px) {
    .notice {
      flex-wrap: wrap;
    }
    .notice .word {
      order: 1;
      flex: 1 1 100%;
      margin-block: 0 calc(0.625 * var(--rtc-theme-rem));
      margin-inline: 0 calc(0.625 * var(--rtc-theme-rem));
    }
  }

  .diagnosis {
    box-sizing: border-box;
    width: calc(34 * var(--rtc-theme-rem));
    max-width: calc(100% - 2 * var(--rtc-theme-rem));
    max-height: calc(100% - 2 * var(--rtc-theme-rem));
    padding: calc(1.25 * var(--rtc-theme-rem));
    border: 1px solid var(--rtc-theme-line);
    border-radius: var(--rtc-theme-radius);
    background: var(--rtc-theme-surface);
    color: inherit;
    overflow-wrap: anywhere;
  }
  .diagnosis::backdrop {
    background: rgb(0 0 0 / 0.5);
  }
  .diagnosis h2 {
    margin: 0;
    font-size: calc(1.25 * var(--rtc-theme-rem));
  }
  .diagnosis p {
    display: flex;
    align-items: center;
    gap: calc(0.625 * var(--rtc-theme-rem));
    margin: calc(0.5 * var(--rtc-theme-rem)) 0 var(--rtc-theme-rem);
  }
  .diagnosis ul {
    display: grid;
    gap: calc(0.375 * var(--rtc-theme-rem));
    margin: var(--rtc-theme-rem) 0;
    padding: 0;
    list-style: none;
    font-size: calc(0.9375 * var(--rtc-theme-rem));
  }
  .diagnosis li {
    display: flex;
    gap: calc(0.625 * var(--rtc-theme-rem));
  }
  .diagnosis li span {
    width: var(--rtc-theme-rem);
    flex: none;
    font-weight: 700;
    text-align: center;
  }
  .diagnosis .failed span,
  .diagnosis .warning span {
    color: color-mix(in srgb, var(--rtc-theme-danger) 65%, var(--rtc-theme-text));
  }
  .diagnosis textarea {
    box-sizing: border-box;
    width: 100%;
    height: calc(7 * var(--rtc-theme-rem));
    margin-block-end: var(--rtc-theme-rem);
    background: var(--rtc-theme-background);
    color: inherit;
  }
  .diagnosis form {
    display: flex;
    flex-wrap: wrap;
    gap: calc(0.75 * var(--rtc-theme-rem));
  }
`;

/** The window that says why the call does not work. Shown with `showModal()`, and kept in the page. */
export function renderDiagnosis(
  controller: DiagnosisController,
  {texts: all}: TextsController,
  closed: () => void,
): TemplateResult {
  const {diagnosis: texts} = all;
  const {view} = controller;
  const diagnosis = view.phase === 'done' ? view.diagnosis : undefined;
  const text = diagnosis && describeDiagnosis(diagnosis, all);
  const copy = ({currentTarget}: Event) => {
    const dialog = (currentTarget as Element).closest('dialog');
    void controller.copy(text ?? '').then(() => dialog?.querySelector('textarea')?.focus());
  };
  return html`
    <dialog
      part="diagnosis"
      class="diagnosis themed"
      aria-labelledby="diagnosis"
      @close=${closed}
      @keydown=${(event: Event) => event.stopPropagation()}
    >
      <h2 part="title" id="diagnosis">${texts.title}</h2>
      <div role="status">
        ${
          view.phase === 'checking'
            ? html`<p><span class="spinner"></span>${texts.checking}</p>`
            : nothing
        }
        ${diagnosis ? html`<p>${describeVerdict(diagnosis, all)}</p>` : nothing}
      </div>
      ${
        diagnosis
          ? html`<ul>
              ${diagnosis.checks.map(
                (check) =>
                  html`<li class=${check.status}>
                    <span aria-hidden="true">${statusSigns[check.status]}</span>
                    ${describeCheck(check, all)}
                  </li>`,
              )}
              ${diagnosis.links.map(
                (link) =>
                  html`<li><span aria-hidden="true">${'•'}</span>${describeLink(link, all)}</li>`,
              )}
            </ul>`
          : nothing
      }
      ${
        view.phase === 'done' && view.copied === false
          ? html`<textarea
              readonly
              aria-label=${texts.title}
              .value=${text ?? ''}
              @focus=${({target}: Event) => (target as HTMLTextAreaElement).select()}
            ></textarea>`
          : nothing
      }
      <form method="dialog">
        <button part="button" class="word" type="button" ?disabled=${!diagnosis} @click=${copy}>
          ${view.phase === 'done' && view.copied ? texts.copied : texts.copy}
        </button>
        <button part="button" class="word plain">${texts.close}</button>
      </form>
    </dialog>
  `;
}
