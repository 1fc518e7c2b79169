import {after} from '../core/after.js';
import {randomHex} from '../core/hex.js';
import type {Signaling} from '../signaling/signaling.js';

/** A broker that is away is tried again after this, */
const retryMs = 1_000;
const longestRetryMs = 6_000;
/** and not for ever: a camera should not open long after somebody has turned away. */
const patienceMs = 120_000;

/** Resolves to whether the broker can be reached, as soon as it can. To `false` also when the signal is aborted. */
export async function untilBroker(
  createSignaling: () => Signaling,
  {signal}: {signal: AbortSignal},
): Promise<boolean> {
  const until = performance.now() + patienceMs;
  for (let delayMs = retryMs; performance.now() < until; delayMs *= 2) {
    delayMs = Math.min(delayMs, longestRetryMs);
    await pauseOrOnline(delayMs * (0.75 + Math.random() / 4), signal);
    if (signal.aborted) {
      return false;
    }
    const signaling = createSignaling();
    try {
      await signaling.open(randomHex(), {signal});
      return !signal.aborted;
    } catch {
      // Not yet.
    } finally {
      signaling.close();
    }
  }
  return false;
}

/** Waits, but no longer than until there is a network again. */
async function pauseOrOnline(delayMs: number, signal: AbortSignal) {
  const pause = new AbortController();
  await new Promise<void>((resolve) => {
    const end = () => resolve();
    after(delayMs, end, pause.signal);
    window.addEventListener('online', end, pause);
    signal.addEventListener('abort', end, pause);
  });
  pause.abort();
}
