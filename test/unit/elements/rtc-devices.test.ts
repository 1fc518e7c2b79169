import {expect} from '@open-wc/testing';
import {sendKeys} from '@web/test-runner-commands';
import '../../../src/elements/rtc-devices.js';
import type {RtcCall} from '../../../src/elements/rtc-call.js';
import {DeviceWitness, hearTestEvents, randomRoom, replace, restoreAll, until} from '../support.js';
import {VirtualDevices} from '../virtual-devices.js';
import {add, addCall, addWatcher, button, find, readable, removeAll} from './support.js';

const select = (element: Element, kind: string) => find<HTMLSelectElement>(element, `#${kind}`);
const selected = (element: Element, kind: string) =>
  select(element, kind).selectedOptions[0]?.textContent.trim();
const switches = (element: Element) =>
  [...element.shadowRoot!.querySelectorAll('.switch > span:first-child')].map(({textContent}) =>
    textContent?.trim(),
  );

describe('<rtc-devices>', () => {
  let witness: DeviceWitness;

  beforeEach(() => {
    hearTestEvents();
    witness = new DeviceWitness();
  });
  afterEach(async () => {
    removeAll();
    await until(() => witness.live.length === 0, 'the end of every track');
    restoreAll();
  });

  /** Beside a call of the page's own looks. */
  function beside(call: RtcCall) {
    const devices = document.createElement('rtc-devices');
    devices.setAttribute('for', call.id);
    return add(devices);
  }

  it('is there without a call, and says what there is not', async () => {
    const alone = add(document.createElement('rtc-devices'));
    await expect(alone).to.be.accessible();
    new VirtualDevices();
    const call = await addWatcher({id: 'empty', innerHTML: '<p>Own</p>'});
    const devices = beside(call);
    await until(() => readable(devices).includes('No camera was found.'), 'the words');
    expect(readable(devices)).to.contain('No microphone was found.');
    await expect(devices).to.be.accessible();
    expect(witness.asked).to.be.empty;
  });

  it('changes devices by keyboard, and remembers them', async () => {
    const virtual = new VirtualDevices(
      'Mic',
      'Other mic',
      'Camera',
      'Good camera',
      'Speaker',
      'Speaker 2',
    );
    const call = await addCall({id: 'own', innerHTML: '<p>Own</p>'});
    const devices = beside(call);
    await call.session.preview();
    await until(() => selected(devices, 'videoinput') === 'Camera', 'the camera');
    expect(selected(devices, 'audioinput')).to.equal('Mic');
    select(devices, 'videoinput').focus();
    await sendKeys({press: 'g'});
    await until(() => virtual.used.includes('Good camera'), 'the good camera');
    expect(call.session.settings.choices.camera?.label).to.equal('Good camera');
    await until(() => selected(devices, 'videoinput') === 'Good camera', 'its name');

    virtual.unplug('Good camera');
    await until(() => selected(devices, 'videoinput') === 'Camera', 'the one that takes its place');
    await expect(devices).to.be.accessible();

    if (call.session.canChooseSpeaker) {
      await call.session.useDevice('audiooutput', virtual.idOf('Speaker 2'));
      expect(call.session.speakerId).to.equal('id of Speaker 2');
      await until(() => selected(devices, 'audiooutput') === 'Speaker 2', 'the speaker');
      virtual.unplug('Speaker 2');
      await until(() => call.session.speakerId === '', 'the usual one');
    }
    call.session.stopPreview();
  });

  it('has a switch for what works here, by keyboard, and a hint with each', async () => {
    replace(navigator.mediaDevices, 'getSupportedConstraints', () => ({
      noiseSuppression: true,
      voiceIsolation: true,
    }));
    replace(MediaStreamTrack.prototype, 'getCapabilities', () => ({
      backgroundBlur: [true, false],
    }));
    const call = await addCall({id: 'switches', innerHTML: '<p>Own</p>'});
    const devices = beside(call);
    await call.session.preview();
    const all = ['Blur the background', 'Suppress noise', 'Only my voice', 'Use little data'];
    await until(() => switches(devices).length === all.length, 'all switches');
    expect(switches(devices)).to.deep.equal(all);
    await expect(devices).to.be.accessible();
    const last = [...devices.shadowRoot!.querySelectorAll<HTMLInputElement>('[role=switch]')].at(
      -1,
    )!;
    last.focus();
    await sendKeys({press: ' '});
    expect(call.session.settings.choices.lowData).to.be.true;
    await until(() => last.getAttribute('aria-checked') === 'true', 'the switch to be on');
    expect(last.checked).to.be.true;
    call.audioMode = 'music';
    call.audioOnly = true;
    await until(() => switches(devices).length === 1, 'what music in an audio call leaves');
    call.session.stopPreview();
  });

  it('opens devices when it is asked to, and closes them when it goes', async () => {
    const call = await addCall({id: 'closed', innerHTML: '<p>Own</p>'});
    const devices = beside(call);
    await devices.updateComplete;
    expect(witness.asked).to.be.empty;
    button(devices, 'Allow camera and microphone').click();
    await until(() => witness.live.length === 2, 'both devices');
    devices.remove();
    await until(() => witness.live.length === 0, 'the end of both');
  });

  it('plays a test sound, and stops it', async () => {
    const call = await addWatcher({id: 'chime', innerHTML: '<p>Own</p>', room: randomRoom()});
    const devices = beside(call);
    await devices.updateComplete;
    button(devices, 'Play a test sound').click();
    await devices.updateComplete;
    button(devices, 'Stop the test sound').click();
    await devices.updateComplete;
    button(devices, 'Play a test sound').click();
    devices.remove();
    add(devices);
    await devices.updateComplete;
    expect(readable(devices)).to.contain('Play a test sound');
  });
});
