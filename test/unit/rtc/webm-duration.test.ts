import {expect} from '@open-wc/testing';
import {withDuration} from '../../../src/rtc/webm-duration.js';

const bytes = (hex: string) =>
  new Uint8Array((hex.match(/[0-9a-f]{2}/g) ?? []).map((digits) => parseInt(digits, 16)));
const hex = (all: Uint8Array) =>
  Array.from(all, (byte) => byte.toString(16).padStart(2, '0')).join('');

const head = '1a45dfa3 83 428681';
const segment = '18538067 01ffffffffffffff';
const scale = '2ad7b1 83 0f4240';
const tracks = '1654ae6b 82 abcd';
/** 2,000 as a number of eight bytes. */
const twoSeconds = '409f400000000000';

describe('withDuration', () => {
  it('makes room where there is none', () => {
    const without = bytes(`${head} ${segment} 1549a966 87 ${scale} ${tracks}`);
    const room = `4489 88 ${twoSeconds}`;
    expect(hex(withDuration(without, 2_000))).to.equal(
      hex(bytes(`${head} ${segment} 1549a966 0100000000000012 ${scale} ${room} ${tracks}`)),
    );
  });

  it('uses the room there is, so that the rest keeps its place', () => {
    const without = bytes(`${head} ${segment} 1549a966 87 ${scale} ${tracks}`);
    const once = withDuration(without, 0);
    const twice = withDuration(once, 2_000);
    expect(twice).to.have.length(once.length);
    expect(hex(twice)).to.equal(hex(withDuration(without, 2_000)));
    expect(hex(once), 'the one before').to.equal(hex(withDuration(without, 0)));
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
      expect(hex(withDuration(bytes(one), 2_000)), one).to.equal(hex(bytes(one)));
    }
  });
});
