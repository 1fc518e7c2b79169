import type {Sending} from '../rtc/link-stats.js';
import type {SendLimit} from '../rtc/peer-link.js';
import type {StageHealth, StageLimit} from './network.js';

/** What a picture gets when nothing stands against it, in bits a second, */
const bestBitrate = 2_500_000;
/** and what it gets at least: less is not worth looking at. */
export const leastBitrate = 250_000;
/** Of what the uplink can take, so much is spent: sound, and what comes of a sudden, need some too. */
const spent = 0.8;
/** So many viewers of one who are short of bits say that it is the uplink, and not their own lines. */
const isShared = 0.6;
/** Of what a viewer is to get, so little says that they are short of it. */
const shortShare = 0.85;
const shortLoss = 0.08;
/** What grows so much from one measurement to the next has not met its limit yet. */
const stillGrowing = 1.08;
/** Of the frames of the camera, so few say that the processor cannot keep up, */
const slowShare = 0.6;
/** unless the pictures are as small as they get: then these are too few, a second. */
const leastFrameRate = 9;
/** How long a trouble must last before something is done, and how long it must be well for the reverse, in measurements. */
const troubledCount = 2;
const wellCount = 5;
const growth = 1.25;
/** Of what viewers may have, so much must be used to try whether there is more. */
const usedShare = 0.6;

/** What is tried, one after the other, when the processor cannot keep up. */
const savings: readonly SendLimit[] = [
  {},
  {scaleResolutionDownBy: 1.5, maxFramerate: 20},
  {scaleResolutionDownBy: 2, maxFramerate: 20},
  {scaleResolutionDownBy: 3, maxFramerate: 15},
];

/**
 * How much a stage can give to each of its viewers, and whether to one more: judged by what is
 * measured. Everybody gets the same at most; a viewer with a bad line of their own gets less
 * from the browser, and takes nothing from the others.
 */
export class Capacity {
  readonly #maxViewers: number;
  #sendings: readonly Sending[] = [];
  /** What each may have. */
  #share = bestBitrate;
  /** What the uplink can take, once it has shown its limit. */
  #uplink: number | undefined;
  /** What all took at the last measurement, and how many they were. */
  #bitrate = Infinity;
  #count = 0;
  #saving = 0;
  #shortCount = 0;
  #slowCount = 0;
  #fastCount = 0;
  #freeCount = 0;
  #isOverloaded = false;

  constructor({maxViewers}: {maxViewers: number}) {
    this.#maxViewers = maxViewers;
  }

  /** What is sent to each viewer at most. */
  get limit(): SendLimit {
    return {
      ...(this.#share < bestBitrate && {maxBitrate: Math.round(this.#share)}),
      ...savings[this.#saving],
    };
  }

  /** Takes what was measured of all viewers who have been there for a while. To be called every two seconds. */
  measure(sendings: readonly Sending[]): void {
    this.#sendings = sendings;
    if (!sendings.length) {
      // Nobody is left of those by whom it was judged.
      this.#share = bestBitrate;
      this.#uplink = undefined;
      this.#saving = 0;
      this.#isOverloaded = false;
      this.#shortCount = this.#slowCount = this.#fastCount = this.#freeCount = 0;
      return;
    }
    this.#weighUplink(sendings);
    this.#weighProcessor(sendings);
  }

  /** Why one more than so many viewers would be too many. */
  fullBy(viewers: number): StageLimit | undefined {
    if (viewers >= this.#maxViewers) {
      return 'cap';
    }
    if (viewers === 0) {
      return undefined;
    }
    if (this.#uplink !== undefined && (this.#uplink * spent) / (viewers + 1) < leastBitrate) {
      return 'uplink';
    }
    return this.#isOverloaded ? 'cpu' : undefined;
  }

  health(viewers: number): StageHealth {
    const dropped = this.#sendings.flatMap(({frameRate, sourceFrameRate}) =>
      frameRate === undefined || !sourceFrameRate ? [] : [1 - frameRate / sourceFrameRate],
    );
    const share = median(dropped);
    return {
      bitrate: Math.round(this.#sendings.reduce((sum, {bitrate}) => sum + bitrate, 0)),
      frameRate: median(this.#sendings.flatMap(({frameRate}) => frameRate ?? [])),
      droppedPercent: share === undefined ? undefined : Math.round(Math.max(0, share) * 100),
      limitedBy: this.#saving > 0 ? 'cpu' : this.#share < bestBitrate ? 'uplink' : undefined,
      fullBy: this.fullBy(viewers),
    };
  }

  #weighUplink(sendings: readonly Sending[]) {
    // What is held back by our own limit is not short.
    const short = sendings.filter(
      ({limitedBy, bitrate, loss}) =>
        loss > shortLoss || (limitedBy === 'bandwidth' && bitrate < this.#share * shortShare),
    );
    const bitrate = sendings.reduce((sum, one) => sum + one.bitrate, 0);
    const isGrowing = bitrate > this.#bitrate * stillGrowing && this.#count === sendings.length;
    this.#bitrate = bitrate;
    this.#count = sendings.length;
    // One alone has a bad line of their own.
    const isShort = !isGrowing && short.length >= Math.max(2, sendings.length * isShared);
    this.#shortCount = isShort ? this.#shortCount + 1 : 0;
    this.#freeCount = isShort ? 0 : this.#freeCount + 1;
    if (this.#shortCount >= troubledCount) {
      this.#uplink = bitrate;
      this.#share = within((this.#uplink * spent) / sendings.length);
    } else if (
      this.#freeCount >= wellCount &&
      this.#uplink !== undefined &&
      // What a slate or a picture that stands still does not need says nothing of the uplink.
      bitrate >= this.#share * sendings.length * usedShare
    ) {
      this.#freeCount = 0;
      // It takes at least this, and perhaps more.
      this.#share = within(this.#share * growth);
      this.#uplink = Math.max(this.#uplink, (this.#share * sendings.length) / spent);
      if (this.#share === bestBitrate) {
        this.#uplink = undefined;
      }
    }
  }

  #weighProcessor(sendings: readonly Sending[]) {
    const most = savings.length - 1;
    const rates = sendings.flatMap(({frameRate, sourceFrameRate, limitedBy}) =>
      // What a bad line cannot take is not the processor's fault.
      frameRate === undefined || !sourceFrameRate || limitedBy === 'bandwidth'
        ? []
        : [{frameRate, sourceFrameRate}],
    );
    const {maxFramerate = Infinity} = savings[this.#saving] ?? {};
    const share = median(
      rates.map(
        ({frameRate, sourceFrameRate}) => frameRate / Math.min(sourceFrameRate, maxFramerate),
      ),
    );
    const frameRate = median(rates.map((rate) => rate.frameRate)) ?? Infinity;
    const short =
      sendings.filter(({limitedBy}) => limitedBy === 'cpu').length > sendings.length / 2;
    // What the uplink cannot take is left out as well; that is not the processor's fault.
    const isSlow = short || (this.#shortCount === 0 && share !== undefined && share < slowShare);
    this.#slowCount = isSlow ? this.#slowCount + 1 : 0;
    this.#fastCount = isSlow ? 0 : this.#fastCount + 1;
    if (this.#slowCount >= troubledCount) {
      this.#isOverloaded = this.#saving === most && frameRate < leastFrameRate;
      this.#saving = Math.min(this.#saving + 1, most);
      this.#slowCount = 0;
    } else if (this.#fastCount >= wellCount) {
      this.#isOverloaded = false;
      this.#saving = Math.max(this.#saving - 1, 0);
      this.#fastCount = 0;
    }
  }
}

function within(bitrate: number): number {
  return Math.min(Math.max(bitrate, leastBitrate), bestBitrate);
}

function median(numbers: readonly number[]): number | undefined {
  return [...numbers].sort((a, b) => a - b)[Math.floor(numbers.length / 2)];
}
