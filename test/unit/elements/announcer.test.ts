import {expect} from '@open-wc/testing';
import {html, LitElement} from 'lit';
import {Announcer} from '../../../src/elements/announcer.js';
import {hurry, restoreAll, until} from '../support.js';
import {add, removeAll} from './support.js';

class Speaker extends LitElement {
  readonly announcer = new Announcer(this);

  protected override render() {
    return html`${this.announcer.text}`;
  }
}
customElements.define('test-speaker', Speaker);

describe('Announcer', () => {
  let speaker: Speaker;
  let seen: string[];

  beforeEach(async () => {
    speaker = add(document.createElement('test-speaker'));
    await speaker.updateComplete;
    seen = [];
    new MutationObserver(() => {
      const text = speaker.renderRoot.textContent.trim();
      if (text !== seen.at(-1)) {
        seen.push(text);
      }
    }).observe(speaker.renderRoot, {childList: true, characterData: true, subtree: true});
  });
  afterEach(() => {
    removeAll();
    restoreAll();
  });

  it('reads what belongs to one moment in one go, once, and what follows after that', async () => {
    hurry({1_200: 60});
    const {announcer} = speaker;
    for (const sentence of ['Mina joined.', '', 'Jun joined.', 'Mina joined.']) {
      announcer.say(sentence);
      await speaker.updateComplete;
    }
    await until(() => seen.length, 'the first');
    announcer.say('Tom joined.');
    announcer.say('Jun left.');
    await until(() => seen.length > 1, 'the others');
    expect(seen).to.deep.equal(['Mina joined. Jun joined.', 'Tom joined. Jun left.']);
  });

  it('says the same again later, falls silent in the end, and forgets what it is told to', async () => {
    hurry({1_200: 10, 15_000: 100});
    const {announcer} = speaker;
    announcer.say('Microphone off.');
    await until(() => seen.at(-1) === '', 'silence');
    announcer.say('Microphone off.');
    await until(() => seen.length === 3, 'again');
    expect(seen).to.deep.equal(['Microphone off.', '', 'Microphone off.']);
    announcer.say('Microphone on.');
    announcer.clear();
    announcer.say('You left the call.');
    await until(() => seen.at(-1)?.includes('left'), 'what holds');
    expect(seen).not.to.include('Microphone on.');
  });

  it('leaves out the oldest of very many', async () => {
    for (let i = 1; i <= 20; i++) {
      speaker.announcer.say(`${i} joined.`);
    }
    await until(() => seen.length, 'the text');
    expect(seen[0]).to.match(/^13 joined\..* 20 joined\.$/);
  });
});

declare global {
  interface HTMLElementTagNameMap {
    'test-speaker': Speaker;
  }
}
