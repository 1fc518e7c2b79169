import {expect} from '@open-wc/testing';
import {maxChatLength, type ChatLine, type PastLine} from '../../../src/core/messages.js';
import {Chat, type ChatMessage, type ChatWay} from '../../../src/session/chat.js';
import {codeOf, randomId, replace, restoreAll} from '../support.js';

const hex = () => randomId().slice(0, 16);
const mina = {id: 'aaaaaaaaaaaaaaaa', name: 'Mina'};
const jun = {id: 'bbbbbbbbbbbbbbbb', name: 'Jun'};

describe('Chat', () => {
  let chat: Chat;
  let sent: {line: ChatLine; to: string | undefined}[];
  let heard: ChatMessage[];
  let asked: string[];
  let told: {lines: readonly PastLine[]; to: string}[];
  let now: number;

  beforeEach(() => {
    now = performance.now();
    replace(performance, 'now', () => now);
    chat = new Chat();
    sent = [];
    heard = [];
    asked = [];
    told = [];
    chat.addEventListener('message', ({message}) => heard.push(message));
  });
  afterEach(restoreAll);

  const way = {
    send: (line: ChatLine, to?: string) => void sent.push({line, to}),
    askPast: (to: string) => void asked.push(to),
    tellPast: (lines: readonly PastLine[], to: string) => void told.push({lines, to}),
    selfName: () => 'Me',
  };
  const connect = (more: Pick<ChatWay, 'relayTo' | 'isRelayed'>) => {
    chat.connect({...way, ...more});
    expect(chat.isOpen).to.be.false;
    chat.open(true);
  };
  const inCall = () => connect({relayTo: undefined, isRelayed: false});
  const inAudience = () => connect({relayTo: undefined, isRelayed: true});
  const onStage = (viewers = [mina.id, jun.id]) =>
    connect({relayTo: () => viewers, isRelayed: false});
  const lineOf = (text: string, more: Partial<ChatLine> = {}) => ({id: hex(), text, ...more});
  const shown = () => chat.messages.map(({text, from}) => `${from.name}: ${text}`);

  it('is closed outside a call', async () => {
    expect(chat.isOpen).to.be.false;
    expect(await codeOf(() => chat.send('hello'))).to.equal('peer-unavailable');
    chat.take(lineOf('hello'), mina);
    expect(chat.messages).to.be.empty;
  });

  it('sends to all, and shows what was sent as our own', () => {
    inCall();
    chat.send('  hello ');
    expect(sent.map(({line: {text, from}, to}) => ({text, from, to}))).to.deep.equal([
      {text: 'hello', from: undefined, to: undefined},
    ]);
    expect(shown()).to.deep.equal(['Me: hello']);
    expect(chat.messages[0]).to.include({isOwn: true, id: sent[0]?.line.id});
    // Only others are told of.
    expect(heard).to.be.empty;
  });

  it('takes no empty line and none that is too long', async () => {
    inCall();
    for (const text of ['', ' \n ', 'x'.repeat(maxChatLength + 1)]) {
      expect(await codeOf(() => chat.send(text))).to.equal('bad-message');
    }
    expect(sent).to.be.empty;
    chat.send('x'.repeat(maxChatLength));
    expect(sent).to.have.length(1);
  });

  it('shows in a call who has written a line, whatever they say of it', () => {
    inCall();
    chat.take(lineOf('hello', {from: jun}), mina);
    expect(shown()).to.deep.equal(['Mina: hello']);
    expect(heard[0]?.from.id).to.equal(mina.id);
    expect(sent).to.be.empty;
  });

  it('believes in an audience what the stage says of who has written', () => {
    inAudience();
    chat.take(lineOf('one', {from: {id: 'x1', name: '\u202eJun'}}), mina);
    chat.take(lineOf('two'), mina);
    expect(shown()).to.deep.equal(['Jun: one', 'Mina: two']);
    expect(heard.every(({isOwn}) => !isOwn)).to.be.true;
  });

  it('says on the stage that it is the stage who writes', () => {
    onStage();
    chat.send('welcome');
    expect(sent[0]?.line.from).to.deep.equal({id: 'stage', name: 'Me'});
  });

  it('passes on a line to all but who wrote it, under their name and not their id', () => {
    onStage([mina.id, jun.id, 'cccccccccccccccc']);
    chat.take(lineOf('one', {from: {id: 'stage', name: 'Stage'}}), mina);
    chat.take(lineOf('two'), mina);
    chat.take(lineOf('three'), jun);
    expect(shown()).to.deep.equal(['Mina: one', 'Mina: two', 'Jun: three']);
    expect(sent.map(({to}) => to)).to.deep.equal([
      jun.id,
      'cccccccccccccccc',
      jun.id,
      'cccccccccccccccc',
      mina.id,
      'cccccccccccccccc',
    ]);
    const [one, , two, , three] = sent.map(({line}) => line.from!);
    expect(one?.name).to.equal('Mina');
    expect(one?.id).to.equal(two?.id);
    expect(three?.id).to.not.equal(one?.id);
    for (const {line} of sent) {
      expect(line.from!.id).to.not.be.oneOf([mina.id, jun.id, 'stage', 'self', 'guest']);
    }
  });

  it('passes on nothing of one who writes too much, and more of them later', () => {
    onStage();
    for (let i = 0; i < 100; i++) {
      chat.take(lineOf(`${i}`), mina);
    }
    chat.take(lineOf('calm'), jun);
    expect(shown()).to.have.length(31);
    expect(shown().at(-1)).to.equal('Jun: calm');
    expect(sent).to.have.length(31);
    now += 2_000;
    for (let i = 0; i < 100; i++) {
      chat.take(lineOf(`${i}`), mina);
    }
    expect(shown()).to.have.length(33);
  });

  it('passes on nothing while it is closed, and what the stage writes neither', async () => {
    onStage();
    chat.open(false);
    chat.take(lineOf('psst'), mina);
    expect(chat.messages).to.be.empty;
    expect(sent).to.be.empty;
    expect(await codeOf(() => chat.send('psst'))).to.equal('peer-unavailable');
    chat.open(true);
    chat.take(lineOf('aloud'), mina);
    expect(shown()).to.deep.equal(['Mina: aloud']);
  });

  it('does not write more than others would hear', async () => {
    inCall();
    for (let i = 0; i < 20; i++) {
      chat.send(`${i}`);
    }
    expect(await codeOf(() => chat.send('more'))).to.equal('bad-message');
    expect(sent).to.have.length(20);
    now += 1_000;
    chat.send('more');
    expect(shown().at(-1)).to.equal('Me: more');
  });

  it('shows a line once, however often it comes', () => {
    inCall();
    const line = lineOf('hello');
    chat.take(line, mina);
    chat.take(line, mina);
    chat.take({...line, text: 'other'}, jun);
    expect(shown()).to.deep.equal(['Mina: hello']);
  });

  it('keeps the last lines only, and none of the call before', () => {
    inAudience();
    for (let i = 0; i < 600; i++) {
      chat.take(lineOf(`${i}`), mina);
    }
    expect(chat.messages).to.have.length(500);
    expect(chat.messages[0]?.text).to.equal('100');
    chat.connect(undefined);
    expect(chat.isOpen).to.be.false;
    // What was written can still be read.
    expect(chat.messages).to.have.length(500);
    inCall();
    expect(chat.messages).to.be.empty;
  });

  it('counts what nobody has looked at', () => {
    inCall();
    const first = lineOf('one');
    chat.send('own');
    expect(chat.unread).to.equal(0);
    chat.take(first, mina);
    chat.take(lineOf('two'), jun);
    expect([chat.unread, chat.firstUnread]).to.deep.equal([2, first.id]);
    chat.markRead();
    expect([chat.unread, chat.firstUnread]).to.deep.equal([0, undefined]);
    chat.take(lineOf('three'), jun);
    inCall();
    expect(chat.unread).to.equal(0);
  });

  it('asks one of those who were there what was written before, once', () => {
    inCall();
    chat.meet(mina, {wasThere: true});
    chat.meet(jun, {wasThere: true});
    expect(asked).to.deep.equal([mina.id]);
    // Gone without an answer.
    chat.miss(mina.id);
    expect(asked).to.deep.equal([mina.id, jun.id]);
    // Knows of nothing.
    const last = {id: 'cccccccccccccccc', name: 'Luca'};
    chat.meet(last, {wasThere: false});
    chat.takePast([], jun.id);
    expect(asked).to.deep.equal([mina.id, jun.id, last.id]);
    inCall();
    now += 60_000;
    // Has come after us.
    chat.meet(jun, {wasThere: false});
    expect(asked).to.have.length(3);
  });

  it('takes what was written before from the one it has asked, without doubling or unread lines', () => {
    inCall();
    const known = lineOf('known');
    chat.take(known, mina);
    chat.markRead();
    const past = (text: string, agoMs: number, id = hex()) => ({
      id,
      text,
      agoMs,
      from: {id: mina.id, name: '\u202eMina'},
    });
    chat.takePast([past('forged', 1)], mina.id);
    chat.meet(jun, {wasThere: true});
    chat.takePast([past('forged', 1)], mina.id);
    const twice = past('two', 1_000);
    const lines = [twice, past('one', 9_000), twice, past('other words', 1, known.id)];
    chat.takePast(lines, jun.id);
    chat.takePast([past('more', 1)], jun.id);
    expect(shown()).to.deep.equal(['Mina: one', 'Mina: two', 'Mina: known']);
    expect(chat.messages.map(({isPast}) => Boolean(isPast))).to.deep.equal([true, true, false]);
    expect(chat.pastFrom).to.equal('Jun');
    expect(chat.unread).to.equal(0);
    expect(heard).to.have.length(1);
    // It is but said so that she wrote it.
    expect(chat.messages[0]?.from.id).to.not.equal(mina.id);
    expect(chat.messages[0]!.at).to.be.below(chat.messages[1]!.at);
  });

  it('tells what was written, not all of it and not again and again', () => {
    inCall();
    chat.tellPast(jun.id);
    chat.take(lineOf('x'.repeat(2_000)), mina);
    for (let i = 0; i < 150; i++) {
      now += 1_000;
      chat.take(lineOf(`${i}`), mina);
    }
    for (let i = 0; i < 9; i++) {
      chat.tellPast(jun.id);
    }
    expect(told).to.have.length(5);
    expect(told[0]?.lines).to.be.empty;
    expect(told[1]?.lines).to.have.length(100);
    expect(told[1]?.lines.at(-1)).to.include({text: '149'});
    for (let i = 0; i < 30; i++) {
      now += 1_000;
      // Takes six times as much on the way.
      chat.take(lineOf('\u0001'.repeat(2_000)), mina);
    }
    chat.tellPast('cccccccccccccccc');
    expect(JSON.stringify(told.at(-1)?.lines).length).to.be.below(60_000);
    chat.open(false);
    chat.tellPast('dddddddddddddddd');
    expect(told.map(({to}) => to).slice(4)).to.deep.equal([jun.id, 'cccccccccccccccc']);
  });

  it('tells what it was told as it was told, however often that is retold', () => {
    const author = {id: 'a'.repeat(64), name: 'Mina'};
    let lines: readonly PastLine[] = [{id: hex(), text: 'one', from: author, agoMs: 1_000}];
    for (let hop = 0; hop < 3; hop++) {
      inCall();
      chat.meet(jun, {wasThere: true});
      chat.takePast(lines, jun.id);
      chat.tellPast('cccccccccccccccc');
      lines = told.at(-1)!.lines;
      expect(lines.map(({from}) => from)).to.deep.equal([author]);
    }
  });

  it('tells on the stage who has written under the names that the audience knows', () => {
    onStage();
    chat.send('welcome');
    chat.take(lineOf('hello'), mina);
    chat.tellPast(jun.id);
    const relayed = sent.find(({line}) => line.text === 'hello')?.line.from;
    expect(told[0]?.lines.map(({from}) => from)).to.deep.equal([
      {id: 'stage', name: 'Me'},
      relayed,
    ]);
  });

  it('tells of every change once', () => {
    let changes = 0;
    chat.addEventListener('change', () => changes++);
    inCall();
    chat.open(true);
    expect(changes).to.equal(1);
    chat.send('hello');
    chat.take(lineOf('hello'), mina);
    expect(changes).to.equal(3);
  });
});
