// WHIP and WHEP that go wrong as told, and otherwise carry a stream from who publishes it to who watches it:
// `node faulty-server.mjs '{"host", "ports": [one, another]}'`. GET /log has the requests so far.
import {randomUUID} from 'node:crypto';
import {createServer} from 'node:http';
import {MediaStreamTrack, RTCPeerConnection, useOPUS, useVP8} from 'werift';
import {candidatesOf, fragmentOf, isRestart, restarted} from './sdp-fragments.mjs';

const {host, ports} = JSON.parse(process.argv[2]);
const SDP = 'application/sdp';
const FRAGMENT = 'application/trickle-ice-sdpfrag';
const configuration = {
  bundlePolicy: 'max-bundle',
  codecs: {audio: [useOPUS()], video: [useVP8()]},
  iceServers: [],
  iceUseIpv6: false,
  iceAdditionalHostAddresses: [host],
};

const log = [];
/** How often each fault of each URL was shown. */
const shown = new Map();
const sessions = new Map();
/** By name: who publishes, and the viewers. */
const streams = new Map();

const streamOf = (name) => {
  if (!streams.has(name)) {
    streams.set(name, {viewers: new Set()});
  }
  return streams.get(name);
};

const kindsOf = (sdp) => [...sdp.matchAll(/^m=(audio|video) /gm)].map(([, kind]) => kind);

/** Asks for a picture that needs none before it. */
function refresh(publisher) {
  publisher?.connection
    .getTransceivers()
    .filter(({kind}) => kind === 'video')
    .forEach(({receiver}) => receiver.track?.ssrc && receiver.sendRtcpPLI(receiver.track.ssrc));
}

/** A connection to a publisher: what comes goes to all who watch. */
function receive(session) {
  const {connection, stream, sdp} = session;
  stream.publisher = session;
  kindsOf(sdp).forEach((kind) => connection.addTransceiver(kind, {direction: 'recvonly'}));
  connection.onTrack.subscribe((track) => {
    track.onReceiveRtp.subscribe((packet) => {
      if (stream.publisher === session) {
        stream.viewers.forEach(({tracks}) => tracks[track.kind]?.writeRtp(packet));
      }
    });
  });
}

function send(session) {
  const {connection, stream, sdp} = session;
  session.tracks = Object.fromEntries(
    kindsOf(sdp).map((kind) => [kind, new MediaStreamTrack({kind})]),
  );
  Object.values(session.tracks).forEach((track) =>
    connection.addTransceiver(track, {direction: 'sendonly'}),
  );
  stream.viewers.add(session);
  connection.connectionStateChange.subscribe((state) => {
    if (state === 'connected') {
      refresh(stream.publisher);
    }
  });
}

/** The stream ends with who publishes it, unless somebody else does by now. */
function end({id, connection, stream}) {
  sessions.delete(id);
  stream.viewers.forEach((viewer) => viewer.id === id && stream.viewers.delete(viewer));
  if (stream.publisher?.id === id) {
    stream.publisher = undefined;
    stream.viewers.forEach(end);
  }
  connection.close();
}

async function negotiate(session) {
  const {connection, sdp} = session;
  await connection.setRemoteDescription({type: 'offer', sdp});
  await connection.setLocalDescription(await connection.createAnswer());
  return connection.localDescription.sdp;
}

async function open(place, name, sdp, orders) {
  const stream = streamOf(name);
  if (place === 'whep' && !stream.publisher) {
    return {status: 404};
  }
  const connection = new RTCPeerConnection(configuration);
  const session = {
    id: randomUUID(),
    name,
    connection,
    stream,
    sdp,
    orders,
    tag: `"${randomUUID()}"`,
  };
  (place === 'whip' ? receive : send)(session);
  const body = await negotiate(session);
  connection.connectionStateChange.subscribe((state) => state === 'failed' && end(session));
  sessions.set(session.id, session);
  const path = `/session/${session.id}`;
  const locations = {
    relative: `..${path}`,
    other: `http://${host}:${ports[1]}${path}`,
    none: undefined,
  };
  const kind = orders.get('location');
  const location = kind in locations ? locations[kind] : path;
  return {status: 201, headers: {'content-type': SDP, etag: session.tag, location}, body};
}

/** RFC 9725, 4.3, with `etag=strict` to the letter, with `etag=quoted` as some servers read it. */
function refuses(session, restarts, tag) {
  const star = {strict: '*', quoted: '"*"'}[session.orders.get('etag')];
  if (!star) {
    return undefined;
  }
  if (tag === undefined) {
    return 428;
  }
  return (restarts ? star : session.tag) === tag ? undefined : 412;
}

async function patch(session, fragment, tag) {
  const restarts = isRestart(fragment, session.sdp);
  const status = refuses(session, restarts, tag);
  if (status) {
    return {status};
  }
  if (restarts) {
    session.sdp = restarted(session.sdp, fragment);
    session.tag = `"${randomUUID()}"`;
  }
  const answer = restarts ? await negotiate(session) : '';
  for (const candidate of candidatesOf(fragment)) {
    await session.connection.addIceCandidate(candidate);
  }
  return restarts
    ? {
        status: 200,
        headers: {'content-type': FRAGMENT, etag: session.tag},
        body: fragmentOf(answer),
      }
    : {status: 204};
}

function serve(method, {pathname, searchParams}, body, headers) {
  const [, place, id] = pathname.split('/');
  const session = sessions.get(id);
  if (place === 'session' && !session) {
    return {status: 404};
  }
  if (place === 'session' && method === 'PATCH') {
    return patch(session, body, headers['if-match']);
  }
  if (place === 'session' && method === 'DELETE') {
    end(session);
    return {status: 200};
  }
  return method === 'POST' ? open(place, id, body, searchParams) : {status: 405};
}

/** Whether a fault is still to be shown: always, or `times` times. */
function isDue(orders, key) {
  const count = shown.get(key) ?? 0;
  shown.set(key, count + 1);
  return count < Number(orders.get('times') ?? Infinity);
}

/** The fault ordered for this request: an answer, `'silence'`, or `undefined`. */
function fault(method, url, orders) {
  const word = orders.get(method.toLowerCase());
  const redirect = method === 'POST' && orders.get('redirect');
  if ((!word && !redirect) || !isDue(orders, `${method} ${url.pathname}?${orders}`)) {
    return undefined;
  }
  if (redirect) {
    const target = new URL(url);
    target.searchParams.delete('redirect');
    target.searchParams.delete('by');
    target.port = ports[redirect === 'other' ? 1 : 0];
    return {status: Number(orders.get('by') ?? 307), headers: {location: target.href}};
  }
  const type = {'content-type': orders.get('type') ?? 'text/plain'};
  return word === 'silence' ? word : {status: Number(word), headers: type, body: ''};
}

/** What is wrong with an answer whatever it is. */
function spoil({status, headers = {}, body}, method, orders) {
  const retry = orders.get('retry-after');
  const links = orders.getAll('link');
  const isPost = method === 'POST' && status < 300;
  return {
    status,
    headers: Object.fromEntries(
      Object.entries({
        ...headers,
        ...(retry && status >= 400 && {'retry-after': retry}),
        ...(isPost && links.length && {link: links}),
        ...(isPost && orders.has('type') && {'content-type': orders.get('type')}),
        ...(orders.get('etag') === 'none' && {etag: undefined}),
      }).filter(([, value]) => value !== undefined),
    ),
    body: isPost ? (orders.get('body') ?? body) : body,
  };
}

async function handle(request, response) {
  const {method, headers} = request;
  const url = new URL(request.url, `http://${headers.host}`);
  const body = String(Buffer.concat(await request.toArray()));
  const id = url.pathname.split('/')[2];
  const {name, orders} = sessions.get(id) ?? {name: id, orders: url.searchParams};
  const entry = {method, url: url.href, name, headers, body, status: 0};
  log.push(entry);
  if (orders.get('cors') !== 'none') {
    const tag = orders.get('etag') === 'hidden' ? '' : ', ETag';
    response.setHeader('access-control-allow-origin', '*');
    response.setHeader('access-control-expose-headers', `Link, Location, Retry-After${tag}`);
    response.setHeader('access-control-allow-methods', 'POST, PATCH, DELETE');
    response.setHeader('access-control-allow-headers', 'Authorization, Content-Type, If-Match');
  }
  if (method === 'OPTIONS') {
    entry.status = 204;
    response.writeHead(204).end();
    return;
  }
  const wrong = fault(method, url, orders);
  if (wrong === 'silence') {
    return;
  }
  const right = () => serve(method, url, body, headers);
  const answer = spoil(wrong ?? (await right()), method, orders);
  entry.status = answer.status;
  response.writeHead(answer.status, answer.headers).end(answer.body);
}

for (const port of ports) {
  createServer((request, response) => {
    if (request.url === '/log') {
      response.end(JSON.stringify(log));
      return;
    }
    handle(request, response).catch((error) => response.writeHead(500).end(String(error)));
  }).listen(port, host);
}
