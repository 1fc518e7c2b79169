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
      margin-block: 0 0.625rem;
      margin-inline: 0 0.625rem;
    }
  }

  .diagnosis {
    box-sizing: border-box;
    width: 34rem;
    max-width: calc(100% - 2rem);
    max-height: calc(100% - 2rem);
    padding: 1.25rem;
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
    font-size: 1.25rem;
  }
  .diagnosis p {
    display: flex;
    align-items: center;
    gap: 0.625rem;
    margin: 0.5rem 0 1rem;
  }
  .diagnosis ul {
    display: grid;
    gap: 0.375rem;
    margin: 1rem 0;
    padding: 0;
    list-style: none;
    font-size: 0.9375rem;
  }
  .diagnosis li {
    display: flex;
    gap: 0.625rem;
  }
  .diagnosis li span {
    width: 1rem;
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
    height: 7rem;
    margin-block-end: 1rem;
    background: var(--rtc-theme-background);
    color: inherit;
  }
  .diagnosis form {
    display: flex;
    flex-wrap: wrap;
    gap: 0.75rem;
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
      class="diagnosis"
      aria-labelledby="diagnosis"
      @close=${closed}
      @keydown=${(event: Event) => event.stopPropagation()}
    >
      <h2 id="diagnosis">${texts.title}</h2>
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
                  html`<li><span aria-hidden="true">•</span>${describeLink(link, all)}</li>`,
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
