import {html, nothing, type TemplateResult} from 'lit';
import {format, type Texts} from '../locales/texts.js';
import type {Files, FileTransfer} from '../session/files.js';
import {fileIcon} from './icons.js';

export interface FileRowOptions {
  readonly files: Files;
  readonly texts: Texts['files'];
  /** For `Intl`. */
  readonly locale: string;
  /** Who offers it, and when, where that is not clear from the row before. */
  readonly head: TemplateResult | typeof nothing;
  /** Where a picture that has come can be seen. */
  readonly pictureUrl: string | undefined;
}

/** A file on its way, and what can be done about it. */
export function renderFile(
  transfer: FileTransfer,
  {files, texts, locale, head, pictureUrl}: FileRowOptions,
): TemplateResult {
  const {id, isOwn, isOffered, name, size, state, progress} = transfer;
  const isUnderWay = ['sending', 'receiving', 'paused'].includes(state);
  const action = (text: string, act: () => void, look = 'plain') =>
    html`<button
      part="file-button"
      class="word ${look}"
      type="button"
      aria-label="${text}: ${name}"
      @click=${act}
    >
      ${text}
    </button>`;
  const cancel = () => files.cancel(id);
  const isMine = isOwn && isOffered;
  /** Again too: it may have been a slip, or go better now. */
  const isToGet = !isOwn && isOffered && !isUnderWay && state !== 'done';
  return html`<div
    part="file ${isOwn ? 'own' : ''}"
    class="file ${isOwn ? 'own' : ''} ${head === nothing ? '' : 'first'} ${
      state === 'failed' ? 'bad' : ''
    }"
  >
    ${head} ${fileIcon}
    <div>
      <bdi part="file-name" class="name">${name}</bdi>
      <div part="file-state" class="meta">
        ${sizeText(size, locale)}${joined(stateText(transfer, texts))}
      </div>
    </div>
    ${
      isUnderWay
        ? html`<progress part="progress" max="1" .value=${progress} aria-label=${name}></progress>`
        : nothing
    }
    ${
      pictureUrl
        ? html`<a class="picture" href=${pictureUrl} target="_blank" rel="noopener"
            ><img src=${pictureUrl} alt=${format(texts.picture, {name})} @error=${hide}
          /></a>`
        : nothing
    }
    ${
      isMine || isToGet || state === 'done' || isUnderWay
        ? html`<div class="actions">
            ${isToGet ? action(texts.accept, () => files.accept(id), state === 'offered' ? '' : 'plain') : nothing}
            ${state === 'offered' ? action(texts.decline, cancel) : nothing}
            ${!isOwn && isUnderWay ? action(texts.cancel, cancel) : nothing}
            ${!isOwn && state === 'done' ? action(texts.save, () => void files.save(id), '') : nothing}
            ${isMine ? action(texts.takeBack, cancel) : nothing}
          </div>`
        : nothing
    }
  </div>`;
}

/** Pages may be told not to show what comes from elsewhere. */
function hide({target}: Event) {
  (target as HTMLElement).hidden = true;
}

function joined(text: string) {
  return text && ` · ${text}`;
}

function stateText(transfer: FileTransfer, texts: Texts['files']): string {
  const {state, isOwn, problem, progress, receivers} = transfer;
  const done = receivers?.done ?? 0;
  switch (state) {
    case 'offered':
      return '';
    case 'failed':
      return problem ? texts.problems[problem] : '';
    case 'sending':
    case 'receiving':
      return format(texts[state], {percent: String(Math.floor(progress * 100))});
    case 'waiting':
    case 'done':
      return isOwn && done
        ? format(texts.taken, {done: String(done), all: String(receivers?.all)})
        : texts[state];
    default:
      return texts[state];
  }
}

function sizeText(size: number, locale: string): string {
  const units = ['byte', 'kilobyte', 'megabyte', 'gigabyte'] as const;
  const step = Math.min(units.length - 1, Math.floor(Math.log10(Math.max(1, size)) / 3));
  return new Intl.NumberFormat(locale, {
    style: 'unit',
    unit: units[step] ?? 'byte',
    maximumFractionDigits: step > 1 ? 1 : 0,
  }).format(size / 1000 ** step);
}
