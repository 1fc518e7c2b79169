// The script in pages as they are: old ones, careless ones and strict ones.
import assert from 'node:assert/strict';
import {readFile} from 'node:fs/promises';
import {describe, test} from 'node:test';
import {
  bare,
  browserNames,
  button,
  callTag,
  anyBrowser,
  enter,
  errorsOf,
  eventually,
  launch,
  open,
  randomRoom,
  site,
  until,
  untilEvent,
  untilMet,
  untilSeen,
  visit,
  watch,
} from './support.mjs';

const classic = '<script src="/dist/rtc-elements.js"></script>';
const module = '<script type="module" src="/dist/rtc-elements.esm.min.js"></script>';

/** Pages that have the call in their HTML; `mode`: what `document.compatMode` must be. */
const layouts = {
  'with the script included twice': {script: classic + classic},
  'with the module': {script: module},
  'with the script and the module': {script: classic + module},
  'with the module and the script': {script: module + classic},
  'in quirks mode': {doctype: false, mode: 'BackCompat'},
};

for (const name of browserNames) {
  describe(`In ${name}, two pages meet`, () => {
    for (const [what, {mode = 'CSS1Compat', ...layout}] of Object.entries(layouts)) {
      test(what, async () => {
        const {broker} = await site();
        const browser = await launch(name);
        const room = randomRoom();
        const tag = (name) => callTag({room, name, broker: broker.url, autojoin: true});
        const mina = await visit(browser, tag('Mina'), layout);
        const jun = await visit(browser, tag('Jun'), layout);
        await Promise.all([untilMet(mina, ['Jun']), untilMet(jun, ['Mina'])]);
        assert.equal(await mina.evaluate(() => document.compatMode), mode);
        await mina.bringToFront();
        await untilSeen(mina, 1);
        const box = await mina.evaluate(() => {
          const {width, height} = document.querySelector('rtc-call').getBoundingClientRect();
          return width > 300 && height > 150;
        });
        assert.ok(box, 'and the call has a size');
      });
    }

    for (const version of [1, 3, 4]) {
      test(`with jQuery ${version}`, async () => {
        const {broker} = await site();
        const browser = await launch(name);
        const room = randomRoom();
        const script = `<script src="/vendor/jquery${version}.js"></script>${classic}`;
        const jun = await enter(browser, room, 'Jun');
        const mina = await visit(browser, '<div id="a"></div><div id="b"></div>', {script});
        await mina.evaluate(
          (tag) => {
            const {$} = window;
            window.heard = [];
            $(document).on('rtc-joined', 'rtc-call', function () {
              window.heard.push(`joined ${this.getAttribute('name')}`);
            });
            $(document).on('rtc-participant-joined', 'rtc-call', (event) =>
              window.heard.push(`came ${event.originalEvent.participant.name}`),
            );
            $('#a').html(tag);
          },
          callTag({room, name: 'Mina', broker: broker.url, autojoin: true}),
        );
        await Promise.all([untilMet(mina, ['Jun']), untilMet(jun, ['Mina'])]);
        const heard = await until(mina, () => window.heard.length > 1 && window.heard.sort());
        assert.deepEqual(heard, ['came Jun', 'joined Mina']);
        await mina.evaluate(() => {
          const {$} = window;
          $('#b').append($('#a rtc-call'));
          $('rtc-call').attr('name', 'Mina 2').css('border', '1px solid');
        });
        await untilMet(jun, ['Mina 2']);
        await mina.bringToFront();
        await untilSeen(mina, 1, {selector: '#b rtc-call'});
        await mina.evaluate(() => window.$('#b').empty());
        await untilEvent(jun, {type: 'rtc-participant-left', name: 'Mina 2', reason: 'left'});
      });
    }

    test('under a strict Content-Security-Policy, without one violation', async () => {
      const {broker, serve} = await site();
      const browser = await launch(name);
      const room = randomRoom();
      const policy = [
        "default-src 'none'",
        "script-src 'self'",
        `connect-src ${broker.url.replace('http', 'ws')}`,
        'img-src data:',
        "base-uri 'none'",
        "form-action 'none'",
        "require-trusted-types-for 'script'",
        'trusted-types lit-html',
      ].join('; ');
      const pages = [];
      for (const name of ['Mina', 'Jun']) {
        const tag = callTag({room, name, broker: broker.url});
        const url = serve(bare(tag), {'content-security-policy': policy});
        const page = await open(browser, url, {
          isolated: true,
          prepare: async (page) => {
            await watch(page);
            await page.evaluateOnNewDocument(() => {
              window.violations = [];
              document.addEventListener('securitypolicyviolation', (event) =>
                window.violations.push(`${event.violatedDirective} ${event.blockedURI}`),
              );
            });
          },
        });
        pages.push(page);
      }
      const [mina, jun] = pages;
      // Through the lobby: its form is sent nowhere.
      for (const page of pages) {
        await page.bringToFront();
        const join = await page.waitForSelector('rtc-call >>> form [type=submit]');
        await join.click();
      }
      await Promise.all([untilMet(mina, ['Jun']), untilMet(jun, ['Mina'])]);
      for (const page of pages) {
        await page.bringToFront();
        await untilSeen(page, 1);
        assert.deepEqual(await page.evaluate(() => window.violations), []);
      }
      // The policy is really there.
      await mina.evaluate(() => {
        const image = document.createElement('img');
        image.src = '/icon.svg';
        document.body.append(image);
      });
      await until(mina, () => window.violations.length > 0, {message: 'a violation of our own'});
      errorsOf(mina).length = 0;
    });
  });
}

for (const name of browserNames) {
  describe(`In ${name}, the page`, () => {
    const quiet = {'mic-off': true, 'camera-off': true};
    test('speaks another language, and yet another, with a strict policy', async () => {
      const {broker, serve} = await site();
      const browser = await launch(name);
      const tag = callTag({room: randomRoom(), broker: broker.url, ...quiet});
      const url = serve(bare(tag, {lang: 'de-AT'}), {
        'content-security-policy': `default-src 'none'; script-src 'self'; img-src data:; connect-src ${broker.url.replace('http', 'ws')}`,
      });
      const page = await open(browser, url, {isolated: true});
      await button(page, 'Teilnehmen');
      await page.evaluate(() => (document.documentElement.lang = 'fr'));
      await button(page, 'Participer');
      await page.evaluate(() => (document.documentElement.lang = 'en'));
      await button(page, 'Join');
    });

    test('stays English where the file of its language is not served', async () => {
      const {broker, serve} = await site();
      const script = serve(await readFile('dist/rtc-elements.js'), {
        'content-type': 'text/javascript',
      });
      const browser = await launch(name);
      const refused = [];
      const page = await visit(
        browser,
        callTag({room: randomRoom(), broker: broker.url, ...quiet}),
        {
          lang: 'de',
          script: `<script src="${script}"></script>`,
          prepare: async (page) => {
            page.on('response', (response) => response.status() === 404 && refused.push(response));
            await page.evaluateOnNewDocument(() => {
              window.rejected = [];
              window.addEventListener('unhandledrejection', ({reason}) =>
                window.rejected.push(`${reason}`),
              );
            });
          },
        },
      );
      await eventually(() => refused.some((response) => response.url().endsWith('/locales/de.js')));
      await page.evaluate(() => document.body.append(document.createElement('rtc-loopback')));
      await button(page, 'Start');
      await button(page, 'Join');
      assert.equal(refused.length, 1, 'asked for once');
      assert.deepEqual(await page.evaluate(() => window.rejected), []);
      // The browser itself says that there is no such file.
      errorsOf(page).length = 0;
    });
  });
}

test('The page is loaded before the person has allowed the camera', async () => {
  const page = await enter(await anyBrowser(), randomRoom(), 'Mina', undefined, {
    prepare: (page) =>
      page.evaluateOnNewDocument(() => {
        navigator.mediaDevices.getUserMedia = () => new Promise(() => {});
      }),
  });
  // `enter` has waited for `load`.
  assert.equal(await page.evaluate(() => document.readyState), 'complete');
  await untilEvent(page, {type: 'rtc-joined'});
});
