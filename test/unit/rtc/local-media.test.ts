import {expect} from '@open-wc/testing';
import type {RtcError} from '../../../src/core/errors.js';
import {defaultWishes} from '../../../src/rtc/capture.js';
import {LocalMedia} from '../../../src/rtc/local-media.js';
import {
  canvasStream,
  DeviceWitness,
  hearTestEvents,
  replace,
  restoreAll,
  until,
  watchErrors,
} from '../support.js';

const both = {audio: true, video: true};

describe('LocalMedia', () => {
  let media: LocalMedia;
  let errors: RtcError[];
  let changes: number;
  let devices: DeviceWitness;
  let settle: () => void;

  beforeEach(() => {
    settle = watchErrors();
    hearTestEvents();
    devices = new DeviceWitness();
    media = new LocalMedia();
    errors = [];
    changes = 0;
    media.addEventListener('error', ({error}) => errors.push(error));
    media.addEventListener('change', () => changes++);
  });
  afterEach(() => {
    media.close();
    expect(devices.live.length).to.equal(0);
    restoreAll();
    settle();
  });

  const codes = () => errors.map(({code}) => code);
  const kinds = () => media.stream.getTracks().map(({kind}) => kind);

  /** Lets devices fail by the names of `DOMException`s: for both, the microphone, the camera. */
  function fail(names: {both?: string; audio?: string; video?: string}, granted = true) {
    const {mediaDevices} = navigator;
    const original = mediaDevices.getUserMedia.bind(mediaDevices);
    const asked: string[] = [];
    replace(mediaDevices, 'getUserMedia', async (constraints: MediaStreamConstraints) => {
      const {audio, video} = constraints;
      const what = audio && video ? 'both' : audio ? 'audio' : 'video';
      asked.push(what);
      const name = names[what];
      if (name) {
        throw new DOMException('as told', name);
      }
      return original(constraints);
    });
    replace(navigator.permissions, 'query', async () => ({state: granted ? 'granted' : 'denied'}));
    return asked;
  }

  it('opens nothing by itself', () => {
    expect(media.stream.getTracks().length).to.equal(0);
    expect(media.screen.getTracks().length).to.equal(0);
    expect(Boolean(media.mic)).to.be.false;
    expect(Boolean(media.camera)).to.be.false;
    expect(media.micOn).to.be.false;
    expect(devices.asked).to.be.empty;
  });

  it('opens what is wanted, both with one question', async () => {
    await media.open(both);
    expect(kinds()).to.have.members(['audio', 'video']);
    expect(devices.asked).to.have.length(1);
    expect(media.micOn).to.be.true;
    expect(errors).to.be.empty;
    expect(changes).to.be.above(0);
  });

  it('opens one alone, and the other later', async () => {
    await media.open({audio: true, video: false});
    expect(kinds()).to.deep.equal(['audio']);
    expect(devices.asked[0]?.video).to.be.false;
    await media.open(both);
    expect(kinds()).to.have.members(['audio', 'video']);
    expect(devices.asked[1]?.audio).to.be.false;
    await media.open(both);
    expect(devices.asked).to.have.length(2);
  });

  it('asks for nothing when nothing is wanted', async () => {
    await media.open({audio: false, video: false});
    expect(devices.asked).to.be.empty;
  });

  it('ends every track when it closes, and may open again', async () => {
    await media.open(both);
    media.close();
    expect(devices.live.length).to.equal(0);
    expect(media.stream.getTracks().length).to.equal(0);
    await media.open(both);
    expect(devices.live.length).to.equal(2);
  });

  it('closes a device that opens after everything was closed', async () => {
    const opening = media.open(both);
    media.close();
    await opening;
    expect(devices.all.length).to.equal(2);
    expect(devices.live.length).to.equal(0);
    expect(media.stream.getTracks().length).to.equal(0);
    expect(errors).to.be.empty;
  });

  it('keeps what opened anew apart from what comes late', async () => {
    const late = media.open(both);
    media.close();
    const now = media.open(both);
    await Promise.all([late, now]);
    expect(devices.live.every((track) => media.stream.getTracks().includes(track))).to.be.true;
    expect(devices.live.length).to.equal(2);
  });

  it('says nothing of a failure nobody waits for any more', async () => {
    fail({both: 'NotFoundError', audio: 'NotFoundError', video: 'NotFoundError'});
    const opening = media.open(both);
    media.close();
    await opening;
    expect(errors).to.be.empty;
  });

  it('mutes the microphone without closing it', async () => {
    await media.open(both);
    const {mic} = media;
    await media.setMic(false);
    expect(media.mic === mic).to.be.true;
    expect(mic?.enabled).to.be.false;
    expect(mic?.readyState).to.equal('live');
    expect(media.micOn).to.be.false;
    await media.setMic(true);
    expect(mic?.enabled).to.be.true;
    expect(devices.asked).to.have.length(1);
  });

  it('opens the microphone when it is first switched on', async () => {
    await media.setMic(false);
    expect(devices.asked).to.be.empty;
    await media.setMic(true);
    expect(kinds()).to.deep.equal(['audio']);
    expect(media.micOn).to.be.true;
  });

  it('keeps a microphone muted that was muted while it opened', async () => {
    const opening = media.open(both);
    await media.setMic(false);
    await opening;
    expect(media.mic?.enabled).to.be.false;
    expect(media.micOn).to.be.false;
  });

  it('releases the camera when it is off, and takes it again', async () => {
    await media.open(both);
    const {camera} = media;
    await media.setCamera(false);
    expect(camera?.readyState).to.equal('ended');
    expect(Boolean(media.camera)).to.be.false;
    expect(kinds()).to.deep.equal(['audio']);
    await media.setCamera(true);
    expect(media.camera?.readyState).to.equal('live');
    expect(media.camera === camera).to.be.false;
    expect(errors).to.be.empty;
  });

  for (const [name, code] of [
    ['NotAllowedError', 'permission-denied'],
    ['SecurityError', 'permission-denied'],
    ['NotFoundError', 'device-not-found'],
    ['NotReadableError', 'device-in-use'],
    ['AbortError', 'device-in-use'],
    ['OverconstrainedError', 'device-failed'],
    ['TypeError', 'device-failed'],
  ] as const) {
    it(`tells ${code} for ${name}, once, with what to do`, async () => {
      fail({both: name, audio: name, video: name});
      await media.open(both);
      expect(codes()).to.deep.equal([code]);
      expect(errors[0]?.message).to.have.length.above(20);
      expect((errors[0]?.cause as Error).name).to.equal(name);
      expect(media.stream.getTracks().length).to.equal(0);
    });
  }

  it('tells an insecure page from a browser without devices', async () => {
    replace(window, 'isSecureContext', false);
    await media.open(both);
    restoreAll();
    replace(navigator, 'mediaDevices', undefined);
    await media.open(both);
    expect(codes()).to.deep.equal(['insecure-context', 'unsupported-browser']);
  });

  it('takes the microphone where there is no camera', async () => {
    const asked = fail({both: 'NotFoundError', video: 'NotFoundError'});
    await media.open(both);
    expect(asked).to.deep.equal(['both', 'audio', 'video']);
    expect(kinds()).to.deep.equal(['audio']);
    expect(codes()).to.deep.equal(['device-not-found']);
    expect(errors[0]?.detail).to.equal('camera');
  });

  it('takes the camera where the microphone is in use', async () => {
    fail({both: 'NotReadableError', audio: 'NotReadableError'});
    await media.open(both);
    expect(kinds()).to.deep.equal(['video']);
    expect(codes()).to.deep.equal(['device-in-use']);
    expect(errors[0]?.detail).to.equal('microphone');
  });

  it('tells two different failures both', async () => {
    fail({both: 'NotFoundError', audio: 'NotReadableError', video: 'NotFoundError'});
    await media.open(both);
    expect(codes()).to.deep.equal(['device-in-use', 'device-not-found']);
  });

  it('does not ask again who has refused', async () => {
    const asked = fail({both: 'NotAllowedError'}, false);
    await media.open(both);
    expect(asked).to.deep.equal(['both']);
    expect(codes()).to.deep.equal(['permission-denied']);
  });

  it('takes the one that is allowed for good where the other is blocked', async () => {
    fail({both: 'NotAllowedError', video: 'NotAllowedError'});
    await media.open(both);
    expect(kinds()).to.deep.equal(['audio']);
    expect(codes()).to.deep.equal(['permission-denied']);
  });

  it('takes it for a refusal where permissions cannot be asked for', async () => {
    const asked = fail({both: 'NotAllowedError'});
    replace(navigator.permissions, 'query', () => Promise.reject(new TypeError('unknown name')));
    await media.open(both);
    expect(asked).to.deep.equal(['both']);
  });

  it('takes a device that was switched off for no loss', async () => {
    await media.open(both);
    const camera = media.camera!;
    await media.setCamera(false);
    camera.dispatchEvent(new Event('ended'));
    expect(errors).to.be.empty;
  });

  describe('changing to another device', () => {
    const idOf = async (kind: MediaDeviceKind) =>
      (await navigator.mediaDevices.enumerateDevices())
        .filter((device) => device.kind === kind)
        .at(-1)!.deviceId;

    it('keeps the stream and stops the old track', async () => {
      await media.open(both);
      const {stream, camera, mic} = media;
      await media.useDevice('video', await idOf('videoinput'));
      expect(media.stream === stream).to.be.true;
      expect(media.camera === camera).to.be.false;
      expect(camera?.readyState).to.equal('ended');
      expect(media.camera?.readyState).to.equal('live');
      expect(media.mic === mic).to.be.true;
      await media.useDevice('audio', await idOf('audioinput'));
      expect(mic?.readyState).to.equal('ended');
      expect(media.stream.getTracks().length).to.equal(2);
      expect(devices.live.length).to.equal(2);
      expect(errors).to.be.empty;
    });

    it('keeps it muted', async () => {
      await media.open(both);
      await media.setMic(false);
      await media.useDevice('audio', await idOf('audioinput'));
      expect(media.mic?.enabled).to.be.false;
    });

    it('remembers it for when it is switched on', async () => {
      const id = await idOf('videoinput');
      await media.useDevice('video', id);
      expect(devices.asked).to.be.empty;
      await media.setCamera(true);
      expect(devices.asked[0]?.video).to.deep.include({deviceId: {exact: id}});
      expect(devices.asked[0]?.video).to.not.have.property('facingMode');
    });

    it('goes on with the old one when the new one cannot be had', async () => {
      await media.open(both);
      const {camera} = media;
      fail({video: 'OverconstrainedError'});
      await media.useDevice('video', 'no such device');
      expect(media.camera === camera).to.be.true;
      expect(camera?.readyState).to.equal('live');
      expect(codes()).to.deep.equal(['device-failed']);
      restoreAll();
      devices = new DeviceWitness();
      await media.setCamera(false);
      await media.setCamera(true);
      expect(devices.asked[0]?.video).to.not.have.property('deviceId');
    });

    it('closes the old one first where two cannot be open', async () => {
      await media.open(both);
      const {camera} = media;
      const {mediaDevices} = navigator;
      const original = mediaDevices.getUserMedia.bind(mediaDevices);
      replace(mediaDevices, 'getUserMedia', async (constraints: MediaStreamConstraints) => {
        if (camera?.readyState === 'live') {
          throw new DOMException('busy', 'NotReadableError');
        }
        return original(constraints);
      });
      await media.useDevice('video', await idOf('videoinput'));
      expect(media.camera?.readyState).to.equal('live');
      expect(media.camera === camera).to.be.false;
      expect(errors).to.be.empty;
    });
  });

  describe('for speech and for music', () => {
    const audioOf = (i: number) => devices.asked[i]?.audio as MediaTrackConstraints;
    const asItSounds = {
      echoCancellation: false,
      noiseSuppression: false,
      autoGainControl: false,
      channelCount: {ideal: 2},
    };

    it('asks for speech as browsers like it best, and says so', async () => {
      await media.open(both);
      expect(audioOf(0)).to.deep.equal({});
      expect(media.mic?.contentHint).to.equal('speech');
      expect(media.camera?.contentHint).to.equal('motion');
    });

    it('asks for music as it sounds, and says so', async () => {
      media.adjust({...defaultWishes, music: true});
      expect(devices.asked).to.be.empty;
      await media.open(both);
      expect(audioOf(0)).to.deep.equal(asItSounds);
      expect(media.mic?.contentHint).to.equal('music');
    });

    it('opens the microphone anew when that changes, as muted as it was', async () => {
      await media.open(both);
      media.mute(true);
      const {mic, camera} = media;
      media.adjust({...defaultWishes, music: true});
      media.adjust({...defaultWishes, music: true});
      await until(() => media.mic && media.mic !== mic, 'another microphone');
      expect(devices.asked).to.have.length(2);
      expect(audioOf(1)).to.deep.equal(asItSounds);
      expect(mic?.readyState).to.equal('ended');
      expect(media.mic?.enabled).to.be.false;
      expect(media.camera === camera).to.be.true;
      media.adjust(defaultWishes);
      await until(() => media.mic?.contentHint === 'speech', 'the first way again');
      expect(audioOf(2)).to.deep.equal({});
      expect(devices.live.length).to.equal(2);
    });

    it('goes by what is wanted last, also when that changes while a microphone opens', async () => {
      const opening = media.open({audio: true, video: false});
      media.adjust({...defaultWishes, music: true});
      await opening;
      await until(() => devices.live.length === 1, 'one microphone');
      expect(audioOf(devices.asked.length - 1)).to.deep.equal(asItSounds);
      expect(media.mic?.contentHint).to.equal('music');
      for (const mode of ['speech', 'music', 'speech']) {
        media.adjust({...defaultWishes, music: mode === 'music'});
      }
      await until(
        () => devices.live.length === 1 && media.mic?.contentHint === 'speech',
        'speech in the end',
      );
      expect(errors).to.be.empty;
    });

    it('goes on with the microphone that is open when another cannot be had', async () => {
      await media.open(both);
      const {mic} = media;
      fail({audio: 'NotReadableError'});
      media.adjust({...defaultWishes, music: true});
      await until(() => errors.length, 'an error');
      expect(codes()).to.deep.equal(['device-in-use']);
      expect(media.mic === mic).to.be.true;
      expect(mic?.readyState).to.equal('live');
    });

    it('opens nothing while nothing is open, nor in place of what the page gives', async () => {
      media.adjust({...defaultWishes, music: true});
      const stream = canvasStream();
      media.use(stream, both);
      media.adjust(defaultWishes);
      await media.setMic(true);
      expect(devices.asked).to.be.empty;
      stream.getTracks()[0]?.stop();
    });

    it('leaves what the page has said of its tracks', () => {
      const stream = canvasStream();
      const [track] = stream.getVideoTracks();
      track!.contentHint = 'text';
      media.use(stream, both);
      expect(media.camera?.contentHint).to.equal('text');
      track?.stop();
    });
  });

  describe('with a stream of the page', () => {
    it('uses its tracks and never stops them', async () => {
      const stream = canvasStream();
      const [track] = stream.getVideoTracks();
      media.use(stream, both);
      expect(media.camera === track).to.be.true;
      await media.setCamera(false);
      expect(Boolean(media.camera)).to.be.false;
      await media.setCamera(true);
      expect(media.camera === track).to.be.true;
      media.close();
      expect(track?.readyState).to.equal('live');
      expect(devices.asked).to.be.empty;
      track?.stop();
    });

    it('opens no device for what the stream does not have', async () => {
      const stream = canvasStream();
      media.use(stream, both);
      await media.setMic(true);
      expect(devices.asked).to.be.empty;
      expect(media.micOn).to.be.false;
      expect(errors).to.be.empty;
      stream.getTracks()[0]?.stop();
    });

    it('leaves out what is not wanted', () => {
      const stream = canvasStream();
      media.use(stream, {audio: true, video: false});
      expect(Boolean(media.camera)).to.be.false;
      stream.getTracks()[0]?.stop();
    });

    it('uses devices again after it closed', async () => {
      const stream = canvasStream();
      media.use(stream, both);
      media.close();
      await media.open({audio: false, video: true});
      expect(devices.asked).to.have.length(1);
      stream.getTracks()[0]?.stop();
    });
  });

  describe('sharing a screen', () => {
    /** Gives this instead of asking a person to choose. */
    function choose(choice: () => Promise<MediaStream>) {
      let asked = 0;
      replace(navigator.mediaDevices, 'getDisplayMedia', () => {
        asked++;
        return choice();
      });
      return {
        get asked() {
          return asked;
        },
      };
    }

    it('has the picture beside the camera, starts again after it stopped', async () => {
      const chosen: MediaStreamTrack[] = [];
      choose(async () => {
        const stream = canvasStream();
        chosen.push(...stream.getTracks());
        return stream;
      });
      await media.open(both);
      for (let i = 0; i < 2; i++) {
        await media.setScreen(true);
        expect(media.screen.getVideoTracks()[0] === chosen[i]).to.be.true;
        expect(media.stream.getVideoTracks().length).to.equal(1);
        await media.setScreen(false);
        expect(media.screen.getTracks().length).to.equal(0);
        expect(chosen[i]?.readyState).to.equal('ended');
      }
      expect(errors).to.be.empty;
    });

    it('stops when the browser is told to stop', async () => {
      choose(async () => canvasStream());
      await media.setScreen(true);
      const [track] = media.screen.getTracks();
      const before = changes;
      track?.dispatchEvent(new Event('ended'));
      expect(track?.readyState).to.equal('ended');
      expect(media.screen.getTracks().length).to.equal(0);
      expect(changes).to.equal(before + 1);
    });

    it('takes a second thought for no error', async () => {
      choose(() => Promise.reject(new DOMException('no', 'NotAllowedError')));
      await media.setScreen(true);
      expect(errors).to.be.empty;
      expect(media.screen.getTracks().length).to.equal(0);
    });

    it('tells when the screen cannot be had', async () => {
      choose(() => Promise.reject(new DOMException('no', 'NotReadableError')));
      await media.setScreen(true);
      expect(codes()).to.deep.equal(['screen-failed']);
      expect(errors[0]?.message).to.contain('screen').and.not.contain('camera');
      expect(errors[0]?.detail).to.equal('screen');
    });

    it('asks once while it is shown', async () => {
      const question = choose(async () => canvasStream());
      await media.setScreen(true);
      await media.setScreen(true);
      expect(question.asked).to.equal(1);
    });

    it('shows one screen when it was asked for twice at once', async () => {
      const chosen: MediaStreamTrack[] = [];
      choose(async () => {
        const stream = canvasStream();
        chosen.push(...stream.getTracks());
        return stream;
      });
      await Promise.all([media.setScreen(true), media.setScreen(true)]);
      expect(media.screen.getTracks().length).to.equal(1);
      expect(chosen.filter(({readyState}) => readyState === 'live').length).to.equal(1);
    });

    it('stops a screen that is chosen after everything was closed', async () => {
      let give!: (stream: MediaStream) => void;
      choose(() => new Promise((resolve) => (give = resolve)));
      const sharing = media.setScreen(true);
      media.close();
      const stream = canvasStream();
      give(stream);
      await sharing;
      expect(stream.getTracks()[0]?.readyState).to.equal('ended');
      expect(media.screen.getTracks().length).to.equal(0);
    });

    it('stops with everything else', async () => {
      choose(async () => canvasStream());
      await media.setScreen(true);
      const [track] = media.screen.getTracks();
      media.close();
      await until(() => track?.readyState === 'ended', 'the end of the screen');
    });

    it('knows whether this browser can', () => {
      replace(navigator.mediaDevices, 'getDisplayMedia', undefined);
      expect(media.canShareScreen).to.be.false;
      choose(async () => canvasStream());
      expect(media.canShareScreen).to.be.true;
      replace(navigator, 'mediaDevices', undefined);
      expect(media.canShareScreen).to.be.false;
    });
  });
});
