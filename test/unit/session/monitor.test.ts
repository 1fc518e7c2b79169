import {expect} from '@open-wc/testing';
import type {CallSession} from '../../../src/session/call-session.js';
import {Monitor, type OpenMic} from '../../../src/session/monitor.js';
import {requireMixing, silenceAll, tone} from '../stream-server.js';
import {
  closePaths,
  createSession,
  createWatcher,
  leaveAll,
  Path,
  randomRoom,
  replace,
  restoreAll,
  until,
  untilConnected,
} from '../support.js';

/** What a browser would measure of a line, second by second. */
class MadeUpLine {
  #seconds = 0;
  #lost = 0;
  #told = 0;
  #energy = 0;
  loss = 0;
  lossOut = 0;
  level = 0;

  report(): RTCStatsReport {
    const timestamp = ++this.#seconds * 1_000;
    this.#lost += this.loss * 100;
    this.#energy += this.level ** 2;
    const stats = [
      {
        id: 'in',
        type: 'inbound-rtp',
        kind: 'audio',
        timestamp,
        packetsLost: this.#lost,
        packetsReceived: this.#seconds * 100 - this.#lost,
        totalAudioEnergy: this.#energy,
        totalSamplesDuration: this.#seconds,
      },
      {
        id: 'told',
        type: 'remote-inbound-rtp',
        timestamp: ++this.#told,
        fractionLost: this.lossOut,
        roundTripTime: 0.04,
      },
    ];
    return new Map(stats.map((stat) => [stat.id, stat]));
  }
}

describe('Monitor', () => {
  let lines: Record<string, MadeUpLine>;
  let monitor: Monitor;
  let measured: number;
  let changes: number;
  let mic: OpenMic | undefined;
  let isFloating: boolean;
  let beat: () => void;
  let end: AbortController;

  beforeEach(() => {
    // A second is as long as we say.
    replace(window, 'setInterval', (act: () => void) => ((beat = act), 0));
    lines = {a: new MadeUpLine(), b: new MadeUpLine(), c: new MadeUpLine()};
    [measured, changes, mic, isFloating] = [0, 0, undefined, false];
    end = new AbortController();
    monitor = new Monitor({
      getStats: async () => {
        measured++;
        return new Map(Object.entries(lines).map(([id, line]) => [id, line.report()]));
      },
      people: () => Object.keys(lines).map((id) => ({id, stream: new MediaStream()})),
      mic: () => mic,
      isFloating: () => isFloating,
      signal: end.signal,
    });
    monitor.addEventListener('change', () => changes++);
  });
  afterEach(() => {
    end.abort();
    restoreAll();
  });

  async function pass(seconds: number): Promise<void> {
    for (let second = 0; second < seconds; second++) {
      beat();
      // Two turns would do.
      await new Promise((resolve) => setTimeout(resolve));
    }
  }

  it('grades each line, and says on whose side the trouble is', async () => {
    await pass(3);
    expect(monitor.qualityOf('a')).to.deep.equal({grade: 'good'});
    expect(monitor.numbersOf('a')).to.deep.equal({lossPercent: 0, roundTripMs: 40});
    lines.a!.loss = 0.2;
    await pass(3);
    const quality = monitor.qualityOf('a');
    expect(quality).to.deep.equal({grade: 'poor', trouble: 'loss', side: 'there'});
    expect(monitor.qualityOf('b')).to.deep.equal({grade: 'good'});
    lines.a!.loss = 0.3;
    const before = changes;
    await pass(2);
    // Other numbers are not another quality.
    expect(monitor.qualityOf('a')).to.equal(quality);
    expect(monitor.numbersOf('a')!.lossPercent).to.equal(30);
    expect(changes).to.equal(before);

    lines.b!.loss = lines.c!.loss = 0.2;
    await pass(3);
    expect(monitor.qualityOf('a')!.side).to.equal('here');
    expect(monitor.qualityOf('b')).to.deep.equal({grade: 'poor', trouble: 'loss', side: 'here'});
    delete lines.b;
    delete lines.c;
    await pass(1);
    // Between two it cannot be told.
    expect(monitor.qualityOf('a')).to.deep.equal({grade: 'poor', trouble: 'loss'});
    expect(monitor.qualityOf('b')).to.equal(undefined);
  });

  it('takes what most do not get for one’s own trouble', async () => {
    lines.a!.lossOut = 0.5;
    await pass(4);
    expect(monitor.qualityOf('self')).to.deep.equal({grade: 'good'});
    lines.b!.lossOut = 0.1;
    await pass(4);
    expect(monitor.qualityOf('self')).to.deep.equal({
      grade: 'poor',
      trouble: 'loss',
      side: 'here',
    });
    expect(monitor.numbersOf('self')).to.deep.equal({lossPercent: 10, roundTripMs: 40});
  });

  it('knows who speaks', async () => {
    lines.b!.level = 0.1;
    await pass(4);
    expect(['a', 'b', 'self'].filter((id) => monitor.speaks(id))).to.deep.equal(['b']);
    expect(monitor.activeSpeaker).to.equal('b');
    lines.b!.level = 0;
    await pass(1);
    expect(monitor.speaks('b')).to.equal(false);
    expect(monitor.activeSpeaker).to.equal('b');
    await pass(3);
    expect(monitor.activeSpeaker).to.equal(undefined);
  });

  it('measures nothing while nobody can see it, or nobody is there', async () => {
    lines.b!.level = 0.1;
    await pass(4);
    replace(document, 'visibilityState', 'hidden');
    document.dispatchEvent(new Event('visibilitychange'));
    const before = measured;
    await pass(2);
    expect(measured).to.equal(before);
    expect(monitor.activeSpeaker).to.equal(undefined);
    replace(document, 'visibilityState', 'visible');
    document.dispatchEvent(new Event('visibilitychange'));
    expect(measured).to.equal(before + 1);
    await pass(3);
    expect(monitor.activeSpeaker).to.equal('b');
    lines = {};
    const last = measured;
    await pass(2);
    expect(measured).to.equal(last);
    expect(monitor.speaks('b')).to.equal(false);
  });

  it('measures on while the page is out of sight but a small window is not', async () => {
    lines.b!.level = 0.1;
    await pass(4);
    isFloating = true;
    monitor.followSight();
    replace(document, 'visibilityState', 'hidden');
    document.dispatchEvent(new Event('visibilitychange'));
    expect(monitor.activeSpeaker).to.equal('b');
    [lines.b!.level, lines.c!.level] = [0, 0.1];
    await pass(8);
    expect(monitor.activeSpeaker).to.equal('c');
    isFloating = false;
    monitor.followSight();
    expect(monitor.activeSpeaker).to.equal(undefined);
    const last = measured;
    await pass(2);
    expect(measured).to.equal(last);
  });

  it('hears one talk into a microphone that is off, and stops listening at once', async function () {
    await requireMixing(this);
    const track = tone();
    const copies: MediaStreamTrack[] = [];
    const clone = track.clone.bind(track);
    track.clone = () => {
      copies.push(clone());
      return copies.at(-1)!;
    };
    track.enabled = false;
    mic = {track, isMuted: true, isDevice: true};
    await until(async () => {
      await pass(1);
      return monitor.isTalkingMuted;
    }, 'a voice');
    expect(copies).to.have.length(1);
    expect(monitor.speaks('self')).to.equal(false);

    mic = {track, isMuted: false, isDevice: true};
    monitor.followMic();
    expect(monitor.isTalkingMuted).to.equal(false);
    expect(copies[0]!.readyState).to.equal('ended');

    mic = {track, isMuted: true, isDevice: false};
    monitor.followMic();
    expect(copies).to.have.length(1);
    mic = {track, isMuted: true, isDevice: true};
    monitor.followMic();
    end.abort();
    expect(copies.map(({readyState}) => readyState)).to.deep.equal(['ended', 'ended']);
    silenceAll();
  });
});

describe('A call that is measured', function () {
  this.timeout(40_000);
  const players: HTMLAudioElement[] = [];

  afterEach(async () => {
    leaveAll();
    players.splice(0).forEach((player) => (player.srcObject = null));
    await closePaths();
  });

  /** Chromium measures only what is played. */
  function play({participants}: CallSession): void {
    const player = Object.assign(new Audio(), {srcObject: participants[0]!.stream, autoplay: true});
    players.push(player);
  }

  it('tells who speaks, and when a line is bad and why', async () => {
    const room = randomRoom();
    // In Firefox nothing but another relay reaches a relay on this machine.
    const [path, own] = [await Path.open(), await Path.open()];
    const mina = await createSession({
      room,
      cameraOff: true,
      rtcConfiguration: own.configuration,
    });
    const jun = await createWatcher({room, rtcConfiguration: path.configuration});
    await Promise.all([mina.join(), jun.join()]);
    await untilConnected(mina, jun);
    play(jun);
    const seen = () => jun.participants[0]!;
    await until(() => seen().speaking, 'the word that she speaks');
    await until(() => jun.activeSpeaker === seen().id, 'that she has the word');
    await until(() => seen().quality?.grade === 'good', 'a good line', 15_000);
    expect(jun.lineOf(seen().id)).to.include.keys('lossPercent', 'roundTripMs');
    expect(jun.self.speaking).to.equal(false);

    await path.loss(30);
    const {grade, trouble} = await until(
      () => (seen().quality?.grade === 'good' ? undefined : seen().quality),
      'a bad line',
    );
    expect(['fair', 'poor']).to.include(grade);
    expect(trouble).to.equal('loss');
    jun.leave();
    expect(jun.activeSpeaker).to.equal(undefined);
  });
});
