import {expect} from '@open-wc/testing';
import {Slate} from '../../../src/rtc/slate.js';
import {until, untilMoving, watchErrors} from '../support.js';

describe('Slate', () => {
  let slate: Slate | undefined;
  let settle: () => void;

  beforeEach(() => {
    settle = watchErrors();
  });
  afterEach(() => {
    slate?.close();
    slate = undefined;
    settle();
  });

  /** An image of one color, as a page would name it. */
  function image(color: string): string {
    const canvas = Object.assign(document.createElement('canvas'), {width: 40, height: 40});
    const context = canvas.getContext('2d')!;
    context.fillStyle = color;
    context.fillRect(0, 0, 40, 40);
    return canvas.toDataURL();
  }

  /** Shows the pictures of a track: how light each part of the last one is, and its size. */
  async function watch(track: MediaStreamTrack) {
    const video = document.createElement('video');
    Object.assign(video, {muted: true, autoplay: true, srcObject: new MediaStream([track])});
    await until(() => video.videoWidth > 0 && video.readyState >= 2, 'a picture');
    const canvas = Object.assign(document.createElement('canvas'), {width: 640, height: 360});
    const context = canvas.getContext('2d', {willReadFrequently: true})!;
    return {
      video,
      /** Red, green and blue of all points. */
      points() {
        context.drawImage(video, 0, 0, 640, 360);
        const {data} = context.getImageData(0, 0, 640, 360);
        return Array.from({length: 640 * 360}, (_, i) => [...data.slice(4 * i, 4 * i + 3)]);
      },
    };
  }

  it('gives one track, which ends when it closes', () => {
    slate = new Slate({text: 'Back soon'});
    const {track} = slate;
    expect(track?.kind).to.equal('video');
    expect(track?.readyState).to.equal('live');
    expect(slate.track === track).to.be.true;
    slate.close();
    slate.close();
    expect(track?.readyState).to.equal('ended');
  });

  it('is a text, light on dark, and comes again and again', async () => {
    slate = new Slate({text: 'Back soon'});
    const {video, points} = await watch(slate.track!);
    expect([video.videoWidth, video.videoHeight]).to.deep.equal([1_280, 720]);
    const light = points().filter(([red = 0]) => red > 180).length;
    expect(light).to.be.within(200, 20_000);
    await untilMoving(new MediaStream([slate.track!]));
  });

  it('is an image in place of the text, which covers it all', async () => {
    slate = new Slate({text: 'Back soon', image: image('rgb(0, 160, 0)')});
    const {points} = await watch(slate.track!);
    await until(
      () =>
        points().every(
          ([red = 255, green = 0, blue = 255]) => green > 120 && red < 60 && blue < 60,
        ),
      'the image',
    );
  });

  it('is the text where there is no image, or none that may be read', async () => {
    for (const url of ['data:image/png;base64,nonsense', 'data:text/plain,image', 'http://']) {
      slate = new Slate({text: 'Back soon', image: url});
      const {points} = await watch(slate.track!);
      expect(points().filter(([red = 0]) => red > 180).length, url).to.be.above(200);
      slate.close();
    }
  });

  it('is the text where the image has no size of its own', async () => {
    const svg = `<svg xmlns="http://www.w3.org/2000/svg" width="0" height="0"></svg>`;
    let isLoaded = false;
    slate = new Slate({text: 'Back soon', image: `data:image/svg+xml,${encodeURIComponent(svg)}`});
    const probe = new Image();
    probe.onload = probe.onerror = () => (isLoaded = true);
    probe.src = `data:image/svg+xml,${encodeURIComponent(svg)}`;
    const {points} = await watch(slate.track!);
    await until(() => isLoaded, 'the image');
    // What is drawn after that is what stays.
    await untilMoving(new MediaStream([slate.track!]));
    expect(points().filter(([red = 0]) => red > 180).length).to.be.above(200);
  });
});
