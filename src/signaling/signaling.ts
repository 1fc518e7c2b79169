import type {RtcError} from '../core/errors.js';
import type {TypedEventTarget} from '../core/typed-event-target.js';

/** A message for us. Untrusted: no more is known than that it is parsed JSON and not too long. */
export class SignalingMessageEvent extends Event {
  constructor(
    /** The address it came from, as far as the carrier vouches for it. */
    readonly from: string,
    readonly data: unknown,
  ) {
    super('message');
  }
}

/** The connection to whatever carries the messages is lost. Nothing follows. */
export class SignalingCloseEvent extends Event {
  constructor(readonly error: RtcError) {
    super('close');
  }
}

/** The carrier says that a message found nobody at an address. It may have been late. */
export class SignalingUndeliveredEvent extends Event {
  constructor(readonly to: string) {
    super('undelivered');
  }
}

export interface SignalingEvents {
  message: SignalingMessageEvent;
  /** Only by carriers that can tell. */
  undelivered: SignalingUndeliveredEvent;
  close: SignalingCloseEvent;
}

/**
 * How small messages travel between addresses. Opened once, closed once.
 * Delivery is best effort and in order; nobody at an address is no error.
 */
export interface Signaling extends TypedEventTarget<SignalingEvents> {
  /**
   * Claims the address for ourselves alone. Who has held it with the same ticket gets it back,
   * also when the carrier has not noticed yet that they were gone.
   * @throws {RtcError} `address-taken`, `broker-unreachable`, `broker-full`, `broker-error`,
   *   or the signal's reason.
   */
  open(address: string, options: {signal: AbortSignal; ticket?: string}): Promise<void>;
  send(to: string, message: object): void;
  close(): void;
}
