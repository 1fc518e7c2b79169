import {expect} from '@open-wc/testing';
import {LocalCapture} from '../../../src/session/local-capture.js';
import {DeviceWitness, replace, restoreAll, until} from '../support.js';

describe('LocalCapture', () => {
  let capture: LocalCapture;
  let devices: DeviceWitness;
  let changes: number;

  beforeEach(() => {
    devices = new DeviceWitness();
    capture = new LocalCapture();
    changes = 0;
    capture.addEventListener('change', () => changes++);
  });
  afterEach(() => {
    capture.stop();
    expect(devices.live.length).to.equal(0);
    restoreAll();
  });

  it('opens camera and microphone into the same stream, for ever', async () => {
    const {stream} = capture;
    expect(stream.getTracks().length).to.equal(0);
    await capture.start();
    expect(stream.getTracks().length).to.equal(2);
    expect(changes).to.be.above(0);
    capture.stop();
    expect(stream.getTracks().length).to.equal(0);
    await capture.start({audio: false});
    expect(capture.stream === stream).to.be.true;
    expect(stream.getTracks().map(({kind}) => kind)).to.deep.equal(['video']);
  });

  it('leaves nothing open that was stopped while it opened', async () => {
    const starting = capture.start();
    capture.stop();
    await starting;
    expect(devices.all.length).to.equal(2);
    await until(() => !devices.live.length, 'nothing open');
  });

  it('keeps what went wrong until it starts again', async () => {
    const {mediaDevices} = navigator;
    const original = mediaDevices.getUserMedia.bind(mediaDevices);
    replace(mediaDevices, 'getUserMedia', () =>
      Promise.reject(new DOMException('no', 'NotFoundError')),
    );
    await capture.start();
    expect(capture.error?.code).to.equal('device-not-found');
    expect(changes).to.be.above(0);
    replace(mediaDevices, 'getUserMedia', original);
    await capture.start();
    expect(capture.error).to.equal(undefined);
    capture.stream.getTracks().forEach((track) => track.stop());
  });
});
