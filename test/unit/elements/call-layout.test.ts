import {expect} from '@open-wc/testing';
import {layOut, type Place} from '../../../src/elements/call-layout.js';

const boxes: readonly (readonly [number, number])[] = [
  [320, 240],
  [320, 568],
  [568, 320],
  [390, 844],
  [1280, 800],
  [3840, 2160],
];

function overlap(one: Place, other: Place): boolean {
  return (
    one.x < other.x + other.width &&
    other.x < one.x + one.width &&
    one.y < other.y + other.height &&
    other.y < one.y + one.height
  );
}

describe('layOut', () => {
  for (const [width, height] of boxes) {
    for (let people = 1; people <= 8; people++) {
      for (const screens of [0, 1, 2]) {
        it(`puts ${people} people and ${screens} screens into ${width} x ${height}`, () => {
          const places = layOut({screens, people, small: false}, {x: 0, y: 0, width, height}, 8);
          expect(places).to.have.lengthOf(people + screens);
          for (const place of places) {
            expect(place.width, 'a width').to.be.above(20);
            expect(place.height, 'a height').to.be.above(15);
            expect(place.x).to.be.at.least(-0.01);
            expect(place.y).to.be.at.least(-0.01);
            expect(place.x + place.width).to.be.at.most(width + 0.01);
            expect(place.y + place.height).to.be.at.most(height + 0.01);
          }
          places.forEach((one, i) => {
            for (const other of places.slice(i + 1)) {
              expect(overlap(one, other), 'an overlap').to.equal(false);
            }
          });
        });
      }
    }
  }

  it('gives two people a large and a small picture', () => {
    const [large, small] = layOut(
      {screens: 0, people: 2, small: true},
      {x: 0, y: 0, width: 800, height: 600},
      8,
    );
    expect(large).to.include({width: 800, height: 600});
    expect(small?.width).to.be.below(300);
  });

  it('gives a screen more room than all the people', () => {
    const [screen, ...people] = layOut(
      {screens: 1, people: 4, small: false},
      {x: 0, y: 0, width: 1280, height: 800},
      8,
    );
    const area = ({width, height}: Place) => width * height;
    const others = people.reduce((sum, place) => sum + area(place), 0);
    expect(screen && area(screen)).to.be.above(others);
  });
});
