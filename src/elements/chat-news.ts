import {format, type Texts} from '../locales/texts.js';
import type {CallSession} from '../session/call-session.js';
import type {ChatMessage} from '../session/chat.js';
import type {FileState, FileTransfer} from '../session/files.js';

type Said = Pick<ChatMessage | FileTransfer, 'from'>;

/** What came in the chat since it was last looked at, in words for a screen reader. What was there before is no news. */
export class ChatNews {
  #session: CallSession | undefined;
  #lastId: string | undefined;
  #fileStates: ReadonlyMap<string, FileState> = new Map();

  /** By its kind: of one kind only the newest need be said. */
  look(session: CallSession | undefined, texts: Texts): ReadonlyMap<string, string> {
    const news = new Map<string, string>();
    const last = session?.chat.messages.at(-1);
    if (last && last.id !== this.#lastId && !last.isOwn && !last.isPast) {
      // Nobody listens to a whole page: the rest is to be read.
      const text = last.text.replace(/^(.{200}).+$/su, '$1…');
      news.set('line', `${authorOf(last, texts)}: ${text}`);
    }
    const {offered, arrived, failed} = texts.files;
    const words: Partial<Record<FileState, string>> = {offered, done: arrived, failed};
    const transfers = session?.files.transfers ?? [];
    for (const transfer of transfers) {
      const {id, state, isOwn, name: file} = transfer;
      const text = words[state];
      if (text && !isOwn && this.#fileStates.get(id) !== state) {
        news.set(state, format(text, {file, name: authorOf(transfer, texts)}));
      }
    }
    const isKnown = session === this.#session;
    this.#session = session;
    this.#lastId = last?.id;
    this.#fileStates = new Map(transfers.map(({id, state}) => [id, state]));
    return isKnown ? news : new Map<string, string>();
  }
}

/** Who wrote a line or offers a file. */
export function authorOf({from}: Said, {video}: Texts): string {
  return from.name || video.nameless;
}
