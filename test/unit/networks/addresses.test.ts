import {expect} from '@open-wc/testing';
import {slotAddresses, slotCount} from '../../../src/networks/addresses.js';

describe('slotAddresses', () => {
  it('gives the same addresses in every browser and every release', async () => {
    const addresses = await slotAddresses('lesson-42');
    expect(addresses).to.have.length(slotCount).and.to.have.length(16);
    expect(addresses[0]).to.equal('b1b10330a1df9f46c50c820f60065190');
    expect(addresses[15]).to.equal('d4082aba146924f4af316d4e8a7117d4');
  });

  it('gives ids that a PeerServer takes, whatever the room is called', async () => {
    for (const room of ['a', '👩‍👩‍👧‍👦', 'x'.repeat(256), ' ', '<b>', '"\\', '\ud800', '회의실']) {
      for (const address of await slotAddresses(room)) {
        expect(address).to.match(/^[0-9a-f]{32}$/);
      }
    }
  });

  it('gives no address twice', async () => {
    const all = await Promise.all(['a', 'b', 'a ', 'A', '회의실'].map(slotAddresses));
    expect(new Set(all.flat()).size).to.equal(5 * slotCount);
  });

  it('takes names that look the same for the same', async () => {
    const composed = '\u00e9 \uac00';
    expect(composed.normalize('NFD')).to.not.equal(composed);
    expect(await slotAddresses(composed.normalize('NFD'))).to.deep.equal(
      await slotAddresses(composed),
    );
  });
});
