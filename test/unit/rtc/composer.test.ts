import {expect} from '@open-wc/testing';
import type {ComposedTile} from '../../../src/rtc/composed-tile.js';
import {Composer} from '../../../src/rtc/composer.js';
import {colored, nameOf} from '../recordings.js';
import {until, watchErrors} from '../support.js';

describe('Composer', () => {
  let settle: () => void;
  let composer: Composer;
  let video: HTMLVideoElement;
  const kept: MediaStreamTrack[] = [];

  const person = (name: string, color?: string, size?: {width: number; height: number}) => {
    const track = color === undefined ? undefined : colored(color, size);
    if (track) {
      kept.push(track);
    }
    return {source: 'camera', name, track} as const;
  };

  beforeEach(() => {
    settle = watchErrors();
    composer = new Composer();
    video = Object.assign(document.createElement('video'), {
      muted: true,
      srcObject: new MediaStream([composer.track]),
    });
    document.body.append(video);
    void video.play();
  });
  afterEach(() => {
    composer.close();
    expect(composer.track.readyState).to.equal('ended');
    expect(kept.every(({readyState}) => readyState === 'live')).to.be.true;
    for (const track of kept.splice(0)) {
      track.stop();
    }
    video.remove();
    settle();
  });

  /** Until it has these colours, at parts of its width and height. */
  async function untilSeen(...expected: [color: string, x: number, y: number][]) {
    const context = new OffscreenCanvas(1, 1).getContext('2d', {willReadFrequently: true})!;
    let seen: string[] = [];
    await until(
      () => {
        const {videoWidth, videoHeight} = video;
        seen = expected.map(([, x, y]) => {
          context.drawImage(video, videoWidth * x, videoHeight * y, 1, 1, 0, 0, 1, 1);
          return nameOf(context.getImageData(0, 0, 1, 1).data);
        });
        return expected.every(([color], index) => color === seen[index]);
      },
      `${expected.join(' ')}`,
    ).catch((cause: unknown) => {
      throw new Error(`seen: ${seen.join()}`, {cause});
    });
    expect([video.videoWidth, video.videoHeight]).to.deep.equal([1280, 720]);
  }

  it('has everybody in it, whoever comes and goes, with cameras on and off', async () => {
    const [red, green] = [person('Mina', 'red'), person('Jonas Weber', 'lime')];
    const {track} = composer;
    composer.show([red]);
    await untilSeen(['red', 0.5, 0.5], ['red', 0.95, 0.05]);
    composer.show([red, green]);
    await untilSeen(['red', 0.25, 0.5], ['green', 0.75, 0.5], ['black', 0.5, 0.1]);
    const five = [red, green, person('A', 'blue'), person('B', 'red'), person('C', 'blue')];
    composer.show(five);
    await untilSeen(
      ['red', 1 / 6, 0.4],
      ['green', 1 / 2, 0.4],
      ['blue', 5 / 6, 0.4],
      ['red', 1 / 3, 0.6],
      ['blue', 2 / 3, 0.6],
    );
    composer.show([{...red, track: undefined}, green]);
    await untilSeen(['black', 0.1, 0.5], ['green', 0.75, 0.5]);
    composer.show([green]);
    await untilSeen(['green', 0.1, 0.5], ['green', 0.9, 0.5]);
    expect(composer.track).to.equal(track);
  });

  it('has a screen large and whole, with the people beside it', async () => {
    const screen: ComposedTile = {...person('Screen', 'blue'), source: 'screen'};
    composer.show([screen, person('Mina', 'red'), person('Jonas', 'lime')]);
    await untilSeen(
      ['blue', 0.05, 0.5],
      ['blue', 0.75, 0.5],
      ['red', 0.9, 0.4],
      ['green', 0.9, 0.6],
      ['black', 0.9, 0.1],
    );
  });

  it('cuts a camera that stands upright off only in part', async () => {
    composer.show([person('Mina', 'red', {width: 180, height: 320})]);
    await untilSeen(
      ['red', 0.5, 0.05],
      ['red', 0.5, 0.8],
      ['black', 0.1, 0.5],
      ['black', 0.9, 0.5],
    );
  });

  it('still has a picture that stands still when others come', async () => {
    const [still] = stillPicture('red');
    composer.show([{source: 'screen', name: 'Screen', track: still!}]);
    await untilSeen(['red', 0.5, 0.5]);
    composer.show([{source: 'screen', name: 'Screen', track: still!}, person('Mina', 'blue')]);
    await untilSeen(['red', 0.4, 0.5], ['blue', 0.9, 0.5]);
  });

  function stillPicture(color: string) {
    const canvas = Object.assign(document.createElement('canvas'), {width: 640, height: 360});
    const context = canvas.getContext('2d')!;
    context.fillStyle = color;
    context.fillRect(0, 0, 640, 360);
    const tracks = canvas.captureStream().getVideoTracks();
    kept.push(...tracks);
    return tracks;
  }
});
