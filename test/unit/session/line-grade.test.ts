import {expect} from '@open-wc/testing';
import {LineGrading, type Graded} from '../../../src/session/line-grade.js';

const good = {lossIn: 0, roundTripMs: 50, jitterMs: 10};

/** The grade after each of these readings. */
function grades(...readings: Graded[]): string {
  const grading = new LineGrading();
  return readings
    .map((reading) => {
      grading.take(reading);
      return [grading.grade, grading.trouble].filter(Boolean).join(' ');
    })
    .join(', ');
}

describe('LineGrading', () => {
  it('finds what is the matter', () => {
    const twice = (reading: Graded) => grades(reading, reading).split(', ').at(-1);
    expect(twice(good)).to.equal('good');
    expect(twice({lossIn: 0.04})).to.equal('fair loss');
    expect(twice({lossIn: 0.2, roundTripMs: 500})).to.equal('poor loss');
    expect(twice({lossIn: 0.04, roundTripMs: 1_200})).to.equal('poor delay');
    expect(twice({lossIn: 0, jitterMs: 100})).to.equal('fair delay');
    expect(twice({lossIn: 0, frozenSeconds: 0.5, seconds: 1})).to.equal('poor freezes');
  });

  it('goes down when it is bad twice, and up when it has been better for a while', () => {
    const bad = {lossIn: 0.2};
    expect(grades(bad, good, bad, good)).to.equal('good, good, good, good');
    expect(grades(bad, {lossIn: 0.04}, bad, bad)).to.equal('good, fair loss, fair loss, poor loss');
    expect(grades(bad, bad, good, good, good, good, bad, good, good, good, good, good)).to.equal(
      `${'good, '}${'poor loss, '.repeat(10)}good`,
    );
    expect(grades(bad, bad, good, good, {lossIn: 0.04}, good, good).split(', ').at(-1)).to.equal(
      'fair loss',
    );
  });

  it('counts a long freeze, told when it is over, as long as it was', () => {
    expect(grades({lossIn: 0, frozenSeconds: 3, seconds: 1})).to.equal('poor freezes');
    expect(grades({lossIn: 0, frozenSeconds: 0.8, seconds: 1})).to.equal('good');
  });
});
