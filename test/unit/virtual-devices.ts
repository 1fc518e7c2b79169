import {replace} from './support.js';

type Kind = 'audio' | 'video';

interface Permission extends EventTarget {
  state: PermissionState;
}

/**
 * Devices that can be plugged in and out, and permissions that can be taken
 * away: what the browsers' fake devices cannot. What they give comes from
 * those, under another name. Until `restoreAll()`; needs `hearTestEvents()`.
 */
export class VirtualDevices {
  readonly permissions: Record<Kind, Permission> = {audio: permission(), video: permission()};
  /** What `getUserMedia` was asked for, in order. */
  readonly asked: MediaStreamConstraints[] = [];
  /** How often the list was read. */
  listed = 0;
  /** Listeners that are still there, by what they listen to. */
  readonly #listeners: {readonly type: string; readonly signal: AbortSignal | undefined}[] = [];
  readonly #tracks = new Map<MediaStreamTrack, string>();
  #devices: MediaDeviceInfo[];
  #gate: Promise<void> | undefined;

  /** The first of a kind is the default one. */
  constructor(...labels: string[]) {
    this.#devices = labels.map((label) => device(label));
    const {mediaDevices} = navigator;
    const original = mediaDevices.getUserMedia.bind(mediaDevices);
    replace(mediaDevices, 'enumerateDevices', async () => {
      this.listed++;
      return [...this.#devices];
    });
    replace(mediaDevices, 'getUserMedia', async (constraints: MediaStreamConstraints) => {
      this.asked.push(constraints);
      const chosen = (['audio', 'video'] as const)
        .filter((kind) => constraints[kind])
        .map((kind) => this.#choose(kind, constraints[kind] as MediaTrackConstraints));
      await this.#gate;
      const stream = await original({
        audio: Boolean(constraints.audio),
        video: Boolean(constraints.video),
      });
      for (const track of stream.getTracks()) {
        const {label, deviceId, groupId} = chosen.find(({kind}) => kind === `${track.kind}input`)!;
        this.#tracks.set(track, label);
        Object.defineProperty(track, 'label', {value: label});
        Object.defineProperty(track, 'getSettings', {
          // Like Firefox: what has ended has no settings.
          value: () => (track.readyState === 'live' ? {deviceId, groupId, ...facingOf(label)} : {}),
        });
      }
      return stream;
    });
    replace(navigator.permissions, 'query', async ({name}: {name: string}) => {
      return this.permissions[name === 'microphone' ? 'audio' : 'video'];
    });
    const {audio, video} = this.permissions;
    for (const target of [mediaDevices, document, audio, video]) {
      const add = target.addEventListener.bind(target);
      replace(
        target,
        'addEventListener',
        (type: string, listener: EventListener, options?: AddEventListenerOptions) => {
          this.#listeners.push({type, signal: options?.signal});
          add(type, listener, options);
        },
      );
    }
  }

  /** What still listens to devices, permissions and the document. */
  get listeners(): string[] {
    return this.#listeners.filter(({signal}) => !signal?.aborted).map(({type}) => type);
  }

  /** Labels of the devices in use. */
  get used(): string[] {
    return [...this.#tracks].flatMap(([{readyState}, label]) =>
      readyState === 'live' ? [label] : [],
    );
  }

  idOf(label: string): string {
    return this.#devices.find((one) => one.label === label)!.deviceId;
  }

  unplug(label: string): void {
    this.#devices = this.#devices.filter((one) => one.label !== label);
    this.end(label);
    this.announce();
  }

  /** Ends what comes from it, though it is still plugged in. */
  end(label: string): void {
    for (const track of this.#live(label)) {
      track.stop();
      track.dispatchEvent(new Event('ended'));
    }
  }

  /** With `first`, as the default one; with `id`, in another socket than before. */
  plug(label: string, {first = false, id}: {first?: boolean; id?: string} = {}): void {
    const plugged = device(label, id);
    this.#devices = first ? [plugged, ...this.#devices] : [...this.#devices, plugged];
    this.announce();
  }

  announce(): void {
    navigator.mediaDevices.dispatchEvent(new Event('devicechange'));
  }

  revoke(kind: Kind, state: PermissionState = 'denied'): void {
    this.permissions[kind].state = state;
    for (const [{kind: of}, label] of this.#tracks) {
      if (of === kind) {
        this.end(label);
      }
    }
    this.permissions[kind].dispatchEvent(new Event('change'));
  }

  grant(kind: Kind): void {
    this.permissions[kind].state = 'granted';
    this.permissions[kind].dispatchEvent(new Event('change'));
  }

  /** Lets devices take their time to open until the function it gives is called. */
  hold(): () => void {
    let open!: () => void;
    this.#gate = new Promise((resolve) => (open = resolve));
    return () => {
      this.#gate = undefined;
      open();
    };
  }

  /** Ends what comes from it, and says nothing. */
  kill(label: string): void {
    for (const track of this.#live(label)) {
      track.stop();
    }
  }

  #live(label: string) {
    return [...this.#tracks].flatMap(([track, of]) =>
      of === label && track.readyState === 'live' ? [track] : [],
    );
  }

  #choose(kind: Kind, {deviceId, facingMode}: MediaTrackConstraints): MediaDeviceInfo {
    if (this.permissions[kind].state === 'denied') {
      throw new DOMException('as told', 'NotAllowedError');
    }
    const all = this.#devices.filter((one) => one.kind === `${kind}input`);
    const exact = (deviceId as ConstrainDOMStringParameters | undefined)?.exact;
    const facing = all.find(({label}) => facingMode && facingOf(label).facingMode === facingMode);
    const found =
      exact === undefined ? (facing ?? all[0]) : all.find((one) => one.deviceId === exact);
    if (!found) {
      throw new DOMException('as told', all.length ? 'OverconstrainedError' : 'NotFoundError');
    }
    return found;
  }
}

function permission(): Permission {
  return Object.assign(new EventTarget(), {state: 'granted' as const});
}

/** Which way a camera of a phone looks. */
function facingOf(label: string) {
  const facingMode = /back/i.test(label) ? 'environment' : 'user';
  return /front|back/i.test(label) ? {facingMode} : {};
}

function device(label: string, deviceId = `id of ${label}`): MediaDeviceInfo {
  const kind = /mic|headset/i.test(label) ? 'audioinput' : 'videoinput';
  const info = {
    kind: /speaker/i.test(label) ? 'audiooutput' : kind,
    label,
    deviceId,
    groupId: '',
  } as const;
  return {...info, toJSON: () => info};
}
