import {TypedEventTarget} from '../core/typed-event-target.js';

export type DeviceKind = 'audio' | 'video';

/** What is known of a device, also when it is gone. */
export interface Device {
  readonly kind: DeviceKind;
  readonly label: string;
  readonly deviceId: string | undefined;
  readonly groupId: string | undefined;
}

export interface DeviceListEvents {
  /** The list has been read again: devices, or the leave to use them, may be others than before. */
  change: Event;
}

/**
 * The cameras, microphones and speakers of this computer, read again whenever
 * one comes or goes, or a permission changes. Names and ids are empty until a
 * device was allowed. Lets go of everything when the signal aborts.
 */
export class DeviceList extends TypedEventTarget<DeviceListEvents> {
  readonly #signal: AbortSignal;
  #all: readonly MediaDeviceInfo[] = [];
  #turn = 0;

  constructor({signal}: {signal: AbortSignal}) {
    super();
    this.#signal = signal;
    const {mediaDevices} = navigator as Partial<Navigator>;
    mediaDevices?.addEventListener('devicechange', () => void this.refresh(), {signal});
    void this.#followPermission('audio');
    void this.#followPermission('video');
    void this.refresh();
  }

  /** The same array until something is different. */
  get all(): readonly MediaDeviceInfo[] {
    return this.#all;
  }

  /** Gives what it has read, also when that is overtaken by something newer. */
  async refresh(): Promise<readonly MediaDeviceInfo[]> {
    const turn = ++this.#turn;
    const all = await listed();
    if (turn === this.#turn && !this.#signal.aborted) {
      if (JSON.stringify(all) !== JSON.stringify(this.#all)) {
        this.#all = all;
      }
      this.dispatchEvent(new Event('change'));
    }
    return all;
  }

  async #followPermission(kind: DeviceKind) {
    const signal = this.#signal;
    const permission = await queryPermission(kind);
    if (permission && !signal.aborted) {
      permission.addEventListener?.('change', () => void this.refresh(), {signal});
    }
  }
}

/** Whether a device may be used without a question; `undefined` where the browser does not say. */
export async function permissionFor(kind: DeviceKind): Promise<PermissionState | undefined> {
  return (await queryPermission(kind))?.state;
}

async function queryPermission(kind: DeviceKind): Promise<PermissionStatus | undefined> {
  try {
    const name = (kind === 'audio' ? 'microphone' : 'camera') as PermissionName;
    return await navigator.permissions.query({name});
  } catch {
    // Firefox before 132 does not know these names.
    return undefined;
  }
}

async function listed(): Promise<readonly MediaDeviceInfo[]> {
  try {
    return await navigator.mediaDevices.enumerateDevices();
  } catch {
    // What there is not, or may not be known, is not listed.
    return [];
  }
}

/** Ids that Chromium gives to whatever device has that part just now. */
const parts: ReadonlySet<string | undefined> = new Set([
  'default',
  'communications',
  '',
  undefined,
]);

/** The device a track comes from. To be asked while it is live: later some browsers do not know. */
export function deviceOf(track: MediaStreamTrack): Device {
  const {deviceId, groupId} = track.getSettings();
  return {kind: track.kind as DeviceKind, label: track.label, deviceId, groupId};
}

/** By its id, or by its name: in another socket it may have another id. */
export function isSame(
  one: Pick<Device, 'deviceId' | 'label'>,
  other: Pick<Device, 'deviceId' | 'label'>,
): boolean {
  const sameId = one.deviceId === other.deviceId && !parts.has(one.deviceId);
  return sameId || (one.label !== '' && one.label === other.label);
}

/** Whether the track comes from this very device. */
export function isUsed({deviceId, label}: MediaDeviceInfo, track: MediaStreamTrack): boolean {
  return deviceId === track.getSettings().deviceId && label === track.label;
}

/** Where a device that was gone stands in the list. */
export function findAgain(
  list: readonly MediaDeviceInfo[],
  gone: Device,
): MediaDeviceInfo | undefined {
  const candidates = list.filter(({kind}) => kind === `${gone.kind}input`);
  return (
    candidates.find(({deviceId}) => deviceId === gone.deviceId && !parts.has(deviceId)) ??
    candidates.find((device) => isSame(device, gone)) ??
    // What was the default may be back under its own name.
    candidates.find(
      ({deviceId, groupId}) =>
        parts.has(gone.deviceId) && !parts.has(deviceId) && groupId && groupId === gone.groupId,
    )
  );
}
