import {expect} from '@open-wc/testing';
import {MediaServer, stopMediaServers} from './media-servers.js';
import {canvasStream, randomId, until, untilMoving} from './support.js';

interface Session {
  readonly connection: RTCPeerConnection;
  readonly stream: MediaStream;
}

const connections: RTCPeerConnection[] = [];
const streams: MediaStream[] = [];

function createConnection(): Session {
  const connection = new RTCPeerConnection();
  connections.push(connection);
  const stream = new MediaStream();
  connection.ontrack = ({track}) => stream.addTrack(track);
  return {connection, stream};
}

const post = (url: string, token: string, sdp = '') =>
  fetch(url, {
    method: 'POST',
    headers: {'content-type': 'application/sdp', authorization: `Bearer ${token}`},
    body: sdp,
  });

/** Takes the connection's offer to an endpoint, with all its candidates. */
async function offer(connection: RTCPeerConnection, url: string, token: string): Promise<Response> {
  await connection.setLocalDescription();
  await until(() => connection.iceGatheringState === 'complete', 'candidates');
  return post(url, token, connection.localDescription?.sdp);
}

async function publish(url: string, token: string): Promise<Session> {
  const stream = canvasStream();
  streams.push(stream);
  const session = createConnection();
  for (const track of stream.getTracks()) {
    session.connection.addTransceiver(track, {direction: 'sendonly', streams: [stream]});
  }
  const answer = await offer(session.connection, url, token);
  expect(answer.status).to.equal(201);
  await session.connection.setRemoteDescription({type: 'answer', sdp: await answer.text()});
  await until(() => session.connection.connectionState === 'connected', 'the publisher');
  return session;
}

/** Asks for the stream until there is one; answers the offer of a server that makes its own (406). */
async function watch(url: string, token: string): Promise<Session> {
  let session = createConnection();
  const answer = await until(async () => {
    session = createConnection();
    session.connection.addTransceiver('video', {direction: 'recvonly'});
    const response = await offer(session.connection, url, token);
    const isSdp = response.headers.get('content-type')?.startsWith('application/sdp');
    return isSdp ? response : undefined;
  }, 'a stream');
  const sdp = await answer.text();
  if (answer.status === 406) {
    session = createConnection();
    await session.connection.setRemoteDescription({type: 'offer', sdp});
    await session.connection.setLocalDescription();
    await until(() => session.connection.iceGatheringState === 'complete', 'candidates');
    const patch = await fetch(new URL(answer.headers.get('location') ?? '', answer.url), {
      method: 'PATCH',
      headers: {'content-type': 'application/sdp', authorization: `Bearer ${token}`},
      body: session.connection.localDescription?.sdp ?? '',
    });
    expect(patch.status).to.equal(204);
  } else {
    await session.connection.setRemoteDescription({type: 'answer', sdp});
  }
  await until(() => session.connection.connectionState === 'connected', 'the viewer');
  return session;
}

// What tests of broadcasts and large rooms stand on, without anything of ours.
describe('MediaServer', () => {
  afterEach(async () => {
    connections.splice(0).forEach((connection) => connection.close());
    streams.splice(0).forEach((stream) => stream.getTracks().forEach((track) => track.stop()));
    await stopMediaServers();
  });

  for (const kind of ['mediamtx', 'janus']) {
    describe(kind, () => {
      it('carries a picture from the stage to the audience, again after it has died', async function () {
        const server = await MediaServer.start(this, kind);
        const name = randomId();
        await publish(server.whip(name), server.token);
        const {stream} = await watch(server.whep(name), server.token);
        await untilMoving(stream);

        await server.kill();
        expect(await post(server.whip(name), server.token).catch(() => 'gone')).to.equal('gone');
        await server.restart();
        expect((await post(server.whep(name), server.token, 'v=0\r\n')).status).to.equal(404);
        await publish(server.whip(name), server.token);
        await untilMoving((await watch(server.whep(name), server.token)).stream);
      });

      it('lets nobody in without the token', async function () {
        const server = await MediaServer.start(this, kind);
        const answer = await post(server.whip('any'), 'not:this', 'v=0\r\n');
        expect(answer.status).to.equal(401);
      });
    });
  }
});
