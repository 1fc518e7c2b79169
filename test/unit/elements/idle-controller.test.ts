import {expect} from '@open-wc/testing';
import {LitElement} from 'lit';
import {IdleController} from '../../../src/elements/idle-controller.js';
import {hurry, replace, restoreAll, until} from '../support.js';
import {add, removeAll} from './support.js';

class IdleHost extends LitElement {
  isBusy = false;
  readonly idle = new IdleController(this, {isBusy: () => this.isBusy});
}
customElements.define('idle-host', IdleHost);

describe('IdleController', () => {
  afterEach(() => {
    removeAll();
    restoreAll();
  });

  it('tells when nobody does anything in full screen, until somebody does', async () => {
    hurry({3_000: 30});
    const host = add(new IdleHost());
    const fill = (element: Element | null) => {
      replace(document, 'fullscreenElement', element);
      document.dispatchEvent(new Event('fullscreenchange'));
    };
    /** Whether it is idle when it has had the time. */
    const settled = () =>
      new Promise((resolve) => setTimeout(() => resolve(host.idle.isIdle), 100));
    expect(await settled()).to.equal(false);
    fill(host);
    await until(() => host.idle.isIdle, 'idleness');
    for (const type of ['pointermove', 'keydown', 'focusin', 'pointerdown']) {
      host.dispatchEvent(new Event(type));
      expect(host.idle.isIdle, type).to.equal(false);
      await until(() => host.idle.isIdle, 'idleness');
    }
    // As a screen reader clicks.
    host.click();
    expect(await settled()).to.equal(false);
    host.isBusy = true;
    host.dispatchEvent(new Event('pointermove'));
    expect(await settled()).to.equal(false);
    host.isBusy = false;
    await until(() => host.idle.isIdle, 'idleness');
    fill(null);
    expect(host.idle.isIdle).to.equal(false);
    host.dispatchEvent(new Event('pointermove'));
    expect(await settled()).to.equal(false);
  });
});
