import {expect} from '@open-wc/testing';
import {pressedControl} from '../../../src/elements/control-list.js';
import {add, removeAll} from './support.js';

/** What a key presses, on an element of the page. */
function pressed(key: string, code: string, init: KeyboardEventInit = {}, on = document.body) {
  const event = new KeyboardEvent('keydown', {key, code, bubbles: true, cancelable: true, ...init});
  let control: string | undefined;
  const take = (event: KeyboardEvent) => (control = pressedControl(event));
  document.addEventListener('keydown', take, {once: true});
  on.dispatchEvent(event);
  return control;
}

describe('A letter', () => {
  afterEach(removeAll);

  it('presses a button wherever it is on the keyboard', () => {
    expect(pressed('m', 'KeyM')).to.equal('mic');
    expect(pressed('M', 'KeyM', {shiftKey: true})).to.equal('mic');
    expect(pressed('m', 'Semicolon'), 'French').to.equal('mic');
    expect(pressed('s', 'KeyO'), 'Dvorak').to.equal('screen');
    expect(pressed('q', 'KeyA'), 'French').to.equal(undefined);
  });

  it('of another script counts by its place, and what is none not at all', () => {
    expect(pressed('ㅡ', 'KeyM'), 'Korean').to.equal('mic');
    expect(pressed('ь', 'KeyM'), 'Russian').to.equal('mic');
    expect(pressed('لا', 'KeyB'), 'Arabic').to.equal('offstage');
    expect(pressed('्', 'KeyD'), 'Hindi').to.equal('devices');
    expect(pressed(',', 'KeyM'), 'French').to.equal(undefined);
    expect(pressed('.', 'KeyE'), 'Dvorak').to.equal(undefined);
    expect(pressed('ğ', 'KeyE'), 'Turkish').to.equal(undefined);
    expect(pressed('Dead', 'KeyE')).to.equal(undefined);
  });

  it('presses nothing while it is written, composed, repeated, part of a chord or wanted by the page', () => {
    for (const how of [
      {isComposing: true},
      {keyCode: 229},
      {repeat: true},
      {ctrlKey: true},
      {metaKey: true},
      {altKey: true},
      {modifierAltGraph: true},
    ]) {
      expect(pressed('m', 'KeyM', how), JSON.stringify(how)).to.equal(undefined);
    }
    const field = add(document.createElement('p'));
    field.contentEditable = 'true';
    expect(pressed('m', 'KeyM', {}, field)).to.equal(undefined);
    const link = add(document.createElement('a'));
    link.href = '#';
    expect(pressed('m', 'KeyM', {}, link)).to.equal('mic');
    link.addEventListener('keydown', (event) => event.preventDefault());
    expect(pressed('m', 'KeyM', {}, link)).to.equal(undefined);
    // What fills in a form sends keys that have no name.
    const input = add(document.createElement('input'));
    let control: string | undefined = 'none yet';
    input.addEventListener('keydown', (event) => (control = pressedControl(event)));
    input.dispatchEvent(new Event('keydown'));
    expect(control).to.equal(undefined);
  });
});
