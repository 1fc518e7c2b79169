import {expect} from '@open-wc/testing';
import {sendKeys} from '@web/test-runner-commands';
import type {RtcCall} from '../../../src/elements/rtc-call.js';
import {randomRoom, replace, restoreAll, until} from '../support.js';
import {addWatcher, button, find, removeAll} from './support.js';

interface Pip {
  readonly window: Window | null;
}

/** The people a session would know of, for what is drawn of them. */
function fill(call: RtcCall, stream: MediaStream) {
  const {self} = call;
  const mina = {...self, id: 'mina', name: 'Mina', cameraOff: true, stream: undefined};
  const jun = {...self, id: 'jun', name: 'Jun', cameraOff: false, stream};
  replace(call.session, 'participants', [mina, jun]);
  call.session.dispatchEvent(new Event('change'));
}

describe('CallPip', () => {
  afterEach(() => {
    removeAll();
    restoreAll();
  });

  it('shows a person and buttons in a window of its own, and goes with the call', async function () {
    const pip = (window as {documentPictureInPicture?: Pip}).documentPictureInPicture;
    if (!pip) {
      this.skip();
    }
    const call = await addWatcher({room: randomRoom(), autojoin: true, lang: 'en'});
    await until(() => call.state === 'joined', 'the call');
    const canvas = document.createElement('canvas');
    canvas.getContext('2d');
    fill(call, canvas.captureStream());
    await call.updateComplete;
    find(call, 'rtc-controls').focus();
    await sendKeys({press: 'i'});
    const view = await until(() => pip.window, 'the window');
    const page = view.document;
    const own = (name: string) => page.querySelector<HTMLElement>(`[aria-label='${name}']`);
    await until(() => own('Leave'), 'the buttons');
    expect(page.querySelector('.name')?.textContent).to.equal('Jun');
    expect(page.querySelector('video')?.srcObject).to.equal(call.participants[1]?.stream);
    expect(view.getComputedStyle(page.querySelector('.leave')!).backgroundColor).to.equal(
      'rgb(200, 36, 58)',
    );
    expect(page.documentElement.lang).to.equal('en');
    own('Microphone')?.click();
    await until(() => own('Microphone')?.getAttribute('aria-pressed') === 'true', 'the microphone');
    expect(call.micOff).to.equal(false);
    expect(button(call, 'Picture in picture').getAttribute('aria-pressed')).to.equal('true');
    own('Microphone')?.dispatchEvent(new KeyboardEvent('keydown', {key: 'm', bubbles: true}));
    await until(() => call.micOff, 'the letter');
    // Whoever has a say about it has it here too.
    call.addEventListener('rtc-leave-request', (event) => event.preventDefault(), {once: true});
    own('Leave')?.click();
    expect(call.state).to.equal('joined');
    own('Leave')?.click();
    expect(call.state).to.equal('idle');
    await until(() => view.closed, 'the window to close');
  });

  it('is the picture of a tile where there are no such windows', async () => {
    replace(window, 'documentPictureInPicture', undefined);
    replace(document, 'pictureInPictureEnabled', true);
    const call = await addWatcher({room: randomRoom(), autojoin: true});
    await until(() => call.state === 'joined', 'the call');
    fill(call, new MediaStream());
    await call.updateComplete;
    const tile = find(call, 'rtc-video');
    let asked = 0;
    replace(tile, 'requestPictureInPicture', () => {
      asked++;
      return Promise.reject(new DOMException('', 'NotAllowedError'));
    });
    await until(() => !button(call, 'Picture in picture').disabled, 'the button');
    button(call, 'Picture in picture').click();
    expect(asked).to.equal(1);
  });
});
