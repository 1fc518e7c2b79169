import {expect} from '@open-wc/testing';
import {sendKeys} from '@web/test-runner-commands';
import {describeInside} from '../../../src/elements/call-lobby.js';
import {en} from '../../../src/locales/en.js';
import {
  createWatcher,
  DeviceWitness,
  hearTestEvents,
  leaveAll,
  randomRoom,
  restoreAll,
  until,
} from '../support.js';
import {VirtualDevices} from '../virtual-devices.js';
import {add, addCall, addWatcher, button, find, readable, removeAll} from './support.js';

describe('the lobby', () => {
  beforeEach(hearTestEvents);
  afterEach(() => {
    removeAll();
    leaveAll();
    restoreAll();
  });

  it('says who is in', () => {
    const say = (...inside: string[]) => describeInside(inside, 5, en.lobby);
    expect(say()).to.equal('Nobody is here yet.');
    expect(say('')).to.equal('Somebody is in the call.');
    expect(say('', 'Mina')).to.equal('Mina and Somebody are in the call.');
    expect(say('', 'Mina', '')).to.equal('Mina and 2 others are in the call.');
    expect(say('a', 'b', 'c', 'd', 'e')).to.equal('The call is full: 5 people are in it.');
  });

  it('asks who is in while it is seen, and lets one in with everything off, asking nobody', async () => {
    const room = randomRoom();
    const other = await createWatcher({room, name: 'Mina'});
    await other.join();
    const call = await addWatcher({room});
    await until(() => readable(call).includes('Mina is in the call.'), 'who is in');
    await expect(call).to.be.accessible();
    const witness = new DeviceWitness();
    call.session.openPanel('devices');
    button(call, 'Join with everything off').click();
    await until(() => call.state === 'joined', 'the call');
    expect(call.self).to.include({micOff: true, cameraOff: true});
    expect(witness.asked).to.be.empty;
    expect(call.session.panel).to.equal(undefined);
  });

  it('remembers a name that was typed, not one that the page has given', async () => {
    const first = await addWatcher();
    find<HTMLInputElement>(first, '[part=name]').focus();
    await sendKeys({type: 'Jun'});
    expect(first.session.self.name).to.equal('Jun');
    const second = await addWatcher();
    expect(find<HTMLInputElement>(second, '[part=name]').value).to.equal('Jun');
    expect(second.session.self.name).to.equal('Jun');
    const given = await addWatcher({name: 'Mina'});
    const field = find<HTMLInputElement>(given, '[part=name]');
    expect(field.value).to.equal('Mina');
    field.focus();
    await sendKeys({type: 'x'});
    expect(given.session.settings.choices.name).to.equal('Jun');
    field.select();
    await sendKeys({press: 'Backspace'});
    expect(field.value).to.equal('');
    expect(given.session.self.name).to.equal('');
    await sendKeys({type: 'Al'});
    expect(field.value).to.equal('Al');
    expect(given.session.settings.choices.name).to.equal('Jun');
  });

  it('helps when devices are refused, and goes on by itself when they are allowed', async () => {
    const devices = new VirtualDevices('Mic', 'Camera');
    devices.permissions.audio.state = 'denied';
    devices.permissions.video.state = 'denied';
    const call = await addCall();
    await until(() => readable(call).includes(en.help.title), 'the help');
    expect(call.self).to.include({micOff: true, cameraOff: true});
    await expect(call).to.be.accessible();
    const {length} = devices.asked;
    button(call, 'Ask again').click();
    await until(() => devices.asked.length > length, 'another question');
    await until(() => readable(call).includes(en.help.title), 'the help again');
    devices.grant('video');
    devices.grant('audio');
    await until(() => !call.self.micOff && !call.self.cameraOff, 'both');
    await until(() => !readable(call).includes(en.help.title), 'the end of it');
    expect(call.session.notice).to.equal(undefined);
  });

  for (const [name, width, height] of [
    ['a phone', 390, 800],
    ['a phone on its side', 844, 390],
    ['a side bar', 300, 400],
    ['a desktop', 1200, 700],
  ] as const) {
    it(`keeps the way in reachable on ${name}`, async () => {
      const frame = add(document.createElement('div'));
      Object.assign(frame.style, {width: `${width}px`, height: `${height}px`});
      const call = await addWatcher();
      frame.append(call);
      call.style.height = '100%';
      find(call, '.call').style.aspectRatio = 'auto';
      call.session.openPanel('devices');
      await call.updateComplete;
      const box = find(call, '.call').getBoundingClientRect();
      const join = button(call, 'Join').getBoundingClientRect();
      expect(join.height).to.be.at.least(44);
      expect(join.bottom, 'bottom').to.be.at.most(box.bottom + 1);
      expect(join.right, 'right').to.be.at.most(box.right + 1);
      expect(find(call, '.call').scrollWidth).to.be.at.most(Math.ceil(box.width));
    });
  }
});
