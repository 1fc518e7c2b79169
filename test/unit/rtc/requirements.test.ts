import {expect} from '@open-wc/testing';
import {requireConnections, requireDevices} from '../../../src/rtc/requirements.js';
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
