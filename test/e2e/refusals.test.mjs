// What a browser may refuse: camera and microphone, playing, or everything.
import assert from 'node:assert/strict';
import {test} from 'node:test';
import {
  bare,
  callTag,
  chromium,
  chromiumOnly,
  enter,
  eventually,
  open,
  ownChromium,
  press,
  randomRoom,
  site,
  until,
  untilEvent,
  untilMet,
  untilSeen,
  watch,
} from './support.mjs';

/** A browser whose person allows nothing, and that plays no sound before a click. */
let strict;
const strictChromium = () =>
  (strict ??= ownChromium((args) => [
    ...args.filter((arg) => !/^--(use-fake-ui|autoplay-policy)/.test(arg)),
    '--autoplay-policy=document-user-activation-required',
    '--host-resolver-rules=MAP rtc.example 127.0.0.1',
  ]));

/** As `until`, but what Puppeteer runs in a page counts as a click there, and this does not. */
async function untilUntouched(page, fn, message) {
  const client = await page.createCDPSession();
  const expression = `(${fn})()`;
  const value = await eventually(
    async () =>
      (await client.send('Runtime.evaluate', {expression, returnByValue: true})).result.value,
    {message},
  );
  await client.detach();
  return value;
}

/** Waits for the button on a tile, and returns where it is. */
const playButton = (page) =>
  untilUntouched(
    page,
    () => {
      const {shadowRoot} = document.querySelector('rtc-call').shadowRoot.querySelector('rtc-stage');
      const tile = shadowRoot.querySelector('rtc-video:not([participant=self])');
      const button = tile?.shadowRoot.querySelector('[part=play]');
      if (!button || !button.innerText.includes('Tap to play')) {
        return undefined;
      }
      const {x, y, width, height} = button.getBoundingClientRect();
      return {x: x + width / 2, y: y + height / 2};
    },
    'Tap to play',
  );

test(
  'Who refuses camera and microphone is told what to do, and sees and hears the others',
  chromiumOnly,
  async () => {
    const room = randomRoom();
    const jun = await enter(await chromium(), room, 'Jun');
    const mina = await enter(await strictChromium(), room, 'Mina');
    await untilEvent(mina, {type: 'rtc-error', code: 'permission-denied'});
    await Promise.all([untilMet(mina, ['Jun']), untilMet(jun, ['Mina'])]);
    await mina.bringToFront();
    await untilSeen(mina, 1);
    const notice = await until(
      mina,
      () => document.querySelector('rtc-call').shadowRoot.querySelector('[part=notice]')?.innerText,
    );
    assert.match(notice, /Allow them for this page in the address bar/);
    const shown = await jun.evaluate(() => {
      const [{micOff, cameraOff}] = document.querySelector('rtc-call').participants;
      return {micOff, cameraOff};
    });
    assert.deepEqual(shown, {micOff: true, cameraOff: true});
  },
);

for (const [how, act] of [
  ['on the button', (page, {x, y}) => page.mouse.click(x, y)],
  ['of a key', (page) => page.keyboard.press('Tab')],
]) {
  test(
    `Where the browser plays no sound before a click, a press ${how} will do`,
    chromiumOnly,
    async () => {
      const room = randomRoom();
      const jun = await enter(await chromium(), room, 'Jun');
      // Who sends is exempt from the block, so this one only watches.
      const off = {'mic-off': true, 'camera-off': true};
      const mina = await enter(await strictChromium(), room, 'Mina', off);
      await untilMet(jun, ['Mina']);
      const place = await playButton(mina);
      await act(mina, place);
      await untilUntouched(
        mina,
        () => {
          const {shadowRoot} = document
            .querySelector('rtc-call')
            .shadowRoot.querySelector('rtc-stage');
          const tile = shadowRoot.querySelector('rtc-video:not([participant=self])').shadowRoot;
          const {paused, muted} = tile.querySelector('video');
          return !paused && !muted && !tile.querySelector('[part=play]');
        },
        'plays, and the button is gone',
      );
      await untilSeen(mina, 1);
      const errors = await mina.evaluate(() => window.seen.events.filter(({code}) => code));
      assert.deepEqual(errors, [], 'who wants no camera is not asked for one');
    },
  );
}

test('A page without https:// says so', chromiumOnly, async () => {
  const {serve, broker} = await site();
  const tag = callTag({room: randomRoom(), broker: broker.url, autojoin: true});
  const url = serve(bare(tag)).replace('127.0.0.1', 'rtc.example');
  const page = await open(await strictChromium(), url, {isolated: true, prepare: watch});
  assert.equal(await page.evaluate(() => isSecureContext), false);
  await untilEvent(page, {type: 'rtc-error', code: 'insecure-context'});
  const text = await until(page, () => {
    const call = document.querySelector('rtc-call');
    return call.state === 'failed' && call.shadowRoot.querySelector('[part=panel]')?.innerText;
  });
  assert.match(text, /Open this page with https:\/\//);
  await press(page, 'Try again');
  await until(page, () => document.querySelector('rtc-call').state === 'failed');
});
