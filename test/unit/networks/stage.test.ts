import {expect} from '@open-wc/testing';
import type {
  CallMessageEvent,
  CallOptions,
  CallSession,
} from '../../../src/session/call-session.js';
import {
  canvasStream,
  codeOf,
  ConnectionWitness,
  createSession,
  DeviceWitness,
  failureOf,
  leaveAll,
  once,
  randomRoom,
  restoreAll,
  until,
  untilMoving,
  watchErrors,
} from '../support.js';

let settle: () => void;
let witness: ConnectionWitness;
let devices: DeviceWitness;
let room: string;

beforeEach(() => {
  settle = watchErrors();
  witness = new ConnectionWitness();
  devices = new DeviceWitness();
  room = randomRoom();
});
afterEach(() => {
  leaveAll();
  expect(witness.live.length, 'connections').to.equal(0);
  expect(devices.live.length, 'devices').to.equal(0);
  restoreAll();
  settle();
});

const createStage = (options: Partial<CallOptions> = {}) =>
  createSession({room, name: 'Stage', mode: 'broadcast', stream: canvasStream(), ...options});
const createViewer = (options: Partial<CallOptions> = {}) =>
  createSession({room, mode: 'watch', ...options});

async function enterViewer(name: string, options: Partial<CallOptions> = {}) {
  const viewer = await createViewer({name, ...options});
  await viewer.join();
  return viewer;
}

/** Waits until a viewer has the picture of the stage. */
async function untilWatching(viewer: CallSession) {
  const stage = await until(
    () =>
      viewer.participants.find(
        ({role, connection}) => role === 'stage' && connection === 'connected',
      ),
    `the stage, ${viewer.self.name}`,
  );
  await untilMoving(stage.stream);
  return stage;
}

describe('A broadcast', () => {
  it('reaches viewers who came before, and who come after, without a device of theirs', async () => {
    const early = await enterViewer('Early');
    expect(early.state.phase).to.equal('joined');
    expect(early.broadcast.isLive).to.be.false;
    const stage = await createStage();
    await stage.join();
    await untilWatching(early);
    const late = await enterViewer('Late');
    const seen = await untilWatching(late);
    expect(seen.name).to.equal('Stage');
    expect(late.participants.length).to.equal(1);
    expect(stage.participants.map(({name, role}) => `${name} ${role}`)).to.have.members([
      'Early viewer',
      'Late viewer',
    ]);
    await until(() => late.broadcast.viewers === 2 && early.broadcast.viewers === 2, 'the count');
    expect(stage.broadcast.viewers).to.equal(2);
    expect(late.broadcast.isLive).to.be.true;
    expect(devices.asked).to.deep.equal([]);
    expect(late.self.micOff && late.self.cameraOff).to.be.true;
  });

  it('ends for all, and goes on with the next', async () => {
    const stage = await createStage();
    await stage.join();
    const viewer = await enterViewer('Viewer');
    await untilWatching(viewer);
    stage.leave();
    await until(() => viewer.broadcast.hasEnded, 'the end');
    expect(viewer.state.phase).to.equal('joined');
    expect(viewer.participants).to.deep.equal([]);
    await stage.join();
    await untilWatching(viewer);
    expect(viewer.broadcast.hasEnded).to.be.false;
  });

  it('stays what it was joined as, whatever is to come next', async () => {
    const stage = await createStage();
    await stage.join();
    const viewer = await enterViewer('Viewer');
    await untilWatching(viewer);
    stage.configure({mode: 'watch', whep: 'https://media.example/whep'});
    viewer.configure({mode: 'call', livekit: 'wss://media.example'});
    stage.broadcast.pause();
    await until(() => viewer.broadcast.isPaused, 'the break');
    stage.broadcast.pause(false);
    await untilWatching(viewer);
    expect([stage.broadcast.role, viewer.broadcast.role]).to.deep.equal(['stage', 'viewer']);
    expect([stage, viewer].map(({participants: [one]}) => one?.role)).to.deep.equal([
      'viewer',
      'stage',
    ]);
    expect(viewer.chat.isOpen).to.be.true;
    stage.leave();
    viewer.leave();
    expect([stage.broadcast.role, viewer.broadcast.role]).to.deep.equal(['viewer', undefined]);
  });

  it('sends music as soon as the stage wants that', async () => {
    const stage = await createStage();
    await stage.join();
    const viewer = await enterViewer('Viewer');
    await untilWatching(viewer);
    const asks = () =>
      witness.all.some(({localDescription}) => /maxaveragebitrate/.test(localDescription!.sdp));
    expect(asks()).to.be.false;
    stage.configure({audioMode: 'music'});
    await until(asks, 'a viewer who asks for it');
  });

  it('has one stage', async () => {
    const first = await createStage();
    await first.join();
    const viewer = await enterViewer('Viewer');
    await untilWatching(viewer);
    const second = await createStage();
    await second.join();
    expect(failureOf(second)).to.equal('address-taken');
    await untilWatching(viewer);
  });

  it('refuses a viewer too many, and nobody else notices', async () => {
    const stage = await createStage({maxParticipants: 1});
    await stage.join();
    const viewer = await enterViewer('Viewer');
    await untilWatching(viewer);
    const other = await enterViewer('Other');
    await until(() => failureOf(other) === 'room-full', 'room-full');
    expect(stage.broadcast.health?.fullBy).to.equal('cap');
    await untilWatching(viewer);
    viewer.leave();
    await until(() => !stage.participants.length, 'nobody');
    await other.join();
    await untilWatching(other);
  });

  it('passes messages to all, and those of viewers to the stage', async () => {
    const stage = await createStage();
    await stage.join();
    const [one, two] = await Promise.all([enterViewer('One'), enterViewer('Two')]);
    await Promise.all([untilWatching(one), untilWatching(two)]);
    const heard = Promise.all([one, two].map((each) => once<CallMessageEvent>(each, 'message')));
    stage.send({act: 2});
    for (const {data, from} of await heard) {
      expect(data).to.deep.equal({act: 2});
      expect(from.role).to.equal('stage');
    }
    const asked = once<CallMessageEvent>(stage, 'message');
    one.send('bravo');
    expect((await asked).from.name).to.equal('One');
    expect(await codeOf(() => one.send('psst', stage.participants[1]!.id))).to.equal(
      'peer-unavailable',
    );
  });

  it('lets the audience chat, while the stage wants it', async () => {
    const stage = await createStage();
    await stage.join();
    const [one, two] = await Promise.all([enterViewer('One'), enterViewer('Two')]);
    await Promise.all([untilWatching(one), untilWatching(two)]);
    one.chat.send('hello');
    const texts = ({chat}: CallSession) =>
      chat.messages.map(({text, from}) => `${from.name}: ${text}`);
    for (const session of [stage, one, two]) {
      await until(() => texts(session).length, 'a line');
      expect(texts(session)).to.deep.equal(['One: hello']);
    }
    expect(two.chat.messages[0]?.from.id).not.to.equal(stage.participants[0]!.id);
    stage.chat.send('welcome');
    await until(() => texts(two).includes('Stage: welcome'), 'the answer');
    stage.broadcast.openChat(false);
    await until(() => !one.chat.isOpen, 'the end of the chat');
    expect(await codeOf(() => one.chat.send('more'))).to.equal('peer-unavailable');
  });

  it('brings a viewer up, whom all others see, and sends them back', async () => {
    const stage = await createStage();
    await stage.join();
    const [guest, other] = await Promise.all([enterViewer('Guest'), enterViewer('Other')]);
    await Promise.all([untilWatching(guest), untilWatching(other)]);
    guest.broadcast.raiseHand();
    const asking = await until(
      () => stage.participants.find(({handRaised}) => handRaised),
      'a hand',
    );
    expect(asking.name).to.equal('Guest');
    stage.broadcast.invite(asking.id);
    await until(() => guest.broadcast.isInvited, 'the invitation');
    expect(devices.asked).to.deep.equal([]);
    guest.broadcast.answerInvitation(true);
    const up = await until(
      () => stage.participants.find(({role, cameraOff}) => role === 'guest' && !cameraOff),
      'the guest on stage',
    );
    expect(up.handRaised).to.be.false;
    await untilMoving(up.stream);
    const seen = await until(
      () => other.participants.find(({role}) => role === 'guest'),
      'the guest',
    );
    expect(seen.name).to.equal('Guest');
    await untilMoving(seen.stream);
    await until(() => seen.stream?.getAudioTracks().length, 'the voice of the guest');
    expect(guest.participants.map(({role}) => role)).to.deep.equal(['stage']);
    expect(guest.self.role).to.equal('guest');
    stage.broadcast.sendBack();
    await until(() => !devices.live.length, 'closed devices');
    await until(() => other.participants.length === 1, 'the stage alone');
    expect(guest.self.role).to.equal('viewer');
    await untilWatching(other);
  });

  it('sends the camera after a break that ends as soon as it has begun', async () => {
    const stage = await createStage();
    await stage.join();
    const viewer = await enterViewer('Viewer');
    await untilWatching(viewer);
    const [camera] = stage.self.stream!.getVideoTracks();
    stage.broadcast.pause();
    stage.broadcast.pause(false);
    // Whoever comes now, comes after what was to be done.
    const late = await enterViewer('Late');
    await untilWatching(late);
    const sent = witness.used
      .flatMap((connection) => connection.getSenders())
      .flatMap(({track}) => (track?.kind === 'video' ? [track] : []));
    expect(sent.length).to.equal(2);
    expect(sent.every((track) => track === camera)).to.be.true;
  });

  it('shows nobody a guest in a break', async () => {
    const stage = await createStage();
    await stage.join();
    const [guest, other] = await Promise.all([enterViewer('Guest'), enterViewer('Other')]);
    await Promise.all([untilWatching(guest), untilWatching(other)]);
    const {id} = stage.participants.find(({name}) => name === 'Guest')!;
    stage.broadcast.invite(id);
    await until(() => guest.broadcast.isInvited, 'the invitation');
    guest.broadcast.answerInvitation(true);
    const seen = await until(
      () => other.participants.find(({role}) => role === 'guest'),
      'the guest',
    );
    await untilMoving(seen.stream);
    const tracks = stage.participants.find(({role}) => role === 'guest')!.stream!.getTracks();
    const passedOn = () =>
      witness.live
        .flatMap((connection) => connection.getSenders())
        .filter(({track}) => track && tracks.includes(track)).length;
    expect(passedOn()).to.equal(2);
    stage.broadcast.pause();
    await until(() => other.participants.length === 1, 'the stage alone');
    await until(() => passedOn() === 0, 'nothing of the guest');
    stage.broadcast.pause(false);
    await until(() => other.participants.some(({role}) => role === 'guest'), 'the guest again');
    stage.broadcast.sendBack();
    await until(() => !devices.live.length, 'closed devices');
  });

  it('goes on without a guest who declines', async () => {
    const stage = await createStage();
    await stage.join();
    const viewer = await enterViewer('Viewer');
    await untilWatching(viewer);
    stage.broadcast.invite(stage.participants[0]!.id);
    await until(() => viewer.broadcast.isInvited, 'the invitation');
    viewer.broadcast.answerInvitation(false);
    await until(() => stage.broadcast.guest === undefined, 'the answer');
    await until(() => !viewer.broadcast.isInvited, 'nothing to answer');
    expect(devices.asked).to.deep.equal([]);
  });

  it('shows a slate in a break, and nothing of what goes on behind it', async () => {
    const stage = await createStage();
    await stage.join();
    const viewer = await enterViewer('Viewer');
    const seen = await untilWatching(viewer);
    stage.broadcast.pause();
    await until(() => viewer.broadcast.isPaused, 'the break');
    await until(() => seen.stream?.getVideoTracks().length, 'the slate');
    await until(() => viewer.participants[0]?.micOff, 'silence');
    const late = await enterViewer('Late');
    await untilWatching(late);
    stage.broadcast.pause(false);
    await until(() => !viewer.broadcast.isPaused, 'the end of the break');
    await untilWatching(viewer);
  });
});
