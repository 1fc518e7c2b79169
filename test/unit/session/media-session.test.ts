import {expect} from '@open-wc/testing';
import type {CallState} from '../../../src/session/call-state.js';
import {CallMediaSession} from '../../../src/session/media-session.js';
import {PageBadge} from '../../../src/session/page-badge.js';
import {createWatcher, leaveAll, randomRoom, replace, restoreAll, watchErrors} from '../support.js';

/** As a browser has it that does not know pictures in pictures. */
class FakeMediaSession {
  readonly handlers = new Map<string, () => void>();
  metadata: MediaMetadata | null = null;
  playbackState = 'none';
  mic = false;
  camera = false;

  setActionHandler(action: string, act: (() => void) | null) {
    if (action === 'enterpictureinpicture') {
      throw new TypeError(action);
    }
    if (act) {
      this.handlers.set(action, act);
    } else {
      this.handlers.delete(action);
    }
  }

  setMicrophoneActive(active: boolean) {
    this.mic = active;
  }

  async setCameraActive(active: boolean) {
    this.camera = active;
    throw new DOMException('not the top page', 'NotAllowedError');
  }
}

class FakeCall {
  state: CallState = {phase: 'idle'};
  self = {micOff: false, cameraOff: true, role: 'participant' as 'participant' | 'viewer'};
  readonly options = {room: 'lesson'};
  readonly asked: string[] = [];
  readonly #buttons = new CallMediaSession(this);

  become(phase: 'idle' | 'joined' | 'reconnecting', self = {}) {
    this.state = {phase};
    this.self = {...this.self, ...self};
    this.#buttons.update();
  }
  requestControl(control: 'mic' | 'camera' | 'leave') {
    this.asked.push(control);
    if (control === 'leave') {
      this.become('idle');
    }
  }
  requestView() {
    this.asked.push('pip');
  }
}

describe('CallMediaSession', () => {
  let system: FakeMediaSession;
  let settle: () => void;

  beforeEach(() => {
    settle = watchErrors();
    system = new FakeMediaSession();
    replace(navigator, 'mediaSession', system);
  });
  afterEach(() => {
    leaveAll();
    restoreAll();
    settle();
  });

  it('gives the system its buttons, and takes them back', () => {
    const call = new FakeCall();
    call.become('idle');
    expect(system.handlers.size).to.equal(0);
    call.become('joined');
    expect(system.playbackState).to.equal('playing');
    expect(system.metadata?.title).to.equal(document.title || 'lesson');
    expect([system.mic, system.camera]).to.deep.equal([true, false]);
    system.handlers.get('togglemicrophone')?.();
    system.handlers.get('togglecamera')?.();
    call.become('reconnecting', {micOff: true, cameraOff: false});
    expect([system.mic, system.camera]).to.deep.equal([false, true]);
    system.handlers.get('hangup')?.();
    expect(call.asked).to.deep.equal(['mic', 'camera', 'leave']);
    expect(system.handlers.size).to.equal(0);
    expect(system.playbackState).to.equal('none');
    expect(system.metadata).to.equal(null);
    expect([system.mic, system.camera]).to.deep.equal([false, false]);
  });

  it('belongs to the call joined last, then again to the one before', () => {
    const [first, second] = [new FakeCall(), new FakeCall()];
    first.become('joined');
    second.become('joined', {micOff: true});
    first.become('joined', {cameraOff: false});
    expect([system.mic, system.camera]).to.deep.equal([false, false]);
    system.handlers.get('hangup')?.();
    expect(second.asked).to.deep.equal(['leave']);
    expect([system.mic, system.camera]).to.deep.equal([true, true]);
    system.handlers.get('hangup')?.();
    expect(first.asked).to.deep.equal(['leave']);
    expect(system.handlers.size).to.equal(0);
  });

  it('names the page without our mark on its title', () => {
    const before = document.title;
    document.title = 'School';
    replace(document, 'visibilityState', 'hidden');
    const call = new FakeCall();
    const badge = PageBadge.of();
    badge.set(call, {unread: 3, isLive: true});
    expect(document.title).to.equal('(3) ● School');
    call.become('joined');
    expect(system.metadata?.title).to.equal('School');
    call.become('idle');
    badge.set(call, undefined);
    document.title = before;
  });

  it('acts on a call that nothing shows, and asks what does', async () => {
    const session = await createWatcher({room: randomRoom()});
    await session.join();
    const asked: string[] = [];
    session.addEventListener('control-request', (event) => {
      asked.push(event.control + String(event.on));
      if (asked.length < 3) {
        event.preventDefault();
      }
    });
    system.handlers.get('togglemicrophone')?.();
    expect(session.self.micOff).to.equal(true);
    system.handlers.get('hangup')?.();
    expect(session.state.phase).to.equal('joined');
    system.handlers.get('togglemicrophone')?.();
    expect(session.self.micOff).to.equal(false);
    system.handlers.get('hangup')?.();
    expect(session.state.phase).to.equal('idle');
    expect(asked).to.deep.equal(['mictrue', 'leavetrue', 'mictrue', 'leavetrue']);
  });

  it('has nothing to switch for who only watches', () => {
    const call = new FakeCall();
    call.become('joined', {role: 'viewer'});
    expect([...system.handlers.keys()]).to.deep.equal(['hangup']);
    call.become('idle');
  });
});
