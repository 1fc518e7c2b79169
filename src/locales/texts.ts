import {en} from './en.js';
import {ko} from './ko.js';

/** Every text a person can see or hear, in one language. `{name}` and the like are filled in by `format()`. */
export type Texts = typeof en;

/** Texts of a page's own in place of ours, by their path: `{'call.join': 'Enter'}`. */
export type TextOverrides = Readonly<Record<string, string>>;

/** The catalogues that most pages do not need: they come, each in a file of its own, when they are asked for. */
const loaders: Readonly<Record<string, () => Promise<Texts>>> = {
  ar: () => import('./ar.js').then(({ar}) => ar),
  de: () => import('./de.js').then(({de}) => de),
  es: () => import('./es.js').then(({es}) => es),
  fr: () => import('./fr.js').then(({fr}) => fr),
  hi: () => import('./hi.js').then(({hi}) => hi),
  ja: () => import('./ja.js').then(({ja}) => ja),
  pt: () => import('./pt.js').then(({pt}) => pt),
  zh: () => import('./zh.js').then(({zh}) => zh),
};
const loaded: Record<string, Texts> = {en, ko};
const loading: Record<string, Promise<boolean>> = {};

/**
 * The texts for a language tag such as `ko-KR`, if they are there by now; English where there are none.
 * Without a tag, those of the page.
 */
export function textsFor(lang = documentLang()): Texts {
  const language = languageOf(lang);
  return (Object.hasOwn(loaded, language) && loaded[language]) || en;
}

/**
 * The language tag for dates, numbers and lists among the texts for `lang`; with the digits that
 * counts in the texts have.
 */
export function localeFor(lang = documentLang()): string {
  const language = languageOf(lang);
  if (!Object.hasOwn(loaded, language)) {
    return 'en';
  }
  try {
    return new Intl.Locale(lang ?? language, {numberingSystem: 'latn'}).toString();
  } catch {
    // Such as `de_DE`.
    return `${language}-u-nu-latn`;
  }
}

/** Whether the texts for a language tag run from right to left. */
export function isRightToLeft(lang = documentLang()): boolean {
  return textsFor(lang) === loaded.ar;
}

/** Fetches the texts for a language tag. Resolves to whether they have come, which they have not yet been. */
export async function loadTexts(lang: string | undefined): Promise<boolean> {
  const language = languageOf(lang);
  if (Object.hasOwn(loaded, language) || !Object.hasOwn(loaders, language)) {
    return false;
  }
  return (loading[language] ??= load(language));
}

async function load(language: string): Promise<boolean> {
  try {
    const texts = await loaders[language]!();
    // The file may be of another release: English has what it lacks.
    loaded[language] = mapTexts(en, (text, path) => {
      const translated = textAt(texts, path);
      return typeof translated === 'string' ? translated : text;
    });
    return true;
  } catch {
    // The file is not there, and is not asked for again by every element: English will do.
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
  const result = known.get(texts) ?? mapTexts(texts, (text, path) => overrides[path] ?? text);
  known.set(texts, result);
  return result;
}

/** Such texts as `map` makes of each; lists stay lists. */
function mapTexts<T extends object>(
  texts: T,
  map: (text: string, path: string) => string,
  path = '',
): T {
  const entries = Object.entries(texts).map(([name, value]: [string, unknown]) => [
    name,
    typeof value === 'string'
      ? map(value, path + name)
      : mapTexts(value as object, map, `${path}${name}.`),
  ]);
  return (
    Array.isArray(texts) ? entries.map(([, value]) => value) : Object.fromEntries(entries)
  ) as T;
}

function textAt(texts: object, path: string): unknown {
  return path
    .split('.')
    .reduce<unknown>(
      (value, name) =>
        typeof value === 'object' && value !== null && Object.hasOwn(value, name)
          ? (value as Record<string, unknown>)[name]
          : undefined,
      texts,
    );
}

/** A path in `overrides` that leads to no text, or to something else than one. */
export function wrongOverride(overrides: TextOverrides): string | undefined {
  return Object.keys(overrides).find(
    (path) => typeof textAt(en, path) !== 'string' || typeof overrides[path] !== 'string',
  );
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
  return (lang.split(/[-_]/)[0] ?? '').toLowerCase();
}
