import {concat} from '../core/concat.js';
import {createElement, ids, readElement, readNumber, uint64} from './ebml.js';
import {webmHeadSize, withRoom} from './webm-head.js';

/** What must be there of an element to know what it is: its ID and size, and the beginning of its content. */
const peekSize = 20;
const minGapMs = 1_000;

/**
 * The index of a WebM, collected as `MediaRecorder` writes it: without one, Chromium reads a long recording from
 * its beginning to find a place in it, and Firefox finds none that it has not read. Only the beginnings of
 * elements are looked at, one after the other. Of anything but WebM there is none.
 * https://www.rfc-editor.org/rfc/rfc9559#section-5.1.5
 */
export class WebmIndex {
  /** What is still to be read, and where in the recording it begins. */
  #bytes = new Uint8Array();
  #offset = 0;
  /** Where the next element begins, in `#bytes` or behind them. */
  #next = 0;
  /** How much further on all is in a file that begins with room. */
  #shift: number | undefined;
  #segmentStart = 0;
  #track = 0;
  #videoTrack: number | undefined;
  #clusterAt = 0;
  #clusterTime = 0;
  #lastTime = -Infinity;
  readonly #points: Uint8Array[] = [];

  /** What comes next. One at a time. */
  async add(data: Blob): Promise<void> {
    const bytes = concat(this.#bytes, new Uint8Array(await data.arrayBuffer()));
    let at = this.#next;
    if (bytes.length >= webmHeadSize) {
      this.#shift ??= withRoom(bytes.slice(0, webmHeadSize)).length - webmHeadSize;
    }
    while (this.#shift !== undefined && at + peekSize <= bytes.length) {
      at = this.#read(bytes, at);
    }
    const done = Math.min(at, bytes.length);
    this.#bytes = bytes.slice(done);
    this.#offset += done;
    this.#next = at - done;
  }

  /** What belongs at the end of a file that begins with room; nothing, when there are no key frames. */
  cues(): Uint8Array<ArrayBuffer> | undefined {
    return this.#points.length > 0 ? createElement(ids.cues, ...this.#points) : undefined;
  }

  /** Where the next element begins. */
  #read(bytes: Uint8Array, at: number): number {
    const element = readElement(bytes, at);
    if (!element) {
      return Infinity;
    }
    const {id, start, size} = element;
    switch (id) {
      case ids.segment:
        this.#segmentStart = this.#offset + start;
        return start;
      case ids.cluster:
        this.#clusterAt = this.#offset + at;
        return start;
      case ids.tracks:
      case ids.trackEntry:
        return start;
      case ids.trackNumber:
        this.#track = readNumber(bytes, start, size);
        break;
      case ids.trackType:
        if (readNumber(bytes, start, size) === 1) {
          this.#videoTrack ??= this.#track;
        }
        break;
      case ids.timestamp:
        this.#clusterTime = readNumber(bytes, start, size);
        break;
      case ids.simpleBlock:
        this.#readBlock(new DataView(bytes.buffer, start, 4));
    }
    return start + size;
  }

  /** Players go on from a key frame, so that only these are in the index. */
  #readBlock(block: DataView) {
    const [track, time] = [block.getUint8(0) & 0x7f, this.#clusterTime + block.getInt16(1)];
    const isKeyFrame = (block.getUint8(3) & 0x80) > 0;
    if (track !== this.#videoTrack || !isKeyFrame || time < this.#lastTime + minGapMs) {
      return;
    }
    this.#lastTime = time;
    const position = this.#clusterAt - this.#segmentStart + (this.#shift ?? 0);
    this.#points.push(
      createElement(
        ids.cuePoint,
        createElement(ids.cueTime, uint64(time)),
        createElement(
          ids.cueTrackPositions,
          createElement(ids.cueTrack, uint64(track)),
          createElement(ids.cueClusterPosition, uint64(position)),
        ),
      ),
    );
  }
}
