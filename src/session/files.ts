import {RtcError} from '../core/errors.js';
import {cleanFileName, cleanName, maxOffers, type FileOffer} from '../core/messages.js';
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
  /** Whether whoever has it still offers it: so it can be got, also after it was declined, broken off, or has failed. */
  readonly isOffered: boolean;
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
  /** The offer is not taken back, */
  readonly isOffered: boolean;
  /** and nobody has looked at it here. */
  readonly isUnread: boolean;
}

/** Offers that wait for an answer, and files that come. */
const maxOpen = 100;
/** What is kept of files that did not come and cannot be had any more. What has come may be to be saved. */
const maxOver = 100;
const offerBurst = 20;
const offersPerSecond = 0.2;
/** Offers that were too many are looked at again after that. */
const againMs = 5_000;
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
  /** Offers of which some were too many, by person. */
  readonly #late = new Map<string, readonly FileOffer[]>();
  #lateTimer: ReturnType<typeof setTimeout> | undefined;
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

  /** How many offers of others nobody has looked at here. */
  get unread(): number {
    return this.#incoming.filter(({isUnread}) => isUnread).length;
  }

  /** The id of the first of them. */
  get firstUnread(): string | undefined {
    return this.#incoming.find(({isUnread}) => isUnread)?.file.key;
  }

  /** The person has seen all there is. */
  markRead(): void {
    if (this.unread) {
      this.#incoming = this.#incoming.map((one) => ({...one, isUnread: false}));
      this.#changed();
    }
  }

  /**
   * Offers files to everybody. For more than 20, the oldest that nobody there waits for make room: those who come
   * later are not offered them.
   * @throws {RtcError} `peer-unavailable` where that is not possible, `bad-message` for more than 20 at a time.
   */
  send(files: Iterable<File>): void {
    const added = [...files];
    if (!this.#isOpen) {
      throw new RtcError('peer-unavailable');
    }
    const excess = Math.max(0, this.#offered.length + added.length - maxOffers);
    const settled = this.#offered.filter((file) => this.#describeOwn(file).state === 'done');
    if (settled.length < excess) {
      throw new RtcError('bad-message', {detail: `at most ${maxOffers} files at a time`});
    }
    for (const file of settled.slice(0, excess)) {
      file.ending = 'given';
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

  /** Gets one that is offered; from the start, if it was declined or broken off, or has failed. */
  accept(id: string): void {
    const one = this.#incoming.find(({file}) => file.key === id);
    if (one?.isOffered && ['declined', 'cancelled', 'failed'].includes(one.file.state)) {
      this.#put({...one, file: this.#create(id, one.file, one.file)});
    }
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
    this.#late.clear();
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
      offered: (offers) => this.#takeOffers(id, offers),
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
    this.#late.delete(id);
    this.#lose(id, []);
    this.#changed();
  }

  #takeOffers(id: string, offers: readonly FileOffer[]) {
    const person = this.#people.get(id);
    const channel = person?.exchange?.channel;
    if (!person || !channel) {
      return;
    }
    const before = this.#incoming;
    this.#lose(
      id,
      offers.map((offer) => offer.id),
    );
    this.#late.delete(id);
    for (const offer of offers) {
      const key = `${id} ${offer.id}`;
      const known = this.#incoming.find(({file}) => file.key === key);
      const isNew = !known || (!known.isOffered && known.file.problem === 'gone');
      if (!isNew) {
        known.file.connect(channel);
        if (!known.isOffered) {
          this.#put({...known, isOffered: true});
        }
      } else if (this.#isOpen && this.#openCount < maxOpen && person.rate.take()) {
        const file = this.#create(key, offer, known?.file);
        const from = {id, name: person.name};
        this.#put({file, from, isOffered: true, isUnread: true});
        file.connect(channel);
      } else {
        this.#late.set(id, offers);
        this.#lateTimer ??= setTimeout(() => this.#takeLate(), againMs);
      }
    }
    if (this.#incoming !== before) {
      this.#changedSoon();
    }
  }

  #takeLate() {
    this.#lateTimer = undefined;
    for (const [id, offers] of [...this.#late]) {
      this.#takeOffers(id, offers);
    }
  }

  get #openCount(): number {
    return this.#incoming.filter(({file}) => ['offered', 'receiving'].includes(file.state)).length;
  }

  #create(key: string, offer: FileOffer, before?: IncomingFile): IncomingFile {
    return new IncomingFile(key, offer, {changed: () => this.#changedSoon(), before});
  }

  /** In the place of the one of that name, or as the last one. */
  #put(one: Incoming) {
    const isSame = ({file}: Incoming) => file.key === one.file.key;
    this.#incoming = this.#incoming.some(isSame)
      ? this.#incoming.map((other) => (isSame(other) ? one : other))
      : [...this.#incoming, one];
  }

  /** What somebody does not offer any more. What was not taken of it is of no interest. */
  #lose(id: string, offered: readonly string[]) {
    const lost = this.#incoming.filter(
      ({file, from, isOffered}) => isOffered && from.id === id && !offered.includes(file.id),
    );
    if (!lost.length) {
      return;
    }
    const isGone = (one: Incoming) => ['offered', 'declined'].includes(one.file.state);
    this.#incoming = this.#incoming.flatMap((one) =>
      !lost.includes(one) ? one : isGone(one) ? [] : {...one, isOffered: false},
    );
    for (const {file} of lost.filter((one) => !isGone(one))) {
      file.fail('gone');
    }
    const over = this.#incoming.filter(({file, isOffered}) => !isOffered && file.state !== 'done');
    const forgotten = over.slice(0, -maxOver);
    this.#incoming = this.#incoming.filter((one) => !forgotten.includes(one));
  }

  #hear(id: string, file: SharedFile, news: {sent: number} | 'done' | 'declined') {
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

  #describe({file, from, isOffered}: Incoming): FileTransfer {
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
      isOffered,
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
    if (ending === 'cancelled') {
      state = ending;
    } else if (ending === 'unreadable') {
      state = 'failed';
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
      isOffered: !ending,
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
