import {expect} from '@open-wc/testing';

/** What a WebM is made of. https://www.rfc-editor.org/rfc/rfc9559 */
export const webm = {
  segment: '18538067',
  seekHead: '114d9b74',
  seek: '4dbb',
  seekId: '53ab',
  seekPosition: '53ac',
  tracks: '1654ae6b',
  trackEntry: 'ae',
  trackNumber: 'd7',
  trackType: '83',
  cluster: '1f43b675',
  timestamp: 'e7',
  simpleBlock: 'a3',
  cues: '1c53bb6b',
  cuePoint: 'bb',
  cueTime: 'b3',
  cueTrackPositions: 'b7',
  cueTrack: 'f7',
  cueClusterPosition: 'f1',
};

interface Element {
  readonly id: string;
  readonly start: number;
  readonly end: number;
}

/** Of digits, with spaces between them where they help. */
export const bytesOf = (digits: string) =>
  new Uint8Array((digits.match(/[0-9a-f]{2}/g) ?? []).map((byte) => parseInt(byte, 16)));

export const hex = (bytes: Uint8Array) =>
  Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');

/** All elements between two places; one without an end goes to the end. */
function* elements(bytes: Uint8Array, from: number, to: number): Generator<Element> {
  for (let at = from; at < to;) {
    const length = (place: number) => Math.clz32(bytes[place]!) - 23;
    const sizeAt = at + length(at);
    const start = sizeAt + length(sizeAt);
    const digits = hex(bytes.subarray(sizeAt, start));
    const size = BigInt(`0x${digits}`) - (1n << BigInt(7 * (start - sizeAt)));
    const end = /^(01f{14}|ff)$/.test(digits) ? to : start + Number(size);
    yield {id: hex(bytes.subarray(at, sizeAt)), start, end};
    at = end;
  }
}

/** The times in the index of a WebM, in milliseconds. Fails when there is no such key frame where it says. */
export async function indexOf(blob: Blob): Promise<number[]> {
  const bytes = new Uint8Array(await blob.arrayBuffer());
  const all = (parent: Element, id: string) =>
    [...elements(bytes, parent.start, parent.end)].filter((element) => element.id === id);
  const one = (parent: Element, id: string) => {
    for (const element of elements(bytes, parent.start, parent.end)) {
      if (element.id === id) {
        return element;
      }
    }
    throw new Error(`no ${id}`);
  };
  const value = ({start, end}: Element) => Number(`0x${hex(bytes.subarray(start, end))}`);
  const segment = one({id: '', start: 0, end: bytes.length}, webm.segment);
  const [beginning] = elements(bytes, segment.start, segment.end);
  if (beginning!.id !== webm.seekHead) {
    return [];
  }
  const seek = one(beginning!, webm.seek);
  expect(value(one(seek, webm.seekId)).toString(16)).to.equal(webm.cues);
  const cuesAt = segment.start + value(one(seek, webm.seekPosition));
  const [cues, ...others] = elements(bytes, cuesAt, bytes.length);
  expect(cues!.id, 'the index').to.equal(webm.cues);
  expect(others, 'after the index').to.be.empty;
  const video = all(one(segment, webm.tracks), webm.trackEntry).find(
    (track) => value(one(track, webm.trackType)) === 1,
  );
  const videoTrack = value(one(video!, webm.trackNumber));
  return all(cues!, webm.cuePoint).map((point) => {
    const time = value(one(point, webm.cueTime));
    const positions = one(point, webm.cueTrackPositions);
    expect(value(one(positions, webm.cueTrack)), 'the track').to.equal(videoTrack);
    const at = segment.start + value(one(positions, webm.cueClusterPosition));
    const [cluster] = elements(bytes, at, cuesAt);
    expect(cluster!.id, `what is at ${at}`).to.equal(webm.cluster);
    const keyFrames: number[] = [];
    let clusterTime = 0;
    for (const {id, start, end} of elements(bytes, cluster!.start, cluster!.end)) {
      if (id === webm.cluster) {
        break;
      }
      if (id === webm.timestamp) {
        clusterTime = value({id, start, end});
      } else if (id === webm.simpleBlock) {
        const block = new DataView(bytes.buffer, start, 4);
        if (block.getUint8(0) === 0x80 + videoTrack && block.getUint8(3) & 0x80) {
          keyFrames.push(clusterTime + block.getInt16(1));
        }
      }
    }
    expect(keyFrames, `key frames at ${at}`).to.include(time);
    return time;
  });
}
