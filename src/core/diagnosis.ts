import {format, textsFor, type Texts} from '../locales/texts.js';
import {describe, documentLang, type RtcErrorCode} from './errors.js';

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

/** A diagnosis in words, for a mail; also in another language than it was made in. */
export function describeDiagnosis(
  diagnosis: Omit<Diagnosis, 'text'>,
  lang = documentLang(),
): string {
  const {at, checks, links} = diagnosis;
  return [
    `${textsFor(lang).diagnosis.title} ${at}`,
    describeVerdict(diagnosis, lang),
    ...checks.map((check) => `${statusSigns[check.status]} ${describeCheck(check, lang)}`),
    ...links.map((link) => describeLink(link, lang)),
  ].join('\n');
}

/** What is the matter and what to do, in a sentence or two. */
export function describeVerdict(
  {verdict, checks}: Pick<Diagnosis, 'verdict' | 'checks'>,
  lang = documentLang(),
): string {
  const {verdicts} = textsFor(lang).diagnosis;
  return verdict in verdicts
    ? verdicts[verdict as keyof typeof verdicts]
    : describe(
        verdict as RtcErrorCode,
        checks.find(({status}) => status === 'failed')?.detail,
        lang,
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

export function describeCheck(
  {name, status, detail}: DiagnosisCheck,
  lang = documentLang(),
): string {
  const {checks, statuses} = textsFor(lang).diagnosis;
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
  lang = documentLang(),
): string {
  const {diagnosis: texts, video} = textsFor(lang);
  const list = (types: readonly string[]) => types.join('/') || '–';
  const number = (value: number | undefined) => String(value ?? '–');
  return [
    `${participant || video.nameless}: ${texts.connections[connection]}`,
    format(texts.candidates, {local: list(local), remote: list(remote)}),
    pair &&
      `${pair.local} ↔ ${pair.remote} (${[pair.protocol, pair.relayProtocol].filter(Boolean).join(', ')})`,
    roundTripMs !== undefined && format(texts.roundTrip, {ms: number(roundTripMs)}),
    lossPercent && format(texts.loss, {in: number(lossPercent.in), out: number(lossPercent.out)}),
    sendKbps !== undefined && `↑ ${sendKbps} ↓ ${number(receiveKbps)} kbit/s`,
    limitedBy && texts.limits[limitedBy],
  ]
    .filter(Boolean)
    .join(' · ');
}
