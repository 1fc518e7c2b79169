import {expect} from '@open-wc/testing';
import type {Network, Size} from '../../../src/networks/network.js';
import {Views} from '../../../src/session/views.js';

describe('Views', () => {
  let told: (readonly [string, string, Size | undefined])[];
  let network: Network;
  const views = new Views();
  const [one, other] = [{}, {}];
  const small = {width: 320, height: 180};
  const large = {width: 1280, height: 720};
  const camera = (id: string, size: Size) => ({id, source: 'camera', size}) as const;

  beforeEach(() => {
    network = {
      setSize: (id: string, source: string, size?: Size) => told.push([id, source, size]),
    } as unknown as Network;
    views.connect(undefined);
    views.set(one, undefined);
    views.set(other, undefined);
    views.connect(network);
    told = [];
  });

  it('tells a network the largest of all places, and when there is none any more', () => {
    views.set(one, camera('mina', small));
    views.set(other, camera('mina', large));
    views.set(other, undefined);
    views.set(one, undefined);
    expect(told).to.deep.equal([
      ['mina', 'camera', small],
      ['mina', 'camera', large],
      ['mina', 'camera', small],
      ['mina', 'camera', undefined],
    ]);
  });

  it('tells nothing twice', () => {
    views.set(one, camera('mina', small));
    views.set(one, camera('mina', {...small}));
    expect(told).to.have.length(1);
  });

  it('tells of both when a place shows another one', () => {
    views.set(one, camera('mina', small));
    views.set(one, camera('jun', small));
    expect(told.slice(1)).to.deep.equal([
      ['mina', 'camera', undefined],
      ['jun', 'camera', small],
    ]);
  });

  it('tells a network that comes later what is shown already', () => {
    views.connect(undefined);
    views.set(one, camera('mina', large));
    expect(told).to.be.empty;
    views.connect(network);
    expect(told).to.deep.equal([['mina', 'camera', large]]);
  });
});
