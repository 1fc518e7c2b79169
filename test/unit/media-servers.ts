// Media servers for tests: see scripts/lib/media-servers.mjs for what each can do.

interface Answer {
  readonly unavailable?: string;
  readonly id: string;
  readonly kind: string;
  readonly token?: string;
  readonly url?: string;
  readonly urls?: readonly string[];
  readonly whip?: string;
  readonly whep?: string;
}

/** Who may do what in a room of LiveKit; what else is named is a grant. */
export interface Grants {
  readonly identity: string;
  readonly room: string;
  readonly name?: string;
  /** Less than -60 for one that has ended. */
  readonly ttlSeconds?: number;
  readonly canPublish?: boolean;
  readonly canSubscribe?: boolean;
  readonly canPublishData?: boolean;
}

/** One request of a log. */
export interface LoggedRequest {
  readonly method: string;
  readonly url: string;
  /** Of the stream. */
  readonly name: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
  /** 0 for one without an answer. */
  readonly status: number;
}

const servers = new Set<MediaServer>();

type Values = Readonly<Record<string, string | number | boolean | undefined>>;

async function ask<T>(word: string, values: Values): Promise<T> {
  const query = new URLSearchParams();
  for (const [name, value] of Object.entries(values)) {
    if (value !== undefined) {
      query.set(name, String(value));
    }
  }
  const response = await fetch(`/__media/${word}?${query.toString()}`);
  if (!response.ok) {
    throw new Error(`${word} ${query.toString()}: ${await response.text()}`);
  }
  return (await response.json()) as T;
}

/** A real media server. Ended by `stopMediaServers()`. */
export class MediaServer {
  /** Of one who may publish and watch. LiveKit has `tokenFor` instead. */
  readonly token: string;
  readonly #answer: Answer;

  private constructor(answer: Answer) {
    this.#answer = answer;
    this.token = answer.token ?? '';
  }

  /**
   * Starts `mediamtx`, `livekit` (with `nodes`), `janus` or `faulty`. Skips the tests of the given context, that
   * of a `before` or an `it`, when the server cannot be had on this machine.
   */
  static async start(
    context: Mocha.Context,
    kind: string,
    options: {readonly nodes?: number} = {},
  ): Promise<MediaServer> {
    const answer = await ask<Answer>('start', {kind, ...options});
    if (answer.unavailable !== undefined) {
      context.skip();
    }
    const server = new MediaServer(answer);
    servers.add(server);
    return server;
  }

  /** Where WebSockets of LiveKit go; the other origin of a faulty server. */
  get url(): string {
    return this.#answer.url ?? '';
  }

  /** One for each node. */
  get urls(): readonly string[] {
    return this.#answer.urls ?? [];
  }

  /** The endpoint that takes a stream of this name. */
  whip(name: string): string {
    return (this.#answer.whip ?? '').replace('{name}', name);
  }

  /** The endpoint that gives it. */
  whep(name: string): string {
    return (this.#answer.whep ?? '').replace('{name}', name);
  }

  async tokenFor(grants: Grants): Promise<string> {
    return (await this.#order<{token: string}>('token', {...grants})).token;
  }

  /** What was asked of a faulty server, in order. */
  log(): Promise<readonly LoggedRequest[]> {
    return this.#order('log');
  }

  /** Dies without a word, with all its connections; or one node of it does. */
  kill(node?: number): Promise<unknown> {
    return this.#order('kill', {node});
  }

  /** Comes back at the same place, dead or alive, and remembers nothing. */
  restart(node?: number): Promise<unknown> {
    return this.#order('restart', {node});
  }

  stop(): Promise<unknown> {
    servers.delete(this);
    return this.#order('stop');
  }

  #order<T>(word: string, values: Values = {}): Promise<T> {
    return ask(word, {id: this.#answer.id, ...values});
  }
}

export async function stopMediaServers(): Promise<void> {
  await Promise.all([...servers].map((server) => server.stop()));
}
