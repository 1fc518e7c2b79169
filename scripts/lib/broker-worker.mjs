// One broker, in a thread of its own: PeerServer's timers cannot be stopped, a thread can be ended.
import http from 'node:http';
import net from 'node:net';
import {parentPort, workerData} from 'node:worker_threads';
import {PeerServer} from 'peer';
import {WebSocketServer} from 'ws';

const {kind, port, host, delayMs, ...peerOptions} = workerData;
const sockets = new Set();
const log = [];
let frozen = false;

/** The real thing. Its "error" event must have a listener: one broken frame would end it otherwise. */
const peer = (port, host) =>
  new Promise((resolve, reject) => {
    const app = PeerServer({...peerOptions, port, host}, resolve);
    app.on('error', reject);
    app.on('message', (client, message) => {
      log.push(message);
      if (log.length > 5000) {
        log.shift();
      }
    });
  });

const listen = (server, port, host) =>
  new Promise((resolve, reject) => {
    server.on('error', reject);
    server.listen(port, host, () => resolve(server));
  });

/** Everything between a page and the broker, HTTP included, takes `delayMs` longer in each direction. */
async function delayed(port, host) {
  const backend = (await peer(0, '127.0.0.1')).address().port;
  const front = net.createServer({noDelay: true}, (near) => {
    const far = net.connect({port: backend, host: '127.0.0.1', noDelay: true});
    for (const [from, to] of [
      [near, far],
      [far, near],
    ]) {
      from.on('data', (data) => setTimeout(() => to.writable && to.write(data), delayMs));
      from.on('close', () => setTimeout(() => to.destroy(), delayMs));
      from.on('error', () => {});
    }
  });
  return listen(front, port, host);
}

const GARBAGE = [
  'not json',
  '',
  'null',
  '42',
  '"text"',
  '[]',
  '{}',
  '{"type":null}',
  '{"type":7,"src":{},"payload":[]}',
  '{"type":"constructor","src":"__proto__"}',
  '{"type":"OFFER"}',
  '{"type":"OFFER","src":"x","payload":null}',
  '{"type":"OFFER","src":7,"payload":{"type":"data","connectionId":{},"serialization":"constructor","sdp":{"type":"offer","sdp":"x"}}}',
  '{"type":"ANSWER","src":"x","payload":{"connectionId":"__proto__"}}',
  '{"type":"CANDIDATE","src":"x","payload":{"connectionId":"x","candidate":7}}',
  '{"type":"EXPIRE","src":null}',
  '{"type":"LEAVE","src":[]}',
  Buffer.from([0, 255, 128, 7]),
  `{"type":"OFFER","src":"x","payload":"${'x'.repeat(5_000_000)}"}`,
];

/** A WebSocket server that says what it likes: first `frames`, then `frames` again for every message. */
function talker(port, host, frames) {
  const server = http.createServer((_, response) => response.end('<!doctype html>garbage'));
  const speak = (socket) => frames.forEach((frame) => socket.send(frame));
  new WebSocketServer({server}).on('connection', (socket) => {
    socket.on('error', () => {});
    socket.on('message', (data) => {
      log.push({raw: String(data).slice(0, 10_000)});
      speak(socket);
    });
    speak(socket);
  });
  return listen(server, port, host);
}

/** Answers everything, the WebSocket upgrade too, with an error. */
function failing(port, host) {
  const server = http.createServer((_, response) => response.writeHead(500).end('broken'));
  server.on('upgrade', (_, socket) => {
    socket.on('error', () => {});
    socket.end(
      'HTTP/1.1 500 Internal Server Error\r\nContent-Length: 0\r\nConnection: close\r\n\r\n',
    );
  });
  return listen(server, port, host);
}

const kinds = {
  peer: delayMs === undefined ? peer : delayed,
  garbage: (port, host) => talker(port, host, GARBAGE),
  'open-garbage': (port, host) => talker(port, host, ['{"type":"OPEN"}', ...GARBAGE]),
  mute: (port, host) => talker(port, host, []),
  http500: failing,
  silent: (port, host) =>
    listen(
      net.createServer((socket) => socket.on('error', () => {})),
      port,
      host,
    ),
};

/** A cable pulled: nothing passes, nobody is told. */
function freeze(socket) {
  socket.pause();
  socket.cork();
}
function thaw(socket) {
  socket.uncork();
  socket.resume();
}

const orders = {
  info() {},
  drop: () => sockets.forEach((socket) => socket.destroy()),
  freeze() {
    if (!frozen) {
      sockets.forEach(freeze);
    }
    frozen = true;
  },
  thaw() {
    if (frozen) {
      sockets.forEach(thaw);
    }
    frozen = false;
  },
};

try {
  const server = await kinds[kind](port, host);
  server.on('connection', (socket) => {
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket));
    if (frozen) {
      freeze(socket);
    }
  });
  parentPort.postMessage({port: server.address().port});
  parentPort.on('message', (order) => {
    orders[order]();
    parentPort.postMessage({sockets: sockets.size, log});
  });
} catch (error) {
  parentPort.postMessage({error: {code: error.code, message: error.message}});
}
