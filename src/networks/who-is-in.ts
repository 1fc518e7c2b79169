import {after, pause} from '../core/after.js';
import {randomHex} from '../core/hex.js';
import {cleanName, parseSignal, protocolVersion} from '../core/messages.js';
import type {Signaling} from '../signaling/signaling.js';
import {slotAddresses} from './addresses.js';

/** Who is there answers at once. Nobody says that nobody is. */
const answerMs = 1_500;
/** A broker that has not let us in by then will not. */
const openMs = 10_000;

export interface WhoIsInOptions {
  readonly room: string;
  readonly createSignaling: () => Signaling;
  readonly signal: AbortSignal;
}

/**
 * Asks at the door of a room who is in, and gives their names, in no order. It takes no slot, and
 * nobody inside sees more of it than a question.
 * @throws what `Signaling.open` throws.
 */
export async function whoIsIn({
  room,
  createSignaling,
  signal,
}: WhoIsInOptions): Promise<readonly string[]> {
  const addresses = await slotAddresses(room);
  const signaling = createSignaling();
  const attempt = randomHex(8);
  const names = new Map<string, string>();
  const opening = new AbortController();
  after(openMs, () => opening.abort(), opening.signal);
  try {
    signal.throwIfAborted();
    signaling.addEventListener('message', ({from, data}) => {
      const parsed = addresses.includes(from) && !names.has(from) && parseSignal(data);
      if (parsed && parsed.kind === 'signal' && parsed.signal.t === 'here') {
        if (parsed.signal.attempt === attempt) {
          names.set(from, cleanName(parsed.signal.name));
        }
      }
    });
    // Whoever goes in meanwhile waits for nothing; but a socket closed before it is open is an error in the console.
    await signaling.open(randomHex(), {signal: opening.signal});
    signal.throwIfAborted();
    for (const address of addresses) {
      signaling.send(address, {t: 'who', v: protocolVersion, attempt});
    }
    await pause(answerMs, signal);
    signal.throwIfAborted();
    return [...names.values()];
  } finally {
    opening.abort();
    signaling.close();
  }
}
