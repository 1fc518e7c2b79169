import {expect} from '@esm-bundle/chai';
import {SoundLevel} from '../../../src/rtc/sound-level.js';
import {requireMixing} from '../stream-server.js';
import {DeviceWitness, restoreAll, until} from '../support.js';

describe('SoundLevel', () => {
  const levels: SoundLevel[] = [];

  afterEach(() => {
    levels.splice(0).forEach((level) => level.close());
    restoreAll();
  });

  function watch(...args: ConstructorParameters<typeof SoundLevel>): SoundLevel {
    const level = new SoundLevel(...args);
    levels.push(level);
    return level;
  }

  it('hears what sounds, and nothing of what is disabled but in a copy, which it stops', async function () {
    await requireMixing(this);
    const devices = new DeviceWitness();
    const stream = await navigator.mediaDevices.getUserMedia({audio: true});
    const track = stream.getAudioTracks()[0]!;
    const level = watch(track);
    const read = await until(() => level.read(), 'a sound', 15_000);
    expect(read).to.be.within(0, 1);

    track.enabled = false;
    const copies: MediaStreamTrack[] = [];
    const clone = track.clone.bind(track);
    track.clone = () => {
      const copy = clone();
      copies.push(copy);
      return copy;
    };
    const even = watch(track, {evenMuted: true});
    await until(() => even.read() > 0.001, 'a sound of a muted device', 15_000);
    await until(() => !level.read(), 'silence');
    expect(track.enabled).to.equal(false);

    even.close();
    expect(copies.map(({readyState}) => readyState)).to.deep.equal(['ended']);
    expect(track.readyState).to.equal('live');
    devices.all.forEach((one) => one.stop());
    // Closed twice, as by a page that goes.
    even.close();
  });
});
