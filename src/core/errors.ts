import {format, textsFor, type Texts} from '../locales/texts.js';
import type {Diagnosis} from './diagnosis.js';

/** The closed list of error codes: what the catalogue has a text for. */
export type RtcErrorCode = keyof Texts['errors'];

export interface RtcErrorOptions {
  readonly cause?: unknown;
  /** What is at fault, such as the name of an attribute. */
  readonly detail?: string | undefined;
  /** BCP 47 language of the message; English where there is no catalogue for it. */
  readonly lang?: string | undefined;
  /** What was found out about it. */
  readonly diagnosis?: Diagnosis | undefined;
}

/** Codes where trying again, as things are, cannot help. */
const final: ReadonlySet<RtcErrorCode> = new Set<RtcErrorCode>([
  'insecure-context',
  'unsupported-browser',
  'bad-attribute',
  'secret-mismatch',
]);

/**
 * The one kind of error here. `message` tells a person what to do, in the
 * language of the page unless another is asked for.
 */
export class RtcError extends Error {
  override readonly name = 'RtcError';
  readonly code: RtcErrorCode;
  /** What is at fault, such as the name of an attribute. */
  readonly detail: string | undefined;
  /** Why it went wrong, where that was found out: `connection-failed` has one. */
  readonly diagnosis: Diagnosis | undefined;

  constructor(code: RtcErrorCode, {cause, detail, lang, diagnosis}: RtcErrorOptions = {}) {
    super(describe(code, detail, textsFor(lang)), cause === undefined ? undefined : {cause});
    this.code = code;
    this.detail = detail;
    this.diagnosis = diagnosis;
  }

  /** Whether trying again may help without a change to the page or the browser. */
  get recoverable(): boolean {
    return !final.has(this.code);
  }
}

/** The text for a code, for views that speak another language than the page. */
export function describe(code: RtcErrorCode, detail?: string, texts = textsFor()): string {
  return format(texts.errors[code], {detail});
}

/** Keeps an `RtcError`, wraps anything else. */
export function toRtcError(cause: unknown, code: RtcErrorCode = 'connection-failed'): RtcError {
  return cause instanceof RtcError ? cause : new RtcError(code, {cause});
}
