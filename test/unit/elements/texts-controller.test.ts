import {expect} from '@open-wc/testing';
import type {Diagnosis} from '../../../src/core/diagnosis.js';
import {RtcError} from '../../../src/core/errors.js';
import type {RtcCall} from '../../../src/elements/rtc-call.js';
import '../../../src/elements/rtc-loopback.js';
import {en} from '../../../src/locales/en.js';
import type {TextOverrides} from '../../../src/locales/texts.js';
import type {ChatMessage} from '../../../src/session/chat.js';
import type {FileState, FileTransfer} from '../../../src/session/files.js';
import type {Participant} from '../../../src/session/participant.js';
import {canvasStream, hearTestEvents, randomRoom, replace, restoreAll, until} from '../support.js';
import {VirtualDevices} from '../virtual-devices.js';
import {add, addCall, addWatcher, button, find, removeAll, search} from './support.js';

/** A language in which every text shows where it begins and ends. */
const marked: TextOverrides = mark(en);

function mark(texts: object, path = ''): Record<string, string> {
  return Object.fromEntries(
    Object.entries(texts).flatMap(([name, value]: [string, unknown]) =>
      typeof value === 'string'
        ? [[path + name, `⟦${value}⟧`]]
        : Object.entries(mark(value as object, `${path}${name}.`)),
    ),
  );
}

const people = ['Mina', 'Jun'];
const devices = ['Camera of Mina', 'Mic of Mina'];
const spoken = ['aria-label', 'aria-description', 'aria-valuetext', 'title', 'placeholder', 'alt'];

/** All that is to be read or heard of an element, shadow roots included. */
function words(root: Element | ShadowRoot): string[] {
  return [...root.querySelectorAll('*')]
    .filter(({localName}) => localName !== 'style')
    .flatMap((element) => [
      ...[...element.childNodes]
        .filter(({nodeType}) => nodeType === Node.TEXT_NODE)
        .map((node) => node.textContent ?? ''),
      ...spoken.map((name) => element.getAttribute(name) ?? ''),
      ...(element.shadowRoot ? words(element.shadowRoot) : []),
    ]);
}

/** What is in no catalogue: all words but names, times and units. */
function stragglers(root: Element): string[] {
  return words(root.shadowRoot!).filter((text) => {
    let rest = text;
    // A text may have another filled in.
    while (/⟦[^⟦⟧]*⟧/.test(rest)) {
      rest = rest.replace(/⟦[^⟦⟧]*⟧/g, '');
    }
    for (const name of [...devices, ...people]) {
      rest = rest.replaceAll(name, '');
    }
    return /\p{L}{2}/u.test(rest.replace(/\b(AM|PM|kB|plan\.txt|[A-Z][a-z]+ \d+, \d{4})\b/g, ''));
  });
}

/** Waits until all of these texts are there, and looks for words from elsewhere. */
async function expectOnly(call: Element, ...paths: string[]): Promise<void> {
  for (const path of paths) {
    const start = marked[path]!.split('{')[0]!.replace('⟧', '');
    await until(() => words(call.shadowRoot!).some((text) => text.includes(start)), path);
  }
  expect(stragglers(call), paths.join()).to.deep.equal([]);
}

describe('In every state, no word is from elsewhere than the catalogue:', () => {
  let virtual: VirtualDevices;

  beforeEach(() => {
    hearTestEvents();
    virtual = new VirtualDevices(...devices);
  });
  afterEach(() => {
    removeAll();
    restoreAll();
  });

  const changed = (call: RtcCall) => call.session.dispatchEvent(new Event('change'));

  /** Lets the session say that these are there too. */
  async function putIn(call: RtcCall, ...others: Partial<Participant>[]) {
    const {self} = call.session;
    replace(
      call.session,
      'participants',
      others.map((other, index) => ({
        ...self,
        stream: undefined,
        id: `p${index}`,
        name: people[index]!,
        ...other,
      })),
    );
    changed(call);
    await call.updateComplete;
  }

  it('the lobby and its devices, refused and allowed', async () => {
    virtual.permissions.audio.state = 'denied';
    virtual.permissions.video.state = 'denied';
    const call = await addCall({room: randomRoom(), texts: marked});
    await expectOnly(call, 'call.name', 'call.join', 'help.title', 'help.retry', 'lobby.nobody');
    virtual.grant('video');
    virtual.grant('audio');
    call.session.openPanel('devices');
    await until(() => !call.self.micOff, 'the devices');
    await expectOnly(call, 'devices.camera', 'devices.level');
  });

  it('a call, with its panels and menus', async () => {
    const call = await addWatcher({room: randomRoom(), name: 'Mina', texts: marked});
    const joined = call.join();
    await expectOnly(call, 'call.joining', 'call.cancel');
    await joined;
    await expectOnly(call, 'call.waiting', 'announce.selfJoined');
    await putIn(
      call,
      {name: 'Jun', handRaised: true, recording: true, micOff: true, speaking: true},
      {name: '', connection: 'reconnecting', away: true},
      {name: 'Mina', quality: {grade: 'fair', trouble: 'loss', side: 'there'}},
      {name: 'Jun', connection: 'connecting'},
    );
    replace(call.session, 'lineOf', () => ({lossPercent: 7, roundTripMs: 120, freezes: 2}));
    const badge = await until(() => search(call, '[part=quality]') as HTMLElement, 'the badge');
    badge.click();
    await expectOnly(call, 'recording.by', 'stage.pin', 'video.handRaised', 'video.away');
    await expectOnly(call, 'video.connecting', 'quality.fair', 'quality.there', 'quality.lost');

    call.session.openPanel('devices');
    await expectOnly(call, 'devices.label', 'devices.close');
    const from = {id: 'p0', name: 'Jun'};
    const message: ChatMessage = {id: 'a', text: '1', from, isOwn: false, at: Date.now()};
    replace(call.session.chat, 'messages', [{...message, id: 'b', at: 0, isPast: true}, message]);
    const states: FileState[] = ['offered', 'receiving', 'paused', 'done', 'declined', 'cancelled'];
    const file: FileTransfer = {
      id: 'c',
      isOwn: false,
      name: 'plan.txt',
      size: 12_000,
      from,
      at: Date.now(),
      state: 'failed',
      isOffered: true,
      problem: 'damaged',
      progress: 0.5,
      receivers: undefined,
      blob: undefined,
    };
    const own = {...file, isOwn: true, receivers: {done: 1, all: 2}, problem: undefined};
    replace(call.session.files, 'transfers', [
      file,
      ...states.map((state) => ({...file, id: state, state, problem: undefined})),
      {...own, id: 'd', state: 'waiting'},
      {...own, id: 'e', state: 'sending'},
    ]);
    call.session.openPanel('chat');
    await expectOnly(call, 'chat.write', 'chat.past', 'files.accept', 'files.taken');
    await expectOnly(call, 'files.problems.damaged', 'files.sending', 'files.receiving');

    for (const control of ['layout', 'reactions', 'mic'] as const) {
      const controls = find(call, 'rtc-controls');
      controls.setAttribute('controls', `${control} leave`);
      await until(() => search(controls, `[part~=${control}]`), control);
      find(controls, `[part~=${control}]`).click();
      await call.updateComplete;
      await expectOnly(call, `controls.${control}`);
    }
    call.leave();
    await expectOnly(call, 'call.left', 'call.joinAgain');
  });

  it('a call that is too narrow for its buttons, in trouble', async () => {
    const call = await addWatcher({room: randomRoom(), autojoin: true, texts: marked});
    call.style.width = '260px';
    await until(() => call.state === 'joined', 'the call');
    const more = await until(() => search(call, '.more') as HTMLElement, 'the menu');
    more.click();
    await expectOnly(call, 'controls.more', 'controls.layouts.grid', 'controls.fullscreen');
    const diagnosis: Diagnosis = {
      at: '2026-11-20',
      ok: false,
      verdict: 'needs-turn',
      checks: [
        {name: 'broker', status: 'ok'},
        {name: 'stun', status: 'failed'},
        {name: 'turn', status: 'skipped'},
      ],
      links: [
        {
          participant: '',
          connection: 'failed',
          local: ['host'],
          remote: [],
          roundTripMs: 1,
          lossPercent: {in: 1},
          limitedBy: 'cpu',
        },
      ],
      text: '',
    };
    replace(call.session, 'notice', new RtcError('connection-failed', {diagnosis}));
    changed(call);
    await expectOnly(call, 'errors.connection-failed', 'diagnosis.find', 'call.dismiss');
    button(call, marked['diagnosis.find']!).click();
    await expectOnly(call, 'diagnosis.verdicts.needs-turn', 'diagnosis.limits.cpu');
    await expectOnly(call, 'diagnosis.statuses.failed', 'diagnosis.copy');
  });

  it('a call that fails', async () => {
    const call = await addWatcher({room: '', texts: marked});
    await call.join();
    await expectOnly(call, 'call.failed', 'call.tryAgain', 'errors.bad-attribute');
  });

  it('a stage, live, in a break, and about to end', async () => {
    const stage = await addCall({
      room: randomRoom(),
      mode: 'broadcast',
      stream: canvasStream(),
      texts: marked,
    });
    await expectOnly(stage, 'show.goLive', 'show.lobby');
    await stage.join();
    await expectOnly(stage, 'show.live', 'show.viewers');
    const {broadcast, recording} = stage.session;
    replace(broadcast, 'health', {
      bitrate: 2_500_000,
      frameRate: 30,
      droppedPercent: 9,
      limitedBy: 'cpu',
      fullBy: 'uplink',
    });
    replace(recording, 'left', [{name: '1', startedAt: new Date(), lengthMs: 1, bytes: 4_200_000}]);
    await putIn(stage, {role: 'viewer', handRaised: true}, {role: 'viewer', name: ''});
    stage.session.openPanel('audience');
    await expectOnly(stage, 'show.audience', 'show.allowChat', 'show.kbps', 'show.fullBy.uplink');
    await expectOnly(stage, 'show.leftRecording', 'show.discard', 'show.invite');
    broadcast.pause();
    await expectOnly(stage, 'show.break', 'controls.pause');
    find(stage, '[part~=leave]').click();
    await expectOnly(stage, 'show.end', 'show.goOn');
  });

  it('the audience', async () => {
    const viewer = await addCall({room: randomRoom(), mode: 'watch', texts: marked});
    await expectOnly(viewer, 'show.watchLobby', 'show.watch', 'call.name');
    void viewer.join();
    await expectOnly(viewer, 'show.waiting', 'show.waitingHint');
  });

  it('a call to oneself', async () => {
    const loopback = document.createElement('rtc-loopback');
    loopback.lang = 'ko';
    add(loopback);
    await loopback.updateComplete;
    const said = words(loopback.shadowRoot!).join(' ');
    expect(said).to.match(/\p{Script=Hangul}/u);
    expect(said).to.not.match(/[a-z]{2}/i);
  });
});
