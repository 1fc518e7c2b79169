import {RtcError} from '../core/errors.js';
import {randomHex} from '../core/hex.js';
import {
  cleanName,
  maxChatLength,
  maxPastLines,
  type ChatLine,
  type PastLine,
} from '../core/messages.js';
import {TokenBucket} from '../core/token-bucket.js';
import {TypedEventTarget} from '../core/typed-event-target.js';

/** A line of the chat. Text from a stranger, never HTML. */
export interface ChatMessage {
  readonly id: string;
  readonly text: string;
  /** Who wrote it. The id is that of a participant, or of a viewer whom only the stage knows. */
  readonly from: {readonly id: string; readonly name: string};
  readonly isOwn: boolean;
  /** When it was written or came, in milliseconds since 1970. */
  readonly at: number;
  /** Written before we came, as far as somebody has told us: text, author and time are their word. */
  readonly isPast?: boolean;
}

export class ChatMessageEvent extends Event {
  constructor(readonly message: ChatMessage) {
    super('message');
  }
}

export interface ChatEvents {
  /** `messages` or `isOpen` has changed. */
  change: Event;
  /** Somebody else has written. */
  message: ChatMessageEvent;
}

/** How the chat travels. */
export interface ChatWay {
  /** To all, or to one; nobody there is no error. */
  send(line: ChatLine, to?: string): void;
  /** Asks somebody what was written before, */
  askPast(to: string): void;
  /** and tells it. */
  tellPast(lines: readonly PastLine[], to: string): void;
  /** Whom to pass on what one has written; nothing where everybody hears everybody. */
  readonly relayTo: (() => readonly string[]) | undefined;
  /** Whether those who write to us may pass on what others have written: to an audience the stage may. */
  readonly isRelayed: boolean;
  readonly selfName: () => string;
}

/** What is kept. */
const maxMessages = 500;
/** A person writes no more than so many lines at once, and so many a second for long; */
const burst = 20;
const perSecond = 1;
/** they may come closer together than they were written. */
const heardBurst = 30;
const maxWriters = 1_000;
/** What a newcomer is told of, as JSON, in UTF-16 code units. */
const maxPastLength = 40_000;
/** Who has come within this time may have been there before us, */
const newMs = 10_000;
/** and so many of them are asked. */
const maxTellers = 3;
/** Who reloads asks again. */
const askBurst = 4;
const asksPerSecond = 0.05;
/** Before the id of who is said to have written: never that of anybody who is here. */
const pastPrefix = 'past ';

interface Person {
  readonly id: string;
  readonly name: string;
}

interface Writer {
  readonly name: string;
  readonly rate: TokenBucket;
  readonly asks: TokenBucket;
}

/** What people write to each other during a call. The stage of a broadcast passes on what its viewers write. */
export class Chat extends TypedEventTarget<ChatEvents> {
  #messages: readonly ChatMessage[] = [];
  #way: ChatWay | undefined;
  #isOpen = false;
  /** What is being written, kept while no field is there for it. */
  draft = '';
  /** The elements that show it to somebody just now, and so read out what is new. */
  readonly readers = new Set<object>();
  #unread = 0;
  #firstUnread: string | undefined;
  #pastFrom: string | undefined;
  /** Who can tell us what was written before, until somebody has; the first one is asked. */
  #tellers: readonly Person[] = [];
  #isTold = false;
  #since = 0;
  readonly #rate = new TokenBucket(burst, perSecond);
  readonly #writers = new Map<string, Writer>();

  /** The oldest first. */
  get messages(): readonly ChatMessage[] {
    return this.#messages;
  }

  /** Whether one may write, and is heard. */
  get isOpen(): boolean {
    return this.#isOpen;
  }

  /** How many lines of others nobody has looked at here. */
  get unread(): number {
    return this.#unread;
  }

  /** The id of the first of them. */
  get firstUnread(): string | undefined {
    return this.#firstUnread;
  }

  /** Who has told us what was written before we came. */
  get pastFrom(): string | undefined {
    return this.#pastFrom;
  }

  /** The person has seen all there is. */
  markRead(): void {
    if (this.#unread) {
      this.#unread = 0;
      this.#firstUnread = undefined;
      this.#changed();
    }
  }

  /**
   * Writes a line to everybody.
   * @throws {RtcError} `peer-unavailable` when the chat is not open, `bad-message` for an empty
   *   line, one of more than 2,000 characters, and more lines than anybody can read.
   */
  send(text: string): void {
    const line = {id: randomHex(8), text: text.trim()};
    if (!line.text || line.text.length > maxChatLength) {
      throw new RtcError('bad-message', {detail: `${line.text.length} characters`});
    }
    if (!this.#isOpen || !this.#way) {
      throw new RtcError('peer-unavailable');
    }
    if (!this.#rate.take()) {
      throw new RtcError('bad-message', {detail: 'too fast'});
    }
    const name = this.#way.selfName();
    const from = {id: 'stage', name};
    this.#way.send(this.#way.relayTo ? {...line, from} : line);
    this.#add({...line, from: {id: 'self', name}, isOwn: true, at: Date.now()});
  }

  /** For the session only. Another call starts with an empty chat, that is to be opened. */
  connect(way: ChatWay | undefined): void {
    this.#way = way;
    if (way) {
      this.#messages = [];
      this.#writers.clear();
      this.#unread = 0;
      this.#firstUnread = undefined;
      this.#pastFrom = undefined;
    }
    this.#tellers = [];
    this.#isTold = false;
    this.#since = performance.now();
    this.open(false);
  }

  /**
   * For the session only: somebody is there who can tell what was written before. One of them is asked, and
   * another if they know of nothing: of two who come at once nobody knows who was there first.
   */
  meet(person: Person, {wasThere}: {wasThere: boolean}): void {
    const isNew = performance.now() - this.#since < newMs;
    if (!this.#isTold && (wasThere || isNew) && this.#tellers.length < maxTellers) {
      this.#tellers = [...this.#tellers, person];
      if (this.#tellers.length === 1) {
        this.#askPast();
      }
    }
  }

  /** For the session only: somebody has gone. */
  miss(id: string): void {
    const wasAsked = this.#tellers[0]?.id === id;
    this.#tellers = this.#tellers.filter((teller) => teller.id !== id);
    if (wasAsked) {
      this.#askPast();
    }
  }

  #askPast() {
    const [teller] = this.#tellers;
    if (teller) {
      this.#way?.askPast(teller.id);
    }
  }

  /** For the session only: somebody asks what was written before they came. */
  tellPast(to: string): void {
    if (!this.#isOpen || !this.#way || !this.#writer(to).asks.take()) {
      return;
    }
    const now = Date.now();
    const isStage = Boolean(this.#way.relayTo);
    const lines: PastLine[] = [];
    let length = 0;
    for (const message of this.#messages.slice(-maxPastLines).reverse()) {
      const {id, text, from, isOwn, isPast, at} = message;
      length += JSON.stringify(text).length;
      if (length > maxPastLength) {
        break;
      }
      // Of viewers nobody learns the id.
      const ownId = isStage ? 'stage' : 'teller';
      const theirId = isPast ? from.id.slice(pastPrefix.length) : from.id;
      const author = isOwn ? ownId : isStage ? this.#writer(from.id).name : theirId;
      const agoMs = Math.max(0, now - at);
      lines.unshift({id, text, from: {id: author, name: from.name}, agoMs});
    }
    this.#way.tellPast(lines, to);
  }

  /** For the session only: what somebody says was written before. Only from the one we have asked, once. */
  takePast(lines: readonly PastLine[], from: string): void {
    const [teller, ...others] = this.#tellers;
    if (teller?.id !== from) {
      return;
    }
    const known = new Set(this.#messages.map(({id}) => id));
    const now = Date.now();
    const past: ChatMessage[] = [];
    for (const {id, text, from: author, agoMs} of lines) {
      if (!known.has(id)) {
        known.add(id);
        const name = cleanName(author.name);
        const who = {id: pastPrefix + author.id, name};
        past.push({id, text, from: who, isOwn: false, at: now - agoMs, isPast: true});
      }
    }
    this.#isTold = past.length > 0;
    this.#tellers = this.#isTold ? [] : others;
    this.#askPast();
    if (past.length) {
      this.#pastFrom = teller.name;
      past.sort((a, b) => a.at - b.at);
      this.#messages = [...past, ...this.#messages].slice(-maxMessages);
      this.#changed();
    }
  }

  /** For the session only. */
  open(isOpen: boolean): void {
    if (isOpen !== this.#isOpen) {
      this.#isOpen = isOpen;
      this.#changed();
    }
  }

  /** For the session only: a line has come over the link of this person. */
  take(line: ChatLine, sender: {readonly id: string; readonly name: string}): void {
    const relayTo = this.#way?.relayTo;
    if (!this.#way || this.#messages.some(({id}) => id === line.id)) {
      return;
    }
    if (this.#way.isRelayed) {
      // The stage has seen to it that nobody writes too much.
      const from = line.from ?? sender;
      this.#hear(line, {id: from.id, name: cleanName(from.name)});
      return;
    }
    const writer = this.#writer(sender.id);
    if (!this.#isOpen || !writer.rate.take()) {
      return;
    }
    if (!relayTo) {
      this.#hear(line, sender);
      return;
    }
    // What they say of others is their own word.
    const {id, text} = line;
    for (const to of relayTo()) {
      if (to !== sender.id) {
        this.#way.send({id, text, from: {id: writer.name, name: sender.name}}, to);
      }
    }
    this.#hear({id, text}, sender);
  }

  /** Who knows a viewer's id could pass for them: the others learn another one. */
  #writer(id: string) {
    const known = this.#writers.get(id);
    if (known) {
      return known;
    }
    if (this.#writers.size >= maxWriters) {
      this.#writers.clear();
    }
    const writer = {
      name: randomHex(8),
      rate: new TokenBucket(heardBurst, perSecond),
      asks: new TokenBucket(askBurst, asksPerSecond),
    };
    this.#writers.set(id, writer);
    return writer;
  }

  #hear({id, text}: ChatLine, from: ChatMessage['from']) {
    const message = {id, text, from, isOwn: false, at: Date.now()};
    this.#unread++;
    this.#firstUnread ??= id;
    this.#add(message);
    this.dispatchEvent(new ChatMessageEvent(message));
  }

  #add(message: ChatMessage) {
    this.#messages = [...this.#messages, message].slice(-maxMessages);
    this.#changed();
  }

  #changed() {
    this.dispatchEvent(new Event('change'));
  }
}
