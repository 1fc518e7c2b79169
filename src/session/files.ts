import {RtcError} from '../core/errors.js';
import {cleanFileName, cleanName, maxOffers, type FileMessage} from '../core/messages.js';
import {TokenBucket} from '../core/token-bucket.js';
import {TypedEventTarget} from '../core/typed-event-target.js';
import type {Member} from '../networks/network.js';
import {FileExchange} from './file-exchange.js';
import {IncomingFile, type FileProblem, type IncomingState} from './incoming-file.js';
import {SharedFile, type FileReceiver} from './shared-file.js';

export type {FileProblem};

/** How a file is doing. */
export type FileState =
  | IncomingState
  /** Ours: nobody has taken it yet; */
  | 'waiting'
  /** somebody is about to get it. */
  | 'sending'
  /** The path is broken: it goes on by itself. */
  | 'paused';

/** A file on its way, as it is now. A new object takes its place when something changes. */
export interface FileTransfer {
  readonly id: string;
  readonly isOwn: boolean;
  /** Text from a stranger, but without anything that could be a path. */
  readonly name: string;
  /** In bytes. */
  readonly size: number;
  readonly from: {readonly id: string; readonly name: string};
  /** When it was offered, in milliseconds since 1970. */
  readonly at: number;
  readonly state: FileState;
  /** Why it failed. */
  readonly problem: FileProblem | undefined;
  /** Of those who get it, 0 to 1. */
  readonly progress: number;
  /** Ours: how many have got it, of how many. */
  readonly receivers: {readonly done: number; readonly all: number} | undefined;
  /** All of it, once it has come. Of a type that is safe to show. */
  readonly blob: Blob | undefined;
}

interface Person {
  readonly name: string;
  readonly isConnected: boolean;
  readonly exchange: FileExchange | undefined;
  /** For offers that are new. */
  readonly rate: TokenBucket;
}

interface Incoming {
  readonly file: IncomingFile;
  readonly from: {readonly id: string; readonly name: string};
}

/** What is kept of what others have offered. */
const maxIncoming = 100;
const offerBurst = 20;
const offersPerSecond = 0.2;
/** Progress is told no more often. */
const progressMs = 200;

/**
 * Files that people in a call give each other. Whoever offers one keeps it, and sends it to those who ask
 * for it, also to those who come later, until they leave or take it back.
 */
export class Files extends TypedEventTarget<{change: Event}> {
  #isOpen = false;
  #shared: readonly SharedFile[] = [];
  #incoming: readonly Incoming[] = [];
  readonly #people = new Map<string, Person>();
  #timer: ReturnType<typeof setTimeout> | undefined;

  /** Whether one may offer files here, and the network can bring them. */
  get isOpen(): boolean {
    return this.#isOpen;
  }

  /** In the order of their coming. */
  get transfers(): readonly FileTransfer[] {
    return [
      ...this.#shared.map((file) => this.#describeOwn(file)),
      ...this.#incoming.map((one) => this.#describe(one)),
    ].sort((a, b) => a.at - b.at);
  }

  /**
   * Offers files to everybody.
   * @throws {RtcError} `peer-unavailable` where that is not possible, `bad-message` for more than 20 at a time.
   */
  send(files: Iterable<File>): void {
    const added = [...files];
    if (!this.#isOpen) {
      throw new RtcError('peer-unavailable');
    }
    if (this.#offered.length + added.length > maxOffers) {
      throw new RtcError('bad-message', {detail: `at most ${maxOffers} files at a time`});
    }
    for (const file of added) {
      const shared = new SharedFile(file);
      this.#shared = [...this.#shared, shared];
      for (const [id, {exchange}] of this.#people) {
        if (exchange) {
          this.#setReceiver(id, shared, {state: 'offered', sent: 0});
        }
      }
    }
    this.#tellOffers();
    this.#changed();
  }

  /** Gets one that is offered. */
  accept(id: string): void {
    void this.#find(id)?.accept();
  }

  /** Does not take one, breaks it off, or takes back one's own. */
  cancel(id: string): void {
    this.#find(id)?.cancel();
    const own = this.#shared.find((file) => file.id === id);
    if (own) {
      this.#endOwn(own, 'cancelled');
    }
  }

  /** Gives one that has come to the browser, to be saved. */
  async save(id: string): Promise<void> {
    const {name, blob} = this.#find(id) ?? {};
    if (name && blob) {
      const {download} = await import('../rtc/save-file.js');
      download(blob, name);
    }
  }

  /** For the session only: who is there, and how they can be reached. Nobody, after a call. */
  follow(members: readonly Member[], isOpen: boolean): void {
    const wasOpen = this.#isOpen;
    this.#isOpen = isOpen;
    for (const id of [...this.#people.keys()]) {
      if (!members.some((member) => member.id === id)) {
        this.#forget(id);
      }
    }
    let isNew = wasOpen !== isOpen;
    for (const member of members) {
      isNew = this.#meet(member) || isNew;
    }
    if (isNew) {
      this.#changed();
    }
  }

  /** For the session only: another call starts with none. */
  clear(): void {
    for (const {file} of this.#incoming) {
      file.release();
    }
    this.#shared = [];
    this.#incoming = [];
    this.#changed();
  }

  /** Whether anything has changed that can be seen. */
  #meet({id, state, connection, files: channel}: Member): boolean {
    const known = this.#people.get(id);
    const name = cleanName(state?.name ?? '');
    const isConnected = connection === 'connected' && channel !== undefined;
    const isSame = known?.exchange?.channel === channel;
    if (known && isSame && known.name === name && known.isConnected === isConnected) {
      return false;
    }
    const rate = known?.rate ?? new TokenBucket(offerBurst, offersPerSecond);
    if (isSame || !channel) {
      this.#people.set(id, {name, isConnected, exchange: known?.exchange, rate});
      return true;
    }
    known?.exchange?.close();
    const exchange = new FileExchange({
      channel,
      find: (file) => this.#offered.find((own) => own.id === file),
      findIncoming: (file) => this.#find(`${id} ${file}`),
      offered: (message) => this.#takeOffers(id, message),
      told: (file, news) => this.#hear(id, file, news),
      unreadable: (file) => this.#endOwn(file, 'unreadable'),
    });
    this.#people.set(id, {name, isConnected, exchange, rate});
    for (const file of this.#offered) {
      // They may be another page by now: then they ask anew.
      this.#setReceiver(id, file, {state: 'offered', sent: 0});
    }
    exchange.offer(this.#offered);
    exchange.open();
    return true;
  }

  #forget(id: string) {
    this.#people.get(id)?.exchange?.close();
    this.#people.delete(id);
    for (const own of this.#shared) {
      if (own.receivers.get(id)?.state !== 'done') {
        own.receivers.delete(id);
      }
    }
    this.#lose(id, []);
    this.#changed();
  }

  #takeOffers(id: string, {offers}: Extract<FileMessage, {t: 'offers'}>) {
    const person = this.#people.get(id);
    const channel = person?.exchange?.channel;
    if (!person || !channel) {
      return;
    }
    this.#lose(
      id,
      offers.map((offer) => offer.id),
    );
    for (const offer of offers) {
      const key = `${id} ${offer.id}`;
      const known = this.#find(key);
      if (known) {
        known.connect(channel);
      } else if (this.#isOpen && this.#incoming.length < maxIncoming && person.rate.take()) {
        const changed = () => this.#changedSoon();
        const file = new IncomingFile(key, offer, changed);
        this.#incoming = [...this.#incoming, {file, from: {id, name: person.name}}];
        file.connect(channel);
      }
    }
    this.#changed();
  }

  /** What somebody does not offer any more. What was not taken of it is of no interest. */
  #lose(id: string, offered: readonly string[]) {
    const isLost = ({file, from}: Incoming) => from.id === id && !offered.includes(file.id);
    this.#incoming = this.#incoming.filter(
      (one) => !isLost(one) || !['offered', 'declined'].includes(one.file.state),
    );
    for (const {file} of this.#incoming.filter(isLost)) {
      file.fail('gone');
    }
  }

  #hear(id: string, file: SharedFile, news: {sent: number} | 'done' | 'declined') {
    const {state} = file.receivers.get(id) ?? {};
    if (typeof news !== 'string' && (state === 'done' || state === 'declined')) {
      // The rest of what was under way.
      return;
    }
    this.#setReceiver(
      id,
      file,
      typeof news === 'string'
        ? {state: news, sent: news === 'done' ? file.file.size : 0}
        : {state: 'sending', sent: news.sent},
    );
    this.#changedSoon();
  }

  #setReceiver(id: string, file: SharedFile, receiver: Omit<FileReceiver, 'name'>) {
    const name = this.#people.get(id)?.name ?? '';
    file.receivers.set(id, {name, ...receiver});
  }

  #endOwn(file: SharedFile, ending: NonNullable<SharedFile['ending']>) {
    if (!file.ending) {
      file.ending = ending;
      for (const {exchange} of this.#people.values()) {
        exchange?.stop(file);
      }
      this.#tellOffers();
      this.#changed();
    }
  }

  #tellOffers() {
    for (const {exchange} of this.#people.values()) {
      exchange?.offer(this.#offered);
    }
  }

  get #offered(): readonly SharedFile[] {
    return this.#shared.filter(({ending}) => !ending);
  }

  #find(key: string): IncomingFile | undefined {
    return this.#incoming.find(({file}) => file.key === key)?.file;
  }

  #describe({file, from}: Incoming): FileTransfer {
    const {key, name, size, at, state, problem, received, blob} = file;
    const isPaused = state === 'receiving' && !this.#people.get(from.id)?.isConnected;
    return {
      id: key,
      isOwn: false,
      name,
      size,
      from,
      at,
      state: isPaused ? 'paused' : state,
      problem,
      progress: state === 'done' ? 1 : size && received / size,
      receivers: undefined,
      blob,
    };
  }

  #describeOwn({id, at, file, ending, receivers}: SharedFile): FileTransfer {
    const all = [...receivers];
    const taking = all.filter(([, {state}]) => state === 'sending');
    const done = all.filter(([, {state}]) => state === 'done').length;
    const isPaused = taking.every(([person]) => !this.#people.get(person)?.isConnected);
    const sent = taking.reduce((sum, [, one]) => sum + one.sent, 0);
    let state: FileState = 'waiting';
    if (ending) {
      state = ending === 'cancelled' ? ending : 'failed';
    } else if (taking.length) {
      state = isPaused ? 'paused' : 'sending';
    } else if (all.length && all.every(([, one]) => one.state !== 'offered')) {
      state = done ? 'done' : 'declined';
    }
    return {
      id,
      isOwn: true,
      name: cleanFileName(file.name),
      size: file.size,
      from: {id: 'self', name: ''},
      at,
      state,
      problem: ending === 'unreadable' ? ending : undefined,
      progress:
        state === 'done' ? 1 : taking.length && file.size && sent / taking.length / file.size,
      receivers: {done, all: all.length},
      blob: undefined,
    };
  }

  #changedSoon() {
    this.#timer ??= setTimeout(() => this.#changed(), progressMs);
  }

  #changed() {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.dispatchEvent(new Event('change'));
  }
}
