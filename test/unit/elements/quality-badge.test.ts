import {expect} from '@open-wc/testing';
import '../../../src/elements/rtc-video.js';
import type {RtcCall} from '../../../src/elements/rtc-call.js';
import type {RtcVideo} from '../../../src/elements/rtc-video.js';
import type {LineQuality} from '../../../src/session/line-grade.js';
import type {Participant} from '../../../src/session/participant.js';
import {replace, restoreAll, until} from '../support.js';
import {add, addCall, button, find, readable, removeAll, search} from './support.js';

describe('The badge of a line', () => {
  let call: RtcCall;
  let tile: RtcVideo;

  beforeEach(async () => {
    call = await addCall();
    tile = document.createElement('rtc-video');
    tile.style.cssText = 'width: 480px; height: 270px';
    tile.participant = 'mina';
    add(tile, call);
  });
  afterEach(() => {
    removeAll();
    restoreAll();
  });

  async function show(quality: LineQuality | undefined, more: Partial<Participant> = {}) {
    const {self} = call.session;
    const person = {...self, id: 'mina', name: 'Mina', stream: new MediaStream(), quality, ...more};
    replace(call.session, person.id === 'self' ? 'self' : 'participants', [person]);
    if (person.id === 'self') {
      replace(call.session, 'self', person);
    }
    call.session.dispatchEvent(new Event('change'));
    await tile.updateComplete;
  }

  const weak: LineQuality = {grade: 'fair', trouble: 'loss', side: 'there'};
  const named = () => button(tile, 'Mina: weak connection');

  it('is there only while the line is not good, and connected', async () => {
    for (const none of [undefined, {grade: 'good'}] as const) {
      await show(none);
      expect(search(tile, '.quality')).to.equal(undefined);
    }
    await show(weak);
    expect(named().getAttribute('aria-expanded')).to.equal('false');
    const {width, height} = named().getBoundingClientRect();
    expect(Math.min(width, height)).to.be.at.least(44);
    await expect(tile).to.be.accessible();
    await show({grade: 'poor', trouble: 'loss'});
    button(tile, 'Mina: very weak connection');
    await show(weak, {connection: 'reconnecting'});
    expect(search(tile, '.quality')).to.equal(undefined);
  });

  it('explains itself when pressed, in words and numbers that are up to date, until Escape', async () => {
    let lossPercent = 7;
    replace(call.session, 'lineOf', () => ({lossPercent, roundTripMs: 120, freezes: 2}));
    await show(weak);
    named().click();
    await tile.updateComplete;
    expect(named().getAttribute('aria-expanded')).to.equal('true');
    const why = find(tile, `#${named().getAttribute('aria-describedby')}`);
    expect(why.textContent.replace(/\s+/g, ' ').trim()).to.equal(
      'The connection of Mina is weak. Part of picture and sound gets lost. 7 % lost · 120 ms there and back · stood still 2 times',
    );
    await expect(tile).to.be.accessible();
    lossPercent = 9;
    await until(() => readable(tile).includes('9 % lost'), 'the next number');

    let heard = 0;
    call.addEventListener('keydown', () => heard++);
    const escape = () =>
      named().dispatchEvent(
        new KeyboardEvent('keydown', {key: 'Escape', bubbles: true, composed: true}),
      );
    escape();
    await tile.updateComplete;
    expect(named().getAttribute('aria-expanded')).to.equal('false');
    expect(heard).to.equal(0);
    // The next one is meant for something else.
    escape();
    expect(heard).to.equal(1);
  });

  it('opens when pointed at, and goes with the line that is good again', async () => {
    await show(weak);
    const point = (type: string) =>
      named().parentElement!.dispatchEvent(new PointerEvent(type, {pointerType: 'mouse'}));
    point('pointerenter');
    await tile.updateComplete;
    expect(named().getAttribute('aria-expanded')).to.equal('true');
    // A click there does not take away what is being read.
    named().click();
    await tile.updateComplete;
    expect(search(tile, '.why')).to.exist;
    point('pointerleave');
    await tile.updateComplete;
    expect(search(tile, '.why')).to.equal(undefined);
    point('pointerenter');
    await show({grade: 'good'});
    expect(search(tile, '.why')).to.equal(undefined);
    await show(weak);
    expect(search(tile, '.why')).to.equal(undefined);
  });

  it('says of oneself what the others get', async () => {
    tile.participant = 'self';
    await show({grade: 'poor', trouble: 'loss', side: 'here'}, {id: 'self'});
    button(tile, 'You: very weak connection').click();
    await tile.updateComplete;
    expect(readable(tile)).to.include('Your connection is weak. Part of what you send gets lost.');
  });

  it('leaves a speaker to be known by more than a colour, and captions to be read', async () => {
    await show(undefined, {speaking: true, micOff: false});
    expect(find(tile, '.label [role=img]').getAttribute('aria-label')).to.equal('Speaking');
    const captions = find(tile, '.captions');
    expect(captions.offsetHeight).to.equal(0);
    const line = Object.assign(document.createElement('p'), {
      slot: 'captions',
      textContent: 'What she says',
    });
    tile.append(line);
    const [caption, label, whole] = [line, find(tile, '.label'), tile].map((element) =>
      element.getBoundingClientRect(),
    );
    expect(caption!.bottom).to.be.at.most(label!.top);
    expect(caption!.top).to.be.above(whole!.top + whole!.height / 2);
    await expect(tile).to.be.accessible();
  });
});
