import {RtcError} from '../../../src/core/errors.js';
import '../../../src/elements/rtc-call.js';
import type {RtcCall} from '../../../src/elements/rtc-call.js';
import type {CallState} from '../../../src/session/call-state.js';
import type {FileState, FileTransfer} from '../../../src/session/files.js';
import type {Participant} from '../../../src/session/participant.js';
import {replace} from '../support.js';
import {find, search} from './support.js';

/** A call that knows what it is given, and no network. */
interface Stop {
  readonly mode?: 'broadcast' | 'watch';
  readonly phase?: CallState | CallState['phase'];
  /** How many others there are. */
  readonly others?: number;
  readonly each?: (person: Participant, index: number) => Partial<Participant>;
  readonly self?: Partial<Participant>;
  /** What else the session says, */
  readonly session?: Record<string, unknown>;
  /** and the show, where there is one. */
  readonly broadcast?: Record<string, unknown>;
  readonly before?: (call: RtcCall) => void;
  /** What is pressed then. Says `false` where there is nothing of the kind at this size. */
  readonly then?: (call: RtcCall) => unknown;
}

const names = [
  'Mina',
  'Jonas Weber-Hohenstaufen',
  '김서연',
  'Amara',
  'Luca Rossi',
  'Sofia',
  '',
  'Tom',
];
const startedAt = Date.UTC(2026, 10, 21, 20, 15);
const diagnosis = {
  at: '2026-11-21T20:15:00Z',
  ok: false,
  verdict: 'broker-unreachable',
  checks: [
    {name: 'browser', status: 'ok'},
    {name: 'network', status: 'warning'},
    {
      name: 'broker',
      status: 'failed',
      detail: 'wss://broker.example:443/very/long/path?key=peerjs',
    },
  ],
  links: [],
  text: '',
};

const devices = (['audioinput', 'videoinput', 'audiooutput'] as const).flatMap((kind) =>
  ['Default', 'A device with a name that is long (0c1d:2e3f)'].map((label, index) => ({
    kind,
    label,
    deviceId: `${kind} ${index}`,
    groupId: '',
  })),
);

const line = (index: number, text: string, more = {}) => ({
  id: `line${index}`,
  text,
  from: {id: `p${index % 2}`, name: names[index % 3]},
  isOwn: false,
  at: startedAt + index * 100_000,
  ...more,
});

const file = (state: FileState, more: Partial<FileTransfer> = {}) => ({
  id: `file ${state}`,
  isOwn: false,
  name: `a-file-with-a-long-name-that-is-${state}.pdf`,
  size: 12_345_678,
  from: {id: 'p0', name: 'Mina'},
  at: startedAt + 1_000_000,
  state,
  isOffered: true,
  problem: undefined,
  progress: 0.4,
  receivers: undefined,
  blob: undefined,
  ...more,
});

const chatWith = (messages: unknown[], transfers: unknown[] = [], isOpen = true) => ({
  session: {panel: 'chat'},
  others: 2,
  before: ({session}: RtcCall) => {
    replace(session.chat, 'isOpen', isOpen);
    replace(session.chat, 'messages', messages);
    replace(session.chat, 'pastFrom', 'Mina');
    replace(session.files, 'isOpen', isOpen);
    replace(session.files, 'transfers', transfers);
  },
});

/** Presses a button of the toolbar, or of its menu. */
async function press(call: RtcCall, control: string) {
  const controls = find(call, 'rtc-controls');
  const open = (selector: string) => {
    const at = search(controls, selector);
    (at as HTMLElement | undefined)?.click();
    return at !== undefined;
  };
  if (!open(`.toolbar .${control}`)) {
    return open('.toolbar .more');
  }
  return true;
}

const stage = {isLive: true, startedAt, viewers: 12, takesGuests: true};
const away = new RtcError('broker-unreachable');
const refused = new RtcError('permission-denied', {
  cause: new DOMException('', 'NotAllowedError'),
});

/** Everything the interface can look like. */
export const stops: Readonly<Record<string, Stop>> = {
  lobby: {phase: 'idle'},
  'lobby, refused': {phase: 'idle', session: {notice: refused, help: 'chrome'}},
  'lobby, people inside': {phase: 'idle', session: {inside: names.slice(0, 3), cap: 8}},
  'lobby, full': {phase: 'idle', session: {inside: names, cap: 8}},
  'lobby, devices open': {phase: 'idle', session: {panel: 'devices', devices}},
  joining: {phase: 'joining'},
  waiting: {},
  pair: {others: 1},
  'pair, muted': {
    others: 1,
    each: () => ({cameraOff: true, micOff: true, stream: undefined}),
    self: {micOff: true, cameraOff: true},
  },
  four: {others: 3, each: (_, index) => ({speaking: index === 1, micOff: index === 2})},
  'a crowd': {
    others: 7,
    each: (_, index) => ({
      micOff: index === 1,
      handRaised: index === 2,
      cameraOff: index > 4,
      connection: index === 3 ? 'reconnecting' : 'connected',
      away: index === 3,
    }),
  },
  speaker: {others: 4, session: {layout: 'speaker', activeSpeaker: 'p1'}},
  pinned: {others: 3, session: {pinned: {id: 'p2', source: 'camera'}}},
  pages: {others: 7, session: {layout: 'grid'}},
  'shared screen': {others: 3, each: ({stream}, index) => (index ? {} : {screen: stream})},
  'own screen': {others: 1, before: ({session}) => shareOwn(session)},
  connecting: {others: 2, each: () => ({connection: 'connecting', stream: undefined})},
  reconnecting: {phase: 'reconnecting', others: 1, each: () => ({connection: 'reconnecting'})},
  notice: {others: 1, session: {notice: away}},
  'weak lines': {
    others: 3,
    each: (_, index) => ({
      quality: {grade: index ? 'poor' : 'fair', trouble: 'loss', side: 'there'},
    }),
    self: {quality: {grade: 'poor', trouble: 'delay'}},
    session: {lineOf: () => ({lossPercent: 7, roundTripMs: 320, freezes: 2})},
    then: async (call) => {
      find(call, 'rtc-video .quality, .quality').click();
      await find<RtcCall>(call, 'rtc-video').updateComplete;
    },
  },
  'weak line of a pair': {
    others: 1,
    each: () => ({quality: {grade: 'fair', trouble: 'loss', side: 'there'}}),
    self: {quality: {grade: 'poor', trouble: 'delay'}},
  },
  recorded: {others: 3, each: (_, index) => ({recording: index < 2})},
  'recorded pair': {others: 1, each: () => ({recording: true, connection: 'reconnecting'})},
  reactions: {
    others: 2,
    before: ({session}) =>
      replace(session.reactions, 'current', [
        {id: 1, reaction: '👍', from: 'p0'},
        {id: 2, reaction: '🎉', from: 'p0'},
        {id: 3, reaction: '👍', from: 'self'},
      ]),
  },
  'chat, empty': chatWith([]),
  'chat, closed': chatWith([], [], false),
  chat: chatWith([
    line(0, 'What was said before', {isPast: true}),
    line(1, 'See https://example.org/a/very/long/path/that/has/no/end/at/all?really=yes'),
    line(2, 'مرحبا', {isOwn: true}),
    line(5, 'A line long enough to be broken into several, wherever there is little room for it'),
  ]),
  'chat with files': chatWith(
    [line(0, 'Here they are')],
    [
      file('offered'),
      file('receiving'),
      file('done'),
      file('failed', {problem: 'damaged'}),
      file('sending', {isOwn: true}),
      file('waiting', {isOwn: true}),
      file('paused', {isOwn: true}),
      file('cancelled', {isOwn: true}),
    ],
  ),
  devices: {session: {panel: 'devices', devices, canFlip: true}},
  more: {others: 2, then: (call) => press(call, 'more')},
  'menu of layouts': {others: 2, then: (call) => press(call, 'layout')},
  'menu of reactions': {
    others: 2,
    before: ({session}) => replace(session.reactions, 'isOpen', true),
    then: (call) => press(call, 'reactions'),
  },
  tooltip: {
    others: 1,
    then: (call) =>
      find(call, 'rtc-controls .camera, .toolbar .camera').dispatchEvent(
        new PointerEvent('pointerover', {bubbles: true, composed: true, pointerType: 'mouse'}),
      ),
  },
  'talking while muted': {others: 1, self: {micOff: true}, session: {isTalkingMuted: true}},
  failed: {phase: {phase: 'failed', error: away}},
  'room full': {phase: {phase: 'failed', error: new RtcError('room-full')}},
  left: {phase: {phase: 'idle', reason: 'left'}},
  diagnosis: {
    phase: {phase: 'failed', error: away},
    session: {diagnose: () => Promise.resolve(diagnosis)},
    then: (call) =>
      [...call.renderRoot.querySelectorAll<HTMLElement>('.panel .word')].at(-1)?.click(),
  },
  'stage, lobby': {mode: 'broadcast', phase: 'idle'},
  stage: {
    mode: 'broadcast',
    broadcast: {
      ...stage,
      health: {
        bitrate: 1.2e6,
        frameRate: 14,
        droppedPercent: 12,
        limitedBy: 'uplink',
        fullBy: 'uplink',
      },
    },
    others: 3,
    each: () => ({role: 'viewer'}),
  },
  'stage, audience': {
    mode: 'broadcast',
    broadcast: {...stage, guest: 'p1'},
    others: 7,
    each: (_, index) => ({role: index === 1 ? 'guest' : 'viewer', handRaised: index === 2}),
    session: {panel: 'audience'},
  },
  'stage, left recording': {
    mode: 'broadcast',
    phase: 'idle',
    before: ({session}) =>
      replace(session.recording, 'left', [
        {name: 'Concert', startedAt: new Date(startedAt), bytes: 8.1e7},
      ]),
  },
  'stage, end': {
    mode: 'broadcast',
    broadcast: stage,
    then: (call) => find(call, '.toolbar .leave').click(),
  },
  'audience, lobby': {mode: 'watch', phase: 'idle'},
  'audience, waiting': {mode: 'watch', broadcast: {isLive: false}},
  audience: {
    mode: 'watch',
    broadcast: {...stage, lineQuality: 'fair', viewers: 120},
    others: 1,
    each: () => ({role: 'stage'}),
  },
  'audience, invited': {
    mode: 'watch',
    broadcast: {...stage, isInvited: true},
    others: 1,
    each: () => ({role: 'stage'}),
  },
  'audience, on the stage': {
    mode: 'watch',
    broadcast: {...stage, role: 'guest', isGuest: true},
    others: 1,
    each: () => ({role: 'stage'}),
    self: {role: 'guest'},
  },
};

function shareOwn(session: RtcCall['session']) {
  replace(session, 'self', {...session.self, screen: session.participants[0]?.stream});
}

/** A call in that state; in the page from then on. Nothing where there is no such thing at this size. */
export async function comeTo(
  name: string,
  {box, stream}: {box: Element; stream: MediaStream},
): Promise<RtcCall | undefined> {
  const {mode, phase = 'joined', others = 0, each, then, before, ...more} = stops[name]!;
  const call = document.createElement('rtc-call');
  Object.assign(call, {mode: mode ?? 'call', name: 'Sofia', stream, micOff: !more.session});
  call.style.height = '100%';
  const {session} = call;
  replace(session, 'state', typeof phase === 'string' ? {phase} : phase);
  replace(session, 'canPictureInPicture', true);
  const role = mode && {broadcast: 'stage', watch: 'viewer'}[mode];
  const self = {...session.self, stream, micOff: false, cameraOff: false, ...(role && {role})};
  replace(session, 'self', {...self, ...more.self});
  const people = Array.from({length: others}, (_, index) => {
    const person = {
      ...self,
      id: `p${index}`,
      name: names[index]!,
      role: 'participant',
    } as Participant;
    return {...person, ...each?.(person, index)};
  });
  replace(session, 'participants', people);
  for (const [property, value] of Object.entries(more.session ?? {})) {
    replace(session, property, value);
  }
  for (const [property, value] of Object.entries({role, ...more.broadcast})) {
    replace(session.broadcast, property, value);
  }
  before?.(call);
  box.replaceChildren(call);
  await call.updateComplete;
  session.dispatchEvent(new Event('change'));
  await settle();
  const isThere = (await then?.(call)) !== false;
  if (then) {
    await settle();
  }
  return isThere ? call : undefined;
}

/** Until what depends on sizes has been drawn, and nothing moves. */
export async function settle() {
  for (let i = 0; i < 2; i++) {
    await new Promise((resolve) => requestAnimationFrame(resolve));
  }
  for (const animation of document.getAnimations()) {
    const {iterations} = animation.effect?.getComputedTiming() ?? {};
    if (iterations !== Infinity) {
      animation.finish();
    }
  }
}
