import {concat} from '../core/concat.js';
import {RtcError} from '../core/errors.js';
import {maxDataBytes} from '../core/messages.js';

/** LiveKit carries up to 16 kB at once, with all that stands around. */
const maxPayload = 14_000;
/** Kind, place, count, nothing; number of the message (32 bits). */
const headerBytes = 8;
/** What may stand around application data is in it. */
const maxMessageBytes = maxDataBytes + 200;
const maxCount = Math.ceil(maxMessageBytes / maxPayload);

const kinds = {text: 0, binary: 1};

/** A message in as many packets as it takes. `number` is another one for each message. */
export function toPackets(
  data: string | ArrayBuffer,
  number: number,
): readonly Uint8Array<ArrayBuffer>[] {
  const isText = typeof data === 'string';
  const bytes = isText ? new TextEncoder().encode(data) : new Uint8Array(data);
  const count = Math.max(1, Math.ceil(bytes.length / maxPayload));
  return Array.from({length: count}, (_, index) => {
    const payload = bytes.subarray(index * maxPayload, (index + 1) * maxPayload);
    const packet = new Uint8Array(headerBytes + payload.length);
    const header = new DataView(packet.buffer);
    header.setUint8(0, isText ? kinds.text : kinds.binary);
    header.setUint8(1, index);
    header.setUint8(2, count);
    header.setUint32(4, number);
    packet.set(payload, headerBytes);
    return packet;
  });
}

/**
 * Puts the packets of one sender together again. They come in order; some may be missing, when
 * a connection was made anew: what cannot become whole is dropped.
 */
export class Assembly {
  #number = -1;
  #parts: Uint8Array[] = [];

  /**
   * The message that is whole with this packet, if one is.
   * @throws {RtcError} `bad-message`
   */
  take(packet: Uint8Array): string | ArrayBuffer | undefined {
    if (packet.length < headerBytes) {
      throw new RtcError('bad-message', {detail: 'no header'});
    }
    const header = new DataView(packet.buffer, packet.byteOffset, headerBytes);
    const [kind, index, count] = [header.getUint8(0), header.getUint8(1), header.getUint8(2)];
    const number = header.getUint32(4);
    const payload = packet.subarray(headerBytes);
    if (kind > kinds.binary || index >= count) {
      throw new RtcError('bad-message', {detail: 'header'});
    }
    if (count > maxCount || payload.length > maxPayload) {
      throw new RtcError('bad-message', {detail: 'too long'});
    }
    if (index === 0) {
      this.#number = number;
      this.#parts = [];
    }
    if (number !== this.#number || index !== this.#parts.length) {
      return undefined;
    }
    this.#parts.push(payload);
    if (index + 1 < count) {
      return undefined;
    }
    const whole = concat(...this.#parts);
    this.#number = -1;
    this.#parts = [];
    if (kind === kinds.binary) {
      return whole.buffer;
    }
    try {
      return new TextDecoder('utf-8', {fatal: true, ignoreBOM: true}).decode(whole);
    } catch (cause) {
      throw new RtcError('bad-message', {cause, detail: 'not UTF-8'});
    }
  }
}
