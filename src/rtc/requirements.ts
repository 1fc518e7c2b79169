import {RtcError} from '../core/errors.js';

/** @throws {RtcError} that says why this page cannot be in a call at all. */
export function requireConnections(): void {
  if (!globalThis.isSecureContext) {
    throw new RtcError('insecure-context');
  }
  if (typeof globalThis.RTCPeerConnection !== 'function') {
    throw new RtcError('unsupported-browser', {detail: 'RTCPeerConnection'});
  }
}

/** @throws {RtcError} that says why this page cannot have camera and microphone at all. */
export function requireDevices(): void {
  if (!globalThis.isSecureContext) {
    throw new RtcError('insecure-context');
  }
  // Absent also where the frame the page is in forbids it.
  if (typeof (navigator.mediaDevices as MediaDevices | undefined)?.getUserMedia !== 'function') {
    throw new RtcError('unsupported-browser', {detail: 'mediaDevices'});
  }
}
