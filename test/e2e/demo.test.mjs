// `npm start` and the pages it serves, as somebody who has just cloned the project.
import assert from 'node:assert/strict';
import {spawn} from 'node:child_process';
import {once} from 'node:events';
import net from 'node:net';
import {after, test} from 'node:test';
import {fileURLToPath} from 'node:url';
import {
  button,
  anyBrowser,
  eventually,
  open,
  press,
  until,
  untilEvent,
  untilMet,
  untilReleased,
  untilSeen,
  watch,
} from './support.mjs';

const script = fileURLToPath(new URL('../../scripts/start.mjs', import.meta.url));
const children = new Set();
after(() => children.forEach((child) => child.kill('SIGKILL')));

/** Starts the program, without a build: that was done for the tests. Waits for the addresses. */
async function start({port, brokerPort}) {
  const child = spawn(process.execPath, [
    script,
    '--no-build',
    ...['--port', port],
    ...['--broker-port', brokerPort],
  ]);
  children.add(child);
  let output = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.on('data', (data) => (output += data));
  }
  const [, demo, broker] = await eventually(() => /Demo: +(\S+)\s+Broker: +(\S+)/.exec(output), {
    message: 'the address of the demo',
    more: () => output,
  });
  return {child, demo, broker, output: () => output};
}

/** A port nobody listens on. */
async function freePort() {
  const server = net.createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const {port} = server.address();
  server.close();
  await once(server, 'close');
  return String(port);
}

const isTaken = (url) =>
  new Promise((resolve) => {
    const socket = net.connect(new URL(url).port, '127.0.0.1');
    socket.on('connect', () => resolve(true)).on('error', () => resolve(false));
    socket.on('connect', () => socket.destroy());
  });

let running;
/** One for the tests of the pages. */
const demo = () =>
  (running ??= (async () => start({port: await freePort(), brokerPort: await freePort()}))());

const openTab = async (url) => open(await anyBrowser(), url, {prepare: watch});

test('The first page: a link, the code, and two tabs are in a call', async () => {
  const {demo: url, broker} = await demo();
  const mina = await openTab(url);
  const link = await mina.evaluate(() => document.querySelector('#link').value);
  assert.match(link, /\?room=[a-z0-9-]{16,}$/);
  const room = new URL(link).searchParams.get('room');
  const shown = await mina.evaluate(() => ({
    code: document.querySelector('#code').innerText,
    room: document.querySelector('rtc-call').getAttribute('room'),
    broker: document.querySelector('rtc-call').getAttribute('broker'),
    href: document.querySelector('#open').href,
  }));
  assert.equal(shown.room, room);
  assert.equal(shown.broker, broker, 'the demo uses the broker that was started');
  assert.equal(shown.href, link);
  assert.match(shown.code, /<script src="rtc-elements.js"><\/script>/);
  assert.ok(shown.code.includes(`<rtc-call room="${room}" broker="${broker}"></rtc-call>`));

  const jun = await openTab(link);
  for (const [page, name] of [
    [mina, 'Mina'],
    [jun, 'Jun'],
  ]) {
    await page.bringToFront();
    await (await page.waitForSelector('rtc-call >>> input')).type(name);
    await press(page, 'Join');
  }
  await Promise.all([untilMet(mina, ['Jun']), untilMet(jun, ['Mina'])]);
  for (const page of [mina, jun]) {
    await page.bringToFront();
    await untilSeen(page, 1);
  }
  const another = await openTab(url);
  const other = await another.evaluate(() => document.querySelector('#link').value);
  assert.notEqual(other, link, 'who comes without a link gets a room of their own');
});

for (const name of ['bare.html', 'jquery.html']) {
  test(`${name}: two tabs are in a call`, async () => {
    const {demo: url} = await demo();
    const enter = async () =>
      open(await anyBrowser(), url + name, {prepare: watch, isolated: true});
    const pages = [await enter(), await enter()];
    for (const page of pages) {
      await press(page, 'Join');
    }
    for (const page of pages) {
      await untilMet(page, ['']);
      await page.bringToFront();
      await untilSeen(page, 1);
    }
    if (name === 'jquery.html') {
      const log = await pages[0].evaluate(() => document.querySelector('#log').innerText);
      assert.match(log, /state: joining/);
      assert.match(log, /You are in\./);
      assert.match(log, /Somebody came\./);
      await pages[1].close();
      await until(pages[0], () =>
        document.querySelector('#log').innerText.includes('Somebody went (closed).'),
      );
    } else {
      assert.equal(await pages[0].evaluate(() => document.scripts.length), 1, 'nothing else');
    }
  });
}

test('loopback.html: Start, Call, Hang up, with no server', async () => {
  const {demo: url} = await demo();
  const page = await openTab(`${url}loopback.html`);
  await press(page, 'Start');
  const devices = await until(page, () => {
    const names = document.querySelector('rtc-loopback').shadowRoot.querySelectorAll('dd');
    return names[0]?.innerText !== 'none' && [...names].map(({innerText}) => innerText);
  });
  const labels = await page.evaluate(() => window.seen.tracks.map(({label}) => label));
  assert.deepEqual(devices.sort(), labels.sort());
  await press(page, 'Call');
  await until(
    page,
    () => {
      const tiles = document.querySelector('rtc-loopback').shadowRoot.querySelectorAll('rtc-video');
      const times = [...tiles].map(({shadowRoot}) => {
        const {videoWidth, currentTime, paused} = shadowRoot.querySelector('video');
        return videoWidth > 0 && !paused ? currentTime : 0;
      });
      window.firstTimes ??= times.every(Boolean) ? times : undefined;
      return window.firstTimes && times.every((time, i) => time > window.firstTimes[i] + 0.2);
    },
    {message: 'both pictures move'},
  );
  await press(page, 'Hang up');
  await untilReleased(page);
  await button(page, 'Start');
  assert.equal(await page.evaluate(() => window.seen.sockets.length), 0, 'no server was asked');
});

test('A taken port is told, and the next free one is used', async () => {
  const {demo: url, broker} = await demo();
  const second = await start({port: new URL(url).port, brokerPort: new URL(broker).port});
  assert.notEqual(second.demo, url);
  assert.notEqual(second.broker, broker);
  for (const taken of [url, broker]) {
    assert.match(second.output(), new RegExp(`Port ${new URL(taken).port} is taken`));
  }
  const html = await (await fetch(second.demo.replace('localhost', '127.0.0.1'))).text();
  assert.ok(html.includes(`:${new URL(second.broker).port}/`), 'with its own broker');
  second.child.kill('SIGINT');
  await once(second.child, 'exit');
});

test('Ctrl-C ends both, in mid-call too', async () => {
  const {demo: url, broker, child} = await demo();
  const page = await openTab(`${url}bare.html`);
  await press(page, 'Join');
  await untilEvent(page, {type: 'rtc-joined'});
  await page.close();
  assert.deepEqual(await Promise.all([url, broker].map(isTaken)), [true, true]);
  const exit = once(child, 'exit');
  child.kill('SIGINT');
  const [code] = await exit;
  assert.equal(code, 0);
  assert.deepEqual(await Promise.all([url, broker].map(isTaken)), [false, false]);
});
