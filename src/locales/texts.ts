import {en} from './en.js';
import {ko} from './ko.js';

/**
 * Every text a person can see or hear, in one language. `{name}` and the like
 * are filled in by `format()`.
 */
export interface Texts {
  readonly call: {
    /** What a screen reader calls the whole. */
    readonly label: string;
    readonly people: string;
    readonly lobby: string;
    readonly name: string;
    readonly join: string;
    readonly joining: string;
    readonly cancel: string;
    readonly joiningHint: string;
    readonly waiting: string;
    readonly waitingHint: string;
    readonly reconnecting: string;
    readonly serverAway: string;
    readonly tryingAgain: string;
    readonly failed: string;
    readonly tryAgain: string;
    readonly left: string;
    readonly ended: string;
    readonly joinAgain: string;
    readonly dismiss: string;
  };
  /** A broadcast, on the stage and in the audience. */
  readonly show: {
    readonly label: string;
    readonly people: string;
    readonly lobby: string;
    readonly goLive: string;
    readonly starting: string;
    readonly watchLobby: string;
    readonly watch: string;
    readonly connecting: string;
    readonly live: string;
    readonly break: string;
    readonly paused: string;
    readonly viewers: string;
    readonly waiting: string;
    readonly waitingHint: string;
    readonly away: string;
    readonly ended: string;
    readonly endedHint: string;
    readonly left: string;
    readonly over: string;
    readonly again: string;
    readonly watchAgain: string;
    readonly failed: string;
    readonly watchFailed: string;
    readonly end: string;
    readonly goOn: string;
    readonly invited: string;
    readonly invitedHint: string;
    readonly comeUp: string;
    readonly decline: string;
    readonly line: string;
    readonly good: string;
    readonly fair: string;
    readonly poor: string;
    readonly kbps: string;
    readonly frameRate: string;
    readonly dropped: string;
    readonly audience: string;
    readonly nobody: string;
    readonly invite: string;
    readonly sendBack: string;
    readonly cancelInvitation: string;
    readonly handRaised: string;
    readonly allowChat: string;
    readonly allowRecording: string;
    readonly more: string;
    readonly leftRecording: string;
    readonly save: string;
    readonly discard: string;
    readonly recording: string;
    readonly limitedBy: Readonly<Record<'uplink' | 'cpu', string>>;
    readonly fullBy: Readonly<Record<'cap' | 'uplink' | 'cpu', string>>;
  };
  readonly chat: {
    readonly label: string;
    readonly empty: string;
    readonly write: string;
    readonly send: string;
    readonly closed: string;
    readonly close: string;
  };
  readonly controls: {
    readonly label: string;
    readonly mic: string;
    readonly micTurnOff: string;
    readonly micTurnOn: string;
    readonly camera: string;
    readonly cameraTurnOff: string;
    readonly cameraTurnOn: string;
    readonly cameras: string;
    readonly screen: string;
    readonly screenStart: string;
    readonly screenStop: string;
    readonly leave: string;
    readonly leaveHint: string;
    readonly end: string;
    readonly leaveShow: string;
    readonly pause: string;
    readonly pauseStart: string;
    readonly pauseEnd: string;
    readonly audience: string;
    readonly audienceOpen: string;
    readonly audienceClose: string;
    readonly chat: string;
    readonly chatOpen: string;
    readonly chatClose: string;
    readonly record: string;
    readonly recordStart: string;
    readonly recordStop: string;
    readonly offstage: string;
    readonly hand: string;
    readonly handRaise: string;
    readonly handLower: string;
    readonly sound: string;
    readonly soundOff: string;
    readonly soundOn: string;
    readonly volume: string;
    readonly pip: string;
    readonly pipHint: string;
    readonly fullscreen: string;
  };
  readonly video: {
    readonly self: string;
    readonly nameless: string;
    readonly pictureOf: string;
    readonly screenOf: string;
    readonly ownScreen: string;
    readonly micOff: string;
    readonly connecting: string;
    readonly away: string;
    readonly reconnecting: string;
    readonly play: string;
  };
  readonly announce: {
    readonly joined: string;
    readonly left: string;
    readonly lost: string;
    readonly screenStarted: string;
    readonly screenStopped: string;
    readonly selfJoined: string;
    readonly selfLive: string;
    readonly selfWatching: string;
    readonly cameUp: string;
    readonly wentBack: string;
    readonly micOn: string;
    readonly micOff: string;
    readonly cameraOn: string;
    readonly cameraOff: string;
    readonly ownScreenStarted: string;
    readonly ownScreenStopped: string;
    readonly reconnected: string;
    readonly started: string;
    readonly ended: string;
    readonly handRaised: string;
  };
  readonly loopback: {
    readonly label: string;
    readonly start: string;
    readonly call: string;
    readonly hangUp: string;
    readonly local: string;
    readonly remote: string;
    readonly camera: string;
    readonly microphone: string;
    readonly none: string;
    readonly idle: string;
    readonly starting: string;
    readonly started: string;
    readonly calling: string;
    readonly inCall: string;
  };
  /** Why it does not work. */
  readonly diagnosis: {
    readonly find: string;
    readonly title: string;
    readonly checking: string;
    readonly copy: string;
    readonly copied: string;
    readonly close: string;
    /** What is the matter and what to do; other verdicts are codes in `errors`. */
    readonly verdicts: {
      readonly ok: string;
      readonly offline: string;
      readonly 'stun-unreachable': string;
      readonly 'turn-unreachable': string;
      readonly 'turn-refused': string;
      readonly 'needs-turn': string;
      readonly 'turn-not-working': string;
      readonly 'path-lost': string;
      readonly 'slow-network': string;
      readonly 'slow-device': string;
    };
    readonly checks: {
      readonly 'secure-context': string;
      readonly browser: string;
      readonly network: string;
      readonly broker: string;
      readonly stun: string;
      readonly turn: string;
      readonly microphone: string;
      readonly camera: string;
    };
    readonly statuses: {
      readonly ok: string;
      readonly warning: string;
      readonly failed: string;
      readonly unknown: string;
      readonly skipped: string;
    };
    readonly connections: {
      readonly connected: string;
      readonly connecting: string;
      readonly reconnecting: string;
      readonly failed: string;
    };
    readonly candidates: string;
    readonly roundTrip: string;
    readonly loss: string;
    readonly limits: {
      readonly cpu: string;
      readonly bandwidth: string;
    };
  };
  /** What went wrong and what to do. The keys are the closed list of codes. */
  readonly errors: {
    readonly 'insecure-context': string;
    readonly 'unsupported-browser': string;
    readonly 'permission-denied': string;
    readonly 'device-not-found': string;
    readonly 'device-in-use': string;
    readonly 'device-lost': string;
    readonly 'device-failed': string;
    readonly 'screen-failed': string;
    readonly 'recording-failed': string;
    readonly 'broker-unreachable': string;
    readonly 'broker-full': string;
    readonly 'broker-error': string;
    readonly 'room-full': string;
    readonly 'address-taken': string;
    readonly 'peer-unavailable': string;
    readonly busy: string;
    readonly declined: string;
    readonly 'no-answer': string;
    readonly 'connection-failed': string;
    readonly 'secret-mismatch': string;
    readonly 'bad-attribute': string;
    readonly 'bad-message': string;
    readonly 'server-rejected': string;
  };
}

/** The texts for a language tag such as `ko-KR`; English where there are none. */
export function textsFor(lang?: string): Texts {
  return /^ko\b/i.test(lang ?? '') ? ko : en;
}

/** Fills in `{placeholders}`. One without a value is left out. */
export function format(text: string, values: Readonly<Record<string, string | undefined>>): string {
  return text.replace(/\{(\w+)\}/g, (_, key: string) => values[key] ?? '').trim();
}
