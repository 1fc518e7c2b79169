// As much of TURN (RFC 8656) as browsers need over UDP and IPv4. Nothing expires: it lives as long as a test.
// (node-turn 0.0.6 does not sign its answer to ChannelBind: Chromium gives up the connection after 40 s.)
import {createHash, createHmac, randomBytes} from 'node:crypto';
import {createSocket} from 'node:dgram';
import {once} from 'node:events';

const BINDING = 0x01;
const ALLOCATE = 0x03;
const REFRESH = 0x04;
const CHANNEL_BIND = 0x09;
const SEND = 0x16;
const DATA = 0x17;
/** Added to the type of a request. */
const SUCCESS = 0x100;
const FAILURE = 0x110;

const attributes = {
  username: 0x06,
  integrity: 0x08,
  error: 0x09,
  channel: 0x0c,
  lifetime: 0x0d,
  peer: 0x12,
  data: 0x13,
  realm: 0x14,
  nonce: 0x15,
  relayed: 0x16,
  mapped: 0x20,
};
const names = Object.fromEntries(Object.entries(attributes).map(([name, type]) => [type, name]));

const COOKIE = [0x21, 0x12, 0xa4, 0x42];
const IPV4 = 1;
const REALM = Buffer.from('test');
const NONCE = Buffer.from('always the same');
const LIFETIME = Buffer.from([0, 0, 600 >> 8, 600 & 255]);

const error = (code) => Buffer.from([0, 0, Math.floor(code / 100), code % 100]);
const uint16 = (value) => Buffer.from([value >> 8, value & 255]);
const key = ({address, port}) => `${address}:${port}`;

/** Addresses are masked, lest a router on the way translates them. */
const mask = (bytes) => bytes.map((byte, i) => byte ^ COOKIE[i % 4]);
const toBytes = ({address, port}) =>
  Buffer.from([0, IPV4, ...mask([...uint16(port)]), ...mask(address.split('.'))]);
const toAddress = (bytes) => ({
  address: mask([...bytes.subarray(4, 8)]).join('.'),
  port: Buffer.from(mask([...bytes.subarray(2, 4)])).readUInt16BE(),
});

const attribute = (name, value) =>
  Buffer.concat([
    uint16(attributes[name]),
    uint16(value.length),
    value,
    Buffer.alloc(-value.length & 3),
  ]);

function format(type, transaction, values) {
  const body = Buffer.concat(Object.entries(values).map((entry) => attribute(...entry)));
  return Buffer.concat([uint16(type), uint16(body.length), Buffer.from(COOKIE), transaction, body]);
}

/** The values of a message by name, and what is before its signature. */
function parse(message) {
  const values = {};
  for (let at = 20; at + 4 <= message.length;) {
    const name = names[message.readUInt16BE(at)];
    const end = at + 4 + message.readUInt16BE(at + 2);
    values[name] = message.subarray(at + 4, end);
    if (name === 'integrity') {
      values.signed = message.subarray(0, at);
    }
    at = end + (-end & 3);
  }
  return values;
}

/** An address that others reach a client at. `deliver(packet)` takes what comes for it. */
class Allocation {
  permitted = new Set();
  channels = new Map();
  #relay = createSocket('udp4').bind(0, '127.0.0.1');
  ready = once(this.#relay, 'listening').then(() => this.#relay.address());

  constructor(transaction, deliver) {
    this.transaction = transaction;
    // Not every address a peer has can be reached from here.
    this.#relay.on('error', () => {});
    this.#relay.on('message', (data, peer) => {
      if (!this.permitted.has(peer.address)) {
        return;
      }
      const [channel] = [...this.channels].find(([, bound]) => key(bound) === key(peer)) ?? [];
      deliver(
        channel
          ? Buffer.concat([uint16(channel), uint16(data.length), data])
          : format(DATA, randomBytes(12), {peer: toBytes(peer), data}),
      );
    });
  }

  send(data, {address, port}) {
    if (this.permitted.has(address)) {
      this.#relay.send(data, port, address);
    }
  }

  close() {
    this.#relay.close();
  }
}

/** A server for one person: `send(packet, client)` takes what goes back to one of their sockets. */
export class Turn {
  #allocations = new Map();
  #username;
  #secret;
  #send;

  constructor({username, credential, send}) {
    this.#username = username;
    this.#secret = createHash('md5').update(`${username}:${REALM}:${credential}`).digest();
    this.#send = send;
  }

  /** Drops all allocations, and tells nobody. */
  forget() {
    this.#allocations.forEach((allocation) => allocation.close());
    this.#allocations.clear();
  }

  /** Takes a packet of a client, as dgram gives it. */
  async receive(packet, client) {
    if (packet.length < 4) {
      return;
    }
    const allocation = this.#allocations.get(key(client));
    const type = packet.readUInt16BE(0);
    if (type >= 0x4000) {
      const peer = allocation?.channels.get(type);
      if (peer) {
        allocation.send(packet.subarray(4, 4 + packet.readUInt16BE(2)), peer);
      }
      return;
    }
    const transaction = packet.subarray(8, 20);
    const values = parse(packet);
    if (type === SEND) {
      allocation?.send(values.data, toAddress(values.peer));
      return;
    }
    const isKnown = this.#isSigned(values);
    let answer;
    if (type === BINDING) {
      answer = {mapped: toBytes(client)};
    } else if (!isKnown) {
      answer = {error: error(401), realm: REALM, nonce: NONCE};
    } else {
      answer = await this.#answer(type, transaction, values, client);
    }
    const reply = format(type + (answer.error ? FAILURE : SUCCESS), transaction, answer);
    this.#send(isKnown ? this.#sign(reply) : reply, client);
  }

  async #answer(type, transaction, {lifetime, peer, channel}, client) {
    let allocation = this.#allocations.get(key(client));
    if (type === ALLOCATE && !allocation) {
      allocation = new Allocation(transaction, (packet) => this.#send(packet, client));
      this.#allocations.set(key(client), allocation);
    }
    // An answer that was lost is asked for again.
    if (!allocation || (type === ALLOCATE && !allocation.transaction.equals(transaction))) {
      return {error: error(437)};
    }
    if (type === ALLOCATE) {
      const relayed = toBytes(await allocation.ready);
      return {relayed, mapped: toBytes(client), lifetime: LIFETIME};
    }
    if (type === REFRESH) {
      if (lifetime?.readUInt32BE() !== 0) {
        return {lifetime: LIFETIME};
      }
      allocation.close();
      this.#allocations.delete(key(client));
      return {lifetime};
    }
    // A permission, and perhaps a channel: browsers ask for one peer at a time.
    if (peer[1] !== IPV4) {
      return {error: error(443)};
    }
    const address = toAddress(peer);
    allocation.permitted.add(address.address);
    if (type === CHANNEL_BIND) {
      allocation.channels.set(channel.readUInt16BE(), address);
    }
    return {};
  }

  #isSigned({username, integrity, signed}) {
    return (
      String(username) === this.#username &&
      signed !== undefined &&
      this.#sign(signed).subarray(-20).equals(integrity)
    );
  }

  /** A signature covers what is before it, with a length as if it was there already. */
  #sign(message) {
    const copy = Buffer.from(message);
    copy.writeUInt16BE(copy.length - 20 + 24, 2);
    const integrity = createHmac('sha1', this.#secret).update(copy).digest();
    return Buffer.concat([copy, attribute('integrity', integrity)]);
  }
}
