import type {LinkDiagnosis} from '../core/diagnosis.js';

/** What is read of the browser's statistics. None measures everything. */
interface Stat {
  readonly id: string;
  readonly type: string;
  readonly timestamp: number;
  readonly candidateType?: RTCIceCandidateType;
  readonly protocol?: string;
  readonly relayProtocol?: string;
  readonly selectedCandidatePairId?: string;
  readonly localCandidateId?: string;
  readonly remoteCandidateId?: string;
  readonly currentRoundTripTime?: number;
  readonly availableOutgoingBitrate?: number;
  readonly bytesSent?: number;
  readonly bytesReceived?: number;
  readonly packetsLost?: number;
  readonly packetsReceived?: number;
  readonly nominated?: boolean;
  readonly roundTripTime?: number;
  readonly jitter?: number;
  readonly trackIdentifier?: string;
  readonly totalAudioEnergy?: number;
  readonly totalSamplesDuration?: number;
  readonly framesDecoded?: number;
  readonly freezeCount?: number;
  readonly fractionLost?: number;
  readonly qualityLimitationReason?: string;
  readonly kind?: string;
  readonly framesSent?: number;
  readonly mediaSourceId?: string;
  readonly frames?: number;
  readonly framesPerSecond?: number;
  readonly totalFreezesDuration?: number;
}

type Counter = 'bytesSent' | 'bytesReceived' | 'packetsLost' | 'packetsReceived';
type LineCounter =
  | 'packetsLost'
  | 'packetsReceived'
  | 'framesDecoded'
  | 'freezeCount'
  | 'totalFreezesDuration'
  | 'totalAudioEnergy'
  | 'totalSamplesDuration';

/**
 * The candidates of both ends, in the form of statistics, to be read before the connection is
 * closed: Chromium forgets those of the other end when it fails, and all else when it closes.
 */
export function candidateStats(connection: RTCPeerConnection): RTCStatsReport {
  if (connection.signalingState === 'closed') {
    // Firefox throws when it is asked for more.
    return new Map();
  }
  const {localDescription, remoteDescription} = connection;
  const read = (type: string, description: RTCSessionDescription | null) =>
    [...(description?.sdp ?? '').matchAll(/^a=candidate:.* typ (\w+)/gm)].map(
      ([, candidateType], index) => {
        const id = `${type}-${index}`;
        return [id, {id, type, candidateType}] as const;
      },
    );
  return new Map([
    ...read('local-candidate', localDescription),
    ...read('remote-candidate', remoteDescription),
  ]);
}

/** What the statistics of a link tell a person: now, or since an earlier report. No address. */
export function readStats(
  report: RTCStatsReport,
  earlier?: RTCStatsReport,
): Omit<LinkDiagnosis, 'participant' | 'connection'> {
  const stats = report as ReadonlyMap<string, Stat>;
  const before = (earlier ?? new Map()) as ReadonlyMap<string, Stat>;
  const all = (type: string) => [...stats.values()].filter((stat) => stat.type === type);
  const typesOf = (type: string) => [
    ...new Set(all(type).flatMap(({candidateType}) => candidateType ?? [])),
  ];
  const grown = (type: string, counter: Counter) =>
    all(type).reduce(
      (sum, stat) => sum + (stat[counter] ?? 0) - (before.get(stat.id)?.[counter] ?? 0),
      0,
    );

  const pair = stats.get(all('transport')[0]?.selectedCandidatePairId ?? '');
  const local = stats.get(pair?.localCandidateId ?? '');
  const remote = stats.get(pair?.remoteCandidateId ?? '');
  const seconds = pair ? (pair.timestamp - (before.get(pair.id)?.timestamp ?? NaN)) / 1_000 : NaN;
  const kbps = (counter: Counter) =>
    Math.round((grown('candidate-pair', counter) * 8) / 1_000 / seconds);

  const lost = Math.max(0, grown('inbound-rtp', 'packetsLost'));
  const lostIn = lost / (lost + grown('inbound-rtp', 'packetsReceived'));
  const lostOut = Math.max(
    ...all('remote-inbound-rtp').flatMap(({fractionLost}) => fractionLost ?? []),
  );
  const loss = {
    ...(lostIn >= 0 && {in: percent(lostIn)}),
    ...(lostOut >= 0 && {out: percent(lostOut)}),
  };
  const reasons = all('outbound-rtp').map(({qualityLimitationReason}) => qualityLimitationReason);
  const limitedBy = (['cpu', 'bandwidth'] as const).find((reason) => reasons.includes(reason));

  return {
    local: typesOf('local-candidate'),
    remote: typesOf('remote-candidate'),
    ...(local?.candidateType &&
      remote?.candidateType && {
        pair: {
          local: local.candidateType,
          remote: remote.candidateType,
          protocol: local.protocol ?? '',
          ...(local.relayProtocol && {relayProtocol: local.relayProtocol}),
        },
      }),
    ...(pair?.currentRoundTripTime !== undefined && {
      roundTripMs: Math.round(pair.currentRoundTripTime * 1_000),
    }),
    ...(Object.keys(loss).length && {lossPercent: loss}),
    ...(limitedBy && {limitedBy}),
    ...(seconds > 0 && {sendKbps: kbps('bytesSent'), receiveKbps: kbps('bytesReceived')}),
  };
}

function percent(fraction: number): number {
  return Math.round(fraction * 1_000) / 10;
}

/** Of what is sent, a path that is full has hardly more to give. */
const freeShare = 1.25;

/** How the sending of pictures to one peer is doing, between two reports. */
export interface Sending {
  /** All that went over the path, in bits a second. */
  readonly bitrate: number;
  /** Of what was sent, how much got lost, 0 to 1. */
  readonly loss: number;
  /** Frames a second that were sent, and that the camera gave. */
  readonly frameRate: number | undefined;
  readonly sourceFrameRate: number | undefined;
  /** What the browser says that makes the picture worse than it might be, if it says so. */
  readonly limitedBy: 'cpu' | 'bandwidth' | undefined;
}

/** Reads it from two reports of one connection, the later first. */
export function readSending(
  report: RTCStatsReport,
  earlier: RTCStatsReport | undefined,
): Sending | undefined {
  const stats = [...(report as ReadonlyMap<string, Stat>).values()];
  const before = (earlier ?? new Map()) as ReadonlyMap<string, Stat>;
  const grown = ({id, bytesSent = 0}: Stat) => bytesSent - (before.get(id)?.bytesSent ?? 0);
  // Of a camera and a screen, the one that counts is that which moves.
  const [video] = stats
    .filter(({type, kind}) => type === 'outbound-rtp' && kind === 'video')
    .sort((one, other) => grown(other) - grown(one));
  const pair = (report as ReadonlyMap<string, Stat>).get(
    stats.find(({type}) => type === 'transport')?.selectedCandidatePairId ?? '',
  );
  const [now = pair, last] = [video, before.get(video?.id ?? pair?.id ?? '')];
  const seconds = now && last ? (now.timestamp - last.timestamp) / 1_000 : 0;
  if (!(seconds > 0)) {
    return undefined;
  }
  const rate = (stat: Stat | undefined, counter: 'bytesSent' | 'framesSent' | 'frames') => {
    const [to, from] = [stat?.[counter], before.get(stat?.id ?? '')?.[counter]];
    return to === undefined || from === undefined ? undefined : (to - from) / seconds;
  };
  const sent = stats.filter(({type}) => type === 'outbound-rtp');
  const lost = stats.flatMap(({id, type, timestamp, fractionLost}) =>
    // What was said of a picture that is off by now stands for ever.
    type === 'remote-inbound-rtp' && timestamp !== before.get(id)?.timestamp
      ? (fractionLost ?? [])
      : [],
  );
  const source = stats.find(
    ({type, kind, id}) =>
      type === 'media-source' && kind === 'video' && id === (video?.mediaSourceId ?? id),
  );
  const bitrate = sent.reduce((sum, stat) => sum + 8 * (rate(stat, 'bytesSent') ?? 0), 0);
  // Chromium blames the path also while it could take much more than the encoder gives.
  const isFree = (pair?.availableOutgoingBitrate ?? 0) > bitrate * freeShare;
  const limits = isFree ? (['cpu'] as const) : (['cpu', 'bandwidth'] as const);
  return {
    bitrate,
    loss: Math.max(0, ...lost),
    frameRate: rate(video, 'framesSent'),
    sourceFrameRate: source?.framesPerSecond ?? rate(source, 'frames'),
    limitedBy: limits.find((reason) => reason === video?.qualityLimitationReason),
  };
}

/** How a link did between two reports. What the browser does not measure, or was not told, is left out. */
export interface LineReading {
  readonly seconds: number;
  /** Of what was to arrive, how much got lost, 0 to 1; nothing while nothing arrives. */
  readonly lossIn: number | undefined;
  /** Of what was sent, by what the other end has said since the earlier report. */
  readonly lossOut: number | undefined;
  readonly roundTripMs: number | undefined;
  /** How unevenly the voice arrives. */
  readonly jitterMs: number | undefined;
  readonly frameRate: number | undefined;
  /** How often the picture stood still and how long, told when it is over: perhaps longer than `seconds`. */
  readonly freezes: number;
  readonly frozenSeconds: number;
  /** How loud they were, and we: 0 to 1, the effective value. */
  readonly level: number | undefined;
  readonly ownLevel: number | undefined;
}

/** Of so few packets, one that is lost says nothing. */
const leastLost = 2;

/**
 * Reads it from two reports of one connection, the later first. `voice` and `own` are the ids of the
 * tracks that people speak in: a film they show is no speech.
 * https://w3c.github.io/webrtc-stats/#dom-rtcinboundrtpstreamstats-totalaudioenergy
 */
export function readLine(
  report: RTCStatsReport,
  earlier: RTCStatsReport,
  {voice, own}: {readonly voice?: string | undefined; readonly own?: string | undefined} = {},
): LineReading | undefined {
  const stats = report as ReadonlyMap<string, Stat>;
  const before = earlier as ReadonlyMap<string, Stat>;
  const all = [...stats.values()];
  // What was said of a picture that is off by now stands for ever.
  const fresh = all.filter(
    ({id, timestamp}) => timestamp > (before.get(id)?.timestamp ?? Infinity),
  );
  // What the other end has said is older than the report.
  const latest = most(fresh.map(({timestamp}) => timestamp));
  const newest = fresh.find(({timestamp}) => timestamp === latest);
  if (!newest) {
    return undefined;
  }
  const seconds = (newest.timestamp - before.get(newest.id)!.timestamp) / 1_000;
  const of = (type: string, kind?: string) =>
    fresh.filter((stat) => stat.type === type && (!kind || stat.kind === kind));
  const grown = (some: readonly Stat[], counter: LineCounter) =>
    some.reduce(
      (sum, stat) =>
        sum + Math.max(0, (stat[counter] ?? 0) - (before.get(stat.id)?.[counter] ?? 0)),
      0,
    );
  const level = (some: readonly Stat[], id: string | undefined) => {
    const sound = some.filter(({trackIdentifier = id}) => trackIdentifier === id);
    const length = grown(sound, 'totalSamplesDuration');
    // Chromium measures only what is played, and Firefox not what is sent.
    return length ? Math.sqrt(grown(sound, 'totalAudioEnergy') / length) : undefined;
  };

  const inbound = of('inbound-rtp');
  const [sound, pictures] = [of('inbound-rtp', 'audio'), of('inbound-rtp', 'video')];
  const told = of('remote-inbound-rtp');
  const received = grown(inbound, 'packetsReceived');
  const lost = grown(inbound, 'packetsLost');
  const transport = all.find(({type}) => type === 'transport');
  const pair =
    stats.get(transport?.selectedCandidatePairId ?? '') ??
    all.find(({type, nominated}) => type === 'candidate-pair' && nominated);
  const roundTrip =
    least(told.map(({roundTripTime}) => roundTripTime)) ?? pair?.currentRoundTripTime;
  const jitter = least(sound.map((stat) => stat.jitter));
  return {
    seconds,
    lossIn: received ? (lost < leastLost ? 0 : lost / (lost + received)) : undefined,
    lossOut: most(told.map(({fractionLost}) => fractionLost)),
    roundTripMs: roundTrip && Math.round(roundTrip * 1_000),
    jitterMs: received && jitter ? Math.round(jitter * 1_000) : undefined,
    frameRate: pictures.length ? Math.round(grown(pictures, 'framesDecoded') / seconds) : undefined,
    freezes: grown(pictures, 'freezeCount'),
    frozenSeconds: grown(pictures, 'totalFreezesDuration'),
    level: level(sound, voice),
    ownLevel: level(of('media-source', 'audio'), own),
  };
}

/** The least that is known. */
function least(numbers: readonly (number | undefined)[]): number | undefined {
  return numbers.filter((number) => number).sort((a, b) => a! - b!)[0];
}

function most(numbers: readonly (number | undefined)[]): number | undefined {
  return numbers.filter((number) => number !== undefined).sort((a, b) => b - a)[0];
}
