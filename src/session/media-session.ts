import {isInCall, type CallState} from './call-state.js';
import {PageBadge} from './page-badge.js';
import type {Participant} from './participant.js';

/** What of a call the buttons of the system act on. */
export interface ControlledCall {
  readonly state: CallState;
  readonly self: Pick<Participant, 'micOff' | 'cameraOff' | 'role'>;
  readonly options: {readonly room: string};
  requestControl(control: 'mic' | 'camera' | 'leave'): void;
  requestView(view: 'pip'): void;
}

/** The calls of a page, the one joined last at the end: there is one set of buttons for all. */
const joined = new WeakMap<MediaSession, CallMediaSession[]>();

/**
 * The buttons of the system for a call: on the lock screen, a headset, in a small window of the
 * browser. They belong to the call that was joined last. https://w3c.github.io/mediasession/
 */
export class CallMediaSession {
  readonly #call: ControlledCall;
  #shown = '';

  constructor(call: ControlledCall) {
    this.#call = call;
  }

  /** To be told whenever the call changes. */
  update(): void {
    const {mediaSession} = globalThis.navigator as Partial<Navigator>;
    if (!mediaSession) {
      return;
    }
    const calls = joined.get(mediaSession) ?? [];
    joined.set(mediaSession, calls);
    const isIn = isInCall(this.#call.state);
    const at = calls.indexOf(this);
    if (isIn && at === -1) {
      calls.push(this);
    } else if (!isIn && at !== -1) {
      calls.splice(at, 1);
      this.#shown = '';
      const last = calls.at(-1);
      if (last) {
        last.#shown = '';
        last.#show(mediaSession);
      } else {
        release(mediaSession);
      }
    }
    if (calls.at(-1) === this) {
      this.#show(mediaSession);
    }
  }

  #show(mediaSession: MediaSession) {
    const call = this.#call;
    const {micOff, cameraOff, role} = call.self;
    const title = PageBadge.of().title || call.options.room;
    const shown = JSON.stringify([micOff, cameraOff, role, title]);
    if (shown === this.#shown) {
      return;
    }
    if (!this.#shown) {
      handle(mediaSession, 'hangup', () => call.requestControl('leave'));
      handle(mediaSession, 'enterpictureinpicture', () => call.requestView('pip'));
      mediaSession.playbackState = 'playing';
    }
    this.#shown = shown;
    const sends = role !== 'viewer';
    handle(mediaSession, 'togglemicrophone', sends ? () => call.requestControl('mic') : null);
    handle(mediaSession, 'togglecamera', sends ? () => call.requestControl('camera') : null);
    mediaSession.metadata = new MediaMetadata({title});
    activate(mediaSession, !micOff, !cameraOff);
  }
}

function release(mediaSession: MediaSession) {
  for (const action of ['togglemicrophone', 'togglecamera', 'hangup', 'enterpictureinpicture']) {
    handle(mediaSession, action, null);
  }
  mediaSession.metadata = null;
  mediaSession.playbackState = 'none';
  activate(mediaSession, false, false);
}

function activate(mediaSession: Partial<MediaSession>, mic: boolean, camera: boolean) {
  // Older browsers return nothing, newer ones may refuse.
  void Promise.resolve(mediaSession.setMicrophoneActive?.(mic)).catch(() => undefined);
  void Promise.resolve(mediaSession.setCameraActive?.(camera)).catch(() => undefined);
}

/** A browser that does not know an action does without. */
function handle(mediaSession: MediaSession, action: string, act: (() => void) | null) {
  try {
    mediaSession.setActionHandler(action as MediaSessionAction, act);
  } catch {
    // There is no way to ask before.
  }
}
