import {expect} from '@open-wc/testing';
import type {StoredRecording} from '../../../src/rtc/recording-store.js';
import {play, TestStore} from '../recordings.js';
import {replace, restoreAll, until, watchErrors} from '../support.js';
import {indexOf} from '../webm.js';

const type = 'video/webm;codecs=vp8,opus';
const frames: HTMLIFrameElement[] = [];
let store: TestStore;
let settle: () => void;

/** What is listed, as soon as there are so many: a lock is given back a moment after its page is gone. */
async function listed(count: number): Promise<StoredRecording[]> {
  let list: StoredRecording[] = [];
  await until(async () => {
    list = await store.list();
    return list.length >= count;
  }, `${count} listed`);
  return list;
}

/** A page of its own, which records until it is taken away: then it is as if it had crashed. */
async function recordingPage(): Promise<HTMLIFrameElement> {
  const frame = document.createElement('iframe');
  const url = (path: string) => new URL(path, import.meta.url).href;
  frame.srcdoc = `<script type="module">
    import {Recorder} from '${url('../../../src/rtc/recorder.ts')}';
    import {RecordingStore} from '${url('../../../src/rtc/recording-store.ts')}';
    import {colored} from '${url('../recordings.ts')}';
    const {start} = MediaRecorder.prototype;
    MediaRecorder.prototype.start = function () {
      start.call(this, 500);
    };
    const devices = await navigator.mediaDevices.getUserMedia({audio: true});
    const recorder = new Recorder({store: new RecordingStore({folder: '${store.folder}'})});
    recorder.setTracks({video: colored('red'), audio: devices.getAudioTracks()});
    await recorder.start({name: 'friday'});
  </script>`;
  frames.push(frame);
  document.body.append(frame);
  return frame;
}

const text = async (blob: Blob) => new TextDecoder().decode(await blob.arrayBuffer());

describe('RecordingStore', function () {
  this.timeout(60_000);

  beforeEach(() => {
    settle = watchErrors();
    store = TestStore.create();
  });
  afterEach(async () => {
    for (const frame of frames.splice(0)) {
      frame.remove();
    }
    restoreAll();
    await store.clear();
    settle();
  });

  it('lists a recording that was cut off, with what it has, and not while it runs', async () => {
    const before = Date.now();
    const frame = await recordingPage();
    await until(async () => (await store.sizes()).length >= 4, 'four slices', 20_000);
    expect(await store.list()).to.be.empty;
    frame.remove();
    const [recording, ...others] = await listed(1);
    expect(others).to.be.empty;
    expect(recording!.name).to.equal('friday');
    expect(recording!.startedAt.getTime()).to.be.within(before, Date.now());
    expect(recording!.bytes).to.equal((await store.sizes()).reduce((sum, size) => sum + size));
    const blob = await recording!.toBlob();
    expect(await indexOf(blob), 'an index').to.be.empty;
    const {colors, playedUntil, duration} = await play(blob);
    expect(colors).to.include('red');
    expect(playedUntil).to.be.above(1);
    expect(duration).to.be.closeTo(playedUntil, 1.5);
    await recording!.remove();
    expect(await store.ids()).to.be.empty;
  });

  it('puts the slices together in order', async () => {
    const recording = await store.create({name: '', type});
    const parts = Array.from({length: 12}, (_, i) => `${i} `);
    for (const part of parts) {
      await recording.append(new Blob([part]));
    }
    expect(await text(await recording.toBlob())).to.equal(parts.join(''));
    expect((await recording.toBlob()).type).to.equal(type);
    expect(recording.bytes).to.equal(parts.join('').length);
    await recording.remove();
  });

  it('lists what was released, the newest first', async () => {
    for (const name of ['first', 'second']) {
      const recording = await store.create({name, type});
      await recording.append(new Blob([name]));
      recording.release();
      await until(async () => (await store.list()).some((one) => one.name === name), name);
    }
    expect((await store.list()).map(({name}) => name)).to.deep.equal(['second', 'first']);
  });

  it('knows how long one was that had ended, and guesses for one that was cut off', async () => {
    const ended = await store.create({name: 'ended', type});
    await ended.append(new Blob(['x']));
    await ended.end(1_234_000);
    const cut = await store.create({name: 'cut', type});
    await cut.append(new Blob(['x']));
    ended.release();
    cut.release();
    const list = await listed(2);
    expect(list.find(({name}) => name === 'ended')!.lengthMs).to.equal(1_234_000);
    expect(list.find(({name}) => name === 'cut')!.lengthMs).to.be.within(0, 60_000);
  });

  it('does not list what was given to the browser to be saved, and removes it later', async () => {
    const recording = await store.create({name: '', type});
    await recording.append(new Blob(['x']));
    await recording.markSaved();
    const {locks} = navigator;
    await until(async () => !isHeld(await locks.query(), store.folder), 'a free lock');
    expect(await store.list()).to.be.empty;
    expect(await store.ids(), 'still being saved').to.have.length(1);
    const now = Date.now();
    replace(Date, 'now', () => now + 2 * 3_600_000);
    expect(await store.list()).to.be.empty;
    expect(await store.ids()).to.be.empty;
  });

  it('removes what never began and what is none', async () => {
    const recording = await store.create({name: '', type});
    recording.release();
    const root = await navigator.storage.getDirectory();
    const folder = await root.getDirectoryHandle(store.folder);
    const stray = await folder.getDirectoryHandle('stray', {create: true});
    const meta = await stray.getFileHandle('meta.json', {create: true});
    const writable = await meta.createWritable();
    await writable.write('{"name": 1}');
    await writable.close();
    await until(async () => {
      expect(await store.list()).to.be.empty;
      return (await store.ids()).length === 0;
    }, 'an empty store');
  });

  it('writes no slice after one that failed, and removes twice without harm', async () => {
    const recording = await store.create({name: '', type});
    await recording.append(new Blob(['one']));
    replace(FileSystemFileHandle.prototype, 'createWritable', () =>
      Promise.reject(new DOMException('full', 'QuotaExceededError')),
    );
    let name = '';
    await recording.append(new Blob(['two'])).catch((error: DOMException) => (name = error.name));
    expect(name).to.equal('QuotaExceededError');
    expect(await text(await recording.toBlob())).to.equal('one');
    await recording.remove();
    await recording.remove();
    expect(await store.ids()).to.be.empty;
  });
});

function isHeld({held = []}: LockManagerSnapshot, folder: string): boolean {
  return held.some(({name}) => name?.startsWith(folder));
}
