import {expect} from '@open-wc/testing';
import type {Member, Network, ShowTerms} from '../../../src/networks/network.js';
import type {Show} from '../../../src/core/messages.js';
import {Broadcast} from '../../../src/session/broadcast.js';
import {replace, restoreAll} from '../support.js';

const show: Show = {
  viewers: 3,
  sinceMs: 60_000,
  paused: false,
  chat: true,
  record: false,
  invited: false,
};

/** As much of a network as a broadcast asks for. */
class FakeNetwork {
  readonly told: ShowTerms[] = [];
  show: Show | undefined;
  hasEnded = false;
  isCrowded = false;
  members: Partial<Member>[] = [];

  setShow(terms: ShowTerms) {
    this.told.push(terms);
  }
}

const memberOf = (id: string, guest?: boolean): Partial<Member> => ({
  id,
  state: {
    name: '',
    micOff: true,
    cameraOff: true,
    screen: false,
    ...(guest !== undefined && {guest}),
  },
});

describe('Broadcast', () => {
  let broadcast: Broadcast;
  let network: FakeNetwork;
  let changes: number;

  beforeEach(() => {
    broadcast = new Broadcast();
    network = new FakeNetwork();
    changes = 0;
    broadcast.addEventListener('change', () => changes++);
  });
  afterEach(restoreAll);

  const connect = (mode: string, more?: Parameters<Broadcast['connect']>[2]) =>
    broadcast.connect(mode, network as unknown as Network, more);

  it('is nothing in an ordinary call', () => {
    connect('call');
    expect(broadcast.role).to.equal(undefined);
    expect(broadcast.isLive).to.be.false;
    expect(broadcast.viewers).to.equal(undefined);
    expect(broadcast.answer).to.deep.equal({});
  });

  describe('on the stage', () => {
    it('is live from its beginning, and knows its viewers', () => {
      connect('broadcast', {startedAt: 1_000, viewers: () => 7});
      expect(broadcast.role).to.equal('stage');
      expect(broadcast.isLive).to.be.true;
      expect(broadcast.startedAt).to.equal(1_000);
      expect(broadcast.viewers).to.equal(7);
      network.isCrowded = true;
      expect(broadcast.viewers, 'of more than can be counted').to.equal(undefined);
      broadcast.connect('broadcast');
      expect(broadcast.isLive).to.be.false;
      expect(broadcast.viewers).to.equal(undefined);
    });

    it('tells the network of all that it decides', () => {
      connect('broadcast');
      broadcast.pause();
      broadcast.openChat(false);
      broadcast.allowRecording();
      broadcast.invite('one');
      broadcast.sendBack();
      expect(network.told.map((terms) => JSON.stringify(Object.values(terms)))).to.deep.equal([
        '[false,true,false,null]',
        '[true,true,false,null]',
        '[true,false,false,null]',
        '[true,false,true,null]',
        '[true,false,true,"one"]',
        '[true,false,true,null]',
      ]);
      expect(changes).to.equal(5);
      expect(broadcast.isPaused).to.be.true;
      expect(broadcast.chatIsOpen).to.be.false;
      expect(broadcast.recordingIsAllowed).to.be.true;
    });

    it('takes over what was decided before, but not the guest; a break ends with its show', () => {
      broadcast.connect('broadcast');
      broadcast.openChat(false);
      broadcast.pause();
      broadcast.invite('one');
      connect('broadcast');
      expect(network.told).to.deep.equal([
        {paused: true, chat: false, record: false, guest: undefined},
      ]);
      broadcast.connect('broadcast');
      expect(broadcast.terms).to.deep.equal({paused: false, chat: false, record: false});
      broadcast.restore({paused: true, chat: true, record: true});
      connect('broadcast');
      expect(broadcast.terms).to.deep.equal({paused: true, chat: true, record: true});
    });

    it('sends a guest back who is gone, or does not want to', () => {
      connect('broadcast');
      for (const members of [[], [memberOf('one', false)]]) {
        network.members = [memberOf('one'), memberOf('two', false)];
        broadcast.invite('one');
        broadcast.follow();
        expect(broadcast.guest).to.equal('one');
        network.members = [memberOf('one', true)];
        broadcast.follow();
        expect(broadcast.guest).to.equal('one');
        network.members = members;
        broadcast.follow();
        expect(broadcast.guest).to.equal(undefined);
      }
    });
  });

  describe('in the audience', () => {
    beforeEach(() => connect('watch'));

    it('is what the stage tells, while there is one', () => {
      expect(broadcast.role).to.equal('viewer');
      expect(broadcast.isLive).to.be.false;
      network.show = {...show, paused: true, chat: false, record: true};
      broadcast.follow();
      expect(broadcast.isLive, 'before it is to be seen').to.be.false;
      network.members = [memberOf('stage')];
      expect(broadcast.isLive).to.be.true;
      expect(broadcast.viewers).to.equal(3);
      expect(broadcast.isPaused).to.be.true;
      expect(broadcast.chatIsOpen).to.be.false;
      expect(broadcast.recordingIsAllowed).to.be.true;
      network.show = undefined;
      network.members = [];
      network.hasEnded = true;
      broadcast.follow();
      expect(broadcast.isLive).to.be.false;
      expect(broadcast.hasEnded).to.be.true;
    });

    it('keeps the time it began by, unless it is another', () => {
      const now = 1_000_000;
      for (const [at, sinceMs, startedAt] of [
        [now, 60_000, now - 60_000],
        // The word took a second longer.
        [now + 5_000, 64_000, now - 60_000],
        [now + 9_000, 1_000, now + 8_000],
      ] as const) {
        replace(Date, 'now', () => at);
        network.show = {...show, sinceMs};
        broadcast.follow();
        expect(broadcast.startedAt).to.equal(startedAt);
      }
    });

    it('says that a hand is up, and takes it down with the answer to an invitation', () => {
      broadcast.raiseHand();
      expect(broadcast.answer).to.deep.equal({hand: true});
      network.show = {...show, invited: true};
      broadcast.follow();
      expect(broadcast.isInvited).to.be.true;
      expect(broadcast.role).to.equal('viewer');
      broadcast.answerInvitation(true);
      expect(broadcast.answer).to.deep.equal({hand: false, guest: true});
      expect(broadcast.role).to.equal('guest');
      expect(broadcast.isInvited).to.be.false;
      broadcast.goBack();
      expect(broadcast.role).to.equal('viewer');
      expect(broadcast.answer).to.deep.equal({hand: false, guest: false});
    });

    it('comes up only when it is asked, and is asked anew each time', () => {
      broadcast.answerInvitation(true);
      expect(broadcast.role).to.equal('viewer');
      network.show = {...show, invited: true};
      broadcast.follow();
      broadcast.answerInvitation(true);
      expect(broadcast.role).to.equal('guest');
      network.show = show;
      broadcast.follow();
      expect(broadcast.role).to.equal('viewer');
      expect(broadcast.answer).to.deep.equal({hand: false});
      network.show = {...show, invited: true};
      broadcast.follow();
      expect(broadcast.role).to.equal('viewer');
      expect(broadcast.isInvited).to.be.true;
    });

    it('is nobody on stage any more when the stage is gone', () => {
      network.show = {...show, invited: true};
      broadcast.follow();
      broadcast.answerInvitation(true);
      network.show = undefined;
      broadcast.follow();
      expect(broadcast.isGuest).to.be.false;
      expect(broadcast.answer).to.deep.equal({hand: false});
    });
  });
});
