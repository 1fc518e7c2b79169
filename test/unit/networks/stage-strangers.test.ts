import {expect} from '@open-wc/testing';
import {protocolVersion, type LinkSignal, type PeerState} from '../../../src/core/messages.js';
import {stageAddress} from '../../../src/networks/addresses.js';
import {PeerLink} from '../../../src/rtc/peer-link.js';
import type {CallOptions, CallSession} from '../../../src/session/call-session.js';
import {
  brokerInfo,
  canvasStream,
  closePaths,
  closeStrangers,
  ConnectionWitness,
  createSession,
  failureOf,
  leaveAll,
  Path,
  randomId,
  randomRoom,
  restoreAll,
  startBroker,
  stopBroker,
  Stranger,
  until,
  untilMoving,
  watchErrors,
  type TestBroker,
} from '../support.js';

const v = protocolVersion;
const hex = () => randomId().slice(0, 16);
const state: PeerState = {name: 'Mallory', micOff: true, cameraOff: true, screen: false};

let settle: () => void;
let witness: ConnectionWitness;
let room: string;
let broker: TestBroker;
let address: string;
const outsiders = new Set<Outsider>();
const streams: MediaStream[] = [];

/** Somebody who speaks our protocol by hand, at the broker and over links. */
class Outsider {
  readonly links: PeerLink[] = [];
  readonly errors: string[] = [];
  readonly ends: string[] = [];
  readonly chats: {text: string; from?: unknown}[] = [];
  readonly shows: object[] = [];
  readonly #timer = setInterval(() => this.#read());
  #at = 0;
  /** Whether descriptions are answered. */
  answers = true;
  configuration: RTCConfiguration = {};

  private constructor(
    readonly stranger: Stranger,
    readonly address: string,
    readonly id: string,
  ) {}

  static async open({at = randomId(), id = hex()} = {}): Promise<Outsider> {
    const outsider = new Outsider(await Stranger.open(broker, at), at, id);
    outsiders.add(outsider);
    return outsider;
  }

  get link(): PeerLink | undefined {
    return this.links.at(-1);
  }

  /** The channel of the newest link, past all that is checked and paced on our side. */
  get channel(): RTCDataChannel {
    return channels.get(this.link!)!;
  }

  hello(more: object = {}, to = address): void {
    this.stranger.mail(to, {t: 'hello', v, id: this.id, life: hex(), attempt: hex(), ...more});
  }

  /** Is let in as a viewer. */
  async enter(): Promise<void> {
    this.hello();
    await until(() => this.link?.isOpen && this.link.peerState, 'a link to the stage');
    // Only who says what they have got is sent anything.
    this.link?.ping({slot: 0, got: 0});
  }

  /** Offers a link, as a stage does. */
  offer(to: string, attempt: string): PeerLink {
    const link = this.#make(attempt, to, false);
    link.offer();
    return link;
  }

  close(): void {
    clearInterval(this.#timer);
    for (const link of this.links) {
      link.close(undefined);
    }
  }

  #make(attempt: string, to: string, polite: boolean): PeerLink {
    const before = made.length;
    const link = new PeerLink({id: this.id, attempt, configuration: this.configuration, state});
    channels.set(link, made[before]!);
    link.addEventListener('error', ({error}) => this.errors.push(error.detail ?? error.code));
    link.addEventListener('close', ({reason}) => this.ends.push(reason));
    link.addEventListener('note', ({note}) => note.t === 'chat' && this.chats.push(note));
    link.addEventListener('show', ({show}) => this.shows.push(show));
    link.connect(
      (signal) =>
        this.stranger.mail(
          to,
          signal.t === 'description' ? {...signal, settled: true, life: hex()} : signal,
        ),
      {polite},
    );
    this.links.push(link);
    return link;
  }

  #read() {
    const mails = this.stranger.mails as unknown as (LinkSignal & {id?: string})[];
    for (; this.#at < mails.length; this.#at++) {
      const mail = mails[this.#at]!;
      if (!this.answers || (mail.t !== 'description' && mail.t !== 'candidate')) {
        continue;
      }
      const {src} = this.stranger.received.find(
        ({payload}) => (payload as {mail?: unknown} | undefined)?.mail === mail,
      )!;
      const known = this.links.find(({attempt}) => attempt === mail.attempt);
      (known ?? this.#make(mail.attempt, src!, true)).receive(mail);
    }
  }
}

const channels = new WeakMap<PeerLink, RTCDataChannel>();
let made: RTCDataChannel[] = [];

async function enterStage(options: Partial<CallOptions> = {}): Promise<CallSession> {
  const stream = canvasStream();
  streams.push(stream);
  const stage = await createSession({
    room,
    broker: broker.url,
    name: 'Stage',
    mode: 'broadcast',
    stream,
    ...options,
  });
  await stage.join();
  expect(stage.state.phase).to.equal('joined');
  return stage;
}

async function enterViewer(name: string, options: Partial<CallOptions> = {}): Promise<CallSession> {
  const viewer = await createSession({room, broker: broker.url, mode: 'watch', name, ...options});
  await viewer.join();
  return viewer;
}

const untilWatching = async (viewer: CallSession, timeoutMs?: number) => {
  await until(
    () => viewer.participants.some(({connection}) => connection === 'connected'),
    `the stage, ${viewer.self.name}`,
    timeoutMs,
  );
  await untilMoving(viewer.participants[0]?.stream);
};

/** Everything that happens to somebody who is well: nothing. */
function watchPeace(session: CallSession): string[] {
  const told: string[] = [];
  session.addEventListener('change', () => {
    for (const {name, connection} of session.participants) {
      if (connection !== 'connected') {
        told.push(`${name} ${connection}`);
      }
    }
  });
  session.addEventListener('participant-left', ({participant: {name}, reason}) =>
    told.push(`-${name} ${reason}`),
  );
  return told;
}

/** All mails that went to an address, by what they are. */
async function mailsTo(dst: string): Promise<string[]> {
  const {log} = await brokerInfo(broker);
  return log.flatMap((message) => {
    const {mail} = (message.payload ?? {}) as {mail?: {t: string}};
    return message.dst === dst && mail ? [mail.t] : [];
  });
}

/** By what name a viewer, or the stage, speaks at the broker. */
async function identityOf(src: string | undefined, t: string): Promise<Record<string, string>> {
  const {log} = await brokerInfo(broker);
  const found = [...log].reverse().find((message) => {
    const {mail} = (message.payload ?? {}) as {mail?: {t: string}};
    return mail?.t === t && (src === undefined || message.src === src);
  })!;
  return {...(found.payload as {mail: Record<string, string>}).mail, src: found.src!};
}

describe('A broadcast with strangers', function () {
  this.timeout(60_000);

  beforeEach(async () => {
    settle = watchErrors();
    witness = new ConnectionWitness();
    // The witness notes them; their channels too.
    made = [];
    const Witnessed = window.RTCPeerConnection;
    window.RTCPeerConnection = class extends Witnessed {
      override createDataChannel(...options: Parameters<RTCPeerConnection['createDataChannel']>) {
        const channel = super.createDataChannel(...options);
        made.push(channel);
        return channel;
      }
    };
    room = randomRoom();
    address = await stageAddress(room);
    broker = await startBroker();
  });
  afterEach(async () => {
    leaveAll();
    for (const outsider of outsiders) {
      outsider.close();
    }
    outsiders.clear();
    closeStrangers();
    await closePaths();
    await stopBroker(broker);
    for (const stream of streams.splice(0)) {
      stream.getTracks().forEach((track) => track.stop());
    }
    restoreAll();
    settle();
    expect(witness.live, 'connections').to.be.empty;
  });

  it('lets viewers in while somebody says a thousand hellos under as many names', async () => {
    const stage = await enterStage();
    const first = await enterViewer('First');
    await untilWatching(first);
    const peace = watchPeace(first);
    const before = witness.all.length;
    const mallory = await Outsider.open();
    mallory.answers = false;
    for (let i = 0; i < 1_000; i++) {
      mallory.hello({id: hex()});
    }
    await until(async () => (await mailsTo(mallory.address)).length, 'an answer');
    const second = await enterViewer('Second');
    await untilWatching(second);
    expect(peace).to.be.empty;
    // Two for the second viewer.
    expect(witness.all.length - before).to.be.below(8);
    expect(stage.participants.map(({name}) => name)).to.deep.equal(['First', 'Second']);
  });

  it('lets viewers in while strangers say hello who never answer', async () => {
    const stage = await enterStage();
    const strangers = await Promise.all(Array.from({length: 12}, () => Outsider.open()));
    for (const stranger of strangers) {
      stranger.answers = false;
      stranger.hello();
    }
    await until(async () => (await mailsTo(strangers[0]!.address)).length, 'an answer');
    const viewer = await enterViewer('Viewer');
    await untilWatching(viewer, 18_000);
    expect(stage.participants.map(({name}) => name)).to.deep.equal(['Viewer']);
    // They are given up in the end, and told.
    await until(
      async () => (await mailsTo(strangers[0]!.address)).includes('bye'),
      'the end',
      30_000,
    );
  });

  it('goes on when a thousand strangers say hello', async () => {
    const stage = await enterStage();
    const viewer = await enterViewer('Viewer');
    await untilWatching(viewer);
    const peace = watchPeace(viewer);
    const before = witness.all.length;
    // One socket each would be too many for a test: a broker that lies about who speaks does the same.
    const strangers = await Promise.all(Array.from({length: 150}, () => Outsider.open()));
    for (const stranger of strangers) {
      stranger.answers = false;
      for (let i = 0; i < 10; i++) {
        stranger.hello();
      }
    }
    await until(async () => (await mailsTo(strangers[0]!.address)).length, 'an answer');
    stage.send('still here');
    await untilMoving(viewer.participants[0]?.stream);
    expect(peace).to.be.empty;
    expect(witness.live.length - before).to.be.below(40);
  });

  it('leaves a viewer alone in whose name somebody else says hello', async () => {
    const stage = await enterStage();
    const viewer = await enterViewer('Viewer');
    await untilWatching(viewer);
    const peace = [watchPeace(viewer), watchPeace(stage)];
    const {id} = await identityOf(undefined, 'hello');
    const mallory = await Outsider.open({id: id!});
    for (let i = 0; i < 20; i++) {
      mallory.hello();
    }
    // A barrier: whoever comes after that is in.
    const next = await enterViewer('Next');
    await untilWatching(next);
    expect(mallory.links).to.be.empty;
    expect(peace).to.deep.equal([[], []]);
    expect(stage.participants.map(({name}) => name)).to.deep.equal(['Viewer', 'Next']);
  });

  it('gives a viewer their place back that somebody else took while they were silent', async () => {
    // In Firefox those who have a line and who have not do not meet.
    const [line, own, other] = [await Path.open(), await Path.open(), await Path.open()];
    const stage = await enterStage({rtcConfiguration: own.configuration});
    const viewer = await enterViewer('Viewer', {rtcConfiguration: line.configuration});
    await untilWatching(viewer);
    const {id} = await identityOf(undefined, 'hello');
    const mallory = await Outsider.open({id: id!});
    mallory.configuration = other.configuration;
    await line.cut();
    await until(() => stage.participants[0]?.connection === 'reconnecting', 'silence');
    mallory.hello();
    await until(() => mallory.link?.isOpen, 'the other');
    await line.heal();
    mallory.close();
    await until(() => stage.participants[0]?.name === 'Viewer', 'the viewer', 30_000);
    await untilWatching(viewer, 30_000);
  });

  it('takes nothing for the links of others', async () => {
    const stage = await enterStage();
    const viewer = await enterViewer('Viewer');
    await untilWatching(viewer);
    const peace = [watchPeace(viewer), watchPeace(stage)];
    const {attempt, src: viewerAddress} = await identityOf(undefined, 'hello');
    const offer = await identityOf(address, 'description');
    const mallory = await Outsider.open();
    for (const to of [address, viewerAddress!]) {
      mallory.stranger.mail(to, {t: 'bye', v, attempt, reason: 'left'});
      mallory.stranger.mail(to, {t: 'full', v, attempt, pending: [], settled: true});
      mallory.stranger.mail(to, {...offer, n: 2, sdp: 'v=0\r\nnonsense'});
      mallory.stranger.mail(to, {
        t: 'candidate',
        v,
        attempt,
        candidate: {candidate: 'candidate:1 1 udp 1 203.0.113.1 9 typ host', sdpMid: '0'},
      });
    }
    const next = await enterViewer('Next');
    await untilWatching(next);
    expect(peace).to.deep.equal([[], []]);
    expect(viewer.state.phase).to.equal('joined');
  });

  it('does not believe anybody but its address to be the stage', async () => {
    const viewer = await enterViewer('Viewer');
    await until(async () => (await mailsTo(address)).includes('hello'), 'a hello');
    const {attempt, src} = await identityOf(undefined, 'hello');
    const mallory = await Outsider.open();
    mallory.offer(src!, attempt!);
    mallory.stranger.mail(src!, {t: 'full', v, attempt, pending: [], settled: true});
    const stage = await enterStage();
    await untilWatching(viewer);
    expect(viewer.participants[0]?.name).to.equal('Stage');
    expect(mallory.link?.isOpen).to.be.false;
    stage.leave();
  });

  it('shrugs at a viewer who speaks as a stage, passes things on and says nonsense', async () => {
    const stage = await enterStage();
    const viewer = await enterViewer('Viewer');
    await untilWatching(viewer);
    const peace = watchPeace(viewer);
    const mallory = await Outsider.open();
    await mallory.enter();
    const {channel, link} = mallory;
    const say = (message: object) => channel.send(JSON.stringify(message));
    const {id: viewerId, attempt} = await identityOf(undefined, 'hello');
    say({
      t: 'show',
      viewers: 9,
      sinceMs: 1,
      paused: true,
      chat: false,
      record: true,
      invited: true,
    });
    say({
      t: 'relay',
      to: viewerId!,
      signal: {t: 'candidate', v, attempt, candidate: {candidate: ''}},
    });
    say({
      t: 'relayed',
      from: viewerId!,
      signal: {t: 'candidate', v, attempt, candidate: {candidate: ''}},
    });
    say({t: 'state', ...state, hand: 'yes'});
    say({
      t: 'state',
      ...state,
      name: '\u202e<img src=x onerror=alert(1)>',
      hand: true,
      guest: true,
    });
    const seen = await until(() => stage.participants.find(({handRaised}) => handRaised), 'a hand');
    expect(seen.name).to.equal('<img src=x onerror=alert(1)>');
    // Nobody has asked them up.
    expect(seen.role).to.equal('viewer');
    expect(stage.broadcast.guest).to.equal(undefined);
    expect(stage.broadcast.isPaused).to.be.false;
    expect(stage.broadcast.chatIsOpen).to.be.true;
    expect(viewer.broadcast.isPaused).to.be.false;
    expect(viewer.participants).to.have.length(1);
    expect(link?.isOpen).to.be.true;
    expect(peace).to.be.empty;
  });

  it('passes on but some of many lines of chat, as those of who wrote them', async () => {
    const stage = await enterStage();
    const viewer = await enterViewer('Viewer');
    await untilWatching(viewer);
    const mallory = await Outsider.open();
    await mallory.enter();
    for (let i = 0; i < 200; i++) {
      mallory.channel.send(
        JSON.stringify({
          t: 'chat',
          id: hex(),
          text: `<b>${i}</b>`,
          from: {id: 'stage', name: 'Stage'},
        }),
      );
    }
    await until(() => viewer.chat.messages.length, 'a line');
    stage.chat.send('barrier');
    await until(() => viewer.chat.messages.some(({text}) => text === 'barrier'), 'the barrier');
    const lines = viewer.chat.messages.filter(({text}) => text !== 'barrier');
    expect(lines.length).to.be.within(1, 40);
    for (const {text, from} of lines) {
      expect(from.name).to.equal('Mallory');
      expect(from.id).not.to.be.oneOf(['stage', mallory.id]);
      expect(text).to.match(/^<b>\d+<\/b>$/);
    }
    await until(() => mallory.chats.length, 'the barrier, over there');
    expect(mallory.chats.map(({text}) => text)).to.deep.equal(['barrier']);
  });

  it('ends the link of one who floods it, says why, and nobody else is disturbed', async () => {
    const stage = await enterStage();
    const viewer = await enterViewer('Viewer');
    await untilWatching(viewer);
    const peace = watchPeace(viewer);
    const errors: string[] = [];
    stage.addEventListener('error', ({error}) =>
      errors.push(`${error.code} ${error.detail ?? ''}`),
    );
    const left: string[] = [];
    stage.addEventListener('participant-left', ({participant: {name}, reason}) =>
      left.push(`${name} ${reason}`),
    );
    const mallory = await Outsider.open();
    await mallory.enter();
    await until(() => stage.participants.length === 2, 'both');
    const {channel} = mallory;
    for (let i = 0; i < 1_500 && channel.readyState === 'open'; i++) {
      channel.send(JSON.stringify({t: 'chat', id: hex(), text: 'x'}));
    }
    await until(() => left.length, 'the end');
    expect(left).to.deep.equal(['Mallory bad-message']);
    expect(errors).to.include('bad-message too fast');
    await until(() => mallory.ends.length, 'the end over there');
    expect(mallory.ends).to.deep.equal(['bad-message']);
    stage.chat.send('still here');
    await until(() => viewer.chat.messages.some(({text}) => text === 'still here'), 'the stage');
    expect(peace).to.be.empty;
  });

  it('does not show the stage what a viewer sends who was not asked', async () => {
    const stage = await enterStage();
    const mallory = await Outsider.open();
    await mallory.enter();
    const stream = canvasStream();
    streams.push(stream);
    mallory.link!.setTracks({camera: stream.getVideoTracks()[0]!});
    mallory.link!.setState({...state, cameraOff: false});
    const viewer = await enterViewer('Viewer');
    await untilWatching(viewer);
    await until(() => stage.participants.length === 2, 'both');
    expect(viewer.participants).to.have.length(1);
    expect(stage.participants.map(({role}) => role)).to.deep.equal(['viewer', 'viewer']);
  });

  describe('on the stage', () => {
    /** A hostile stage, and a viewer who has found it. */
    async function meetStage() {
      const mallory = await Outsider.open({at: address});
      const viewer = await enterViewer('Viewer');
      const told: string[] = [];
      viewer.addEventListener('error', ({error}) =>
        told.push(`${error.code} ${error.detail ?? ''}`),
      );
      const {attempt, src, id} = await until(
        async () =>
          (await mailsTo(address)).includes('hello') ? identityOf(undefined, 'hello') : undefined,
        'a hello',
      );
      mallory.offer(src!, attempt!);
      await until(() => mallory.link?.isOpen && viewer.participants.length, 'a viewer');
      const say = (message: object) => mallory.channel.send(JSON.stringify(message));
      return {mallory, viewer, told, say, id: id!};
    }
    const show = {
      t: 'show',
      viewers: 1,
      sinceMs: 1,
      paused: false,
      chat: true,
      record: false,
      invited: false,
    };

    it('says nonsense of the show, and is told off', async () => {
      const {viewer, told, say} = await meetStage();
      for (const wrong of [
        {viewers: -1},
        {viewers: 1e9},
        {sinceMs: '1'},
        {paused: 'no'},
        {guest: {id: {}, name: '', micOff: true, cameraOff: true}},
      ]) {
        say({...show, ...wrong});
      }
      say({...show, viewers: 7});
      await until(() => viewer.broadcast.viewers === 7, 'the show');
      expect(told).to.have.length(5);
      expect(viewer.participants).to.have.length(1);
      expect(viewer.broadcast.isPaused).to.be.false;
    });

    it('cannot have a guest pass for the stage, or for oneself', async () => {
      const {viewer, say, mallory, id} = await meetStage();
      const [stage] = viewer.participants;
      for (const [i, guest] of [mallory.id, id, 'self', 'guest'].entries()) {
        say({
          ...show,
          viewers: i,
          guest: {id: guest, name: '\u202eJun', micOff: true, cameraOff: true},
        });
        await until(() => viewer.broadcast.viewers === i, 'the show');
        expect(viewer.participants.map(({role}) => role)).to.deep.equal(['stage', 'guest']);
        expect(viewer.participants.map((each) => each.id)).to.deep.equal([stage!.id, 'guest']);
        expect(viewer.participants[1]?.name).to.equal('Jun');
      }
      say({...show, viewers: 9});
      await until(() => viewer.broadcast.viewers === 9, 'the show');
      expect(viewer.participants).to.have.length(1);
    });

    it('opens no device of a viewer by asking them up', async () => {
      const {viewer, say} = await meetStage();
      say({...show, invited: true});
      await until(() => viewer.broadcast.isInvited, 'the invitation');
      expect(viewer.self.cameraOff && viewer.self.micOff).to.be.true;
      expect(viewer.self.role).to.equal('viewer');
    });

    it('passes on lines of anybody, which are text and no more', async () => {
      const {viewer, say} = await meetStage();
      const id = hex();
      for (let i = 0; i < 2; i++) {
        say({
          t: 'chat',
          id,
          text: '<img src=x onerror=alert(1)>',
          from: {id: 'self', name: '\u202e<b>You</b>'},
        });
      }
      say({t: 'chat', id: hex(), text: 'end'});
      await until(() => viewer.chat.messages.some(({text}) => text === 'end'), 'the end');
      expect(
        viewer.chat.messages.map(({text, from, isOwn}) => `${text} ${from.name} ${isOwn}`),
      ).to.deep.equal(['<img src=x onerror=alert(1)> <b>You</b> false', 'end Mallory false']);
    });

    it('floods its viewers, who leave it, and find the next one', async () => {
      const {viewer, mallory} = await meetStage();
      const left: string[] = [];
      viewer.addEventListener('participant-left', ({reason}) => left.push(reason));
      const {channel} = mallory;
      for (let i = 0; i < 1_500 && channel.readyState === 'open'; i++) {
        channel.send(JSON.stringify({t: 'chat', id: hex(), text: 'x'}));
      }
      await until(() => left.length, 'the end');
      expect(left).to.deep.equal(['bad-message']);
      expect(viewer.chat.messages.length).to.be.at.most(700);
      outsiders.delete(mallory);
      mallory.close();
      mallory.stranger.close();
      await until(async () => {
        const stage = await enterStage().catch(() => undefined);
        return stage?.state.phase === 'joined';
      }, 'the address');
      await untilWatching(viewer, 20_000);
    });
  });

  it('refuses nobody for the strangers who never came in', async () => {
    const stage = await enterStage({maxParticipants: 5});
    const strangers = await Promise.all(Array.from({length: 8}, () => Outsider.open()));
    for (const stranger of strangers) {
      stranger.answers = false;
      stranger.hello();
    }
    await until(async () => (await mailsTo(strangers[0]!.address)).length, 'an answer');
    const viewer = await enterViewer('Viewer');
    await until(
      () => viewer.participants.length || viewer.state.phase === 'failed',
      'a word',
      30_000,
    );
    expect(failureOf(viewer)).to.equal('joined');
    await untilWatching(viewer);
    expect(stage.participants).to.have.length(1);
  });
});
