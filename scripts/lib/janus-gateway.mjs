// WHIP (RFC 9725) and WHEP before a Janus: `node janus-gateway.mjs '{"host", "port", "janus", "token"}'`.
// WHEP is that of janus-whep-server, which never lets go of a Janus that has died: so this is a process of its own.
// WHIP, strict about tokens and ETags, is ours: a room of the VideoRoom for each stream.
import {randomUUID} from 'node:crypto';
import {createServer} from 'node:http';
import {createRequire} from 'node:module';
import Janode from 'janode';
import VideoRoom from 'janode/plugins/videoroom';
import {JanusWhepServer} from 'janus-whep-server';
import {candidatesOf, fragmentOf, isComplete, isRestart, restarted} from './sdp-fragments.mjs';

const {port, host, janus, token} = JSON.parse(process.argv[2]);
const SDP = 'application/sdp';
const FRAGMENT = 'application/trickle-ice-sdpfrag';

Janode.Logger.setLevel('none');

/** Theirs, whichever that is: it works with the one it was written for. */
const express = createRequire(import.meta.resolve('janus-whep-server'))('express');
const app = express();
const audience = new JanusWhepServer({
  janus: {address: janus},
  rest: {app, basePath: '/whep'},
  debug: 'err',
});
await audience.start();
const room = await (await Janode.connect({address: {url: janus}})).create();

/** Publishers by the id of their session, and the one on stage by the name of the stream. */
const publishers = new Map();
const onStage = new Map();
let rooms = 0;

const newTag = () => `"${randomUUID()}"`;

async function end(publisher) {
  publishers.delete(publisher.id);
  if (onStage.get(publisher.name) === publisher) {
    onStage.delete(publisher.name);
    await audience.destroyEndpoint({id: publisher.name});
  }
  await publisher.handle.detach().catch(() => {});
}

async function publish(name, sdp) {
  // Who comes again takes over.
  if (onStage.has(name)) {
    await end(onStage.get(name));
  }
  const handle = await room.attach(VideoRoom);
  const number = ++rooms;
  await handle.create({room: number, max_publishers: 1});
  const {feed, jsep} = await handle.joinConfigurePublisher({
    room: number,
    jsep: {type: 'offer', sdp},
  });
  const publisher = {id: randomUUID(), name, handle, sdp, tag: newTag()};
  handle.once(Janode.EVENT.HANDLE_HANGUP, () => end(publisher));
  publishers.set(publisher.id, publisher);
  onStage.set(name, publisher);
  audience.createEndpoint({id: name, plugin: 'videoroom', room: number, feed, token});
  return {
    status: 201,
    headers: {'content-type': SDP, location: `/session/${publisher.id}`, etag: publisher.tag},
    body: jsep.sdp,
  };
}

async function restart(publisher, fragment) {
  publisher.sdp = restarted(publisher.sdp, fragment);
  publisher.tag = newTag();
  const {jsep} = await publisher.handle.configure({jsep: {type: 'offer', sdp: publisher.sdp}});
  await trickle(publisher, fragment);
  return {
    status: 200,
    headers: {'content-type': FRAGMENT, etag: publisher.tag},
    body: fragmentOf(jsep.sdp),
  };
}

async function trickle({handle}, fragment) {
  const all = [...candidatesOf(fragment), ...(isComplete(fragment) ? [{completed: true}] : [])];
  if (all.length) {
    await handle.trickle(all);
  }
  return {status: 204};
}

/** RFC 9725, 4.3: trickled with the latest tag, restarted with `*`. */
function patch(publisher, fragment, tag) {
  const restarts = isRestart(fragment, publisher.sdp);
  if (tag === undefined) {
    return {status: 428};
  }
  if (restarts ? tag !== '*' : tag !== publisher.tag) {
    return {status: 412};
  }
  return restarts ? restart(publisher, fragment) : trickle(publisher, fragment);
}

function answer({method, url, headers}, body) {
  const [, place, id] = url.split('/');
  const publisher = publishers.get(id);
  const types = {POST: SDP, PATCH: FRAGMENT};
  if (headers.authorization !== `Bearer ${token}`) {
    return {status: 401};
  }
  if (place === 'session' && !publisher) {
    return {status: 404};
  }
  if (types[method] && types[method] !== headers['content-type']) {
    return {status: 415};
  }
  if (place === 'whip' && method === 'POST') {
    return publish(id, body);
  }
  if (place === 'session' && method === 'PATCH') {
    return patch(publisher, body, headers['if-match']);
  }
  if (place === 'session' && method === 'DELETE') {
    return end(publisher).then(() => ({status: 200}));
  }
  return {status: 405};
}

const server = createServer(async (request, response) => {
  response.setHeader('access-control-allow-origin', '*');
  response.setHeader('access-control-expose-headers', 'ETag, Link, Location');
  if (request.method === 'OPTIONS') {
    response.setHeader('access-control-allow-methods', 'POST, PATCH, DELETE');
    response.setHeader('access-control-allow-headers', 'Authorization, Content-Type, If-Match');
    response.writeHead(204).end();
  } else if (request.url.startsWith('/whep/')) {
    app(request, response);
  } else {
    const chunks = await request.toArray();
    const {status, headers, body} = await Promise.resolve()
      .then(() => answer(request, String(Buffer.concat(chunks))))
      .catch((error) => ({status: 500, body: String(error.message ?? error)}));
    response.writeHead(status, headers).end(body);
  }
});
server.listen(port, host);
