import {expect} from '@open-wc/testing';
import {watchPage} from '../../../src/session/page-events.js';
import {replace, restoreAll} from '../support.js';

describe('watchPage', () => {
  let told: string[];
  let watching: AbortController;
  let network: EventTarget;

  beforeEach(() => {
    told = [];
    watching = new AbortController();
    network = new EventTarget();
    // Not in every browser.
    replace(navigator, 'connection', network);
    replace(document, 'visibilityState', 'visible');
  });
  afterEach(() => {
    watching.abort();
    restoreAll();
  });

  const watch = () =>
    watchPage({check: () => told.push('check'), hide: () => told.push('hide')}, watching);

  const happenings: readonly (readonly [what: string, act: () => void, word: string])[] = [
    ['is online', () => window.dispatchEvent(new Event('online')), 'check'],
    ['is offline', () => window.dispatchEvent(new Event('offline')), 'check'],
    ['is shown again', () => window.dispatchEvent(new Event('pageshow')), 'check'],
    ['is thawed', () => document.dispatchEvent(new Event('resume')), 'check'],
    ['is seen again', () => document.dispatchEvent(new Event('visibilitychange')), 'check'],
    ['has another network', () => network.dispatchEvent(new Event('change')), 'check'],
    ['goes', () => window.dispatchEvent(new Event('pagehide')), 'hide'],
  ];

  for (const [what, act, word] of happenings) {
    it(`tells once when the page ${what}`, () => {
      watch();
      act();
      expect(told).to.deep.equal([word]);
    });
  }

  it('tells nothing by itself, nor when the page is covered or frozen', () => {
    watch();
    replace(document, 'visibilityState', 'hidden');
    document.dispatchEvent(new Event('visibilitychange'));
    document.dispatchEvent(new Event('freeze'));
    expect(told).to.be.empty;
  });

  it('tells nothing any more when it is ended, or was before it began', () => {
    watch();
    watching.abort();
    watch();
    for (const [, act] of happenings) {
      act();
    }
    expect(told).to.be.empty;
  });

  it('watches where the network cannot be watched', () => {
    replace(navigator, 'connection', undefined);
    watch();
    window.dispatchEvent(new Event('online'));
    expect(told).to.deep.equal(['check']);
  });
});
