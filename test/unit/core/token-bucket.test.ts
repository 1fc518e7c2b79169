import {expect} from '@open-wc/testing';
import {TokenBucket} from '../../../src/core/token-bucket.js';
import {replace, restoreAll} from '../support.js';

describe('TokenBucket', () => {
  let now: number;

  beforeEach(() => {
    now = 5_000;
    replace(performance, 'now', () => now);
  });
  afterEach(restoreAll);

  const taken = (bucket: TokenBucket, tries = 1_000) =>
    Array.from({length: tries}, () => bucket.take()).filter(Boolean).length;

  it('lets a burst through and no more', () => {
    const bucket = new TokenBucket(20, 5);
    expect(taken(bucket)).to.equal(20);
  });

  it('fills up at its rate', () => {
    const bucket = new TokenBucket(20, 5);
    taken(bucket);
    now += 1_000;
    expect(taken(bucket)).to.equal(5);
    now += 100;
    expect(taken(bucket)).to.equal(0);
    now += 100;
    expect(taken(bucket)).to.equal(1);
  });

  it('never holds more than the burst', () => {
    const bucket = new TokenBucket(20, 5);
    now += 1_000_000;
    expect(taken(bucket)).to.equal(20);
  });

  it('leaves the rest that is asked for', () => {
    const bucket = new TokenBucket(20, 5);
    expect(bucket.take(10, 11)).to.be.false;
    expect(bucket.take(10, 10)).to.be.true;
    expect(taken(bucket)).to.equal(10);
  });

  it('takes several at once or none', () => {
    const bucket = new TokenBucket(20, 5);
    expect(bucket.take(15)).to.be.true;
    expect(bucket.take(15)).to.be.false;
    expect(bucket.take(5)).to.be.true;
    expect(bucket.take()).to.be.false;
  });
});
