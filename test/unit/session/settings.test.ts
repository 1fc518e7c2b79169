import {expect} from '@open-wc/testing';
import {Settings} from '../../../src/session/settings.js';
import {replace, restoreAll} from '../support.js';

const key = 'rtc-elements/settings';
const camera = {id: 'a', label: 'Camera'};

describe('Settings', () => {
  afterEach(() => {
    restoreAll();
    localStorage.clear();
  });

  it('remembers what was chosen, and keeps what another tab has chosen beside it', () => {
    const [here, there] = [new Settings(), new Settings()];
    let changes = 0;
    here.addEventListener('change', () => changes++);
    there.choose({camera});
    here.choose({lowData: true, name: 'Mina'});
    there.choose({name: 'Jun'});
    expect(changes).to.equal(1);
    expect(here.choices).to.include({name: 'Mina', lowData: true});
    expect(new Settings().choices).to.deep.include({camera, name: 'Jun', lowData: true});
    here.choose({camera: undefined});
    expect(new Settings().choices.camera).to.equal(undefined);
  });

  it('drops what is not as it should be, and keeps the rest', () => {
    for (const garbage of ['', '{', 'null', '[]', '7', '{"name": 7, "camera": {"id": 1}}']) {
      localStorage.setItem(key, garbage);
      const {name, camera: found} = new Settings().choices;
      expect([name, found], garbage).to.deep.equal([undefined, undefined]);
    }
    const stored = {name: 'x'.repeat(1_000), lowData: 'yes', speaker: camera, more: 1};
    localStorage.setItem(key, JSON.stringify(stored));
    expect(JSON.parse(JSON.stringify(new Settings().choices))).to.deep.equal({speaker: camera});
  });

  it('is of this page only where nothing may be stored', () => {
    const denied = () => {
      throw new DOMException('as told', 'QuotaExceededError');
    };
    replace(Storage.prototype, 'setItem', denied);
    const settings = new Settings();
    settings.choose({camera});
    expect(settings.choices.camera).to.deep.equal(camera);
    replace(Storage.prototype, 'getItem', denied);
    expect(new Settings().choices).to.deep.equal({});
  });
});
