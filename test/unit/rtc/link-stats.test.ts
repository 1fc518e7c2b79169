import {expect} from '@open-wc/testing';
import {candidateStats, readLine, readSending, readStats} from '../../../src/rtc/link-stats.js';
import {canvasStream, until} from '../support.js';

/** A report as browsers make it. */
function report(...stats: {id: string; type: string; [name: string]: unknown}[]): RTCStatsReport {
  return new Map(stats.map((stat) => [stat.id, stat]));
}

const transport = {id: 'T', type: 'transport', selectedCandidatePairId: 'P'};
const pair = {
  id: 'P',
  type: 'candidate-pair',
  timestamp: 1_000,
  localCandidateId: 'L',
  remoteCandidateId: 'R',
  currentRoundTripTime: 0.0421,
  bytesSent: 1_000_000,
  bytesReceived: 500_000,
};
const local = {
  id: 'L',
  type: 'local-candidate',
  candidateType: 'relay',
  protocol: 'udp',
  relayProtocol: 'tls',
  address: '203.0.113.9',
};
const remote = {
  id: 'R',
  type: 'remote-candidate',
  candidateType: 'srflx',
  protocol: 'udp',
  address: '203.0.113.10',
};

describe('readStats', () => {
  it('reads the path in use, and says no address', () => {
    const figures = readStats(report(transport, pair, local, remote));
    expect(figures).to.deep.equal({
      local: ['relay'],
      remote: ['srflx'],
      pair: {local: 'relay', remote: 'srflx', protocol: 'udp', relayProtocol: 'tls'},
      roundTripMs: 42,
    });
    expect(JSON.stringify(figures)).to.not.contain('203.0');
  });

  it('names each kind of candidate once, also of a link without a path', () => {
    const others = ['host', 'host', 'srflx'].map((candidateType, i) => ({
      ...local,
      id: `L${i}`,
      candidateType,
    }));
    expect(readStats(report(...others, remote))).to.deep.equal({
      local: ['host', 'srflx'],
      remote: ['srflx'],
    });
    expect(readStats(report())).to.deep.equal({local: [], remote: []});
  });

  it('counts what has happened since the report before', () => {
    const before = report(transport, pair, local, remote, {
      id: 'I',
      type: 'inbound-rtp',
      packetsLost: 500,
      packetsReceived: 500,
    });
    const figures = readStats(
      report(
        transport,
        {...pair, timestamp: 3_000, bytesSent: 1_250_000, bytesReceived: 525_000},
        local,
        remote,
        {id: 'I', type: 'inbound-rtp', packetsLost: 503, packetsReceived: 597},
        {id: 'O', type: 'remote-inbound-rtp', fractionLost: 0.125},
      ),
      before,
    );
    expect(figures).to.include({sendKbps: 1_000, receiveKbps: 100});
    expect(figures.lossPercent).to.deep.equal({in: 3, out: 12.5});
  });

  it('takes packets that came twice for no loss', () => {
    const inbound = {id: 'I', type: 'inbound-rtp', packetsLost: -3, packetsReceived: 100};
    expect(readStats(report(inbound)).lossPercent).to.deep.equal({in: 0});
  });

  it('names the processor before the line as what limits a picture', () => {
    const limited = (...reasons: string[]) =>
      readStats(
        report(
          ...reasons.map((qualityLimitationReason, i) => ({
            id: `O${i}`,
            type: 'outbound-rtp',
            qualityLimitationReason,
          })),
        ),
      ).limitedBy;
    expect(limited('bandwidth', 'cpu', 'none')).to.equal('cpu');
    expect(limited('none', 'bandwidth')).to.equal('bandwidth');
    expect(limited('none', 'other')).to.equal(undefined);
  });

  it('understands what this browser measures', async () => {
    const stream = canvasStream();
    const [here, there] = [new RTCPeerConnection(), new RTCPeerConnection()];
    try {
      here.addEventListener('icecandidate', ({candidate}) => void there.addIceCandidate(candidate));
      there.addEventListener('icecandidate', ({candidate}) => void here.addIceCandidate(candidate));
      here.addTrack(stream.getTracks()[0]!, stream);
      await here.setLocalDescription();
      await there.setRemoteDescription(here.localDescription!);
      await there.setLocalDescription();
      await here.setRemoteDescription(there.localDescription!);
      const before = await until(async () => {
        const report = await there.getStats();
        return readStats(report).lossPercent && report;
      }, 'packets');
      const figures = await until(async () => {
        const now = readStats(await there.getStats(), before);
        // Bytes may have come that are no media.
        return now.lossPercent && (now.receiveKbps ?? 0) > 0 ? now : undefined;
      }, 'more of them');
      expect(figures.local).to.include('host');
      expect(figures.pair?.protocol).to.equal('udp');
      expect(figures.lossPercent?.in).to.equal(0);
      expect(figures.roundTripMs).to.be.within(0, 2_000);
    } finally {
      here.close();
      there.close();
      stream.getTracks().forEach((track) => track.stop());
    }
  });
});

describe('candidateStats', () => {
  it('tells the candidates of both ends, as long as the connection is open', async () => {
    const [here, there] = [new RTCPeerConnection(), new RTCPeerConnection()];
    try {
      here.createDataChannel('x');
      await here.setLocalDescription();
      await there.setRemoteDescription(here.localDescription!);
      await there.setLocalDescription();
      await here.setRemoteDescription(there.localDescription!);
      await until(() => here.iceGatheringState === 'complete', 'candidates');
      for (const type of ['host', 'srflx']) {
        await here.addIceCandidate({
          candidate: `candidate:1 1 udp 1 203.0.113.5 50000 typ ${type} raddr 0.0.0.0 rport 0`,
          sdpMid: '0',
        });
      }
      const {local, remote} = readStats(candidateStats(here));
      expect(local).to.deep.equal(['host']);
      expect(remote).to.include.members(['host', 'srflx']);
    } finally {
      here.close();
      there.close();
    }
  });

  it('tells nothing of a connection that was never described', () => {
    const connection = new RTCPeerConnection();
    expect(candidateStats(connection).size).to.equal(0);
    connection.close();
  });
});

describe('readSending', () => {
  const video = {
    id: 'V',
    type: 'outbound-rtp',
    kind: 'video',
    timestamp: 1_000,
    bytesSent: 100_000,
    framesSent: 100,
    qualityLimitationReason: 'none',
  };
  const audio = {id: 'A', type: 'outbound-rtp', kind: 'audio', timestamp: 1_000, bytesSent: 5_000};
  const source = {id: 'S', type: 'media-source', kind: 'video', framesPerSecond: 30};
  const later = {
    video: {...video, timestamp: 3_000, bytesSent: 350_000, framesSent: 148},
    audio: {...audio, timestamp: 3_000, bytesSent: 15_000},
  };

  it('reads what was sent between two reports', () => {
    expect(
      readSending(report(later.audio, later.video, source), report(audio, video, source)),
    ).to.deep.equal({
      bitrate: 1_040_000,
      loss: 0,
      frameRate: 24,
      sourceFrameRate: 30,
      limitedBy: undefined,
    });
  });

  it('reads nothing of the first report, nor of one taken at the same time', () => {
    expect(readSending(report(video, audio), undefined)).to.equal(undefined);
    expect(readSending(report(video, audio), report(video, audio))).to.equal(undefined);
    expect(readSending(report(), report())).to.equal(undefined);
    expect(readSending(report(later.video), report(audio))).to.equal(undefined);
  });

  it('takes the worst of what gets lost, and the word of the browser for what limits it', () => {
    const remote = (id: string, fractionLost?: number) => ({
      id,
      type: 'remote-inbound-rtp',
      timestamp: 2_900,
      ...(fractionLost !== undefined && {fractionLost}),
    });
    for (const [reason, limitedBy] of [
      ['cpu', 'cpu'],
      ['bandwidth', 'bandwidth'],
      ['other', undefined],
    ] as const) {
      const sending = readSending(
        report(
          {...later.video, qualityLimitationReason: reason},
          remote('1', 0.02),
          remote('2', 0.11),
          remote('3'),
        ),
        report(video),
      );
      expect(sending).to.include({loss: 0.11, limitedBy});
    }
  });

  it('does not believe that a path is full which could take much more', () => {
    const video2 = {...later.video, qualityLimitationReason: 'bandwidth'};
    for (const [available, limitedBy] of [
      [10_000_000, undefined],
      [100, 'bandwidth'],
      [undefined, 'bandwidth'],
    ] as const) {
      const path = {...pair, ...(available && {availableOutgoingBitrate: available})};
      expect(
        readSending(report(transport, path, video2), report(transport, pair, video)),
      ).to.include({limitedBy});
    }
  });

  it('takes no notice of what was lost of a picture that is off by now', () => {
    const remote = {id: 'R', type: 'remote-inbound-rtp', fractionLost: 0.5, timestamp: 900};
    expect(readSending(report(later.video, remote), report(video, remote))).to.include({loss: 0});
    const heard = {...remote, timestamp: 2_900};
    expect(readSending(report(later.video, heard), report(video, remote))).to.include({loss: 0.5});
  });

  it('counts frames of the camera where the browser does not say how many there are a second', () => {
    const frames = (count: number) => ({
      id: 'S',
      type: 'media-source',
      kind: 'video',
      frames: count,
    });
    expect(readSending(report(later.video, frames(110)), report(video, frames(50)))).to.include({
      sourceFrameRate: 30,
    });
  });

  it('knows no frames where there is sound only', () => {
    const path = (bytesSent: number, timestamp: number) => ({...pair, bytesSent, timestamp});
    expect(
      readSending(
        report(transport, path(20_000, 3_000), later.audio),
        report(transport, path(6_000, 1_000), audio),
      ),
    ).to.deep.equal({
      bitrate: 40_000,
      loss: 0,
      frameRate: undefined,
      sourceFrameRate: undefined,
      limitedBy: undefined,
    });
  });

  it('reads the reports of this browser', async () => {
    const stream = canvasStream();
    const [a, b] = [new RTCPeerConnection(), new RTCPeerConnection()];
    const send = (to: RTCPeerConnection) => (event: RTCPeerConnectionIceEvent) =>
      void (event.candidate && to.addIceCandidate(event.candidate));
    a.addEventListener('icecandidate', send(b));
    b.addEventListener('icecandidate', send(a));
    a.addTrack(stream.getVideoTracks()[0]!);
    try {
      await a.setLocalDescription();
      await b.setRemoteDescription(a.localDescription!);
      await b.setLocalDescription();
      await a.setRemoteDescription(b.localDescription!);
      let before: RTCStatsReport | undefined;
      let sentAt = Infinity;
      const sending = await until(async () => {
        const now = await a.getStats();
        const read = readSending(now, before);
        // There may be nothing to measure at first.
        if (!read) {
          before = now;
          sentAt = performance.now();
        }
        // In a moment a busy machine catches up on what it owes: that is no rate.
        const isLong = performance.now() - sentAt >= 1_000;
        return isLong && read?.frameRate && read.sourceFrameRate ? read : undefined;
      }, 'frames');
      expect(sending.frameRate).to.be.within(1, 60);
      expect(sending.sourceFrameRate).to.be.within(1, 60);
      expect(sending.bitrate).to.be.above(1_000);
      expect(sending.loss).to.be.within(0, 1);
    } finally {
      a.close();
      b.close();
      stream.getTracks()[0]?.stop();
    }
  });
});

describe('readLine', () => {
  const report = (...stats: {id: string; timestamp: number}[]) =>
    new Map(stats.map((stat) => [stat.id, stat])) as unknown as RTCStatsReport;
  const sound = (timestamp: number, more = {}) => ({
    id: 'sound',
    type: 'inbound-rtp',
    kind: 'audio',
    trackIdentifier: 'voice',
    timestamp,
    ...more,
  });
  const picture = (timestamp: number, more = {}) => ({
    id: 'picture',
    type: 'inbound-rtp',
    kind: 'video',
    timestamp,
    ...more,
  });
  const tracks = {voice: 'voice', own: 'mic'};

  it('counts what has happened since the earlier report only', () => {
    const before = report(
      sound(0, {packetsReceived: 900, packetsLost: 400, jitter: 0.5}),
      picture(0, {packetsReceived: 100, packetsLost: 100, freezeCount: 3, totalFreezesDuration: 9}),
    );
    const now = report(
      sound(1_000, {packetsReceived: 950, packetsLost: 404, jitter: 0.02}),
      picture(1_000, {
        packetsReceived: 140,
        packetsLost: 106,
        framesDecoded: 24,
        freezeCount: 4,
        totalFreezesDuration: 9.5,
      }),
    );
    expect(readLine(now, before, tracks)).to.deep.equal({
      seconds: 1,
      lossIn: 0.1,
      lossOut: undefined,
      roundTripMs: undefined,
      jitterMs: 20,
      frameRate: 24,
      freezes: 1,
      frozenSeconds: 0.5,
      level: undefined,
      ownLevel: undefined,
    });
  });

  it('hears those who speak, and not what they play', () => {
    const energy = (totalAudioEnergy: number, totalSamplesDuration: number) => ({
      totalAudioEnergy,
      totalSamplesDuration,
    });
    const film = {id: 'film', trackIdentifier: 'film'};
    const own = {id: 'own', type: 'media-source', trackIdentifier: 'mic'};
    const before = report(
      sound(0, energy(5, 100)),
      sound(0, {...energy(0, 100), ...film}),
      sound(0, {...energy(1, 100), ...own}),
    );
    const now = report(
      sound(1_000, energy(5.04, 101)),
      sound(1_000, {...energy(1, 101), ...film}),
      sound(1_000, {...energy(1, 101), ...own}),
    );
    const {level, ownLevel} = readLine(now, before, tracks)!;
    expect(level).to.be.closeTo(0.2, 0.001);
    expect(ownLevel).to.equal(0);
    // Chromium: what nobody plays is not measured.
    expect(readLine(report(sound(1_000, energy(5, 100))), before, tracks)!.level).to.be.undefined;
  });

  it('takes the word of the other end once, and the path where there is none', () => {
    const pair = (timestamp: number) => ({
      id: 'pair',
      type: 'candidate-pair',
      nominated: true,
      currentRoundTripTime: 0.5,
      timestamp,
    });
    const told = (timestamp: number, fractionLost: number) => ({
      id: 'told',
      type: 'remote-inbound-rtp',
      fractionLost,
      roundTripTime: 0.1,
      timestamp,
    });
    const before = report(pair(0), told(-500, 0));
    expect(readLine(report(told(600, 0.25), pair(1_000)), before)).to.include({
      seconds: 1,
      lossIn: undefined,
      lossOut: 0.25,
      roundTripMs: 100,
    });
    expect(readLine(report(told(-500, 0.25), pair(1_000)), before)).to.include({
      lossOut: undefined,
      roundTripMs: 500,
    });
    expect(readLine(before, before)).to.equal(undefined);
    expect(readLine(report(), before)).to.equal(undefined);
  });
});
