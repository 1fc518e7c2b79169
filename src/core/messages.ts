import * as v from 'valibot';
import {RtcError} from './errors.js';

/**
 * The words on the wire, and the one place where what comes from a peer is
 * checked: size first, then the schema. The rate is counted by whoever receives.
 *
 * Signals set a link up; they travel through the signaling until the link's own
 * data channel is open, then over that. Every signal says which version it speaks.
 */
export const protocolVersion = 1;

/** Longest signal, in UTF-16 code units of its JSON. */
export const maxSignalLength = 100_000;
/** Longest session description: with two screens shown at once, browsers need up to 30 kB. */
export const maxSdpLength = 48_000;
/** Most media sections in a session description. We use up to nine, with two screens. */
export const maxSections = 10;
/** Largest application message, in bytes. */
export const maxDataBytes = 65_536;
/** What may stand around application data, or a relayed signal. */
const maxEnvelope = 200;
/** Longest display name. */
export const maxNameLength = 64;
/** Longest line of a chat, in UTF-16 code units. */
export const maxChatLength = 2_000;
/** Most lines that a newcomer is told of. */
export const maxPastLines = 100;
/** A file goes in segments, each with a digest, and these in chunks, of so many bytes. */
export const segmentBytes = 1_048_576;
export const chunkBytes = 65_536;
/** Largest file: what a number counts exactly, and no disk holds. */
const maxFileBytes = 2 ** 46;
/** Most files that one may offer at a time. */
export const maxOffers = 20;
const maxFileMessage = 16_000;

const Token = v.pipe(v.string(), v.regex(/^[0-9a-f]{8,64}$/));
const PersonId = v.pipe(v.string(), v.maxLength(64));
const Sdp = v.pipe(
  v.string(),
  v.maxLength(maxSdpLength),
  v.startsWith('v=0'),
  v.check((sdp) => sdp.split('\nm=').length - 1 <= maxSections, 'too many sections'),
);
const Version = v.literal(protocolVersion);

/** Whoever the stage of a broadcast has brought up goes on to the audience as `guest` and `guest-audio`. */
const TrackKind = v.picklist(['mic', 'camera', 'screen', 'screen-audio', 'guest', 'guest-audio']);
/** What a media section carries. */
export type TrackKind = v.InferOutput<typeof TrackKind>;

const Labels = v.pipe(
  v.record(v.pipe(v.string(), v.regex(/^[0-9A-Za-z]{1,16}$/)), TrackKind),
  v.check((labels) => Object.keys(labels).length <= maxSections, 'too many labels'),
);

/** Whether the sender was in the room before: they keep their place. */
const Settled = v.exactOptional(v.boolean());

/** Which page of somebody speaks: another one after each reload. */
const Life = v.exactOptional(Token);

const DescriptionSignal = v.object({
  t: v.literal('description'),
  v: Version,
  /** Who is speaking, the same for a whole join. */
  id: Token,
  /** Which attempt at a link this belongs to. */
  attempt: Token,
  /** Counts the sender's descriptions: the same one may come by two ways. */
  n: v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(1_000_000)),
  type: v.picklist(['offer', 'answer']),
  sdp: Sdp,
  /** What the sender's media sections carry, by mid. */
  labels: Labels,
  settled: Settled,
  life: Life,
  /** Which link between these two it belongs to: each that takes over from another has a higher one. */
  epoch: v.exactOptional(v.pipe(v.number(), v.integer(), v.minValue(0), v.maxValue(1_000_000))),
  /** Whom it is for: the slot may be somebody else's by now. */
  to: v.exactOptional(Token),
});
const CandidateSignal = v.object({
  t: v.literal('candidate'),
  v: Version,
  attempt: Token,
  candidate: v.object({
    candidate: v.pipe(v.string(), v.maxLength(1_000)),
    sdpMid: v.exactOptional(v.nullable(v.pipe(v.string(), v.maxLength(64)))),
    sdpMLineIndex: v.exactOptional(
      v.nullable(v.pipe(v.number(), v.integer(), v.minValue(0), v.maxValue(255))),
    ),
    usernameFragment: v.exactOptional(v.nullable(v.pipe(v.string(), v.maxLength(256)))),
  }),
});
const LinkSignal = v.variant('t', [DescriptionSignal, CandidateSignal]);
const ByeReason = v.picklist(['left', 'closed', 'away', 'room-full', 'bad-message']);
const ByeMessage = v.object({t: v.literal('bye'), v: Version, attempt: Token, reason: ByeReason});
/** `failed`: no path was found. */
const ByeSignal = v.object({
  ...ByeMessage.entries,
  reason: v.picklist([...ByeReason.options, 'failed']),
});

const Name = v.pipe(v.string(), v.maxLength(1_000));

const Signal = v.variant('t', [
  /**
   * A newcomer, or one who has come back, to whoever is there. `offer` holds no media and
   * no address.
   */
  v.object({
    t: v.literal('hello'),
    v: Version,
    id: Token,
    life: Token,
    attempt: Token,
    offer: v.optional(Sdp),
  }),
  DescriptionSignal,
  CandidateSignal,
  /** The offer that came with the hello is taken: the other side makes one. */
  v.object({t: v.literal('again'), v: Version, attempt: Token, settled: Settled}),
  /** No place left. `pending` are slots whose link is not open yet. */
  v.object({
    t: v.literal('full'),
    v: Version,
    attempt: Token,
    pending: v.pipe(
      v.array(v.pipe(v.number(), v.integer(), v.minValue(0), v.maxValue(255))),
      v.maxLength(64),
    ),
    settled: Settled,
  }),
  ByeSignal,
  /** To oneself: comes back when everything sent before it is delivered. */
  v.object({t: v.literal('echo'), v: Version, attempt: Token}),
  /** Asked by somebody at the door: who is in? */
  v.object({t: v.literal('who'), v: Version, attempt: Token}),
  v.object({t: v.literal('here'), v: Version, attempt: Token, name: Name}),
]);
export type Signal = v.InferOutput<typeof Signal>;
export type LinkSignal = v.InferOutput<typeof LinkSignal>;
export type ByeReason = v.InferOutput<typeof ByeReason>;

/** Sent to a peer whose version we do not speak; the same in every version, never answered. */
export const refusal = {t: 'refuse', v: protocolVersion, code: 'bad-message'} as const;

const PeerState = v.object({
  t: v.literal('state'),
  name: Name,
  micOff: v.boolean(),
  cameraOff: v.boolean(),
  screen: v.boolean(),
  settled: Settled,
  /** Whether a hand is raised, */
  hand: v.exactOptional(v.boolean()),
  /** and, in an audience, what is said to an invitation to the stage. */
  guest: v.exactOptional(v.boolean()),
  /** In a call: whether it is recorded. */
  recording: v.exactOptional(v.boolean()),
  /** Whether they have little data to spare, and want no more than small pictures. */
  lowData: v.exactOptional(v.boolean()),
});
/** What a participant tells the others about themselves. */
export type PeerState = Omit<v.InferOutput<typeof PeerState>, 't'>;

/** What the stage of a broadcast tells each viewer: all of it, whenever some has changed. */
const Show = v.object({
  t: v.literal('show'),
  /** How many are watching. */
  viewers: v.pipe(v.number(), v.integer(), v.minValue(0), v.maxValue(1_000_000)),
  /** For how long it has been going on, in milliseconds. */
  sinceMs: v.pipe(v.number(), v.minValue(0), v.maxValue(1e10)),
  paused: v.boolean(),
  /** Whether the audience may chat, */
  chat: v.boolean(),
  /** and record. */
  record: v.boolean(),
  /** Whether the receiver is asked to the stage, or on it. */
  invited: v.boolean(),
  /** Whoever is on the stage beside the sender; not told to that one. */
  guest: v.exactOptional(
    v.object({id: PersonId, name: Name, micOff: v.boolean(), cameraOff: v.boolean()}),
  ),
});
/** What the stage of a broadcast tells a viewer. */
export type Show = Omit<v.InferOutput<typeof Show>, 't'>;

/** A line of a chat. `from` is who wrote it, when the stage passes it on. */
const ChatLine = v.object({
  t: v.literal('chat'),
  id: Token,
  text: v.pipe(v.string(), v.minLength(1), v.maxLength(maxChatLength)),
  from: v.exactOptional(v.object({id: PersonId, name: Name})),
});
/** A line of a chat, on its way. */
export type ChatLine = Omit<v.InferOutput<typeof ChatLine>, 't'>;

/** A line that was written before the receiver came. Who wrote it, is the sender's word. */
const PastLine = v.object({
  id: ChatLine.entries.id,
  text: ChatLine.entries.text,
  from: v.object({id: PersonId, name: Name}),
  /** How long ago, in milliseconds. */
  agoMs: v.pipe(v.number(), v.minValue(0), v.maxValue(1e10)),
});
export type PastLine = v.InferOutput<typeof PastLine>;

/** The closed list of reactions. */
export const reactionNames = ['👍', '❤️', '😂', '😮', '👏', '🎉'] as const;
export type Reaction = (typeof reactionNames)[number];

/** What people do beside talking. It goes as application data does: in order, and none gets lost. */
const Note = v.variant('t', [
  ChatLine,
  /** From a newcomer, to one of those who were there: what has been written? */
  v.object({t: v.literal('ask-past')}),
  v.object({t: v.literal('past'), lines: v.pipe(v.array(PastLine), v.maxLength(maxPastLines))}),
  v.object({t: v.literal('reaction'), reaction: v.picklist(reactionNames)}),
]);
export type Note = v.InferOutput<typeof Note>;

const Digest = v.pipe(v.string(), v.regex(/^[0-9a-f]{64}$/));
const FileOffer = v.object({
  id: Token,
  name: v.pipe(v.string(), v.maxLength(255)),
  size: v.pipe(v.number(), v.integer(), v.minValue(0), v.maxValue(maxFileBytes)),
  type: v.pipe(v.string(), v.maxLength(100)),
});
/** What is told of a file before any of it is sent. */
export type FileOffer = v.InferOutput<typeof FileOffer>;

const SegmentNumber = v.pipe(v.number(), v.integer(), v.minValue(0));

/** A text on the channel for files. What is binary there is the next chunk of the segment under way. */
const FileMessage = v.variant('t', [
  /** All that one offers now: whenever that changes, and again over each new channel. */
  v.object({t: v.literal('offers'), offers: v.pipe(v.array(FileOffer), v.maxLength(maxOffers))}),
  /** Asks for a segment. */
  v.object({t: v.literal('want'), id: Token, n: SegmentNumber}),
  /** The segment follows, in chunks. With the last one comes the digest of all digests. */
  v.object({
    t: v.literal('segment'),
    id: Token,
    n: SegmentNumber,
    digest: Digest,
    root: v.exactOptional(Digest),
  }),
  /** The receiver does not want it, or not any more; */
  v.object({t: v.literal('no'), id: Token}),
  /** or has all of it. */
  v.object({t: v.literal('done'), id: Token}),
]);
export type FileMessage = v.InferOutput<typeof FileMessage>;

const LinkMessage = v.variant('t', [
  PeerState,
  DescriptionSignal,
  CandidateSignal,
  ByeMessage,
  /** Shows that the path works. */
  v.object({
    t: v.literal('ping'),
    /** Where the sender can be reached now. */
    slot: v.pipe(v.number(), v.integer(), v.minValue(0), v.maxValue(255)),
    /** How many application messages have arrived in this life of the receiver. */
    got: v.pipe(v.number(), v.integer(), v.minValue(0)),
  }),
  /** A signal to somebody else, who cannot be reached otherwise at the moment. */
  v.object({t: v.literal('relay'), to: Token, signal: LinkSignal}),
  /** A signal that somebody else gave the sender for us. */
  v.object({t: v.literal('relayed'), from: Token, signal: LinkSignal}),
  Show,
  Note,
  v.object({t: v.literal('data'), data: v.unknown()}),
]);
export type LinkMessage = v.InferOutput<typeof LinkMessage>;

export type ParsedSignal =
  | {readonly kind: 'signal'; readonly signal: Signal}
  /** It speaks another version; `refused` when it told us that we do. */
  | {readonly kind: 'version'; readonly version: string; readonly refused: boolean}
  | {readonly kind: 'bad'; readonly reason: string};

/** Checks a signal that came through the signaling, already parsed from JSON. */
export function parseSignal(data: unknown): ParsedSignal {
  if (typeof data !== 'object' || data === null) {
    return {kind: 'bad', reason: 'not an object'};
  }
  const {t, v: version} = data as {t?: unknown; v?: unknown};
  if (t === 'refuse' || version !== protocolVersion) {
    if (typeof version !== 'number') {
      return {kind: 'bad', reason: 'no version'};
    }
    return {kind: 'version', version: String(version).slice(0, 20), refused: t === 'refuse'};
  }
  const result = v.safeParse(Signal, data);
  return result.success
    ? {kind: 'signal', signal: result.output}
    : {kind: 'bad', reason: reasonOf(result.issues)};
}

/**
 * Checks a text message of a link's data channel.
 * @throws {RtcError} `bad-message` that says what is wrong with it, in words of our own.
 */
export function parseLinkMessage(text: string): LinkMessage {
  // Application data may be as long as its limit; UTF-16 is never longer than UTF-8.
  if (text.length > maxDataBytes + maxEnvelope) {
    throw new RtcError('bad-message', {detail: 'too long'});
  }
  const message = parse(LinkMessage, text);
  if (message.t === 'data' && byteLength(text) > maxDataBytes + maxEnvelope) {
    throw new RtcError('bad-message', {detail: 'too long'});
  }
  return message;
}

/**
 * Checks a text message of a link's channel for files.
 * @throws {RtcError} `bad-message`
 */
export function parseFileMessage(text: string): FileMessage {
  if (text.length > maxFileMessage) {
    throw new RtcError('bad-message', {detail: 'too long'});
  }
  return parse(FileMessage, text);
}

function parse<Output>(schema: v.GenericSchema<unknown, Output>, text: string): Output {
  let message: unknown;
  try {
    message = JSON.parse(text);
  } catch (cause) {
    throw new RtcError('bad-message', {cause, detail: 'not JSON'});
  }
  const result = v.safeParse(schema, message);
  if (!result.success) {
    throw new RtcError('bad-message', {detail: reasonOf(result.issues)});
  }
  return result.output;
}

/**
 * Application data as it goes over a data channel: binary as it is, all else as JSON.
 * @throws {RtcError} `bad-message` when it is no JSON value, or larger than `maxDataBytes`.
 */
export function encodeData(data: unknown): string | ArrayBuffer {
  if (data instanceof ArrayBuffer || ArrayBuffer.isView(data)) {
    const bytes = ArrayBuffer.isView(data)
      ? new Uint8Array(data.buffer, data.byteOffset, data.byteLength)
      : new Uint8Array(data);
    requireSize(bytes.byteLength);
    // A copy: the page may go on to change its own.
    return bytes.slice().buffer;
  }
  let json: string | undefined;
  try {
    json = JSON.stringify(data);
  } catch (cause) {
    throw new RtcError('bad-message', {cause, detail: 'not a JSON value'});
  }
  if (json === undefined || data instanceof Blob) {
    throw new RtcError('bad-message', {detail: 'not a JSON value'});
  }
  requireSize(byteLength(json));
  return `{"t":"data","data":${json}}`;
}

/** A note as it goes over a data channel. */
export function encodeNote(note: Note): string {
  return JSON.stringify(note);
}

function byteLength(text: string): number {
  return new TextEncoder().encode(text).length;
}

function requireSize(bytes: number) {
  if (bytes > maxDataBytes) {
    throw new RtcError('bad-message', {detail: `${bytes} bytes, at most ${maxDataBytes}`});
  }
}

/** A display name as it may be shown: no control characters, no direction tricks, not endless. */
export function cleanName(name: string): string {
  return Array.from(
    name
      .replace(/[\p{Cc}\u2028\u2029\u200e\u200f\u202a-\u202e\u2066-\u2069]/gu, ' ')
      .replace(/\s+/g, ' ')
      .trim(),
  )
    .slice(0, maxNameLength)
    .join('');
}

/**
 * The name of a file as it may be shown and saved: no path, no control characters, no direction
 * tricks, not endless. It keeps its ending.
 */
export function cleanFileName(name: string): string {
  const safe = name
    .replace(/[\p{C}<>:"/\\|?*]+/gu, ' ')
    .replace(/\s+/g, ' ')
    .replace(/^[ .]+|[ .]+$/g, '');
  const [ending = ''] = /\.[^. ]{1,10}$/.exec(safe) ?? [];
  const start = Array.from(safe.slice(0, safe.length - ending.length));
  return start.slice(0, maxNameLength - ending.length).join('') + ending;
}

function reasonOf(issues: readonly v.BaseIssue<unknown>[]): string {
  const [issue] = issues;
  // Only words of our own: the first key is one of a schema, deeper ones may be the peer's.
  return [issue?.path?.[0]?.key, issue?.type].filter(Boolean).join(' ');
}
