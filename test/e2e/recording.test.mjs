// Recordings of a show over the end of a page: loaded again, killed, or in two tabs at once.
import assert from 'node:assert/strict';
import {mkdtemp, rm} from 'node:fs/promises';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {after, describe, test} from 'node:test';
import {launchOptions} from '../../scripts/browsers.mjs';
import {
  browserNames,
  button,
  enter,
  launch,
  ownBrowser,
  press,
  randomRoom,
  until,
  untilEvent,
} from './support.mjs';

/** Keeps in `saved` what would be downloaded; a file can be chosen in the first page only, with `picks`. */
const prepare =
  ({picks = false} = {}) =>
  (page) =>
    page.evaluateOnNewDocument((picks) => {
      window.saved = [];
      HTMLAnchorElement.prototype.click = function () {
        window.saved.push({name: this.download, url: this.href});
      };
      if (picks && !sessionStorage.getItem('picked')) {
        window.showSaveFilePicker = async () => {
          sessionStorage.setItem('picked', 'yes');
          const root = await navigator.storage.getDirectory();
          return root.getFileHandle('chosen', {create: true});
        };
      } else {
        delete window.showSaveFilePicker;
      }
    }, picks);

const stageOf = (browser, room, attributes, options) =>
  enter(
    browser,
    room,
    'Stage',
    {mode: 'broadcast', ...attributes},
    {prepare: prepare(), ...options},
  );

/** Until there is something of it on disk. */
const untilRecording = (page) =>
  until(page, () => document.querySelector('rtc-call').session.recording.bytes > 50_000, {
    message: 'records',
    timeoutMs: 60_000,
  });

async function record(page) {
  await until(page, () => document.querySelector('rtc-call').state === 'joined');
  await page.evaluate(() => document.querySelector('rtc-call').startRecording());
  await untilRecording(page);
}

/** The names of what was saved, all of which can be played to its end. */
async function playSaved(page, count) {
  await until(page, (count) => window.saved.length >= count, {args: [count], message: 'saved'});
  return page.evaluate(() =>
    Promise.all(
      window.saved.map(async ({name, url}) => {
        const video = Object.assign(document.createElement('video'), {muted: true, src: url});
        document.body.append(video);
        await video.play();
        video.playbackRate = 4;
        await new Promise((resolve, reject) => {
          video.addEventListener('ended', resolve);
          video.addEventListener('error', () =>
            reject(new Error(`${name}: ${video.error.message}`)),
          );
        });
        video.remove();
        return {name, seconds: video.duration};
      }),
    ),
  );
}

for (const name of browserNames) {
  describe(`A recording in ${name}`, () => {
    for (const picks of name === 'chromium' ? [false, true] : [false]) {
      const where = picks ? 'a file that was chosen' : 'the store';
      test(`goes on when the stage is loaded again, and both parts are saved (${where})`, async () => {
        const room = randomRoom();
        const options = {prepare: prepare({picks})};
        const stage = await stageOf(await launch(name), room, {resume: true}, options);
        await record(stage);
        await stage.reload();
        await untilRecording(stage);
        await stage.evaluate(() => document.querySelector('rtc-call').stopRecording());
        const parts = await playSaved(stage, 2);
        assert.match(parts[0].name, /^room-[-\w]+ [-\d]{10} \d\d\.\d\d\.webm$/);
        assert.match(parts[1].name, /^room-[-\w]+ [-\d]{10} \d\d\.\d\d part 2\.webm$/);
        assert.ok(Math.min(...parts.map(({seconds}) => seconds)) > 1, JSON.stringify(parts));
        assert.equal(parts.length, 2);
      });
    }

    test('is offered in the show at once when it cannot go on', async () => {
      const room = randomRoom();
      const stage = await stageOf(
        await launch(name),
        room,
        {resume: true},
        {
          prepare: async (page) => {
            await prepare()(page);
            await page.evaluateOnNewDocument(() => {
              if (sessionStorage.getItem('again')) {
                window.MediaRecorder.prototype.start = () => {
                  throw new DOMException('no', 'NotSupportedError');
                };
              }
              sessionStorage.setItem('again', 'yes');
            });
          },
        },
      );
      await record(stage);
      await stage.reload();
      await button(stage, 'Discard');
      const [state, code] = await stage.evaluate(() => {
        const {state, session} = document.querySelector('rtc-call');
        return [state, session.notice?.code];
      });
      assert.equal(state, 'joined');
      assert.equal(code, 'recording-failed');
      await press(stage, 'Save');
      assert.equal((await playSaved(stage, 1)).length, 1);
    });

    test('stops and says so when the disk is full, and what there is can be saved', async () => {
      const {extraPrefsFirefox} = launchOptions(name);
      const browser = await ownBrowser(name, {
        // In kB.
        extraPrefsFirefox: {
          ...extraPrefsFirefox,
          'dom.quotaManager.temporaryStorage.fixedLimit': 700,
        },
      });
      const options = {prepare: prepare(), isolated: false};
      const stage = await stageOf(browser, randomRoom(), {}, options);
      await record(stage);
      if (name === 'chromium') {
        const devtools = await stage.createCDPSession();
        const {origin} = new URL(stage.url());
        const {usage} = await devtools.send('Storage.getUsageAndQuota', {origin});
        const quotaSize = usage + 350_000;
        await devtools.send('Storage.overrideQuotaForOrigin', {origin, quotaSize});
      }
      await untilEvent(stage, {type: 'rtc-error', code: 'recording-failed'}, {timeoutMs: 60_000});
      await button(stage, 'Discard');
      const text = await stage.evaluate(
        () => document.querySelector('rtc-call').session.notice.message,
      );
      assert.match(text, /could not be written/);
      await press(stage, 'Save');
      const [{seconds}] = await playSaved(stage, 1);
      assert.ok(seconds > 2, `${seconds} s`);
    });

    test('is not offered to another tab while it runs', async () => {
      const browser = await launch(name);
      const first = await stageOf(browser, randomRoom(), {}, {prepare: prepare(), isolated: false});
      await record(first);
      const second = await stageOf(
        browser,
        randomRoom(),
        {},
        {prepare: prepare(), isolated: false},
      );
      await record(second);
      for (const page of [first, second]) {
        const left = await page.evaluate(async () => {
          const {recording} = document.querySelector('rtc-call').session;
          await recording.findLeft();
          return recording.left.length;
        });
        assert.equal(left, 0);
      }
      for (const page of [first, second]) {
        await page.bringToFront();
        await page.evaluate(() => document.querySelector('rtc-call').stopRecording());
        assert.equal((await playSaved(page, 1)).length, 1);
      }
    });

    test('that a killed browser cut off is offered at the next visit, and plays up to the cut', async () => {
      const profile = await mkdtemp(join(tmpdir(), 'rtc-profile-'));
      after(() => rm(profile, {recursive: true, force: true, maxRetries: 5}));
      const room = randomRoom();
      const killed = await ownBrowser(name, {userDataDir: profile});
      await record(await stageOf(killed, room, {}, {prepare: prepare(), isolated: false}));
      const exited = new Promise((resolve) => killed.process().once('exit', resolve));
      killed.process().kill('SIGKILL');
      await exited;
      const next = await ownBrowser(name, {userDataDir: profile});
      const options = {prepare: prepare(), isolated: false};
      const stage = await stageOf(next, room, {autojoin: false}, options);
      await button(stage, 'Save');
      const text = await stage.evaluate(
        () => document.querySelector('rtc-call').shadowRoot.querySelector('.notice p').textContent,
      );
      assert.match(text, /^A recording of .+ was cut off \([\d.]+ MB\)\.$/);
      await press(stage, 'Save');
      const [{seconds}] = await playSaved(stage, 1);
      assert.ok(seconds > 1, `${seconds} s`);
    });
  });
}
