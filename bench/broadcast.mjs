// What a broadcast costs a stage: this project against connections made by hand.
//
//   node bench/broadcast.mjs [--viewers 1,5,10,20] [--seconds 10] [--rounds 1]
//
// Stage and viewers are in one page of one Chromium; the stage sends a canvas of 320x180 at 15
// frames a second. Viewers come one after the other, as soon as the one before has a picture.
// "first frame" is the time from `join()` to that, "CPU" what all processes of the browser take
// for stage and viewers together, in percent of one core, once everybody is there. The reference
// is a bare RTCPeerConnection to each viewer over a bare WebSocket. "served" is the same stage
// through MediaMTX, where that can be had. All run in turn.
import {once} from 'node:events';
import {setTimeout as sleep} from 'node:timers/promises';
import {loadavg} from 'node:os';
import {parseArgs} from 'node:util';
import puppeteer from 'puppeteer-core';
import {WebSocketServer} from 'ws';
import {launchOptions} from '../scripts/browsers.mjs';
import {startBroker} from '../scripts/lib/brokers.mjs';
import {startMediaMtx, whyNot} from '../scripts/lib/media-servers.mjs';
import {startWebServer} from '../scripts/lib/web-server.mjs';

const {values} = parseArgs({
  options: {
    viewers: {type: 'string', default: '1,5,10,20'},
    seconds: {type: 'string', default: '10'},
    rounds: {type: 'string', default: '1'},
  },
});
/** How long a link takes to find out what it can carry. */
const settleMs = 6_000;

/** In all pages: a stream to send, and `firstFrame(stream)`. */
const common = `
const canvas = Object.assign(document.createElement('canvas'), {width: 320, height: 180});
const context = canvas.getContext('2d');
let turn = 0;
setInterval(() => {
  context.fillStyle = 'hsl(' + (turn += 7) + 'deg 80% 50%)';
  context.fillRect(0, 0, 320, 180);
  context.fillStyle = '#fff';
  for (let i = 0; i < 40; i++) context.fillRect((i * 97 + turn) % 320, (i * 57 + turn) % 180, 9, 9);
}, 66);
const source = canvas.captureStream(15);
// As our own stage has it: it decides what a browser short of time leaves out.
source.getVideoTracks()[0].contentHint = 'motion';
const show = (stream) => new Promise((resolve) => {
  const video = document.createElement('video');
  Object.assign(video, {muted: true, autoplay: true, srcObject: stream, width: 160});
  video.requestVideoFrameCallback(() => resolve(performance.now()));
  document.body.append(video);
});
const sentBy = (reports) => reports
  .flatMap((report) => [...report.values()])
  .filter(({type}) => type === 'outbound-rtp')
  .reduce((sum, {bytesSent}) => sum + bytesSent, 0);`;
const ours = `<!doctype html><title>ours</title><body>
<script src="/dist/rtc-elements.js"></script><script>${common}
const create = (options) => {
  const {session} = document.createElement('rtc-call');
  session.configure({rtcConfiguration: {}, ...options});
  return session;
};
let stage;
window.openStage = async ({room, broker, whip, token}) => {
  const maxParticipants = 100;
  stage = create({room, broker, mode: 'broadcast', stream: source, maxParticipants, whip, token});
  await stage.join();
};
window.enterViewer = async ({room, broker, whep, token}) => {
  const viewer = create({room, broker, mode: 'watch', whep, token});
  const at = performance.now();
  const stream = new Promise((resolve) =>
    viewer.addEventListener('change', () => {
      const [one] = viewer.participants;
      if (one?.stream.getVideoTracks().length) resolve(one.stream);
    }));
  await viewer.join();
  return (await show(await stream)) - at;
};
window.sent = async () => sentBy([...(await stage.getStats()).values()]);
</script>`;
const bare = `<!doctype html><title>bare</title><body><script>${common}
const links = new Map();
const socketTo = async (url, id) => {
  const socket = new WebSocket(url + '?' + id);
  await new Promise((resolve) => { socket.onopen = resolve; });
  return [socket, (to, data) => socket.send(JSON.stringify({to, from: id, data}))];
};
window.openStage = async ({room, relay}) => {
  const [socket, send] = await socketTo(relay, room);
  socket.onmessage = async ({data}) => {
    const {from, data: {candidate, description}} = JSON.parse(data);
    let pc = links.get(from);
    if (!pc) {
      pc = new RTCPeerConnection();
      links.set(from, pc);
      pc.onicecandidate = ({candidate}) => send(from, {candidate});
      pc.addTrack(source.getVideoTracks()[0], source);
      await pc.setLocalDescription();
      send(from, {description: pc.localDescription});
    } else if (description) {
      await pc.setRemoteDescription(description);
    } else if (candidate) {
      await pc.addIceCandidate(candidate);
    }
  };
};
window.enterViewer = async ({room, relay}) => {
  const at = performance.now();
  const [socket, send] = await socketTo(relay, 'v' + crypto.randomUUID());
  const pc = new RTCPeerConnection();
  pc.onicecandidate = ({candidate}) => send(room, {candidate});
  const stream = new Promise((resolve) => { pc.ontrack = ({streams}) => resolve(streams[0]); });
  socket.onmessage = async ({data}) => {
    const {data: {candidate, description}} = JSON.parse(data);
    if (description) {
      await pc.setRemoteDescription(description);
      await pc.setLocalDescription();
      send(room, {description: pc.localDescription});
    } else if (candidate) {
      await pc.addIceCandidate(candidate);
    }
  };
  send(room, {});
  return (await show(await stream)) - at;
};
window.sent = async () =>
  sentBy(await Promise.all([...links.values()].map((pc) => pc.getStats())));
</script>`;

/** Passes on what one socket sends for another: `{to, from, data}`. */
async function startRelay() {
  const server = new WebSocketServer({port: 0, host: '127.0.0.1'});
  await once(server, 'listening');
  const sockets = new Map();
  server.on('connection', (socket, {url}) => {
    sockets.set(url.split('?')[1], socket);
    socket.on('message', (text) => sockets.get(JSON.parse(text).to)?.send(String(text)));
  });
  return {url: `ws://127.0.0.1:${server.address().port}/`, stop: () => server.close()};
}

const unavailable = whyNot('mediamtx');
if (unavailable) {
  console.log(`served: left out, ${unavailable}`);
}
const server = unavailable ? undefined : await startMediaMtx();
const broker = await startBroker();
const relay = await startRelay();
const pages = new Map([
  ['/ours.html', {body: ours, headers: {}}],
  ['/bare.html', {body: bare, headers: {}}],
]);
const web = await startWebServer({brokerPort: broker.port, pages});
const browser = await puppeteer.launch({...launchOptions('chromium'), protocolTimeout: 120_000});
const devtools = await browser.target().createCDPSession();

/** Seconds that all processes of the browser have taken so far. */
async function cpuSeconds() {
  const {processInfo} = await devtools.send('SystemInfo.getProcessInfo');
  return processInfo.reduce((sum, {cpuTime}) => sum + cpuTime, 0);
}

const median = (list) => list.toSorted((a, b) => a - b)[Math.floor(list.length / 2)];

async function run(kind, count) {
  const room = `bench${Math.random().toString(36).slice(2)}`;
  const context = await browser.createBrowserContext();
  const options = {
    room,
    broker: broker.url,
    relay: relay.url,
    ...(kind === 'served' && {
      whip: server.whip(room),
      whep: server.whep(room),
      token: server.token,
    }),
  };
  try {
    const page = await context.newPage();
    await page.goto(`http://localhost:${web.port}/${kind === 'bare' ? 'bare' : 'ours'}.html`);
    await page.evaluate((options) => window.openStage(options), options);
    const took = [];
    for (let i = 0; i < count; i++) {
      took.push(await page.evaluate((options) => window.enterViewer(options), options));
    }
    await sleep(settleMs);
    const measure = async () => ({
      cpu: await cpuSeconds(),
      sent: await page.evaluate(() => window.sent()),
      at: performance.now(),
    });
    const before = await measure();
    await sleep(1_000 * Number(values.seconds));
    const after = await measure();
    const seconds = (after.at - before.at) / 1_000;
    return {
      firstFrame: median(took),
      cpu: (100 * (after.cpu - before.cpu)) / seconds,
      kbps: (8 * (after.sent - before.sent)) / seconds / 1_000,
    };
  } finally {
    await context.close();
  }
}

const counts = values.viewers.split(',').map(Number);
const kinds = ['ours', 'bare', ...(server ? ['served'] : [])];
const results = new Map();
try {
  console.log(`load ${loadavg()[0].toFixed(1)}`);
  // The first warms the machine up and does not count.
  await run('ours', 1);
  await run('bare', 1);
  for (const count of counts) {
    for (let round = 0; round < Number(values.rounds); round++) {
      for (const kind of round % 2 ? kinds.toReversed() : kinds) {
        const key = `${kind} ${count}`;
        results.set(key, [...(results.get(key) ?? []), await run(kind, count)]);
      }
    }
    for (const kind of kinds) {
      const all = results.get(`${kind} ${count}`);
      const figure = (name) => median(all.map((one) => one[name]));
      console.log(
        [
          kind.padEnd(6),
          `${count} viewers`.padStart(11),
          `first frame ${figure('firstFrame').toFixed(0)} ms`.padStart(21),
          `CPU ${figure('cpu').toFixed(0)} %`.padStart(11),
          `${(figure('cpu') / count).toFixed(1)} % a viewer`.padStart(17),
          `${figure('kbps').toFixed(0)} kbit/s`.padStart(13),
          `load ${loadavg()[0].toFixed(1)}`.padStart(11),
        ].join(' '),
      );
    }
  }
} finally {
  await browser.close();
  await web.stop();
  relay.stop();
  await broker.stop();
  await server?.stop();
}
