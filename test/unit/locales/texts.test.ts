import {expect} from '@open-wc/testing';
import {en} from '../../../src/locales/en.js';
import {ko} from '../../../src/locales/ko.js';
import {format, textsFor} from '../../../src/locales/texts.js';

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

describe('The catalogues', () => {
  it('have the same texts in every language, and none is empty', () => {
    expect(flatten(ko).map(([path]) => path)).to.deep.equal(flatten(en).map(([path]) => path));
    for (const [path, text] of [...flatten(en), ...flatten(ko)]) {
      expect(text.trim(), path).to.not.be.empty;
    }
  });

  it('have the same placeholders in every language', () => {
    const korean = new Map(flatten(ko));
    for (const [path, text] of flatten(en)) {
      expect(placeholders(korean.get(path)!), path).to.deep.equal(placeholders(text));
    }
  });

  it('are Korean where they say so', () => {
    for (const [path, text] of flatten(ko)) {
      expect(text, path).to.match(/[가-힣]/);
    }
  });
});

describe('textsFor', () => {
  it('knows a language by its tag', () => {
    for (const tag of ['ko', 'ko-KR', 'KO', 'ko-Kore-KR']) {
      expect(textsFor(tag), tag).to.equal(ko);
    }
  });

  it('gives English for all else', () => {
    for (const tag of [undefined, '', 'en', 'en-GB', 'kok', 'de', 'xx-ko', '__proto__']) {
      expect(textsFor(tag), String(tag)).to.equal(en);
    }
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
