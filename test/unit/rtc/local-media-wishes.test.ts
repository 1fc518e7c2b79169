import {expect} from '@open-wc/testing';
import {defaultWishes} from '../../../src/rtc/capture.js';
import {LocalMedia} from '../../../src/rtc/local-media.js';
import {DeviceWitness, hearTestEvents, replace, restoreAll, until} from '../support.js';
import {VirtualDevices} from '../virtual-devices.js';

const both = {audio: true, video: true};

describe('LocalMedia with wishes', () => {
  let media: LocalMedia;
  let witness: DeviceWitness;
  /** What open tracks were told, by kind. */
  let told: [string, MediaTrackConstraints][];

  beforeEach(() => {
    hearTestEvents();
    witness = new DeviceWitness();
    media = new LocalMedia();
    told = [];
    replace(
      MediaStreamTrack.prototype,
      'applyConstraints',
      async function (this: MediaStreamTrack, constraints: MediaTrackConstraints) {
        told.push([this.kind, constraints]);
      },
    );
  });

  afterEach(() => {
    media.close();
    expect(witness.live, 'open tracks').to.be.empty;
    restoreAll();
  });

  function support(supported: object, capabilities = {}, settings = {}) {
    replace(navigator.mediaDevices, 'getSupportedConstraints', () => supported);
    replace(MediaStreamTrack.prototype, 'getCapabilities', () => capabilities);
    replace(MediaStreamTrack.prototype, 'getSettings', () => settings);
  }

  it('offers what browser and devices can do, and nothing else', async () => {
    support({});
    await media.open(both);
    expect(media.features).to.deep.equal({
      noiseSuppression: false,
      voiceIsolation: false,
      backgroundBlur: false,
      isBlurred: false,
    });
    const all = {noiseSuppression: true, voiceIsolation: true};
    support(all, {voiceIsolation: [false, true], backgroundBlur: [true, false]});
    expect(media.features).to.include({...all, backgroundBlur: true});
    support(all, {voiceIsolation: [false], backgroundBlur: [true]}, {backgroundBlur: true});
    expect(media.features).to.include({
      voiceIsolation: false,
      backgroundBlur: 'always',
      isBlurred: true,
    });
    support(all, {backgroundBlur: [false]});
    expect(media.features.backgroundBlur).to.be.false;
  });

  it('adjusts the camera while it is open', async () => {
    await media.open(both);
    const {camera} = media;
    media.adjust({...defaultWishes, backgroundBlur: true, lowData: true});
    await until(() => told.length, 'the camera to be told');
    expect(told.map(([kind]) => kind)).to.deep.equal(['video']);
    expect(told[0]?.[1]).to.deep.include({
      backgroundBlur: true,
      height: {ideal: 180},
      frameRate: {ideal: 12},
    });
    expect(media.camera).to.equal(camera);
  });

  it('opens a microphone anew that does not heed what it is told', async () => {
    support({noiseSuppression: true}, {}, {noiseSuppression: true});
    await media.open(both);
    const {mic} = media;
    media.adjust({...defaultWishes, noiseSuppression: false});
    await until(() => media.mic !== mic, 'another microphone');
    expect(witness.asked.at(-1)).to.deep.equal({audio: {noiseSuppression: false}, video: false});
    const other = media.mic;
    media.adjust(defaultWishes);
    await until(() => told.length === 2, 'it to be told');
    expect(media.mic).to.equal(other);
  });

  it('opens the devices a person likes best, also when they have other ids, or come later', async () => {
    const devices = new VirtualDevices('Mic', 'Camera', 'Good camera');
    media.favour({
      video: {id: 'of another day', label: 'Good camera'},
      audio: {id: 'id of Headset', label: 'Headset'},
    });
    await media.open(both);
    await until(() => media.camera?.label === 'Good camera', 'the good camera');
    expect(media.mic?.label).to.equal('Mic');
    expect(media.missing).to.deep.equal({audio: false, video: false});
    devices.plug('Headset');
    await until(() => media.mic?.label === 'Headset', 'the headset');
    await media.useDevice('audio', devices.idOf('Mic'));
    devices.announce();
    expect(media.mic?.label).to.equal('Mic');
  });

  it('turns the camera of a phone around, and back', async () => {
    const devices = new VirtualDevices('Mic', 'Front camera', 'Back camera');
    await media.open(both);
    await until(() => media.canFlip, 'both cameras');
    await media.flip();
    expect(media.camera?.label).to.equal('Back camera');
    await media.flip();
    expect(devices.used).to.have.members(['Mic', 'Front camera']);
    await media.setCamera(false);
    await media.flip();
    await media.setCamera(true);
    expect(media.camera?.label).to.equal('Back camera');
  });

  it('has no other side on a desktop', async () => {
    new VirtualDevices('Mic', 'Camera', 'Other camera');
    await media.open(both);
    await until(() => media.devices.length === 3, 'the list');
    expect(media.canFlip).to.be.false;
  });

  it('says when what was refused is allowed', async () => {
    const devices = new VirtualDevices('Mic', 'Camera');
    devices.permissions.audio.state = 'denied';
    devices.permissions.video.state = 'denied';
    const allowed: string[] = [];
    let resolved = 0;
    media.addEventListener('allowed', ({kind}) => allowed.push(kind));
    media.addEventListener('resolved', () => resolved++);
    await media.open(both);
    expect(media.refused).to.deep.equal(both);
    devices.grant('video');
    await until(() => allowed.length, 'the camera');
    expect(allowed).to.deep.equal(['video']);
    expect(resolved).to.equal(1);
    await media.setMic(false);
    devices.grant('audio');
    await media.open({audio: false, video: true});
    expect(media.refused).to.deep.equal({audio: false, video: false});
    expect(allowed).to.deep.equal(['video']);
  });
});
