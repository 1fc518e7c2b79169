import {expect} from '@open-wc/testing';
import '../../../src/elements/rtc-video.js';
import type {RtcErrorEvent} from '../../../src/elements/events.js';
import type {RtcVideo} from '../../../src/elements/rtc-video.js';
import {once, randomRoom, replace, restoreAll, until} from '../support.js';
import {
  add,
  addCall,
  addWatcher,
  button,
  find,
  readable,
  removeAll,
  search,
  untilMet,
} from './support.js';

function canvasStream(width = 320, height = 240): MediaStream {
  const canvas = document.createElement('canvas');
  canvas.width = width;
  canvas.height = height;
  const context = canvas.getContext('2d');
  const stream = canvas.captureStream(10);
  const timer = setInterval(() => context?.fillRect(Math.random() * width, 0, 9, 9), 50);
  stream.getTracks()[0]?.addEventListener('ended', () => clearInterval(timer));
  streams.push(stream);
  return stream;
}
const streams: MediaStream[] = [];

function addVideo(properties: Partial<RtcVideo> = {}): RtcVideo {
  const tile = Object.assign(document.createElement('rtc-video'), properties);
  tile.style.cssText = 'width: 320px; height: 180px';
  return add(tile);
}

function inner(tile: RtcVideo): HTMLVideoElement {
  if (!tile.hasUpdated) {
    // Draws what would be drawn a microtask later.
    (tile as unknown as {performUpdate(): void}).performUpdate();
  }
  return find(tile, 'video');
}

/** Makes the browser refuse to play, as without a gesture, until the result is called. */
function blockPlaying(): () => void {
  let blocked = true;
  const play = HTMLMediaElement.prototype.play;
  replace(HTMLMediaElement.prototype, 'play', function (this: HTMLMediaElement) {
    return blocked
      ? Promise.reject(new DOMException('no gesture', 'NotAllowedError'))
      : play.call(this);
  });
  return () => (blocked = false);
}

describe('<rtc-video>', () => {
  afterEach(() => {
    removeAll();
    restoreAll();
    for (const stream of streams.splice(0)) {
      stream.getTracks().forEach((track) => track.stop());
    }
  });

  describe('alone', () => {
    it('plays a stream of the page, and tells as a media element does', async () => {
      const tile = addVideo({muted: true});
      const playing = once(tile, 'playing');
      tile.srcObject = canvasStream();
      expect((await playing).bubbles).to.equal(false);
      await until(() => inner(tile).videoWidth === 320, 'the picture');
      await expect(tile).to.be.accessible();
    });

    it('refuses what is no stream', () => {
      expect(() => addVideo({srcObject: 'x' as unknown as MediaStream})).to.throw(TypeError);
    });

    it('does not start again when the same stream is set twice', async () => {
      const stream = canvasStream();
      const tile = addVideo({muted: true, srcObject: stream});
      await once(tile, 'playing');
      let emptied = 0;
      tile.addEventListener('emptied', () => emptied++);
      tile.srcObject = stream;
      tile.requestUpdate();
      await tile.updateComplete;
      expect(inner(tile).srcObject).to.equal(stream);
      expect(emptied).to.equal(0);
      tile.srcObject = null;
      await tile.updateComplete;
      expect(inner(tile).srcObject).to.equal(null);
    });

    it('passes muted and volume on, within what a media element takes', async () => {
      const tile = addVideo({muted: true, volume: 7});
      await tile.updateComplete;
      expect(inner(tile).muted).to.equal(true);
      expect(inner(tile).volume).to.equal(1);
      tile.muted = false;
      tile.volume = 0.25;
      await tile.updateComplete;
      expect(inner(tile).muted).to.equal(false);
      expect(inner(tile).volume).to.equal(0.25);
      tile.volume = NaN;
      await tile.updateComplete;
      expect(inner(tile).volume).to.equal(1);
    });

    it('goes on playing when it is moved', async () => {
      const tile = addVideo({muted: true, srcObject: canvasStream()});
      await until(() => inner(tile).currentTime > 0, 'playback');
      add(document.createElement('section')).append(tile);
      const from = inner(tile).currentTime;
      await until(() => !inner(tile).paused && inner(tile).currentTime > from, 'playback to go on');
    });

    it('fills its box, but not where that would cut off much of a picture', async () => {
      const shownOf = async (width: number, height: number, source = 'camera') => {
        const tile = addVideo({muted: true, srcObject: canvasStream(width, height)});
        tile.setAttribute('source', source);
        tile.style.cssText = 'width: 320px; height: 200px';
        await until(() => inner(tile).videoHeight === height, 'the picture');
        await new Promise(requestAnimationFrame);
        const shown = inner(tile).getBoundingClientRect();
        return [shown.width, shown.height].map(Math.round);
      };
      expect(await shownOf(320, 240)).to.deep.equal([320, 200]);
      // Four fifths of its height, or three fifths of its width, are always there.
      expect(await shownOf(200, 320)).to.deep.equal([156, 200]);
      expect(await shownOf(640, 200)).to.deep.equal([320, 167]);
      expect(await shownOf(320, 320, 'screen')).to.deep.equal([200, 200]);
    });

    it('asks for a tap when the browser blocks playing, and plays after it', async () => {
      const allow = blockPlaying();
      const tile = addVideo({muted: true, srcObject: canvasStream()});
      await until(() => search(tile, '[part=play]'), 'the button');
      await expect(tile).to.be.accessible();
      inner(tile).pause();
      allow();
      button(tile, 'Tap to play').click();
      await until(() => !search(tile, '[part=play]') && !inner(tile).paused, 'playback');
    });

    it('takes a tap anywhere in the page for one', async () => {
      const allow = blockPlaying();
      const tile = addVideo({muted: true, srcObject: canvasStream()});
      await until(() => search(tile, '[part=play]'), 'the button');
      inner(tile).pause();
      allow();
      document.body.dispatchEvent(new PointerEvent('pointerup', {bubbles: true}));
      await until(() => !search(tile, '[part=play]'), 'the button to go');
    });

    it('rejects play() as a media element does', async () => {
      replace(HTMLMediaElement.prototype, 'play', () =>
        Promise.reject(new DOMException('', 'NotAllowedError')),
      );
      const tile = addVideo({muted: true});
      const cause = await tile.play().then(
        () => undefined,
        (error: DOMException) => error.name,
      );
      expect(cause).to.equal('NotAllowedError');
    });

    it('says when the browser has no speaker choice or picture in picture', async () => {
      const tile = addVideo();
      await tile.updateComplete;
      Object.assign(inner(tile), {setSinkId: undefined, requestPictureInPicture: undefined});
      const code = (cause: {code?: string}) => cause.code;
      expect(await tile.setSinkId('').catch(code)).to.equal('unsupported-browser');
      expect(await tile.requestPictureInPicture().catch(code)).to.equal('unsupported-browser');
    });
  });

  describe('with capture', () => {
    it('opens the camera, silent and mirrored, and closes it on removal', async () => {
      const tile = addVideo({capture: true});
      await until(() => inner(tile).videoWidth, 'the own picture', 15_000);
      expect(inner(tile).muted).to.equal(true);
      // The fake camera of Firefox says that it looks away from oneself.
      const {facingMode} = tile.srcObject?.getVideoTracks()[0]?.getSettings() ?? {};
      const mirrored = inner(tile).classList.contains('mirrored');
      expect(mirrored).to.equal(facingMode !== 'environment');
      const tracks = tile.srcObject?.getTracks() ?? [];
      expect(tracks).to.have.lengthOf(2);
      add(document.createElement('section')).append(tile);
      await tile.updateComplete;
      expect(tracks.map(({readyState}) => readyState)).to.deep.equal(['live', 'live']);
      tile.remove();
      await until(
        () => tracks.every(({readyState}) => readyState === 'ended'),
        'the light to go out',
      );
    });

    it('says why there is no picture', async () => {
      replace(navigator.mediaDevices, 'getUserMedia', () =>
        Promise.reject(new DOMException('', 'NotFoundError')),
      );
      const tile = document.createElement('rtc-video');
      tile.capture = true;
      const told = once<RtcErrorEvent>(tile, 'rtc-error');
      add(tile);
      expect((await told).error.code).to.equal('device-not-found');
      await until(() => readable(tile).includes('No camera or microphone was found'), 'the text');
      await expect(tile).to.be.accessible();
    });
  });

  describe('of a call', () => {
    it('shows one participant and oneself, inside the call or with for, in any order', async () => {
      const room = randomRoom();
      const tile = addVideo({for: 'the-call', participant: 'self'});
      const mina = await addCall({room, name: 'Mina', autojoin: true});
      const jun = await addCall({room, name: 'Jun', autojoin: true});
      await untilMet(mina, jun);
      mina.id = 'the-call';
      await until(() => inner(tile).videoWidth, 'the own picture');
      expect(inner(tile).muted).to.equal(true);
      tile.participant = mina.participants[0]?.id ?? '';
      await until(() => tile.srcObject === mina.participants[0]?.stream, 'the other');
      await until(() => readable(tile).includes('Jun'), 'the name');
      expect(inner(tile).classList.contains('mirrored')).to.equal(false);
      const inside = document.createElement('rtc-video');
      inside.participant = 'self';
      jun.append(inside);
      await until(() => inside.srcObject === jun.self.stream, 'the one inside');
      tile.for = 'nobody';
      await until(() => tile.srcObject === null, 'the tile to let go');
    });

    it('lets a person be heard once, however many tiles show them', async () => {
      const room = randomRoom();
      const mina = await addWatcher({room, autojoin: true});
      const jun = await addWatcher({room, autojoin: true});
      await untilMet(mina, jun);
      mina.id = 'once';
      const id = mina.participants[0]?.id ?? '';
      const one = addVideo({for: 'once', participant: id});
      const two = addVideo({for: 'once', participant: id});
      const built = await until(() => search(mina, `rtc-video[participant="${id}"]`), 'its tile');
      const audible = () =>
        [built as RtcVideo, one, two].filter((tile) => !inner(tile).muted).length;
      await until(() => audible() === 1, 'one that is heard');
      mina.append(document.createElement('p'));
      await until(
        () => !built.isConnected && [one, two].filter((tile) => !inner(tile).muted).length === 1,
        'another to be heard',
      );
    });

    it('shows initials and a badge for one without picture and sound', async () => {
      const room = randomRoom();
      const mina = await addWatcher({room, autojoin: true});
      const jun = await addWatcher({room, name: 'Jun Park', autojoin: true});
      await untilMet(mina, jun);
      const id = mina.participants[0]?.id ?? '';
      const tile = (await until(
        () => search(mina, `rtc-video[participant="${id}"]`),
        'the tile',
      )) as RtcVideo;
      await until(() => readable(tile).includes('JP'), 'the initials');
      expect(find(tile, '[role=img]').getAttribute('aria-label')).to.equal('Microphone off');
    });
  });
});
