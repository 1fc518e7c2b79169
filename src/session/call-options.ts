import {RtcError, toRtcError} from '../core/errors.js';
import type {TextOverrides} from '../locales/texts.js';

/**
 * What a call is to be. Room, mode, broker and servers take effect at the next join, names, switches,
 * `audioOnly`, `stream` and, where a media server does not stand between, `audioMode` at once;
 * `rtcConfiguration` and `relayOnly` with the next connection, `poster` with the next break.
 */
export interface CallOptions {
  /** Everybody with the same room on the same broker meets. 1 to 256 characters. */
  readonly room: string;
  /** How the others see us called. */
  readonly name: string;
  /** URL of a PeerServer, `https://host:port/path?key=k`; without it the public one. */
  readonly broker: string | undefined;
  /** `call`; `broadcast` on the stage and `watch` in the audience of a broadcast. */
  readonly mode: string;
  /** Never opens the camera. */
  readonly audioOnly: boolean;
  /** `speech`, or `music`: sound as it is, in stereo and with more bits. */
  readonly audioMode: string;
  /**
   * In a call 2 to 16 people, oneself included (8 without); on a stage 1 to 200 viewers (30
   * without), if uplink and processor carry so many. With `whip` the media server decides that.
   */
  readonly maxParticipants: number | undefined;
  /** ICE servers and the like; a function is asked whenever connections are made. */
  readonly rtcConfiguration:
    RTCConfiguration | (() => RTCConfiguration | Promise<RTCConfiguration>) | undefined;
  /** Sent instead of camera and microphone. Its tracks stay the page's to stop. */
  readonly stream: MediaStream | undefined;
  readonly micOff: boolean;
  readonly cameraOff: boolean;
  /** The call goes on over a reload, and on the next page that has it. */
  readonly resume: boolean;
  /** Hides the participants' addresses from each other: media goes through TURN servers only. */
  readonly relayOnly: boolean;
  /** How long somebody who cannot be reached keeps their place, if they may come back. */
  readonly reconnectTimeoutMs: number;
  /** URL of a WHIP endpoint that the stage sends to, instead of to each viewer. */
  readonly whip: string | undefined;
  /** URL of a WHEP endpoint that the audience gets the stage from. */
  readonly whep: string | undefined;
  /** URL of a LiveKit server, `wss://…`, that the call goes through; the token says which room. */
  readonly livekit: string | undefined;
  /** URL of the module `livekit-client`, for pages without a build. */
  readonly livekitClient: string | undefined;
  /** What the media server asks for: sent to it, and to nobody else. */
  readonly token: string | undefined;
  /** URL of an image that the stage sends while there is a break. */
  readonly poster: string | undefined;
  /** Texts in place of ours, by path. */
  readonly texts: TextOverrides | undefined;
}

export const defaultOptions: CallOptions = {
  room: '',
  name: '',
  broker: undefined,
  mode: 'call',
  audioOnly: false,
  audioMode: 'speech',
  maxParticipants: undefined,
  rtcConfiguration: undefined,
  stream: undefined,
  micOff: false,
  cameraOff: false,
  resume: false,
  relayOnly: false,
  reconnectTimeoutMs: 60_000,
  whip: undefined,
  whep: undefined,
  livekit: undefined,
  livekitClient: undefined,
  token: undefined,
  poster: undefined,
  texts: undefined,
};

const maxRoomLength = 256;

/** How many fit in, by mode: at least, at most, and without a wish. */
const caps: Readonly<Record<string, readonly [number, number, number]>> = {
  call: [2, 16, 8],
  broadcast: [1, 200, 30],
  watch: [1, 200, 30],
};

/** The media server that such a call goes through, if any. */
export function serverOf({mode, livekit, whip, whep}: CallOptions): string | undefined {
  return {call: livekit, broadcast: whip, watch: whep}[mode];
}

/** How many people, or viewers, there may be. */
export function capOf({mode, maxParticipants}: CallOptions): number {
  return maxParticipants ?? caps[mode]?.[2] ?? 0;
}

/** What cannot be, as a `bad-attribute` that names it. */
export function errorIn(options: CallOptions): RtcError | undefined {
  try {
    requireOptions(options);
    return undefined;
  } catch (cause) {
    return toRtcError(cause);
  }
}

/** @throws {RtcError} `bad-attribute` that names what cannot be. */
export function requireOptions(options: CallOptions): void {
  const {room, mode, audioMode, stream, reconnectTimeoutMs, whip, whep, livekit} = options;
  const bad = (detail: string) => new RtcError('bad-attribute', {detail});
  const server = serverOf(options);
  // A media server can do without a room: then nobody knows of anybody.
  if ((!room.trim() && server === undefined) || room.length > maxRoomLength) {
    throw bad(room.trim() ? `room (${room.length} characters)` : 'room');
  }
  const cap = Object.hasOwn(caps, mode) ? caps[mode] : undefined;
  if (!cap) {
    throw bad(`mode="${mode.slice(0, 80)}"`);
  }
  if (mode === 'call' && (whip !== undefined || whep !== undefined)) {
    throw bad('whip needs mode="broadcast", whep needs mode="watch"');
  }
  if (mode !== 'call' && livekit !== undefined) {
    throw bad('livekit needs mode="call"');
  }
  const [least, most] = cap;
  const wanted = capOf(options);
  if (!Number.isInteger(wanted) || wanted < least || wanted > most) {
    throw bad(`max-participants (${least} to ${most})`);
  }
  if (mode === 'broadcast' && whip !== undefined && options.maxParticipants !== undefined) {
    throw bad('max-participants (with whip, the media server decides)');
  }
  if (audioMode !== 'speech' && audioMode !== 'music') {
    throw bad(`audio-mode="${audioMode.slice(0, 80)}"`);
  }
  if (!(reconnectTimeoutMs >= 1_000 && reconnectTimeoutMs <= 3_600_000)) {
    throw bad('reconnect-timeout (1 to 3600 seconds)');
  }
  if (stream && typeof (stream as Partial<MediaStream>).getTracks !== 'function') {
    throw bad('stream');
  }
}
