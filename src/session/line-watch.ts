import {readQuality, type LineQuality} from '../rtc/link-stats.js';

const everyMs = 2_000;

/** Watches how good what arrives is, until the signal is aborted; asks for nothing while nobody can see it. */
export class LineWatch {
  #quality: LineQuality | undefined;
  #report: RTCStatsReport | undefined;

  constructor(
    getStats: () => Promise<RTCStatsReport | undefined>,
    {signal, change}: {signal: AbortSignal; change: () => void},
  ) {
    const timer = setInterval(() => {
      if (document.visibilityState === 'visible') {
        void this.#measure(getStats, signal, change);
      }
    }, everyMs);
    signal.addEventListener('abort', () => clearInterval(timer), {once: true});
  }

  get quality(): LineQuality | undefined {
    return this.#quality;
  }

  async #measure(
    getStats: () => Promise<RTCStatsReport | undefined>,
    signal: AbortSignal,
    change: () => void,
  ) {
    const before = this.#quality;
    const report = await getStats().catch(() => undefined);
    if (signal.aborted) {
      return;
    }
    this.#quality = report && readQuality(report, this.#report);
    this.#report = report;
    if (this.#quality !== before) {
      change();
    }
  }
}
