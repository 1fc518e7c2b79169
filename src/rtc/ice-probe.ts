import {after} from '../core/after.js';

/** What one STUN or TURN server had to say. */
export interface ServerProbe {
  readonly kind: 'stun' | 'turn';
  readonly url: string;
  /**
   * `refused`: it answered with an error. `unknown`: it gave neither an address nor an error,
   * which is right where there is no NAT; or there was no time to wait for it. `invalid`: the
   * browser does not take it.
   */
  readonly outcome: 'ok' | 'unreachable' | 'refused' | 'unknown' | 'invalid';
  /** Of STUN or TURN, such as 401 for wrong credentials. */
  readonly errorCode?: number | undefined;
}

export interface IceProbe {
  /** The kinds of candidates found here. */
  readonly types: readonly RTCIceCandidateType[];
  readonly servers: readonly ServerProbe[];
}

interface Gathered {
  readonly types: ReadonlySet<RTCIceCandidateType>;
  readonly errorCodes: readonly number[];
  readonly end: 'found' | 'complete' | 'late' | 'aborted';
}

/** Who is there answers within a few ways there and back. Chromium never says that nobody does. */
const answerMs = 4_000;
/** Each costs a connection. */
const maxServers = 8;
/** https://w3c.github.io/webrtc-pc/#dom-rtcpeerconnectioniceerrorevent-errorcode */
const noAnswerCode = 701;

/**
 * Asks each server of a configuration, over a connection of its own that leads nowhere. Takes 4 s
 * when one does not answer, and ends at once when the signal aborts. Never rejects.
 */
export async function probeIce(
  {iceServers = [], iceTransportPolicy = 'all'}: RTCConfiguration,
  {signal}: {signal: AbortSignal},
): Promise<IceProbe> {
  const found = new Set<RTCIceCandidateType>();
  const collect = async (...how: Parameters<typeof gather>) => {
    const gathered = await gather(...how);
    gathered.types.forEach((type) => found.add(type));
    return gathered;
  };
  const ask = async (server: RTCIceServer): Promise<ServerProbe> => {
    const url = String(server.urls);
    const kind = isStun(server) ? 'stun' : 'turn';
    try {
      const configuration: RTCConfiguration = {
        iceServers: [server],
        iceTransportPolicy: kind === 'turn' ? 'relay' : 'all',
      };
      const gathered = await collect(configuration, kind === 'turn' ? 'relay' : 'srflx', signal);
      return {kind, url, ...judge(kind, gathered)};
    } catch {
      return {kind, url, outcome: 'invalid'};
    }
  };
  const direct = iceTransportPolicy === 'all';
  const asked = iceServers
    .flatMap((server) => [server.urls].flat().map((urls) => ({...server, urls})))
    .filter((server) => direct || !isStun(server))
    .slice(0, maxServers);
  const [servers] = await Promise.all([
    Promise.all(asked.map(ask)),
    // Without any server it is quick.
    direct && collect({}, undefined, signal).catch(() => undefined),
  ]);
  return {types: [...found], servers};
}

function isStun({urls}: RTCIceServer): boolean {
  return /^stuns?:/i.test(String(urls));
}

/** Gathers candidates until the wanted one is found, and lets go of everything. */
function gather(
  configuration: RTCConfiguration,
  wanted: RTCIceCandidateType | undefined,
  signal: AbortSignal,
): Promise<Gathered> {
  return new Promise((resolve) => {
    const types = new Set<RTCIceCandidateType>();
    const errorCodes: number[] = [];
    const connection = new RTCPeerConnection(configuration);
    const done = new AbortController();
    const end = (how: Gathered['end']) => {
      done.abort();
      connection.close();
      resolve({types, errorCodes, end: how});
    };
    const options = {signal: done.signal};
    connection.addEventListener(
      'icecandidate',
      ({candidate}) => {
        if (candidate?.candidate && candidate.type) {
          types.add(candidate.type);
          if (candidate.type === wanted) {
            end('found');
          }
        }
      },
      options,
    );
    connection.addEventListener(
      'icecandidateerror',
      ({errorCode}) => errorCodes.push(errorCode),
      options,
    );
    connection.addEventListener(
      'icegatheringstatechange',
      () => connection.iceGatheringState === 'complete' && end('complete'),
      options,
    );
    after(answerMs, () => end('late'), done.signal);
    signal.addEventListener('abort', () => end('aborted'), options);
    if (signal.aborted) {
      end('aborted');
      return;
    }
    // Something to connect for.
    connection.createDataChannel('probe');
    connection.setLocalDescription().catch(() => end('aborted'));
  });
}

function judge(
  kind: ServerProbe['kind'],
  {errorCodes, end}: Gathered,
): Pick<ServerProbe, 'outcome' | 'errorCode'> {
  if (end === 'found') {
    return {outcome: 'ok'};
  }
  // A server may refuse on one interface and not be there on another.
  const errorCode = errorCodes.find((code) => code !== noAnswerCode);
  if (errorCode !== undefined) {
    return {outcome: 'refused', errorCode};
  }
  if (end === 'late' || errorCodes.length) {
    return {outcome: 'unreachable'};
  }
  // Gathering ends when all have answered: an own address that was known already is not told twice.
  return {outcome: end === 'complete' && kind === 'turn' ? 'unreachable' : 'unknown'};
}
