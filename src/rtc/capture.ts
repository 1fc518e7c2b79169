import type {DeviceKind} from './device-list.js';

/** How sound and picture are to be taken from the devices. */
export interface CaptureWishes {
  /** Sound as it is, not as speech is made clear. */
  readonly music: boolean;
  readonly noiseSuppression: boolean;
  readonly voiceIsolation: boolean;
  /** Without a wish as the system has it. */
  readonly backgroundBlur: boolean | undefined;
  /** A small picture, for a thin line. */
  readonly lowData: boolean;
}

export const defaultWishes: CaptureWishes = {
  music: false,
  noiseSuppression: true,
  voiceIsolation: false,
  backgroundBlur: undefined,
  lowData: false,
};

/** Which of these wishes the browser and the devices in use can meet. */
export interface CaptureFeatures {
  readonly noiseSuppression: boolean;
  readonly voiceIsolation: boolean;
  /** `always`: the system has it on, and a page cannot change that. */
  readonly backgroundBlur: boolean | 'always';
  /** Whether it is on, by our wish or the system's. */
  readonly isBlurred: boolean;
}

/** Which device is to be opened: this very one, or rather this one, or one that looks this way. */
export interface DeviceWish {
  readonly exact?: string | undefined;
  readonly ideal?: string | undefined;
  readonly facing?: 'user' | 'environment';
}

/** Not in the types yet: https://w3c.github.io/mediacapture-extensions/#voiceisolation */
interface Isolation<T> {
  readonly voiceIsolation?: T;
}

/** What makes speech clear spoils music. https://w3c.github.io/mediacapture-main/#def-constraint-echoCancellation */
const asItSounds: MediaTrackConstraints = {
  echoCancellation: false,
  noiseSuppression: false,
  autoGainControl: false,
  channelCount: {ideal: 2},
};

/** The picture that is sent in low-data mode. */
export const lowPicture = {width: 320, height: 180, frameRate: 12, bitrate: 150_000} as const;

/** What `getUserMedia` and `applyConstraints` are told. */
export function constraintsFor(
  kind: DeviceKind,
  {exact, ideal, facing = 'user'}: DeviceWish,
  wishes: CaptureWishes,
): MediaTrackConstraints {
  const device = exact === undefined ? ideal && {ideal} : {exact};
  const {width, height, frameRate} = lowPicture;
  return {
    ...(device && {deviceId: device}),
    ...(kind === 'audio'
      ? soundFor(wishes)
      : {
          width: {ideal: wishes.lowData ? width : 1280},
          height: {ideal: wishes.lowData ? height : 720},
          ...(wishes.lowData && {frameRate: {ideal: frameRate}}),
          ...(!device && {facingMode: facing}),
          ...(wishes.backgroundBlur !== undefined && {backgroundBlur: wishes.backgroundBlur}),
        }),
  };
}

function soundFor({music, noiseSuppression, voiceIsolation}: CaptureWishes) {
  return music
    ? asItSounds
    : {
        ...(!noiseSuppression && {noiseSuppression}),
        ...(voiceIsolation && {voiceIsolation}),
      };
}

/** What can be switched of these tracks. */
export function featuresOf(
  mic: MediaStreamTrack | undefined,
  camera: MediaStreamTrack | undefined,
): CaptureFeatures {
  const supported: MediaTrackSupportedConstraints & Isolation<boolean> =
    globalThis.navigator?.mediaDevices?.getSupportedConstraints?.() ?? {};
  const isolation = capabilitiesOf(mic).voiceIsolation;
  const blur = capabilitiesOf(camera).backgroundBlur ?? [];
  return {
    noiseSuppression: supported.noiseSuppression === true,
    voiceIsolation: supported.voiceIsolation === true && (!isolation || isolation.includes(true)),
    // https://w3c.github.io/mediacapture-extensions/#exposing-mediastreamtrack-source-background-blur-support
    backgroundBlur: blur.includes(true) && (blur.includes(false) || 'always'),
    isBlurred: camera?.getSettings().backgroundBlur === true,
  };
}

/** Whether a microphone sounds as wished, as far as it tells. */
export function heeds(mic: MediaStreamTrack, wishes: CaptureWishes): boolean {
  const settings: MediaTrackSettings & Isolation<boolean> = mic.getSettings();
  const features = featuresOf(mic, undefined);
  return (['noiseSuppression', 'voiceIsolation'] as const).every(
    (name) => !features[name] || settings[name] === wishes[name],
  );
}

function capabilitiesOf(
  track: MediaStreamTrack | undefined,
): MediaTrackCapabilities & Isolation<readonly boolean[]> {
  // Firefox has it since 132 only.
  return track?.getCapabilities?.() ?? {};
}
