import {expect} from '@open-wc/testing';
import {MediaServer, stopMediaServers} from './media-servers.js';
import {canvasStream, randomId, until, untilMoving} from './support.js';

const SDP = 'application/sdp';
const FRAGMENT = 'application/trickle-ice-sdpfrag';

const connections: RTCPeerConnection[] = [];
const streams: MediaStream[] = [];

function createConnection(): RTCPeerConnection {
  const connection = new RTCPeerConnection();
  connections.push(connection);
  return connection;
}

function send(
  method: string,
  url: string | URL,
  token: string,
  body?: string,
  headers: Record<string, string> = {'content-type': SDP},
): Promise<Response> {
  return fetch(url, {
    method,
    headers: {authorization: `Bearer ${token}`, ...headers},
    ...(body !== undefined && {body}),
  });
}

/** Where the session of an answer is. */
const sessionOf = ({headers, url}: Response) => new URL(headers.get('location') ?? '', url);

/** The local description with all its candidates. */
async function localSdp(connection: RTCPeerConnection): Promise<string> {
  await connection.setLocalDescription();
  await until(() => connection.iceGatheringState === 'complete', 'candidates');
  return connection.localDescription?.sdp ?? '';
}

interface Publisher {
  readonly connection: RTCPeerConnection;
  readonly session: URL;
}

async function publish(server: MediaServer, name: string): Promise<Publisher> {
  const stream = canvasStream();
  streams.push(stream);
  const connection = createConnection();
  for (const track of stream.getTracks()) {
    connection.addTransceiver(track, {direction: 'sendonly', streams: [stream]});
  }
  const offer = await localSdp(connection);
  const answer = await send('POST', server.whip(name), server.token, offer);
  expect(answer.status).to.equal(201);
  await connection.setRemoteDescription({type: 'answer', sdp: await answer.text()});
  await until(() => connection.connectionState === 'connected', 'the publisher');
  return {connection, session: sessionOf(answer)};
}

/** Asks for the stream until there is one; answers the offer of a server that makes its own (406). */
async function watch(server: MediaServer, name: string): Promise<MediaStream> {
  let connection = createConnection();
  connection.addTransceiver('video', {direction: 'recvonly'});
  const offer = await localSdp(connection);
  const answer = await until(async () => {
    const response = await send('POST', server.whep(name), server.token, offer);
    return response.headers.get('content-type')?.startsWith(SDP) ? response : undefined;
  }, 'a stream');
  const sdp = await answer.text();
  if (answer.status === 406) {
    connection = createConnection();
  }
  const stream = new MediaStream();
  connection.ontrack = ({track}) => stream.addTrack(track);
  if (answer.status === 406) {
    await connection.setRemoteDescription({type: 'offer', sdp});
    const own = await localSdp(connection);
    const patch = await send('PATCH', sessionOf(answer), server.token, own);
    expect(patch.status).to.equal(204);
  } else {
    await connection.setRemoteDescription({type: 'answer', sdp});
  }
  await until(() => connection.connectionState === 'connected', 'the viewer');
  return stream;
}

/** The lines of a description that go with its candidates. */
const fragmentOf = (sdp: string) =>
  sdp
    .split(/\r\n(?=m=)/)
    .slice(0, 2)
    .join('\r\n')
    .split('\r\n')
    .filter((line) => /^(m=|a=(ice-ufrag|ice-pwd|mid|candidate|end-of-candidates))/.test(line))
    .concat('')
    .join('\r\n');

// What tests of broadcasts and large rooms stand on, without anything of ours.
describe('MediaServer', () => {
  afterEach(async () => {
    connections.splice(0).forEach((connection) => connection.close());
    streams.splice(0).forEach((stream) => stream.getTracks().forEach((track) => track.stop()));
    await stopMediaServers();
  });

  for (const kind of ['mediamtx', 'janus', 'faulty']) {
    it(`carries a picture from the stage to the audience: ${kind}`, async function () {
      const server = await MediaServer.start(this, kind);
      const name = randomId();
      await publish(server, name);
      await untilMoving(await watch(server, name));
    });

    it(`goes on after another path was sought: ${kind}`, async function () {
      const server = await MediaServer.start(this, kind);
      const name = randomId();
      const {connection, session} = await publish(server, name);
      const stream = await watch(server, name);
      await untilMoving(stream);
      const before = connection.remoteDescription?.sdp ?? '';

      connection.restartIce();
      const fragment = fragmentOf(await localSdp(connection));
      const answer = await send('PATCH', session, server.token, fragment, {
        'content-type': FRAGMENT,
        'if-match': '*',
      });
      expect(answer.status).to.equal(200);
      const lines = (await answer.text()).split('\r\n');
      const value = (word: string) => lines.find((line) => line.startsWith(`a=${word}:`)) ?? '';
      const sdp = before
        .replace(/a=candidate:.*\r\n|a=end-of-candidates\r\n/g, '')
        .replaceAll(/a=ice-ufrag:.*/g, value('ice-ufrag'))
        .replaceAll(/a=ice-pwd:.*/g, value('ice-pwd'));
      expect(sdp).not.to.contain(/a=ice-ufrag:.*/.exec(before)?.[0]);
      await connection.setRemoteDescription({type: 'answer', sdp});
      for (const line of lines.filter((text) => text.startsWith('a=candidate:'))) {
        await connection.addIceCandidate({candidate: line.slice(2), sdpMLineIndex: 0});
      }
      await until(() => connection.connectionState === 'connected', 'the new path');
      await untilMoving(stream);
    });

    it(`dies, and comes back empty: ${kind}`, async function () {
      const server = await MediaServer.start(this, kind);
      const name = randomId();
      await publish(server, name);
      await server.kill();
      const answer = await send('POST', server.whip(name), server.token, '').catch(() => 'gone');
      expect(answer).to.equal('gone');

      await server.restart();
      expect((await send('POST', server.whep(name), server.token, 'v=0\r\n')).status).to.equal(404);
      await publish(server, name);
      await untilMoving(await watch(server, name));
    });
  }

  for (const kind of ['mediamtx', 'janus']) {
    it(`lets nobody in without the token: ${kind}`, async function () {
      const server = await MediaServer.start(this, kind);
      const answer = await send('POST', server.whip('any'), 'not:this', 'v=0\r\n');
      expect(answer.status).to.equal(401);
    });
  }

  it('does wrong what it is told to, as often as it is told to, and keeps a log', async function () {
    const server = await MediaServer.start(this, 'faulty');
    const url = `${server.whep('any')}?post=503&retry-after=7&times=1`;
    const answer = await send('POST', url, 'one', 'v=0\r\n');
    expect(answer.status).to.equal(503);
    expect(answer.headers.get('retry-after')).to.equal('7');
    expect((await send('POST', url, 'two', 'v=0\r\n')).status).to.equal(404);

    const query = new URLSearchParams({redirect: 'other'});
    await send('POST', `${server.whep('any')}?${query.toString()}`, 'three', 'v=0\r\n');
    const seen = (await server.log()).filter(({method}) => method === 'POST');
    expect(seen.map(({status}) => status)).to.deep.equal([503, 404, 307, 404]);
    expect(seen.map(({headers}) => headers['authorization'])).to.deep.equal([
      'Bearer one',
      'Bearer two',
      'Bearer three',
      undefined,
    ]);
    expect(seen[3]?.url).to.contain(server.url);
  });

  it('is LiveKit with a token for each, on one node or two', async function () {
    const server = await MediaServer.start(this, 'livekit', {nodes: 2});
    const room = randomId();
    const validate = async (url: string, token: string) =>
      (await fetch(`${url.replace('ws:', 'http:')}/rtc/validate?access_token=${token}`)).status;

    const good = await server.tokenFor({identity: 'mina', room});
    const old = await server.tokenFor({identity: 'mina', room, ttlSeconds: -120});
    expect(server.urls).to.have.length(2);
    for (const url of server.urls) {
      expect(await validate(url, good)).to.equal(200);
      expect(await validate(url, old)).to.equal(401);
    }
    await server.kill(1);
    const second = server.urls[1] ?? '';
    expect(await validate(second, good).catch(() => 'gone')).to.equal('gone');
    expect(await validate(server.url, good)).to.equal(200);
    await server.restart(1);
    expect(await validate(second, good)).to.equal(200);
  });
});
