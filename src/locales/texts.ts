import {en} from './en.js';
import {ko} from './ko.js';

/** Every text a person can see or hear, in one language. `{name}` and the like are filled in by `format()`. */
export type Texts = typeof en;

/** Texts of a page's own in place of ours, by their path: `{'call.join': 'Enter'}`. */
export type TextOverrides = Readonly<Record<string, string>>;

/** The catalogues there are; those that most pages do not need come when they are asked for. */
const loaders: Readonly<Record<string, () => Promise<Texts>>> = {};
const loaded: Record<string, Texts> = {en, ko};

/**
 * The texts for a language tag such as `ko-KR`, if they are there by now; English where there are none.
 * Without a tag, those of the page.
 */
export function textsFor(lang = documentLang()): Texts {
  const language = languageOf(lang);
  return (Object.hasOwn(loaded, language) && loaded[language]) || en;
}

/** Fetches the texts for a language tag. Resolves to whether they have come, which they have not yet been. */
export async function loadTexts(lang: string | undefined): Promise<boolean> {
  const language = languageOf(lang);
  if (Object.hasOwn(loaded, language) || !Object.hasOwn(loaders, language)) {
    return false;
  }
  try {
    loaded[language] = await loaders[language]!();
    return true;
  } catch {
    // The file is not there: English will do.
    return false;
  }
}

const overridden = new WeakMap<TextOverrides, WeakMap<Texts, Texts>>();

/** The same texts, but for those of the page's own. Paths that do not exist are left out. */
export function withOverrides(texts: Texts, overrides: TextOverrides | undefined): Texts {
  if (!overrides) {
    return texts;
  }
  const known = overridden.get(overrides) ?? new WeakMap<Texts, Texts>();
  overridden.set(overrides, known);
  const result = known.get(texts) ?? override(texts, overrides, '');
  known.set(texts, result);
  return result;
}

function override<T extends object>(texts: T, overrides: TextOverrides, path: string): T {
  const pairs = Object.entries(texts).map(([name, value]: [string, unknown]) => [
    name,
    typeof value === 'string'
      ? (overrides[`${path}${name}`] ?? value)
      : override(value as object, overrides, `${path}${name}.`),
  ]);
  return (Array.isArray(texts) ? pairs.map(([, value]) => value) : Object.fromEntries(pairs)) as T;
}

/** A path in `overrides` that leads to no text, or to something else than one. */
export function wrongOverride(overrides: TextOverrides): string | undefined {
  return Object.keys(overrides).find((path) => {
    const text = path
      .split('.')
      .reduce<unknown>(
        (value, name) =>
          typeof value === 'object' && value !== null && Object.hasOwn(value, name)
            ? (value as Record<string, unknown>)[name]
            : undefined,
        en,
      );
    return typeof text !== 'string' || typeof overrides[path] !== 'string';
  });
}

/** Fills in `{placeholders}`. One without a value is left out. */
export function format(text: string, values: Readonly<Record<string, string | undefined>>): string {
  return text.replace(/\{(\w+)\}/g, (_, key: string) => values[key] ?? '').trim();
}

/** The language of the page. */
function documentLang(): string | undefined {
  return typeof document === 'undefined' ? undefined : document.documentElement.lang;
}

function languageOf(lang = ''): string {
  return (lang.split('-')[0] ?? '').toLowerCase();
}
