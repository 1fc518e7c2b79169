import {expect} from '@open-wc/testing';
import {findLinks} from '../../../src/elements/linked-text.js';

/** Addresses in brackets. */
const marked = (text: string) =>
  findLinks(text)
    .map(({text: piece, href}) => (href ? `[${piece}]` : piece))
    .join('');

describe('findLinks', () => {
  it('finds the addresses of pages and mailboxes, and nothing else', () => {
    for (const text of [
      'see [https://example.com/a?b=c#d] and [http://localhost:8080]',
      '[mailto:mina@example.com]',
      'javascript:alert(1) data:text/html,x ftp://example.com file:///etc vbscript:x',
      'https:// http://? mailto:nobody',
      'no://https',
      '<a href="[https://example.com/]">x</a>',
    ]) {
      expect(marked(text.replace(/[[\]]/g, ''))).to.equal(text);
    }
  });

  it('leaves out what ends a sentence, and brackets around', () => {
    for (const text of [
      'Look at [https://example.com/a].',
      '([https://example.com/a])!',
      '[https://en.wikipedia.org/wiki/Rust_(language)], is it?',
      '„[https://example.com]“'.replace('“', '”'),
      '([https://example.com/a(b)(c)]}).)!?',
      `[https://example.com/${'('.repeat(3)}${')'.repeat(3)}]${')'.repeat(900)}`,
    ]) {
      expect(marked(text.replace(/[[\]]/g, ''))).to.equal(text);
    }
  });

  it('takes none that would pass for another', () => {
    expect(marked('https://bank.example@evil.example/')).to.not.contain('[');
    const [link, rest] = findLinks('https://good.example/\u202emoc.live//:sptth');
    expect(link).to.deep.equal({text: 'https://good.example/', href: 'https://good.example/'});
    expect(rest?.href).to.equal(undefined);
    // What is shown is what was written; where it leads is told as well.
    const [lookalike] = findLinks('https://аррӏе.example/');
    expect(lookalike?.href).to.contain('xn--');
  });
});
