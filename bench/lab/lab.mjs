// The fault laboratory: real browsers in a small internet that can be broken. See README.md.
//
//   node bench/lab/lab.mjs [SCENARIO…] [--runs N] [--only ours|peerjs] [--out FILE] [--dist FOLDER]
//                          [--samples] [--verbose]
//   node bench/lab/lab.mjs table FILE     the table of results that were saved
//   node bench/lab/lab.mjs down           removes a laboratory that kill -9 left behind
import {execFileSync, spawn} from 'node:child_process';
import {existsSync, mkdirSync, readFileSync, rmSync, writeFileSync} from 'node:fs';
import {loadavg, tmpdir} from 'node:os';
import {join, resolve} from 'node:path';
import {setTimeout as sleep} from 'node:timers/promises';
import {fileURLToPath} from 'node:url';
import {parseArgs} from 'node:util';
import puppeteer from 'puppeteer-core';
import {findBrowser} from '../../scripts/browsers.mjs';
import {isMoving, isTrouble, judge, lament, pairBefore, table, timeline} from './figures.mjs';
import {film} from './film.mjs';
import {addresses, down, faults, inside, isUp, slay, up} from './net.mjs';
import {probe} from './probe.mjs';
import {scenarios} from './scenarios.mjs';

const {values: options, positionals} = parseArgs({
  allowPositionals: true,
  options: {
    runs: {type: 'string', default: '1'},
    only: {type: 'string'},
    out: {type: 'string', default: join(tmpdir(), 'rtc-lab.json')},
    dist: {type: 'string', default: fileURLToPath(new URL('../../dist', import.meta.url))},
    samples: {type: 'boolean', default: false},
    verbose: {type: 'boolean', default: false},
  },
});
const home = join(tmpdir(), 'rtc-lab');
const webPort = 8000;
const brokerPort = 9000;
const origin = `http://${addresses.broker}:${webPort}`;
const connectMs = 60_000;
const settleMs = 6_000;

const find = (program) =>
  ['/usr/sbin', '/sbin', ...process.env.PATH.split(':')]
    .map((folder) => join(folder, program))
    .find(existsSync);
const programs = ['ip', 'tc', 'ss', 'nft', 'nsenter', 'sysctl', 'python3', 'turnserver'];

/** What the laboratory needs and does not find, in words. */
function lacks() {
  if (process.platform !== 'linux') {
    return ['Linux (it is made of network namespaces)'];
  }
  const absent = programs.filter((program) => !find(program));
  const script = join(options.dist, 'rtc-elements.js');
  return [
    process.getuid() !== 0 && 'root (to make network namespaces)',
    absent.length &&
      `${absent.join(', ')} (apt install iproute2 nftables util-linux procps python3 coturn)`,
    !existsSync('/dev/net/tun') && '/dev/net/tun (for the delay)',
    !findBrowser('chromium') && 'Chromium (node scripts/browsers.mjs --install)',
    !existsSync(script) && `${script} (npm run build)`,
  ].filter(Boolean);
}

async function until(check, limitMs) {
  for (const end = Date.now() + limitMs; Date.now() < end; await sleep(50)) {
    if (check()) {
      return true;
    }
  }
  return false;
}

/** Starts a program in a namespace. It ends with the namespace. */
function start(name, ...command) {
  const [program, ...args] = [...inside(name), ...command];
  const stdio = options.verbose ? ['ignore', 2, 2] : 'ignore';
  return spawn(program, args, {stdio, cwd: home, env: {...process.env, HOME: home}});
}

const listens = (name, port) =>
  until(() => {
    const [program, ...args] = [...inside(name), 'ss', '-Hltn', `sport = :${port}`];
    return execFileSync(program, args, {encoding: 'utf8'}).trim();
  }, 15_000);

const script = fileURLToPath(new URL('servers.mjs', import.meta.url));
const startBroker = () => start('broker', process.execPath, script, 'broker', brokerPort);

async function startServers() {
  const {turn} = addresses;
  start(
    ...['turn', 'turnserver', '-n', `--listening-ip=${turn}`, `--relay-ip=${turn}`, '--realm=lab'],
    ...['--lt-cred-mech', '--user=lab:lab', '--no-tls', '--no-dtls', '--no-cli'],
    ...['--log-file=stdout', `--userdb=${home}/turn.db`, `--pidfile=${home}/turn.pid`],
  );
  start('broker', process.execPath, script, 'web', webPort, resolve(options.dist));
  const broker = startBroker();
  await Promise.all([
    listens('turn', 3478),
    listens('broker', webPort),
    listens('broker', brokerPort),
  ]);
  return broker;
}

/** Opens the page of one person in a browser of their own. Does not wait until it is there. */
async function open(name, page, {ice = 'turn'}) {
  const [program, ...enter] = inside(name);
  // No loopback and no plain host addresses: what a browser in the wild would offer.
  const flags = await puppeteer.defaultArgs({
    browser: 'chrome',
    userDataDir: join(home, name),
    args: [
      '--no-sandbox',
      '--window-size=640,480',
      '--disable-quic',
      '--disable-gpu',
      '--use-fake-device-for-media-stream',
      `--use-file-for-fake-video-capture=${home}/film.y4m`,
      '--use-fake-ui-for-media-stream',
      '--autoplay-policy=no-user-gesture-required',
      `--unsafely-treat-insecure-origin-as-secure=${origin}`,
    ],
  });
  const browser = await puppeteer.launch({
    executablePath: find(program),
    ignoreDefaultArgs: true,
    args: [...enter, findBrowser('chromium'), ...flags],
    pipe: true,
    env: {...process.env, HOME: home},
    handleSIGINT: false,
    handleSIGTERM: false,
    handleSIGHUP: false,
  });
  const [tab] = await browser.pages();
  const side = {tab, samples: [], events: [], isDead: false, opened: Date.now()};
  const note = (text) => side.events.push([Date.now(), text]);
  tab.on('pageerror', (error) => note(`uncaught ${error.message}`));
  tab.on('console', (message) => message.type() === 'error' && note(`console ${message.text()}`));
  const devtools = await tab.createCDPSession();
  devtools.on('Runtime.bindingCalled', ({payload}) => {
    const {samples = [], events = []} = JSON.parse(payload);
    side.samples.push(...samples);
    side.events.push(...events);
  });
  await devtools.send('Runtime.enable');
  await devtools.send('Runtime.addBinding', {name: 'labReport'});
  await tab.evaluateOnNewDocument(probe);

  const account = {username: 'lab', credential: 'lab'};
  const iceServers = [{urls: `stun:${addresses.turn}:3478`}];
  if (ice === 'turn') {
    const urls = ['udp', 'tcp'].map((way) => `turn:${addresses.turn}:3478?transport=${way}`);
    iceServers.push({urls, ...account});
  }
  const query = new URLSearchParams({
    name,
    broker: `http://${addresses.broker}:${brokerPort}/`,
    ice: JSON.stringify({iceServers}),
    ...(page === 'ours' && {room: 'lab'}),
    ...(page === 'peerjs' && name === 'b' && {call: 'a'}),
  });
  tab.goto(`${origin}/${page}.html?${query}`).catch((error) => note(`${error}`));
  return side;
}

/** One scenario with one of the pages. */
async function run(name, page) {
  const scenario = scenarios[name];
  const {people = ['a', 'b'], before = [], on = [], hold = 0, off = [], after = 0} = scenario;
  const load = Math.round(loadavg()[0] * 10) / 10;
  mkdirSync(home);
  // One machine has to carry up to four browsers.
  const size = people.length > 2 ? {width: 256, height: 144, fps: 6} : {width: 640, height: 360};
  writeFileSync(join(home, 'film.y4m'), film(size));
  up({clients: people, nat: scenario.nat});
  let broker = await startServers();
  const sides = {};
  const heard = (who, test) => sides[who].events.some(([, text]) => test(text));
  const steps = {
    ...faults,
    wait: (s) => sleep(s * 1000),
    await: (who, ...words) =>
      until(() => heard(who, (text) => text.startsWith(words.join(' '))), connectMs),
    open: async (who) => (sides[who] = await open(who, page, scenario)),
    reload: (who) => void sides[who].tab.reload().catch(() => {}),
    kill(who) {
      sides[who].isDead = true;
      slay(who);
    },
    broker(what) {
      if (what === 'stop') {
        broker.kill('SIGKILL');
      } else {
        broker = startBroker();
      }
    },
  };
  async function perform(list) {
    for (const step of list) {
      const [verb, ...args] = step.split(' ');
      await steps[verb](...args);
    }
  }
  /** Everybody with everybody else who is there. */
  const pairs = () =>
    Object.keys(sides).flatMap((me) =>
      Object.keys(sides).flatMap((other) => (me === other ? [] : [[me, other]])),
    );
  const seesAll = () => pairs().every(([me, other]) => isMoving(sides[me], other));
  const complains = ([me, other]) => heard(me, (text) => isTrouble(text, other));

  for (const who of scenario.open ?? people) {
    await steps.open(who);
    await until(() => heard(who, (text) => /^(call joined|peer open)$/.test(text)), connectMs);
  }
  const {opened} = Object.values(sides).at(-1);
  await until(() => seesAll() || (scenario.fails && pairs().every(complains)), connectMs);
  const isConnected = seesAll();
  const firstFrame = ([me, other]) => sides[me].samples.find((s) => s.people[other]?.shown)?.t;
  const setupMs = Math.max(...pairs().map(firstFrame)) - opened;

  const times = {began: opened, healed: opened};
  if (isConnected) {
    await sleep(settleMs);
    await perform(before);
    times.began = Date.now();
    await perform(on);
    await sleep(hold * 1000);
    await perform(off);
    times.healed = Date.now();
    await sleep(after * 1000);
  }
  times.end = Date.now();
  await sleep(1500); // the pages report late, and a freeze must not be the end of the recording

  const alive = pairs().filter(([me]) => !sides[me].isDead);
  const judgement = ([me, other]) => [
    `${me} ${other}`,
    isConnected
      ? judge(sides[me], sides[other], other, times)
      : lament(sides[me], other, times.began),
  ];
  const account = ([who, {events, samples}]) => [
    who,
    {
      pair: pairBefore(events, times.began),
      pair_at_end: pairBefore(events, times.end),
      people_at_end: Object.keys(samples.at(-1)?.people ?? {}),
      events: timeline(events, times.began),
      ...(options.samples && {samples}),
    },
  ];
  return {
    load,
    setup_s: Number.isFinite(setupMs) ? Math.round(setupMs / 100) / 10 : null,
    sees: Object.fromEntries(alive.map(judgement)),
    sides: Object.fromEntries(Object.entries(sides).map(account)),
  };
}

/** Everything lives in the namespaces: removing them ends all that was started. */
function leave() {
  down();
  rmSync(home, {recursive: true, force: true, maxRetries: 5, retryDelay: 100});
}

async function main() {
  const names = positionals.length ? positionals : Object.keys(scenarios);
  for (const name of names) {
    if (!scenarios[name]) {
      throw new Error(`No scenario ${name}. There are: ${Object.keys(scenarios).join(' ')}`);
    }
  }
  if (isUp()) {
    throw new Error('A laboratory is there: one runs, or was left; see "lab.mjs down".');
  }
  try {
    up({clients: ['a']});
  } catch ({stderr}) {
    throw new Error(`Network namespaces do not work here, perhaps in a container: ${stderr}`);
  } finally {
    down();
  }
  const results = [];
  for (let i = 1; i <= Number(options.runs); i++) {
    for (const name of names) {
      for (const page of ['ours', 'peerjs']) {
        const isFit = page === 'ours' || !scenarios[name].people;
        if (!isFit || (options.only && options.only !== page)) {
          continue;
        }
        let result;
        try {
          result = await run(name, page);
        } catch (error) {
          result = {error: String(error.stderr || error.stack)};
        } finally {
          leave();
        }
        results.push({scenario: name, page, run: i, ...result});
        writeFileSync(options.out, JSON.stringify(results, null, 1));
        const ends = Object.entries(result.sees ?? {}).map(([pair, it]) => `${pair}: ${it.at_end}`);
        console.error(`${name}, ${page}: ${result.error ?? ends.join('; ')}`);
      }
    }
  }
  console.log(table(results, scenarios));
  console.log(`All figures and events: ${options.out}`);
  process.exitCode = results.some(({error}) => error) ? 1 : 0;
}

const [verb, file] = positionals;
const needs = lacks();
if (verb === 'table') {
  console.log(table(JSON.parse(readFileSync(file ?? options.out, 'utf8')), scenarios));
} else if (verb === 'down') {
  leave();
} else if (needs.length) {
  console.error(`The laboratory needs ${needs.join(', ')}.`);
  process.exitCode = 1;
} else {
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) {
    process.once(signal, () => {
      leave();
      process.exit(1);
    });
  }
  try {
    await main();
  } catch (error) {
    console.error(error.message);
    process.exitCode = 1;
  }
}
