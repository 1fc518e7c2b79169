import {expect} from '@open-wc/testing';
import {
  DeviceList,
  findAgain,
  isSame,
  permissionFor,
  type Device,
} from '../../../src/rtc/device-list.js';
import {once, replace, restoreAll, until, watchErrors} from '../support.js';
import {VirtualDevices} from '../virtual-devices.js';

const described = (device: Record<'kind' | 'label' | 'deviceId' | 'groupId', unknown>) =>
  device as unknown as MediaDeviceInfo;

describe('DeviceList', () => {
  let closing: AbortController;
  let settle: () => void;

  beforeEach(() => {
    settle = watchErrors();
    closing = new AbortController();
  });
  afterEach(() => {
    closing.abort();
    restoreAll();
    settle();
  });

  it('reads again what there is, when it changes or may be named', async () => {
    const devices = new VirtualDevices('Mic');
    const list = new DeviceList(closing);
    await once(list, 'change');
    const {all} = list;
    expect(all.map(({label}) => label)).to.deep.equal(['Mic']);
    await until(() => devices.listeners.length === 3, 'its listeners');
    devices.grant('video');
    await once(list, 'change');
    expect(list.all === all, 'nothing is different').to.be.true;
    devices.plug('Camera');
    await once(list, 'change');
    expect(list.all.length).to.equal(2);
  });

  it('keeps what is newest when the answers come in another order', async () => {
    const devices = new VirtualDevices('Mic');
    const list = new DeviceList(closing);
    await once(list, 'change');
    const {mediaDevices} = navigator;
    const working = mediaDevices.enumerateDevices.bind(mediaDevices);
    let answer!: (all: MediaDeviceInfo[]) => void;
    replace(mediaDevices, 'enumerateDevices', () => new Promise((resolve) => (answer = resolve)));
    const late = list.refresh();
    replace(mediaDevices, 'enumerateDevices', working);
    devices.plug('Camera');
    await once(list, 'change');
    answer([]);
    expect(await late).to.deep.equal([]);
    expect(list.all.length).to.equal(2);
  });

  it('lets go of everything, also of what comes late', async () => {
    const devices = new VirtualDevices('Mic');
    const list = new DeviceList(closing);
    let changes = 0;
    list.addEventListener('change', () => changes++);
    const reading = list.refresh();
    closing.abort();
    await reading;
    await permissionFor('audio');
    expect(changes).to.equal(0);
    expect(list.all.length).to.equal(0);
    expect(devices.listeners).to.be.empty;
  });

  it('is empty where devices or permissions cannot be asked for', async () => {
    replace(navigator, 'mediaDevices', undefined);
    replace(navigator, 'permissions', undefined);
    const list = new DeviceList(closing);
    await once(list, 'change');
    expect(list.all.length).to.equal(0);
    expect(await permissionFor('video')).to.equal(undefined);
  });
});

describe('findAgain', () => {
  const gone: Device = {kind: 'audio', label: 'Headset', deviceId: 'h', groupId: 'group'};
  const headset = described({...gone, kind: 'audioinput'});
  const other = described({kind: 'audioinput', label: 'Mic', deviceId: 'm', groupId: 'other'});

  it('finds a device by its id, or else by its name', () => {
    const renamed = {...headset, label: 'Kopfhörer'};
    const moved = {...headset, deviceId: 'h2'};
    expect(findAgain([other, moved, renamed], gone)).to.equal(renamed);
    expect(findAgain([other, moved], gone)).to.equal(moved);
    expect(findAgain([other], gone)).to.equal(undefined);
    expect(findAgain([{...headset, kind: 'audiooutput'}], gone)).to.equal(undefined);
  });

  it('does not take the default device of now for that of before', () => {
    const wasDefault: Device = {...gone, deviceId: 'default', label: 'Default - Headset'};
    const isDefault = {...other, deviceId: 'default', label: 'Default - Mic'};
    expect(findAgain([isDefault, other], wasDefault)).to.equal(undefined);
    expect(findAgain([isDefault, other, headset], wasDefault)).to.equal(headset);
    const again = {...headset, deviceId: 'default', label: 'Default - Headset'};
    expect(findAgain([again, other, headset], wasDefault)).to.equal(again);
  });

  it('takes nameless devices for nobody in particular', () => {
    const nameless = {...headset, label: '', deviceId: ''};
    expect(isSame(nameless, nameless)).to.be.false;
    expect(findAgain([nameless], {...gone, label: '', deviceId: undefined})).to.equal(undefined);
  });
});
