import {html, type TemplateResult} from 'lit';

/** A piece of a text: with `href`, one that leads somewhere. */
export interface TextPiece {
  readonly text: string;
  readonly href?: string;
}

/** Ends at space, quotes and what changes the direction of writing: that could show another address. */
const address = /\b(?:https?:\/\/|mailto:)[^\s<>"`\p{C}]+/giu;
const brackets = [
  ['(', ')'],
  ['[', ']'],
  ['{', '}'],
] as const;

/** The addresses of pages and mailboxes in a text from a stranger. */
export function findLinks(text: string): readonly TextPiece[] {
  const pieces: TextPiece[] = [];
  let end = 0;
  for (const {0: found, index} of text.matchAll(address)) {
    const word = withoutTail(found);
    const href = safeHref(word);
    if (href) {
      pieces.push({text: text.slice(end, index)}, {text: word, href});
      end = index + word.length;
    }
  }
  return [...pieces, {text: text.slice(end)}].filter((piece) => piece.text);
}

/** The same, to be shown. */
export function linkedText(text: string): readonly (string | TemplateResult)[] {
  return findLinks(text).map((piece) =>
    piece.href
      ? html`<a
          part="link"
          href=${piece.href}
          title=${piece.href}
          target="_blank"
          rel="noopener noreferrer nofollow"
          >${piece.text}</a
        >`
      : piece.text,
  );
}

/** What ends a sentence does not belong to an address, nor does a bracket that was opened before it. */
function withoutTail(word: string): string {
  // Counted once: a line of nothing but brackets must not take long.
  const odd = new Map<string, number>(
    brackets.map(([open, close]) => [close, word.split(close).length - word.split(open).length]),
  );
  let end = word.length;
  for (; end > 0; end--) {
    const last = word.charAt(end - 1);
    const left = odd.get(last) ?? 0;
    if (left <= 0 && !/[.,;:!?'’”»…*_~]/.test(last)) {
      break;
    }
    odd.set(last, left - 1);
  }
  return word.slice(0, end);
}

/** Nothing for what would pass for another address: `https://bank.example@elsewhere.example`. */
function safeHref(word: string): string | undefined {
  try {
    const {protocol, host, username, password, pathname, href} = new URL(word);
    const isMail = protocol === 'mailto:' && pathname.includes('@');
    const isPage = /^https?:$/.test(protocol) && host && !username && !password;
    return isMail || isPage ? href : undefined;
  } catch {
    return undefined;
  }
}
