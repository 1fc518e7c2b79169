import {expect} from '@open-wc/testing';
import {randomHex, toHex} from '../../../src/core/hex.js';

describe('toHex', () => {
  it('writes every byte with two digits', () => {
    expect(toHex(new Uint8Array([0, 1, 15, 16, 171, 255]))).to.equal('00010f10abff');
    expect(toHex(new Uint8Array())).to.equal('');
  });
});

describe('randomHex', () => {
  it('gives as many bytes as asked for, 16 unless told', () => {
    expect(randomHex()).to.match(/^[0-9a-f]{32}$/);
    expect(randomHex(8)).to.match(/^[0-9a-f]{16}$/);
  });

  it('never gives the same twice', () => {
    expect(new Set(Array.from({length: 1_000}, () => randomHex())).size).to.equal(1_000);
  });
});
