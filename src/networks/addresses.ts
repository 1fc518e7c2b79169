import {toHex} from '../core/hex.js';

/** Places in a room, whatever its cap, so that pages with different caps meet. */
export const slotCount = 16;

/**
 * The addresses of a room's slots. Everybody computes the same from its name; the
 * broker learns a hash. They fit the ids of PeerServer.
 */
export async function slotAddresses(room: string): Promise<readonly string[]> {
  return Promise.all(Array.from({length: slotCount}, (_, slot) => addressOf('slot', room, slot)));
}

/** Where the stage of a broadcast is found. */
export function stageAddress(room: string): Promise<string> {
  return addressOf('stage', room);
}

async function addressOf(kind: string, room: string, ...more: number[]): Promise<string> {
  const name = JSON.stringify([`rtc-elements/1/${kind}`, room.normalize(), ...more]);
  const hash = await crypto.subtle.digest('SHA-256', new TextEncoder().encode(name));
  return toHex(new Uint8Array(hash, 0, 16));
}
