import {expect} from '@open-wc/testing';
import {TabSignaling} from '../../../src/signaling/tab.js';
import {randomId, until} from '../support.js';

const {signal} = new AbortController();

describe('TabSignaling', () => {
  it('keeps scopes apart', async () => {
    const [one, other] = [new TabSignaling(randomId()), new TabSignaling(randomId())];
    const heard: unknown[] = [];
    other.addEventListener('message', ({data}) => heard.push(data));
    await one.open('a', {signal});
    // The same address, in another scope.
    await other.open('a', {signal});
    one.send('a', {n: 1});
    other.send('a', {n: 2});
    await until(() => heard.length, 'the echo');
    expect(heard).to.deep.equal([{n: 2}]);
    one.close();
    other.close();
  });

  it('ignores what is no letter', async () => {
    const scope = randomId();
    const signaling = new TabSignaling(scope);
    const heard: unknown[] = [];
    signaling.addEventListener('message', ({data}) => heard.push(data));
    await signaling.open('a', {signal});
    const channel = new BroadcastChannel(scope);
    for (const junk of [
      null,
      7,
      'text',
      [],
      {},
      {to: 'a'},
      {to: 'a', from: 1, text: '{}'},
      {to: 'a', from: 'b', text: {}},
    ]) {
      channel.postMessage(junk);
    }
    channel.postMessage({to: 'a', from: 'b', text: '{"n":1}'});
    await until(() => heard.length, 'the letter');
    expect(heard).to.deep.equal([{n: 1}]);
    channel.close();
    signaling.close();
  });
});
