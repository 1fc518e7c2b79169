import {RtcError} from '../core/errors.js';
import {permissionFor, type DeviceKind} from './device-list.js';

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

/** Whether the browser knows that it has no network at all. */
export function isOffline(): boolean {
  return !navigator.onLine;
}

/**
 * Whether a camera or microphone may be used; false when nobody has been asked yet. Asks nobody.
 * @throws {RtcError} that says why it cannot be used.
 */
export async function requireDevice(kind: DeviceKind): Promise<boolean> {
  requireDevices();
  const detail = kind === 'audio' ? 'microphone' : 'camera';
  const permission = await permissionFor(kind);
  if (permission === 'denied') {
    throw new RtcError('permission-denied', {detail});
  }
  const devices = await navigator.mediaDevices.enumerateDevices();
  if (!devices.some((device) => device.kind === `${kind}input`)) {
    throw new RtcError('device-not-found', {detail});
  }
  return permission === 'granted';
}
