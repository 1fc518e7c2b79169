import {Peer, type PeerOptions} from 'peerjs';
import * as v from 'valibot';
import {maxSignalLength} from '../core/messages.js';

/** A signal and what PeerServer puts around it. */
const maxFrameLength = maxSignalLength + 1_000;

/** What the server itself says. All else comes from other clients. */
const ServerMessage = v.variant('type', [
  v.object({type: v.literal('OPEN')}),
  v.object({
    type: v.picklist(['ERROR', 'ID-TAKEN', 'INVALID-KEY']),
    payload: v.object({msg: v.string()}),
  }),
]);

/** A message of ours, inside what the server takes for the offer of a connection. */
const Mail = v.object({
  type: v.literal('OFFER'),
  src: v.pipe(v.string(), v.maxLength(128)),
  payload: v.object({type: v.literal('rtc-elements'), mail: v.unknown()}),
});

/** What we send to ourselves, to see whether it comes. */
const knock = {t: 'knock'};
const Knock = v.object({t: v.literal('knock')});

/** The server could not deliver a message of ours; `src` is whom it was for. */
const Expired = v.object({
  type: v.literal('EXPIRE'),
  src: v.pipe(v.string(), v.maxLength(128)),
});

/**
 * What else the server routes. It is ignored: a link is not over because the broker
 * says so, and offers of PeerJS's own connections must never reach PeerJS.
 */
const Ignored = v.object({
  type: v.picklist(['OFFER', 'ANSWER', 'CANDIDATE', 'LEAVE', 'EXPIRE', 'HEARTBEAT']),
});

/**
 * A PeerJS `Peer` as a mailbox: it holds an address and passes messages, and that is all.
 *
 * A stock `Peer` opens a connection for any stranger who offers one, keeps what it cannot
 * place for ever, and throws on malformed frames. Here nothing of what other clients send
 * gets to PeerJS: a frame is checked for its length before it is parsed and for its shape
 * before it is used; of what the server routes only our own mail is taken, and each mail
 * stands alone, so that there is no connection to keep, to guess or to exhaust.
 *
 * Relies on three things PeerJS 1.5.5 does not document: `_initialize`, `_handleMessage`
 * and `socket`. The version is pinned, and a test holds the behaviour.
 */
export class MailboxPeer extends Peer {
  /** Takes the mail. Untrusted. */
  declare receive: ((from: string, data: unknown) => void) | undefined;
  /** Told whom a message did not reach. Anybody may say so of their own address. */
  declare undelivered: ((to: string) => void) | undefined;
  /** Called when the server speaks something else than its protocol before it has let us in. */
  declare garbled: (() => void) | undefined;

  constructor(id: string, options: PeerOptions) {
    // The built-in serializations cannot be reached any more; refuse all the same.
    const serializers = Object.fromEntries(
      ['raw', 'json', 'binary', 'binary-utf8', 'default'].map((name) => [name, Refusal]),
    ) as unknown as NonNullable<PeerOptions['serializers']>;
    super(id, {...options, serializers});
  }

  mail(to: string, mail: object): void {
    this.socket.send({type: 'OFFER', dst: to, payload: {type: 'rtc-elements', mail}});
  }

  /** Called by the constructor. PeerJS has just made the socket. */
  protected _initialize(id: string): void {
    stock._initialize.call(this, id);
    const socket = (this.socket as unknown as {_socket?: WebSocket})._socket;
    if (socket) {
      socket.onmessage = ({data}: MessageEvent<unknown>) => this._handleMessage(parseFrame(data));
      // To one who comes back with the token of an address it still holds, the server says
      // nothing. But it delivers: what we mail to ourselves then shows that we are in.
      socket.addEventListener('open', () => this.mail(id, knock));
    }
  }

  protected _handleMessage(message: unknown): void {
    const mail = v.safeParse(Mail, message);
    if (mail.success && mail.output.src === this.id && v.is(Knock, mail.output.payload.mail)) {
      if (!this.open) {
        stock._handleMessage.call(this, {type: 'OPEN'});
      }
    } else if (mail.success) {
      this.receive?.(mail.output.src, mail.output.payload.mail);
    } else if (v.is(ServerMessage, message)) {
      stock._handleMessage.call(this, message);
    } else if (v.is(Expired, message)) {
      this.undelivered?.(message.src);
    } else if (!this.open && !v.is(Ignored, message)) {
      this.garbled?.();
    }
  }
}

const stock = Peer.prototype as unknown as {
  _initialize(this: Peer, id: string): void;
  _handleMessage(this: Peer, message: unknown): void;
};

class Refusal {
  constructor() {
    throw new Error('Connections of PeerJS are not accepted.');
  }
}

function parseFrame(data: unknown): unknown {
  if (typeof data !== 'string' || data.length > maxFrameLength) {
    return undefined;
  }
  try {
    return JSON.parse(data);
  } catch {
    // Not JSON: as bad as any other shape that is not known.
    return undefined;
  }
}
