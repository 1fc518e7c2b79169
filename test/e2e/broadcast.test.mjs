// Broadcasts between pages: a stage, and viewers who come before, during and after.
import assert from 'node:assert/strict';
import {describe, test} from 'node:test';
import {
  browserNames,
  chromium,
  chromiumOnly,
  enter,
  launch,
  ownChromium,
  randomRoom,
  until,
  untilEvent,
  untilReleased,
} from './support.mjs';

const stageOf = (browser, room, attributes, options) =>
  enter(browser, room, 'Stage', {mode: 'broadcast', ...attributes}, options);
const viewerOf = (browser, room, name, attributes) =>
  enter(browser, room, name, {mode: 'watch', ...attributes});

/** Waits until a page has the picture of the stage, moving, and is not muted by the stage. */
const untilWatching = (page, options) =>
  until(
    page,
    () => {
      const {session} = document.querySelector('rtc-call');
      const stage = session.participants.find(({role}) => role === 'stage');
      if (stage?.connection !== 'connected') {
        throw new Error(`${session.state.phase} ${stage?.connection}`);
      }
      // One element for the stream that is there now: it must not have to start again.
      if (window.watched?.srcObject !== stage.stream) {
        window.watched = document.createElement('video');
        window.watched.muted = true;
        window.watched.autoplay = true;
        window.watched.srcObject = stage.stream;
      }
      const {videoWidth, currentTime} = window.watched;
      const {from = currentTime} = window;
      window.from = from;
      return videoWidth > 0 && currentTime > from && delete window.from;
    },
    {message: 'sees the stage', ...options},
  );

const phaseOf = (page, wanted) =>
  until(page, (wanted) => document.querySelector('rtc-call').state === wanted, {args: [wanted]});

/** Whether no device was ever asked for. */
const asksNothing = async (page) =>
  assert.equal(await page.evaluate(() => window.seen.tracks.length), 0, 'devices of a viewer');

for (const name of browserNames) {
  describe(`A broadcast watched in ${name}`, () => {
    test('is found by who waits for it and by who comes later, without a question', async () => {
      const room = randomRoom();
      const browser = await launch(name);
      const early = await viewerOf(browser, room, 'Early');
      await phaseOf(early, 'joined');
      const stage = await stageOf(await chromium(), room);
      await untilWatching(early);
      const late = await viewerOf(browser, room, 'Late');
      await untilWatching(late);
      await until(stage, () => document.querySelector('rtc-call').session.broadcast.viewers === 2);
      await Promise.all([asksNothing(early), asksNothing(late)]);
      await stage.evaluate(() => document.querySelector('rtc-call').session.leave());
      await until(early, () => document.querySelector('rtc-call').session.broadcast.hasEnded);
      await untilReleased(stage);
    });

    test('goes on when the page of the stage is loaded again', async () => {
      const room = randomRoom();
      const stage = await stageOf(await chromium(), room, {resume: true});
      const viewer = await viewerOf(await launch(name), room, 'Viewer');
      await untilWatching(viewer);
      const before = await viewer.evaluate(() => {
        const {session} = document.querySelector('rtc-call');
        window.stream = session.participants[0].stream;
        return session.broadcast.startedAt;
      });
      await stage.reload();
      await phaseOf(stage, 'joined');
      await until(
        stage,
        () => document.querySelector('rtc-call').session.participants.length === 1,
      );
      await untilWatching(viewer);
      const [isSame, now] = await viewer.evaluate(() => {
        const {session} = document.querySelector('rtc-call');
        return [session.participants[0].stream === window.stream, session.broadcast.startedAt];
      });
      assert.equal(isSame, true, 'the same stream');
      assert.ok(Math.abs(now - before) < 2_500, 'the same show');
      const events = await viewer.evaluate(() => window.seen.events.map(({type}) => type));
      assert.deepEqual(
        events.filter((type) => type.startsWith('rtc-participant-')),
        ['rtc-participant-joined'],
      );
      await asksNothing(viewer);
    });
  });
}

test(
  'A killed browser of the stage is noticed, and the next stage is found',
  chromiumOnly,
  async () => {
    const room = randomRoom();
    const browser = await ownChromium((args) => args);
    const stage = await stageOf(browser, room);
    const viewer = await viewerOf(await chromium(), room, 'Viewer', {'reconnect-timeout': 5});
    await untilWatching(viewer);
    await phaseOf(stage, 'joined');
    browser.process().kill('SIGKILL');
    await untilEvent(viewer, {type: 'rtc-participant-left', name: 'Stage', reason: 'lost'});
    assert.equal(await viewer.evaluate(() => document.querySelector('rtc-call').state), 'joined');
    await stageOf(await chromium(), room);
    await untilWatching(viewer);
  },
);

test('A second stage is told, and a viewer too many as well; nobody else notices', async () => {
  const room = randomRoom();
  const browser = await launch(browserNames[0]);
  await stageOf(browser, room, {'max-participants': 1});
  const viewer = await viewerOf(browser, room, 'Viewer');
  await untilWatching(viewer);
  const second = await stageOf(browser, room);
  await untilEvent(second, {type: 'rtc-error', code: 'address-taken'});
  await untilReleased(second);
  const other = await viewerOf(browser, room, 'Other');
  await untilEvent(other, {type: 'rtc-error', code: 'room-full'});
  await untilReleased(other);
  await viewer.bringToFront();
  await untilWatching(viewer);
  await asksNothing(viewer);
});
