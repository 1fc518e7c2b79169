import * as v from 'valibot';
import {RtcError} from '../core/errors.js';
import {maxSdpLength, maxSections} from '../core/messages.js';

/** What a server said instead of what was asked for: the `cause` of a `server-rejected`. */
export class ServerRefusal extends Error {
  override readonly name = 'ServerRefusal';

  constructor(
    readonly status: number,
    /** When it may be asked again, if it says so, in milliseconds. */
    readonly retryAfterMs: number | undefined,
    /** How long it took to say that, in milliseconds. */
    readonly tookMs: number,
  ) {
    super(`HTTP ${status}`);
  }
}

/** The description that a server answers an offer with. */
export interface ServerDescription {
  /** An `offer` is a counter-offer: what it wants us to answer instead. */
  readonly type: 'answer' | 'offer';
  readonly sdp: string;
  readonly iceServers: readonly RTCIceServer[];
}

interface EndpointOptions {
  /** What the page names it by. */
  readonly attribute: 'whip' | 'whep';
  readonly token?: string | undefined;
}

/** What came back, read to its end. */
interface Reply {
  readonly response: Response;
  readonly text: string;
  readonly tookMs: number;
}

interface RequestOptions {
  readonly type: string;
  readonly body: string;
  readonly match?: string | null | undefined;
  readonly timeoutMs: number;
  /** Gets the response before it is read. */
  readonly begun?: (response: Response) => void;
}

/** Servers that fetch a stream from elsewhere first say after 10 s that there is none. */
const offerMs = 15_000;
const patchMs = 5_000;
const maxReasonLength = 120;
const maxLinkLength = 8_000;
const maxIceServers = 8;
const maxCandidates = 50;
const sdpType = 'application/sdp';
const fragmentType = 'application/trickle-ice-sdpfrag';

/**
 * Reads the URL of a WHIP or WHEP endpoint.
 * @throws {RtcError} `bad-attribute`
 */
export function parseEndpoint(url: string, attribute: string): string {
  const fail = (cause?: unknown) =>
    new RtcError('bad-attribute', {cause, detail: `${attribute}="${url.slice(0, 80)}"`});
  let parsed: URL;
  try {
    parsed = new URL(url);
  } catch (cause) {
    throw fail(cause);
  }
  const {protocol, hostname, username, password} = parsed;
  if (username || password) {
    // No browser fetches such a one. Not quoted: it is a password.
    throw new RtcError('bad-attribute', {detail: `${attribute}="${protocol}//…@${hostname}"`});
  }
  if ((protocol !== 'https:' && protocol !== 'http:') || !hostname) {
    throw fail();
  }
  return parsed.href;
}

/**
 * What is said over HTTP to a media server about one session: WHIP (RFC 9725) to publish,
 * WHEP (draft-ietf-wish-whep) to watch. Knows nothing of connections.
 */
export class Endpoint {
  readonly #url: string;
  readonly #attribute: string;
  readonly #token: string | undefined;
  /** Where the session is, once there is one. */
  #session: string | undefined;
  #etag: string | null = null;
  #ended = false;

  /** @throws {RtcError} `bad-attribute` for a token that no header can hold. */
  constructor(url: string, {attribute, token}: EndpointOptions) {
    // A browser would quote it in its own words.
    if (token !== undefined && !/^[\x20-\x7e]*$/.test(token)) {
      throw new RtcError('bad-attribute', {detail: 'token'});
    }
    this.#url = url;
    this.#attribute = attribute;
    this.#token = token?.trim() || undefined;
  }

  /**
   * Asks for a session (RFC 9725, section 4.2). One that comes into being after `end()` is ended too.
   * @throws {RtcError} `broker-unreachable`; `server-rejected`, with a `ServerRefusal` as the
   *   cause unless the server has answered with something that is against the rules.
   */
  async offer(sdp: string): Promise<ServerDescription> {
    const reply = await this.#request('POST', this.#url, {
      type: sdpType,
      body: sdp,
      timeoutMs: offerMs,
      // Before it is read: a session whose description is no good is to be ended as well.
      begun: (response) => this.#remember(response),
    });
    const {response, text} = reply;
    if (!isSession(response)) {
      throw this.#refusal(reply);
    }
    const type = typeOf(response);
    if (
      type !== sdpType ||
      !text.startsWith('v=0') ||
      text.split('\nm=').length - 1 > maxSections
    ) {
      const said = isPage(response)
        ? this.#page(response)
        : `${response.status}, but no ${sdpType}`;
      throw new RtcError('server-rejected', {detail: `${said}${this.#detour(response)}`});
    }
    return {
      type: response.ok ? 'answer' : 'offer',
      sdp: text,
      iceServers: parseIceServers(response.headers.get('link') ?? ''),
    };
  }

  /**
   * Answers a counter-offer (draft-ietf-wish-whep, section 4.3).
   * @throws {RtcError} as `offer()`
   */
  async answer(sdp: string): Promise<void> {
    const reply = await this.#patch(sdpType, sdp);
    if (!reply?.response.ok) {
      throw reply
        ? this.#refusal(reply)
        : new RtcError('server-rejected', {detail: 'no way to answer it'});
    }
  }

  /** Tells of candidates (RFC 9725, section 4.3.1). Resolves to whether the server wants more of them. */
  async trickle(fragment: string): Promise<boolean> {
    try {
      const reply = await this.#patch(fragmentType, fragment, this.#etag);
      return reply?.response.ok ?? false;
    } catch {
      // It learns where we are from our own packets.
      return false;
    }
  }

  /**
   * Restarts ICE (RFC 9725, section 4.3.2). Resolves to the server's part of it.
   * @throws {RtcError} as `offer()`
   */
  async restart(fragment: string): Promise<string> {
    // The text of the specification has it bare, its example quoted, and there are servers for each.
    for (const match of ['*', '"*"']) {
      const reply = await this.#patch(fragmentType, fragment, match);
      if (!reply) {
        break;
      }
      const {response, text} = reply;
      if (response.status === 200) {
        this.#etag = response.headers.get('etag');
        return text;
      }
      if (response.status !== 412 && response.status !== 428) {
        throw this.#refusal(reply);
      }
    }
    throw new RtcError('server-rejected', {detail: 'no ICE restart'});
  }

  /** Ends the session, also from a page that is going. Safe to repeat. */
  end(): void {
    this.#ended = true;
    this.#delete();
  }

  #delete() {
    const session = this.#session;
    if (session) {
      this.#session = undefined;
      // What comes back changes nothing: without this word it ends as well, only later.
      fetch(session, {
        method: 'DELETE',
        keepalive: true,
        ...this.#credentials(session),
      }).catch(() => undefined);
    }
  }

  #remember(response: Response) {
    const location = response.headers.get('location');
    if (!isSession(response) || !location) {
      return;
    }
    this.#session = resolve(location, response.url || this.#url);
    this.#etag = response.headers.get('etag');
    if (this.#ended) {
      this.#delete();
    }
  }

  /** Nothing when there is no session. */
  async #patch(type: string, body: string, match?: string | null): Promise<Reply | undefined> {
    return this.#session === undefined
      ? undefined
      : this.#request('PATCH', this.#session, {type, body, match, timeoutMs: patchMs});
  }

  async #request(
    method: string,
    url: string,
    {type, body, match, timeoutMs, begun}: RequestOptions,
  ): Promise<Reply> {
    const sentAt = performance.now();
    const patience = new AbortController();
    const timer = setTimeout(() => patience.abort(), timeoutMs);
    try {
      const {headers, credentials} = this.#credentials(url);
      const response = await fetch(url, {
        method,
        body,
        headers: {...headers, 'Content-Type': type, ...(match && {'If-Match': match})},
        credentials,
        signal: patience.signal,
      });
      begun?.(response);
      const text = await readText(response, maxSdpLength);
      return {response, text, tookMs: performance.now() - sentAt};
    } catch (cause) {
      if (cause instanceof RtcError) {
        throw cause;
      }
      const detail = patience.signal.aborted ? 'no answer' : new URL(url).host;
      throw new RtcError('broker-unreachable', {cause, detail});
    } finally {
      clearTimeout(timer);
    }
  }

  /**
   * A session may be anywhere, as the server says, or as whoever has redirected us says: who we are is
   * for the endpoint's own origin only, which is the one that the page has named.
   */
  #credentials(url: string): {headers: Record<string, string>; credentials: RequestCredentials} {
    if (new URL(url).origin !== new URL(this.#url).origin) {
      return {headers: {}, credentials: 'omit'};
    }
    return {
      headers: this.#token ? {Authorization: `Bearer ${this.#token}`} : {},
      credentials: 'same-origin',
    };
  }

  #refusal({response, text, tookMs}: Reply): RtcError {
    const {status, headers} = response;
    let reason = reasonIn(typeOf(response), text);
    if (this.#token) {
      reason = reason.replaceAll(this.#token, '…');
    }
    const said =
      isPage(response) && isOdd(status)
        ? this.#page(response)
        : `${status} ${reason.slice(0, maxReasonLength)}`.trim();
    return new RtcError('server-rejected', {
      cause: new ServerRefusal(status, parseRetryAfter(headers.get('retry-after')), tookMs),
      detail: `${said}${this.#detour(response)}`,
    });
  }

  /** What to say of a page for people: most likely the address is another. */
  #page({status}: Response): string {
    return `${this.#attribute}: a web page (${status} text/html) instead of ${sdpType}`;
  }

  /** What to say of a refusal from somewhere else than where we have asked. */
  #detour({redirected, url, status}: Response): string {
    if (!redirected) {
      return '';
    }
    const {host, origin} = new URL(url);
    const hint = isOdd(status)
      ? '; only 307 and 308 take the offer along'
      : this.#token && status < 500 && origin !== new URL(this.#url).origin
        ? '; the token does not go along'
        : '';
    return ` (redirected to ${host}${hint})`;
  }
}

/** https://www.rfc-editor.org/rfc/rfc8840#section-9, for the section that all others are bundled with. */
export function iceFragment(
  sdp: string,
  candidates: readonly string[] = [],
  {isComplete = false} = {},
): string {
  const [, media = ''] = sdp.split(/^(?=m=)/m);
  const line = (pattern: RegExp, text = media) => pattern.exec(text)?.[0] ?? [];
  const credentials = [line(/^a=ice-ufrag:.*$/m), line(/^a=ice-pwd:.*$/m)].flat();
  return [
    line(/^a=group:BUNDLE.*$/m, sdp),
    // There are servers that look for these here only, and others that look for them there.
    ...credentials,
    /^m=.*$/m.exec(media)?.[0].replace(/ \d+ /, ' 9 ') ?? [],
    line(/^a=mid:.*$/m),
    ...credentials,
    ...candidates.map((candidate) => `a=${candidate}`),
    isComplete ? 'a=end-of-candidates' : [],
  ]
    .flat()
    .map((text) => `${text.trim()}\r\n`)
    .join('');
}

/**
 * The server's description as it would be after a restart that it has told in a fragment.
 * @throws {RtcError} `server-rejected` when the fragment has no credentials.
 */
export function withFragment(sdp: string, fragment: string): string {
  const ufrag = /^a=ice-ufrag:\S{4,256}/m.exec(fragment)?.[0];
  const pwd = /^a=ice-pwd:\S{22,256}/m.exec(fragment)?.[0];
  if (!ufrag || !pwd) {
    throw new RtcError('server-rejected', {detail: 'no ICE credentials'});
  }
  const candidates = (fragment.match(/^a=candidate:[\x20-\x7e]{1,500}/gm) ?? []).slice(
    0,
    maxCandidates,
  );
  const [session = '', first = '', ...others] = sdp
    .replace(/^a=(candidate:.*|end-of-candidates)\r?\n/gm, '')
    .replace(/^a=ice-ufrag:\S+/gm, () => ufrag)
    .replace(/^a=ice-pwd:\S+/gm, () => pwd)
    .split(/^(?=m=)/m);
  return [session, first, ...candidates.map((line) => `${line}\r\n`), ...others].join('');
}

/** ICE servers in `Link` headers (RFC 9725, section 4.6; RFC 8288); those that are of no use are left out. */
export function parseIceServers(header: string): RTCIceServer[] {
  const links = header
    .slice(0, maxLinkLength)
    .matchAll(/<([^<>]*)>((?:\s*;\s*[^\s=;,"<>]+(?:="(?:[^"\\]|\\.)*"|=[^\s",;<>]*)?)*)/g);
  const servers: RTCIceServer[] = [];
  for (const [, target = '', parameters = ''] of links) {
    const values = new Map(
      [...parameters.matchAll(/;\s*([^\s=;,"]+)(?:="((?:[^"\\]|\\.)*)"|=([^\s",;]*))?/g)].map(
        ([, name = '', quoted, plain = '']) =>
          [name.toLowerCase(), quoted?.replace(/\\(.)/g, '$1') ?? plain] as const,
      ),
    );
    const urls = decode(target.trim());
    const [username, credential] = [values.get('username'), values.get('credential')];
    const isRelay = /^turns?:/i.test(urls);
    if (
      !values.get('rel')?.split(/\s+/).includes('ice-server') ||
      !/^(stun|turn)s?:[\x21-\x7e]{1,300}$/i.test(urls) ||
      (isRelay && (!username || !credential))
    ) {
      continue;
    }
    servers.push(isRelay && username && credential ? {urls, username, credential} : {urls});
  }
  return servers.slice(0, maxIceServers);
}

/** There are servers that escape them. */
function decode(url: string): string {
  try {
    return decodeURIComponent(url);
  } catch {
    return url;
  }
}

/** Whether a session has come of an offer: a counter-offer has a status of its own. */
function isSession(response: Response): boolean {
  return response.ok || (response.status === 406 && typeOf(response) === sdpType);
}

/** Not what a media server answers that does not want us, or cannot. */
function isOdd(status: number): boolean {
  return status < 500 && status !== 401 && status !== 403;
}

function isPage(response: Response): boolean {
  return typeOf(response) === 'text/html';
}

/** Nothing when it is no URL that can be fetched. */
function resolve(location: string, base: string): string | undefined {
  try {
    const {protocol, href} = new URL(location, base);
    return protocol === 'https:' || protocol === 'http:' ? href : undefined;
  } catch {
    return undefined;
  }
}

function typeOf(response: Response): string {
  return (response.headers.get('content-type') ?? '').split(';')[0]!.trim().toLowerCase();
}

/** https://www.rfc-editor.org/rfc/rfc9110#field.retry-after, in milliseconds. */
function parseRetryAfter(value: string | null): number | undefined {
  if (!value) {
    return undefined;
  }
  const ms = /^\d{1,9}$/.test(value) ? Number(value) * 1_000 : Date.parse(value) - Date.now();
  return Number.isNaN(ms) ? undefined : Math.max(ms, 0);
}

const Problem = v.object({
  error: v.optional(v.unknown()),
  detail: v.optional(v.unknown()),
  message: v.optional(v.unknown()),
});

/** What a server says is wrong, as plain text; nothing where it speaks to browsers. */
function reasonIn(type: string, text: string): string {
  let reason: unknown = '';
  if (type === 'text/plain') {
    reason = text;
  } else if (/^application\/(?:[\w.-]+\+)?json$/.test(type)) {
    const problem = v.safeParse(v.pipe(v.string(), v.parseJson(), Problem), text);
    if (problem.success) {
      const {error, detail, message} = problem.output;
      reason = [error, detail, message].find((value) => typeof value === 'string');
    }
  }
  return typeof reason === 'string' && !reason.includes('<')
    ? reason.replace(/[\s\x00-\x1f\x7f-\x9f\u200b-\u200f\u2028-\u202e\u2066-\u2069]+/g, ' ').trim()
    : '';
}

/**
 * No more than `limit` bytes of it.
 * @throws {RtcError} `server-rejected` when it is a session's and there are more.
 */
async function readText(response: Response, limit: number): Promise<string> {
  const reader = response.body?.getReader();
  const decoder = new TextDecoder();
  let text = '';
  let size = 0;
  for (let part = await reader?.read(); part && !part.done; part = await reader?.read()) {
    size += part.value.byteLength;
    if (size > limit) {
      await reader?.cancel();
      if (isSession(response)) {
        throw new RtcError('server-rejected', {detail: `${response.status}, and too long`});
      }
      return text;
    }
    text += decoder.decode(part.value, {stream: true});
  }
  return text + decoder.decode();
}
