// What may happen at the broker: it dies, it is not there, or strangers use it.
import assert from 'node:assert/strict';
import {once} from 'node:events';
import {test} from 'node:test';
import {WebSocket} from 'ws';
import {
  anyBrowser,
  enter,
  errorsOf,
  eventually,
  press,
  randomRoom,
  site,
  slotsOf,
  startBroker,
  takenSlots,
  until,
  untilEvent,
  untilMet,
  untilSeen,
} from './support.mjs';

/** The browser itself complains of sockets that fail; anything else counts. */
function forgiveSockets(...pages) {
  for (const errors of pages.map(errorsOf)) {
    const others = errors.filter(
      (text) =>
        !/WebSocket connection to|can’t establish a connection|was interrupted while/.test(text),
    );
    errors.splice(0, errors.length, ...others);
  }
}

test('A call goes on when the broker dies, and lets others in when it is back', async () => {
  const browser = await anyBrowser();
  const broker = await startBroker();
  const room = randomRoom();
  const at = {broker: broker.url};
  const mina = await enter(browser, room, 'Mina', at);
  const jun = await enter(browser, room, 'Jun', at);
  await Promise.all([untilMet(mina, ['Jun']), untilMet(jun, ['Mina'])]);
  await broker.stop();
  for (const page of [mina, jun]) {
    await untilEvent(page, {type: 'rtc-error', code: 'broker-unreachable'});
  }
  await mina.evaluate(() => document.querySelector('rtc-call').send({still: 'here'}));
  const {data} = await untilEvent(jun, {type: 'rtc-message', name: 'Mina'});
  assert.deepEqual(data, {still: 'here'});
  await jun.bringToFront();
  await untilSeen(jun, 1);
  assert.equal(await jun.evaluate(() => document.querySelector('rtc-call').state), 'joined');

  const back = await startBroker({port: broker.port});
  await eventually(async () => (await takenSlots(back, room)).length === 2, {
    message: 'both are at the broker again',
    timeoutMs: 40_000,
  });
  const sora = await enter(browser, room, 'Sora', at);
  await untilMet(sora, ['Mina', 'Jun']);
  await untilMet(mina, ['Jun', 'Sora']);
  await untilMet(jun, ['Mina', 'Sora']);
  const left = await mina.evaluate(() =>
    window.seen.events.filter(({type}) => type === 'rtc-participant-left'),
  );
  assert.deepEqual(left, []);
  forgiveSockets(mina, jun);
});

test('Without a broker the call says so, and "Try again" works once it is there', async () => {
  const browser = await anyBrowser();
  const broker = await startBroker();
  await broker.stop();
  const room = randomRoom();
  const mina = await enter(browser, room, 'Mina', {broker: broker.url});
  await untilEvent(mina, {type: 'rtc-error', code: 'broker-unreachable'});
  const text = await until(mina, () => {
    const call = document.querySelector('rtc-call');
    return call.state === 'failed' && call.shadowRoot.querySelector('[part=panel]')?.innerText;
  });
  assert.match(text, /The connection service cannot be reached/);
  const open = await mina.evaluate(() => window.seen.tracks.map(({readyState}) => readyState));
  assert.ok(!open.includes('live'), 'the camera is closed');
  await startBroker({port: broker.port});
  await press(mina, 'Try again');
  const jun = await enter(browser, room, 'Jun', {broker: broker.url});
  await Promise.all([untilMet(mina, ['Jun']), untilMet(jun, ['Mina'])]);
  forgiveSockets(mina);
});

for (const kind of ['garbage', 'http500']) {
  test(`A broker that answers ${kind} is a clear failure`, async () => {
    const broker = await startBroker({kind});
    const mina = await enter(await anyBrowser(), randomRoom(), 'Mina', {broker: broker.url});
    const {code} = await untilEvent(mina, {type: 'rtc-error'});
    assert.match(code, /^broker-/);
    await until(mina, () => document.querySelector('rtc-call').state === 'failed');
    forgiveSockets(mina);
  });
}

/** Somebody who speaks to the broker by hand. */
async function stranger(broker) {
  const id = `stranger-${Math.random().toString(36).slice(2)}`;
  const {host} = new URL(broker.url);
  const socket = new WebSocket(`ws://${host}/peerjs?key=peerjs&id=${id}&token=t&version=1.5.5`);
  const received = [];
  socket.on('message', (text) => received.push(JSON.parse(String(text))));
  socket.on('error', () => {});
  await once(socket, 'open');
  return {
    received,
    say: (type, dst, payload) => socket.send(JSON.stringify({type, dst, payload})),
    close: () => socket.close(),
  };
}

const sdp = {type: 'offer', sdp: 'v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\nt=0 0\r\n'};

test('A stranger at the broker gets nothing, and keeps nobody from meeting', async () => {
  const browser = await anyBrowser();
  const {broker} = await site();
  const room = randomRoom();
  const slots = slotsOf(room);
  const mina = await enter(browser, room, 'Mina');
  await untilEvent(mina, {type: 'rtc-joined'});
  const [address] = await takenSlots(broker, room);
  // The one that waits for the next to come.
  const connections = () => mina.evaluate(() => window.seen.connections.length);
  const before = await connections();

  const mallory = await stranger(broker);
  const serializations = ['binary', 'json', 'raw', 'constructor', '__proto__', 'msgpack', null, {}];
  for (let i = 0; i < 500; i++) {
    const connectionId = `dc_${i}`;
    mallory.say('OFFER', address, {
      type: i % 2 ? 'data' : 'media',
      connectionId,
      label: connectionId,
      reliable: true,
      serialization: serializations[i % serializations.length],
      metadata: {i},
      sdp,
    });
  }
  for (let i = 0; i < 3000; i++) {
    mallory.say('CANDIDATE', address, {
      connectionId: `unknown_${i}`,
      type: 'data',
      candidate: {candidate: 'candidate:1 1 udp 1 192.0.2.9 9 typ host', sdpMid: '0'},
    });
  }
  for (const payload of [
    null,
    7,
    'text',
    [],
    {type: 'rtc-elements'},
    {type: 'rtc-elements', mail: null},
  ]) {
    for (const type of ['OFFER', 'ANSWER', 'CANDIDATE', 'LEAVE', 'EXPIRE']) {
      mallory.say(type, address, payload);
    }
  }
  // In our own words, from an address that is none of the room's.
  const hello = {t: 'hello', v: 1, id: 'a'.repeat(16), attempt: 'b'.repeat(16)};
  for (const slot of slots) {
    mallory.say('OFFER', slot, {type: 'rtc-elements', mail: hello});
  }

  const jun = await enter(browser, room, 'Jun');
  await Promise.all([untilMet(mina, ['Jun']), untilMet(jun, ['Mina'])]);
  await mina.bringToFront();
  await untilSeen(mina, 1);
  assert.ok((await connections()) <= before + 1, 'no connection was made for the stranger');
  const {log} = await broker.info();
  assert.ok(
    log.some(({dst, payload}) => dst === address && payload?.connectionId === 'unknown_2999'),
    'all of it has come to the broker',
  );
  const answers = mallory.received.filter(({type}) => type !== 'OPEN' && type !== 'EXPIRE');
  assert.deepEqual(answers, [], 'nothing comes back');
  const errors = await mina.evaluate(() => window.seen.events.filter(({code}) => code));
  assert.deepEqual(errors, [], 'and nobody is bothered');
  mallory.close();
});
