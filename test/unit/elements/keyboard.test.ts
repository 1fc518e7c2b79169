import {expect} from '@open-wc/testing';
import {sendKeys, setViewport} from '@web/test-runner-commands';
import type {RtcCall} from '../../../src/elements/rtc-call.js';
import {canvasStream, createWatcher, leaveAll, randomRoom, restoreAll, until} from '../support.js';
import {add, addCall, button, find, focused, readable, removeAll, search} from './support.js';

/** What has the focus, as a screen reader calls it. */
function name(): string {
  const element = focused();
  const {labels, textContent} = element as Partial<HTMLInputElement>;
  return (
    element?.getAttribute('aria-label') ??
    labels?.[0]?.textContent.trim() ??
    textContent?.trim().replace(/\s+/g, ' ') ??
    ''
  );
}

/** What has the focus has a ring, or stands in something that has. */
function expectRing() {
  const element = focused()!;
  expect(element, 'focus on the page').not.to.equal(document.body);
  if (!document.activeElement?.matches('rtc-call')) {
    return;
  }
  const ringed = element.localName === 'select' ? (element.closest('.button') ?? element) : element;
  const {outlineStyle, outlineWidth} = getComputedStyle(ringed);
  expect(outlineStyle, `ring of ${name()}`).not.to.equal('none');
  expect(parseFloat(outlineWidth), `ring of ${name()}`).to.be.at.least(2);
}

async function press(...keys: string[]) {
  for (const key of keys) {
    const isBack = key === 'Shift+Tab';
    if (isBack) {
      await sendKeys({down: 'Shift'});
    }
    await sendKeys({press: isBack ? 'Tab' : key});
    if (isBack) {
      await sendKeys({up: 'Shift'});
    }
  }
}

/** Presses a key until something has the focus. */
async function go(key: string, wanted: string, most = 20) {
  const way: string[] = [];
  for (let i = 0; i < most && name() !== wanted; i++) {
    await press(key);
    way.push(name());
    expectRing();
  }
  expect(name(), `by ${key}: ${way.join(' > ')}`).to.equal(wanted);
}

const untilOn = (wanted: string) =>
  until(() => name() === wanted, `the focus on ${wanted}`).catch((error: Error) => {
    throw new Error(`${error.message}, not ${name()}`);
  });

describe('By keyboard', function () {
  this.timeout(40_000);
  let call: RtcCall;
  let before: HTMLButtonElement;

  beforeEach(async () => {
    await setViewport({width: 1280, height: 800});
    before = add(document.createElement('button'));
    before.textContent = 'Before';
    call = await addCall({room: randomRoom(), stream: canvasStream()});
    call.style.height = '700px';
    const after = add(document.createElement('button'));
    after.textContent = 'After';
    before.focus();
  });
  afterEach(async () => {
    removeAll();
    leaveAll();
    restoreAll();
    await setViewport({width: 800, height: 600});
  });

  it('one goes all the way through a call, and always is somewhere', async () => {
    const {room, broker = ''} = call;
    for (const person of ['Jun', 'Tom']) {
      const other = await createWatcher({room, broker, name: person});
      await other.join();
    }
    // In, from the first thing that is to be written.
    await go('Tab', 'Your name');
    await sendKeys({type: 'Mina'});
    await press('Enter');
    await until(() => call.participants.length === 2, 'the others', 15_000);
    await until(() => find(call, 'rtc-controls').shadowRoot?.activeElement, 'the focus in the bar');

    await go('ArrowRight', 'Microphone');
    await press('Enter');
    await until(() => call.micOff, 'the microphone off');
    expect(focused()?.getAttribute('aria-pressed')).to.equal('false');

    await until(() => !button(call, 'Chat').disabled, 'the chat');
    await go('ArrowRight', 'Chat');
    await press('Enter');
    await until(() => focused()?.localName === 'textarea', 'the focus where one writes');
    await sendKeys({type: 'Hello'});
    await press('Enter');
    await until(() => readable(find(call, 'rtc-chat')).includes('Hello'), 'the line');
    expect(focused()?.localName).to.equal('textarea');
    await press('Escape');
    await until(() => !search(call, 'rtc-chat'), 'no chat');
    await untilOn('Chat');

    await go('ArrowRight', 'Layout');
    await press('Enter');
    await until(() => focused()?.role === 'menuitemradio', 'the menu');
    expectRing();
    await go('ArrowDown', 'Grid');
    await press('Escape');
    await untilOn('Layout');
    expect(call.layout).to.equal('auto');
    await press('Enter');
    await until(() => focused()?.role === 'menuitemradio', 'the menu again');
    await go('ArrowDown', 'Speaker');
    await press('Enter');
    await until(() => call.layout === 'speaker', 'the layout');
    await untilOn('Layout');

    await press('Shift+Tab');
    expect(name()).to.match(/^Pin /);
    expectRing();
    await go('ArrowRight', 'Pin You');
    await press('Enter');
    await until(() => call.session.pinned?.id === 'self', 'the pin');
    await untilOn('Unpin You');
    await press('Tab');
    expect(name()).to.equal('Layout');

    await go('ArrowRight', 'Devices');
    await press('Enter');
    await until(() => search(call, 'rtc-devices'), 'the devices');
    expect(name()).to.equal('Devices');
    await go('Tab', 'Close the settings', 1);
    await press('Shift+Tab');
    expect(name()).to.equal('Devices');
    await press('Tab', 'Tab');
    await press('Escape');
    await until(() => !search(call, 'rtc-devices'), 'no devices');
    await untilOn('Devices');

    await go('ArrowRight', 'Leave');
    await press('Enter');
    await untilOn('Join again');
    await press('Enter');
    await until(() => call.state === 'joined', 'the call again');
    await until(() => call.matches(':focus-within'), 'the focus in it');
    await until(() => find(call, 'rtc-controls').shadowRoot?.activeElement, 'the focus in the bar');
  });

  it('one opens one thing on another, and closes the topmost first', async () => {
    await setViewport({width: 390, height: 844});
    button(call, 'Join').focus();
    await press('Enter');
    await until(() => call.state === 'joined', 'the call');
    await until(() => find(call, 'rtc-controls').shadowRoot?.activeElement, 'the focus in the bar');
    // There is no room for all of it, then for more, then for less.
    await go('ArrowRight', 'More');
    await setViewport({width: 1280, height: 800});
    await until(() => !search(call, '.toolbar .more'), 'all buttons');
    await until(() => call.matches(':focus-within'), 'the focus on one that is left');
    await until(() => !button(call, 'Chat').disabled, 'the chat');
    await go('ArrowRight', 'Chat');
    await setViewport({width: 300, height: 600});
    await until(() => search(call, '.toolbar .more'), 'the button of the menu');
    await until(() => call.matches(':focus-within'), 'the focus on one that is left');

    await press('c');
    await until(() => focused()?.localName === 'textarea', 'the focus where one writes');
    await go('Shift+Tab', 'Close');
    await press('Shift+Tab');
    await go('ArrowRight', 'More');
    await press('Enter');
    await until(() => focused()?.role?.startsWith('menuitem'), 'the menu');
    await press('Escape');
    await untilOn('More');
    expect(search(call, 'rtc-chat')).to.exist;
    await go('Tab', 'Write to all');
    await press('Escape');
    await until(() => !search(call, 'rtc-chat'), 'no chat');
    await until(() => find(call, 'rtc-controls').shadowRoot?.activeElement, 'the focus in the bar');
  });

  it('one gets in and out again both ways', async () => {
    const way: string[] = [];
    while (name() !== 'After' && way.length < 30) {
      await press('Tab');
      expectRing();
      way.push(name());
    }
    expect(name(), way.join(' > ')).to.equal('After');
    const back: string[] = [];
    while (name() !== 'Before' && back.length < 30) {
      await press('Shift+Tab');
      back.push(name());
    }
    expect(back.slice(0, -1).reverse()).to.deep.equal(way.slice(0, -1));
    // The toolbar is one of them.
    expect(way[0]).to.equal('Microphone');
    expect(way.slice(-3)).to.deep.equal(['Join', 'Join with everything off', 'After']);
  });
});
