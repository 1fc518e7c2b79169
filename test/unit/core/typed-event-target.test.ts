import {expect} from '@open-wc/testing';
import {TypedEventTarget} from '../../../src/core/typed-event-target.js';

describe('TypedEventTarget', () => {
  it('is an EventTarget: signal and once work', () => {
    class Thing extends TypedEventTarget<{change: Event}> {}
    const thing = new Thing();
    const listening = new AbortController();
    let [calls, first] = [0, 0];
    thing.addEventListener('change', () => calls++, {signal: listening.signal});
    thing.addEventListener('change', () => first++, {once: true});
    thing.dispatchEvent(new Event('change'));
    thing.dispatchEvent(new Event('change'));
    listening.abort();
    thing.dispatchEvent(new Event('change'));
    expect([calls, first]).to.deep.equal([2, 1]);
    expect(thing).to.be.instanceOf(EventTarget);
  });
});
