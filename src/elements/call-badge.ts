import type {ReactiveController, ReactiveElement} from 'lit';
import type {CallSession} from '../session/call-session.js';
import {isInCall} from '../session/call-state.js';
import {PageBadge} from '../session/page-badge.js';

/** A call that may mark the tab it is in. */
interface BadgeHost extends ReactiveElement {
  readonly session: CallSession;
  readonly noBadge: boolean;
}

/** Has the tab say what is new in a call while the page is out of sight. */
export class CallBadge implements ReactiveController {
  readonly #host: BadgeHost;

  constructor(host: BadgeHost) {
    this.#host = host;
    host.addController(this);
  }

  hostUpdated() {
    const {session, noBadge} = this.#host;
    const {broadcast, isRecorded, recording, state, unread} = session;
    const isOn = !noBadge && isInCall(state);
    const isLive =
      isRecorded || recording.isRunning || (broadcast.role === 'stage' && broadcast.isLive);
    PageBadge.of().set(this, isOn ? {unread, isLive} : undefined);
  }

  hostDisconnected() {
    PageBadge.of().set(this, undefined);
  }
}
