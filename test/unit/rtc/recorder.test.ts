import {expect} from '@open-wc/testing';
import {Recorder, type RecorderState} from '../../../src/rtc/recorder.js';
import type {StoredRecording} from '../../../src/rtc/recording-store.js';
import {colored, loudness, play, TestStore} from '../recordings.js';
import {ConnectionWitness, once, replace, restoreAll, until, watchErrors} from '../support.js';
import {indexOf} from '../webm.js';

const sliceMs = 500;
const kept: MediaStreamTrack[] = [];
const recorders: Recorder[] = [];
let store: TestStore;
let witness: ConnectionWitness;
let settle: () => void;

function picture(color: string, size?: {width: number; height: number}): MediaStreamTrack {
  const track = colored(color, size);
  kept.push(track);
  return track;
}

async function microphone(): Promise<MediaStreamTrack> {
  const [track] = (await navigator.mediaDevices.getUserMedia({audio: true})).getAudioTracks();
  kept.push(track!);
  return track!;
}

function createRecorder(): Recorder {
  const recorder = new Recorder({store});
  recorders.push(recorder);
  return recorder;
}

/** One that records, with at least so many files on disk. */
async function record(
  video: MediaStreamTrack | undefined,
  {files = 0}: {files?: number} = {},
): Promise<Recorder> {
  const recorder = createRecorder();
  recorder.setTracks({video, audio: [await microphone()]});
  await recorder.start({name: 'friday'});
  await untilFiles(files);
  return recorder;
}

const untilFiles = (count: number) =>
  until(async () => (await store.sizes()).length >= count, `${count} files`);

/** Until it has had time to record this. */
async function untilRecorded(recorder: Recorder, slices = 4): Promise<void> {
  for (let i = 0; i < slices; i++) {
    const {bytes} = recorder;
    await until(() => recorder.bytes > bytes, 'another slice');
  }
}

async function finish(recorder: Recorder): Promise<StoredRecording> {
  await recorder.stop();
  return recordingOf(recorder.state)!;
}

function recordingOf(state: RecorderState): StoredRecording | undefined {
  return 'recording' in state ? state.recording : undefined;
}

/** A file as a picker gives it. */
async function pickedFile(): Promise<FileSystemFileHandle> {
  const root = await navigator.storage.getDirectory();
  return root.getFileHandle(`picked ${crypto.randomUUID()}`, {create: true});
}

describe('Recorder', function () {
  this.timeout(60_000);

  beforeEach(() => {
    settle = watchErrors();
    store = TestStore.create();
    witness = new ConnectionWitness();
    const {start} = MediaRecorder.prototype;
    replace(MediaRecorder.prototype, 'start', function (this: MediaRecorder) {
      // Slices are shorter here, so that there are more of them soon.
      start.call(this, sliceMs);
    });
  });
  afterEach(async () => {
    for (const recorder of recorders.splice(0)) {
      await recorder.stop();
      await recordingOf(recorder.state)?.remove();
    }
    for (const track of kept.splice(0)) {
      track.stop();
    }
    expect(witness.live, 'connections').to.be.empty;
    restoreAll();
    await store.clear();
    settle();
  });

  it('works in this browser', () => {
    expect(Recorder.isSupported).to.be.true;
    expect(Recorder.type).to.match(/^video\/webm/);
  });

  it('grows on disk in closed files while it runs', async () => {
    const recorder = await record(picture('red'), {files: 3});
    expect(recorder.state.phase).to.equal('recording');
    const sizes = await store.sizes();
    expect(Math.min(...sizes)).to.be.above(0);
    await until(() => recorder.bytes >= sizes.reduce((sum, size) => sum + size), 'its own count');
    expect(recorder.startedAt!.getTime()).to.be.closeTo(Date.now(), 60_000);
  });

  it('shows what was recorded, also after a change to a picture of another size', async () => {
    const recorder = await record(picture('red'), {files: 1});
    const audio = [await microphone()];
    recorder.setTracks({video: picture('blue', {width: 640, height: 480}), audio});
    await untilRecorded(recorder);
    const recording = await finish(recorder);
    const {colors, playedUntil} = await play(await recording.toBlob());
    expect(colors.filter((color) => color !== 'black')).to.deep.equal(['red', 'blue']);
    expect(playedUntil).to.be.above(2);
  });

  it('records black and goes on while there is no picture', async () => {
    const recorder = await record(undefined, {files: 1});
    recorder.setTracks({video: picture('red'), audio: []});
    await untilRecorded(recorder, 2);
    recorder.setTracks({video: undefined, audio: []});
    await untilRecorded(recorder, 2);
    const recording = await finish(recorder);
    const {colors} = await play(await recording.toBlob());
    expect(colors).to.deep.equal(['black', 'red', 'black']);
  });

  it('goes on when what it is given has ended, or ends', async () => {
    const [video, ended, audio] = [picture('red'), picture('blue'), await microphone()];
    const recorder = await record(video, {files: 1});
    video.stop();
    await untilRecorded(recorder, 2);
    ended.stop();
    audio.stop();
    recorder.setTracks({video: ended, audio: [audio]});
    await untilRecorded(recorder, 2);
    expect(recorder.state.phase).to.equal('recording');
    const {colors} = await play(await (await finish(recorder)).toBlob());
    expect(colors).to.include('red').and.not.include('blue');
  });

  it('is whole in a browser that can pass on frames only over a connection', async () => {
    Reflect.deleteProperty(globalThis, 'MediaStreamTrackGenerator');
    const recorder = await record(picture('red'), {files: 1});
    expect(witness.live).to.have.length(2);
    recorder.setTracks({video: picture('green'), audio: []});
    await untilRecorded(recorder);
    const recording = await finish(recorder);
    const {colors} = await play(await recording.toBlob());
    expect(colors.filter((color) => color !== 'black')).to.deep.equal(['red', 'green']);
  });

  for (const way of ['frames are passed on', 'a connection carries it']) {
    it(`has a second picture in its corner, as long as there is one, where ${way}`, async () => {
      if (way === 'a connection carries it') {
        Reflect.deleteProperty(globalThis, 'MediaStreamTrackGenerator');
      }
      const [red, blue] = [picture('red', {width: 640, height: 360}), picture('blue')];
      const recorder = await record(red, {files: 1});
      recorder.setTracks({video: red, inset: blue, audio: []});
      await untilRecorded(recorder);
      recorder.setTracks({video: red, audio: []});
      await untilRecorded(recorder);
      const blob = await (await finish(recorder)).toBlob();
      const corner = await play(blob, 'corner');
      expect(corner.colors.filter((color) => color !== 'black')).to.deep.equal([
        'red',
        'blue',
        'red',
      ]);
      const middle = await play(blob);
      expect(middle.colors).to.include('red').and.not.include('blue');
    });
  }

  it('shows the second picture also beside one that stands still', async () => {
    const red = picture('red');
    const blank = Object.assign(document.createElement('canvas'), {width: 640, height: 360});
    blank.getContext('2d')!.fillRect(0, 0, 640, 360);
    const [black] = blank.captureStream().getVideoTracks();
    kept.push(black!);
    const recorder = createRecorder();
    recorder.setTracks({video: black, inset: red, audio: [await microphone()]});
    await recorder.start({name: 'friday'});
    await untilRecorded(recorder);
    const {colors} = await play(await (await finish(recorder)).toBlob(), 'corner');
    expect(colors).to.include('red');
  });

  it('goes on with the first picture alone while the page is out of sight and cannot paint', async () => {
    Reflect.deleteProperty(globalThis, 'MediaStreamTrackGenerator');
    const [red, blue] = [picture('red'), picture('blue')];
    const recorder = createRecorder();
    recorder.setTracks({video: red, inset: blue, audio: [await microphone()]});
    await recorder.start({name: 'friday'});
    await untilRecorded(recorder);
    replace(document, 'hidden', true);
    document.dispatchEvent(new Event('visibilitychange'));
    await untilRecorded(recorder);
    const {colors} = await play(await (await finish(recorder)).toBlob(), 'corner');
    expect(colors.filter((color) => color !== 'black')).to.deep.equal(['blue', 'red']);
  });

  it('has sound', async () => {
    const recorder = await record(undefined, {files: 2});
    const recording = await finish(recorder);
    expect(await loudness(await recording.toBlob())).to.be.above(0.01);
  });

  it('says how long it is, and can be sought in', async () => {
    const recorder = await record(picture('red'), {files: 4});
    // One of another size begins with a key frame.
    recorder.setTracks({video: picture('blue', {width: 640, height: 480}), audio: []});
    await untilRecorded(recorder);
    const recording = await finish(recorder);
    const blob = await recording.toBlob();
    expect(await indexOf(blob)).to.have.length.above(1);
    const video = document.createElement('video');
    video.preload = 'auto';
    video.src = URL.createObjectURL(blob);
    await once(video, 'loadeddata');
    expect(video.duration * 1_000).to.be.closeTo(recording.lengthMs!, 1_000);
    // In a blob of several parts Firefox goes no further than it has read.
    await until(() => video.buffered.end(0) >= video.duration - 0.5, 'all of it');
    video.currentTime = video.duration - 1;
    await once(video, 'seeked');
    expect(video.currentTime).to.be.closeTo(video.duration - 1, 0.5);
  });

  it('keeps a finished recording until it is removed', async () => {
    const recording = await finish(await record(picture('red'), {files: 1}));
    expect(recording.name).to.equal('friday');
    expect(await store.list(), 'cut off').to.be.empty;
    expect(await store.ids()).to.have.length(1);
    await recording.remove();
    expect(await store.ids()).to.be.empty;
  });

  it('writes to a file that was picked, and leaves nothing else', async () => {
    const file = await pickedFile();
    const recorder = createRecorder();
    recorder.setTracks({video: picture('red'), audio: [await microphone()]});
    await recorder.start({name: 'friday', file});
    await untilFiles(2);
    await recorder.stop();
    expect(recorder.state).to.deep.equal({phase: 'finished', recording: undefined});
    expect(await store.ids()).to.be.empty;
    const written = await file.getFile();
    expect(await indexOf(written)).to.not.be.empty;
    const played = await play(written);
    expect(played.colors).to.include('red');
    expect(played.duration).to.be.within(0.8, 60);
  });

  it('has everything in the store when the picked file cannot be written any more', async () => {
    const file = await pickedFile();
    const createWritable = file.createWritable.bind(file);
    replace(file, 'createWritable', async () => {
      const stream = await createWritable();
      replace(stream, 'write', () => Promise.reject(new DOMException('gone', 'NotFoundError')));
      return stream;
    });
    const recorder = createRecorder();
    recorder.setTracks({video: picture('red'), audio: [await microphone()]});
    await recorder.start({name: 'friday', file});
    await untilFiles(3);
    const recording = await finish(recorder);
    expect(recorder.state.phase).to.equal('finished');
    expect((await play(await recording.toBlob())).colors).to.include('red');
  });

  it('stops when the disk is full, says so, and keeps what it has', async () => {
    const recorder = await record(picture('red'), {files: 2});
    const errors: unknown[] = [];
    recorder.addEventListener('error', ({error}) => errors.push(error));
    replace(FileSystemFileHandle.prototype, 'createWritable', () =>
      Promise.reject(new DOMException('full', 'QuotaExceededError')),
    );
    await until(() => recorder.state.phase === 'failed', 'the end');
    const {state} = recorder;
    expect(state.phase === 'failed' && state.error.code).to.equal('recording-failed');
    expect(state.phase === 'failed' && state.error.cause).to.have.property(
      'name',
      'QuotaExceededError',
    );
    expect(errors).to.have.length(1);
    const recording = recordingOf(state)!;
    expect(recording.bytes).to.be.above(0);
    expect((await play(await recording.toBlob())).colors).to.include('red');
  });

  it('fails without a trace when it cannot begin', async () => {
    const recorder = createRecorder();
    replace(FileSystemFileHandle.prototype, 'createWritable', () =>
      Promise.reject(new DOMException('full', 'QuotaExceededError')),
    );
    await recorder.start({name: 'friday'});
    const {state} = recorder;
    expect(state.phase === 'failed' && state.error.code).to.equal('recording-failed');
    restoreAll();
    expect(await store.list()).to.be.empty;
    expect(await store.ids()).to.be.empty;
  });

  it('leaves nothing when it is stopped before it records', async () => {
    const recorder = createRecorder();
    const starting = recorder.start({name: 'friday'});
    await recorder.stop();
    await starting;
    expect(recorder.state).to.deep.equal({phase: 'finished', recording: undefined});
    expect(await store.ids()).to.be.empty;
  });

  it('leaves the tracks it was given alone', async () => {
    const [video, audio] = [picture('red'), await microphone()];
    const recorder = createRecorder();
    recorder.setTracks({video, audio: [audio]});
    await recorder.start({name: 'friday'});
    await recorder.stop();
    expect([video.readyState, audio.readyState]).to.deep.equal(['live', 'live']);
  });

  it('can be stopped again and again, and started once', async () => {
    const recorder = await record(picture('red'));
    await recorder.start({name: 'another'});
    expect(await store.ids()).to.have.length(1);
    await Promise.all([recorder.stop(), recorder.stop()]);
    await recorder.stop();
    const {state} = recorder;
    expect(state.phase).to.equal('finished');
    await recorder.start({name: 'another'});
    expect(recorder.state).to.equal(state);
  });
});
