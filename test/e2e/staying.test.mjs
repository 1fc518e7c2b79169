// Calls that stay up: pages are loaded again, left, killed and come back.
import assert from 'node:assert/strict';
import {describe, test} from 'node:test';
import {
  bare,
  browserNames,
  callTag,
  chromiumOnly,
  enter,
  errorsOf,
  launch,
  ownChromium,
  press,
  randomRoom,
  site,
  startBroker,
  until,
  untilEvent,
  untilMet,
  untilReleased,
  untilSeen,
} from './support.mjs';

/** What a page has seen of one other person, as far as it is a coming, a going or a return. */
const comings = (page) =>
  page.evaluate(() =>
    window.seen.events
      .filter(({type}) => type.startsWith('rtc-participant-'))
      .map(({type, name, reason}) => [type.slice(16), name, reason].filter(Boolean).join(' ')),
  );

const untilConnection = (page, wanted) =>
  until(
    page,
    (wanted) => {
      const [{connection, away}] = document.querySelector('rtc-call').participants;
      return (away ? 'away' : connection) === wanted;
    },
    {args: [wanted], message: `the other is ${wanted}`},
  );

/** The picture of the other person as it stands, whether it moves or not. */
const hasPicture = (page) =>
  page.evaluate(() => {
    const tile = document
      .querySelector('rtc-call')
      .shadowRoot.querySelector('rtc-stage')
      .shadowRoot.querySelector('rtc-video:not([participant=self])');
    const video = tile.shadowRoot.querySelector('video');
    return video.videoWidth > 0 && video.checkVisibility();
  });

for (const name of browserNames) {
  describe(`In ${name}, with resume`, () => {
    test('a call goes on over a reload, as the same person, with camera and microphone as they were', async () => {
      const browser = await launch(name);
      const room = randomRoom();
      const mina = await enter(browser, room, 'Mina');
      const jun = await enter(browser, room, 'Jun', {resume: true, autojoin: false});
      await press(jun, 'Join');
      await Promise.all([untilMet(mina, ['Jun']), untilMet(jun, ['Mina'])]);
      await press(jun, 'Microphone');
      await until(mina, () => document.querySelector('rtc-call').participants[0].micOff);
      const id = await mina.evaluate(() => document.querySelector('rtc-call').participants[0].id);
      // Seen while it lasts: a reload takes a moment only.
      await mina.evaluate(() =>
        document
          .querySelector('rtc-call')
          .addEventListener('rtc-participant-change', ({participant}) => {
            window.wasAway ||= participant.away;
          }),
      );
      await jun.reload();
      await Promise.all([untilMet(mina, ['Jun']), untilMet(jun, ['Mina'])]);
      const state = await jun.evaluate(() => {
        const {micOff, cameraOff} = document.querySelector('rtc-call');
        return {micOff, cameraOff};
      });
      assert.deepEqual(state, {micOff: true, cameraOff: false});
      assert.equal(await mina.evaluate(() => window.wasAway), true);
      const ids = await mina.evaluate(() =>
        document.querySelector('rtc-call').participants.map((person) => person.id),
      );
      assert.deepEqual(ids, [id]);
      assert.deepEqual(await comings(mina), ['joined Jun']);
      await mina.bringToFront();
      await untilSeen(mina, 1);
      await jun.bringToFront();
      await untilSeen(jun, 1);
      // Once hung up, a reload is no return.
      await press(jun, 'Leave');
      await until(mina, () => !document.querySelector('rtc-call').participants.length);
      await jun.reload();
      await until(jun, () => document.querySelector('rtc-call').state === 'idle');
      assert.deepEqual(await comings(mina), ['joined Jun', 'left Jun left']);
    });

    test('a call goes on on another page of the site, under the name given in the lobby', async () => {
      const browser = await launch(name);
      const {broker, serve} = await site();
      const room = randomRoom();
      const mina = await enter(browser, room, 'Mina');
      const jun = await enter(browser, room, '', {resume: true, autojoin: false});
      await jun.evaluate(() => {
        const field = document.querySelector('rtc-call').shadowRoot.querySelector('input');
        field.value = 'Jun';
        field.dispatchEvent(new Event('input', {bubbles: true}));
      });
      await press(jun, 'Join');
      await untilMet(mina, ['Jun']);
      const next = serve(
        bare(`<h1>Another page</h1>${callTag({room, broker: broker.url, resume: true})}`),
      );
      await jun.evaluate((url) => (location.href = url), next);
      await until(jun, () => document.querySelector('h1')?.textContent === 'Another page');
      await Promise.all([untilMet(mina, ['Jun']), untilMet(jun, ['Mina'])]);
      assert.deepEqual(await comings(mina), ['joined Jun']);
      // And back again: loaded anew, or shown as it was.
      await jun.goBack();
      await Promise.all([untilMet(mina, ['Jun']), untilMet(jun, ['Mina'])]);
      assert.deepEqual(await comings(mina), ['joined Jun']);
    });

    test('who goes to a page without the call is away with the last picture, and then gone', async () => {
      const browser = await launch(name);
      const room = randomRoom();
      const mina = await enter(browser, room, 'Mina', {'reconnect-timeout': 4});
      const jun = await enter(browser, room, 'Jun', {resume: true});
      await Promise.all([untilMet(mina, ['Jun']), untilMet(jun, ['Mina'])]);
      await mina.bringToFront();
      await untilSeen(mina, 1);
      await jun.goto('about:blank');
      await untilConnection(mina, 'away');
      assert.equal(await hasPicture(mina), true);
      await untilEvent(mina, {type: 'rtc-participant-left', name: 'Jun', reason: 'closed'});
    });
  });
}

test('Two tabs with one memory are two people', async () => {
  const browser = await launch(browserNames[0]);
  const room = randomRoom();
  const jun = await enter(browser, room, 'Jun', {resume: true});
  await until(jun, () => document.querySelector('rtc-call').state === 'joined');
  // A tab that a page opens starts with a copy of its storage.
  const opening = new Promise((resolve) => jun.once('popup', resolve));
  await jun.evaluate(() => window.open(location.href));
  const copy = await opening;
  await Promise.all([untilMet(jun, ['Jun']), untilMet(copy, ['Jun'])]);
  await copy.close();
});

test(
  'A crashed page is noticed, and who comes back takes their old place',
  chromiumOnly,
  async () => {
    const room = randomRoom();
    const mina = await enter(await launch('chromium'), room, 'Mina', {'max-participants': 2});
    const browser = await ownChromium((args) => args);
    const jun = await enter(browser, room, 'Jun', {'max-participants': 2}, {isolated: false});
    await Promise.all([untilMet(mina, ['Jun']), untilMet(jun, ['Mina'])]);
    const url = jun.url();
    const crashed = new Promise((resolve) => jun.once('error', resolve));
    jun.goto('chrome://crash').catch(() => undefined);
    await crashed;
    await untilConnection(mina, 'reconnecting');
    await jun.goto(url);
    await Promise.all([untilMet(mina, ['Jun']), untilMet(jun, ['Mina'])]);
    assert.deepEqual(await comings(mina), ['joined Jun']);
  },
);

test('A killed browser is noticed, and its person removed', chromiumOnly, async () => {
  const room = randomRoom();
  const mina = await enter(await launch('chromium'), room, 'Mina', {'reconnect-timeout': 5});
  const browser = await ownChromium((args) => args);
  const jun = await enter(browser, room, 'Jun');
  await Promise.all([untilMet(mina, ['Jun']), untilMet(jun, ['Mina'])]);
  await mina.bringToFront();
  await untilSeen(mina, 1);
  browser.process().kill('SIGKILL');
  await untilConnection(mina, 'reconnecting');
  assert.equal(await hasPicture(mina), true);
  await untilEvent(mina, {type: 'rtc-participant-left', name: 'Jun', reason: 'lost'});
  await press(mina, 'Leave');
  await untilReleased(mina);
});

test('A page that joins while the broker is away joins by itself when it is back', async () => {
  const browser = await launch(browserNames[0]);
  const room = randomRoom();
  const broker = await startBroker();
  const mina = await enter(browser, room, 'Mina', {broker: broker.url});
  await until(mina, () => document.querySelector('rtc-call').state === 'joined');
  await broker.stop();
  await until(mina, () => document.querySelector('rtc-call').state === 'reconnecting');
  const jun = await enter(browser, room, 'Jun', {broker: broker.url});
  await untilEvent(jun, {type: 'rtc-error', code: 'broker-unreachable'});
  await until(jun, () => document.querySelector('rtc-call').state === 'failed');
  await startBroker({port: broker.port});
  await Promise.all([untilMet(mina, ['Jun']), untilMet(jun, ['Mina'])]);
  for (const page of [mina, jun]) {
    // The browser itself complains of sockets that it could not open.
    errorsOf(page).length = 0;
  }
});
