/** IDs of https://www.rfc-editor.org/rfc/rfc9559#section-5.1 and https://www.rfc-editor.org/rfc/rfc8794#section-11.2 */
const ids = {head: 0x1a45dfa3, segment: 0x18538067, info: 0x1549a966, duration: 0x4489} as const;

interface Element {
  readonly id: number;
  /** Where its size and its content stand. */
  readonly sizeAt: number;
  readonly start: number;
  /** Of its content, in bytes; infinite for what has no end. */
  readonly size: number;
}

/** As many bytes of a recording as `withDuration` needs, and more than a browser's first slice of a file can lack. */
export const webmHeadSize = 1_000;

/**
 * Tells players how long a WebM is, in milliseconds: without that most cannot seek in it, and `MediaRecorder`
 * does not know it when it writes the beginning of the file. Takes that beginning and gives it back with the
 * duration in it, room for which is made where there is none. The content after it keeps its place when there
 * was room before. Anything but WebM is given back as it is. https://www.rfc-editor.org/rfc/rfc9559#section-5.1.2.8
 */
export function withDuration(
  head: Uint8Array<ArrayBuffer>,
  durationMs: number,
): Uint8Array<ArrayBuffer> {
  const segment = find(head, 0, head.length, ids.segment);
  const info = segment && find(head, segment.start, head.length, ids.info);
  if (!info || info.start + info.size > head.length) {
    return head;
  }
  const end = info.start + info.size;
  const duration = find(head, info.start, end, ids.duration);
  if (duration?.size === 8) {
    const patched = head.slice();
    new DataView(patched.buffer).setFloat64(duration.start, durationMs);
    return patched;
  }
  if (duration) {
    return head;
  }
  const added = new DataView(new ArrayBuffer(11));
  added.setUint16(0, ids.duration);
  added.setUint8(2, 0x88);
  added.setFloat64(3, durationMs);
  const size = new DataView(new ArrayBuffer(8));
  size.setUint32(0, 0x0100_0000);
  size.setUint32(4, info.size + added.byteLength);
  return concat(
    head.subarray(0, info.sizeAt),
    new Uint8Array(size.buffer),
    head.subarray(info.start, end),
    new Uint8Array(added.buffer),
    head.subarray(end),
  );
}

/** The first element with this ID between two places. */
function find(bytes: Uint8Array, from: number, to: number, id: number): Element | undefined {
  let at = from;
  while (at < to) {
    const element = read(bytes, at);
    if (!element || element.id === id) {
      return element;
    }
    at = element.start + element.size;
  }
  return undefined;
}

/** https://www.rfc-editor.org/rfc/rfc8794#section-4: leading zeros say how long a number is. */
function read(bytes: Uint8Array, at: number): Element | undefined {
  const idLength = Math.clz32(bytes[at] ?? 0) - 23;
  const sizeAt = at + idLength;
  const sizeLength = Math.clz32(bytes[sizeAt] ?? 0) - 23;
  const start = sizeAt + sizeLength;
  if (idLength > 4 || sizeLength > 8 || start > bytes.length) {
    return undefined;
  }
  const number = (begin: number, end: number, first: number) =>
    bytes.subarray(begin + 1, end).reduce((value, byte) => value * 256 + byte, first);
  const mask = 0xff >> sizeLength;
  const size = number(sizeAt, start, (bytes[sizeAt] ?? 0) & mask);
  return {
    id: number(at, sizeAt, bytes[at] ?? 0),
    sizeAt,
    start,
    size: size >= 2 ** (7 * sizeLength) - 1 ? Infinity : size,
  };
}

function concat(...parts: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  const all = new Uint8Array(parts.reduce((sum, {length}) => sum + length, 0));
  let at = 0;
  for (const part of parts) {
    all.set(part, at);
    at += part.length;
  }
  return all;
}
