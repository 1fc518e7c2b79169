import {expect} from '@open-wc/testing';
import {fillRoom, withRoom} from '../../../src/rtc/webm-head.js';
import {bytesOf, hex} from '../webm.js';

const clean = (digits: string) => hex(bytesOf(digits));

const head = '1a45dfa3 83 428681';
const segment = '18538067 01ffffffffffffff';
const scale = '2ad7b1 83 0f4240';
const tracks = '1654ae6b 82 abcd';
const begun = bytesOf(`${head} ${segment} 1549a966 87 ${scale} ${tracks}`);
/** 2,000 as a number of eight bytes. */
const twoSeconds = '409f400000000000';
const empty = `ec 98 ${'00'.repeat(24)}`;

describe('withRoom', () => {
  it('makes room for the duration and for where the index is', () => {
    const info = `1549a966 92 ${scale} 4489 88 ${'00'.repeat(8)}`;
    expect(hex(withRoom(begun))).to.equal(clean(`${head} ${segment} ${empty} ${info} ${tracks}`));
  });

  it('leaves a duration that is there', () => {
    const info = `1549a966 92 4489 88 ${twoSeconds} ${scale}`;
    expect(hex(withRoom(bytesOf(`${head} ${segment} ${info} ${tracks}`)))).to.equal(
      clean(`${head} ${segment} ${empty} ${info} ${tracks}`),
    );
  });

  it('leaves alone what it does not understand, and what is cut off', () => {
    const strange = [
      '',
      '00',
      'ff',
      '00000018667479706d703432',
      head,
      `${head} ${segment} 1549a966 ff`,
      `${head} ${segment} 1549a966 87 2ad7`,
      `${head} ${segment} ${tracks}`,
    ];
    for (const one of strange) {
      expect(hex(withRoom(bytesOf(one))), one).to.equal(clean(one));
      const filled = fillRoom(bytesOf(one), {durationMs: 2_000, cuesAt: 1_000});
      expect(hex(filled), one).to.equal(clean(one));
    }
  });
});

describe('fillRoom', () => {
  const room = withRoom(begun);
  const info = `1549a966 92 ${scale} 4489 88 ${twoSeconds}`;

  it('says how long it is, and where the index is from the content on', () => {
    const seek = '114d9b74 95 4dbb 92 53ab 84 1c53bb6b 53ac 88 00000000000003e8';
    const cuesAt = clean(`${head} ${segment}`).length / 2 + 1_000;
    expect(hex(fillRoom(room, {durationMs: 2_000, cuesAt}))).to.equal(
      clean(`${head} ${segment} ${seek} ${info} ${tracks}`),
    );
    expect(hex(room), 'the one before').to.equal(hex(withRoom(begun)));
  });

  it('leaves the place empty without an index', () => {
    expect(hex(fillRoom(room, {durationMs: 2_000}))).to.equal(
      clean(`${head} ${segment} ${empty} ${info} ${tracks}`),
    );
  });
});
