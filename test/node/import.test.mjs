// Pages are rendered on servers, too: importing what we publish must work without any DOM.
import assert from 'node:assert/strict';
import {execFileSync} from 'node:child_process';
import {readdirSync, readFileSync} from 'node:fs';
import {basename} from 'node:path';
import {test} from 'node:test';

const dist = new URL('../../dist/', import.meta.url);
const {exports} = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url)));

/** In a process of its own: Lit leaves a customElements behind that would help the next. */
const load = (url) =>
  execFileSync(
    process.execPath,
    ['--input-type=module', '--eval', `await import(${JSON.stringify(url.href)})`],
    {stdio: ['ignore', 'ignore', 'pipe']},
  );

for (const target of Object.values(exports)) {
  const file = basename(target.default ?? target);
  if (file.endsWith('.js')) {
    test(`${file} can be imported where there is no DOM`, () => load(new URL(file, dist)));
  }
}

test('so can the parts that are loaded later', () => {
  const chunks = readdirSync(new URL('chunks/', dist)).filter((file) => file.endsWith('.js'));
  assert.ok(chunks.some((file) => file.startsWith('peerjs')));
  chunks.forEach((file) => load(new URL(`chunks/${file}`, dist)));
});

test('the classic script may be included twice: the first one wins', () => {
  const include = () => (0, eval)(readFileSync(new URL('rtc-elements.js', dist), 'utf8'));
  include();
  const first = globalThis.RtcElements;
  include();
  assert.ok(first.RtcCall);
  assert.equal(globalThis.RtcElements, first);
});

test('the classic script reads the same in a page of any encoding', () => {
  const script = readFileSync(new URL('rtc-elements.js', dist));
  const odd = script.findIndex((byte) => byte > 127);
  assert.equal(odd < 0 ? '' : script.toString('utf8', odd - 60, odd + 60), '');
  assert.ok(script.includes('\\uce74\\uba54\\ub77c'), 'Korean is in it');
});
