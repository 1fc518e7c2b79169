import {RtcError, type RtcErrorCode} from '../core/errors.js';
import {randomHex} from '../core/hex.js';
import {TypedEventTarget} from '../core/typed-event-target.js';
import type {MailboxPeer} from './peerjs-peer.js';
import {
  SignalingCloseEvent,
  SignalingMessageEvent,
  SignalingUndeliveredEvent,
  type Signaling,
  type SignalingEvents,
} from './signaling.js';

/** Where a PeerServer is, in the words of PeerJS. */
export interface Broker {
  readonly host: string;
  readonly port: number;
  readonly path: string;
  readonly key: string;
  readonly secure: boolean;
}

/** The public broker of the PeerJS project. */
export const publicBroker: Broker = {
  host: '0.peerjs.com',
  port: 443,
  path: '/',
  key: 'peerjs',
  secure: true,
};

/** How long a broker may take to let us in. */
const openTimeoutMs = 10_000;

/**
 * Reads `https://host:port/path?key=k`.
 * @throws {RtcError} `bad-attribute`
 */
export function parseBroker(url: string | undefined): Broker {
  if (url === undefined) {
    return publicBroker;
  }
  let parsed: URL;
  try {
    parsed = new URL(url);
  } catch (cause) {
    throw new RtcError('bad-attribute', {cause, detail: `broker="${url.slice(0, 80)}"`});
  }
  const {protocol, hostname, port, pathname, searchParams} = parsed;
  if ((protocol !== 'https:' && protocol !== 'http:') || !hostname) {
    throw new RtcError('bad-attribute', {detail: `broker="${url.slice(0, 80)}"`});
  }
  const secure = protocol === 'https:';
  return {
    host: hostname,
    port: port ? Number(port) : secure ? 443 : 80,
    path: pathname,
    key: encodeURIComponent(searchParams.get('key') ?? publicBroker.key),
    secure,
  };
}

/**
 * Signaling through a PeerServer. PeerJS gives the id, the socket and the
 * heartbeat; see `peerjs-peer.ts` for what it is kept from doing.
 */
export class PeerJsSignaling extends TypedEventTarget<SignalingEvents> implements Signaling {
  readonly #broker: Broker;
  #peer: MailboxPeer | undefined;

  constructor(broker: Broker = publicBroker) {
    super();
    this.#broker = broker;
  }

  async open(
    address: string,
    // PeerJS would make one with `Math.random()`; who knows it can take the address over.
    {signal, ticket = randomHex()}: {signal: AbortSignal; ticket?: string},
  ): Promise<void> {
    // Loaded when a call is joined, not when the page loads.
    const {MailboxPeer} = await import('./peerjs-peer.js');
    signal.throwIfAborted();
    const peer = new MailboxPeer(address, {
      ...this.#broker,
      token: ticket,
      // It opens no connection of its own, and must not use the servers it comes with.
      config: {iceServers: []},
      debug: 0,
    });
    this.#peer = peer;
    peer.receive = (from, data) => this.dispatchEvent(new SignalingMessageEvent(from, data));
    peer.undelivered = (to) => this.dispatchEvent(new SignalingUndeliveredEvent(to));
    try {
      await this.#opened(peer, signal);
    } catch (cause) {
      peer.destroy();
      throw cause;
    }
    peer.on('disconnected', () =>
      this.dispatchEvent(new SignalingCloseEvent(new RtcError('broker-unreachable'))),
    );
    // Whatever it complains of, the socket tells when it is gone.
    peer.on('error', () => undefined);
  }

  send(to: string, message: object): void {
    this.#peer?.mail(to, message);
  }

  close(): void {
    this.#peer?.removeAllListeners();
    this.#peer?.destroy();
    this.#peer = undefined;
  }

  #opened(peer: MailboxPeer, signal: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      const timeout = setTimeout(
        () => reject(new RtcError('broker-unreachable', {detail: 'no answer'})),
        openTimeoutMs,
      );
      const settle = (act: () => void) => {
        clearTimeout(timeout);
        signal.removeEventListener('abort', abort);
        peer.removeAllListeners();
        act();
      };
      const abort = () => settle(() => reject(signal.reason as Error));
      signal.addEventListener('abort', abort, {once: true});
      peer.on('open', () => settle(resolve));
      peer.on('error', (cause) => settle(() => reject(toBrokerError(cause))));
      peer.garbled = () =>
        settle(() => reject(new RtcError('broker-error', {detail: this.#broker.host})));
    });
  }
}

const codes: Readonly<Record<string, RtcErrorCode>> = {
  'unavailable-id': 'address-taken',
  'invalid-key': 'broker-error',
  'invalid-id': 'broker-error',
  'server-error': 'broker-error',
  'browser-incompatible': 'unsupported-browser',
};

function toBrokerError(cause: Error & {type: string}): RtcError {
  // PeerServer says so in words only.
  const isFull = cause.type === 'server-error' && cause.message.includes('concurrent user limit');
  return new RtcError(isFull ? 'broker-full' : (codes[cause.type] ?? 'broker-unreachable'), {
    cause,
    detail: cause.message.slice(0, 120),
  });
}
