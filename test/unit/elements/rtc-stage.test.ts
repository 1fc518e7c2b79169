import {expect} from '@open-wc/testing';
import {sendKeys, sendMouse} from '@web/test-runner-commands';
import type {RtcCall} from '../../../src/elements/rtc-call.js';
import type {RtcStage} from '../../../src/elements/rtc-stage.js';
import {canvasStream, randomRoom, replace, restoreAll, until} from '../support.js';
import {addCall, addWatcher, find, focused, removeAll, untilMet} from './support.js';

const tiles = (call: RtcCall) => [...find(call, '.tiles').querySelectorAll('rtc-video')];
const tileOf = (call: RtcCall, id: string, source = 'camera') =>
  tiles(call).find((tile) => tile.participant === id && tile.source === source)!;
const area = (element: Element) => {
  const {width, height} = element.getBoundingClientRect();
  return width * height;
};
/** Which tile is more than three times as large as each of the others. */
const largest = (call: RtcCall) =>
  tiles(call).find((one) =>
    tiles(call).every((other) => other === one || area(one) > 3 * area(other)),
  )?.participant;

async function meet(count: number, size = 'width: 900px; height: 600px'): Promise<RtcCall[]> {
  const room = randomRoom();
  const calls = [];
  for (let i = 0; i < count; i++) {
    calls.push(await addWatcher({room, name: `Person ${i}`, autojoin: true}));
  }
  await untilMet(...calls);
  calls[0]!.style.cssText = `position: fixed; inset: 0 auto auto 0; ${size}`;
  return calls;
}

describe('<rtc-stage>', () => {
  afterEach(() => {
    removeAll();
    restoreAll();
  });

  it('pins with the keyboard, and lets go', async () => {
    const [call] = (await meet(3)) as [RtcCall];
    await until(() => largest(call) === undefined, 'all the same size');
    const [first, second] = call.participants;
    const pin = tileOf(call, first!.id).querySelector('button')!;
    pin.focus();
    await sendKeys({press: 'ArrowRight'});
    await until(() => focused()?.getAttribute('aria-label') === `Pin ${second!.name}`, 'the next');
    await sendKeys({press: 'Enter'});
    await until(() => largest(call) === second!.id, 'the pinned one large');
    expect(focused()?.getAttribute('aria-pressed')).to.equal('true');
    expect(tileOf(call, second!.id).part.contains('tile')).to.equal(true);
    // Tab reaches one of the tiles, and only one.
    const stops = tiles(call).filter((tile) => tile.querySelector('button')!.tabIndex === 0);
    expect(stops).to.have.lengthOf(1);
    await sendKeys({press: 'Enter'});
    await until(() => largest(call) === undefined, 'all the same size');
    await expect(find(call, 'rtc-stage')).to.be.accessible();
  });

  it('lays out as it is told, live, and says what it cannot', async () => {
    const [call] = (await meet(3)) as [RtcCall];
    const errors: string[] = [];
    call.addEventListener('rtc-error', ({error}) => errors.push(error.message));
    call.setAttribute('layout', 'speaker');
    await until(() => ![undefined, 'self'].includes(largest(call)), 'one of the others large');
    call.session.setLayout('grid');
    await until(() => call.getAttribute('layout') === 'grid', 'reflected');
    await until(() => find(call, '.announcer').textContent.includes('Layout: Grid'), 'said');
    await until(() => largest(call) === undefined, 'all the same size');
    call.setAttribute('layout', 'pyramid');
    expect(errors.join()).to.include('layout="pyramid"');
    expect(call.layout).to.equal('grid');
  });

  it('turns pages where not all fit, and plays those of the others too', async () => {
    const [call] = (await meet(4, 'width: 300px; height: 420px')) as [RtcCall];
    call.layout = 'grid';
    const stage = find<RtcStage>(call, 'rtc-stage');
    stage.style.height = '140px';
    const next = await until(
      () => stage.renderRoot.querySelector<HTMLButtonElement>('.pager button:last-child'),
      'a pager',
    );
    const shown = () =>
      tiles(call)
        .filter((tile) => !tile.hidden)
        .map(({participant}) => participant);
    const first = shown();
    expect(first).to.include('self');
    next.focus();
    await sendKeys({press: 'Enter'});
    await until(() => shown().every((id) => !first.includes(id)), 'another page');
    expect(tiles(call)).to.have.lengthOf(4);
    await expect(stage).to.be.accessible();
    for (let turn = 0; turn < 4; turn++) {
      await sendKeys({press: 'Enter'});
    }
    // Nothing comes after the last page; but the focus is where it was.
    await until(() => next.getAttribute('aria-disabled') === 'true', 'the last page');
    expect(focused()).to.equal(next);
    // One button is reached by Tab, and can be seen.
    const stop = () => tiles(call).filter((tile) => tile.querySelector('button')?.tabIndex === 0);
    await until(() => stop().length === 1 && !stop()[0]!.hidden, 'a pin to go to');
  });

  it('asks for no picture any more that it does not show', async () => {
    const [call, other] = (await meet(2)) as [RtcCall, RtcCall];
    const tile = tileOf(call, call.participants[0]!.id);
    const shown = new Map<object, unknown>();
    replace(call.session, 'setView', (place: object, view: unknown) => shown.set(place, view));
    tile.style.setProperty('width', '200px');
    await until(() => shown.get(tile), 'its size');
    other.leave();
    await until(() => !tile.isConnected, 'the tile to go');
    expect(shown.get(tile)).to.equal(undefined);
  });

  it('lets oneself be put into any corner, by the button and by hand', async () => {
    const [call] = (await meet(2)) as [RtcCall];
    const own = tileOf(call, 'self');
    const corner = () => {
      const [box, tile] = [find(call, '.tiles'), own].map((one) => one.getBoundingClientRect());
      return [
        tile!.left < box!.left + 100 ? 'left' : 'right',
        tile!.top < box!.top + 100 ? 'top' : 'bottom',
      ].join(' ');
    };
    await until(() => corner() === 'right bottom', 'the usual corner');
    own.querySelector('button')!.click();
    await until(() => corner() === 'left bottom', 'the next corner');
    await until(() => own.getAnimations().length === 0, 'the way there');
    const {left, top} = own.getBoundingClientRect();
    await sendMouse({type: 'move', position: [Math.round(left + 20), Math.round(top + 40)]});
    await sendMouse({type: 'down'});
    await sendMouse({type: 'move', position: [600, 100]});
    await sendMouse({type: 'up'});
    await until(() => corner() === 'right top', 'where it was let go');
    call.dir = 'rtl';
    window.dispatchEvent(new Event('resize'));
    call.requestUpdate();
    find<RtcStage>(call, 'rtc-stage').requestUpdate();
    await until(() => corner() === 'left top', 'mirrored');
  });

  it('gives a shared screen the stage, and an overlay its tile', async () => {
    const [call, other] = (await meet(3)) as [RtcCall, RtcCall];
    const {id} = call.participants.find(({name}) => name === other.name)!;
    const overlay = Object.assign(document.createElement('b'), {textContent: 'Host'});
    overlay.slot = `participant-${id}`;
    call.append(overlay);
    const {getDisplayMedia} = navigator.mediaDevices;
    navigator.mediaDevices.getDisplayMedia = () => Promise.resolve(canvasStream());
    try {
      await other.toggleScreen(true);
      await until(() => tileOf(call, id, 'screen'), 'the screen');
      await until(
        () => area(tileOf(call, id, 'screen')) > 3 * area(tileOf(call, id)),
        'the screen large',
      );
    } finally {
      navigator.mediaDevices.getDisplayMedia = getDisplayMedia;
    }
    await until(() => {
      const [tile, shown] = [tileOf(call, id), overlay].map((one) => one.getBoundingClientRect());
      return shown!.width > 0 && shown!.left >= tile!.left && shown!.right <= tile!.right;
    }, 'the overlay on its tile');
  });

  it('is a stage of its own elsewhere in the page', async () => {
    const call = await addCall({
      room: randomRoom(),
      id: 'elsewhere',
      micOff: true,
      cameraOff: true,
    });
    const stage = document.createElement('rtc-stage');
    stage.for = 'elsewhere';
    call.after(stage);
    await until(() => stage.renderRoot.querySelector('rtc-video[participant=self]'), 'oneself');
    stage.remove();
  });
});
