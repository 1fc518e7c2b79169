import type {RtcError} from '../core/errors.js';
import {randomHex} from '../core/hex.js';
import {TypedEventTarget} from '../core/typed-event-target.js';
import {TabSignaling} from '../signaling/tab.js';
import {CallSession} from './call-session.js';

export interface LoopbackCallEvents {
  change: Event;
}

/**
 * Both ends of a call in one page, with no server: the near end sends camera and
 * microphone, the far end only looks. All between them is that of a real call.
 */
export class LoopbackCall extends TypedEventTarget<LoopbackCallEvents> {
  readonly #near: CallSession;
  readonly #far: CallSession;
  #isStarting = false;

  constructor() {
    super();
    const scope = `rtc-elements/loopback/${randomHex()}`;
    const createSignaling = () => new TabSignaling(scope);
    this.#near = new CallSession({createSignaling});
    this.#far = new CallSession({createSignaling});
    const room = {room: 'loopback', rtcConfiguration: {}};
    this.#near.configure(room);
    this.#far.configure({...room, micOff: true, cameraOff: true});
    for (const session of [this.#near, this.#far]) {
      session.addEventListener('change', () => this.#changed());
    }
  }

  get phase(): 'idle' | 'starting' | 'started' | 'calling' | 'in-call' {
    if (this.#isStarting) {
      return 'starting';
    }
    const phases = [this.#near.state.phase, this.#far.state.phase];
    if (phases.every((phase) => phase === 'joined') && this.remoteStream) {
      return 'in-call';
    }
    if (phases.some((phase) => phase === 'joining' || phase === 'joined')) {
      return 'calling';
    }
    return this.localStream ? 'started' : 'idle';
  }

  get error(): RtcError | undefined {
    for (const {state, notice} of [this.#near, this.#far]) {
      const error = state.phase === 'failed' ? state.error : notice;
      if (error) {
        return error;
      }
    }
    return undefined;
  }

  get localStream(): MediaStream | undefined {
    const {stream} = this.#near.self;
    return stream?.getTracks().length ? stream : undefined;
  }

  /** What came out at the other end. */
  get remoteStream(): MediaStream | undefined {
    const [near] = this.#far.participants;
    return near?.connection === 'connected' ? near.stream : undefined;
  }

  /** Names of the devices in use, as the browser gives them. */
  get devices(): {readonly camera: string | undefined; readonly microphone: string | undefined} {
    const {stream} = this.#near.self;
    return {
      camera: stream?.getVideoTracks()[0]?.label,
      microphone: stream?.getAudioTracks()[0]?.label,
    };
  }

  /** Opens camera and microphone. */
  async start(): Promise<void> {
    this.#near.dismissNotice();
    this.#near.configure({micOff: false, cameraOff: false});
    this.#isStarting = true;
    this.#changed();
    try {
      await this.#near.preview();
    } finally {
      this.#isStarting = false;
      this.#changed();
    }
  }

  /** Connects the two ends. */
  async call(): Promise<void> {
    await Promise.all([this.#near.join(), this.#far.join()]);
  }

  /** Ends the call and closes the devices. */
  hangUp(): void {
    this.#near.leave();
    this.#far.leave();
  }

  #changed() {
    this.dispatchEvent(new Event('change'));
  }
}
