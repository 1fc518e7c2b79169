import type {RtcError} from '../core/errors.js';
import type {LeaveReason} from './participant.js';

/**
 * idle ──join──▶ joining ──▶ joined ◀──▶ reconnecting      any ──leave──▶ idle
 *                   └──▶ failed ──join──▶ joining
 *
 * When it failed because the broker was away, it joins by itself as soon as that is back.
 */
export type CallState =
  /** `reason` is there after a call. */
  | {readonly phase: 'idle'; readonly reason?: LeaveReason}
  | {readonly phase: 'joining'}
  | {readonly phase: 'joined'}
  /** Nobody can be reached, the broker neither: both are being tried again. */
  | {readonly phase: 'reconnecting'}
  | {readonly phase: 'failed'; readonly error: RtcError};

/** Also while nobody can be reached: one is not out of it. */
export function isInCall({phase}: CallState): boolean {
  return phase === 'joined' || phase === 'reconnecting';
}
