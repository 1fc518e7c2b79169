import {expect} from '@open-wc/testing';
import {type RtcError} from '../../../src/core/errors.js';
import {
  cleanName,
  encodeData,
  encodeNote,
  maxChatLength,
  maxDataBytes,
  maxNameLength,
  maxSdpLength,
  parseLinkMessage,
  parseSignal,
  protocolVersion,
  refusal,
  type LinkMessage,
  type Signal,
} from '../../../src/core/messages.js';
import {codeOf} from '../support.js';

const sdp = 'v=0\r\no=- 1 2 IN IP4 127.0.0.1\r\n';
const id = 'aabbccdd11223344';
const attempt = '0011223344556677';
const v = protocolVersion;
const description = {
  t: 'description',
  v,
  id,
  attempt,
  n: 1,
  type: 'offer',
  sdp,
  labels: {
    0: 'mic',
    1: 'camera',
    s2: 'screen',
    3: 'screen-audio',
    4: 'guest',
    5: 'guest-audio',
  },
} as const;
const candidate = {
  t: 'candidate',
  v,
  attempt,
  candidate: {
    candidate: 'candidate:1 1 udp 1 127.0.0.1 9 typ host',
    sdpMid: '0',
    sdpMLineIndex: 0,
    usernameFragment: 'abcd',
  },
} as const;

const signals: readonly Signal[] = [
  {t: 'hello', v, id, life: id, attempt},
  {t: 'hello', v, id, life: id, attempt, offer: sdp},
  description,
  {...description, type: 'answer', labels: {}},
  {...description, settled: true, life: id, epoch: 3, to: attempt},
  {...description, epoch: 0},
  candidate,
  {...candidate, candidate: {candidate: '', sdpMid: null, sdpMLineIndex: null}},
  {t: 'again', v, attempt},
  {t: 'again', v, attempt, settled: true},
  {t: 'full', v, attempt, pending: [0, 15]},
  {t: 'full', v, attempt, pending: [], settled: true},
  {t: 'bye', v, attempt, reason: 'left'},
  {t: 'bye', v, attempt, reason: 'closed'},
  {t: 'bye', v, attempt, reason: 'away'},
  {t: 'bye', v, attempt, reason: 'room-full'},
  {t: 'bye', v, attempt, reason: 'bad-message'},
  {t: 'echo', v, attempt},
];

const state = {t: 'state', name: 'Mina', micOff: false, cameraOff: true, screen: false} as const;
const show = {
  t: 'show',
  viewers: 3,
  sinceMs: 61_500.5,
  paused: true,
  chat: true,
  record: true,
  invited: true,
} as const;
const line = {t: 'chat', id, text: 'Grüße 👋 <b>'} as const;
const linkMessages: readonly LinkMessage[] = [
  state,
  {...state, settled: true},
  {...state, hand: true, guest: true},
  {...state, hand: false, guest: false},
  {...state, recording: true},
  show,
  {...show, guest: {id: 'guest', name: 'Jun', micOff: true, cameraOff: true}},
  line,
  {...line, from: {id: 'stage', name: 'Mina'}},
  description,
  candidate,
  {t: 'bye', v, attempt, reason: 'left'},
  {t: 'ping', slot: 0, got: 0},
  {t: 'ping', slot: 255, got: 1_000_000_000},
  {t: 'relay', to: id, signal: candidate},
  {t: 'relay', to: id, signal: {...description, settled: false, life: id, epoch: 1, to: id}},
  {t: 'relayed', from: id, signal: candidate},
  {t: 'relayed', from: id, signal: description},
  {t: 'data', data: {any: ['thing', 1, null, true]}},
  {t: 'data', data: null},
];

const parses = (message: unknown) => {
  try {
    parseLinkMessage(JSON.stringify(message));
    return true;
  } catch {
    return false;
  }
};

/** What is wrong for a field, whatever it is for. */
const wrong = [undefined, null, 7.5, -1, '', 'x'.repeat(100_000), [], {}, true];
/** Values of the table above that are right after all. */
const exceptions: Readonly<Record<string, (value: unknown) => boolean>> = {
  offer: (value) => value === undefined,
  labels: (value) => ['{}', '[]'].includes(JSON.stringify(value)),
  pending: (value) => JSON.stringify(value) === '[]',
  name: (value) => value === '',
  'candidate.candidate': (value) => value === '',
  'candidate.sdpMid': (value) => value === null || value === '',
  'candidate.sdpMLineIndex': (value) => value === null,
  'candidate.usernameFragment': (value) => value === null || value === '',
  micOff: (value) => value === true,
  cameraOff: (value) => value === true,
  screen: (value) => value === true,
  settled: (value) => value === true,
  hand: (value) => value === true,
  recording: (value) => value === true,
  paused: (value) => value === true,
  chat: (value) => value === true,
  record: (value) => value === true,
  invited: (value) => value === true,
  // The time may be any; nobody counts in halves.
  sinceMs: (value) => value === 7.5,
  'guest.id': (value) => value === '',
  'guest.name': (value) => value === '',
  'guest.micOff': (value) => value === true,
  'guest.cameraOff': (value) => value === true,
  'from.id': (value) => value === '',
  'from.name': (value) => value === '',
};

const optional =
  /(candidate\.(sdpMid|sdpMLineIndex|usernameFragment)|(state|description|signal)\.(settled|life|epoch|to|hand|guest|recording)|show\.guest|chat\.from) = undefined$|state\.guest = true$/;

/** Copies of a message with one field broken each. */
function* broken(message: object, path = ''): Generator<[what: string, message: object]> {
  for (const [name, value] of Object.entries(message) as [string, unknown][]) {
    const full = path + name;
    for (const other of wrong) {
      if (!exceptions[full.replace(/^signal\./, '')]?.(other)) {
        yield [
          `${full} = ${String(JSON.stringify(other)).slice(0, 20)}`,
          {...message, [name]: other},
        ];
      }
    }
    if (typeof value === 'object' && value !== null && !Array.isArray(value) && name !== 'labels') {
      for (const [what, inner] of broken(value, `${full}.`)) {
        yield [what, {...message, [name]: inner}];
      }
    }
  }
}

describe('parseSignal', () => {
  it('takes every signal that is sent', () => {
    for (const signal of signals) {
      expect(parseSignal(structuredClone(signal))).to.deep.equal({kind: 'signal', signal});
    }
  });

  it('refuses a signal with any field broken', () => {
    for (const signal of signals) {
      for (const [what, data] of broken(signal)) {
        expect(parseSignal(data).kind, `${signal.t}: ${what}`).to.not.equal('signal');
      }
    }
  });

  it('drops what it does not know', () => {
    const parsed = parseSignal({...candidate, more: 1, __proto__: {evil: true}});
    expect(parsed).to.deep.equal({kind: 'signal', signal: candidate});
  });

  it('knows another version from nonsense', () => {
    const hello = {t: 'hello', v: 2, id, attempt};
    expect(parseSignal(hello)).to.deep.equal({kind: 'version', version: '2', refused: false});
    expect(parseSignal({t: 'whatever', v: 2})).to.include({kind: 'version'});
    expect(parseSignal(refusal)).to.deep.equal({kind: 'version', version: '1', refused: true});
    for (const version of ['1', '2', null, undefined, {}, [1], true]) {
      expect(parseSignal({...hello, v: version}).kind, JSON.stringify(version)).to.equal('bad');
    }
    expect(parseSignal({t: 'hello', v: 1e300})).to.include({kind: 'version', version: '1e+300'});
  });

  it('refuses a description that is a bomb', () => {
    const sections = (count: number) => sdp + 'm=audio 9 UDP/TLS/RTP/SAVPF 0\r\n'.repeat(count);
    const labels = (count: number) =>
      Object.fromEntries(Array.from({length: count}, (_, i) => [String(i), 'mic']));
    for (const [what, change, kind] of [
      ['10 sections', {sdp: sections(10)}, 'signal'],
      ['11 sections', {sdp: sections(11)}, 'bad'],
      ['the longest', {sdp: sdp.padEnd(maxSdpLength, 'x')}, 'signal'],
      ['one too long', {sdp: sdp.padEnd(maxSdpLength + 1, 'x')}, 'bad'],
      ['no description', {sdp: ` ${sdp}`}, 'bad'],
      ['10 labels', {labels: labels(10)}, 'signal'],
      ['11 labels', {labels: labels(11)}, 'bad'],
      ['100,000 labels', {labels: labels(100_000)}, 'bad'],
      ['a label of no kind', {labels: {0: 'virus'}}, 'bad'],
      ['a label for a path', {labels: {'../0': 'mic'}}, 'bad'],
      ['n = 0', {n: 0}, 'bad'],
      ['n beyond counting', {n: 1_000_001}, 'bad'],
    ] as const) {
      expect(parseSignal({...description, ...change}).kind, what).to.equal(kind);
    }
  });

  it('keeps no label that could reach a prototype', () => {
    const labels = JSON.parse('{"__proto__":"mic","0":"mic"}') as Record<string, 'mic'>;
    expect(parseSignal({...description, labels})).to.deep.equal({
      kind: 'signal',
      signal: {...description, labels: {0: 'mic'}},
    });
  });

  it('says in a few words what is wrong', () => {
    const parsed = parseSignal({...description, [`x`.repeat(1_000)]: 1, sdp: 7});
    expect(parsed).to.deep.equal({kind: 'bad', reason: 'sdp string'});
  });

  it('throws for nothing at all', () => {
    for (const junk of junks(2_000)) {
      expect(parseSignal(junk).kind).to.be.oneOf(['bad', 'version', 'signal']);
    }
  });
});

describe('parseLinkMessage', () => {
  it('takes every message that is sent', () => {
    for (const message of linkMessages) {
      expect(parseLinkMessage(JSON.stringify(message))).to.deep.equal(message);
    }
  });

  it('refuses a message with any field broken', () => {
    for (const message of linkMessages.filter(({t}) => t !== 'data')) {
      for (const [what, data] of broken(message)) {
        // JSON has no undefined: an optional field is just not there.
        if (!optional.test(`${message.t}.${what}`)) {
          expect(parses(data), `${message.t}: ${what}`).to.be.false;
        }
      }
    }
  });

  it('refuses data without any, and signals that belong to the broker', () => {
    expect(parses({t: 'data'})).to.be.false;
    expect(parses({t: 'hello', v, id, life: id, attempt})).to.be.false;
    expect(parses({t: 'echo', v, attempt})).to.be.false;
    expect(parses({t: 'full', v, attempt, pending: []})).to.be.false;
    expect(parses({t: 'constructor'})).to.be.false;
  });

  it('passes on what sets a link up between others, and nothing else', () => {
    for (const inner of [
      ...linkMessages.filter(({t}) => t !== 'description' && t !== 'candidate'),
      ...signals.filter(({t}) => t !== 'description' && t !== 'candidate'),
      {...description, v: 2},
      {...candidate, v: 2},
    ]) {
      expect(parses({t: 'relay', to: id, signal: inner}), inner.t).to.be.false;
      expect(parses({t: 'relayed', from: id, signal: inner}), inner.t).to.be.false;
    }
    for (const stranger of ['self', '', '__proto__', id.toUpperCase(), 'a'.repeat(65)]) {
      expect(parses({t: 'relay', to: stranger, signal: candidate}), stranger).to.be.false;
      expect(parses({t: 'relayed', from: stranger, signal: candidate}), stranger).to.be.false;
    }
    expect(parses({t: 'relay', from: id, signal: candidate})).to.be.false;
    expect(parses({t: 'relayed', to: id, signal: candidate})).to.be.false;
  });

  it('knows where a show and a line of a chat end', () => {
    const guest = {id: 'g', name: '', micOff: false, cameraOff: false};
    for (const [message, isGood] of [
      [{...show, viewers: 0, sinceMs: 0}, true],
      [{...show, viewers: 1_000_000, sinceMs: 1e10}, true],
      [{...show, viewers: 1_000_001}, false],
      [{...show, viewers: 0.5}, false],
      [{...show, sinceMs: 1e10 + 1}, false],
      [{...show, guest: {...guest, id: 'x'.repeat(64), name: 'x'.repeat(1_000)}}, true],
      [{...show, guest: {...guest, id: 'x'.repeat(65)}}, false],
      [{...show, guest: {...guest, name: 'x'.repeat(1_001)}}, false],
      [{...show, guest: null}, false],
      [{...line, text: 'x'.repeat(maxChatLength)}, true],
      [{...line, text: 'x'.repeat(maxChatLength + 1)}, false],
      [{...line, id: 'Z'.repeat(16)}, false],
      [{...line, from: {id: 'x'.repeat(65), name: ''}}, false],
      [{...line, from: {id: 'x'}}, false],
      [{...line, from: 'Mina'}, false],
    ] as const) {
      expect(parses(message), JSON.stringify(message).slice(0, 200)).to.equal(isGood);
    }
  });

  it('reads a line of a chat as it was written', () => {
    const {t, ...rest} = line;
    expect(parseLinkMessage(encodeNote({t, ...rest}))).to.deep.equal({t, ...rest});
  });

  it('knows where a slot, a count and an epoch end', () => {
    for (const [message, isGood] of [
      [{t: 'ping', slot: 256, got: 0}, false],
      [{t: 'ping', slot: 15, got: 2 ** 53}, true],
      [{t: 'ping', slot: 15, got: 1e400}, false],
      [{t: 'ping', slot: '3', got: 0}, false],
      [{...description, epoch: 1_000_000}, true],
      [{...description, epoch: 1_000_001}, false],
      [{...description, life: '0'.repeat(7)}, false],
      [{...description, to: '0'.repeat(64)}, true],
      [{...description, to: '0'.repeat(65)}, false],
    ] as const) {
      expect(parses(message), JSON.stringify(message)).to.equal(isGood);
    }
  });

  it('looks at the size first', () => {
    const text = `{"t":"data","data":"${'x'.repeat(maxDataBytes + 200)}"}`;
    expect(() => parseLinkMessage(text)).to.throw('too long');
  });

  it('gives back data as it was, strange keys and all', () => {
    const text = '{"t":"data","data":{"__proto__":1,"constructor":2,"":3}}';
    const message = parseLinkMessage(text) as {data: object};
    expect(JSON.stringify(message.data)).to.equal('{"__proto__":1,"constructor":2,"":3}');
    expect(({} as {polluted?: unknown}).polluted).to.be.undefined;
  });

  it('throws nothing but errors that can be told', () => {
    for (const junk of junks(2_000)) {
      for (const text of [JSON.stringify(junk) ?? '', String(junk)]) {
        try {
          parseLinkMessage(text);
        } catch (error) {
          expect(error).to.be.instanceOf(Error);
          expect((error as Error).message).to.be.a('string');
        }
      }
    }
  });
});

describe('encodeData', () => {
  const decode = (encoded: string | ArrayBuffer) =>
    (parseLinkMessage(encoded as string) as {data: unknown}).data;

  it('carries JSON values of every type', () => {
    for (const value of [
      null,
      true,
      0,
      -1.5e300,
      '',
      'Grüße 👋 \u2028',
      [],
      [1, [2]],
      {a: {b: null}},
    ]) {
      expect(decode(encodeData(value))).to.deep.equal(value);
    }
  });

  it('carries binary as it is, and a view as what it shows', () => {
    const bytes = new Uint8Array([1, 2, 3, 4, 5, 6, 7, 8]);
    expect(new Uint8Array(encodeData(bytes.buffer) as ArrayBuffer)).to.deep.equal(bytes);
    const view = new Uint16Array(bytes.buffer, 2, 2);
    expect(new Uint8Array(encodeData(view) as ArrayBuffer)).to.deep.equal(
      new Uint8Array([3, 4, 5, 6]),
    );
    expect((encodeData(new ArrayBuffer(0)) as ArrayBuffer).byteLength).to.equal(0);
  });

  it('makes a copy of binary', () => {
    const bytes = new Uint8Array([1, 2, 3]);
    const encoded = encodeData(bytes) as ArrayBuffer;
    bytes.fill(9);
    expect(new Uint8Array(encoded)).to.deep.equal(new Uint8Array([1, 2, 3]));
  });

  it('takes 64 kB and not one byte more', async () => {
    expect((encodeData(new ArrayBuffer(maxDataBytes)) as ArrayBuffer).byteLength).to.equal(65_536);
    expect(await codeOf(() => encodeData(new ArrayBuffer(maxDataBytes + 1)))).to.equal(
      'bad-message',
    );
    // Two are the quotes.
    const text = 'x'.repeat(maxDataBytes - 2);
    expect(decode(encodeData(text))).to.equal(text);
    expect(await codeOf(() => encodeData(`${text}x`))).to.equal('bad-message');
    // Bytes, not characters.
    expect(await codeOf(() => encodeData('한'.repeat(30_000)))).to.equal('bad-message');
    expect(decode(encodeData('한'.repeat(21_844)))).to.have.length(21_844);
  });

  it('refuses what is no JSON value', async () => {
    const cyclic: {self?: object} = {};
    cyclic.self = cyclic;
    for (const value of [
      undefined,
      () => 1,
      Symbol('s'),
      1n,
      {deep: [1n]},
      cyclic,
      new Blob(['x']),
      {
        toJSON() {
          throw new Error('no');
        },
      },
    ]) {
      expect(await codeOf(() => encodeData(value)), typeof value).to.equal('bad-message');
    }
  });

  it('says how large it was', () => {
    try {
      encodeData(new ArrayBuffer(70_000));
      expect.fail();
    } catch (error) {
      expect((error as RtcError).message).to.contain('70000');
      expect((error as RtcError).recoverable).to.be.true;
    }
  });
});

describe('cleanName', () => {
  it('leaves names as people write them', () => {
    for (const name of ['Mina', '민아', 'Zoë O’Neil', '👩‍👩‍👧‍👦', '<b>Mina</b>', 'مينا']) {
      expect(cleanName(name)).to.equal(name);
    }
  });

  it('takes out what could trick the eye', () => {
    expect(cleanName('a\u202eb\u2066c\u200fd\u0000e\u2028f\ng')).to.equal('a b c d e f g');
    expect(cleanName('  a \t\r\n  b  ')).to.equal('a b');
    expect(cleanName('\u202e\u0007')).to.equal('');
  });

  it('cuts at 64 characters, and none of them in half', () => {
    expect(cleanName('x'.repeat(1_000))).to.have.length(maxNameLength);
    expect(cleanName('👋'.repeat(100))).to.equal('👋'.repeat(maxNameLength));
  });
});

/** Random values that look a little like messages. */
function* junks(count: number): Generator {
  const words = [
    't',
    'v',
    'id',
    'attempt',
    'sdp',
    'labels',
    'candidate',
    '__proto__',
    'constructor',
  ];
  const texts = [
    'hello',
    'description',
    'candidate',
    'bye',
    'state',
    'data',
    attempt,
    sdp,
    'offer',
  ];
  const pick = <T>(from: readonly T[]) => from[Math.floor(Math.random() * from.length)] as T;
  const junk = (depth: number): unknown => {
    switch (Math.floor(Math.random() * (depth > 3 ? 5 : 8))) {
      case 0:
        return pick([null, undefined, true, false]);
      case 1:
        return pick([0, 1, 2, -1, NaN, Infinity, 1.5]);
      case 2:
      case 3:
        return pick(texts);
      case 4:
        return String.fromCharCode(...Array.from({length: 8}, () => Math.random() * 65_536));
      case 5:
        return Array.from({length: 3}, () => junk(depth + 1));
      default:
        return JSON.parse(
          `{${words
            .filter(() => Math.random() < 0.6)
            .map((word) => `"${word}":${JSON.stringify(junk(depth + 1)) ?? 'null'}`)
            .join(',')}}`,
        );
    }
  };
  for (let i = 0; i < count; i++) {
    yield junk(0);
  }
}

describe('what is said of a bad message', () => {
  it('holds no words of the peer', () => {
    const lure = 'Your account is locked. Call 010-1234-5678';
    const parsed = parseSignal({...description, labels: {[lure]: 'mic'}});
    expect(parsed.kind).to.equal('bad');
    expect(JSON.stringify(parsed)).to.not.contain('locked');
    for (const text of [lure, JSON.stringify({...state, [lure]: 1, micOff: lure})]) {
      try {
        parseLinkMessage(text);
        expect.fail('it passed');
      } catch (error) {
        expect((error as Error).message).to.not.contain('locked');
      }
    }
  });
});
