import type * as LiveKit from 'livekit-client';
import type {DisconnectReason, RemoteParticipant, Room, RoomConnectOptions} from 'livekit-client';
import {after} from '../core/after.js';
import {RtcError, type RtcErrorCode} from '../core/errors.js';
import {parseLinkMessage, type PeerState} from '../core/messages.js';
import {TokenBucket} from '../core/token-bucket.js';
import {TypedEventTarget} from '../core/typed-event-target.js';
import {maxWaitingSize, sizeOf, type OutgoingTracks} from '../rtc/peer-link.js';
import {Attendee, idOf} from './attendee.js';
import {Configuration} from './configuration.js';
import {
  MemberJoinedEvent,
  MemberLeftEvent,
  NetworkNoteEvent,
  NetworkCloseEvent,
  NetworkDataEvent,
  NetworkErrorEvent,
  type Member,
  type Network,
  type NetworkEvents,
  type Size,
} from './network.js';
import {toPackets} from './packets.js';
import {Publisher} from './publisher.js';

export interface LiveKitServer {
  /** Where the server is: `wss://host`, as LiveKit has it. */
  readonly url: string;
  /** Says who we are, which room, and what we may do there. Never shown. */
  readonly token: string;
}

export interface LiveKitOptions extends LiveKitServer {
  /** Where `livekit-client` comes from: the address of a module, or a function that loads it. */
  readonly load?: string | (() => Promise<unknown>) | undefined;
  /** What the page wants of connections; without it LiveKit's own is used. */
  readonly configuration?: (() => RTCConfiguration | Promise<RTCConfiguration>) | undefined;
  readonly state: PeerState;
  /** Whether what is heard is music. */
  readonly music?: boolean;
}

interface Waiting {
  readonly data: string | ArrayBuffer;
  /** An identity; nothing for all. */
  readonly to: string | undefined;
}

/** What our messages are called among those of others in the room. */
const topic = 'rtc-elements';
/** Of our own, so that others on the page may hear theirs. */
const loggerName = 'rtc-elements';
const sendBurst = 400;
const sendPerSecond = 200;
const malformedCost = 50;
const maxEarly = 50;
/** What could not be sent is tried again after this. */
const againMs = 500;
/** Who comes back does so within this time: LiveKit waits up to 10.5 s between two tries. */
const returnMs = 14_000;
/** For so long a lost word to the server is only that: pictures go on by themselves. */
const blipMs = 3_000;
/** How long LiveKit may try to come back by itself: it can get stuck, in Firefox for good. */
const patienceMs = 12_000;
/** So often the room is looked at, at most. */
const beatMs = 100;
const firstDelayMs = 1_000;
const longestDelayMs = 15_000;
/** Trouble that trying again does not help. */
const final = new Set<RtcErrorCode>([
  'address-taken',
  'bad-attribute',
  'server-rejected',
  'unsupported-browser',
]);
/** The server takes the token and does not say why it lets nobody in. */
const notLetIn = 'The room may be full, or WebSockets are blocked.';

/**
 * Checks where a room of LiveKit is to be found.
 * @throws {RtcError} `bad-attribute`
 */
export function parseLiveKit({
  url,
  token,
}: {
  readonly url: string;
  readonly token: string | undefined;
}): LiveKitServer {
  // What may be in the rest is nobody's business.
  const shown = `livekit="${url.split(/[?#]/, 1).join('').slice(0, 80)}"`;
  let parsed: URL;
  try {
    parsed = new URL(url);
  } catch {
    throw new RtcError('bad-attribute', {detail: shown});
  }
  if (!/^(wss?|https?):$/.test(parsed.protocol) || !parsed.hostname) {
    throw new RtcError('bad-attribute', {detail: `${shown} (wss://…)`});
  }
  if (!token?.trim()) {
    throw new RtcError('bad-attribute', {detail: `${shown} needs a token`});
  }
  return {url, token: token.trim()};
}

/**
 * A room on a LiveKit server, for more people than a mesh can hold. Who is there and what they
 * send is as the server says. When the connection breaks, everybody stays with their last picture
 * until we are back and have seen who is gone: LiveKit tries for a while, then we begin anew, as
 * long as the token is good.
 *
 * `livekit-client` is loaded when it is opened, and is no part of this package.
 */
export class LiveKitNetwork extends TypedEventTarget<NetworkEvents> implements Network {
  readonly #options: LiveKitOptions;
  readonly #lifetime = new AbortController();
  readonly #configuration: Configuration | undefined;
  readonly #attendees = new Map<string, Attendee>();
  readonly #sizes = new Map<string, Map<'camera' | 'screen', Size | undefined>>();
  readonly #outgoing = new TokenBucket(sendBurst, sendPerSecond);
  readonly #waiting: Waiting[] = [];
  #waitingSize = 0;
  #isSending = false;
  /** What came from people whom the server has not told us of yet. */
  readonly #early: {readonly packet: Uint8Array; readonly from: string}[] = [];
  #sent = 0;
  #sdk!: typeof LiveKit;
  #publisher: Publisher | undefined;
  #room: Room | undefined;
  /** Rooms that LiveKit is connecting anew, which may say that they are connected before. */
  readonly #mending = new WeakSet<Room>();
  /** Ends when the room is connected again. */
  #outage: AbortController | undefined;
  #blipEndsAt = 0;
  /** Whether the room has changed since it was looked at. */
  #isStale = false;
  #lookedAt = -beatMs;
  #state: PeerState;
  #tracks: OutgoingTracks = {};
  /** The latest that the server has given us, or the one that we came with. */
  #token: string;
  /** Ends the wait before we begin anew. */
  #hurry: (() => void) | undefined;

  constructor(options: LiveKitOptions) {
    super();
    this.#options = options;
    this.#state = options.state;
    this.#token = options.token;
    this.#configuration =
      options.configuration && new Configuration(options.configuration, this.#lifetime);
  }

  get members(): readonly Member[] {
    return [...this.#attendees.values()].map((attendee) => this.#member(attendee));
  }

  get isOnline(): boolean {
    return this.#isIn('connected');
  }

  async open(): Promise<void> {
    const {signal} = this.#lifetime;
    const aborted = new Promise<never>((_, reject) => {
      signal.addEventListener('abort', () => reject(signal.reason as Error), {once: true});
    });
    aborted.catch(() => undefined);
    await Promise.race([this.#begin(), aborted]);
  }

  setTracks(tracks: OutgoingTracks): void {
    this.#tracks = tracks;
    this.#publisher?.want(tracks, this.#state);
  }

  setState(state: PeerState): void {
    this.#state = state;
    this.#publisher?.want(this.#tracks, state);
    this.#sayName();
  }

  setSize(id: string, source: 'camera' | 'screen', size: Size | undefined): void {
    const sizes = this.#sizes.get(id) ?? new Map<'camera' | 'screen', Size | undefined>();
    this.#sizes.set(id, sizes.set(source, size));
    this.#attendees.get(id)?.setSize(source, size);
  }

  send(data: string | ArrayBuffer, to?: string): void {
    const identity = to === undefined ? undefined : this.#attendees.get(to)?.identity;
    if (to !== undefined && identity === undefined) {
      throw new RtcError('peer-unavailable', {detail: to});
    }
    if (this.#room?.localParticipant.permissions?.canPublishData === false) {
      throw new RtcError('server-rejected', {detail: 'the token does not allow to send'});
    }
    if (this.#waitingSize + sizeOf(data) > maxWaitingSize) {
      throw new RtcError('bad-message', {detail: 'too much at once'});
    }
    this.#waiting.push({data, to: identity});
    this.#waitingSize += sizeOf(data);
    void this.#sendWaiting();
  }

  async getStats(): Promise<ReadonlyMap<string, RTCStatsReport>> {
    return new Map(
      await Promise.all(
        [...this.#attendees.values()].map(
          async (attendee) => [attendee.id, await attendee.getStats()] as const,
        ),
      ),
    );
  }

  /** LiveKit looks after its connections itself; only our own waiting can be cut short. */
  check(): void {
    this.#hurry?.();
  }

  close(): void {
    const room = this.#room;
    this.#lifetime.abort();
    this.#room = undefined;
    this.#outage?.abort();
    this.#publisher?.close();
    for (const {wait} of this.#attendees.values()) {
      wait?.abort();
    }
    this.#attendees.clear();
    void room?.disconnect(false);
  }

  // Getting in.

  async #begin() {
    this.#sdk = await load(this.#options.load);
    this.#lifetime.signal.throwIfAborted();
    // It would tell the console where the server is, with the token. (A log level would be kept in
    // the storage of the page.)
    this.#sdk.getLogger(loggerName).methodFactory = () => () => undefined;
    this.#publisher = new Publisher({
      sdk: this.#sdk,
      music: this.#options.music ?? false,
      report: (error) => this.#report(error),
    });
    this.#publisher.want(this.#tracks, this.#state);
    await this.#connect();
  }

  /** @throws {RtcError} that says why we are not in. */
  async #connect() {
    const {url} = this.#options;
    const {signal} = this.#lifetime;
    await this.#configuration?.refresh();
    signal.throwIfAborted();
    const room = new this.#sdk.Room({
      adaptiveStream: false,
      dynacast: true,
      stopLocalTrackOnUnpublish: false,
      // The session knows when the page goes.
      disconnectOnPageLeave: false,
      loggerName,
    });
    this.#holdBackLeave(room);
    this.#watchEngine(room);
    const leave = () => void room.disconnect(false);
    signal.addEventListener('abort', leave, {once: true});
    const options: RoomConnectOptions = this.#configuration
      ? {rtcConfig: this.#configuration.current}
      : {};
    try {
      await room.connect(url, this.#token, options);
    } catch (cause) {
      signal.throwIfAborted();
      throw toConnectError(this.#sdk, cause);
    } finally {
      signal.removeEventListener('abort', leave);
    }
    if (signal.aborted) {
      leave();
      signal.throwIfAborted();
    }
    this.#room = room;
    this.#listen(room);
    this.#look();
    this.#takeUp();
  }

  /**
   * When it makes a connection anew, LiveKit says that we leave, and the others would see us go and
   * come again. Without that the server knows us when we are back, and so do they.
   */
  #holdBackLeave({engine}: Room) {
    const {client} = engine;
    const sendLeave = client.sendLeave.bind(client);
    client.sendLeave = async () => {
      if (this.#lifetime.signal.aborted) {
        await sendLeave();
      }
    };
  }

  #watchEngine(room: Room) {
    const begin = () => this.#mending.add(room);
    // It is not quite done when it says so.
    const end = () => setTimeout(() => this.#mending.delete(room));
    room.engine
      .on('tokenRefreshed', (token) => (this.#token = token))
      .on('resuming', begin)
      .on('restarting', begin)
      .on('resumed', end)
      .on('restarted', end);
  }

  #listen(room: Room) {
    const stale = () => this.#lookSoon();
    room
      .on('participantConnected', stale)
      .on('participantDisconnected', ({identity}, reason) => this.#part(identity, reason))
      .on('trackSubscribed', stale)
      .on('trackUnsubscribed', stale)
      .on('trackPublished', stale)
      .on('trackUnpublished', stale)
      .on('trackMuted', stale)
      .on('trackUnmuted', stale)
      .on('participantNameChanged', stale)
      .on('activeSpeakersChanged', stale)
      .on('connectionStateChanged', () => {
        this.#watch(room);
        this.#lookSoon();
      })
      .on('participantPermissionsChanged', (_, participant) => {
        if (participant === room.localParticipant) {
          this.#publisher?.retry();
          this.#sayName();
        }
      })
      .on('reconnected', () => this.#takeUp())
      .on('dataReceived', (packet, _participant, _kind, about, _encryption, from) => {
        if (from && about === topic) {
          this.#take(packet, from);
        }
      })
      .on('disconnected', (reason) => this.#lose(room, reason));
  }

  #watch(room: Room) {
    if (this.isOnline) {
      this.#outage?.abort();
      this.#outage = undefined;
    } else if (!this.#outage && room === this.#room) {
      const {signal} = (this.#outage = new AbortController());
      this.#blipEndsAt = performance.now() + blipMs;
      after(blipMs, () => this.#lookSoon(), signal);
      after(patienceMs, () => this.#lose(room, undefined), signal);
    }
  }

  /** The room is there, or there again: it should get what we have to give. */
  #takeUp() {
    this.#publisher?.resume(this.#room);
    this.#sayName();
    void this.#sendWaiting();
  }

  #lose(room: Room, reason: DisconnectReason | undefined) {
    if (room !== this.#room) {
      return;
    }
    this.#outage?.abort();
    this.#outage = undefined;
    const error = toEndError(this.#sdk, reason);
    if (error) {
      this.#end(error);
    } else {
      this.#room = undefined;
      void room.disconnect(false);
      this.#look();
      this.#report(new RtcError('broker-unreachable', {detail: new URL(this.#options.url).host}));
      void this.#reopen();
    }
  }

  async #reopen() {
    const {signal} = this.#lifetime;
    for (let delayMs = firstDelayMs; !signal.aborted; delayMs *= 2) {
      delayMs = Math.min(delayMs, longestDelayMs);
      // Not all at once, when a server comes back to many.
      await this.#pause(delayMs * (0.5 + Math.random() / 2));
      try {
        signal.throwIfAborted();
        await this.#connect();
        return;
      } catch (error) {
        if (!(error instanceof RtcError) || !isFinal(error)) {
          // It is still away. That has been told.
        } else if (this.#token !== this.#options.token) {
          // Older servers give some that end sooner than the one we came with.
          this.#token = this.#options.token;
        } else {
          this.#end(error);
        }
      }
    }
  }

  #pause(delayMs: number): Promise<void> {
    const pause = new AbortController();
    return new Promise((resolve) => {
      const end = () => {
        pause.abort();
        resolve();
      };
      this.#hurry = end;
      this.#lifetime.signal.addEventListener('abort', end, {signal: pause.signal});
      after(delayMs, end, pause.signal);
    });
  }

  #end(error: RtcError) {
    if (!this.#lifetime.signal.aborted) {
      this.close();
      this.dispatchEvent(new NetworkCloseEvent(error));
    }
  }

  /** Says who we are, where the token leaves that to us. */
  #sayName() {
    const participant = this.#room?.localParticipant;
    const {name} = this.#state;
    if (this.isOnline && participant?.permissions?.canUpdateMetadata && name) {
      if (participant.name !== name) {
        // What the server does not take, the others do not see: they have the name of the token.
        participant.setName(name).catch(() => undefined);
      }
    }
  }

  // Who is there.

  #member(attendee: Attendee): Member {
    const isBlip = this.#isIn('signalReconnecting') && performance.now() < this.#blipEndsAt;
    return attendee.member(this.isOnline || isBlip);
  }

  #isIn(state: 'connected' | 'signalReconnecting'): boolean {
    // An enumeration that is only there when LiveKit is.
    return (this.#room?.state as string | undefined) === state;
  }

  #part(identity: string, reason: DisconnectReason | undefined) {
    const attendee = this.#attendees.get(idOf(identity));
    if (attendee) {
      attendee.hasLeft = !mayReturn(this.#sdk, reason);
    }
    this.#lookSoon();
  }

  /**
   * Much happens at once when somebody comes, and with many people more than need be drawn: what
   * comes first is seen at once, the rest a beat later.
   */
  #lookSoon() {
    if (this.#isStale) {
      return;
    }
    this.#isStale = true;
    const waitMs = this.#lookedAt + beatMs - performance.now();
    const look = () => this.#isStale && this.#look();
    if (waitMs > 0) {
      after(waitMs, look, this.#lifetime.signal);
    } else {
      queueMicrotask(look);
    }
  }

  /** Brings the members up to date with the room. */
  #look() {
    this.#isStale = false;
    this.#lookedAt = performance.now();
    if (this.#lifetime.signal.aborted) {
      return;
    }
    const present = this.#room?.remoteParticipants ?? new Map<string, RemoteParticipant>();
    const newcomers: Attendee[] = [];
    for (const [identity, participant] of present) {
      const id = idOf(identity);
      let attendee = this.#attendees.get(id);
      if (!attendee) {
        attendee = new Attendee(identity);
        this.#attendees.set(id, attendee);
        newcomers.push(attendee);
        // A page may have a place for somebody who is still to come.
        for (const [source, size] of this.#sizes.get(id) ?? []) {
          attendee.setSize(source, size);
        }
      }
      attendee.see(participant);
    }
    for (const attendee of this.#attendees.values()) {
      if (!present.has(attendee.identity)) {
        this.#miss(attendee);
      }
    }
    for (const attendee of newcomers) {
      this.dispatchEvent(new MemberJoinedEvent(this.#member(attendee)));
    }
    this.dispatchEvent(new Event('change'));
    if (newcomers.length) {
      for (const {packet, from} of this.#early.splice(0)) {
        this.#take(packet, from);
      }
    }
  }

  /** Somebody is not there: for good, or for as long as we, or they, are on the way back. */
  #miss(attendee: Attendee) {
    attendee.miss();
    if (!this.isOnline) {
      attendee.hasLeft = false;
      attendee.wait?.abort();
      attendee.wait = undefined;
    } else if (attendee.hasLeft) {
      this.#drop(attendee, 'left');
    } else if (!attendee.wait) {
      attendee.wait = new AbortController();
      after(returnMs, () => this.#drop(attendee, 'lost'), attendee.wait.signal);
    }
  }

  #drop(attendee: Attendee, reason: 'left' | 'lost') {
    attendee.wait?.abort();
    this.#attendees.delete(attendee.id);
    this.dispatchEvent(new MemberLeftEvent(this.#member(attendee), reason));
    this.dispatchEvent(new Event('change'));
  }

  // Messages.

  async #sendWaiting() {
    if (this.#isSending) {
      return;
    }
    this.#isSending = true;
    for (let next = this.#waiting[0]; next && this.isOnline; next = this.#waiting[0]) {
      try {
        await this.#transmit(next);
        this.#waiting.shift();
        this.#waitingSize -= sizeOf(next.data);
      } catch {
        // The connection has gone, or is not ready; it is said again, whole.
        await new Promise((resolve) => setTimeout(resolve, againMs));
      }
    }
    this.#isSending = false;
  }

  get #isMending(): boolean {
    const room = this.#room;
    return Boolean(room && (room.engine.pendingReconnect || this.#mending.has(room)));
  }

  async #transmit({data, to}: Waiting) {
    for (const packet of toPackets(data, this.#sent++)) {
      // What it gets while it makes a connection anew, LiveKit may keep for the next time.
      while (this.#isMending || !this.#outgoing.take()) {
        await new Promise((resolve) => setTimeout(resolve, 1_000 / sendPerSecond));
      }
      if (!this.#room || !this.isOnline) {
        throw new RtcError('connection-failed');
      }
      await this.#room.localParticipant.publishData(packet, {
        reliable: true,
        topic,
        ...(to !== undefined && {destinationIdentities: [to]}),
      });
    }
  }

  #take(packet: Uint8Array, from: string) {
    if (this.#isStale && !this.#attendees.has(idOf(from))) {
      this.#look();
    }
    const attendee = this.#attendees.get(idOf(from));
    if (attendee) {
      this.#hear(packet, attendee);
    } else if (this.#early.push({packet, from}) > maxEarly) {
      this.#early.shift();
    }
  }

  #hear(packet: Uint8Array, attendee: Attendee) {
    if (!attendee.incoming.take()) {
      if (!attendee.isTooFast) {
        attendee.isTooFast = true;
        this.#report(new RtcError('bad-message', {detail: 'too fast'}));
      }
      return;
    }
    try {
      const whole = attendee.assembly.take(packet);
      if (whole instanceof ArrayBuffer) {
        this.dispatchEvent(new NetworkDataEvent(whole, this.#member(attendee)));
      } else if (whole !== undefined) {
        const message = parseLinkMessage(whole);
        if (message.t === 'data') {
          this.dispatchEvent(new NetworkDataEvent(message.data, this.#member(attendee)));
        } else if (message.t === 'chat') {
          const {t, id, text} = message;
          this.dispatchEvent(new NetworkNoteEvent({t, id, text}, this.#member(attendee)));
        } else if (message.t === 'ask-past' || message.t === 'past' || message.t === 'reaction') {
          this.dispatchEvent(new NetworkNoteEvent(message, this.#member(attendee)));
        }
      }
    } catch (cause) {
      attendee.incoming.take(malformedCost);
      this.#report(cause instanceof RtcError ? cause : new RtcError('bad-message', {cause}));
    }
  }

  #report(error: RtcError) {
    if (!this.#lifetime.signal.aborted) {
      this.dispatchEvent(new NetworkErrorEvent(error));
    }
  }
}

/** @throws {RtcError} `bad-attribute` when it cannot be had, or is something else. */
async function load(from: LiveKitOptions['load']): Promise<typeof LiveKit> {
  let loaded: unknown;
  try {
    if (typeof from === 'string') {
      loaded = await import(/* @vite-ignore */ /* webpackIgnore: true */ from);
    } else if (from) {
      loaded = await from();
    } else {
      // Just so, in this block: then bundlers leave it out where it is not installed.
      loaded = await import('livekit-client');
    }
  } catch (cause) {
    throw new RtcError('bad-attribute', {cause, detail: howToLoad});
  }
  if (typeof (loaded as Partial<typeof LiveKit>).Room !== 'function') {
    throw new RtcError('bad-attribute', {detail: howToLoad});
  }
  return loaded as typeof LiveKit;
}

const howToLoad =
  'livekit needs livekit-client: npm install livekit-client, or livekit-client="https://…/livekit-client.esm.mjs"';

function isFinal({code, detail}: RtcError): boolean {
  return final.has(code) && detail !== notLetIn;
}

/** Why we could not get in. LiveKit's own words hold the token, and are left out. */
function toConnectError(sdk: typeof LiveKit, cause: unknown): RtcError {
  if (!(cause instanceof sdk.ConnectionError)) {
    return new RtcError(sdk.isBrowserSupported() ? 'connection-failed' : 'unsupported-browser');
  }
  const {NotAllowed, LeaveRequest, ServiceNotFound, InternalError, WebSocket} =
    sdk.ConnectionErrorReason;
  switch (cause.reason) {
    case NotAllowed:
      return new RtcError('server-rejected', {
        detail: /expired/i.test(cause.message)
          ? 'The token has expired.'
          : 'The token is not accepted.',
      });
    case WebSocket:
      return new RtcError('server-rejected', {detail: notLetIn});
    case LeaveRequest:
      return (
        toEndError(sdk, cause.context as DisconnectReason) ?? new RtcError('broker-unreachable')
      );
    case ServiceNotFound:
      return new RtcError('bad-attribute', {detail: 'livekit (no LiveKit server there)'});
    case InternalError:
      return new RtcError('connection-failed');
    default:
      return new RtcError('broker-unreachable');
  }
}

/** Why we are out for good, or nothing when it may be tried again. */
function toEndError(
  sdk: typeof LiveKit,
  reason: DisconnectReason | undefined,
): RtcError | undefined {
  const {DUPLICATE_IDENTITY, PARTICIPANT_REMOVED, ROOM_DELETED, ROOM_CLOSED, USER_REJECTED} =
    sdk.DisconnectReason;
  switch (reason) {
    case DUPLICATE_IDENTITY:
      return new RtcError('address-taken');
    case PARTICIPANT_REMOVED:
      return new RtcError('server-rejected', {detail: 'Removed from the room.'});
    case ROOM_DELETED:
    case ROOM_CLOSED:
      return new RtcError('server-rejected', {detail: 'The room was closed.'});
    case USER_REJECTED:
      return new RtcError('server-rejected', {detail: 'The token is not accepted.'});
    default:
      return undefined;
  }
}

/** Whether somebody who is gone may be on the way back: their connection was lost, or is made anew. */
function mayReturn(sdk: typeof LiveKit, reason: DisconnectReason | undefined): boolean {
  const {
    CONNECTION_TIMEOUT,
    DUPLICATE_IDENTITY,
    MEDIA_FAILURE,
    MIGRATION,
    SERVER_SHUTDOWN,
    SIGNAL_CLOSE,
    STATE_MISMATCH,
  } = sdk.DisconnectReason;
  return (
    reason !== undefined &&
    [
      CONNECTION_TIMEOUT,
      DUPLICATE_IDENTITY,
      MEDIA_FAILURE,
      MIGRATION,
      SERVER_SHUTDOWN,
      SIGNAL_CLOSE,
      STATE_MISMATCH,
    ].includes(reason)
  );
}
