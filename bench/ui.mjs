// What the interface costs the main thread of a page in a steady call: <rtc-call> against bare <video> elements.
//
//   node bench/ui.mjs [--people 6] [--seconds 20] [--rounds 3]
//
// The page that is measured is in front, in a browser of its own; the others of the call are headless sessions
// in another browser, each with a moving canvas of 160x90 at 10 frames a second and a tone. The reference
// shows the same people by connections made by hand, in <video> elements in a CSS grid, and asks for nothing
// else. "main thread" is the processor time that all its tasks take, in percent of one core; "script", "style" and
// "layout" are parts of that; "layouts" is how many a second. Both run in turn; the middle one of the rounds is told.
import {setTimeout as sleep} from 'node:timers/promises';
import {loadavg} from 'node:os';
import {parseArgs} from 'node:util';
import puppeteer from 'puppeteer-core';
import {launchOptions} from '../scripts/browsers.mjs';
import {startBroker} from '../scripts/lib/brokers.mjs';
import {startWebServer} from '../scripts/lib/web-server.mjs';

const {values} = parseArgs({
  options: {
    people: {type: 'string', default: '6'},
    seconds: {type: 'string', default: '20'},
    rounds: {type: 'string', default: '3'},
  },
});
const others = Number(values.people) - 1;
/** Until bitrates, sizes and tiles have settled. */
const settleMs = 8_000;

/** What somebody sends. */
const source = `
const createSource = (index) => {
  const canvas = Object.assign(document.createElement('canvas'), {width: 160, height: 90});
  const context = canvas.getContext('2d');
  let turn = index * 40;
  setInterval(() => {
    context.fillStyle = 'hsl(' + (turn += 3) + 'deg 60% 50%)';
    context.fillRect(0, 0, 160, 90);
    context.fillStyle = '#fff';
    context.fillRect((turn * 3) % 150, 40, 10, 10);
  }, 100);
  const audio = new AudioContext();
  const tone = new OscillatorNode(audio, {frequency: 220 + 40 * index});
  const out = audio.createMediaStreamDestination();
  tone.connect(new GainNode(audio, {gain: 0.02})).connect(out);
  tone.start();
  return new MediaStream([...canvas.captureStream(10).getTracks(), ...out.stream.getTracks()]);
};`;
const crowd = `<!doctype html><title>crowd</title><body>
<script src="/dist/rtc-elements.js"></script><script>${source}
window.enter = async (count, options) => {
  for (let index = 0; index < count; index++) {
    const {session} = document.createElement('rtc-call');
    session.configure({...options, rtcConfiguration: {}, name: 'Person ' + index, stream: createSource(index)});
    await session.join();
  }
};
const links = [];
window.offer = (count) => Promise.all(Array.from({length: count}, async (_, index) => {
  const pc = new RTCPeerConnection();
  links.push(pc);
  const stream = createSource(index);
  stream.getTracks().forEach((track) => pc.addTrack(track, stream));
  await pc.setLocalDescription();
  await new Promise((resolve) => {
    pc.onicegatheringstatechange = () => pc.iceGatheringState === 'complete' && resolve();
  });
  return pc.localDescription.toJSON();
}));
window.accept = (answers) =>
  Promise.all(answers.map((answer, index) => links[index].setRemoteDescription(answer)));
</script>`;
const ui = `<!doctype html><title>ui</title><style>body { margin: 0 } rtc-call { height: 100vh }</style><body>
<script src="/dist/rtc-elements.js"></script><script>${source}
window.enter = async (options) => {
  const call = document.createElement('rtc-call');
  Object.assign(call, {...options, rtcConfiguration: {}, name: 'Me', stream: createSource(9)});
  document.body.append(call);
  await call.join();
};
window.ready = (count) => {
  const {participants} = document.querySelector('rtc-call');
  return participants.length === count && participants.every(({connection, stream}) =>
    connection === 'connected' && stream.getVideoTracks().length > 0);
};
</script>`;
const bare = `<!doctype html><title>bare</title>
<style>
  body { margin: 0; height: 100vh; display: grid; grid-template: 1fr 1fr / 1fr 1fr 1fr }
  video { width: 100%; height: 100%; object-fit: cover; min-height: 0 }
</style><body><script>${source}
const show = (stream, muted) => {
  const video = Object.assign(document.createElement('video'), {srcObject: stream, autoplay: true, muted});
  document.body.append(video);
};
const own = createSource(9);
show(own, true);
window.answer = (offers) => Promise.all(offers.map(async (offer) => {
  const pc = new RTCPeerConnection();
  own.getTracks().forEach((track) => pc.addTrack(track, own));
  pc.ontrack = ({track, streams}) => track.kind === 'video' && show(streams[0], false);
  await pc.setRemoteDescription(offer);
  await pc.setLocalDescription();
  await new Promise((resolve) => {
    pc.onicegatheringstatechange = () => pc.iceGatheringState === 'complete' && resolve();
  });
  return pc.localDescription.toJSON();
}));
window.ready = (count) =>
  [...document.querySelectorAll('video')].filter((video) => video.videoWidth > 0).length > count;
</script>`;

const broker = await startBroker();
const pages = new Map(
  Object.entries({crowd, ui, bare}).map(([name, body]) => [`/${name}.html`, {body, headers: {}}]),
);
const web = await startWebServer({brokerPort: broker.port, pages});
const launch = () => puppeteer.launch({...launchOptions('chromium'), protocolTimeout: 120_000});
const [browser, othersBrowser] = await Promise.all([launch(), launch()]);

async function open(browser, name) {
  const context = await browser.createBrowserContext();
  const page = await context.newPage();
  await page.setViewport({width: 1280, height: 800});
  await page.goto(`http://localhost:${web.port}/${name}.html`);
  return page;
}

/** Not by the clock: with more browsers than cores, that also counts waiting for one. */
async function meter(page) {
  const devtools = await page.createCDPSession();
  await devtools.send('Performance.enable', {timeDomain: 'threadTicks'});
  return async () => {
    const {metrics} = await devtools.send('Performance.getMetrics');
    return {
      ...Object.fromEntries(metrics.map(({name, value}) => [name, value])),
      at: performance.now(),
    };
  };
}

async function run(kind) {
  const [crowdPage, page] = [await open(othersBrowser, 'crowd'), await open(browser, kind)];
  try {
    if (kind === 'ui') {
      const options = {room: `bench${Math.random()}`, broker: broker.url};
      await page.evaluate((options) => window.enter(options), options);
      await crowdPage.evaluate((...all) => window.enter(...all), others, options);
    } else {
      const offers = await crowdPage.evaluate((count) => window.offer(count), others);
      const answers = await page.evaluate((offers) => window.answer(offers), offers);
      await crowdPage.evaluate((answers) => window.accept(answers), answers);
    }
    await page.waitForFunction((count) => window.ready(count), {timeout: 60_000}, others);
    const measure = await meter(page);
    await sleep(settleMs);
    const before = await measure();
    await sleep(1_000 * Number(values.seconds));
    const after = await measure();
    const seconds = (after.at - before.at) / 1_000;
    const each = (name) => (after[name] - before[name]) / seconds;
    return {
      main: 100 * each('TaskDuration'),
      script: 100 * each('ScriptDuration'),
      style: 100 * each('RecalcStyleDuration'),
      layout: 100 * each('LayoutDuration'),
      layouts: each('LayoutCount'),
    };
  } finally {
    await page.browserContext().close();
    await crowdPage.browserContext().close();
  }
}

const median = (list) => list.toSorted((a, b) => a - b)[Math.floor(list.length / 2)];
const results = {ui: [], bare: []};
try {
  console.log(`${values.people} people, load ${loadavg()[0].toFixed(1)}`);
  for (let round = 0; round < Number(values.rounds); round++) {
    for (const kind of round % 2 ? ['bare', 'ui'] : ['ui', 'bare']) {
      results[kind].push(await run(kind));
    }
  }
  for (const [kind, all] of Object.entries(results)) {
    const figure = (name, unit) => `${median(all.map((one) => one[name])).toFixed(2)}${unit}`;
    console.log(
      [
        kind.padEnd(5),
        `main thread ${figure('main', ' %')}`,
        `script ${figure('script', ' %')}`,
        `style ${figure('style', ' %')}`,
        `layout ${figure('layout', ' %')}`,
        `layouts ${figure('layouts', '/s')}`,
      ].join('  '),
    );
  }
  const [one, other] = ['ui', 'bare'].map((kind) => median(results[kind].map(({main}) => main)));
  console.log(`the interface: ${(one - other).toFixed(2)} % of a core`);
} finally {
  await browser.close();
  await othersBrowser.close();
  await web.stop();
  await broker.stop();
}
