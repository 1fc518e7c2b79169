import {concat} from '../core/concat.js';
import {createElement, findElement, idBytes, ids, readElement, uint64} from './ebml.js';

/** As many bytes of a recording as `withRoom` needs, and more than a browser's first slice of a file can lack. */
export const webmHeadSize = 1_000;

/** What `MediaRecorder` does not know when it writes the beginning of a file. */
export interface WebmEnding {
  readonly durationMs: number;
  /** Where in the file its index begins, if it has one. */
  readonly cuesAt?: number | undefined;
}

/**
 * The beginning of a WebM with room for what is known at its end. Anything but WebM is given back as it is.
 * https://www.rfc-editor.org/rfc/rfc9559#section-5.1
 */
export function withRoom(head: Uint8Array<ArrayBuffer>): Uint8Array<ArrayBuffer> {
  const segment = findElement(head, 0, head.length, ids.segment);
  const info = segment && findElement(head, segment.start, head.length, ids.info);
  if (!info || info.start + info.size > head.length) {
    return head;
  }
  const end = info.start + info.size;
  const content = head.subarray(info.start, end);
  const duration = findElement(content, 0, content.length, ids.duration);
  return concat(
    head.subarray(0, segment.start),
    createElement(ids.void, new Uint8Array(createSeekHead(0).length - 2)),
    head.subarray(segment.start, info.at),
    duration
      ? head.subarray(info.at, end)
      : createElement(ids.info, content, createElement(ids.duration, new Uint8Array(8))),
    head.subarray(end),
  );
}

/**
 * Fills the room: tells players how long a WebM is, and where its index is. Without the one most cannot seek in
 * it, without the other they have to read all that comes before. All keeps its place.
 */
export function fillRoom(
  head: Uint8Array<ArrayBuffer>,
  {durationMs, cuesAt}: WebmEnding,
): Uint8Array<ArrayBuffer> {
  const filled = head.slice();
  const segment = findElement(head, 0, head.length, ids.segment);
  const info = segment && findElement(head, segment.start, head.length, ids.info);
  if (!info) {
    return filled;
  }
  const duration = findElement(head, info.start, info.start + info.size, ids.duration);
  if (duration?.size === 8) {
    new DataView(filled.buffer).setFloat64(duration.start, durationMs);
  }
  if (cuesAt !== undefined && readElement(head, segment.start)?.id === ids.void) {
    filled.set(createSeekHead(cuesAt - segment.start), segment.start);
  }
  return filled;
}

/** Always as long. */
function createSeekHead(position: number): Uint8Array {
  const id = createElement(ids.seekId, idBytes(ids.cues));
  const at = createElement(ids.seekPosition, uint64(position));
  return createElement(ids.seekHead, createElement(ids.seek, id, at));
}
