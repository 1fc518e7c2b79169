import {expect} from '@open-wc/testing';
import {fillRoom, webmHeadSize, withRoom} from '../../../src/rtc/webm-head.js';
import {WebmIndex} from '../../../src/rtc/webm-index.js';
import {bytesOf, indexOf, webm} from '../webm.js';

const digits = (value: number, length: number) => value.toString(16).padStart(2 * length, '0');
const element = (id: string, ...content: readonly string[]) =>
  `${id}01${digits(content.join('').length / 2, 7)}${content.join('')}`;
/** One whose end is not known, as browsers write it. */
const endless = (id: string, ...content: readonly string[]) =>
  `${id}01ffffffffffffff${content.join('')}`;
const timestamp = (time: number) => element(webm.timestamp, digits(time, 2));
const block = (track: number, time: number, flags: '80' | '00') =>
  // What is in it looks like a cluster, and is none.
  element(webm.simpleBlock, `${digits(0x80 + track, 1)}${digits(time, 2)}${flags}`, fake);
const fake = endless(webm.cluster, timestamp(1));

const track = (number: number, type: number) =>
  element(
    webm.trackEntry,
    element(webm.trackNumber, digits(number, 1)),
    element(webm.trackType, digits(type, 1)),
  );
const head = `1a45dfa3 83 428681 ${endless(webm.segment)} 1549a966 87 2ad7b1 83 0f4240`;
const filler = element('ec', '00'.repeat(1_000));
const [sound, picture] = [1, 2];
const tracks = element(webm.tracks, track(sound, 2), track(picture, 1));

const recording = [
  head,
  tracks,
  filler,
  endless(webm.cluster, timestamp(0), block(sound, 0, '80'), block(picture, 7, '80')),
  endless(webm.cluster, timestamp(2_000), block(sound, 0, '80'), block(picture, 9, '00')),
  element(webm.cluster, timestamp(3_000), block(sound, 0, '80'), block(picture, 40, '80')),
  endless(webm.cluster, timestamp(3_500), block(picture, 0, '80'), block(sound, 5, '80')),
  endless(webm.cluster, timestamp(9_000), block(picture, 0, '80'), block(picture, 50, '00')),
].join('');

/** The index of what comes in pieces of this size. */
async function collect(all: Uint8Array<ArrayBuffer>, size: number): Promise<WebmIndex> {
  const index = new WebmIndex();
  for (let at = 0; at < all.length; at += size) {
    await index.add(new Blob([all.subarray(at, at + size)]));
  }
  return index;
}

function finish(all: Uint8Array<ArrayBuffer>, cues: Uint8Array<ArrayBuffer>): Blob {
  const begun = withRoom(all.slice(0, webmHeadSize));
  const rest = all.subarray(webmHeadSize);
  const cuesAt = begun.length + rest.length;
  return new Blob([fillRoom(begun, {durationMs: 9_000, cuesAt}), rest, cues]);
}

describe('WebmIndex', () => {
  for (const size of [1, 7, 100, 100_000]) {
    it(`has a key frame of the picture every second at most, of slices of ${size} bytes`, async () => {
      const all = bytesOf(recording);
      const cues = (await collect(all, size)).cues();
      expect(await indexOf(finish(all, cues!))).to.deep.equal([7, 3_040, 9_000]);
    });
  }

  it('is there as far as the recording can be understood', async () => {
    const unknown = endless('1254c367');
    const later = endless(webm.cluster, timestamp(12_000), block(picture, 0, '80'), filler);
    const all = bytesOf(`${recording}${unknown}${later}`);
    expect(await indexOf(finish(all, (await collect(all, 7)).cues()!))).to.have.length(3);
  });

  it('is none without key frames, and of anything but WebM', async () => {
    const strange = [
      '',
      head,
      `${head}${tracks}${filler}${endless(webm.cluster, timestamp(0), block(sound, 0, '80'))}`,
      `00000018667479706d703432${recording}`,
      'ff'.repeat(2_000),
    ];
    for (const one of strange) {
      expect((await collect(bytesOf(one), 100)).cues(), one.slice(0, 100)).to.be.undefined;
    }
  });
});
