import {expect} from '@open-wc/testing';
import '../../../src/elements/rtc-loopback.js';
import type {RtcErrorEvent} from '../../../src/elements/events.js';
import {once, replace, restoreAll, until} from '../support.js';
import {add, button, readable, removeAll} from './support.js';

describe('<rtc-loopback>', () => {
  afterEach(() => {
    removeAll();
    restoreAll();
  });

  it('goes from Start to Call to Hang up, and shows both pictures', async () => {
    const loopback = add(document.createElement('rtc-loopback'));
    await loopback.updateComplete;
    await expect(loopback).to.be.accessible();
    expect(button(loopback, 'Call').disabled).to.equal(true);
    button(loopback, 'Start').click();
    await until(() => !button(loopback, 'Call').disabled, 'the devices');
    expect(readable(loopback)).not.to.contain('none');
    await expect(loopback).to.be.accessible();
    button(loopback, 'Call').click();
    const [local, remote] = loopback.shadowRoot?.querySelectorAll('rtc-video') ?? [];
    const moving = () =>
      [local, remote].every(
        (tile) => (tile?.shadowRoot?.querySelector('video')?.videoWidth ?? 0) > 0,
      );
    await until(moving, 'both pictures', 15_000);
    await until(() => readable(loopback).includes('Connected.'), 'the words');
    await expect(loopback).to.be.accessible();
    const tracks = local?.srcObject?.getTracks() ?? [];
    button(loopback, 'Hang up').click();
    await until(() => !button(loopback, 'Start').disabled, 'the end');
    expect(tracks.every(({readyState}) => readyState === 'ended')).to.equal(true);
  });

  it('survives a move and ends on removal', async () => {
    const loopback = add(document.createElement('rtc-loopback'));
    await loopback.updateComplete;
    button(loopback, 'Start').click();
    await until(() => !button(loopback, 'Call').disabled, 'the devices');
    const tracks = loopback.shadowRoot?.querySelector('rtc-video')?.srcObject?.getTracks() ?? [];
    expect(tracks).to.have.lengthOf(2);
    add(document.createElement('section')).append(loopback);
    await loopback.updateComplete;
    expect(tracks[0]?.readyState).to.equal('live');
    loopback.remove();
    await until(() => tracks.every(({readyState}) => readyState === 'ended'), 'the end');
  });

  it('says what is wrong', async () => {
    replace(navigator.mediaDevices, 'getUserMedia', () =>
      Promise.reject(new DOMException('', 'NotReadableError')),
    );
    const loopback = add(document.createElement('rtc-loopback'));
    await loopback.updateComplete;
    const told = once<RtcErrorEvent>(loopback, 'rtc-error');
    button(loopback, 'Start').click();
    expect((await told).error.code).to.equal('device-in-use');
    await until(() => readable(loopback).includes('used by another program'), 'the words');
    await expect(loopback).to.be.accessible();
  });
});
