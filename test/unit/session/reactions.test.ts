import {expect} from '@open-wc/testing';
import {reactionNames, Reactions, type Reaction} from '../../../src/session/reactions.js';
import {
  codeOf,
  createWatcher,
  hurry,
  leaveAll,
  randomRoom,
  restoreAll,
  until,
  untilConnected,
} from '../support.js';

describe('Reactions', () => {
  afterEach(() => {
    restoreAll();
    leaveAll();
  });

  it('are closed outside a call, sent to all in it, and shown for a while', async () => {
    hurry({5_000: 10});
    const reactions = new Reactions();
    expect(reactions.isOpen).to.be.false;
    expect(await codeOf(() => reactions.send('👍'))).to.equal('peer-unavailable');
    reactions.take('👍', 'mina');
    expect(reactions.current).to.be.empty;
    const sent: Reaction[] = [];
    reactions.connect((reaction) => sent.push(reaction));
    reactions.send('🎉');
    reactions.take('❤️', 'mina');
    expect(sent).to.deep.equal(['🎉']);
    const shown = reactions.current.map(({reaction, from}) => `${from} ${reaction}`);
    expect(shown).to.deep.equal(['self 🎉', 'mina ❤️']);
    await until(() => reactions.current.length === 0, 'the end of both');
  });

  it('are no more than so many, either way, and of the closed list', async () => {
    const reactions = new Reactions();
    const sent: Reaction[] = [];
    reactions.connect((reaction) => sent.push(reaction));
    for (const reaction of [...reactionNames, ...reactionNames]) {
      await codeOf(() => reactions.send(reaction));
    }
    expect(sent).to.have.length(8);
    expect(await codeOf(() => reactions.send('👍'))).to.equal('bad-message');
    expect(await codeOf(() => reactions.send('<b>' as Reaction))).to.equal('bad-message');
    for (let i = 0; i < 100; i++) {
      reactions.take('👏', 'mina');
    }
    expect(reactions.current.filter(({from}) => from === 'mina')).to.have.length(12);
    reactions.connect(undefined);
    expect(reactions.current).to.be.empty;
  });

  it('reach the others in a call, as a raised hand does', async () => {
    const room = randomRoom();
    const [mina, jun] = [await createWatcher({room}), await createWatcher({room})];
    await Promise.all([mina.join(), jun.join()]);
    await untilConnected(mina, jun);
    mina.reactions.send('🎉');
    const shown = await until(() => jun.reactions.current[0], 'the reaction');
    expect(shown).to.include({reaction: '🎉', from: jun.participants[0]?.id});
    mina.broadcast.raiseHand();
    expect(mina.self.handRaised).to.be.true;
    await until(() => jun.participants[0]?.handRaised, 'the hand');
    mina.broadcast.raiseHand();
    await until(() => !jun.participants[0]?.handRaised, 'the hand down');
    mina.leave();
    expect(mina.reactions.isOpen).to.be.false;
  });
});
