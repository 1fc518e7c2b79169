import {expect} from '@open-wc/testing';
import {ActiveSpeaker, isSpeech, VainTalk} from '../../../src/session/voices.js';

/** Who has the word after each second. */
function heard(...seconds: Record<string, number>[]): string {
  const speaker = new ActiveSpeaker();
  return seconds
    .map((levels) => {
      speaker.hear(new Map(Object.entries(levels)));
      return speaker.id ?? '-';
    })
    .join('');
}

const nobody = {a: 0.001, b: 0.001};
const onlyA = {a: 0.1, b: 0.001};
const onlyB = {a: 0.001, b: 0.1};

describe('ActiveSpeaker', () => {
  it('is who speaks, and still for a moment of silence', () => {
    expect(heard(nobody, onlyA, onlyA, nobody, nobody, onlyA, nobody, nobody, nobody)).to.equal(
      '--aaaaaa-',
    );
  });

  it('is nobody who coughs', () => {
    expect(heard(onlyA, nobody, nobody)).to.equal('---');
    expect(heard(onlyA, onlyA, {a: 0.1, b: 0.9}, onlyA, {a: 0.1, b: 0.9}, onlyA)).to.equal(
      '-aaaaa',
    );
    expect(heard(onlyA, onlyA, nobody, onlyB, nobody, nobody)).to.equal('-aaa--');
  });

  it('is the next who speaks, without a gap', () => {
    expect(heard(onlyA, onlyA, onlyB, onlyB)).to.equal('-aab');
  });

  it('stays the first when others fall in, unless they are clearly louder', () => {
    const both = {a: 0.1, b: 0.15};
    expect(heard(onlyA, onlyA, both, both, both, both)).to.equal('-aaaaa');
    const over = {a: 0.1, b: 0.3};
    expect(heard(onlyA, onlyA, over, over)).to.equal('-aab');
  });

  it('is nobody who has left, and never somebody too quiet', () => {
    expect(heard(onlyA, onlyA, {b: 0.001}, {})).to.equal('-a--');
    expect(heard({a: 0.01}, {a: 0.01}, {a: 0.01})).to.equal('---');
  });
});

describe('isSpeech', () => {
  it('does not flicker between loud and quiet', () => {
    expect(isSpeech(0.01, false)).to.equal(false);
    expect(isSpeech(0.02, false)).to.equal(true);
    expect(isSpeech(0.01, true)).to.equal(true);
    expect(isSpeech(0.005, true)).to.equal(false);
  });
});

describe('VainTalk', () => {
  it('takes more than a cough, and ends with silence', () => {
    const talk = new VainTalk();
    const said = [0.1, 0, 0.1, 0.1, 0, 0, 0.1, 0, 0, 0, 0.1].map((level) => {
      talk.hear(level);
      return talk.isGoingOn ? '!' : '.';
    });
    expect(said.join('')).to.equal('...!!!!!!..');
  });
});
