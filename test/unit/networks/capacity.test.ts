import {expect} from '@open-wc/testing';
import {Capacity, leastBitrate} from '../../../src/networks/capacity.js';
import type {Sending} from '../../../src/rtc/link-stats.js';

const well: Sending = {
  bitrate: 2_400_000,
  loss: 0,
  frameRate: 30,
  sourceFrameRate: 30,
  limitedBy: undefined,
};
const poor: Sending = {...well, bitrate: 300_000, limitedBy: 'bandwidth'};
const lossy: Sending = {...well, loss: 0.2};
const slow: Sending = {...well, frameRate: 6};

/** What a viewer gets of an uplink that is shared by all, and less than they would like. */
function share(capacity: Capacity, uplink: number, viewers: number): Sending[] {
  const {maxBitrate = 2_500_000} = capacity.limit;
  const each = Math.min(maxBitrate, uplink / viewers);
  const one = {...well, bitrate: each, limitedBy: each < maxBitrate ? 'bandwidth' : undefined};
  return Array.from({length: viewers}, () => one as Sending);
}

function measure(capacity: Capacity, times: number, ...sendings: Sending[]) {
  for (let i = 0; i < times; i++) {
    capacity.measure(sendings);
  }
}

describe('Capacity', () => {
  let capacity: Capacity;

  beforeEach(() => {
    capacity = new Capacity({maxViewers: 10});
  });

  it('limits nobody until it is measured, but for the cap', () => {
    expect(capacity.limit).to.deep.equal({});
    expect(capacity.fullBy(9)).to.equal(undefined);
    expect(capacity.fullBy(10)).to.equal('cap');
    expect(capacity.health(0)).to.deep.equal({
      bitrate: 0,
      frameRate: undefined,
      droppedPercent: undefined,
      limitedBy: undefined,
      fullBy: undefined,
    });
  });

  for (const [what, bad] of [
    ['has few bits', poor],
    ['loses much', lossy],
  ] as const) {
    it(`does nothing to all for one whose line ${what}`, () => {
      for (const others of [0, 1, 9]) {
        const one = new Capacity({maxViewers: 30});
        measure(one, 20, bad, ...Array.from({length: others}, () => well));
        expect(one.limit, `${others} others`).to.deep.equal({});
        expect(one.fullBy(others + 1)).to.equal(undefined);
      }
    });
  }

  it('waits with its judgement of the uplink while what viewers get still grows', () => {
    const rising = (bitrate: number): Sending => ({...poor, bitrate});
    for (let bitrate = 200_000; bitrate < 2_000_000; bitrate *= 1.15) {
      measure(capacity, 1, rising(bitrate), rising(bitrate));
      expect(capacity.limit).to.deep.equal({});
    }
    measure(capacity, 2, rising(400_000), rising(400_000));
    expect(capacity.limit.maxBitrate).to.be.below(400_000);
  });

  it('takes nothing back for a trouble of a moment', () => {
    for (let i = 0; i < 20; i++) {
      measure(capacity, 1, poor, poor, poor);
      measure(capacity, 1, well, well, well);
    }
    expect(capacity.limit).to.deep.equal({});
  });

  it('gives everybody an equal share of an uplink that is too small, and leaves some of it', () => {
    for (let i = 0; i < 6; i++) {
      capacity.measure(share(capacity, 4_000_000, 4));
    }
    expect(capacity.limit.maxBitrate).to.equal(800_000);
    expect(capacity.health(4)).to.include({limitedBy: 'uplink', fullBy: undefined});
    expect(capacity.fullBy(9)).to.equal(undefined);
  });

  it('goes no lower than is worth looking at, and refuses the next one then', () => {
    const viewers = 6;
    for (let i = 0; i < 4; i++) {
      capacity.measure(share(capacity, 1_200_000, viewers));
    }
    expect(capacity.limit.maxBitrate).to.equal(leastBitrate);
    expect(capacity.fullBy(viewers)).to.equal('uplink');
    // Those who remain when some have left have enough again.
    expect(capacity.fullBy(1)).to.equal(undefined);
  });

  it('gives more, step by step, when there is more, until nothing is held back', () => {
    for (let i = 0; i < 3; i++) {
      capacity.measure(share(capacity, 1_200_000, 6));
    }
    expect(capacity.fullBy(6)).to.equal('uplink');
    const limits = new Set<number | undefined>();
    for (let i = 0; i < 100; i++) {
      capacity.measure(share(capacity, 100_000_000, 6));
      limits.add(capacity.limit.maxBitrate);
    }
    const steps = [...limits];
    expect(steps.length).to.be.above(5);
    expect(steps.at(-1)).to.equal(undefined);
    expect(steps.slice(0, -1)).to.deep.equal(steps.slice(0, -1).sort((a, b) => a! - b!));
    expect(capacity.limit).to.deep.equal({});
    expect(capacity.fullBy(9)).to.equal(undefined);
  });

  it('does not sway on an uplink that stays as it is', () => {
    const refused = new Set<string | undefined>();
    const limits: number[] = [];
    for (let i = 0; i < 100; i++) {
      capacity.measure(share(capacity, 6_000_000, 6));
      if (i > 20) {
        refused.add(capacity.fullBy(6));
        limits.push(capacity.limit.maxBitrate ?? Infinity);
      }
    }
    expect([...refused]).to.deep.equal([undefined]);
    // Each tries what is a little too much now and then, and gives it back.
    expect(Math.min(...limits)).to.be.at.least(600_000);
    expect(Math.max(...limits)).to.be.at.most(1_300_000);
  });

  it('sends smaller pictures step by step when the processor cannot keep up, and refuses when that is not enough', () => {
    const steps: unknown[] = [];
    for (let i = 0; i < 3; i++) {
      measure(capacity, 2, slow, slow, slow);
      steps.push(capacity.limit);
      expect(capacity.fullBy(3)).to.equal(undefined);
    }
    expect(steps).to.deep.equal([
      {scaleResolutionDownBy: 1.5, maxFramerate: 20},
      {scaleResolutionDownBy: 2, maxFramerate: 20},
      {scaleResolutionDownBy: 3, maxFramerate: 15},
    ]);
    expect(capacity.health(3).limitedBy).to.equal('cpu');
    measure(capacity, 2, slow, slow, slow);
    expect(capacity.fullBy(3)).to.equal('cpu');
    expect(capacity.limit).to.deep.equal(steps[2]);
    // Few, but not too few.
    measure(capacity, 5, {...slow, frameRate: 14}, {...slow, frameRate: 14});
    expect(capacity.fullBy(3)).to.equal(undefined);
    for (let i = 0; i < 15; i++) {
      capacity.measure([well, well, well]);
    }
    expect(capacity.limit).to.deep.equal({});
    expect(capacity.health(3).limitedBy).to.equal(undefined);
  });

  it('knows the processor by what the browser says, too', () => {
    const busy = {...well, limitedBy: 'cpu'} as const;
    measure(capacity, 2, busy, well, well);
    expect(capacity.limit).to.deep.equal({});
    measure(capacity, 2, busy, busy, well);
    expect(capacity.limit).to.include({scaleResolutionDownBy: 1.5});
  });

  it('does not take for slow what is sent as slowly as it was limited to, or as the camera gives', () => {
    measure(capacity, 2, slow, slow);
    expect(capacity.limit.maxFramerate).to.equal(20);
    measure(capacity, 4, {...well, frameRate: 19}, {...well, frameRate: 19});
    expect(capacity.limit.maxFramerate).to.equal(20);
    const slate = {...well, frameRate: 2, sourceFrameRate: 2};
    const other = new Capacity({maxViewers: 3});
    measure(other, 20, slate, slate);
    expect(other.limit).to.deep.equal({});
    expect(other.fullBy(2)).to.equal(undefined);
  });

  it('does not blame the processor for frames that the uplink cannot take', () => {
    const starved = {...poor, frameRate: 6, bitrate: 100_000};
    measure(capacity, 8, starved, starved, starved);
    expect(capacity.limit).to.deep.equal({maxBitrate: leastBitrate});
    expect(capacity.fullBy(3)).to.equal('uplink');
  });

  it('goes on without figures that a browser does not give', () => {
    const silent = {...well, frameRate: undefined, sourceFrameRate: undefined};
    measure(capacity, 20, silent, silent);
    expect(capacity.limit).to.deep.equal({});
    expect(capacity.health(2)).to.include({
      bitrate: 4_800_000,
      frameRate: undefined,
      droppedPercent: undefined,
    });
  });

  it('says how it is doing by the viewer in the middle', () => {
    capacity.measure([
      {...well, frameRate: 5, bitrate: 100},
      {...well, frameRate: 24, bitrate: 200},
      {...well, frameRate: 31, bitrate: 300},
    ]);
    expect(capacity.health(3)).to.deep.equal({
      bitrate: 600,
      frameRate: 24,
      droppedPercent: 20,
      limitedBy: undefined,
      fullBy: undefined,
    });
  });

  it('does not take the bad line of the only viewer for a slow processor', () => {
    measure(capacity, 30, {...poor, frameRate: 8});
    expect(capacity.limit).to.deep.equal({});
    expect(capacity.fullBy(1)).to.equal(undefined);
  });

  it('never refuses the first viewer, nor judges by those who are gone', () => {
    for (const bad of [{...poor, bitrate: 100_000}, slow]) {
      measure(capacity, 30, bad, bad, bad);
      expect(capacity.fullBy(3)).not.to.equal(undefined);
      expect(capacity.fullBy(0)).to.equal(undefined);
      measure(capacity, 1);
      expect(capacity.fullBy(3)).to.equal(undefined);
      expect(capacity.limit).to.deep.equal({});
    }
  });

  it('does not believe in more of an uplink because a break needs none of it', () => {
    for (let i = 0; i < 4; i++) {
      capacity.measure(share(capacity, 2_400_000, 7));
    }
    const {maxBitrate} = capacity.limit;
    expect(capacity.fullBy(8)).to.equal('uplink');
    measure(capacity, 100, ...Array.from({length: 7}, () => ({...well, bitrate: 20_000})));
    expect(capacity.limit.maxBitrate).to.equal(maxBitrate);
    expect(capacity.fullBy(8)).to.equal('uplink');
  });
});
