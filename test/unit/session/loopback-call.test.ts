import {expect} from '@open-wc/testing';
import {LoopbackCall} from '../../../src/session/loopback-call.js';
import {
  ConnectionWitness,
  DeviceWitness,
  replace,
  restoreAll,
  until,
  untilMoving,
  watchErrors,
} from '../support.js';

describe('LoopbackCall', () => {
  let call: LoopbackCall;
  let devices: DeviceWitness;
  let connections: ConnectionWitness;
  let phases: string[];
  let settle: () => void;

  beforeEach(() => {
    settle = watchErrors();
    devices = new DeviceWitness();
    connections = new ConnectionWitness();
    call = new LoopbackCall();
    phases = [];
    call.addEventListener('change', () => {
      if (phases.at(-1) !== call.phase) {
        phases.push(call.phase);
      }
    });
  });
  afterEach(async () => {
    call.hangUp();
    await until(() => !devices.live.length, 'the end of every track');
    expect(connections.live.length, 'connections').to.equal(0);
    restoreAll();
    settle();
  });

  it('starts, calls and hangs up, without any server', async () => {
    const used: string[] = [];
    for (const name of ['WebSocket', 'fetch', 'XMLHttpRequest']) {
      replace(window, name, function () {
        used.push(name);
      });
    }
    expect(call.phase).to.equal('idle');
    expect(call.devices).to.deep.equal({camera: undefined, microphone: undefined});
    await call.start();
    expect(call.phase).to.equal('started');
    expect(call.devices.camera).to.be.a('string').and.not.empty;
    expect(call.devices.microphone).to.be.a('string').and.not.empty;
    expect(Boolean(call.remoteStream)).to.be.false;
    await call.call();
    await until(() => call.phase === 'in-call', 'the call');
    await untilMoving(call.remoteStream);
    await untilMoving(call.localStream);
    expect(call.remoteStream?.getAudioTracks().length).to.equal(1);
    expect(call.remoteStream === call.localStream).to.be.false;
    await until(() => connections.used.length === 2, 'one connection for each pair');
    call.hangUp();
    expect(call.phase).to.equal('idle');
    expect(Boolean(call.localStream)).to.be.false;
    expect(Boolean(call.remoteStream)).to.be.false;
    expect(devices.live.length).to.equal(0);
    expect(used).to.be.empty;
    expect(call.error).to.equal(undefined);
    const [first] = phases.splice(0, phases.indexOf('starting'));
    expect(first).to.be.oneOf([undefined, 'idle']);
    expect(phases.slice(0, 4)).to.deep.equal(['starting', 'started', 'calling', 'in-call']);
    expect(phases.at(-1)).to.equal('idle');
  });

  it('opens no second camera for the far end', async () => {
    await call.start();
    await call.call();
    await until(() => call.phase === 'in-call', 'the call');
    expect(devices.asked.length).to.equal(1);
  });

  it('may be called again', async () => {
    for (let i = 0; i < 2; i++) {
      await call.start();
      await call.call();
      await until(() => call.phase === 'in-call', 'the call');
      call.hangUp();
      expect(call.phase).to.equal('idle');
    }
  });

  it('hangs up while it starts, and while it calls', async () => {
    const starting = call.start();
    call.hangUp();
    await starting;
    expect(call.phase).to.equal('idle');
    await until(() => !devices.live.length, 'no camera');
    await call.start();
    const calling = call.call();
    expect(call.phase).to.equal('calling');
    call.hangUp();
    await calling;
    expect(call.phase).to.equal('idle');
    expect(devices.live.length).to.equal(0);
  });

  it('says what is wrong with the devices, and may be started again', async () => {
    const {mediaDevices} = navigator;
    const original = mediaDevices.getUserMedia.bind(mediaDevices);
    replace(mediaDevices, 'getUserMedia', () =>
      Promise.reject(new DOMException('no', 'NotReadableError')),
    );
    await call.start();
    expect(call.error?.code).to.equal('device-in-use');
    expect(call.phase).to.equal('idle');
    replace(mediaDevices, 'getUserMedia', original);
    await call.start();
    expect(call.error).to.equal(undefined);
    expect(call.phase).to.equal('started');
    call.localStream?.getTracks().forEach((track) => track.stop());
  });

  it('keeps two in one page apart', async () => {
    const other = new LoopbackCall();
    await Promise.all([call.start(), other.start()]);
    await Promise.all([call.call(), other.call()]);
    await until(() => call.phase === 'in-call' && other.phase === 'in-call', 'both calls');
    await until(() => connections.used.length === 4, 'one connection for each pair');
    other.hangUp();
    expect(call.phase).to.equal('in-call');
  });
});
