import {expect} from '@open-wc/testing';
import {sendKeys} from '@web/test-runner-commands';
import '../../../src/elements/rtc-controls.js';
import type {RtcErrorEvent} from '../../../src/elements/events.js';
import {once, randomRoom, until} from '../support.js';
import {add, addCall, addWatcher, button, find, removeAll} from './support.js';

describe('<rtc-controls>', () => {
  afterEach(removeAll);

  it('is there without a call, with nothing to press', async () => {
    const controls = add(document.createElement('rtc-controls'));
    await controls.updateComplete;
    expect(button(controls, 'Microphone').disabled).to.equal(true);
    await expect(controls).to.be.accessible();
  });

  it('acts on the call that for names, even one that comes later', async () => {
    const controls = add(document.createElement('rtc-controls'));
    controls.setAttribute('for', 'later');
    const call = await addCall({id: 'later', room: randomRoom(), autojoin: true});
    await until(
      () => call.state === 'joined' && call.self.stream?.getTracks().length === 2,
      'the call',
    );
    await until(() => !button(controls, 'Leave').disabled, 'the buttons to work');
    await expect(controls).to.be.accessible();
    const [camera] = call.self.stream?.getVideoTracks() ?? [];
    button(controls, 'Camera').click();
    await until(() => call.cameraOff, 'the camera to be off');
    expect(camera?.readyState).to.equal('ended');
    await controls.updateComplete;
    expect(button(controls, 'Camera').getAttribute('aria-pressed')).to.equal('false');
    button(controls, 'Microphone').click();
    await until(() => call.micOff, 'the microphone to be off');
    button(controls, 'Leave').click();
    await until(() => call.state === 'idle', 'the call to end');
  });

  it('lets the page have its say before anything happens', async () => {
    const call = await addWatcher({room: randomRoom(), autojoin: true});
    await until(() => call.state === 'joined', 'the call');
    await call.updateComplete;
    const asked: string[] = [];
    for (const type of [
      'rtc-mic-request',
      'rtc-camera-request',
      'rtc-screen-request',
      'rtc-leave-request',
    ]) {
      call.addEventListener(type, (event) => {
        asked.push(type);
        event.preventDefault();
      });
    }
    for (const name of ['Microphone', 'Camera', 'Share screen', 'Leave']) {
      button(call, name).click();
    }
    expect(asked).to.have.lengthOf(4);
    expect(call.state).to.equal('joined');
    expect(call.micOff && call.cameraOff).to.equal(true);
    expect(call.self.screen).to.equal(undefined);
  });

  it('shows the buttons that are asked for, in that order, and names a wrong one', async () => {
    const controls = document.createElement('rtc-controls');
    controls.controls = 'leave rocket mic mic';
    const told = once<RtcErrorEvent>(controls, 'rtc-error');
    add(controls);
    const {error} = await told;
    expect(error.code).to.equal('bad-attribute');
    expect(error.detail).to.contain('rocket');
    await controls.updateComplete;
    const names = [...(controls.shadowRoot?.querySelectorAll('button') ?? [])].map((one) =>
      one.getAttribute('aria-label'),
    );
    expect(names).to.deep.equal(['Leave', 'Microphone']);
  });

  it('has no camera button in an audio call', async () => {
    const call = await addWatcher({room: randomRoom(), audioOnly: true, autojoin: true});
    await until(() => call.state === 'joined', 'the call');
    await call.updateComplete;
    expect(() => button(call, 'Camera')).to.throw();
    expect(button(call, 'Microphone').disabled).to.equal(false);
  });

  it('is one stop for Tab; arrows, Home and End go from button to button', async () => {
    const call = await addWatcher({room: randomRoom(), autojoin: true});
    await until(() => call.state === 'joined', 'the call');
    const controls = find(call, 'rtc-controls');
    await until(() => !button(call, 'Leave').disabled, 'the buttons');
    const focused = () => controls.shadowRoot?.activeElement?.getAttribute('aria-label');
    button(call, 'Microphone').focus();
    await sendKeys({press: 'ArrowRight'});
    expect(focused()).to.equal('Camera');
    await sendKeys({press: 'End'});
    expect(focused()).to.equal('Leave');
    await sendKeys({press: 'ArrowRight'});
    expect(focused()).to.equal('Microphone');
    await sendKeys({press: 'ArrowLeft'});
    expect(focused()).to.equal('Leave');
    await sendKeys({press: 'Home'});
    expect(focused()).to.equal('Microphone');
    await call.updateComplete;
    const stops = [...(controls.shadowRoot?.querySelectorAll('button') ?? [])].filter(
      ({tabIndex}) => tabIndex === 0,
    );
    expect(stops).to.have.lengthOf(1);
  });

  it('has targets that a finger can hit', async () => {
    const call = await addWatcher({room: randomRoom(), autojoin: true});
    await until(() => call.state === 'joined', 'the call');
    await call.updateComplete;
    for (const name of ['Microphone', 'Camera', 'Leave']) {
      const {width, height} = button(call, name).getBoundingClientRect();
      expect(Math.min(width, height)).to.be.at.least(44);
    }
  });
});
