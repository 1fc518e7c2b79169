import type {RtcError} from '../core/errors.js';
import type {CallState} from '../session/call-session.js';
import type {LeaveReason, Participant} from '../session/participant.js';

/** The call went from one state to another. */
export class RtcStateChangeEvent extends Event {
  constructor(readonly state: CallState['phase']) {
    super('rtc-state-change', {bubbles: true, composed: true});
  }
}

/** We are in the call now. */
export class RtcJoinedEvent extends Event {
  constructor() {
    super('rtc-joined', {bubbles: true, composed: true});
  }
}

/** We are no longer in the call. */
export class RtcLeftEvent extends Event {
  constructor(readonly reason: LeaveReason) {
    super('rtc-left', {bubbles: true, composed: true});
  }
}

/** Somebody came. */
export class RtcParticipantJoinedEvent extends Event {
  constructor(readonly participant: Participant) {
    super('rtc-participant-joined', {bubbles: true, composed: true});
  }
}

/** Somebody went. */
export class RtcParticipantLeftEvent extends Event {
  constructor(
    readonly participant: Participant,
    readonly reason: LeaveReason,
  ) {
    super('rtc-participant-left', {bubbles: true, composed: true});
  }
}

/** Something about somebody changed: name, microphone, camera, screen, connection. */
export class RtcParticipantChangeEvent extends Event {
  constructor(readonly participant: Participant) {
    super('rtc-participant-change', {bubbles: true, composed: true});
  }
}

/** Somebody sent us data with `send()`. It comes from a stranger: check it. */
export class RtcMessageEvent extends Event {
  constructor(
    readonly data: unknown,
    readonly from: Participant,
  ) {
    super('rtc-message', {bubbles: true, composed: true});
  }
}

/**
 * The stage asks us up: `accept()`, with camera and microphone, or `decline()`. Cancel it to ask the
 * person in your own way where the built-in interface would.
 */
export class RtcInvitedEvent extends Event {
  readonly #answer: (comes: boolean) => void;

  constructor(answer: (comes: boolean) => void) {
    super('rtc-invited', {bubbles: true, composed: true, cancelable: true});
    this.#answer = answer;
  }

  /** Comes up. Does nothing when the stage has taken the invitation back. */
  accept(): void {
    this.#answer(true);
  }

  /** Stays in the audience. */
  decline(): void {
    this.#answer(false);
  }
}

/** Something went wrong. */
export class RtcErrorEvent extends Event {
  constructor(readonly error: RtcError) {
    super('rtc-error', {bubbles: true, composed: true});
  }
}

declare global {
  interface HTMLElementEventMap {
    'rtc-state-change': RtcStateChangeEvent;
    'rtc-joined': RtcJoinedEvent;
    'rtc-left': RtcLeftEvent;
    'rtc-participant-joined': RtcParticipantJoinedEvent;
    'rtc-participant-left': RtcParticipantLeftEvent;
    'rtc-participant-change': RtcParticipantChangeEvent;
    'rtc-message': RtcMessageEvent;
    'rtc-invited': RtcInvitedEvent;
    'rtc-error': RtcErrorEvent;
  }
}
