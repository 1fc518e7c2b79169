import {expect} from '@open-wc/testing';
import type {StoredRecording} from '../../../src/rtc/recording-store.js';
import {pickFile, recordingFileName, saveRecording} from '../../../src/rtc/save-file.js';
import {TestStore} from '../recordings.js';
import {replace, restoreAll, until, watchErrors} from '../support.js';

const type = 'video/webm;codecs=vp8,opus';
const startedAt = new Date(2026, 10, 21, 20, 15, 59);
const about = {name: 'friday', type, startedAt};
let store: TestStore;
let settle: () => void;

async function storeRecording(): Promise<StoredRecording> {
  const recording = await store.create({name: 'friday', type});
  await recording.append(new Blob(['all of it']));
  return recording;
}

/** What is clicked to be downloaded, instead of downloading it. */
function watchDownloads(): HTMLAnchorElement[] {
  const clicked: HTMLAnchorElement[] = [];
  replace(HTMLAnchorElement.prototype, 'click', function (this: HTMLAnchorElement) {
    clicked.push(this);
  });
  return clicked;
}

describe('recordingFileName', () => {
  it('has the name, the day, the time and what players know it by', () => {
    expect(recordingFileName(about)).to.equal('friday 2026-11-21 20.15.webm');
    expect(recordingFileName({...about, type: 'video/mp4'})).to.match(/ 20\.15\.mp4$/);
    expect(recordingFileName({...about, name: '금요일 🎻'})).to.match(/^금요일 🎻 2026/);
    expect(recordingFileName({...about, name: ''})).to.equal('2026-11-21 20.15.webm');
  });

  it('says which part it is of one that went on in another page', () => {
    expect(recordingFileName({...about, part: 1})).to.equal('friday 2026-11-21 20.15.webm');
    expect(recordingFileName({...about, part: 2})).to.equal('friday 2026-11-21 20.15 part 2.webm');
  });

  it('is safe for file systems, whatever the name is', () => {
    const names = {
      '../../etc/passwd': 'etc passwd',
      'a/b\\c:d*e?f"g<h>i|j': 'a b c d e f g h i j',
      ' ..hidden. ': 'hidden',
      'line\nbreak\u0000': 'line break',
      'right\u202eto left': 'right to left',
      '...': '',
    };
    for (const [name, safe] of Object.entries(names)) {
      const expected = [safe, '2026-11-21 20.15.webm'].filter(Boolean).join(' ');
      expect(recordingFileName({...about, name}), name).to.equal(expected);
    }
    const long = recordingFileName({...about, name: '🎻'.repeat(500)});
    expect([...long].length).to.be.below(110);
    expect(long).to.not.match(/\p{Cs}/u);
  });
});

describe('saving a recording', () => {
  beforeEach(() => {
    settle = watchErrors();
    store = TestStore.create();
  });
  afterEach(async () => {
    restoreAll();
    await store.clear();
    settle();
  });

  it('offers a name and a type in the picker', async () => {
    const asked: unknown[] = [];
    replace(globalThis, 'showSaveFilePicker', async (options: unknown) => {
      asked.push(options);
      return 'the file';
    });
    expect(await pickFile(about)).to.equal('the file');
    expect(asked).to.deep.equal([
      {suggestedName: 'friday 2026-11-21 20.15.webm', types: [{accept: {'video/webm': ['.webm']}}]},
    ]);
  });

  it('does nothing when the picker is cancelled', async () => {
    replace(globalThis, 'showSaveFilePicker', () =>
      Promise.reject(new DOMException('no', 'AbortError')),
    );
    const clicked = watchDownloads();
    const recording = await storeRecording();
    expect(await saveRecording(recording)).to.equal('cancelled');
    expect(clicked).to.be.empty;
    expect(recording.isSaved).to.be.false;
    expect(await store.ids()).to.have.length(1);
    await recording.remove();
  });

  it('writes to the file that was picked, and removes the recording then', async () => {
    const root = await navigator.storage.getDirectory();
    const file = await root.getFileHandle(`picked ${crypto.randomUUID()}`, {create: true});
    replace(globalThis, 'showSaveFilePicker', async () => file);
    expect(await saveRecording(await storeRecording())).to.equal('saved');
    expect(await (await file.getFile()).text()).to.equal('all of it');
    expect(await store.ids()).to.be.empty;
    await root.removeEntry(file.name);
  });

  it('keeps the recording when the file that was picked cannot be written', async () => {
    replace(globalThis, 'showSaveFilePicker', async () => ({
      createWritable: () => Promise.reject(new DOMException('full', 'QuotaExceededError')),
    }));
    const recording = await storeRecording();
    let code = '';
    await saveRecording(recording).catch((error: {code: string}) => (code = error.code));
    expect(code).to.equal('recording-failed');
    expect(recording.isSaved).to.be.false;
    expect(await store.ids()).to.have.length(1);
    await recording.remove();
  });

  it('downloads where there is no picker, or no click, and keeps it for a while', async () => {
    replace(globalThis, 'showSaveFilePicker', () =>
      Promise.reject(new DOMException('no click', 'SecurityError')),
    );
    const clicked = watchDownloads();
    const recording = await storeRecording();
    expect(await saveRecording(recording)).to.equal('saved');
    expect(clicked).to.have.length(1);
    expect(clicked[0]!.download).to.match(/^friday .*\.webm$/);
    expect(await (await fetch(clicked[0]!.href)).text()).to.equal('all of it');
    expect(recording.isSaved).to.be.true;
    expect(await store.ids()).to.have.length(1);
  });

  it('downloads one file, as many would be read into memory; or many, without the place for it', async () => {
    replace(globalThis, 'showSaveFilePicker', () =>
      Promise.reject(new DOMException('no click', 'SecurityError')),
    );
    const clicked = watchDownloads();
    for (const isFull of [false, true]) {
      const recording = await storeRecording();
      await recording.append(new Blob([', to the end']));
      const {getFileHandle} = FileSystemDirectoryHandle.prototype;
      replace(
        FileSystemDirectoryHandle.prototype,
        'getFileHandle',
        function (this: FileSystemDirectoryHandle, name: string, options?: {create: boolean}) {
          return isFull && name === 'whole'
            ? Promise.reject(new DOMException('full', 'QuotaExceededError'))
            : getFileHandle.call(this, name, options);
        },
      );
      expect(await saveRecording(recording)).to.equal('saved');
      expect(await (await fetch(clicked.at(-1)!.href)).text()).to.equal('all of it, to the end');
      await until(async () => (await store.sizes()).length === (isFull ? 2 : 0), 'the slices');
      expect(await (await recording.toBlob()).text()).to.equal('all of it, to the end');
      // As at the next visit, when the page went before it was marked.
      await recording.join();
      expect(await (await recording.toBlob()).text()).to.equal('all of it, to the end');
      await recording.remove();
    }
  });
});
