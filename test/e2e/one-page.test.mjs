// What one page can do with calls, and one person with the keyboard.
import assert from 'node:assert/strict';
import {test} from 'node:test';
import {
  callTag,
  chromiumOnly,
  anyBrowser,
  enter,
  press,
  randomRoom,
  site,
  until,
  untilEvent,
  untilMet,
  untilReleased,
  untilSeen,
  visit,
} from './support.mjs';

/** Waits until what the others see of somebody is as wanted. */
const untilShown = (page, name, wanted) =>
  until(
    page,
    (name, wanted) => {
      const person = document
        .querySelector('rtc-call')
        .participants.find((other) => other.name === name);
      return Object.entries(wanted).every(([key, value]) => !!person[key] === value);
    },
    {args: [name, wanted], message: `${name} is ${JSON.stringify(wanted)}`},
  );

/** The states of the tracks that came from the devices, by kind. */
const tracksOf = (page, kind) =>
  page.evaluate(
    (kind) => window.seen.tracks.filter((t) => t.kind === kind).map((t) => t.readyState),
    kind,
  );

test('Two calls in one page do not know of each other', async () => {
  const browser = await anyBrowser();
  const {broker} = await site();
  const rooms = [randomRoom(), randomRoom()];
  const tag = (id, room) =>
    callTag({id, room, name: 'Mina', broker: broker.url, autojoin: true, style: 'height: 300px'});
  const mina = await visit(browser, tag('one', rooms[0]) + tag('two', rooms[1]));
  const jun = await enter(browser, rooms[0], 'Jun');
  const sora = await enter(browser, rooms[1], 'Sora');
  await untilMet(mina, ['Jun'], {selector: '#one'});
  await untilMet(mina, ['Sora'], {selector: '#two'});
  await untilMet(jun, ['Mina']);
  await untilMet(sora, ['Mina']);
  await mina.bringToFront();
  await untilSeen(mina, 1, {selector: '#one'});
  await untilSeen(mina, 1, {selector: '#two'});
  await mina.evaluate(() => document.querySelector('#one').remove());
  await untilEvent(jun, {type: 'rtc-participant-left', name: 'Mina', reason: 'left'});
  await mina.evaluate(() => document.querySelector('#two').send('to Sora'));
  await untilEvent(sora, {type: 'rtc-message', name: 'Mina', data: 'to Sora'});
  await untilMet(mina, ['Sora'], {selector: '#two'});
  const received = await jun.evaluate(() =>
    window.seen.events.filter(({type}) => type === 'rtc-message'),
  );
  assert.deepEqual(received, []);
});

test('Tiles and buttons outside belong to the call that `for` names, even before it is there', async () => {
  const browser = await anyBrowser();
  const {broker} = await site();
  const room = randomRoom();
  const mina = await visit(
    browser,
    `<rtc-video id="me" for="lesson" participant="self" style="width: 200px"></rtc-video>
    <rtc-video id="other" for="lesson" style="width: 200px"></rtc-video>
    <rtc-controls for="lesson" controls="mic leave"></rtc-controls>
    ${callTag({id: 'lesson', room, name: 'Mina', broker: broker.url, autojoin: true, controls: ''})}`,
  );
  const jun = await enter(browser, room, 'Jun');
  await untilMet(mina, ['Jun']);
  await mina.bringToFront();
  await mina.evaluate(() => {
    const [jun] = document.querySelector('rtc-call').participants;
    document.querySelector('#other').setAttribute('participant', jun.id);
  });
  for (const id of ['me', 'other']) {
    await until(
      mina,
      (id) => {
        const video = document.getElementById(id).shadowRoot.querySelector('video');
        const [start] = [(window[`start-${id}`] ??= video.currentTime)];
        return video.videoWidth > 0 && video.currentTime > start + 0.2;
      },
      {args: [id], message: `#${id} plays`},
    );
  }
  const label = await mina.evaluate(
    () => document.querySelector('#other').shadowRoot.querySelector('[part=label]').innerText,
  );
  assert.match(label, /Jun/);
  await press(mina, 'Microphone');
  await untilShown(jun, 'Mina', {micOff: true});
  await press(mina, 'Leave');
  await untilEvent(jun, {type: 'rtc-participant-left', name: 'Mina', reason: 'left'});
  await untilReleased(mina);
});

test('A page with elements of its own inside the call shows those only', async () => {
  const browser = await anyBrowser();
  const {broker} = await site();
  const room = randomRoom();
  const open = callTag({room, name: 'Mina', broker: broker.url, autojoin: true});
  const mina = await visit(
    browser,
    open.replace(
      '></',
      '><rtc-video participant="self"></rtc-video><rtc-controls></rtc-controls></',
    ),
  );
  const jun = await enter(browser, room, 'Jun');
  await untilMet(mina, ['Jun']);
  const built = await mina.evaluate(
    () => document.querySelector('rtc-call').shadowRoot.querySelectorAll('[part=call]').length,
  );
  assert.equal(built, 0);
  await press(mina, 'Leave');
  await untilEvent(jun, {type: 'rtc-participant-left', name: 'Mina', reason: 'left'});
});

test('By keyboard alone: name, join, switch, leave', async () => {
  const browser = await anyBrowser();
  const {broker} = await site();
  const room = randomRoom();
  const jun = await enter(browser, room, 'Jun');
  const mina = await visit(browser, callTag({room, broker: broker.url}));
  await mina.bringToFront();
  await until(
    mina,
    () => {
      const tile = document
        .querySelector('rtc-call')
        .shadowRoot.querySelector('rtc-stage')
        ?.shadowRoot.querySelector('rtc-video');
      return tile?.shadowRoot.querySelector('video').videoWidth > 0;
    },
    {message: 'preview'},
  );
  assert.equal(await mina.evaluate(() => document.querySelector('rtc-call').state), 'idle');

  const focused = () =>
    mina.evaluate(() => {
      let element = document.activeElement;
      while (element?.shadowRoot?.activeElement) {
        element = element.shadowRoot.activeElement;
      }
      return element?.getAttribute('aria-label') ?? element?.localName ?? '';
    });
  /** Tab until there, as somebody without a mouse does. */
  const tabTo = async (wanted) => {
    for (let i = 0; i < 20 && (await focused()) !== wanted; i++) {
      await mina.keyboard.press('Tab');
    }
    assert.equal(await focused(), wanted);
  };
  await tabTo('input');
  await mina.keyboard.type('Mina 😀');
  await mina.keyboard.press('Enter');
  await untilMet(jun, ['Mina 😀']);
  await untilMet(mina, ['Jun']);

  await tabTo('Microphone');
  await mina.keyboard.press(' ');
  await untilShown(jun, 'Mina 😀', {micOff: true, cameraOff: false});
  await mina.keyboard.press('ArrowRight');
  assert.equal(await focused(), 'Camera');
  await mina.keyboard.press('Enter');
  await untilShown(jun, 'Mina 😀', {micOff: true, cameraOff: true});
  await mina.keyboard.press('m');
  await untilShown(jun, 'Mina 😀', {micOff: false, cameraOff: true});
  await mina.keyboard.press('v');
  await untilShown(jun, 'Mina 😀', {micOff: false, cameraOff: false});
  await mina.keyboard.press('l');
  await untilEvent(jun, {type: 'rtc-participant-left', name: 'Mina 😀', reason: 'left'});
  await untilReleased(mina);
  // The focus has not got lost: Enter joins again.
  await until(mina, () => document.activeElement === document.querySelector('rtc-call'));
  await mina.keyboard.press('Enter');
  await untilMet(mina, ['Jun']);
});

test('The camera goes out when it is off, the others see it, and it comes back', async () => {
  const browser = await anyBrowser();
  const room = randomRoom();
  const mina = await enter(browser, room, 'Mina');
  const jun = await enter(browser, room, 'Jun');
  await Promise.all([untilMet(mina, ['Jun']), untilMet(jun, ['Mina'])]);
  await jun.bringToFront();
  await untilSeen(jun, 1);
  await press(mina, 'Camera');
  await untilShown(jun, 'Mina', {cameraOff: true});
  assert.deepEqual(await tracksOf(mina, 'video'), ['ended']);
  assert.deepEqual(await tracksOf(mina, 'audio'), ['live']);
  await until(jun, () => {
    const tile = document
      .querySelector('rtc-call')
      .shadowRoot.querySelector('rtc-stage')
      .shadowRoot.querySelector('rtc-video:not([participant=self])');
    delete tile.pictures;
    return !!tile.shadowRoot.querySelector('[part=avatar]');
  });
  await press(mina, 'Camera');
  await untilShown(jun, 'Mina', {cameraOff: false});
  assert.deepEqual(await tracksOf(mina, 'video'), ['ended', 'live']);
  await jun.bringToFront();
  await untilSeen(jun, 1);
  const connections = await jun.evaluate(() =>
    window.seen.connections
      .filter(({connectionState}) => connectionState === 'connected')
      .map(({signalingState}) => signalingState),
  );
  assert.deepEqual(connections, ['stable'], 'still the same one connection');
});

test(
  'A shared screen is a second picture, and stops as the browser or the button says',
  chromiumOnly,
  async () => {
    const browser = await anyBrowser();
    const room = randomRoom();
    const mina = await enter(browser, room, 'Mina');
    const jun = await enter(browser, room, 'Jun');
    await Promise.all([untilMet(mina, ['Jun']), untilMet(jun, ['Mina'])]);
    for (const stop of [
      () => press(mina, 'Share screen'),
      () =>
        mina.evaluate(() => {
          // What "Stop sharing" of the browser does: stop() alone fires nothing.
          const track = document.querySelector('rtc-call').self.screen.getVideoTracks()[0];
          track.stop();
          track.dispatchEvent(new Event('ended'));
        }),
    ]) {
      await press(mina, 'Share screen');
      await untilShown(jun, 'Mina', {screen: true, cameraOff: false});
      await jun.bringToFront();
      await until(
        jun,
        () => {
          const tiles = document
            .querySelector('rtc-call')
            .shadowRoot.querySelector('rtc-stage')
            .shadowRoot.querySelectorAll('rtc-video:not([participant=self])');
          const videos = [...tiles].map((tile) => tile.shadowRoot.querySelector('video'));
          return (
            [...tiles].filter(({source}) => source === 'screen').length === 1 &&
            videos.length === 2 &&
            videos.every(({videoWidth, paused}) => videoWidth > 0 && !paused)
          );
        },
        {message: 'camera and screen side by side'},
      );
      await mina.bringToFront();
      await stop();
      await untilShown(jun, 'Mina', {screen: false, cameraOff: false});
      await jun.bringToFront();
      await untilSeen(jun, 1);
    }
    const open = await mina.evaluate(() =>
      window.seen.tracks.filter(({readyState}) => readyState === 'live').map(({kind}) => kind),
    );
    assert.deepEqual(open.sort(), ['audio', 'video'], 'only microphone and camera are open');
  },
);
