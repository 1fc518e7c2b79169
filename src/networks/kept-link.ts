import {after} from '../core/after.js';
import {RtcError, toRtcError, type RtcErrorCode} from '../core/errors.js';
import {TypedEventTarget} from '../core/typed-event-target.js';
import {ServerRefusal} from '../rtc/endpoint.js';
import {EndpointLink, type EndpointTracks} from '../rtc/endpoint-link.js';
import {Configuration} from './configuration.js';
import {NetworkCloseEvent, NetworkErrorEvent} from './network.js';

export interface EndpointOptions {
  /** As `parseEndpoint()` gives it. */
  readonly endpoint: string;
  /** Sent as a bearer token, to the endpoint's own origin only. */
  readonly token?: string | undefined;
  /** Asked for anew whenever a link is made, unless it has just been. */
  readonly configuration: () => RTCConfiguration | Promise<RTCConfiguration>;
}

export interface KeptLinkOptions extends EndpointOptions {
  readonly role: 'publisher' | 'player';
  readonly music?: boolean | undefined;
}

/**
 * opening ──▶ linked ◀──▶ lost        any ──▶ closed
 *    └──────▶ absent ◀──────┘
 *
 * `opening`: a publisher's may take several tries. `linked`: the server has agreed, and the path is
 * well or to come. `lost`: it is tried again. `absent`: the server has answered that there is no
 * such stream; that is asked again.
 */
export type KeptLinkPhase = 'opening' | 'linked' | 'lost' | 'absent' | 'closed';

export interface KeptLinkEvents {
  /** The phase, the state of the link or its tracks have changed. */
  change: Event;
  /** The server cannot be reached, or no path be found: told once until it is. */
  error: NetworkErrorEvent;
  /** It cannot get better. */
  close: NetworkCloseEvent;
}

/** What the one stream of an endpoint is known by. */
export const streamId = 'stream';

const delaysMs = [1_000, 2_000, 4_000, 8_000, 15_000];
const longestDelayMs = 60_000;
/** How long a path may take to be found, */
const connectMs = 20_000;
/** and another one, when there was one before. */
const restartMs = 6_000;
/** A path that breaks may heal by itself. */
const patienceMs = 3_000;
/** A link that did not hold for so long is not made again at once. */
const steadyMs = 10_000;
/** How long a new link may take until all that the last one showed plays. */
const playGraceMs = 1_500;
/** Who takes so long to call a request bad has looked for the stream elsewhere. */
const searchMs = 3_000;
/** A publisher is not let in after this: a camera should not open long after somebody has turned away. */
const openingMs = 120_000;
const kinds = ['audio', 'video'] as const;

/**
 * A link to a media server, kept through losses: by an ICE restart, or by another link, until it
 * is back or closed. Knows nothing of rooms or members.
 */
export class KeptLink extends TypedEventTarget<KeptLinkEvents> {
  readonly #options: KeptLinkOptions;
  readonly #lifetime = new AbortController();
  readonly #configuration: Configuration;
  #phase: KeptLinkPhase = 'opening';
  #link: EndpointLink | undefined;
  /** The one before, whose last picture stands until the next one plays. */
  #last: EndpointLink | undefined;
  #tracks: EndpointTracks = {};
  /** Ends the pause that there is. */
  #wake: ((why: 'changed' | 'checked') => void) | undefined;
  /** Whether the network is another one since the link was made. */
  #hasMoved = false;
  /** What has been told of the trouble that there is. */
  #told: RtcErrorCode | undefined;
  /** When a publisher that waits to be let in gives up. */
  #openUntil = 0;
  /** Whether a player's last request was called bad. */
  #isDoubted = false;
  readonly #entry: Promise<void>;
  #admit!: () => void;
  #refuse!: (reason: unknown) => void;

  constructor(options: KeptLinkOptions) {
    super();
    this.#options = options;
    this.#configuration = new Configuration(options.configuration, this.#lifetime);
    this.#entry = new Promise((resolve, reject) => {
      this.#admit = resolve;
      this.#refuse = reject;
    });
    // It may be closed without ever having been opened.
    this.#entry.catch(() => undefined);
  }

  get phase(): KeptLinkPhase {
    return this.#phase;
  }

  /** Whether the path is well. */
  get isConnected(): boolean {
    return this.#phase === 'linked' && this.#link?.state === 'connected';
  }

  /** What plays, or has played last. */
  get tracks(): readonly MediaStreamTrack[] {
    return kinds.flatMap((kind) => this.#link?.track(kind) ?? this.#last?.track(kind) ?? []);
  }

  /**
   * A publisher is let in when the server agrees, and waits some minutes for that. A player is let
   * in at once: who watches waits for the server and for the stream anyway. Neither waits where
   * nothing but another page could help.
   * @throws {RtcError} that says why we are not.
   */
  open(): Promise<void> {
    this.#openUntil = performance.now() + openingMs;
    void this.#keep();
    return this.#entry;
  }

  setTracks(tracks: EndpointTracks): void {
    this.#tracks = tracks;
    this.#link?.setTracks(tracks);
  }

  async getStats(): Promise<RTCStatsReport | undefined> {
    return this.#link?.getStats();
  }

  /** Looks at once, rather than when it is time. */
  check({hasMoved = false} = {}): void {
    this.#hasMoved ||= hasMoved;
    this.#wake?.('checked');
  }

  /** Takes the stream for over, before the server says so. Soon asks again: perhaps it is not. */
  forget(): void {
    if (this.#phase !== 'linked' && this.#phase !== 'lost') {
      return;
    }
    const link = this.#link;
    // Not one that is just being made: it has the answer soon.
    if (this.#phase === 'linked' || link?.state === 'interrupted') {
      this.#link = undefined;
      link?.close();
      this.#wake?.('changed');
    }
    this.#become('absent');
    this.#dropLast();
  }

  close(): void {
    if (this.#lifetime.signal.aborted) {
      return;
    }
    this.#phase = 'closed';
    this.#lifetime.abort();
    this.#refuse(this.#lifetime.signal.reason);
    this.#link?.close();
    this.#dropLast();
  }

  async #keep() {
    const {signal} = this.#lifetime;
    try {
      await this.#configuration.refresh();
    } catch (cause) {
      if (!signal.aborted) {
        this.#give(toRtcError(cause));
      }
    }
    let tries = 0;
    while (!signal.aborted) {
      let delayMs: number | undefined;
      try {
        const wasSteady = await this.#stay(await this.#connect());
        tries = wasSteady ? 0 : tries + 1;
      } catch (cause) {
        if (signal.aborted || !this.#bear(toRtcError(cause))) {
          return;
        }
        tries++;
        delayMs = askedDelay(cause);
      }
      const isDue = !tries || signal.aborted;
      if (!isDue && (await this.#pause(delayMs ?? delayAfter(tries))) === 'checked') {
        tries = 0;
      }
    }
  }

  async #connect(): Promise<EndpointLink> {
    const {role, endpoint, token, music} = this.#options;
    const {signal} = this.#lifetime;
    await new Promise<void>((resolve) => this.#configuration.use(resolve));
    signal.throwIfAborted();
    const configuration = this.#configuration.current;
    const tracks = this.#tracks;
    const link = new EndpointLink({role, endpoint, token, music, configuration, tracks});
    this.#link = link;
    this.#hasMoved = false;
    try {
      await link.open({signal});
    } catch (cause) {
      this.#link = undefined;
      throw cause;
    }
    link.addEventListener('change', () => {
      if (link === this.#link) {
        this.#show(link);
        this.#wake?.('changed');
      }
    });
    this.#show(link);
    this.#admit();
    return link;
  }

  /** Resolves when the link is to be replaced, to whether it has held for a while. */
  async #stay(link: EndpointLink): Promise<boolean> {
    const {signal} = this.#lifetime;
    let connectedAt = Infinity;
    /** When what is waited for must have come. */
    let deadline = performance.now() + connectMs;
    let hasRestarted = false;
    while (link === this.#link && link.state !== 'lost' && !signal.aborted) {
      const now = performance.now();
      if (link.state === 'connected') {
        connectedAt = Math.min(connectedAt, now);
        deadline = Infinity;
        hasRestarted = false;
        if (this.#hasMoved) {
          // Does no harm to a path that is well.
          this.#hasMoved = false;
          await this.#restart(link);
        } else if ((await this.#pause(this.#last ? playGraceMs : undefined)) === 'passed') {
          this.#dropLast();
        }
        continue;
      }
      if (deadline === Infinity) {
        deadline = now + patienceMs;
      }
      if (now >= deadline) {
        if (link.state === 'connecting' || hasRestarted || !(await this.#restart(link))) {
          break;
        }
        hasRestarted = true;
        deadline = performance.now() + restartMs;
      }
      if ((await this.#pause(deadline - now)) === 'checked' && link.state === 'interrupted') {
        deadline = 0;
      }
    }
    if (link !== this.#link || signal.aborted) {
      return false;
    }
    await this.#leave(link, {wasConnected: connectedAt < Infinity});
    return performance.now() - connectedAt > steadyMs;
  }

  async #restart(link: EndpointLink): Promise<boolean> {
    this.#hasMoved = false;
    try {
      await link.restart();
      return true;
    } catch {
      // Another link will do.
      return false;
    }
  }

  /** Makes room for another link. */
  async #leave(link: EndpointLink, {wasConnected}: {wasConnected: boolean}) {
    this.#link = undefined;
    if (kinds.some((kind) => link.track(kind))) {
      this.#last?.close();
      this.#last = link;
    } else {
      // A publisher's as well: servers refuse another one while it is there.
      link.close();
    }
    this.#become('lost');
    if (!wasConnected) {
      this.#tell(new RtcError('connection-failed'), await link.getStats());
    }
  }

  #show(link: EndpointLink) {
    const {state} = link;
    if (state === 'connected') {
      this.#told = undefined;
      this.#isDoubted = false;
      if (this.#last && kinds.every((kind) => link.track(kind) ?? !this.#last?.track(kind))) {
        // Told first, so that nobody shows what is about to end.
        this.#become('linked');
        this.#dropLast();
      }
    }
    this.#become(state === 'connected' || state === 'connecting' ? 'linked' : 'lost');
  }

  /** Whether to go on trying. */
  #bear(error: RtcError): boolean {
    const refusal = error.cause instanceof ServerRefusal ? error.cause : undefined;
    const isPublisher = this.#options.role === 'publisher';
    const isOpening = this.#phase === 'opening';
    const isAbsent = refusal !== undefined && meansAbsent(refusal);
    // A publisher's first request that is bad stays bad. A player's may be for a stream that the server
    // looks for, or has yet to hear of; a publisher's later one is refused while the last one lives.
    const isBad = refusal?.status === 400 && !isAbsent && !(isPublisher && isOpening);
    const mayPass =
      error.code === 'broker-unreachable' || isAbsent || isBad || (refusal && meansLater(refusal));
    if (!mayPass || (isPublisher && isOpening && performance.now() > this.#openUntil)) {
      this.#give(error);
      return false;
    }
    if (isPublisher) {
      if (!isOpening) {
        this.#become('lost');
      }
      this.#tell(error);
      return true;
    }
    const wasDoubted = this.#isDoubted;
    this.#isDoubted = isBad;
    if (isBad && !wasDoubted) {
      // Perhaps the end of a search that began for somebody else: then the next one takes its time.
      return true;
    }
    if (isAbsent || isBad) {
      this.#become('absent');
      this.#dropLast();
    } else {
      this.#become('lost');
    }
    if (isAbsent) {
      this.#told = undefined;
    } else {
      this.#tell(error);
    }
    this.#admit();
    return true;
  }

  /** Gives up. */
  #give(error: RtcError) {
    const wasOpen = this.#phase !== 'opening';
    this.#refuse(error);
    this.close();
    if (wasOpen) {
      this.dispatchEvent(new NetworkCloseEvent(error));
    }
  }

  #tell(error: RtcError, report?: RTCStatsReport) {
    if (this.#told !== error.code && !this.#lifetime.signal.aborted) {
      this.#told = error.code;
      this.dispatchEvent(new NetworkErrorEvent(error, report));
    }
  }

  #dropLast() {
    this.#last?.close();
    this.#last = undefined;
    this.#changed();
  }

  /** Resolves to why it is over. */
  #pause(delayMs: number | undefined): Promise<'changed' | 'checked' | 'passed'> {
    const pause = new AbortController();
    return new Promise((resolve) => {
      const end = (why: 'changed' | 'checked' | 'passed') => {
        this.#wake = undefined;
        pause.abort();
        resolve(why);
      };
      this.#wake = end;
      this.#lifetime.signal.addEventListener('abort', () => end('passed'), {signal: pause.signal});
      if (delayMs !== undefined) {
        after(delayMs, () => end('passed'), pause.signal);
      }
    });
  }

  #become(phase: KeptLinkPhase) {
    if (!this.#lifetime.signal.aborted) {
      this.#phase = phase;
      this.#changed();
    }
  }

  #changed() {
    if (!this.#lifetime.signal.aborted) {
      this.dispatchEvent(new Event('change'));
    }
  }
}

/** Not all at once, when a server comes back to many. */
function delayAfter(tries: number): number {
  const delayMs = delaysMs[Math.min(tries, delaysMs.length) - 1] ?? 0;
  return delayMs * (0.5 + Math.random() / 2);
}

/** How long the server asks to be left alone. */
function askedDelay(cause: unknown): number | undefined {
  const refusal = cause instanceof RtcError ? cause.cause : undefined;
  return refusal instanceof ServerRefusal && refusal.retryAfterMs !== undefined
    ? Math.min(refusal.retryAfterMs + Math.random() * 1_000, longestDelayMs)
    : undefined;
}

/** Servers have many words for it. */
function meansAbsent({status, tookMs}: ServerRefusal): boolean {
  return [404, 409, 410].includes(status) || (status === 400 && tookMs >= searchMs);
}

function meansLater({status}: ServerRefusal): boolean {
  return status >= 500 || [408, 425, 429].includes(status);
}
