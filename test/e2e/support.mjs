// What the end-to-end tests share: browsers, a site with a broker, pages and waiting.
// Whatever is started here ends by itself after the tests of the file.
import assert from 'node:assert/strict';
import {createHash, randomUUID} from 'node:crypto';
import {after, afterEach} from 'node:test';
import {setTimeout as sleep} from 'node:timers/promises';
import puppeteer from 'puppeteer-core';
import {launchOptions, wantedBrowsers} from '../../scripts/browsers.mjs';
import * as brokers from '../../scripts/lib/brokers.mjs';
import {startWebServer} from '../../scripts/lib/web-server.mjs';

/** The browsers of this run: all, or those named in `BROWSERS`. */
export const browserNames = wantedBrowsers();

const endings = [];
after(async () => {
  await Promise.allSettled(endings.map((end) => end()));
});

const pages = new Set();

// What a test opened, it need not close. Nothing may have gone wrong there that nobody took care of.
afterEach(async () => {
  const opened = [...pages];
  pages.clear();
  const wrong = opened.flatMap(errorsOf);
  await Promise.allSettled(
    opened.map(async (page) => {
      const context = page.browserContext();
      await (context === page.browser().defaultBrowserContext() ? page : context).close();
    }),
  );
  assert.deepEqual(wrong, [], 'errors in the pages');
});

const launched = new Map();

/** A browser with fake devices; one for each name and test file. */
export function launch(name) {
  if (!launched.has(name)) {
    const browser = puppeteer.launch(launchOptions(name));
    launched.set(name, browser);
    endings.push(async () => (await browser).close());
  }
  return launched.get(name);
}
export const chromium = () => launch('chromium');
export const firefox = () => launch('firefox');
/** Where it does not matter which: Chromium, if this run has it. */
export const anyBrowser = () => launch(browserNames.includes('chromium') ? 'chromium' : 'firefox');
/** For tests of what only Chromium can be made to do. */
export const chromiumOnly = {skip: !browserNames.includes('chromium') && 'needs Chromium'};

/** A browser of its own, with other options. */
export async function ownBrowser(name, options) {
  const browser = await puppeteer.launch({...launchOptions(name), ...options});
  endings.push(() => browser.close());
  return browser;
}

/** A Chromium of its own, with other switches: `change(args)`. */
export const ownChromium = (change) =>
  ownBrowser('chromium', {args: change(launchOptions('chromium').args)});

/** A broker that ends with the tests; options as in scripts/lib/brokers.mjs. */
export async function startBroker(options) {
  const broker = await brokers.startBroker({allow_discovery: true, ...options});
  endings.push(() => broker.stop());
  return broker;
}

let theSite;

/** The web server and the broker of this test file: `{url, broker, serve}`. */
export function site() {
  theSite ??= startSite();
  return theSite;
}

async function startSite() {
  const broker = await startBroker();
  const served = new Map();
  const web = await startWebServer({brokerPort: broker.port, pages: served});
  endings.push(() => web.stop());
  const url = `http://127.0.0.1:${web.port}`;
  return {
    url,
    broker,
    /** Makes `html` a page of the site, sent with `headers`, and returns its URL. */
    serve(html, headers = {}) {
      const path = `/test/${served.size}.html`;
      served.set(path, {body: html, headers});
      return url + path;
    },
  };
}

/** A page as our users write it: the classic script, and `body`. Without `doctype`: quirks mode. */
export const bare = (
  body,
  {
    doctype = true,
    lang = 'en',
    head = '',
    script = '<script src="/dist/rtc-elements.js"></script>',
  } = {},
) => `${doctype ? '<!doctype html>' : ''}
<html lang="${lang}">
<head><meta charset="utf-8"><title>Test</title><link rel="icon" href="data:,">${head}${script}</head>
<body>${body}</body>
</html>`;

const errors = new WeakMap();

/**
 * Uncaught errors, unhandled rejections and console errors of a page so far. There must be none
 * when the test ends; who expects some takes them out.
 */
export const errorsOf = (page) => errors.get(page);

/**
 * Opens a page and waits until it is loaded. `isolated` gives it its own storage, as another
 * person's browser would have; `prepare(page)` runs before anything is loaded.
 */
export async function open(browser, url, {isolated = false, viewport, prepare} = {}) {
  const context = isolated ? await browser.createBrowserContext() : browser.defaultBrowserContext();
  const page = await context.newPage();
  pages.add(page);
  const seen = [];
  errors.set(page, seen);
  page.on('pageerror', (error) => seen.push(`uncaught: ${error?.message ?? error}`));
  page.on('console', (message) => {
    // A page without an icon is asked for one all the same.
    const isIcon = message.location()?.url?.endsWith('/favicon.ico');
    if (message.type() === 'error' && !isIcon) {
      seen.push(`console: ${message.text()}`);
    }
  });
  if (viewport) {
    await page.setViewport(viewport);
  }
  await prepare?.(page);
  await page.goto(url, {timeout: 60_000});
  return page;
}

/** Asks again and again until `ask()` gives something truthy, and returns that. */
export async function eventually(ask, {timeoutMs = 20_000, message = String(ask), more} = {}) {
  const end = Date.now() + timeoutMs;
  let last;
  for (;;) {
    try {
      last = await ask();
      if (last) {
        return last;
      }
    } catch (error) {
      last = error;
    }
    if (Date.now() > end) {
      const shown = last instanceof Error ? last.message : JSON.stringify(last);
      throw new Error(`Not within ${timeoutMs} ms: ${message}\n  last: ${shown}${more?.() ?? ''}`);
    }
    await sleep(50);
  }
}

/** Waits until `fn`, run in the page, gives something truthy, and returns that. */
export function until(page, fn, {args = [], timeoutMs, message = String(fn)} = {}) {
  return eventually(() => page.evaluate(fn, ...args), {
    timeoutMs,
    message,
    more: () => `\n  page errors: ${JSON.stringify(errorsOf(page) ?? [])}`,
  });
}

/** A room nobody else is in. */
export const randomRoom = () => `room-${randomUUID()}`;

/** The addresses of a room's slots, as the wire protocol says. */
export const slotsOf = (room) =>
  Array.from({length: 16}, (_, slot) =>
    createHash('sha256')
      .update(JSON.stringify(['rtc-elements/1/slot', room.normalize(), slot]))
      .digest('hex')
      .slice(0, 32),
  );

/** Those of a room's addresses that somebody has at the broker. */
export async function takenSlots(broker, room) {
  const response = await fetch(`${broker.url}${broker.key}/peers`);
  const ids = await response.json();
  return slotsOf(room).filter((slot) => ids.includes(slot));
}

/** The HTML of a call; an attribute that is `true` has no value. */
export function callTag(attributes) {
  const words = Object.entries(attributes)
    .filter(([, value]) => value !== undefined && value !== false)
    .map(([name, value]) => (value === true ? name : `${name}="${value}"`));
  return `<rtc-call ${words.join(' ')}></rtc-call>`;
}

/**
 * Keeps, from before the page runs anything: `seen.events` of all calls, `seen.tracks` of what was
 * captured, and `seen.connections`.
 */
export const watch = (page) =>
  page.evaluateOnNewDocument(() => {
    const seen = (window.seen = {events: [], tracks: [], connections: [], sockets: []});
    for (const type of [
      'rtc-state-change',
      'rtc-joined',
      'rtc-left',
      'rtc-participant-joined',
      'rtc-participant-left',
      'rtc-message',
      'rtc-error',
    ]) {
      window.addEventListener(type, ({participant, from, reason, state, data, error}) => {
        const name = (participant ?? from)?.name;
        seen.events.push({type, name, reason, state, data, code: error?.code});
      });
    }
    // Insecure pages have none.
    const {mediaDevices} = navigator;
    for (const name of mediaDevices ? ['getUserMedia', 'getDisplayMedia'] : []) {
      const open = mediaDevices[name]?.bind(mediaDevices);
      mediaDevices[name] &&= async (constraints) => {
        const stream = await open(constraints);
        seen.tracks.push(...stream.getTracks());
        return stream;
      };
    }
    window.RTCPeerConnection = class extends RTCPeerConnection {
      constructor(...options) {
        super(...options);
        seen.connections.push(this);
      }
    };
    window.WebSocket = class extends WebSocket {
      constructor(...options) {
        super(...options);
        seen.sockets.push(this);
      }
    };
  });

/** A person of their own opens a page with `body` in a browser; see `watch`. */
export async function visit(browser, body, {isolated = true, prepare, ...layout} = {}) {
  const {serve} = await site();
  return open(browser, serve(bare(body, layout)), {
    isolated,
    prepare: async (page) => {
      await watch(page);
      await prepare?.(page);
    },
  });
}

/** Visits a page with one call, which joins by itself. */
export async function enter(browser, room, name, attributes = {}, options) {
  const {broker} = await site();
  const tag = callTag({room, name, broker: broker.url, autojoin: true, ...attributes});
  return visit(browser, tag, options);
}

/** Waits until the call consists of these people, besides oneself, all connected. */
export const untilMet = (page, names, {selector = 'rtc-call', ...options} = {}) =>
  until(
    page,
    (selector, names) => {
      const {participants, state, error} = document.querySelector(selector);
      const there = participants.map(({name, connection}) => `${name} ${connection}`).sort();
      if (state === 'joined' && String(there) === String(names)) {
        return true;
      }
      throw new Error(`${state} ${error?.code ?? ''} [${there}]`);
    },
    {
      args: [selector, names.map((name) => `${name} connected`).sort()],
      message: `meets [${names}]`,
      ...options,
    },
  );

/** Waits until an event came that has all of `wanted`, and returns it. */
export const untilEvent = (page, wanted, options) =>
  until(
    page,
    (wanted) =>
      window.seen.events.find((event) =>
        Object.entries(wanted).every(([key, value]) => event[key] === value),
      ),
    {args: [wanted], message: `event ${JSON.stringify(wanted)}`, ...options},
  );

/** Waits until every one of `count` pictures of others moves, and is to be heard and not blocked. */
export const untilSeen = (page, count, {selector = 'rtc-call', ...options} = {}) =>
  until(
    page,
    (selector, count) => {
      const stage = document.querySelector(selector).shadowRoot.querySelector('rtc-stage');
      const tiles = stage?.shadowRoot.querySelectorAll('rtc-video:not([participant=self])') ?? [];
      const canvas = Object.assign(document.createElement('canvas'), {width: 64, height: 48});
      const brush = canvas.getContext('2d', {willReadFrequently: true});
      const moving = [...tiles].map((tile) => {
        const video = tile.shadowRoot.querySelector('video');
        if (video.paused || video.muted || !video.videoWidth) {
          return `${tile.participant}: paused ${video.paused}, muted ${video.muted}, ${video.videoWidth} px`;
        }
        brush.drawImage(video, 0, 0, 64, 48);
        const pixels = brush.getImageData(0, 0, 64, 48).data;
        tile.pictures ??= new Set();
        tile.pictures.add(pixels.join());
        return tile.pictures.size >= 3;
      });
      if (moving.length === count && moving.every((yes) => yes === true)) {
        return true;
      }
      throw new Error(`${moving.length} tiles, moving: ${moving}`);
    },
    {args: [selector, count], message: `sees ${count} moving pictures`, ...options},
  );

/** Waits until sound comes in from `count` others. */
export const untilHeard = (page, count, {selector = 'rtc-call', ...options} = {}) =>
  until(
    page,
    async (selector, count) => {
      const reports = await document.querySelector(selector).session.getStats();
      const bytes = [...reports.values()].map((report) =>
        [...report.values()]
          .filter(({type, kind}) => type === 'inbound-rtp' && kind === 'audio')
          .reduce((sum, {bytesReceived}) => sum + bytesReceived, 0),
      );
      return bytes.length === count && bytes.every((received) => received > 1000);
    },
    {args: [selector, count], message: `hears ${count} others`, ...options},
  );

/** Waits until nothing is left of the calls of a page: no device open, no connection. */
export const untilReleased = (page) =>
  until(
    page,
    () =>
      window.seen.tracks.every(({readyState}) => readyState === 'ended') &&
      window.seen.connections.every(({connectionState}) => connectionState === 'closed') &&
      window.seen.sockets.every(({readyState}) => readyState >= WebSocket.CLOSING),
    {message: 'devices, connections and sockets are closed'},
  );

/** The button that is called `name`, wherever in the shadow roots; waits until it is there. */
export async function button(page, name) {
  let element;
  await eventually(
    async () => {
      const handle = await page.evaluateHandle((name) => {
        const buttons = (root) =>
          [...root.querySelectorAll('*')].flatMap((element) => [
            ...(element.localName === 'button' ? [element] : []),
            ...(element.shadowRoot ? buttons(element.shadowRoot) : []),
          ]);
        return buttons(document).find(
          (button) =>
            (button.getAttribute('aria-label') ?? button.innerText.trim()) === name &&
            !button.disabled &&
            button.checkVisibility(),
        );
      }, name);
      return (element = handle.asElement());
    },
    {message: `button ${name}`},
  );
  return element;
}

/** Clicks the button that is called `name`. */
export async function press(page, name) {
  await page.bringToFront();
  await (await button(page, name)).click();
}
