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
  readonly bytesSent?: number;
  readonly bytesReceived?: number;
  readonly packetsLost?: number;
  readonly packetsReceived?: number;
  readonly fractionLost?: number;
  readonly qualityLimitationReason?: string;
}

type Counter = 'bytesSent' | 'bytesReceived' | 'packetsLost' | 'packetsReceived';

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
