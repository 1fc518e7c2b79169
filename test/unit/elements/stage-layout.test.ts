import {expect} from '@open-wc/testing';
import {layOut, suitGrid, type Corner, type Place} from '../../../src/elements/stage-layout.js';

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

const boxOf = (width: number, height: number) => ({x: 0, y: 0, width, height});
const area = ({width, height}: Place) => width * height;

/** Nothing leaves the box, nothing covers anything else. */
function expectOrder(places: readonly Place[], {width, height}: Place) {
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
}

describe('layOut', () => {
  for (const [width, height] of boxes) {
    it(`puts up to a hundred people and up to two large tiles into ${width} x ${height}`, () => {
      for (const others of [0, 1, 2, 3, 5, 8, 16, 49, 100]) {
        for (const featured of others ? [0, 1, 2] : [1, 2]) {
          const box = boxOf(width, height);
          const {pages} = layOut({featured, others}, box, 8);
          const seen = new Set<number>();
          for (let page = 0; page < pages; page++) {
            const {places} = layOut({featured, others, page}, box, 8);
            expect(places).to.have.lengthOf(featured + others);
            expectOrder(
              places.filter((place) => place !== undefined),
              box,
            );
            places.forEach((place, index) => place && seen.add(index));
          }
          expect(seen.size, `${featured} + ${others} on ${pages} pages`).to.equal(
            featured + others,
          );
        }
      }
    });
  }

  it('keeps faces large enough to be known, on as many pages as that takes', () => {
    for (const [width, height] of boxes) {
      const {places} = layOut({featured: 0, others: 40}, boxOf(width, height), 8);
      for (const place of places.filter((one) => one !== undefined)) {
        expect(place.width).to.be.at.least(128);
        expect(place.height).to.be.at.least(84);
      }
    }
  });

  it('has a page without anybody', () => {
    expect(layOut({featured: 0, others: 0, page: 1}, boxOf(390, 700), 8)).to.include({
      pages: 1,
      page: 0,
    });
  });

  it('has no page after the last', () => {
    const {page, pages, places} = layOut({featured: 0, others: 40, page: 99}, boxOf(390, 700), 8);
    expect(page).to.equal(pages - 1);
    expect(places.at(-1)).to.not.equal(undefined);
  });

  it('gives two people a large picture and a small one in any corner', () => {
    const box = boxOf(800, 600);
    const middles = ([0, 1, 2, 3] as Corner[]).map((corner) => {
      const [large, small] = layOut({featured: 1, others: 1, corner}, box, 8).places;
      expect(large).to.include({width: 800, height: 600});
      expect(small!.width).to.be.below(300);
      expectOrder([small!], box);
      return [small!.x > 400, small!.y > 300];
    });
    expect(middles).to.deep.equal([
      [true, true],
      [false, true],
      [false, false],
      [true, false],
    ]);
  });

  it('gives what is large more room than all the others', () => {
    const {places} = layOut({featured: 1, others: 4}, boxOf(1280, 800), 8);
    const [large, ...others] = places as Place[];
    expect(area(large!)).to.be.above(others.reduce((sum, place) => sum + area(place), 0));
  });
});

describe('suitGrid', () => {
  it('is for a few, where there is room', () => {
    expect(suitGrid(4, boxOf(1280, 700), 8)).to.equal(true);
    expect(suitGrid(6, boxOf(390, 640), 8)).to.equal(true);
    expect(suitGrid(6, boxOf(240, 300), 8)).to.equal(false);
    expect(suitGrid(9, boxOf(1280, 700), 8)).to.equal(false);
  });
});
