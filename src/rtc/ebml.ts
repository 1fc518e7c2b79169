import {concat} from '../core/concat.js';

/** IDs of https://www.rfc-editor.org/rfc/rfc9559#section-5.1 and https://www.rfc-editor.org/rfc/rfc8794#section-11 */
export const ids = {
  void: 0xec,
  segment: 0x18538067,
  seekHead: 0x114d9b74,
  seek: 0x4dbb,
  seekId: 0x53ab,
  seekPosition: 0x53ac,
  info: 0x1549a966,
  duration: 0x4489,
  tracks: 0x1654ae6b,
  trackEntry: 0xae,
  trackNumber: 0xd7,
  trackType: 0x83,
  cluster: 0x1f43b675,
  timestamp: 0xe7,
  simpleBlock: 0xa3,
  cues: 0x1c53bb6b,
  cuePoint: 0xbb,
  cueTime: 0xb3,
  cueTrackPositions: 0xb7,
  cueTrack: 0xf7,
  cueClusterPosition: 0xf1,
} as const;

export interface Element {
  readonly id: number;
  /** Where it and its content begin. */
  readonly at: number;
  readonly start: number;
  /** Of its content, in bytes; infinite for what has no end. */
  readonly size: number;
}

/** The first element with this ID between two places. */
export function findElement(
  bytes: Uint8Array,
  from: number,
  to: number,
  id: number,
): Element | undefined {
  let at = from;
  while (at < to) {
    const element = readElement(bytes, at);
    if (!element || element.id === id) {
      return element;
    }
    at = element.start + element.size;
  }
  return undefined;
}

/** https://www.rfc-editor.org/rfc/rfc8794#section-4: leading zeros say how long a number is. */
export function readElement(bytes: Uint8Array, at: number): Element | undefined {
  const idLength = Math.clz32(bytes[at] ?? 0) - 23;
  const sizeAt = at + idLength;
  const sizeLength = Math.clz32(bytes[sizeAt] ?? 0) - 23;
  const start = sizeAt + sizeLength;
  if (idLength > 4 || sizeLength > 8 || start > bytes.length) {
    return undefined;
  }
  const first = (bytes[sizeAt] ?? 0) & (0xff >> sizeLength);
  const size = readNumber(bytes, sizeAt + 1, sizeLength - 1, first);
  return {
    id: readNumber(bytes, at, idLength),
    at,
    start,
    size: size >= 2 ** (7 * sizeLength) - 1 ? Infinity : size,
  };
}

/** What follows on the first digits, if there are any. */
export function readNumber(bytes: Uint8Array, start: number, size: number, first = 0): number {
  return bytes.subarray(start, start + size).reduce((value, byte) => value * 256 + byte, first);
}

export function createElement(
  id: number,
  ...content: readonly Uint8Array[]
): Uint8Array<ArrayBuffer> {
  const all = concat(...content);
  const size = all.length < 0x7f ? [0x80 + all.length] : [1, ...uint64(all.length).subarray(1)];
  return concat(idBytes(id), Uint8Array.from(size), all);
}

export function idBytes(id: number): Uint8Array {
  return uint64(id).subarray(4 + (Math.clz32(id) >> 3));
}

export function uint64(value: number): Uint8Array<ArrayBuffer> {
  const view = new DataView(new ArrayBuffer(8));
  view.setUint32(0, value / 2 ** 32);
  view.setUint32(4, value);
  return new Uint8Array(view.buffer);
}
