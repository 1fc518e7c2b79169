import {expect} from '@open-wc/testing';
import {Recorder, type RecordedTracks} from '../../../src/rtc/recorder.js';
import {RecordingStore} from '../../../src/rtc/recording-store.js';
import type {CallSession} from '../../../src/session/call-session.js';
import {colored, loudness, play} from '../recordings.js';
import {
  canvasStream,
  createSession,
  hurry,
  leaveAll,
  randomRoom,
  replace,
  restoreAll,
  until,
  untilConnected,
  watchErrors,
} from '../support.js';

/** The session records into the store that all pages of the site share. */
async function emptyStore() {
  const root = await navigator.storage.getDirectory();
  await root.removeEntry('rtc-recordings', {recursive: true}).catch(() => undefined);
}

describe('Recording, in a session', () => {
  let settle: () => void;
  let room: string;
  let saved: {name: string; blob: Promise<Blob>}[];

  beforeEach(async () => {
    settle = watchErrors();
    room = randomRoom();
    saved = [];
    await emptyStore();
    // Where a person can choose a file, this would wait for one.
    replace(window, 'showSaveFilePicker', () =>
      Promise.reject(new DOMException('', 'SecurityError')),
    );
    replace(HTMLAnchorElement.prototype, 'click', function (this: HTMLAnchorElement) {
      saved.push({name: this.download, blob: fetch(this.href).then((answer) => answer.blob())});
    });
  });
  afterEach(async () => {
    leaveAll();
    restoreAll();
    await emptyStore();
    settle();
  });

  async function createStage(): Promise<CallSession> {
    const stage = await createSession({
      room,
      name: 'Stage',
      mode: 'broadcast',
      stream: canvasStream(),
    });
    await stage.join();
    return stage;
  }

  async function createViewer(): Promise<CallSession> {
    const viewer = await createSession({room, name: 'Viewer', mode: 'watch'});
    await viewer.join();
    await until(() => viewer.participants[0]?.connection === 'connected', 'the stage');
    return viewer;
  }

  async function untilPlays(blob: Blob) {
    const video = Object.assign(document.createElement('video'), {
      muted: true,
      src: URL.createObjectURL(blob),
    });
    document.body.append(video);
    try {
      await video.play();
      await until(() => video.currentTime > 0.3 && video.videoWidth > 0, 'it to play');
    } finally {
      video.remove();
      URL.revokeObjectURL(video.src);
    }
  }

  it('is for a stage, from the beginning of the show to its end', async () => {
    const stage = await createSession({room, mode: 'broadcast', stream: canvasStream()});
    expect(stage.recording.isAvailable).to.be.false;
    await stage.recording.start('too soon');
    expect(stage.recording.isRunning).to.be.false;
    await stage.join();
    expect(stage.recording.isAvailable).to.be.true;
    await stage.recording.start('The concert');
    await until(() => stage.recording.startedAt, 'it to begin');
    await until(() => stage.recording.bytes > 0, 'something on disk');
    stage.broadcast.pause();
    stage.broadcast.pause(false);
    await stage.recording.stop();
    expect(stage.recording.isRunning).to.be.false;
    expect(saved[0]?.name).to.match(/^The concert \d{4}-\d\d-\d\d \d\d\.\d\d\.webm$/);
    await untilPlays(await saved[0]!.blob);
    expect(stage.recording.left).to.deep.equal([]);
  }).timeout(40_000);

  it('is saved when the show ends while it runs', async () => {
    const stage = await createStage();
    await stage.recording.start('Until the end');
    await until(() => stage.recording.bytes > 0, 'something on disk');
    stage.leave();
    await until(() => saved.length, 'the file');
    await untilPlays(await saved[0]!.blob);
    expect(stage.recording.isAvailable).to.be.false;
  }).timeout(40_000);

  it('is for a viewer only while the stage allows it', async () => {
    const stage = await createStage();
    const viewer = await createViewer();
    expect(viewer.recording.isAvailable).to.be.false;
    stage.broadcast.allowRecording();
    await until(() => viewer.recording.isAvailable, 'the permission');
    await viewer.recording.start('What I saw');
    await until(() => viewer.recording.bytes > 0, 'something on disk');
    stage.broadcast.allowRecording(false);
    await until(() => saved.length, 'the file');
    await untilPlays(await saved[0]!.blob);
    expect(viewer.recording.isRunning).to.be.false;
  }).timeout(40_000);

  it('has the guest as well: the sound, and the picture in the corner', async () => {
    const stage = await createStage();
    // With the microphone of the machine, which is heard; the stage has none.
    const viewer = await createViewer();
    let tracks: RecordedTracks | undefined;
    const {setTracks} = Recorder.prototype;
    replace(Recorder.prototype, 'setTracks', function (this: Recorder, now: RecordedTracks) {
      tracks = now;
      setTracks.call(this, now);
    });
    const {id} = await until(() => stage.participants[0], 'the viewer');
    stage.broadcast.invite(id);
    await until(() => viewer.broadcast.isInvited, 'the invitation');
    viewer.broadcast.answerInvitation(true);
    const guest = await until(
      () =>
        stage.participants.find(
          ({role, micOff, cameraOff}) => role === 'guest' && !micOff && !cameraOff,
        ),
      'the guest',
    );
    await stage.recording.start('The concert');
    expect(tracks?.video).to.equal(stage.self.stream!.getVideoTracks()[0]);
    await until(() => tracks?.inset, 'their picture');
    expect(tracks?.inset).to.equal(guest.stream!.getVideoTracks()[0]);
    expect(tracks?.audio).to.deep.equal(guest.stream!.getAudioTracks());
    const {bytes} = stage.recording;
    await until(() => stage.recording.bytes > bytes + 200_000, 'some of it');
    await stage.recording.stop();
    expect(await loudness(await saved[0]!.blob)).to.be.above(0.01);
    stage.broadcast.sendBack();
    await until(() => stage.participants[0]?.role === 'viewer', 'the end');
  }).timeout(60_000);

  it('has everybody of a call, and everybody is told, also who comes later', async () => {
    const [microphone] = (await navigator.mediaDevices.getUserMedia({audio: true})).getTracks();
    const enter = async (name: string, color: string, ...tracks: MediaStreamTrack[]) => {
      const stream = new MediaStream([colored(color), ...tracks]);
      const session = await createSession({room, name, stream});
      await session.join();
      return session;
    };
    const mina = await enter('Mina', 'red');
    const jonas = await enter('Jonas', 'lime', microphone!);
    await untilConnected(mina, jonas);
    expect(mina.isRecorded || jonas.isRecorded).to.be.false;
    await mina.recording.start('Our call');
    expect([mina.self.recording, jonas.self.recording]).to.deep.equal([true, false]);
    await until(() => jonas.participants[0]?.recording && jonas.isRecorded, 'word of it');
    const late = await createSession({room, name: 'Late', micOff: true, cameraOff: true});
    await late.join();
    await until(() => late.isRecorded, 'word of it');
    expect(late.participants.find(({recording}) => recording)?.name).to.equal('Mina');
    late.leave();
    const {bytes} = mina.recording;
    await until(() => mina.recording.bytes > bytes + 30_000, 'some of it');
    await mina.recording.stop();
    await until(() => !jonas.isRecorded, 'the end of it');
    const blob = await saved[0]!.blob;
    expect((await play(blob, 'left')).colors)
      .to.include('red')
      .and.not.include('green');
    expect((await play(blob, 'right')).colors).to.include('green');
    expect(await loudness(blob)).to.be.above(0.01);
  }).timeout(60_000);

  it('of a call is saved when one hangs up', async () => {
    const session = await createSession({room, stream: new MediaStream([colored('red')])});
    await session.recording.start('too soon');
    expect(session.recording.isRunning).to.be.false;
    await session.join();
    await session.recording.start('Our call');
    await until(() => session.recording.bytes > 0, 'something on disk');
    session.leave();
    const {blob} = await until(() => saved[0], 'the file');
    expect((await play(await blob)).colors.at(-1)).to.equal('red');
    expect(session.isRecorded).to.be.false;
  }).timeout(40_000);

  it('does not go on by itself in another show of the page', async () => {
    const stage = await createSession({room, mode: 'broadcast', stream: new MediaStream()});
    stage.recording.resume({id: 'one', name: 'The concert', part: 1});
    await stage.join();
    expect(stage.recording.isRunning, 'while there is nothing to record').to.be.true;
    stage.leave();
    stage.configure({stream: canvasStream()});
    await stage.join();
    expect(stage.recording.isRunning).to.be.false;
  });

  it('goes on in the dark when nothing is on, and stops when that is not wanted', async () => {
    hurry({12_000: 300});
    for (const [mode, isWanted] of [
      ['call', true],
      ['broadcast', true],
      ['broadcast', false],
    ] as const) {
      const stage = await createSession({
        room: randomRoom(),
        mode,
        micOff: true,
        cameraOff: true,
      });
      stage.recording.resume({id: 'one', name: 'The concert', part: 1});
      await stage.join();
      expect(stage.recording.isRunning, 'waiting').to.be.true;
      if (isWanted) {
        await until(() => stage.recording.startedAt, 'a recording');
        expect(stage.recording.unfinished?.part).to.equal(2);
      } else {
        let changes = 0;
        stage.recording.addEventListener('change', () => changes++);
        await stage.recording.stop();
        expect(changes).to.be.above(0);
        expect(stage.recording.isRunning).to.be.false;
      }
      stage.leave();
    }
  });

  it('waits in vain, and not for ever, where the stage does not allow it any more', async () => {
    await createStage();
    hurry({12_000: 300});
    const viewer = await createSession({room, name: 'Viewer', mode: 'watch'});
    viewer.recording.resume({id: 'one', name: 'The concert', part: 1});
    await viewer.join();
    expect(viewer.recording.isRunning).to.be.true;
    await until(() => !viewer.recording.isRunning, 'the end of that');
  });

  it('frees the place of what is discarded', async () => {
    const cut = await new RecordingStore().create({name: 'The concert', type: 'video/webm'});
    await cut.append(new Blob(['all of it']));
    cut.release();
    const stage = await createSession({room, mode: 'broadcast'});
    await until(async () => {
      await stage.recording.findLeft();
      return stage.recording.left.length;
    }, 'the recording');
    await stage.recording.discard(stage.recording.left[0]!);
    expect(stage.recording.left).to.deep.equal([]);
    const root = await navigator.storage.getDirectory();
    const folder = await root.getDirectoryHandle('rtc-recordings');
    const ids: string[] = [];
    for await (const id of folder.keys()) {
      ids.push(id);
    }
    expect(ids).to.deep.equal([]);
  });

  it('keeps what could not be saved, and offers it until it is saved or discarded', async () => {
    const stage = await createStage();
    await stage.recording.start('The concert');
    await until(() => stage.recording.bytes > 0, 'something on disk');
    let cancel = () => {};
    let isAsked = false;
    replace(window, 'showSaveFilePicker', () => {
      isAsked = true;
      return new Promise(
        (_, reject) => (cancel = () => reject(new DOMException('', 'AbortError'))),
      );
    });
    const stopped = stage.recording.stop();
    await until(() => isAsked, 'the question where to');
    expect(stage.recording.isRunning, 'not left before the answer').to.be.true;
    cancel();
    await stopped;
    expect(stage.recording.isRunning).to.be.false;
    expect(stage.recording.left.map(({name}) => name)).to.deep.equal(['The concert']);
    await stage.recording.discard(stage.recording.left[0]!);
    expect(stage.recording.left).to.deep.equal([]);
    const later = await createSession({room, mode: 'broadcast'});
    await later.recording.findLeft();
    expect(later.recording.left).to.deep.equal([]);
  }).timeout(40_000);
});
