import {expect} from '@open-wc/testing';
import {maxSdpLength, maxSignalLength} from '../../../src/core/messages.js';
import {parseBroker, PeerJsSignaling} from '../../../src/signaling/peerjs.js';
import type {Signaling} from '../../../src/signaling/signaling.js';
import {TabSignaling} from '../../../src/signaling/tab.js';
import {codeOf, randomId, sharedBroker, until} from '../support.js';

const scope = randomId();
const implementations: Readonly<Record<string, () => Promise<Signaling>>> = {
  PeerJsSignaling: async () => new PeerJsSignaling(parseBroker((await sharedBroker()).url)),
  TabSignaling: async () => new TabSignaling(scope),
};

for (const [name, create] of Object.entries(implementations)) {
  describe(`${name} as signaling`, () => {
    const opened = new Set<Signaling>();
    const never = new AbortController().signal;

    /** Opens an address, and collects what comes. */
    async function open(address = randomId(), {signal = never, ticket = randomId()} = {}) {
      const signaling = await create();
      const received: [from: string, data: unknown][] = [];
      signaling.addEventListener('message', ({from, data}) => received.push([from, data]));
      opened.add(signaling);
      await signaling.open(address, {signal, ticket});
      return {signaling, address, received};
    }

    afterEach(() => {
      for (const signaling of opened) {
        signaling.close();
      }
      opened.clear();
    });

    it('delivers in order, and says from whom', async () => {
      const [a, b] = [await open(), await open()];
      const messages = Array.from({length: 100}, (_, i) => ({i, text: 'Grüße 👋'}));
      for (const message of messages) {
        a.signaling.send(b.address, message);
      }
      await until(() => b.received.length === 100, 'all messages');
      expect(b.received).to.deep.equal(messages.map((message) => [a.address, message]));
      expect(a.received).to.be.empty;
    });

    it('delivers both ways, and to the addressed only', async () => {
      const [a, b, c] = [await open(), await open(), await open()];
      a.signaling.send(b.address, {to: 'b'});
      b.signaling.send(a.address, {to: 'a'});
      a.signaling.send(c.address, {to: 'c'});
      await until(() => a.received.length && b.received.length && c.received.length, 'messages');
      expect(a.received).to.deep.equal([[b.address, {to: 'a'}]]);
      expect(b.received).to.deep.equal([[a.address, {to: 'b'}]]);
      expect(c.received).to.deep.equal([[a.address, {to: 'c'}]]);
    });

    it('delivers to oneself, after what was sent before', async () => {
      const [a, b] = [await open(), await open()];
      a.signaling.send(b.address, {n: 1});
      a.signaling.send(a.address, {n: 2});
      await until(() => a.received.length, 'the echo');
      expect(a.received).to.deep.equal([[a.address, {n: 2}]]);
      await until(() => b.received.length, 'the message');
    });

    it('delivers a message of the largest size we send', async () => {
      const [a, b] = [await open(), await open()];
      // Twice as long in JSON.
      const sdp = '\r\n'.repeat(maxSdpLength / 2 - 200);
      a.signaling.send(b.address, {sdp});
      await until(() => b.received.length, 'the message');
      expect(b.received[0]?.[1]).to.deep.equal({sdp});
    });

    it('drops a message that nobody of us would send', async () => {
      const [a, b] = [await open(), await open()];
      a.signaling.send(b.address, {long: 'x'.repeat(maxSignalLength + 2_000)});
      a.signaling.send(b.address, {short: true});
      await until(() => b.received.length, 'the message');
      expect(b.received.map(([, data]) => Object.keys(data as object))).to.deep.equal([['short']]);
    });

    it('gives an address to one at a time', async () => {
      const a = await open();
      expect(await codeOf(() => open(a.address))).to.equal('address-taken');
      // The one who has it does not notice.
      const b = await open();
      b.signaling.send(a.address, {still: 'there'});
      await until(() => a.received.length, 'a message for the first');
    });

    it('gives an address to exactly one of two who come at once', async () => {
      const address = randomId();
      const codes = await Promise.all([0, 1, 2].map(() => codeOf(() => open(address))));
      expect(codes.sort()).to.deep.equal(['address-taken', 'address-taken', 'nothing thrown']);
    });

    it('gives an address back to who has its ticket, once it is free', async () => {
      const [address, ticket] = [randomId(), randomId()];
      for (let i = 0; i < 3; i++) {
        const a = await until(() => open(address, {ticket}).catch(() => undefined), 'the address');
        a.signaling.send(address, {i});
        await until(() => a.received.length, 'the echo');
        a.signaling.close();
      }
    });

    it('gives an address free when closed', async () => {
      const a = await open();
      a.signaling.close();
      const again = await until(() => open(a.address).catch(() => undefined), 'the address');
      expect(again.address).to.equal(a.address);
    });

    it('takes it for no error when nobody is there', async () => {
      const a = await open();
      let closed = false;
      a.signaling.addEventListener('close', () => (closed = true));
      a.signaling.send(randomId(), {hello: 'anybody'});
      a.signaling.send(a.address, {n: 1});
      await until(() => a.received.length, 'the echo');
      expect(closed).to.be.false;
    });

    it('neither sends nor delivers once closed, and may be closed again', async () => {
      const [a, b] = [await open(), await open()];
      b.signaling.send(a.address, {n: 1});
      a.signaling.close();
      a.signaling.close();
      a.signaling.send(b.address, {n: 2});
      a.signaling.send(a.address, {n: 3});
      b.signaling.send(b.address, {n: 4});
      await until(() => b.received.length, 'the echo');
      expect(a.received).to.be.empty;
      expect(b.received).to.deep.equal([[b.address, {n: 4}]]);
    });

    it('may be closed before it was opened', async () => {
      const signaling = await create();
      signaling.close();
      signaling.send('nobody', {n: 1});
    });

    it('does not open for somebody who has left meanwhile', async () => {
      for (const abortAfterTurns of [0, 1, 5, 20]) {
        const address = randomId();
        const attempt = new AbortController();
        const opening = open(address, {signal: attempt.signal}).then(
          () => 'open',
          (error: unknown) => error,
        );
        for (let turn = 0; turn < abortAfterTurns; turn++) {
          await new Promise((resolve) => setTimeout(resolve));
        }
        attempt.abort(new Error('left'));
        const end = await opening;
        if (end !== 'open') {
          expect(String(end)).to.equal('Error: left');
        }
        for (const signaling of opened) {
          signaling.close();
        }
        // It holds the address no more.
        await until(
          () =>
            open(address).then(
              ({signaling}) => (signaling.close(), true),
              () => false,
            ),
          'the address',
        );
      }
    });
  });
}
