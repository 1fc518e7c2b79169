import {iceFragment, withFragment} from '../../src/rtc/endpoint.js';
import {canvasStream, replace} from './support.js';

/** What was asked of a server. */
export interface Asked {
  readonly method: string;
  readonly path: string;
  readonly url: string;
  readonly headers: Headers;
  readonly body: string;
  readonly init: RequestInit;
}

type Fault = (asked: Asked) => Response | Promise<Response> | undefined;

/** A session at the server. */
export interface ServedSession {
  readonly pc: RTCPeerConnection;
  readonly isPlayer: boolean;
  /** The offer that came. */
  readonly offer: string;
  /** What came over it. */
  readonly stream: MediaStream;
  candidates: number;
  restarts: number;
}

/**
 * A media server inside the page, in the place of `fetch` until `restoreAll()`: WHIP at `/whip`, WHEP at `/whep`,
 * with real connections. It plays `stream`, when there is one, and goes wrong in whatever way a test wants.
 */
export class StreamServer {
  readonly origin = 'https://media.example';
  readonly asked: Asked[] = [];
  readonly sessions = new Map<string, ServedSession>();
  token: string | undefined;
  configuration: RTCConfiguration = {};
  /** What is watched; without it a player gets 404. */
  stream: MediaStream | undefined;
  /** More headers of what begins a session. */
  headers: Record<string, string> = {};
  /** Whether players are to answer an offer of the server's. */
  makesCounterOffers = false;
  acceptsRestarts: (ifMatch: string | null) => number = () => 200;
  /** Comes before all else. */
  fault: Fault | undefined;
  /** Where a request was answered, if it was redirected. */
  redirect: ((url: string) => string) | undefined;
  isDown = false;
  #count = 0;
  readonly #pcs: RTCPeerConnection[] = [];
  /** Not one of those that tests watch, who make their witness later. */
  readonly #Connection = RTCPeerConnection;

  constructor() {
    const {fetch} = window;
    replace(window, 'fetch', (input: RequestInfo | URL, init: RequestInit = {}) => {
      const url = String(input instanceof Request ? input.url : input);
      return url.includes('.example') ? this.#fetch(url, init) : fetch.call(window, input, init);
    });
  }

  get whip(): string {
    return `${this.origin}/whip`;
  }

  get whep(): string {
    return `${this.origin}/whep`;
  }

  /** Those still there. */
  get live(): ServedSession[] {
    return [...this.sessions.values()];
  }

  askedBy(method: string): Asked[] {
    return this.asked.filter((asked) => asked.method === method);
  }

  /** Ends all sessions, as a server does that says so to nobody but by DTLS. */
  hangUp(): void {
    for (const {pc} of this.sessions.values()) {
      pc.close();
    }
    this.sessions.clear();
  }

  close(): void {
    this.hangUp();
    for (const pc of this.#pcs) {
      pc.close();
    }
    for (const track of this.stream?.getTracks() ?? []) {
      track.stop();
    }
  }

  async #fetch(url: string, init: RequestInit): Promise<Response> {
    const {signal} = init;
    const gone = new Promise<never>((_, reject) =>
      signal?.addEventListener('abort', () => reject(signal.reason as Error)),
    );
    return Promise.race([this.#answer(url, init), gone]);
  }

  async #answer(url: string, init: RequestInit): Promise<Response> {
    const {pathname: path} = new URL(url);
    const asked: Asked = {
      method: init.method ?? 'GET',
      path,
      url,
      headers: new Headers(init.headers),
      body: typeof init.body === 'string' ? init.body : '',
      init,
    };
    this.asked.push(asked);
    await Promise.resolve();
    if (this.isDown) {
      throw new TypeError('Failed to fetch');
    }
    const response = (await this.fault?.(asked)) ?? (await this.#serve(asked));
    Object.defineProperty(response, 'url', {value: this.redirect?.(url) ?? url});
    return response;
  }

  async #serve(asked: Asked): Promise<Response> {
    const {method, path, headers, body} = asked;
    if (this.token && headers.get('authorization') !== `Bearer ${this.token}`) {
      return plain(401, 'no token, no stream');
    }
    if (method === 'POST') {
      const isPlayer = path.endsWith('/whep');
      return isPlayer && !this.stream ? plain(404, 'nothing is live') : this.#begin(body, isPlayer);
    }
    const session = this.sessions.get(path);
    if (!session) {
      return plain(404, 'no such session');
    }
    if (method === 'DELETE') {
      this.sessions.delete(path);
      session.pc.close();
      return new Response(null, {status: 200});
    }
    if (headers.get('content-type') === 'application/sdp') {
      await session.pc.setRemoteDescription({type: 'answer', sdp: body});
      return new Response(null, {status: 204});
    }
    return this.#patch(session, body, headers.get('if-match'));
  }

  async #begin(offer: string, isPlayer: boolean): Promise<Response> {
    const pc = new this.#Connection(this.configuration);
    this.#pcs.push(pc);
    const path = `/session/${++this.#count}`;
    const session = {pc, isPlayer, offer, stream: new MediaStream(), candidates: 0, restarts: 0};
    this.sessions.set(path, session);
    pc.addEventListener('track', ({track}) => session.stream.addTrack(track));
    const isCounterOffer = isPlayer && this.makesCounterOffers;
    if (!isCounterOffer) {
      await pc.setRemoteDescription({type: 'offer', sdp: offer});
    }
    for (const track of isPlayer ? (this.stream?.getTracks() ?? []) : []) {
      if (isCounterOffer) {
        pc.addTransceiver(track, {direction: 'sendonly'});
      } else {
        pc.addTrack(track, this.stream!);
      }
    }
    await pc.setLocalDescription();
    await gathered(pc);
    return new Response(pc.localDescription!.sdp, {
      status: isCounterOffer ? 406 : 201,
      headers: {
        'Content-Type': 'application/sdp',
        Location: path,
        ETag: '"first"',
        ...this.headers,
      },
    });
  }

  async #patch(session: ServedSession, body: string, ifMatch: string | null): Promise<Response> {
    const {pc} = session;
    const ufrag = /a=ice-ufrag:(\S+)/.exec(body)?.[1] ?? '';
    const {sdp} = pc.remoteDescription!;
    if (sdp.includes(`a=ice-ufrag:${ufrag}`)) {
      for (const [, candidate] of body.matchAll(/^a=(candidate:.*)$/gm)) {
        session.candidates++;
        await pc.addIceCandidate({candidate: candidate!.trim(), sdpMLineIndex: 0});
      }
      return new Response(null, {status: 204});
    }
    const status = this.acceptsRestarts(ifMatch);
    if (status !== 200) {
      return plain(status, 'no');
    }
    session.restarts++;
    await pc.setRemoteDescription({type: 'offer', sdp: withFragment(sdp, body)});
    await pc.setLocalDescription();
    await gathered(pc);
    const own = pc.localDescription!.sdp;
    const candidates = [...own.matchAll(/^a=(candidate:.*)$/gm)].map(([, line]) => line!.trim());
    return new Response(iceFragment(own, [...new Set(candidates)]), {
      status: 200,
      headers: {'Content-Type': 'application/trickle-ice-sdpfrag', ETag: '"next"'},
    });
  }
}

export function plain(
  status: number,
  text: string,
  headers: Record<string, string> = {},
): Response {
  return new Response(text, {status, headers: {'Content-Type': 'text/plain', ...headers}});
}

/** A picture and a sound that need no device, until the tracks are stopped. */
export function toneAndPicture(): MediaStream {
  return new MediaStream([...canvasStream().getTracks(), tone()]);
}

const contexts: AudioContext[] = [];

/** A sound that needs no device. */
export function tone(frequency = 440): MediaStreamTrack {
  const context = new AudioContext();
  const oscillator = new OscillatorNode(context, {frequency});
  const destination = context.createMediaStreamDestination();
  oscillator.connect(destination);
  oscillator.start();
  contexts.push(context);
  return destination.stream.getAudioTracks()[0]!;
}

export function silenceAll(): void {
  for (const context of contexts.splice(0)) {
    void context.close();
  }
}

/** Packets of a kind that a connection has got. */
export async function packetsOf(
  pc: {getStats(): Promise<RTCStatsReport>},
  kind: 'audio' | 'video',
  type = 'inbound-rtp',
): Promise<number> {
  let sum = 0;
  for (const stat of (await pc.getStats()).values() as Iterable<Record<string, unknown>>) {
    if (stat.type === type && stat.kind === kind) {
      sum += Number(stat.packetsReceived ?? stat.packetsSent ?? 0);
    }
  }
  return sum;
}

async function gathered(pc: RTCPeerConnection): Promise<void> {
  while (pc.iceGatheringState !== 'complete') {
    await new Promise((resolve) =>
      pc.addEventListener('icegatheringstatechange', resolve, {once: true}),
    );
  }
}

/** Skips a test where the browser has nothing to play sound on, and so does not mix any: Firefox is like that. */
export async function requireMixing(context: Mocha.Context): Promise<void> {
  const audio = new AudioContext();
  contexts.push(audio);
  await Promise.race([audio.resume(), new Promise((resolve) => setTimeout(resolve, 2_000))]);
  if (audio.state !== 'running') {
    context.skip();
  }
}
