import {en} from './en.js';
import {ko} from './ko.js';

/** Every text a person can see or hear, in one language. `{name}` and the like are filled in by `format()`. */
export type Texts = typeof en;

/** The texts for a language tag such as `ko-KR`; English where there are none. */
export function textsFor(lang?: string): Texts {
  return /^ko\b/i.test(lang ?? '') ? ko : en;
}

/** Fills in `{placeholders}`. One without a value is left out. */
export function format(text: string, values: Readonly<Record<string, string | undefined>>): string {
  return text.replace(/\{(\w+)\}/g, (_, key: string) => values[key] ?? '').trim();
}
