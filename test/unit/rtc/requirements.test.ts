import {expect} from '@open-wc/testing';
import {
  isOffline,
  requireConnections,
  requireDevice,
  requireDevices,
} from '../../../src/rtc/requirements.js';
import {codeOf, replace, restoreAll} from '../support.js';

describe('What a page must have', () => {
  afterEach(restoreAll);

  it('is there in this browser', () => {
    requireConnections();
    requireDevices();
  });

  it('is a secure context', async () => {
    replace(window, 'isSecureContext', false);
    expect(await codeOf(requireConnections)).to.equal('insecure-context');
    expect(await codeOf(requireDevices)).to.equal('insecure-context');
  });

  it('is a browser with connections', async () => {
    replace(window, 'RTCPeerConnection', undefined);
    expect(await codeOf(requireConnections)).to.equal('unsupported-browser');
    requireDevices();
  });

  it('is a browser with devices', async () => {
    for (const mediaDevices of [undefined, {}]) {
      replace(navigator, 'mediaDevices', mediaDevices);
      expect(await codeOf(requireDevices)).to.equal('unsupported-browser');
      requireConnections();
    }
  });
});

describe('requireDevice', () => {
  afterEach(restoreAll);

  const permission = (state: PermissionState) =>
    replace(navigator.permissions, 'query', async () => ({state}));
  const devices = (...kinds: MediaDeviceKind[]) =>
    replace(navigator.mediaDevices, 'enumerateDevices', async () => kinds.map((kind) => ({kind})));

  it('is sure only of what was allowed', async () => {
    devices('audioinput', 'videoinput');
    permission('granted');
    expect(await requireDevice('audio')).to.equal(true);
    permission('prompt');
    expect(await requireDevice('video')).to.equal(false);
  });

  it('says what is in the way', async () => {
    devices('audioinput', 'audiooutput');
    permission('prompt');
    expect(await codeOf(() => requireDevice('video'))).to.equal('device-not-found');
    permission('denied');
    expect(await codeOf(() => requireDevice('audio'))).to.equal('permission-denied');
    replace(navigator, 'mediaDevices', undefined);
    expect(await codeOf(() => requireDevice('audio'))).to.equal('unsupported-browser');
  });

  it('makes do without a word on permissions', async () => {
    devices('audioinput');
    replace(navigator.permissions, 'query', () => Promise.reject(new TypeError('microphone')));
    expect(await requireDevice('audio')).to.equal(false);
  });
});

describe('isOffline', () => {
  afterEach(restoreAll);

  it('knows what the browser knows', () => {
    expect(isOffline()).to.equal(false);
    replace(navigator, 'onLine', false);
    expect(isOffline()).to.equal(true);
  });
});
