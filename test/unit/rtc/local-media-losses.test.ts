import {expect} from '@open-wc/testing';
import type {RtcError} from '../../../src/core/errors.js';
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
import {VirtualDevices} from '../virtual-devices.js';

const both = {audio: true, video: true};

describe('LocalMedia that loses devices', () => {
  let media: LocalMedia;
  let errors: RtcError[];
  let resolved: RtcError[];
  let witness: DeviceWitness;
  let settle: () => void;

  beforeEach(() => {
    settle = watchErrors();
    hearTestEvents();
    witness = new DeviceWitness();
    media = new LocalMedia();
    errors = [];
    resolved = [];
    media.addEventListener('error', ({error}) => errors.push(error));
    media.addEventListener('resolved', ({error}) => resolved.push(error));
  });
  afterEach(() => {
    media.close();
    expect(witness.live.length).to.equal(0);
    restoreAll();
    settle();
  });

  const codes = () => errors.map(({code}) => code);
  const labels = () => media.stream.getTracks().map(({label}) => label);
  const isListed = (label: string) => media.devices.some((device) => device.label === label);

  async function opened(...names: string[]) {
    const devices = new VirtualDevices(...names);
    await media.open(both);
    await until(() => media.devices.length === names.length, 'the list');
    return devices;
  }

  it('lists what there is, and what comes and goes, until it closes', async () => {
    let changes = 0;
    media.addEventListener('change', () => changes++);
    expect(media.devices.length).to.equal(0);
    const devices = await opened('Mic', 'Camera', 'Speaker');
    expect(media.devices.map(({kind}) => kind)).to.deep.equal([
      'audioinput',
      'videoinput',
      'audiooutput',
    ]);
    const before = changes;
    devices.plug('Headset');
    await until(() => isListed('Headset'), 'the headset');
    expect(changes).to.equal(before + 1);
    expect(labels()).to.have.members(['Mic', 'Camera']);
    expect(devices.asked.length).to.equal(1);
    media.close();
    expect(media.devices.length).to.equal(0);
    const {listed} = devices;
    devices.unplug('Headset');
    expect(devices.listed).to.equal(listed);
  });

  it('lists devices also for one who opens none', async () => {
    new VirtualDevices('Mic', 'Camera');
    await media.open({audio: false, video: false});
    await until(() => media.devices.length === 2, 'the list');
  });

  it('goes on without, says so once, and takes the device back', async () => {
    const devices = await opened('Mic', 'Camera');
    devices.unplug('Camera');
    expect(media.missing).to.deep.equal({audio: false, video: true});
    await until(() => errors.length, 'the news');
    expect(codes()).to.deep.equal(['device-lost']);
    expect(errors[0]?.detail).to.equal('Camera');
    await until(() => !isListed('Camera'), 'the list');
    expect(labels()).to.deep.equal(['Mic']);
    expect(resolved).to.be.empty;
    devices.plug('Camera');
    await until(() => media.camera, 'the camera');
    expect(media.missing.video).to.be.false;
    await until(() => resolved.length, 'the end of it');
    expect(resolved[0] === errors[0]).to.be.true;
    expect(codes()).to.have.length(1);
  });

  it('takes any other where there was none', async () => {
    const devices = await opened('Mic', 'Camera');
    devices.unplug('Camera');
    await until(() => errors.length, 'the news');
    devices.plug('Other camera');
    await until(() => media.camera?.label === 'Other camera', 'the other camera');
    devices.plug('Camera');
    await until(() => media.camera?.label === 'Camera', 'the camera');
    await until(() => resolved.length, 'the end of it');
    expect(devices.used).to.have.members(['Mic', 'Camera']);
  });

  it('falls back to another, and returns to the one that was chosen', async () => {
    const devices = await opened('Mic', 'Camera', 'Good camera');
    await media.useDevice('video', devices.idOf('Good camera'));
    const {stream} = media;
    devices.unplug('Good camera');
    await until(() => media.camera?.label === 'Camera', 'the other camera');
    expect(codes()).to.deep.equal(['device-lost']);
    expect(errors[0]?.detail).to.equal('Good camera');
    expect(media.missing.video).to.be.false;
    expect(resolved).to.be.empty;
    devices.plug('Good camera', {id: 'another id'});
    await until(() => media.camera?.label === 'Good camera', 'the chosen camera');
    await until(() => resolved.length, 'the end of it');
    expect(devices.used).to.have.members(['Mic', 'Good camera']);
    expect(media.stream === stream).to.be.true;
    await media.setCamera(false);
    await media.setCamera(true);
    expect(labels()).to.include('Good camera');
    expect(codes()).to.have.length(1);
  });

  it('goes on with the other when the one that is back cannot be had', async () => {
    const devices = await opened('Mic', 'Camera', 'Good camera');
    await media.useDevice('video', devices.idOf('Good camera'));
    devices.unplug('Good camera');
    await until(() => media.camera?.label === 'Camera', 'the other camera');
    const {mediaDevices} = navigator;
    const working = mediaDevices.getUserMedia.bind(mediaDevices);
    let tries = 0;
    replace(mediaDevices, 'getUserMedia', () => {
      tries++;
      return Promise.reject(new DOMException('as told', 'NotReadableError'));
    });
    devices.plug('Good camera');
    await until(() => tries, 'a try');
    expect(media.camera?.label).to.equal('Camera');
    replace(mediaDevices, 'getUserMedia', working);
    devices.announce();
    await until(() => media.camera?.label === 'Good camera', 'the chosen camera');
    expect(codes()).to.deep.equal(['device-lost']);
  });

  it('does not miss what comes back while another is tried', async () => {
    const devices = await opened('Mic', 'Camera', 'Other camera');
    const {mediaDevices} = navigator;
    const working = mediaDevices.getUserMedia.bind(mediaDevices);
    let fail: (() => void) | undefined;
    replace(mediaDevices, 'getUserMedia', () => {
      return new Promise((_, reject) => {
        fail = () => reject(new DOMException('as told', 'NotReadableError'));
      });
    });
    devices.unplug('Camera');
    await until(() => fail && !isListed('Camera'), 'a try');
    replace(mediaDevices, 'getUserMedia', working);
    devices.plug('Camera');
    await until(() => isListed('Camera'), 'the camera');
    expect(labels()).to.deep.equal(['Mic']);
    fail?.();
    await until(() => media.camera?.label === 'Camera', 'the camera');
  });

  it('loses the other one, too', async () => {
    const devices = await opened('Mic', 'Camera', 'Other camera');
    devices.unplug('Camera');
    await until(() => media.camera?.label === 'Other camera', 'the other camera');
    devices.unplug('Other camera');
    await until(() => errors.length === 2, 'the news');
    expect(resolved).to.deep.equal([errors[0]]);
    expect(media.missing.video).to.be.true;
    devices.plug('Camera');
    await until(() => media.camera?.label === 'Camera', 'the camera');
  });

  it('loses and takes back both at once', async () => {
    const devices = await opened('Webcam mic', 'Webcam');
    devices.unplug('Webcam mic');
    devices.unplug('Webcam');
    await until(() => errors.length === 2, 'the news');
    expect(media.missing).to.deep.equal(both);
    devices.plug('Webcam mic');
    devices.plug('Webcam');
    await until(() => labels().length === 2, 'both');
    await until(() => resolved.length === 2, 'the end of it');
  });

  it('opens what is there again though the chosen one is gone', async () => {
    const devices = await opened('Mic', 'Camera', 'Good camera');
    await media.useDevice('video', devices.idOf('Good camera'));
    await media.setCamera(false);
    devices.unplug('Good camera');
    await media.setCamera(true);
    expect(labels()).to.include('Camera');
    expect(errors).to.be.empty;
    media.close();
    await media.open(both);
    expect(labels()).to.have.members(['Mic', 'Camera']);
    expect(errors).to.be.empty;
  });

  it('opens a device that ends for no reason once more, not for ever', async () => {
    const devices = await opened('Mic', 'Camera');
    devices.end('Camera');
    await until(() => resolved.length === 1, 'the camera again');
    expect(labels()).to.include('Camera');
    const {listed, asked} = devices;
    expect(asked.length).to.equal(2);
    devices.end('Camera');
    await until(() => errors.length === 2 && devices.listed > listed, 'the news');
    await navigator.mediaDevices.enumerateDevices();
    expect(asked.length).to.equal(2);
    expect(media.missing.video).to.be.true;
    await media.setCamera(true);
    expect(labels()).to.include('Camera');
  });

  describe('and a person who decides', () => {
    it('opens no camera that was switched off meanwhile', async () => {
      const devices = await opened('Mic', 'Camera');
      devices.unplug('Camera');
      await until(() => errors.length, 'the news');
      await media.setCamera(false);
      expect(resolved).to.deep.equal(errors);
      expect(media.missing.video).to.be.false;
      const asked = devices.asked.length;
      devices.plug('Camera');
      await until(() => isListed('Camera'), 'the camera');
      expect(devices.asked.length).to.equal(asked);
      expect(labels()).to.deep.equal(['Mic']);
    });

    it('releases a camera that comes after it was switched off', async () => {
      const devices = await opened('Mic', 'Camera');
      devices.unplug('Camera');
      await until(() => errors.length && !isListed('Camera'), 'the news');
      const letIn = devices.hold();
      const asked = devices.asked.length;
      devices.plug('Camera');
      await until(() => devices.asked.length > asked, 'the question');
      await media.setCamera(false);
      const before = witness.all.length;
      letIn();
      await until(() => witness.all.length > before && devices.used.length === 1, 'its end');
      expect(labels()).to.deep.equal(['Mic']);
    });

    it('releases a camera that comes after everything was closed', async () => {
      const devices = await opened('Mic', 'Camera');
      devices.unplug('Camera');
      await until(() => errors.length && !isListed('Camera'), 'the news');
      const letIn = devices.hold();
      const asked = devices.asked.length;
      devices.plug('Camera');
      await until(() => devices.asked.length > asked, 'the question');
      media.close();
      const before = witness.all.length;
      letIn();
      await until(() => witness.all.length > before && !devices.used.length, 'its end');
      expect(labels()).to.be.empty;
    });

    it('asks for a device only once at a time', async () => {
      const devices = await opened('Mic', 'Camera');
      devices.unplug('Camera');
      await until(() => errors.length && !isListed('Camera'), 'the news');
      const letIn = devices.hold();
      const asked = devices.asked.length;
      devices.plug('Camera');
      await until(() => devices.asked.length > asked, 'the question');
      devices.announce();
      devices.plug('Other camera');
      await until(() => isListed('Other camera'), 'the list');
      expect(devices.asked.length).to.equal(asked + 1);
      letIn();
      await until(() => media.camera, 'the camera');
      expect(labels()).to.have.members(['Mic', 'Camera']);
      expect(devices.asked.length).to.equal(asked + 1);
    });

    it('is overtaken by who switches it on', async () => {
      const devices = await opened('Mic', 'Camera');
      devices.unplug('Camera');
      await until(() => errors.length && !isListed('Camera'), 'the news');
      await media.setCamera(true);
      expect(codes()).to.deep.equal(['device-lost', 'device-not-found']);
      expect(media.missing.video).to.be.true;
      const letIn = devices.hold();
      devices.plug('Camera');
      await until(() => isListed('Camera'), 'the camera');
      const asked = devices.asked.length;
      const switching = media.setCamera(true);
      devices.plug('Speaker');
      await until(() => isListed('Speaker'), 'the list');
      expect(devices.asked.length).to.equal(asked + 1);
      letIn();
      await switching;
      await until(() => resolved.length, 'the end of it');
      expect(resolved[0]?.code).to.equal('device-not-found');
      await until(() => devices.used.length === 2, 'one camera');
      expect(labels()).to.have.members(['Mic', 'Camera']);
    });

    it('takes another that is chosen while there is none', async () => {
      const devices = await opened('Mic', 'Camera');
      devices.unplug('Camera');
      await until(() => errors.length && !isListed('Camera'), 'the news');
      // Listed, but nothing says so.
      replace(navigator.mediaDevices, 'dispatchEvent', () => true);
      devices.plug('Other camera');
      await media.useDevice('video', devices.idOf('Other camera'));
      expect(labels()).to.include('Other camera');
      expect(resolved).to.deep.equal(errors);
    });

    it('does not return from one that was chosen since', async () => {
      const devices = await opened('Mic', 'Camera', 'Other camera', 'Third camera');
      devices.unplug('Camera');
      await until(() => media.camera?.label === 'Other camera', 'the other camera');
      await media.useDevice('video', devices.idOf('Third camera'));
      expect(resolved).to.deep.equal(errors);
      devices.plug('Camera');
      await until(() => isListed('Camera'), 'the camera');
      expect(labels()).to.have.members(['Mic', 'Third camera']);
    });

    it('opens no microphone for one who is muted, but when it is needed', async () => {
      const devices = await opened('Mic', 'Camera', 'Other mic');
      await media.setMic(false);
      const asked = devices.asked.length;
      devices.unplug('Mic');
      await until(() => errors.length && !isListed('Mic'), 'the news');
      expect(labels()).to.deep.equal(['Camera']);
      devices.plug('Mic', {first: true});
      await until(() => resolved.length, 'its return');
      expect(devices.asked.length).to.equal(asked);
      expect(media.missing.audio).to.be.false;
      await media.setMic(true);
      expect(labels()).to.have.members(['Mic', 'Camera']);
      expect(media.micOn).to.be.true;
    });

    it('keeps silent with another microphone who is muted meanwhile', async () => {
      const devices = await opened('Mic', 'Camera', 'Other mic');
      const letIn = devices.hold();
      const asked = devices.asked.length;
      devices.unplug('Mic');
      await until(() => devices.asked.length > asked, 'the question');
      media.mute(true);
      letIn();
      await until(() => media.mic, 'the other microphone');
      expect(media.mic?.enabled).to.be.false;
    });
  });

  describe('because they are forbidden', () => {
    it('says so, asks nothing, and takes them back when they are allowed', async () => {
      const devices = await opened('Mic', 'Camera', 'Other camera');
      const asked = devices.asked.length;
      devices.revoke('video');
      await until(() => errors.length, 'the news');
      expect(codes()).to.deep.equal(['permission-denied']);
      expect(media.missing.video).to.be.true;
      const {listed} = devices;
      devices.announce();
      await until(() => devices.listed > listed, 'the list');
      expect(devices.asked.length).to.equal(asked);
      devices.grant('video');
      await until(() => media.camera?.label === 'Camera', 'the camera');
      await until(() => resolved.length, 'the end of it');
      expect(resolved).to.deep.equal(errors);
    });

    it('knows it from what is listed where the browser would ask', async () => {
      const devices = await opened('Mic', 'Camera', 'Other camera');
      const asked = devices.asked.length;
      devices.revoke('video', 'prompt');
      await until(() => errors.length, 'the news');
      expect(codes()).to.deep.equal(['permission-denied']);
      expect(devices.asked.length).to.equal(asked);
      devices.grant('video');
      await until(() => media.camera, 'the camera');
    });

    it('takes what was unplugged for unplugged where the browser would ask', async () => {
      const devices = await opened('Mic', 'Camera', 'Other camera');
      devices.permissions.video.state = 'prompt';
      devices.unplug('Camera');
      await until(() => media.camera?.label === 'Other camera', 'the other camera');
      expect(codes()).to.deep.equal(['device-lost']);
    });

    it('says so when another may not be used either, and does not insist', async () => {
      const devices = await opened('Mic', 'Camera', 'Other camera');
      replace(navigator.permissions, 'query', () => Promise.reject(new TypeError('unknown name')));
      devices.permissions.video.state = 'denied';
      devices.unplug('Camera');
      await until(() => errors.length === 2, 'the news');
      expect(codes()).to.deep.equal(['device-lost', 'permission-denied']);
      const asked = devices.asked.length;
      devices.plug('Camera');
      await until(() => isListed('Camera'), 'the camera');
      expect(devices.asked.length).to.equal(asked);
      devices.permissions.video.state = 'granted';
      await media.setCamera(true);
      expect(labels()).to.include('Other camera');
      expect(resolved).to.deep.equal([errors[1]]);
    });
  });

  describe('and the default microphone', () => {
    it('follows it, as to a headset and back', async () => {
      const devices = await opened('Mic', 'Camera');
      media.mute(true);
      devices.plug('Headset', {first: true});
      await until(() => media.mic?.label === 'Headset', 'the headset');
      expect(media.mic?.enabled).to.be.false;
      media.mute(false);
      expect(errors).to.be.empty;
      expect(devices.used).to.have.members(['Camera', 'Headset']);
      devices.unplug('Headset');
      await until(() => media.mic?.label === 'Mic', 'the microphone');
      expect(codes()).to.deep.equal(['device-lost']);
      devices.plug('Headset', {first: true});
      await until(() => media.mic?.label === 'Headset', 'the headset');
      await until(() => resolved.length, 'the end of it');
      expect(devices.used).to.have.members(['Camera', 'Headset']);
    });

    it('stays with the one that was chosen', async () => {
      const devices = await opened('Mic', 'Camera');
      await media.useDevice('audio', devices.idOf('Mic'));
      devices.plug('Headset', {first: true});
      await until(() => isListed('Headset'), 'the headset');
      expect(labels()).to.have.members(['Mic', 'Camera']);
      expect(devices.asked.length).to.equal(2);
    });

    it('stays with the old one when the new one cannot be had', async () => {
      const devices = await opened('Mic', 'Camera');
      let tries = 0;
      replace(navigator.mediaDevices, 'getUserMedia', () => {
        tries++;
        return Promise.reject(new DOMException('as told', 'NotReadableError'));
      });
      devices.plug('Headset', {first: true});
      await until(() => tries, 'a try');
      expect(media.mic?.label).to.equal('Mic');
      expect(media.mic?.readyState).to.equal('live');
      expect(errors).to.be.empty;
    });

    it('releases the new one when it closed meanwhile', async () => {
      const devices = await opened('Mic', 'Camera');
      const letIn = devices.hold();
      devices.plug('Headset', {first: true});
      await until(() => devices.asked.length === 2, 'the question');
      media.close();
      const before = witness.all.length;
      letIn();
      await until(() => witness.all.length > before && !devices.used.length, 'its end');
    });
  });

  describe('while the page is out of sight', () => {
    function see(visible: boolean) {
      replace(document, 'visibilityState', visible ? 'visible' : 'hidden');
      replace(document, 'hidden', !visible);
      document.dispatchEvent(new Event('visibilitychange'));
    }

    it('takes an interruption for no loss', async () => {
      await opened('Mic', 'Camera');
      media.camera?.dispatchEvent(new Event('mute'));
      see(false);
      see(true);
      media.camera?.dispatchEvent(new Event('unmute'));
      expect(labels()).to.have.members(['Mic', 'Camera']);
      expect(errors).to.be.empty;
    });

    it('opens again what has ended without a word', async () => {
      const devices = await opened('Mic', 'Camera');
      devices.permissions.video.state = 'prompt';
      see(false);
      devices.kill('Camera');
      expect(media.missing.video).to.be.false;
      see(true);
      await until(() => media.camera?.readyState === 'live', 'the camera');
      await until(() => resolved.length, 'the end of it');
    });

    it('opens again what could not be opened before it is seen', async () => {
      const devices = await opened('Mic', 'Camera');
      see(false);
      const {mediaDevices} = navigator;
      const working = mediaDevices.getUserMedia.bind(mediaDevices);
      let tries = 0;
      replace(mediaDevices, 'getUserMedia', () => {
        tries++;
        return Promise.reject(new DOMException('as told', 'NotAllowedError'));
      });
      devices.end('Camera');
      await until(() => tries, 'a try');
      replace(mediaDevices, 'getUserMedia', working);
      see(true);
      await until(() => media.camera, 'the camera');
      expect(codes()).to.deep.equal(['device-lost']);
    });
  });

  it('does not open a stream of the page again', async () => {
    const devices = new VirtualDevices('Mic', 'Camera');
    const stream = canvasStream();
    media.use(stream, both);
    await media.open(both);
    const [track] = stream.getVideoTracks();
    track?.stop();
    track?.dispatchEvent(new Event('ended'));
    expect(codes()).to.deep.equal(['device-lost']);
    expect(media.missing.video).to.be.true;
    devices.announce();
    await until(() => media.devices.length, 'the list');
    await media.setCamera(true);
    expect(labels()).to.be.empty;
    expect(devices.asked).to.be.empty;
  });

  it('leaves no listener behind', async () => {
    const devices = await opened('Mic', 'Camera');
    expect(devices.listeners).to.have.members([
      'devicechange',
      'visibilitychange',
      'change',
      'change',
    ]);
    devices.unplug('Camera');
    await until(() => errors.length, 'the news');
    await media.setCamera(true);
    media.close();
    expect(devices.listeners).to.be.empty;
    await media.open(both);
    // Closed before the permissions are known.
    void media.open(both);
    media.close();
    await navigator.permissions.query({name: 'camera'});
    expect(devices.listeners).to.be.empty;
  });

  it('keeps two in one page apart', async () => {
    const devices = await opened('Mic', 'Camera');
    const other = new LocalMedia();
    await other.open(both);
    devices.unplug('Camera');
    await other.setCamera(false);
    await until(() => errors.length && !isListed('Camera'), 'the news');
    devices.plug('Camera');
    await until(() => media.camera, 'the camera');
    await until(() => other.devices.some(({label}) => label === 'Camera'), 'the list');
    expect(other.camera === undefined).to.be.true;
    other.close();
    expect(devices.used).to.have.members(['Mic', 'Camera']);
  });
});
