import {after} from '../core/after.js';
import {
  describeDiagnosis,
  type Diagnosis,
  type DiagnosisCheck,
  type DiagnosisVerdict,
  type LinkDiagnosis,
} from '../core/diagnosis.js';
import {toRtcError} from '../core/errors.js';
import {randomHex} from '../core/hex.js';
import {textsFor} from '../locales/texts.js';
import type {DeviceKind} from '../rtc/device-list.js';
import {probeIce, type IceProbe, type ServerProbe} from '../rtc/ice-probe.js';
import {readStats} from '../rtc/link-stats.js';
import {isOffline, requireConnections, requireDevice} from '../rtc/requirements.js';
import type {Signaling} from '../signaling/signaling.js';

/** What is to be looked at. */
export interface DiagnosisSubject {
  /** Gives a way through the call's broker, not opened yet. */
  readonly createSignaling: () => Signaling;
  /** What the links of the call are made with. */
  readonly configuration: () => RTCConfiguration | Promise<RTCConfiguration>;
  /** The devices that the call would use, and whether they are open now. */
  readonly devices: Readonly<Partial<Record<DeviceKind, boolean>>>;
  readonly participants: () => readonly {
    readonly id: string;
    readonly name: string;
    readonly connection: LinkDiagnosis['connection'];
  }[];
  readonly getStats: () => Promise<ReadonlyMap<string, RTCStatsReport>>;
  /** What was measured of a link that could not be made. */
  readonly failed?: RTCStatsReport | undefined;
}

export interface DiagnoseOptions {
  readonly signal?: AbortSignal | undefined;
  /** BCP 47 language of the text; that of the page without. */
  readonly lang?: string | undefined;
}

interface Finding extends DiagnosisCheck {
  /** What is the matter, should this be it. */
  readonly verdict?: DiagnosisVerdict;
}

const limitMs = 6_000;
/** Between two looks at the links. */
const sampleMs = 1_000;
/** What a call can live with. */
const maxLossPercent = 5;
const maxRoundTripMs = 500;
const minSendKbps = 250;

/**
 * Looks for what keeps a call from working, or from working well: in the page, the broker, the
 * ICE servers, the devices and the links. Asks the person nothing and opens no device. Takes at
 * most 6 s, and ends at once when the signal aborts. Never rejects.
 */
export async function diagnose(
  subject: DiagnosisSubject,
  {signal, lang}: DiagnoseOptions = {},
): Promise<Diagnosis> {
  const limit = new AbortController();
  const stop = () => limit.abort();
  after(limitMs, stop, limit.signal);
  signal?.addEventListener('abort', stop, {signal: limit.signal});
  if (signal?.aborted) {
    stop();
  }
  const [broker, ice, microphone, camera, links] = await Promise.all([
    checkBroker(subject, limit.signal),
    probe(subject, limit.signal),
    checkDevice(subject, 'audio', limit.signal),
    checkDevice(subject, 'video', limit.signal),
    examineLinks(subject, limit.signal),
  ]);
  stop();
  const findings = [
    ...checkPage(),
    checkNetwork(ice),
    broker,
    checkServers('stun', ice),
    checkServers('turn', ice),
    microphone,
    camera,
  ];
  const verdict = judge(findings, links);
  const diagnosis = {
    at: new Date().toISOString(),
    ok: verdict === 'ok',
    verdict,
    checks: findings.map(({name, status, detail}) => ({name, status, ...(detail && {detail})})),
    links,
  };
  return {...diagnosis, text: describeDiagnosis(diagnosis, textsFor(lang))};
}

/** The one thing to put right first: what keeps everything else from working comes first. */
function judge(findings: readonly Finding[], links: readonly LinkDiagnosis[]): DiagnosisVerdict {
  const first = (...names: Finding['name'][]) =>
    findings.find(({name, verdict}) => verdict && names.includes(name))?.verdict;
  return (
    first('secure-context', 'browser', 'network', 'broker') ??
    judgeBroken(findings, links) ??
    first('microphone', 'camera') ??
    judgeSlow(links) ??
    first('turn', 'stun') ??
    'ok'
  );
}

function judgeBroken(
  findings: readonly Finding[],
  links: readonly LinkDiagnosis[],
): DiagnosisVerdict | undefined {
  const link =
    links.find(({connection}) => connection === 'failed') ??
    links.find(({connection}) => connection === 'reconnecting');
  if (!link) {
    return undefined;
  }
  const turn = findings.find(({name}) => name === 'turn');
  if (link.pair || link.connection === 'reconnecting' || turn?.status === 'unknown') {
    return 'path-lost';
  }
  // No way was found. A relay is reached by everybody, so something is wrong with that.
  return turn?.verdict ?? (turn?.status === 'skipped' ? 'needs-turn' : 'turn-not-working');
}

function judgeSlow(links: readonly LinkDiagnosis[]): DiagnosisVerdict | undefined {
  if (links.some(({limitedBy}) => limitedBy === 'cpu')) {
    return 'slow-device';
  }
  const isSlow = links.some(
    ({roundTripMs = 0, lossPercent, limitedBy, sendKbps = Infinity}) =>
      roundTripMs > maxRoundTripMs ||
      Math.max(lossPercent?.in ?? 0, lossPercent?.out ?? 0) > maxLossPercent ||
      // Every link is, in its first seconds.
      (limitedBy === 'bandwidth' && sendKbps < minSendKbps),
  );
  return isSlow ? 'slow-network' : undefined;
}

function checkPage(): Finding[] {
  try {
    requireConnections();
  } catch (cause) {
    const {code: verdict} = toRtcError(cause);
    return verdict === 'insecure-context'
      ? [
          {name: 'secure-context', status: 'failed', verdict},
          {name: 'browser', status: 'unknown'},
        ]
      : [
          {name: 'secure-context', status: 'ok'},
          {name: 'browser', status: 'failed', verdict},
        ];
  }
  return [
    {name: 'secure-context', status: 'ok'},
    {name: 'browser', status: 'ok'},
  ];
}

/** `late`: the page did not say in time which servers to ask. `wrong`: it did not say at all. */
type Ice = IceProbe | 'late' | 'wrong';

async function probe({configuration}: DiagnosisSubject, signal: AbortSignal): Promise<Ice> {
  try {
    const asked = Promise.resolve().then(configuration);
    return await probeIce(await unlessAborted(asked, signal), {signal});
  } catch {
    return signal.aborted ? 'late' : 'wrong';
  }
}

function checkNetwork(ice: Ice): Finding {
  if (isOffline()) {
    return {name: 'network', status: 'failed', verdict: 'offline'};
  }
  const types = typeof ice === 'string' ? [] : ice.types;
  return {name: 'network', status: types.length ? 'ok' : 'unknown', detail: types.join(', ')};
}

function checkServers(name: ServerProbe['kind'], ice: Ice): Finding {
  const wrong: Finding = {
    name,
    status: 'failed',
    verdict: 'bad-attribute',
    detail: 'rtcConfiguration',
  };
  if (typeof ice === 'string') {
    return ice === 'wrong' ? wrong : {name, status: 'unknown'};
  }
  const asked = ice.servers.filter(({kind}) => kind === name);
  const has = (wanted: ServerProbe['outcome']) => asked.some(({outcome}) => outcome === wanted);
  const detail = asked
    .filter(({outcome}) => outcome !== 'ok' && outcome !== 'invalid')
    .map(({url, errorCode}) => [withoutAddress(url), errorCode].filter(Boolean).join(' '))
    .join(', ');
  if (!asked.length) {
    return {name, status: 'skipped'};
  }
  if (has('ok')) {
    return {name, status: detail || has('invalid') ? 'warning' : 'ok', detail};
  }
  if (has('unknown')) {
    return {name, status: 'unknown'};
  }
  if (name === 'turn' && has('refused')) {
    return {name, status: 'failed', verdict: 'turn-refused', detail};
  }
  return detail ? {name, status: 'failed', verdict: `${name}-unreachable`, detail} : wrong;
}

/** Which server it is may go into a mail; a bare address may not. */
function withoutAddress(url: string): string {
  return url.replace(/^(\w+:)([\d.]+(?=[:?]|$)|\[.*?\])/, '$1…');
}

async function checkBroker(
  {createSignaling}: DiagnosisSubject,
  signal: AbortSignal,
): Promise<Finding> {
  let signaling: Signaling | undefined;
  try {
    signaling = createSignaling();
    const address = randomHex();
    const heard = new Promise<unknown>((resolve) =>
      signaling?.addEventListener('message', resolve, {signal}),
    );
    await unlessAborted(signaling.open(address, {signal}), signal);
    const sentAt = performance.now();
    signaling.send(address, {t: 'echo'});
    await unlessAborted(heard, signal);
    const roundTripMs = Math.round(performance.now() - sentAt);
    return {name: 'broker', status: 'ok', detail: `${roundTripMs} ms`};
  } catch (cause) {
    const {code: verdict} = toRtcError(cause, 'broker-unreachable');
    const detail = verdict === 'bad-attribute' ? 'broker' : verdict;
    return {name: 'broker', status: 'failed', verdict, detail};
  } finally {
    signaling?.close();
  }
}

async function checkDevice(
  {devices}: DiagnosisSubject,
  kind: DeviceKind,
  signal: AbortSignal,
): Promise<Finding> {
  const name = kind === 'audio' ? 'microphone' : 'camera';
  const isOpen = devices[kind];
  if (isOpen === undefined) {
    return {name, status: 'skipped'};
  }
  try {
    const isSure = isOpen || (await unlessAborted(requireDevice(kind), signal));
    return {name, status: isSure ? 'ok' : 'unknown'};
  } catch (cause) {
    if (signal.aborted) {
      return {name, status: 'unknown'};
    }
    const {code: verdict} = toRtcError(cause, 'device-not-found');
    return {name, status: 'failed', verdict, detail: verdict};
  }
}

async function examineLinks(
  {participants, getStats, failed}: DiagnosisSubject,
  signal: AbortSignal,
): Promise<LinkDiagnosis[]> {
  const none: ReadonlyMap<string, RTCStatsReport> = new Map();
  const measure = () => unlessAborted(getStats(), signal).catch(() => none);
  const links: LinkDiagnosis[] = failed
    ? [{participant: '', connection: 'failed', ...readStats(failed)}]
    : [];
  if (participants().length) {
    const before = await measure();
    const waiting = new Promise<void>((resolve) => after(sampleMs, resolve, signal));
    await unlessAborted(waiting, signal).catch(() => undefined);
    const now = await measure();
    for (const {id, name, connection} of participants()) {
      const report = now.get(id);
      links.push({
        participant: name,
        connection,
        ...(report ? readStats(report, before.get(id)) : {local: [], remote: []}),
      });
    }
  }
  return links;
}

/** Settles as the promise does, but not later than the signal aborts. */
function unlessAborted<T>(promise: Promise<T>, signal: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    const abort = () => reject(signal.reason as Error);
    signal.addEventListener('abort', abort, {once: true});
    promise.then(resolve, reject);
    if (signal.aborted) {
      abort();
    }
  });
}
