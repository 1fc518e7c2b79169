import {format, textsFor, type Texts} from '../locales/texts.js';
import {describe, type RtcErrorCode} from './errors.js';

/** What is the matter, most of all: the closed list. */
export type DiagnosisVerdict = keyof Texts['diagnosis']['verdicts'] | RtcErrorCode;

export interface DiagnosisCheck {
  readonly name: keyof Texts['diagnosis']['checks'];
  readonly status: keyof Texts['diagnosis']['statuses'];
  /** In technical words: a time, a code, a server. */
  readonly detail?: string;
}

/** How the connection to one participant is. */
export interface LinkDiagnosis {
  /** Their name, if they have told one. */
  readonly participant: string;
  readonly connection: keyof Texts['diagnosis']['connections'];
  /** The kinds of candidates found at this end, and those that came from the other. */
  readonly local: readonly RTCIceCandidateType[];
  readonly remote: readonly RTCIceCandidateType[];
  /** The way that is in use, or was last. */
  readonly pair?: {
    readonly local: RTCIceCandidateType;
    readonly remote: RTCIceCandidateType;
    readonly protocol: string;
    /** How our own relay is reached. */
    readonly relayProtocol?: string;
  };
  readonly roundTripMs?: number;
  readonly lossPercent?: {readonly in?: number; readonly out?: number};
  /** What keeps our picture below what it could be; not every browser says. */
  readonly limitedBy?: 'cpu' | 'bandwidth';
  readonly sendKbps?: number;
  readonly receiveKbps?: number;
}

/** Why a call works or does not. Holds no address, token or credential. */
export interface Diagnosis {
  /** ISO 8601. */
  readonly at: string;
  readonly ok: boolean;
  readonly verdict: DiagnosisVerdict;
  readonly checks: readonly DiagnosisCheck[];
  readonly links: readonly LinkDiagnosis[];
  /** All of it in words, for a mail. */
  readonly text: string;
}

/** A diagnosis in words, for a mail; also in another language than it was made in: see `textsFor()`. */
export function describeDiagnosis(diagnosis: Omit<Diagnosis, 'text'>, texts = textsFor()): string {
  const {at, checks, links} = diagnosis;
  return [
    `${texts.diagnosis.title} ${at}`,
    describeVerdict(diagnosis, texts),
    ...checks.map((check) => `${statusSigns[check.status]} ${describeCheck(check, texts)}`),
    ...links.map((link) => describeLink(link, texts)),
  ].join('\n');
}

/** What is the matter and what to do, in a sentence or two. */
export function describeVerdict(
  {verdict, checks}: Pick<Diagnosis, 'verdict' | 'checks'>,
  texts = textsFor(),
): string {
  const {verdicts} = texts.diagnosis;
  return verdict in verdicts
    ? verdicts[verdict as keyof typeof verdicts]
    : describe(
        verdict as RtcErrorCode,
        checks.find(({status}) => status === 'failed')?.detail,
        texts,
      );
}

/** Beside the words: nothing is told by a colour alone. */
export const statusSigns: Readonly<Record<DiagnosisCheck['status'], string>> = {
  ok: '✓',
  warning: '!',
  failed: '✗',
  unknown: '?',
  skipped: '–',
};

export function describeCheck({name, status, detail}: DiagnosisCheck, texts = textsFor()): string {
  const {checks, statuses} = texts.diagnosis;
  return `${checks[name]}: ${statuses[status]}${detail ? ` (${detail})` : ''}`;
}

export function describeLink(
  {
    participant,
    connection,
    local,
    remote,
    pair,
    roundTripMs,
    lossPercent,
    limitedBy,
    sendKbps,
    receiveKbps,
  }: LinkDiagnosis,
  texts = textsFor(),
): string {
  const {diagnosis, video} = texts;
  const list = (types: readonly string[]) => types.join('/') || '–';
  const number = (value: number | undefined) => String(value ?? '–');
  return [
    `${participant || video.nameless}: ${diagnosis.connections[connection]}`,
    format(diagnosis.candidates, {local: list(local), remote: list(remote)}),
    pair &&
      `${pair.local} ↔ ${pair.remote} (${[pair.protocol, pair.relayProtocol].filter(Boolean).join(', ')})`,
    roundTripMs !== undefined && format(diagnosis.roundTrip, {ms: number(roundTripMs)}),
    lossPercent &&
      format(diagnosis.loss, {in: number(lossPercent.in), out: number(lossPercent.out)}),
    sendKbps !== undefined && `↑ ${sendKbps} ↓ ${number(receiveKbps)} kbit/s`,
    limitedBy && diagnosis.limits[limitedBy],
  ]
    .filter(Boolean)
    .join(' · ');
}
