// Draws every state of the interface into .test/shots/: node scripts/shots.mjs [--size name …] [state …]
// With --readme: the picture for the README, docs/screenshot.png.
import {mkdirSync} from 'node:fs';
import {fileURLToPath} from 'node:url';
import {parseArgs} from 'node:util';
import {launch} from 'puppeteer-core';
import {launchOptions} from './browsers.mjs';
import {startBroker} from './lib/brokers.mjs';
import {startWebServer} from './lib/web-server.mjs';

const {values, positionals} = parseArgs({
  options: {
    readme: {type: 'boolean', default: false},
    size: {type: 'string', multiple: true},
  },
  allowPositionals: true,
});
const folder = fileURLToPath(
  new URL(values.readme ? '../docs/' : '../.test/shots/', import.meta.url),
);
const sizes = {
  desktop: {width: 1280, height: 800},
  phone: {width: 390, height: 844, deviceScaleFactor: 2},
  box: {width: 300, height: 400},
  flat: {width: 800, height: 180},
  landscape: {width: 844, height: 390},
  projector: {width: 3840, height: 2160},
};
const names = ['Mina', 'Jonas Weber', '김서연', 'Amara', 'Luca Rossi', 'Sofia', 'Tom'];

/** Painted people in place of cameras, and a painted screen. Runs in the page. */
function paint() {
  const tones = ['#d9a07a', '#8a5a3c', '#f0c3a0', '#5d3a28', '#e2b08c', '#b97f5a', '#c99470'];
  const walls = ['#7f9fb8', '#b8a27f', '#88a98f', '#a98a9f', '#9298b0', '#b0928a', '#84a5a8'];
  const hairs = ['#3a2a20', '#201815', '#17181c', '#100c0a', '#6b4a2a', '#7a3f22', '#4a3c34'];
  const shirts = ['#34557e', '#7a3a44', '#2f6a58', '#c08a2c', '#4a4470', '#88506a', '#3c6f80'];
  const stream = (width, height, draw) => {
    const canvas = Object.assign(document.createElement('canvas'), {width, height});
    const context = canvas.getContext('2d');
    draw(context, 0);
    let tick = 0;
    setInterval(() => draw(context, ++tick), 200);
    const silence = new AudioContext().createMediaStreamDestination().stream;
    return new MediaStream([...canvas.captureStream(5).getTracks(), ...silence.getTracks()]);
  };
  window.paintPerson = (index) =>
    stream(960, 540, (c, tick) => {
      const pick = (list) => list[index % list.length];
      const disc = (colour, ...ellipse) => {
        c.fillStyle = colour;
        c.beginPath();
        c.ellipse(...ellipse, 0, 0, 7);
        c.fill();
      };
      const light = c.createLinearGradient(0, 0, 960, 540);
      light.addColorStop(0, '#ffffff');
      light.addColorStop(0.5, pick(walls));
      light.addColorStop(1, pick(walls));
      c.fillStyle = light;
      c.fillRect(0, 0, 960, 540);
      const x = 480 + ((index * 53) % 90) - 45 + Math.sin(tick / 5 + index) * 4;
      const hair = pick(hairs);
      disc(pick(shirts), x, 560, 205, 165);
      disc(hair, x, 215, 112, index % 2 ? 118 : 150);
      disc(pick(tones), x, 370, 46, 76);
      disc(pick(tones), x, 250, 88, 112);
      c.save();
      c.beginPath();
      c.rect(0, 0, 960, 205);
      c.clip();
      disc(hair, x + 8, 196, 98, 74);
      c.restore();
      disc('#2a2420', x - 34, 250, 9, tick % 19 ? 8 : 1);
      disc('#2a2420', x + 34, 250, 9, tick % 19 ? 8 : 1);
      c.strokeStyle = '#8c4038';
      c.lineWidth = 7;
      c.lineCap = 'round';
      c.beginPath();
      c.arc(x, 290, 32, 0.5, 2.64);
      c.stroke();
    });
  window.paintScreen = () =>
    stream(1600, 1000, (c, tick) => {
      c.fillStyle = '#f6f7f9';
      c.fillRect(0, 0, 1600, 1000);
      c.fillStyle = '#2259d6';
      c.fillRect(0, 0, 1600, 90);
      c.fillStyle = '#fff';
      c.font = '600 40px sans-serif';
      c.fillText('Quarterly plan', 40, 60);
      [420, 560, 380, 690, 610, 780].forEach((height, index) => {
        c.fillStyle = index === tick % 6 ? '#2259d6' : '#9fb8ee';
        c.fillRect(120 + index * 240, 940 - height, 150, height);
      });
    });
}

/** A page that holds the other people: sessions without any interface. */
async function crowd(browser, origin, broker, room, {others, screen = false, cast = []}) {
  const page = await browser.newPage();
  await page.goto(`${origin}/empty`, {waitUntil: 'domcontentloaded'});
  await page.evaluate(paint);
  await page.evaluate(
    async ({broker, room, people, screen, cast}) => {
      window.crew = [];
      navigator.mediaDevices.getDisplayMedia = () => Promise.resolve(window.paintScreen());
      for (const [index, name] of people.entries()) {
        const session = new window.RtcElements.CallSession();
        session.configure({
          broker,
          room,
          name,
          resume: people.length === 2,
          stream: window.paintPerson(index),
          cameraOff: index === 4 || (people.length === 3 && index === 2),
          micOff: index % 3 === 1,
          ...cast[index],
        });
        await session.join();
        window.crew.push(session);
        if (screen && index === 0) {
          await session.toggleScreen(true);
        }
      }
    },
    {broker, room, people: names.slice(0, others), screen, cast},
  );
  return page;
}

const joined = (count) =>
  `document.querySelector('rtc-call').participants.filter(p => p.connection === 'connected').length === ${count}`;
const hasBadge = `(async () => {
  while (document.querySelector('rtc-call').participants.every((p) => p.connection === 'connected')) {
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
})()`;
const inState = (state) => `document.querySelector('rtc-call').state === '${state}'`;

const poster = `data:image/svg+xml,${encodeURIComponent('<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 16 9"><linearGradient id="a" x2="1" y2="1"><stop stop-color="#6d28d9"/><stop offset="1" stop-color="#db2777"/></linearGradient><rect width="16" height="9" fill="url(#a)"/><circle cx="12.500" cy="3" r="2.200" fill="#fff" opacity=".15"/></svg>')}`;
const stage = '<rtc-call mode="broadcast" autojoin></rtc-call>';
const watch = `<rtc-call mode="watch" poster="${poster}" autojoin></rtc-call>`;
const viewers = Array.from({length: 4}, () => ({mode: 'watch'}));
/** As in a browser that cannot let a page choose a file. */
const record = `(async () => {
  window.showSaveFilePicker = () => Promise.reject(new DOMException('', 'SecurityError'));
  await document.querySelector('rtc-call').startRecording();
  await new Promise((resolve) => setTimeout(resolve, 1500));
})()`;
/** One of the audience comes up as soon as they are asked. */
const comeUp = (crew) =>
  crew.evaluate(() => {
    const {broadcast} = window.crew[1];
    window.crew[1].configure({micOff: false, cameraOff: false});
    window.crew[1].addEventListener('change', () => broadcast.answerInvitation(true));
  });
const opened = (panel) => `document.querySelector('rtc-call').session.openPanel('${panel}')`;

const layout = (name) => `document.querySelector('rtc-call').layout = '${name}'`;
/** Presses a button of the toolbar, or of its menu. */
const press = (control) => `(async () => {
  const {shadowRoot} = document.querySelector('rtc-call').shadowRoot.querySelector('rtc-controls');
  const find = () => shadowRoot.querySelector('.toolbar .${control}, [part~=${control}]');
  if (!find()) {
    shadowRoot.querySelector('.more').click();
    await new Promise((resolve) => setTimeout(resolve, 300));
  }
  find().click();
})()`;
const picture = `(async () => {
  const canvas = Object.assign(document.createElement('canvas'), {width: 640, height: 360});
  const context = canvas.getContext('2d');
  context.fillStyle = '#0f766e';
  context.fillRect(0, 0, 640, 360);
  const blob = await new Promise((resolve) => canvas.toBlob(resolve));
  return [new File([blob], 'Holiday.png', {type: 'image/png'}), new File(['x'.repeat(48000)], 'Minutes of the meeting.pdf')];
})()`;
/** Lines and files of two people. */
const talk = (crew) =>
  crew.evaluate(async (picture) => {
    const [mina, jonas] = window.crew;
    mina.chat.send('Morning! Shall we start with the budget?');
    mina.chat.send('The draft is at https://example.org/budget');
    await new Promise((resolve) => setTimeout(resolve, 300));
    jonas?.chat.send('One minute, my coffee is on its way.');
    mina.files.send(await eval(picture));
  }, picture);
const talkBack = `${opened('chat')}; document.querySelector('rtc-call').session.chat.send('Fine with me. I have a few questions about page three, but they can wait.'); new Promise((resolve) => setTimeout(resolve, 1500));`;
/** Each look of the demo page, with its picture of a call. */
const looks = Object.fromEntries(
  ['paper', 'neon', 'playful', 'broadcast'].flatMap((look) => [
    [`look-${look}-lobby`, {path: `looks.html?room=${look}`, then: choose(look)}],
    [
      `look-${look}`,
      {
        path: `looks.html?room=look-${look}`,
        others: 2,
        then: `${choose(look)}; (async () => {
          const call = document.querySelector('rtc-call');
          call.stream = paintPerson(6);
          await call.join();
          while (call.participants.filter(({connection}) => connection === 'connected').length < 2) {
            await new Promise((resolve) => setTimeout(resolve, 100));
          }
          await new Promise((resolve) => setTimeout(resolve, 1500));
        })()`,
        joined: 0,
      },
    ],
  ]),
);
function choose(look) {
  return `document.querySelector('#${look}').click(); document.querySelector('rtc-call').scrollIntoView({block: 'center'})`;
}

const states = {
  lobby: {html: '<rtc-call name="Mina"></rtc-call>'},
  'lobby-ko': {html: '<rtc-call lang="ko"></rtc-call>'},
  notice: {html: '<rtc-call name="Mina"></rtc-call>', noDevices: true},
  joining: {html: '<rtc-call autojoin></rtc-call>', broker: 'mute'},
  waiting: {html: '<rtc-call autojoin></rtc-call>', until: inState('joined')},
  pair: {html: '<rtc-call autojoin></rtc-call>', others: 1},
  three: {html: '<rtc-call autojoin></rtc-call>', others: 2},
  four: {html: '<rtc-call autojoin></rtc-call>', others: 3},
  eight: {html: '<rtc-call autojoin></rtc-call>', others: 7},
  screen: {html: '<rtc-call autojoin></rtc-call>', others: 3, screen: true},
  paged: {
    html: '<rtc-call autojoin></rtc-call>',
    others: 7,
    then: `${layout('grid')}; document.querySelector('rtc-call').style.width = '420px'`,
  },
  speaker: {html: '<rtc-call autojoin></rtc-call>', others: 4, then: layout('speaker')},
  pinned: {
    html: '<rtc-call autojoin></rtc-call>',
    others: 4,
    then: `(() => {
      const {session, participants} = document.querySelector('rtc-call');
      session.pin({id: participants[1].id, source: 'camera'});
    })()`,
  },
  chat: {html: '<rtc-call autojoin></rtc-call>', others: 2, lose: talk, then: talkBack},
  'chat-unread': {
    html: '<rtc-call autojoin></rtc-call>',
    others: 2,
    lose: talk,
    then: 'new Promise((resolve) => setTimeout(resolve, 1500))',
  },
  drop: {
    html: '<rtc-call autojoin></rtc-call>',
    others: 2,
    then: `(() => {
      const dataTransfer = new DataTransfer();
      dataTransfer.items.add(new File(['x'], 'plan.txt'));
      document.querySelector('rtc-call').dispatchEvent(new DragEvent('dragover', {dataTransfer, cancelable: true}));
    })()`,
  },
  'chat-empty': {html: '<rtc-call autojoin></rtc-call>', others: 2, then: opened('chat')},
  more: {
    html: '<rtc-call autojoin></rtc-call>',
    others: 2,
    then: `(() => {
      const {shadowRoot} = document.querySelector('rtc-call').shadowRoot.querySelector('rtc-controls');
      (shadowRoot.querySelector('.more') ?? shadowRoot.querySelector('.layout')).click();
    })()`,
  },
  reactions: {html: '<rtc-call autojoin></rtc-call>', others: 2, then: press('reactions')},
  captions: {
    html: '<rtc-call autojoin><p slot="captions-self" id="said">Shall we begin with what we decided last week?</p></rtc-call>',
    others: 2,
    then: `(() => {
      const {participants} = document.querySelector('rtc-call');
      document.querySelector('#said').slot = 'captions-' + participants[0].id;
    })()`,
  },
  quality: {
    html: '<rtc-call autojoin></rtc-call>',
    others: 3,
    then: `(async () => {
      const call = document.querySelector('rtc-call');
      const grades = [
        {grade: 'poor', side: 'there', trouble: 'loss'},
        {grade: 'fair', side: 'between'},
      ];
      const people = call.participants.map((one, index) => ({...one, quality: grades[index]}));
      Object.defineProperty(call.session, 'participants', {get: () => people});
      call.session.dispatchEvent(new Event('change'));
      await new Promise((resolve) => setTimeout(resolve, 500));
      call.shadowRoot.querySelector('rtc-stage').shadowRoot.querySelector('rtc-video').shadowRoot
        .querySelector('.quality').click();
    })()`,
  },
  alone: {
    html: '<rtc-call autojoin></rtc-call>',
    others: 1,
    lose: (crew) => crew.evaluate(() => window.crew[0].leave()),
  },
  // What a page puts into the slots: much, and plain text.
  'slots-lobby': {
    html: `<rtc-call><div slot="lobby"><h2>Consulting hour</h2><p>Dr. Weber will see you soon. Please have your papers at hand.</p><button>Enter</button></div><b slot="controls-start">Visit 42</b></rtc-call>`,
  },
  'slots-waiting': {
    html: '<rtc-call autojoin><div slot="waiting"><h2>Doors open at eight</h2><p>Meanwhile, the programme of tonight: a long list of pieces that nobody reads to the end, and then some more of them.</p></div><button slot="controls-end">Help</button></rtc-call>',
    until: inState('joined'),
  },
  'slots-ended': {
    html: '<rtc-call autojoin><div slot="ended"><h2>Thank you</h2><p>Tell us how it was.</p><textarea></textarea></div></rtc-call>',
    until: inState('joined'),
    then: 'document.querySelector("rtc-call").leave()',
  },
  'slots-call': {
    html: '<rtc-call autojoin><b slot="participant-self">Host</b><svg slot="icon-mic" viewBox="0 0 24 24"><circle cx="12" cy="12" r="10" fill="currentColor"/></svg><svg slot="icon-chat" viewBox="0 0 24 24"><rect width="24" height="24" fill="orange"/></svg></rtc-call>',
    others: 2,
  },
  ...looks,
  recorded: {html: '<rtc-call autojoin></rtc-call>', others: 3, then: record},
  'recorded-pair': {html: '<rtc-call autojoin></rtc-call>', others: 1, then: record},
  // The others' browser crashes, or goes to another page; then one who is alone loses the devices.
  reconnecting: {
    html: '<rtc-call autojoin></rtc-call>',
    others: 1,
    lose: (crew) => crew.goto('chrome://crash').catch(() => undefined),
    then: hasBadge,
  },
  away: {
    html: '<rtc-call autojoin></rtc-call>',
    others: 2,
    lose: (crew) => crew.goto('about:blank'),
    then: hasBadge,
  },
  'lobby-inside': {
    html: '<rtc-call></rtc-call>',
    others: 3,
    joined: 0,
    then: 'new Promise((resolve) => setTimeout(resolve, 2500))',
  },
  'lobby-refused': {html: '<rtc-call></rtc-call>', noDevices: true},
  'lobby-devices': {
    html: '<rtc-call></rtc-call>',
    then: "document.querySelector('rtc-call').session.openPanel('devices')",
  },
  devices: {
    html: '<rtc-call autojoin></rtc-call>',
    until: inState('joined'),
    then: opened('devices'),
  },
  'device-lost': {
    html: '<rtc-call autojoin></rtc-call>',
    until: inState('joined'),
    then: `(async () => {
      navigator.mediaDevices.enumerateDevices = () => Promise.resolve([]);
      navigator.mediaDevices.getUserMedia = () => Promise.reject(new DOMException('', 'NotFoundError'));
      for (const track of document.querySelector('rtc-call').self.stream.getTracks()) {
        track.stop();
        track.dispatchEvent(new Event('ended'));
      }
      await new Promise((resolve) => setTimeout(resolve, 1500));
    })()`,
  },
  failed: {
    html: '<rtc-call autojoin></rtc-call>',
    broker: 'http500',
    until: inState('failed'),
  },
  diagnosis: {
    html: '<rtc-call autojoin></rtc-call>',
    broker: 'http500',
    until: inState('failed'),
    then: `(async () => {
      const {shadowRoot} = document.querySelector('rtc-call');
      [...shadowRoot.querySelectorAll('.panel .word')].at(-1).click();
      while (!shadowRoot.querySelector('dialog li')) {
        await new Promise((resolve) => setTimeout(resolve, 100));
      }
    })()`,
  },
  left: {
    html: '<rtc-call autojoin></rtc-call>',
    until: inState('joined'),
    then: 'document.querySelector("rtc-call").leave()',
  },
  blocked: {html: '<rtc-call autojoin></rtc-call>', others: 1, blocked: true},
  'stage-lobby': {html: '<rtc-call mode="broadcast" name="Mina"></rtc-call>'},
  stage: {html: stage, cast: viewers},
  'stage-audience': {
    html: stage,
    cast: viewers,
    lose: (crew) => crew.evaluate(() => window.crew[2].broadcast.raiseHand()),
    then: opened('audience'),
  },
  'stage-guest': {
    html: stage,
    cast: viewers,
    lose: comeUp,
    then: `(async () => {
      const {broadcast, participants} = document.querySelector('rtc-call').session;
      broadcast.invite(participants[1].id);
      await new Promise((resolve) => setTimeout(resolve, 3000));
    })()`,
  },
  // Everything that can be said of a show at once, with a guest beside.
  'stage-busy': {
    html: stage,
    cast: viewers,
    lose: comeUp,
    then: `(async () => {
      const {session} = document.querySelector('rtc-call');
      const health = {bitrate: 1.2e6, frameRate: 14, droppedPercent: 12, limitedBy: 'uplink', fullBy: 'uplink'};
      Object.defineProperty(session.broadcast, 'health', {value: health});
      session.broadcast.invite(session.participants[1].id);
      await ${record};
      ${opened('audience')};
      await new Promise((resolve) => setTimeout(resolve, 2000));
    })()`,
  },
  'stage-cameras': {
    html: stage,
    until: inState('joined'),
    then: `(async () => {
      const devices = await navigator.mediaDevices.enumerateDevices();
      const other = {kind: 'videoinput', deviceId: 'other', label: 'Stage left'};
      navigator.mediaDevices.enumerateDevices = () => Promise.resolve([...devices, other]);
      navigator.mediaDevices.dispatchEvent(new Event('devicechange'));
      await new Promise((resolve) => setTimeout(resolve, 1000));
    })()`,
  },
  'stage-recording': {html: stage, cast: viewers, then: record},
  'stage-left': {
    html: '<rtc-call mode="broadcast" name="Mina"></rtc-call>',
    then: `(async () => {
      const {recording} = document.querySelector('rtc-call').session;
      const left = [{name: 'Concert', startedAt: new Date('2026-11-21T20:15'), bytes: 8.1e7}];
      Object.defineProperty(recording, 'left', {value: left});
      recording.dispatchEvent(new Event('change'));
    })()`,
  },
  'stage-pause': {
    html: stage,
    cast: viewers,
    then: "document.querySelector('rtc-call').session.broadcast.pause()",
  },
  'stage-end': {
    html: stage,
    cast: viewers,
    then: `(() => {
      const {shadowRoot} = document.querySelector('rtc-call');
      shadowRoot.querySelector('rtc-controls').shadowRoot.querySelector('.leave').click();
    })()`,
  },
  'watch-lobby': {html: `<rtc-call mode="watch" poster="${poster}"></rtc-call>`},
  'watch-waiting': {html: watch, until: inState('joined')},
  watch: {html: watch, cast: [{mode: 'broadcast', micOff: false}]},
  'watch-chat': {
    html: watch,
    cast: [{mode: 'broadcast'}, {mode: 'watch'}],
    joined: 1,
    lose: (crew) =>
      crew.evaluate(() => {
        window.crew[0].chat.send('Welcome! The concert begins in a minute.');
        window.crew[1].chat.send('Greetings from Busan 👋');
      }),
    then: `${opened('chat')}; document.querySelector('rtc-call').session.chat.send('And from Bremen');`,
  },
  'watch-invited': {
    html: watch,
    cast: [{mode: 'broadcast'}],
    lose: (crew) =>
      crew.evaluate(() => window.crew[0].broadcast.invite(window.crew[0].participants[0].id)),
  },
  'watch-guest': {
    html: watch,
    cast: [{mode: 'broadcast'}],
    lose: (crew) =>
      crew.evaluate(() => window.crew[0].broadcast.invite(window.crew[0].participants[0].id)),
    then: `(async () => {
      const call = document.querySelector('rtc-call');
      await new Promise((resolve) => setTimeout(resolve, 1000));
      call.session.broadcast.answerInvitation(true);
      await new Promise((resolve) => setTimeout(resolve, 2000));
    })()`,
  },
  'watch-ended': {
    html: watch,
    cast: [{mode: 'broadcast'}],
    lose: (crew) => crew.evaluate(() => window.crew[0].leave()),
  },
  'watch-full': {
    html: watch,
    cast: [{mode: 'broadcast', maxParticipants: 1}, {mode: 'watch'}],
    until: inState('failed'),
    joined: 0,
  },
  loopback: {
    html: '<rtc-loopback></rtc-loopback>',
    then: `(async () => {
      const buttons = document.querySelector('rtc-loopback').shadowRoot.querySelectorAll('button');
      buttons[0].click();
      await new Promise((resolve) => setTimeout(resolve, 1500));
      buttons[1].click();
      await new Promise((resolve) => setTimeout(resolve, 2500));
    })()`,
  },
  controls: {
    html: '<rtc-call id="call" autojoin><p>Own content</p></rtc-call><rtc-controls for="call"></rtc-controls>',
    until: inState('joined'),
  },
  looks: {path: 'looks.html?room=looks'},
  demo: {path: 'index.html?room=blue-lake-42'},
  jquery: {path: 'jquery.html'},
  bare: {path: 'bare.html'},
};

mkdirSync(folder, {recursive: true});
const pages = new Map([
  ['/empty', {body: '<!doctype html><script src="/dist/rtc-elements.js"></script>'}],
]);
const brokers = {};
const brokerOf = async (kind = 'peer') => (brokers[kind] ??= await startBroker({kind}));
const web = await startWebServer({brokerPort: (await brokerOf()).port, pages});
const origin = `http://localhost:${web.port}`;
const options = launchOptions('chromium');
const browser = await launch({
  ...options,
  args: [
    ...options.args,
    '--disable-background-timer-throttling',
    '--disable-renderer-backgrounding',
    '--disable-backgrounding-occluded-windows',
  ],
});

async function shoot(name) {
  const state = states[name];
  const {html, path, cast, until, lose, then, noDevices, blocked} = state;
  const others = cast?.length ?? state.others ?? 0;
  const broker = (await brokerOf(state.broker)).url;
  const context = await browser.createBrowserContext();
  const crew = others && (await crowd(context, origin, broker, name, {...state, others}));
  const page = await context.newPage();
  page.on('pageerror', (error) => console.error(`${name}: ${error.message}`));
  await page.setViewport(sizes.desktop);
  await page.evaluateOnNewDocument(paint);
  if (noDevices) {
    await page.evaluateOnNewDocument(() => {
      navigator.mediaDevices.getUserMedia = () =>
        Promise.reject(new DOMException('', 'NotAllowedError'));
    });
  }
  if (blocked) {
    await page.evaluateOnNewDocument(() => {
      const {play} = HTMLMediaElement.prototype;
      HTMLMediaElement.prototype.play = function () {
        this.autoplay = false;
        return this.muted
          ? play.call(this)
          : Promise.reject(new DOMException('', 'NotAllowedError'));
      };
    });
  }
  if (html) {
    const own = 'document.currentScript.previousElementSibling.stream = paintPerson(6);';
    pages.set(`/${name}`, {
      body: `<!doctype html><html lang="en"><meta charset="utf-8">
        <meta name="viewport" content="width=device-width">
        <title>${name}</title><style>
          body { margin: 0; color-scheme: light dark; }
          rtc-call:not(:has(> p:not([slot]))) { height: 100vh; }
          rtc-call::part(call) { border-radius: 0; }
          rtc-controls { padding: 1rem; }
        </style>
        ${html.replaceAll('<rtc-call', `<rtc-call room="${name}" broker="${broker}"`)}${others ? `<script>${own}</script>` : ''}
        <script src="/dist/rtc-elements.js"></script>`,
    });
  }
  await page.goto(`${origin}/${path ?? name}`, {waitUntil: 'domcontentloaded'});
  if (others) {
    await page.waitForFunction(joined(state.joined ?? others), {timeout: 20000});
  }
  if (until) {
    await page.waitForFunction(until, {timeout: 20000});
  }
  await new Promise((resolve) => setTimeout(resolve, 1500));
  await lose?.(crew);
  await page.bringToFront();
  if (then) {
    await page.evaluate(then);
  }
  if (values.readme) {
    await page.setViewport({width: 1120, height: 640, deviceScaleFactor: 1.5});
    await new Promise((resolve) => setTimeout(resolve, 800));
    await page.screenshot({path: `${folder}screenshot.png`});
  } else {
    for (const [size, viewport] of Object.entries(sizes)) {
      if (values.size && !values.size.includes(size)) {
        continue;
      }
      await page.setViewport(viewport);
      for (const scheme of ['light', 'dark']) {
        await page.emulateMediaFeatures([{name: 'prefers-color-scheme', value: scheme}]);
        await new Promise((resolve) => setTimeout(resolve, 400));
        await page.screenshot({path: `${folder}${name}-${size}-${scheme}.png`});
      }
    }
  }
  await context.close();
}

const wanted = values.readme ? ['four'] : positionals.length ? positionals : Object.keys(states);
for (const name of wanted) {
  try {
    await shoot(name);
    console.log(`${name} ✓`);
  } catch (error) {
    console.error(`${name}: ${error.message}`);
    process.exitCode = 1;
  }
}
await browser.close();
await web.stop();
await Promise.all(Object.values(brokers).map((broker) => broker.stop()));
