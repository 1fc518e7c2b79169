// How long until two people see each other: this project against a stock PeerJS page.
//
//   node bench/setup.mjs [--rounds 20] [--delay 50] [--wait 1000] [--browsers chromium,chromium]
//
// One person is there, the other comes. The clock starts when the newcomer's page is loaded and
// has the permission for its camera, and stops when the first remote picture is on both screens.
// Both ways run in turn, in fresh browser contexts, through the same PeerServer, whose every
// message is delayed by --delay ms in each direction. The stock page is as quick as PeerJS
// allows: its devices open while it connects, it has an id of its own, and knows whom to call.
import {readFile} from 'node:fs/promises';
import {createRequire} from 'node:module';
import {setTimeout as sleep} from 'node:timers/promises';
import {parseArgs} from 'node:util';
import puppeteer from 'puppeteer-core';
import {launchOptions} from '../scripts/browsers.mjs';
import {startBroker} from '../scripts/lib/brokers.mjs';
import {startWebServer} from '../scripts/lib/web-server.mjs';

const {values} = parseArgs({
  options: {
    rounds: {type: 'string', default: '20'},
    delay: {type: 'string', default: '50'},
    wait: {type: 'string', default: '1000'},
    browsers: {type: 'string', default: 'chromium,chromium'},
  },
});
const rounds = Number(values.rounds);
const file = createRequire(import.meta.url).resolve;

/** In both pages: `begin(role, key, broker)` acts, `seen` is when the first remote picture showed. */
const common = `
const now = () => performance.timeOrigin + performance.now();
let watch;
const seen = new Promise((resolve) => {
  watch = (video) => video.requestVideoFrameCallback(() => resolve(now()));
});`;
const ours = `<!doctype html><title>ours</title>
<style>html, body, rtc-call { height: 100%; margin: 0 }</style>
<body><script src="/dist/rtc-elements.js"></script><script>${common}
window.begin = async (role, key, broker) => {
  const at = now();
  const call = document.createElement('rtc-call');
  Object.assign(call, {room: key, broker: broker.url, name: role, rtcConfiguration: {}, autojoin: true});
  const joined = new Promise((resolve) => call.addEventListener('rtc-joined', resolve, {once: true}));
  call.session.addEventListener('change', async () => {
    await call.updateComplete;
    const tile = call.shadowRoot
      .querySelector('rtc-stage')
      ?.shadowRoot.querySelector('rtc-video:not([participant=self])');
    if (tile && watch) {
      await tile.updateComplete;
      watch?.(tile.shadowRoot.querySelector('video'));
      watch = undefined;
    }
  });
  document.body.append(call);
  if (role === 'there') await joined;
  return at;
};</script>`;
// As large as ours, with the own picture in the corner: pictures cost time too.
const stock = `<!doctype html><title>stock</title>
<style>
  html, body, #remote { width: 100%; height: 100%; margin: 0 }
  #local { position: fixed; right: 0; bottom: 0; width: 20% }
</style>
<body><video id="remote" autoplay muted></video><video id="local" autoplay muted></video>
<script src="/peerjs.js"></script><script>${common}
window.begin = async (role, key, {port}) => {
  const at = now();
  const options = {host: '127.0.0.1', port, secure: false, config: {iceServers: []}};
  const video = {width: {ideal: 1280}, height: {ideal: 720}};
  const media = navigator.mediaDevices.getUserMedia({audio: true, video});
  media.then((stream) => { local.srcObject = stream; });
  const peer = new Peer(role === 'there' ? key : key + 'x', options);
  const opened = new Promise((resolve) => peer.on('open', resolve));
  watch(remote);
  const follow = (call) => call.on('stream', (stream) => { remote.srcObject = stream; });
  peer.on('call', async (call) => { follow(call); call.answer(await media); });
  const [stream] = await Promise.all([media, opened]);
  if (role === 'comes') follow(peer.call(key, stream));
  return at;
};</script>`;

const broker = await startBroker({delayMs: Number(values.delay)});
const script = {'content-type': 'text/javascript'};
const pages = new Map([
  ['/ours.html', {body: ours, headers: {}}],
  ['/stock.html', {body: stock, headers: {}}],
  ['/peerjs.js', {body: await readFile(file('peerjs/dist/peerjs.min.js')), headers: script}],
]);
const web = await startWebServer({brokerPort: broker.port, pages});
const names = values.browsers.split(',');
// Two browsers: a page in the background of one would show no pictures.
const browsers = [];
for (const name of names) {
  browsers.push(await puppeteer.launch({...launchOptions(name), protocolTimeout: 30_000}));
}

async function run(kind, round) {
  const key = `bench${kind}${round}r${Math.random().toString(36).slice(2)}`;
  const contexts = await Promise.all(browsers.map((browser) => browser.createBrowserContext()));
  try {
    const [there, comes] = await Promise.all(
      contexts.map(async (context) => {
        const page = await context.newPage();
        await page.goto(`http://localhost:${web.port}/${kind}.html`);
        return page;
      }),
    );
    const begin = (page, role) =>
      page.evaluate((...args) => window.begin(...args), role, key, {
        url: broker.url,
        port: broker.port,
      });
    await begin(there, 'there');
    await sleep(Number(values.wait));
    const [at, ...seen] = await Promise.all([
      begin(comes, 'comes'),
      // The page's word for it: `seen` is a lexical binding of its script.
      there.evaluate('seen'),
      comes.evaluate('seen'),
    ]);
    return Math.max(...seen) - at;
  } finally {
    await Promise.all(contexts.map((context) => context.close()));
  }
}

const median = (list) => list.toSorted((a, b) => a - b)[Math.floor(list.length / 2)];
const results = {ours: [], stock: []};
try {
  // The first round warms the machine up and does not count.
  for (let round = 0; round <= rounds; round++) {
    for (const kind of round % 2 ? ['ours', 'stock'] : ['stock', 'ours']) {
      const took = await run(kind, round);
      if (round) {
        results[kind].push(took);
      }
    }
  }
  for (const [kind, list] of Object.entries(results)) {
    const sorted = list.toSorted((a, b) => a - b);
    console.log(
      `${kind.padEnd(6)} median ${median(list).toFixed(0)} ms, quartiles ${[1, 3].map((q) => sorted[Math.floor((q * list.length) / 4)].toFixed(0)).join(' to ')} ms, slowest ${sorted.at(-1).toFixed(0)} ms`,
    );
  }
  console.log(
    `ratio  ${(median(results.ours) / median(results.stock)).toFixed(2)} (${rounds} rounds, ${values.delay} ms one way, ${names.join(' and ')})`,
  );
} finally {
  await Promise.all(browsers.map((browser) => browser.close()));
  await web.stop();
  await broker.stop();
}
