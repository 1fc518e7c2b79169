import {expect} from '@open-wc/testing';
import {ar} from '../../../src/locales/ar.js';
import {de} from '../../../src/locales/de.js';
import {en} from '../../../src/locales/en.js';
import {es} from '../../../src/locales/es.js';
import {fr} from '../../../src/locales/fr.js';
import {hi} from '../../../src/locales/hi.js';
import {ja} from '../../../src/locales/ja.js';
import {ko} from '../../../src/locales/ko.js';
import {pt} from '../../../src/locales/pt.js';
import {zh} from '../../../src/locales/zh.js';
import {
  format,
  loadTexts,
  localeFor,
  textsFor,
  withOverrides,
  wrongOverride,
  type Texts,
} from '../../../src/locales/texts.js';

/** Every text with its path. */
function flatten(texts: object): [path: string, text: string][] {
  return Object.entries(texts).flatMap(([name, value]: [string, unknown]) =>
    typeof value === 'string'
      ? [[name, value] as [string, string]]
      : flatten(value as object).map(
          ([path, text]) => [`${name}.${path}`, text] as [string, string],
        ),
  );
}
const placeholders = (text: string) => (text.match(/\{\w+\}/g) ?? []).sort();

/** Every translation, and the script it is written in: an only script of its own where it has one. */
const translations: readonly [language: string, texts: Texts, script: RegExp][] = [
  ['ar', ar, /\p{Script=Arabic}/u],
  ['de', de, /\p{Script=Latin}/u],
  ['es', es, /\p{Script=Latin}/u],
  ['fr', fr, /\p{Script=Latin}/u],
  ['hi', hi, /\p{Script=Devanagari}/u],
  ['ja', ja, /[\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Han}]/u],
  ['ko', ko, /\p{Script=Hangul}/u],
  ['pt', pt, /\p{Script=Latin}/u],
  ['zh', zh, /\p{Script=Han}/u],
];

/** What some of the languages in Latin letters call the same as English. */
const international = /^(\{rate\} (kbit\/s|fps)|Browser|Chat|Layout|Live|OK|Volume)$/;

describe('The catalogues', () => {
  for (const [language, texts, script] of translations) {
    it(`have the same texts with the same placeholders in English and ${language}`, () => {
      expect(flatten(texts).map(([path]) => path)).to.deep.equal(flatten(en).map(([path]) => path));
      const english = new Map(flatten(en));
      for (const [path, text] of flatten(texts)) {
        expect(text, path).to.equal(text.trim());
        expect(text, path).to.not.be.empty;
        expect(placeholders(text), path).to.deep.equal(placeholders(english.get(path)!));
      }
    });

    it(`are in ${language} where they say so`, () => {
      const english = new Map(flatten(en));
      for (const [path, text] of flatten(texts)) {
        // Units are what they are.
        if (!/^\{\w+\} \S+$|^OK$/.test(english.get(path)!)) {
          expect(text, path).to.match(script);
        }
        if (!international.test(text)) {
          expect(text, path).to.not.equal(english.get(path));
        }
      }
    });

    it(`come as ${language} when they are asked for`, async () => {
      await loadTexts(`${language}-XX`);
      expect(textsFor(language)).to.deep.equal(texts);
      expect(localeFor(`${language}-CH`)).to.match(new RegExp(`^${language}-CH`));
      expect(localeFor(`${language}_CH`), 'which is no tag').to.match(
        new RegExp(`^${language}\\b`),
      );
      expect(await loadTexts(language), 'again').to.equal(false);
    });
  }
});

describe('textsFor', () => {
  it('knows a language by its tag', () => {
    for (const tag of ['ko', 'ko-KR', 'KO', 'ko-Kore-KR', 'ko_KR']) {
      expect(textsFor(tag), tag).to.equal(ko);
    }
  });

  it('gives English for all else', async () => {
    for (const tag of [undefined, '', 'en', 'en-GB', 'kok', 'xx-ko', '__proto__']) {
      expect(await loadTexts(tag), String(tag)).to.equal(false);
      expect(textsFor(tag), String(tag)).to.equal(en);
      expect(localeFor(tag), String(tag)).to.match(/^en\b/);
    }
  });
});

describe('withOverrides', () => {
  it('puts in texts of the page one by one, and leaves the catalogue as it is', () => {
    const texts = withOverrides(ko, {
      'call.join': 'Enter',
      'diagnosis.checks.turn': 'Relay',
      'help.steps.firefox.1': 'Then this.',
    });
    const steps = [...ko.help.steps.firefox];
    steps[1] = 'Then this.';
    expect(texts.help.steps.firefox).to.deep.equal(steps);
    expect(texts.call.join).to.equal('Enter');
    expect(texts.diagnosis.checks.turn).to.equal('Relay');
    expect(texts.call.cancel).to.equal(ko.call.cancel);
    expect(ko.call.join).to.not.equal('Enter');
    expect(withOverrides(ko, undefined)).to.equal(ko);
  });

  it('makes them once for the same texts', () => {
    const overrides = {'call.join': 'Enter'};
    expect(withOverrides(en, overrides)).to.equal(withOverrides(en, overrides));
    expect(withOverrides(ko, overrides)).to.not.equal(withOverrides(en, overrides));
  });
});

describe('wrongOverride', () => {
  it('names what leads nowhere, or is no text', () => {
    expect(wrongOverride({'call.join': 'Enter'})).to.equal(undefined);
    for (const path of ['call.jion', 'call', '', 'call.join.x', '__proto__.x', 'call.toString']) {
      expect(wrongOverride({'call.join': 'Enter', [path]: 'x'}), path).to.equal(path);
    }
    expect(wrongOverride({'call.join': 1 as unknown as string})).to.equal('call.join');
  });
});

describe('format', () => {
  it('fills in what it has and leaves out the rest', () => {
    expect(format('{name} joined {where}.', {name: 'Mina', where: 'us'})).to.equal(
      'Mina joined us.',
    );
    expect(format('Check: {detail}', {detail: undefined})).to.equal('Check:');
    expect(format('{a}{b}', {a: '{b}', b: '$1'})).to.equal('{b}$1');
  });
});
