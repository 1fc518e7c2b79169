import {expect} from '@open-wc/testing';
import {en} from '../../../src/locales/en.js';
import {ko} from '../../../src/locales/ko.js';
import {format, textsFor, withOverrides, wrongOverride} from '../../../src/locales/texts.js';

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
