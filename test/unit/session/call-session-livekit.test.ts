import {expect} from '@open-wc/testing';
import type {
  CallMessageEvent,
  CallOptions,
  CallSession,
} from '../../../src/session/call-session.js';
import {MediaServer, stopMediaServers} from '../media-servers.js';
import {
  canvasStream,
  createSession,
  failureOf,
  leaveAll,
  once,
  randomRoom,
  until,
  untilConnected,
  untilMoving,
  watchErrors,
} from '../support.js';

describe('CallSession through LiveKit', () => {
  let settle: () => void;
  let server: MediaServer;
  let room: string;

  before(async function () {
    this.timeout(60_000);
    server = await MediaServer.start(this, 'livekit');
  });
  after(stopMediaServers);
  beforeEach(() => {
    settle = watchErrors();
    room = randomRoom();
  });
  afterEach(() => {
    leaveAll();
    settle();
  });

  async function create(name: string, options: Partial<CallOptions> = {}): Promise<CallSession> {
    const token = await server.tokenFor({identity: name, name, room});
    return createSession({
      room,
      name,
      livekit: server.url,
      token,
      rtcConfiguration: undefined,
      stream: canvasStream(),
      ...options,
    });
  }

  it('is a call like any other', async () => {
    const mina = await create('Mina');
    const jun = await create('Jun');
    await Promise.all([mina.join(), jun.join()]);
    await untilConnected(mina, jun);
    const [seen] = mina.participants;
    expect(seen?.name).to.equal('Jun');
    expect(seen?.role).to.equal('participant');
    expect(mina.recording.isAvailable, 'what the others are not told of').to.be.false;
    await until(() => mina.participants[0]?.cameraOff === false, 'the camera of Jun');
    await untilMoving(mina.participants[0]?.stream);
    const heard = once<CallMessageEvent>(jun, 'message');
    mina.send({page: 7});
    expect((await heard).data).to.deep.equal({page: 7});
    mina.chat.send('hello');
    await until(() => jun.chat.messages.some(({text}) => text === 'hello'), 'the line');
    await jun.toggleCamera(false);
    await until(() => mina.participants[0]?.cameraOff, 'the camera off');
    jun.leave();
    await until(() => !mina.participants.length, 'Jun to be gone');
  }).timeout(60_000);

  it('gets no more of a picture than is shown', async () => {
    const mina = await create('Mina', {stream: canvasStream({width: 1280, height: 720})});
    const jun = await create('Jun');
    await Promise.all([mina.join(), jun.join()]);
    await untilConnected(mina, jun);
    await until(() => jun.participants[0]?.cameraOff === false, 'the camera of Mina');
    const [{id = '', stream} = {}] = jun.participants;
    await untilMoving(stream);
    const width = async () => {
      const stats = [...((await jun.getStats()).get(id)?.values() ?? [])];
      return stats.find(({type, kind}) => type === 'inbound-rtp' && kind === 'video')?.frameWidth;
    };
    await until(async () => (await width()) > 320, 'a large picture', 30_000);
    jun.setView(jun, {id, source: 'camera', size: {width: 160, height: 90}});
    await until(async () => (await width()) <= 320, 'a small picture', 30_000);
  }).timeout(90_000);

  it('says what is wrong', async () => {
    const failed = async (options: Partial<CallOptions>) => {
      const session = await create('Mina', options);
      await session.join();
      const {state} = session;
      expect(JSON.stringify(state)).not.to.contain(session.options.token || 'eyJ');
      return `${failureOf(session)} ${state.phase === 'failed' ? (state.error.detail ?? '') : ''}`;
    };
    expect(await failed({token: undefined})).to.match(/^bad-attribute .*token/);
    expect(await failed({livekit: 'rtmp://example.org'})).to.match(/^bad-attribute livekit/);
    expect(await failed({mode: 'broadcast'})).to.match(/^bad-attribute livekit needs/);
    expect(await failed({livekitClient: '/no-such-file.js'})).to.match(/^bad-attribute/);
    const expired = await server.tokenFor({identity: 'Mina', room, ttlSeconds: -120});
    expect(await failed({token: expired})).to.match(/^server-rejected/);
  }).timeout(60_000);
});
