import {expect} from '@open-wc/testing';
import {OneSound} from '../../../src/rtc/one-sound.js';
import {requireMixing, silenceAll, tone} from '../stream-server.js';
import {replace, restoreAll, until} from '../support.js';

describe('OneSound', () => {
  let mix: OneSound;
  const contexts: AudioContext[] = [];

  beforeEach(() => (mix = new OneSound()));
  afterEach(async () => {
    mix.close();
    silenceAll();
    restoreAll();
    await Promise.all(contexts.splice(0).map((context) => context.close()));
  });

  /** How loud a track is at some frequencies, in decibels. */
  function listen(track: MediaStreamTrack): (frequency: number) => number {
    const context = new AudioContext();
    contexts.push(context);
    const analyser = new AnalyserNode(context, {fftSize: 2048, smoothingTimeConstant: 0});
    context.createMediaStreamSource(new MediaStream([track])).connect(analyser);
    const bins = new Float32Array(analyser.frequencyBinCount);
    return (frequency) => {
      analyser.getFloatFrequencyData(bins);
      return bins[Math.round((frequency / context.sampleRate) * 2048)]!;
    };
  }

  /** The track that both sounds are in, once there is one. */
  const mixed = (...tracks: MediaStreamTrack[]) => {
    mix.set(...tracks);
    return until(
      () => mix.track && !tracks.includes(mix.track) && mix.track,
      'a mix',
    ) as Promise<MediaStreamTrack>;
  };

  it('gives a single sound as it is', () => {
    const track = tone();
    mix.set(track);
    expect(mix.track).to.equal(track);
    mix.set(undefined, track);
    expect(mix.track).to.equal(track);
    mix.set(undefined, undefined);
    expect(mix.track).to.be.undefined;
  });

  it('has both sounds in one track', async function () {
    await requireMixing(this);
    const level = listen(await mixed(tone(440), tone(3_000)));
    await until(() => level(440) > -50 && level(3_000) > -50, 'both sounds');
    expect(level(8_000)).to.be.below(-60);
  });

  it('tells when it has begun to mix, and gives the first sound until then', async () => {
    let start!: () => void;
    replace(
      window,
      'AudioContext',
      class extends AudioContext {
        #state: AudioContextState = 'suspended';
        override get state() {
          return this.#state;
        }
        override resume() {
          start = () => {
            this.#state = 'running';
            this.dispatchEvent(new Event('statechange'));
          };
          return Promise.resolve();
        }
      },
    );
    const [a, b] = [tone(), tone()];
    let changes = 0;
    mix.addEventListener('change', () => changes++);
    mix.set(a, b);
    expect(mix.track).to.equal(a);
    start();
    expect(changes).to.be.above(0);
    expect(mix.track).to.not.be.oneOf([a, b, undefined]);
    const count = changes;
    mix.set(b);
    start();
    expect(changes).to.equal(count);
    expect(mix.track).to.equal(b);
  });

  it('gives the same track for the same sounds, and another for others', async function () {
    await requireMixing(this);
    const [a, b, c] = [tone(), tone(), tone()];
    const first = await mixed(a, b);
    mix.set(a, b);
    expect(mix.track).to.equal(first);
    expect(await mixed(a, c)).to.not.equal(first);
    expect(first.readyState).to.equal('ended');
  });

  it('ends its own track, and none of those given', async function () {
    await requireMixing(this);
    const [a, b] = [tone(), tone()];
    const track = await mixed(a, b);
    mix.close();
    expect(track.readyState).to.equal('ended');
    expect(mix.track).to.be.undefined;
    expect([a.readyState, b.readyState]).to.deep.equal(['live', 'live']);
  });
});
