import {expect} from '@open-wc/testing';
import {sendKeys} from '@web/test-runner-commands';
import type {RtcErrorEvent} from '../../../src/elements/events.js';
import type {RtcCall} from '../../../src/elements/rtc-call.js';
import type {RtcControls, RtcRequestEvent} from '../../../src/elements/rtc-controls.js';
import '../../../src/elements/rtc-controls.js';
import {once, randomRoom, until} from '../support.js';
import {add, addCall, addWatcher, button, find, focused, removeAll, search} from './support.js';

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
    const names = [...(controls.shadowRoot?.querySelectorAll('.toolbar button') ?? [])].map((one) =>
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

  it('makes room for buttons of the page that grow, after a move too', async () => {
    const [here, there] = [document.createElement('div'), document.createElement('div')];
    for (const place of [here, there]) {
      add(place).style.width = '600px';
    }
    const controls = add(document.createElement('rtc-controls'), here);
    controls.controls = 'mic camera chat hand leave';
    controls.style.height = '44px';
    const mine = controls.appendChild(document.createElement('button'));
    mine.slot = 'end';
    const isCut = () => search(controls, '.more') !== undefined;
    const grow = async (width: number, wanted: boolean) => {
      mine.style.width = `${width}px`;
      await until(() => isCut() === wanted, `${width} px`);
    };
    await controls.updateComplete;
    await grow(500, true);
    await grow(60, false);
    there.append(controls);
    // After a move there is one measurement, whatever has changed.
    await new Promise((resolve) => requestAnimationFrame(() => requestAnimationFrame(resolve)));
    await grow(500, true);
  });

  it('is one stop for Tab; arrows, Home and End go from button to button', async () => {
    const call = await addWatcher({room: randomRoom(), autojoin: true});
    await until(() => call.state === 'joined', 'the call');
    const controls = find(call, 'rtc-controls');
    await until(() => !button(call, 'Leave').disabled, 'the buttons');
    const focusedName = () => focused()?.getAttribute('aria-label');
    button(call, 'Microphone').focus();
    await sendKeys({press: 'ArrowRight'});
    expect(focusedName()).to.equal('Camera');
    await sendKeys({press: 'End'});
    expect(focusedName()).to.equal('Leave');
    await sendKeys({press: 'ArrowRight'});
    expect(focusedName()).to.equal('Microphone');
    await sendKeys({press: 'ArrowLeft'});
    expect(focusedName()).to.equal('Leave');
    await sendKeys({press: 'Home'});
    expect(focusedName()).to.equal('Microphone');
    await call.updateComplete;
    const stops = [
      ...(controls.shadowRoot?.querySelectorAll<HTMLElement>('.toolbar button:enabled') ?? []),
    ].filter(({tabIndex}) => tabIndex === 0);
    expect(stops).to.have.lengthOf(1);
  });

  describe('in a call', () => {
    let call: RtcCall;
    let controls: RtcControls;
    const own = (name: string) => button(controls, name);
    const row = () =>
      [
        ...controls.shadowRoot!.querySelectorAll<HTMLElement>('.toolbar button, .toolbar select'),
      ].map((one) => one.getAttribute('aria-label')!);
    const menu = () => find(controls, '[role=menu]');
    const items = () =>
      [...menu().querySelectorAll('.item')].map((item) => item.getAttribute('aria-label'));
    const focusedName = () => focused()?.getAttribute('aria-label');
    const press = async (...keys: string[]) => {
      for (const key of keys) {
        await sendKeys({press: key});
        await controls.updateComplete;
      }
    };
    /** Gives the session what another part of it would say. */
    const say = (facts: Record<string, unknown>, session: object = call.session) => {
      for (const [name, value] of Object.entries(facts)) {
        Object.defineProperty(session, name, {value, configurable: true});
      }
      call.session.dispatchEvent(new Event('change'));
      return controls.updateComplete;
    };

    beforeEach(async () => {
      call = await addWatcher({room: randomRoom(), autojoin: true});
      await until(() => call.state === 'joined', 'the call');
      await call.updateComplete;
      controls = find<RtcControls>(call, 'rtc-controls');
      await until(() => !own('Leave').disabled, 'the buttons');
    });

    it('keeps to one row however narrow, with everything else in a menu', async () => {
      const mine = add(document.createElement('button'), call);
      mine.slot = 'controls-start';
      mine.textContent = 'Mine';
      const all = row();
      for (const width of [1280, 390, 300]) {
        call.style.width = `${width}px`;
        const measure = () =>
          [...controls.shadowRoot!.querySelectorAll('.toolbar > button'), mine].map((one) =>
            one.getBoundingClientRect(),
          );
        const edge = call.getBoundingClientRect().right;
        await until(() => measure().every((box) => box.right <= edge), `${width} px`);
        const boxes = measure();
        const middles = boxes.map(({y, height}) => Math.round(y + height / 2));
        expect(new Set(middles).size, `rows at ${width} px`).to.equal(1);
        const {left} = call.getBoundingClientRect();
        expect(Math.min(...boxes.map((box) => box.left))).to.be.at.least(left);
        for (const box of boxes.slice(0, -1)) {
          expect(Math.min(box.width, box.height)).to.be.at.least(44);
        }
        expect(row()).to.include.members(['Microphone', 'Camera', 'Leave']);
        expect(row().includes('More')).to.equal(width < 1280);
        if (width < 1280) {
          expect(row().slice(-2)).to.deep.equal(['More', 'Leave']);
          own('More').click();
          await controls.updateComplete;
          // Takes the letter of a shortcut for a part of the name.
          await expect(call).to.be.accessible({ignoredRules: ['label-content-name-mismatch']});
          expect(menu().querySelector('[role=menuitemradio]') !== null).to.equal(true);
          const groups = menu().querySelectorAll('[role=group]');
          const there = [
            ...row(),
            ...items(),
            ...[...groups].map((group) => group.getAttribute('aria-label')),
          ];
          for (const name of all) {
            const hints: Record<string, string> = {
              'Picture in picture': 'Show in a small window',
              'Share screen': 'Share screen',
            };
            expect(there).to.include(there.includes(name) ? name : hints[name]);
          }
          own('More').click();
          await controls.updateComplete;
        }
      }
    });

    it('is a menu for the keyboard', async () => {
      const next = add(document.createElement('button'));
      call.style.width = '300px';
      await until(() => row().includes('More'), 'the menu');
      own('More').focus();
      await press('Enter');
      expect(own('More').getAttribute('aria-expanded')).to.equal('true');
      const radios = [...menu().querySelectorAll('[role=menuitemradio]')];
      expect(radios.map((one) => one.getAttribute('aria-checked'))).to.deep.equal([
        'true',
        'false',
        'false',
      ]);
      await press('End');
      expect(focusedName()).to.equal('Speaker');
      await press('ArrowDown');
      const [first] = items();
      expect(focusedName()).to.equal(first);
      await press('ArrowUp', 'Home');
      expect(focusedName()).to.equal(first);
      // A letter finds; it does not press.
      await press('g');
      expect(focusedName()).to.equal('Grid');
      expect(call.session.layout).to.equal('auto');
      await press('Enter');
      expect(call.session.layout).to.equal('grid');
      expect(menu().hidden).to.equal(true);
      expect(focusedName()).to.equal('More');
      await press(' ');
      expect(focusedName()).to.equal(first);
      await press('Escape');
      expect(menu().hidden).to.equal(true);
      expect(focusedName()).to.equal('More');
      await press('Enter', 'Tab');
      expect(menu().hidden).to.equal(true);
      expect(focused()).to.equal(next);
      own('More').click();
      await controls.updateComplete;
      expect(menu().hidden).to.equal(false);
      document.body.dispatchEvent(new PointerEvent('pointerdown', {bubbles: true}));
      await controls.updateComplete;
      expect(menu().hidden).to.equal(true);
      // Outside of it, the letter goes on to the next.
      own('Microphone').focus();
      const asked: (string | undefined)[] = [];
      call.addEventListener('rtc-layout-request', ({choice}) => asked.push(choice));
      await press('g');
      expect(call.session.layout).to.equal('speaker');
      expect(asked).to.deep.equal(['speaker']);
      // The one there is comes first, where there is a button for them.
      call.style.width = '';
      await until(() => row().includes('Layout'), 'the button');
      own('Layout').click();
      await controls.updateComplete;
      expect(focusedName()).to.equal('Speaker');
    });

    it('tells of what is new, in numbers and in words, in the menu too', async () => {
      await say({unread: 120}, call.session.chat);
      expect(own('Chat, 99+ unread').textContent).to.contain('99+');
      await say({isRunning: true, isAvailable: true}, call.session.recording);
      call.style.width = '300px';
      await until(() => row().includes('More: Record'), 'the news');
      expect(search(own('More: Record'), '.dot') !== undefined).to.equal(true);
      call.session.openPanel('chat');
      await controls.updateComplete;
      expect(row()).to.include('Chat');
    });

    it('offers reactions', async () => {
      own('Microphone').focus();
      await press('e');
      expect(items()).to.have.lengthOf(6);

      const asked = once<RtcRequestEvent>(call, 'rtc-reactions-request');
      await press('ArrowRight', 'Enter');
      expect((await asked).choice).to.equal('❤️');
      const [shown] = call.session.reactions.current;
      expect(shown).to.include({reaction: '❤️', from: 'self'});
    });

    it('says what a button does, and its letter, until Escape', async () => {
      const tip = () => find(controls, '.tooltip');
      own('Leave').dispatchEvent(
        new PointerEvent('pointerover', {bubbles: true, composed: true, pointerType: 'mouse'}),
      );
      await until(() => !tip().hidden, 'the tooltip');
      expect(tip().querySelector('kbd')?.textContent).to.equal('L');
      expect(tip().getAttribute('aria-hidden')).to.equal('true');
      await press('Escape');
      expect(tip().hidden).to.equal(true);
      own('Microphone').focus();
      await press('ArrowRight');
      expect(focusedName()).to.equal('Camera');
      expect(tip().hidden).to.equal(false);
      expect(tip().textContent).to.contain('Turn camera on');
      await press('ArrowRight');
      expect(tip().textContent).to.contain('Share your screen');
      await press('Escape');
      expect(tip().hidden).to.equal(true);
      expect(call.state).to.equal('joined');
    });

    it('unmutes while a key or the button is held, and no longer', async () => {
      own('Microphone').focus();
      await sendKeys({down: 'm'});
      await until(() => search(controls, '.talking'), 'talking');
      expect(call.micOff).to.equal(false);
      await sendKeys({up: 'm'});
      expect(call.micOff).to.equal(true);
      await sendKeys({press: 'm'});
      expect(call.micOff).to.equal(false);
      await sendKeys({press: 'm'});
      expect(call.micOff).to.equal(true);

      own('Microphone').dispatchEvent(new PointerEvent('pointerdown', {bubbles: true, button: 0}));
      await until(() => !call.micOff, 'the microphone');
      window.dispatchEvent(new PointerEvent('pointerup'));
      own('Microphone').click();
      expect(call.micOff).to.equal(true);

      // On a button the space bar presses that.
      own('Camera').focus();
      await sendKeys({press: ' '});
      expect(call.micOff).to.equal(true);
      const place = add(document.createElement('p'), call);
      place.slot = 'controls-start';
      place.tabIndex = 0;
      place.focus();
      await sendKeys({down: ' '});
      expect(call.micOff).to.equal(false);
      window.dispatchEvent(new Event('blur'));
      expect(call.micOff).to.equal(true);
      await sendKeys({up: ' '});
    });

    it('mutes again when it goes, or belongs to another call, while it is held', async () => {
      const other = await addWatcher({id: 'other'});
      const place = add(document.createElement('p'));
      const away = add(document.createElement('rtc-controls'), place);
      call.id = 'mine';
      for (const end of [() => (away.for = 'other'), () => place.remove()]) {
        away.for = 'mine';
        await away.updateComplete;
        await until(() => !button(away, 'Leave').disabled, 'the buttons');
        button(away, 'Microphone').focus();
        await sendKeys({down: 'm'});
        await until(() => search(away, '.talking'), 'talking');
        expect(call.micOff).to.equal(false);
        end();
        await away.updateComplete;
        await sendKeys({up: 'm'});
        expect(call.micOff).to.equal(true);
        expect(other.micOff).to.equal(true);
      }
    });

    it('leaves all letters alone where the page wants none', async () => {
      call.noShortcuts = true;
      await call.updateComplete;
      await say({isTalkingMuted: true});
      const hint = find(controls, '.hint');
      expect(hint.hidden).to.equal(false);
      expect(hint.textContent).to.contain('space bar').and.not.to.contain('Press M');
      own('Microphone').focus();
      await sendKeys({down: 'm'});
      await press('c', 'l', 'g');
      await sendKeys({up: 'm'});
      expect([call.state, call.micOff, call.session.panel, call.layout]).to.deep.equal([
        'joined',
        true,
        undefined,
        'auto',
      ]);
      await press('ArrowRight', 'ArrowLeft');
      const tip = find(controls, '.tooltip');
      expect(tip.hidden).to.equal(false);
      expect(tip.textContent).to.contain('space bar');
      call.style.width = '300px';
      await until(() => row().includes('More'), 'the menu');
      own('More').click();
      await controls.updateComplete;
      for (const named of ['kbd', '[aria-keyshortcuts]']) {
        expect(search(controls, named), named).to.equal(undefined);
      }
      expect(items()).not.to.be.empty;
      // The space bar is no letter.
      const place = add(document.createElement('p'), call);
      place.slot = 'controls-start';
      place.tabIndex = 0;
      place.focus();
      await sendKeys({down: ' '});
      expect(call.micOff).to.equal(false);
      await sendKeys({up: ' '});
      expect(call.micOff).to.equal(true);
      call.noShortcuts = false;
      await call.updateComplete;
      await press('c');
      expect(call.session.panel).to.equal('chat');
    });

    it('hears letters in the call that for names, and beside it', async () => {
      const away = add(document.createElement('rtc-controls'));
      away.controls = 'chat';
      away.for = 'mine';
      call.controls = 'mic leave';
      call.id = 'mine';
      await away.updateComplete;
      await until(() => !button(away, 'Chat').disabled, 'the button');
      own('Microphone').focus();
      await press('c');
      expect(call.session.panel).to.equal('chat');
      button(away, 'Chat').focus();
      await press('c');
      expect(call.session.panel).to.equal(undefined);
      // One that is both around it and named is one.
      call.append(away);
      await call.updateComplete;
      await away.updateComplete;
      away.focus();
      await press('c');
      expect(call.session.panel).to.equal('chat');
    });

    it('tells who talks while muted, once in a while', async () => {
      const hint = () => find(controls, '.hint');
      await say({isTalkingMuted: true});
      expect(hint().hidden).to.equal(false);
      expect(find(controls, '.announcer').textContent).to.contain('You are muted. Press M');
      await expect(call).to.be.accessible();
      own('Dismiss').click();
      await controls.updateComplete;
      expect(hint().hidden).to.equal(true);
      await say({isTalkingMuted: false});
      await say({isTalkingMuted: true});
      expect(hint().hidden).to.equal(true);
    });

    it('takes buttons of the page into the row for the arrow keys, from right to left too', async () => {
      const mine = add(document.createElement('button'), call);
      mine.slot = 'controls-end';
      mine.setAttribute('aria-label', 'Mine');
      call.dir = 'rtl';
      await until(() => mine.tabIndex === -1, 'the button');
      own('Leave').focus();
      await press('ArrowLeft');
      expect(focusedName()).to.equal('Mine');
      expect(mine.tabIndex).to.equal(0);
      expect(own('Leave').tabIndex).to.equal(-1);
      await press('ArrowLeft');
      expect(focusedName()).to.equal('Microphone');
    });
  });
});
