import {slotAddresses} from '../../src/networks/addresses.js';
import {CallSession, type CallOptions} from '../../src/session/call-session.js';

export interface TestBroker {
  readonly id: string;
  readonly url: string;
  readonly host: string;
  readonly port: number;
  readonly path: string;
  readonly key: string;
}

export interface BrokerInfo {
  readonly sockets: number;
  readonly log: readonly {type?: string; src?: string; dst?: string; payload?: unknown}[];
}

async function ask<T>(path: string): Promise<T> {
  return (await (await fetch(path)).json()) as T;
}

/** The PeerServer that all tests share: use a room of your own. */
export function sharedBroker(): Promise<TestBroker> {
  return ask('/__peer.json');
}

export function startBroker(options: Record<string, string | number> = {}): Promise<TestBroker> {
  const query = new URLSearchParams({kind: 'peer'});
  for (const [name, value] of Object.entries(options)) {
    query.set(name, String(value));
  }
  return ask(`/__broker/start?${query.toString()}`);
}

export async function stopBroker({id}: TestBroker): Promise<void> {
  await fetch(`/__broker/stop?id=${id}`);
}

export async function dropConnections({id}: TestBroker): Promise<void> {
  await fetch(`/__broker/drop?id=${id}`);
}

/** A pulled cable: nothing passes in or out any more, and nobody is told, until `thawBroker()`. */
export async function freezeBroker({id}: TestBroker): Promise<void> {
  await fetch(`/__broker/freeze?id=${id}`);
}

export async function thawBroker({id}: TestBroker): Promise<void> {
  await fetch(`/__broker/thaw?id=${id}`);
}

export function brokerInfo({id}: TestBroker): Promise<BrokerInfo> {
  return ask(`/__broker/info?id=${id}`);
}

export function randomRoom(): string {
  return `test ${crypto.randomUUID()}`;
}

/** Waits until the condition gives something truthy, and gives that. */
export async function until<T>(
  condition: () => T | Promise<T>,
  what: string,
  timeoutMs = 10_000,
): Promise<NonNullable<T>> {
  const end = performance.now() + timeoutMs;
  for (;;) {
    const value = await condition();
    if (value) {
      return value;
    }
    if (performance.now() > end) {
      throw new Error(`waited ${timeoutMs} ms for ${what}`);
    }
    await new Promise((resolve) => setTimeout(resolve, 15));
  }
}

/** The first event of a type, or a timeout that names it. */
export function once<E extends Event>(
  target: object,
  type: string,
  timeoutMs = 10_000,
): Promise<E> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => reject(new Error(`no ${type} in ${timeoutMs} ms`)), timeoutMs);
    (target as EventTarget).addEventListener(
      type,
      (event) => {
        clearTimeout(timer);
        resolve(event as E);
      },
      {once: true},
    );
  });
}

const sessions = new Set<CallSession>();

/** A session in a room of the shared broker. Left by `leaveAll()`. */
export async function createSession(options: Partial<CallOptions> = {}): Promise<CallSession> {
  const {url} = await sharedBroker();
  const session = new CallSession();
  session.configure({broker: url, rtcConfiguration: {}, ...options});
  sessions.add(session);
  return session;
}

export function leaveAll(): void {
  for (const session of sessions) {
    session.leave();
  }
  sessions.clear();
  // What one test has chosen is not for the next.
  localStorage.clear();
}

/** Waits until each has a working link to all the others. */
export async function untilConnected(...all: CallSession[]): Promise<void> {
  try {
    await until(
      () =>
        all.every(
          ({participants}) =>
            participants.length === all.length - 1 &&
            participants.every(({connection}) => connection === 'connected'),
        ),
      `${all.length} people connected to each other`,
    );
  } catch (cause) {
    const seen = all.map(
      ({state, participants}) =>
        `${state.phase}(${participants.map(({name, connection}) => `${name} ${connection}`).join()})`,
    );
    throw new Error(`${String(cause)}: ${seen.join(' ')}`, {cause});
  }
}

/** Whether pictures of this stream arrive and move. */
export async function untilMoving(stream: MediaStream | undefined): Promise<void> {
  const video = document.createElement('video');
  video.muted = true;
  video.autoplay = true;
  video.srcObject = stream ?? null;
  document.body.append(video);
  try {
    await until(() => video.videoWidth > 0 && video.currentTime > 0, 'a picture');
    const from = video.currentTime;
    await until(() => video.currentTime > from, 'a moving picture');
  } finally {
    video.remove();
    video.srcObject = null;
  }
}

/** Watches somebody join, without a camera or a microphone: light enough for many. */
export function createWatcher(options: Partial<CallOptions> = {}): Promise<CallSession> {
  return createSession({micOff: true, cameraOff: true, ...options});
}

const paths = new Set<Path>();

/**
 * The line of one person, to be cut and made bad: whose session has its `configuration`, sends and gets all media
 * and data by way of it. Signaling goes elsewhere. See scripts/lib/paths.mjs for what each word does.
 */
export class Path {
  private constructor(
    readonly id: string,
    readonly configuration: RTCConfiguration,
  ) {}

  static async open(): Promise<Path> {
    const {id, configuration} = await ask<Path>('/__path/open');
    const path = new Path(id, configuration);
    paths.add(path);
    return path;
  }

  cut(): Promise<unknown> {
    return this.#order('cut');
  }

  heal(): Promise<unknown> {
    return this.#order('heal');
  }

  loss(percent: number): Promise<unknown> {
    return this.#order('loss', percent);
  }

  delay(ms: number): Promise<unknown> {
    return this.#order('delay', ms);
  }

  rebind(): Promise<unknown> {
    return this.#order('rebind');
  }

  close(): Promise<unknown> {
    paths.delete(this);
    return this.#order('close');
  }

  #order(word: string, value = 0): Promise<unknown> {
    return ask(`/__path/${word}?id=${this.id}&value=${value}`);
  }
}

export async function closePaths(): Promise<void> {
  await Promise.all([...paths].map((path) => path.close()));
}

const undo: (() => void)[] = [];

/** Puts something else in the place of a property until `restoreAll()`. */
export function replace(object: object, name: string, value: unknown): void {
  const own = Object.getOwnPropertyDescriptor(object, name);
  Object.defineProperty(object, name, {value, configurable: true, writable: true});
  undo.push(() => {
    if (own) {
      Object.defineProperty(object, name, own);
    } else {
      Reflect.deleteProperty(object, name);
    }
  });
}

export function restoreAll(): void {
  for (const step of undo.splice(0).reverse()) {
    step();
  }
}

/** Makes timers of exactly these delays run after another one, until `restoreAll()`. */
export function hurry(delays: Readonly<Record<number, number>>): void {
  const original = window.setTimeout.bind(window);
  replace(window, 'setTimeout', (act: TimerHandler, delayMs = 0, ...more: unknown[]) =>
    original(act, delays[delayMs] ?? delayMs, ...more),
  );
}

/** The connections this page makes, from now until `restoreAll()`. */
export class ConnectionWitness {
  readonly all: RTCPeerConnection[] = [];
  /** What each was made with. */
  readonly configurations: (RTCConfiguration | undefined)[] = [];

  constructor() {
    const {all, configurations} = this;
    replace(
      window,
      'RTCPeerConnection',
      class extends RTCPeerConnection {
        constructor(configuration?: RTCConfiguration) {
          super(configuration);
          all.push(this);
          configurations.push(configuration);
        }
      },
    );
  }

  /** Those not closed. */
  get live(): RTCPeerConnection[] {
    return this.all.filter(({signalingState}) => signalingState !== 'closed');
  }

  /** Those that lead to somebody; one may wait a while for somebody who is gone. */
  get used(): RTCPeerConnection[] {
    return this.live.filter(({connectionState}) => connectionState === 'connected');
  }
}

/** The tracks this page takes from devices, from now until `restoreAll()`. */
export class DeviceWitness {
  readonly all: MediaStreamTrack[] = [];
  /** What was asked for, in order. */
  readonly asked: MediaStreamConstraints[] = [];

  constructor() {
    const {mediaDevices} = navigator;
    const original = mediaDevices.getUserMedia.bind(mediaDevices);
    replace(mediaDevices, 'getUserMedia', async (constraints: MediaStreamConstraints) => {
      this.asked.push(constraints);
      const stream = await original(constraints);
      this.all.push(...stream.getTracks());
      return stream;
    });
  }

  get live(): MediaStreamTrack[] {
    return this.all.filter(({readyState}) => readyState === 'live');
  }
}

/** Lets tracks hear events that tests dispatch: listeners in Firefox take only its own. Until `restoreAll()`. */
export function hearTestEvents(): void {
  const {addEventListener} = EventTarget.prototype as unknown as {
    addEventListener: (...args: unknown[]) => void;
  };
  replace(
    MediaStreamTrack.prototype,
    'addEventListener',
    function (this: MediaStreamTrack, type: string, listener: unknown, options?: unknown) {
      // What comes fourth is known to Firefox only.
      addEventListener.call(this, type, listener, options, true);
    },
  );
}

/** What is thrown, or rejected, by name: the code of an `RtcError`. */
export async function codeOf(act: () => unknown): Promise<string> {
  try {
    await act();
  } catch (error) {
    return (error as {code?: string}).code ?? String(error);
  }
  return 'nothing thrown';
}

/** The code a session has failed with. */
export function failureOf({state}: CallSession): string {
  return state.phase === 'failed' ? state.error.code : state.phase;
}

/** Fails the test for every error and rejection nobody has handled, until the function it gives is called. */
export function watchErrors(): () => void {
  const seen: string[] = [];
  const see = (event: ErrorEvent | PromiseRejectionEvent) => {
    seen.push(String('reason' in event ? event.reason : event.message));
  };
  window.addEventListener('error', see);
  window.addEventListener('unhandledrejection', see);
  return () => {
    window.removeEventListener('error', see);
    window.removeEventListener('unhandledrejection', see);
    if (seen.length) {
      throw new Error(`not handled: ${seen.join(', ')}`);
    }
  };
}

/** A stream with a moving picture that needs no device. */
export function canvasStream({width = 320, height = 180} = {}): MediaStream {
  const canvas = Object.assign(document.createElement('canvas'), {width, height});
  const context = canvas.getContext('2d')!;
  let turn = 0;
  const stream = canvas.captureStream(15);
  const [track] = stream.getVideoTracks();
  const timer = setInterval(() => {
    context.fillStyle = `hsl(${(turn += 7)}deg 80% 50%)`;
    context.fillRect(0, 0, width, height);
    if (track?.readyState === 'ended') {
      clearInterval(timer);
    }
  }, 66);
  return stream;
}

/** Ids that are taken at a broker. */
export async function takenIds({host, port, path, key}: TestBroker): Promise<string[]> {
  return (await (await fetch(`http://${host}:${port}${path}${key}/peers`)).json()) as string[];
}

/** Which slots of a room are taken. */
export async function takenSlots(broker: TestBroker, room: string): Promise<number[]> {
  const [ids, addresses] = await Promise.all([takenIds(broker), slotAddresses(room)]);
  return addresses.flatMap((address, slot) => (ids.includes(address) ? [slot] : []));
}

export interface Frame {
  readonly type: string;
  readonly src?: string;
  readonly dst?: string;
  readonly payload?: unknown;
}

/** Somebody who speaks the protocol of PeerServer by hand. */
export class Stranger {
  readonly received: Frame[] = [];
  readonly #socket: WebSocket;

  private constructor(socket: WebSocket) {
    this.#socket = socket;
    socket.addEventListener('message', ({data}) => {
      this.received.push(JSON.parse(data as string) as Frame);
    });
  }

  static async open({host, port, path, key}: TestBroker, id = randomId()): Promise<Stranger> {
    const query = new URLSearchParams({key, id, token: randomId(), version: '1.5.5'});
    const stranger = new Stranger(
      new WebSocket(`ws://${host}:${port}${path}peerjs?${query.toString()}`),
    );
    await until(() => stranger.received.some(({type}) => type === 'OPEN'), 'OPEN');
    strangers.add(stranger);
    return stranger;
  }

  send(type: string, dst: string, payload?: unknown): void {
    this.#socket.send(JSON.stringify({type, dst, payload}));
  }

  /** As our own adapter does. */
  mail(dst: string, mail: unknown): void {
    this.send('OFFER', dst, {type: 'rtc-elements', mail});
  }

  /** Our own messages, as they came. */
  get mails(): Record<string, unknown>[] {
    return this.received.flatMap(({payload}) => {
      const {mail} = (payload ?? {}) as {mail?: Record<string, unknown>};
      return mail ? [mail] : [];
    });
  }

  close(): void {
    this.#socket.close();
  }
}

const strangers = new Set<Stranger>();

export function closeStrangers(): void {
  for (const stranger of strangers) {
    stranger.close();
  }
  strangers.clear();
}

export function randomId(): string {
  return crypto.randomUUID().replaceAll('-', '');
}
