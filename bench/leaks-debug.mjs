// Whether anything is left of what is over: of calls, and of connections that were made anew in one.
//
//   npm run bench:leaks -- [--cycles 200] [--reconnections 50] [--dist FOLDER]
//
// One page joins and leaves again and again, in turn with an element that stays and with one that comes and
// goes; another stays in the call. Then both stay, and the line of one is moved from under them again and again.
// What is counted after forced garbage collection, before and after, must be the same, and the heap must not
// grow by more than 1 kB a time. Beside it, for comparison: two bare connections, made and closed as often.
// Needs a build, and Chromium. The exit code is 1 when something is left.
import {readFile} from 'node:fs/promises';
import {join} from 'node:path';
import {setTimeout as sleep} from 'node:timers/promises';
import {fileURLToPath} from 'node:url';
import {parseArgs} from 'node:util';
import puppeteer from 'puppeteer-core';
import {launchOptions} from '../scripts/browsers.mjs';
import {startBroker} from '../scripts/lib/brokers.mjs';
import {startPaths} from '../scripts/lib/paths.mjs';
import {startWebServer} from '../scripts/lib/web-server.mjs';

const {values} = parseArgs({
  options: {
    cycles: {type: 'string', default: '200'},
    reconnections: {type: 'string', default: '50'},
    dist: {type: 'string', default: fileURLToPath(new URL('../dist', import.meta.url))},
  },
});
/** Bytes of heap that each time may leave. */
const heapPerCycle = 1_000;
/** The first few times fill caches, and do not count. */
const warmUp = 10;
/** No step should take nearly as long. */
const stepMs = 12_000;
/** What has a time to live is over by then. */
const settleMs = 40_000;
/**
 * For so long people see each other. Chromium keeps for ever what is closed while an event of it is on its way, and
 * all that hangs on it: `RTCPeerConnection::ChangePeerConnectionState` is then its root in a heap snapshot. With 0
 * the bare connections show it best.
 */
const lingerMs = 500;

/** Runs before anything of the page: timers cannot be asked for, nor which connections there are. */
function watchPage() {
  const wlog = (window.wlog = []);
  const put = (dir, text) => { try { const m = JSON.parse(text); const p = m.payload?.mail ?? m.payload ?? {}; if (m.type==='HEARTBEAT') return; wlog.push([Math.round(performance.now() + performance.timeOrigin) % 1e6, dir, m.type, (m.src??'').slice(-4), (m.dst??'').slice(-4), p.t, (p.attempt??'').slice(0,4), p.type, (p.id??'').slice(0,4), p.reason, (p.candidate?.candidate??'').slice(0,60)].join(' ')); if (wlog.length > 80) wlog.shift(); } catch {} };
  window.WebSocket = class extends WebSocket { constructor(u, p) { super(u, p); wlog.push('open ' + new URL(u).searchParams.get('id')?.slice(-4)); this.addEventListener('message', (e) => put('in', e.data)); this.addEventListener('close', () => wlog.push('close')); } send(d) { put('out', d); super.send(d); } };

  const made = (window.made = []);
  window.RTCPeerConnection = class extends RTCPeerConnection {
    constructor(configuration) {
      super(configuration);
      made.push(new WeakRef(this));
    }
  };
  const timers = (window.timers = new Map());
  for (const [set, clear] of [
    ['setTimeout', 'clearTimeout'],
    ['setInterval', 'clearInterval'],
  ]) {
    const [start, stop] = [window[set].bind(window), window[clear].bind(window)];
    window[set] = (act, ms, ...rest) => {
      const run = () => {
        if (set === 'setTimeout') {
          timers.delete(id);
        }
        act(...rest);
      };
      const id = start(run, ms);
      timers.set(id, `${set} ${ms}`);
      return id;
    };
    window[clear] = (id) => {
      timers.delete(id);
      stop(id);
    };
  }
}

const html = `<!doctype html><title>leaks</title><link rel="icon" href="data:,">
<style>html, body { height: 100%; margin: 0 } rtc-call { height: 50% }</style>
<body><script src="/rtc-elements.js"></script><script>
const until = (call, condition) => new Promise((resolve) => {
  const look = () => {
    if (condition(call)) {
      call.session.removeEventListener('change', look);
      resolve();
    }
  };
  call.session.addEventListener('change', look);
  look();
});
const isMet = ({participants}) => participants.some(({connection}) => connection === 'connected');
const isAlone = ({participants, state}) => state === 'joined' && !participants.length;
const linger = () => new Promise((resolve) => setTimeout(resolve, ${lingerMs}));
let kept;

window.add = (options) => {
  const call = document.createElement('rtc-call');
  document.body.append(Object.assign(call, options, {autojoin: true}));
  return call;
};
window.enter = (options) => { kept = add(options); };
window.met = () => until(kept, isMet);
window.alone = () => until(kept, isAlone);
window.show = () => JSON.stringify([...document.querySelectorAll('rtc-call')].map(
  ({state, error, participants}) => [state, error?.message,
    participants.map(({name, connection, away}) => [name, connection, away])]));
window.leave = () => kept.leave();
/** Joins, meets the other and leaves: with the element that stays, or with another. */
window.comeAndGo = async (options, isNew) => {
  const call = isNew ? add(options) : kept;
  call.join();
  await until(call, isMet);
  await linger();
  isNew ? call.remove() : call.leave();
};
const openConnections = () => made.map((ref) => ref.deref()).filter((it) => it && it.signalingState !== 'closed');
/** The connection to the other has been made anew. It need not have been seen as lost: the other side may be faster. */
window.reconnected = async () => {
  const former = new Set(openConnections());
  const isAnew = () => isMet(kept) && openConnections().every((it) => !former.has(it));
  while (!isAnew()) {
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  made.splice(0, made.length, ...openConnections().map((it) => new WeakRef(it)));
};
/** What our page does without: two connections in one page, until data could flow. */
window.bare = async () => {
  const both = [new RTCPeerConnection(), new RTCPeerConnection()];
  const [one, other] = both;
  both.forEach((each, i) =>
    each.addEventListener('icecandidate', ({candidate}) => both[1 - i].addIceCandidate(candidate)));
  const channel = one.createDataChannel('bare');
  const opened = new Promise((resolve) => channel.addEventListener('open', resolve));
  await one.setLocalDescription();
  await other.setRemoteDescription(one.localDescription);
  await other.setLocalDescription();
  await one.setRemoteDescription(other.localDescription);
  await opened;
  await linger();
  both.forEach((each) => each.close());
};
</script>`;

const broker = await startBroker();
const paths = startPaths();
const script = await readFile(join(values.dist, 'rtc-elements.js'));
const web = await startWebServer({
  brokerPort: broker.port,
  pages: new Map([
    ['/leaks.html', {body: html, headers: {}}],
    ['/rtc-elements.js', {body: script, headers: {'content-type': 'text/javascript'}}],
  ]),
});
const {args, ...options} = launchOptions('chromium');
const browser = await puppeteer.launch({
  ...options,
  // What is compiled as code gets warm would look like a leak.
  args: [...args, '--js-flags=--expose-gc --jitless --no-flush-bytecode'],
  protocolTimeout: 120_000,
});

/** A page of a person of their own, and how it is counted. */
async function open() {
  const page = await (await browser.createBrowserContext()).newPage();
  await page.evaluateOnNewDocument(watchPage);
  const errors = [];
  page.on('pageerror', (error) => errors.push(String(error)));
  await page.goto(`http://localhost:${web.port}/leaks.html`);
  const devTools = await page.createCDPSession();
  await devTools.send('HeapProfiler.enable');

  const objectOf = async (expression) =>
    (await devTools.send('Runtime.evaluate', {expression, objectGroup: 'count'})).result.objectId;
  /** How many objects of a kind there are in memory that fit. */
  async function countObjects(kind, fits = () => true) {
    const prototypeObjectId = await objectOf(`${kind}.prototype`);
    const {objects} = await devTools.send('Runtime.queryObjects', {
      prototypeObjectId,
      objectGroup: 'count',
    });
    const {result} = await devTools.send('Runtime.callFunctionOn', {
      objectId: objects.objectId,
      functionDeclaration: `function () { return this.filter(${fits}).length; }`,
      returnByValue: true,
    });
    return result.value;
  }
  /** Listeners on what lives as long as the page. */
  async function countLasting() {
    let count = 0;
    for (const target of [
      'window',
      'document',
      'document.documentElement',
      'navigator.mediaDevices',
      'navigator.connection',
      'screen.orientation',
    ]) {
      const objectId = await objectOf(target);
      const {listeners} = await devTools.send('DOMDebugger.getEventListeners', {objectId});
      count += listeners.length;
    }
    return count;
  }
  async function collectGarbage() {
    // What one round sets free may let the next find more.
    for (let round = 0; round < 4; round++) {
      await devTools.send('HeapProfiler.collectGarbage');
      await sleep(100);
    }
  }

  async function count() {
    await collectGarbage();
    const counts = {
      'open connections': await countObjects(
        'RTCPeerConnection',
        (it) => it.signalingState !== 'closed',
      ),
      'connection objects': await countObjects('RTCPeerConnection'),
      'live tracks': await countObjects('MediaStreamTrack', (it) => it.readyState === 'live'),
      'track objects': await countObjects('MediaStreamTrack'),
      streams: await countObjects('MediaStream'),
      sockets: await countObjects('WebSocket', (it) => it.readyState < 2),
      timers: await page.evaluate(() => window.timers.size),
      'lasting listeners': await countLasting(),
      'our elements': await countObjects(
        'HTMLElement',
        (it) => Object.hasOwn(it, 'constructor') === false && it.localName.startsWith('rtc-'),
      ),
    };
    await devTools.send('Runtime.releaseObjectGroup', {objectGroup: 'count'});
    await collectGarbage();
    const {nodes, jsEventListeners} = await devTools.send('Memory.getDOMCounters');
    const {usedSize} = await devTools.send('Runtime.getHeapUsage');
    return {...counts, listeners: jsEventListeners, nodes, heap: usedSize};
  }

  return {
    page,
    errors,
    /** @throws {Error} that says what the page shows, when it takes too long. */
    async call(name, ...args) {
      const lapse = new AbortController();
      const timeout = sleep(stepMs, undefined, {signal: lapse.signal}).then(async () => {
        for (const c of browser.browserContexts()) for (const p of await c.pages()) if (p.url().includes('leaks')) console.log('PAGE', (await p.evaluate(() => wlog.slice(-45).join('\n'))));
        throw new Error(`${name} takes too long: ${await page.evaluate(() => window.show())}`);
      });
      timeout.catch(() => undefined);
      try {
        return await Promise.race([
          page.evaluate((name, args) => window[name](...args), name, args),
          timeout,
        ]);
      } finally {
        lapse.abort();
      }
    },
    /** The lowest counts over some time, which ends when they are low enough: a probe now and then is no leak. */
    async settle(isEnough = () => false) {
      let lowest = await count();
      for (const end = Date.now() + settleMs; Date.now() < end && !isEnough(lowest);) {
        await sleep(1_000);
        const counts = await count();
        lowest = Object.fromEntries(
          Object.entries(counts).map(([what, n]) => [what, Math.min(n, lowest[what])]),
        );
      }
      return lowest;
    },
  };
}

const results = [];

/** Does something many times, and counts in these pages what that leaves. */
async function measure(what, times, sides, act) {
  const pages = Object.values(sides);
  for (let i = 0; i < warmUp; i++) {
    await act(i);
  }
  const before = await Promise.all(pages.map((page) => page.settle()));
  for (let i = 0; i < times; i++) {
    await act(i);
  }
  const after = await Promise.all(
    pages.map((page, i) => page.settle((counts) => !moreThan(before[i], counts).length)),
  );
  Object.keys(sides).forEach((side, i) =>
    results.push({what, side, times, before: before[i], after: after[i]}),
  );
}

async function meetings() {
  const [comes, stays] = [await open(), await open()];
  const options = {room: 'leaks', broker: broker.url, rtcConfiguration: {}};
  await stays.call('enter', {...options, name: 'Mina'});
  await stays.call('alone');
  await comes.call('enter', {...options, name: 'Jun'});
  await comes.call('met');
  await comes.call('leave');
  const dt = await stays.page.createCDPSession();
  const {writeFileSync} = await import('node:fs');
  for (const round of [0,1]) {
  for (let i = 0; i < 10; i++) { await comes.call('comeAndGo', {...options, name: 'Jun'}, i % 2 === 0); await stays.call('alone'); }
  await sleep(100);
  for (let i=0;i<6;i++) { await dt.send('HeapProfiler.collectGarbage'); await sleep(300); }

  console.log(await stays.page.evaluate(() => {
    const c = {};
    const walk = (n) => { for (const k of n.childNodes) { if (k.nodeType === 8) { const p = k.parentNode; const key = (p.host ? 'shadow of ' + p.host.localName : p.localName + '.' + p.className + ' in ' + p.getRootNode().host?.localName); c[key] = (c[key] || 0) + 1; } else { walk(k); if (k.shadowRoot) walk(k.shadowRoot); } } };
    walk(document);
    return JSON.stringify(c);
  }));
  console.log(await dt.send('Memory.getDOMCounters'));
  }
  process.exit(0);
}
async function meetings2() {
  const [comes, stays] = [await open(), await open()];
  const options = {room: 'leaks', broker: broker.url, rtcConfiguration: {}};
  await stays.call('enter', {...options, name: 'Mina'});
  await stays.call('alone');
  await comes.call('enter', {...options, name: 'Jun'});
  await comes.call('met');
  await comes.call('leave');
  await measure('joins and leaves', Number(values.cycles), {comes, stays}, async (i) => {
    await comes.call('comeAndGo', {...options, name: 'Jun'}, i % 2 === 0);
    await stays.call('alone');
  });
  return [comes, stays];
}

async function reconnections() {
  const lines = [await paths.open(), await paths.open()];
  const pages = [await open(), await open()];
  for (const [i, page] of pages.entries()) {
    await page.call('enter', {
      room: 'leaks again',
      broker: broker.url,
      rtcConfiguration: lines[i].configuration,
      name: `${i}`,
    });
  }
  await Promise.all(pages.map((page) => page.call('met')));
  const [moves, stays] = pages;
  await measure('reconnections', Number(values.reconnections), {moves, stays}, async () => {
    const reconnected = pages.map((page) => page.call('reconnected'));
    await paths.rebind(lines[0].id);
    // As a browser says when it changes from Wi-Fi to mobile; it would take some seconds longer otherwise.
    await moves.page.evaluate(() => window.dispatchEvent(new Event('online')));
    await Promise.all(reconnected);
  });
  return pages;
}

async function bareConnections() {
  const page = await open();
  await measure('bare connections', Number(values.cycles), {page}, () => page.call('bare'));
  return [page];
}

/** What there is more of than before. Heap is another matter: there is always some. */
function moreThan(before, after) {
  return Object.keys(before).filter((what) => what !== 'heap' && after[what] > before[what]);
}
const growth = ({times, before, after}) => (after.heap - before.heap) / times;
const isReference = ({what}) => what === 'bare connections';
/** What is left, in words. */
function leftOf(result) {
  const {before, after} = result;
  return [
    ...moreThan(before, after).map((what) => `${after[what] - before[what]} ${what}`),
    ...(growth(result) > heapPerCycle ? [`${growth(result).toFixed(0)} bytes of heap a time`] : []),
  ];
}

function table() {
  const columns = results.map((result) => {
    const {what, side, times, before, after} = result;
    const kinds = Object.keys(before).filter((kind) => kind !== 'heap');
    return [
      `${times} ${what}`,
      side,
      ...kinds.map((kind) => `${before[kind]} → ${after[kind]}`),
      `${(before.heap / 1e6).toFixed(2)} → ${(after.heap / 1e6).toFixed(2)}`,
      growth(result).toFixed(0),
    ];
  });
  const kinds = Object.keys(results[0].before).filter((kind) => kind !== 'heap');
  const names = ['', 'page', ...kinds, 'heap, MB', 'heap a time, bytes'];
  const all = [names, ...columns];
  const widths = all.map((column) => Math.max(...column.map((cell) => cell.length)));
  return names
    .map((_, row) => all.map((column, i) => column[row].padEnd(widths[i])).join('   '))
    .join('\n');
}

try {
  for (const part of [meetings, reconnections, bareConnections]) {
    const pages = await part();
    for (const {page, errors} of pages) {
      if (errors.length) {
        throw new Error(errors.join('\n'));
      }
      await page.browserContext().close();
    }
  }
  console.log(table());
  console.log(JSON.stringify(results));
  for (const result of results.filter((one) => !isReference(one))) {
    const left = leftOf(result);
    if (left.length) {
      console.log(`LEFT after ${result.what}, in the page that ${result.side}: ${left.join(', ')}`);
      process.exitCode = 1;
    }
  }
} finally {
  await browser.close();
  await web.stop();
  await paths.stop();
  await broker.stop();
}
