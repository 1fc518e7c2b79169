import {expect} from '@open-wc/testing';
import type {RtcCall} from '../../../src/elements/rtc-call.js';
import type {RtcControls} from '../../../src/elements/rtc-controls.js';
import {randomRoom, until} from '../support.js';
import {add, addWatcher, find, removeAll} from './support.js';

/** What everybody sees, as opposed to what only frames or spaces it. */
const pieces = 'button, input, select, textarea, video, img, svg, progress';
const unseen = '.announcer, style, option, meter, [hidden]';

/** The pieces without a name, and the names that do not get out to the page. */
function unnamed(host: Element): string[] {
  const inner = [...(host.shadowRoot?.querySelectorAll('*') ?? [])];
  return inner.flatMap((element) => {
    const hasText = [...element.childNodes].some(
      (node) => node.nodeType === Node.TEXT_NODE && node.textContent?.trim(),
    );
    const isPiece = (hasText || element.matches(pieces)) && !element.closest(unseen);
    const isLost = isPiece && !element.closest('[part]');
    const exported = (element.getAttribute('exportparts') ?? '')
      .split(',')
      .map((name) => name.split(':')[0]!.trim());
    const kept = [...(element.shadowRoot?.querySelectorAll('[part]') ?? [])]
      .flatMap(({part}) => [...part])
      .filter((part) => !exported.includes(part));
    return [
      ...(isLost ? [`${host.localName}: ${element.outerHTML.slice(0, 80)}`] : []),
      ...kept.map((part) => `${element.localName}::part(${part})`),
      ...unnamed(element),
    ];
  });
}

/** Of two colours as the browser draws them. https://www.w3.org/TR/WCAG22/#dfn-contrast-ratio */
function contrast(...colours: [string, string]): number {
  const [one, other] = colours.map((colour) => {
    const context = new OffscreenCanvas(1, 1).getContext('2d')!;
    context.fillStyle = colour;
    context.fillRect(0, 0, 1, 1);
    const [r, g, b] = [...context.getImageData(0, 0, 1, 1).data].map((value) =>
      value / 255 <= 0.04045 ? value / 255 / 12.92 : ((value / 255 + 0.055) / 1.055) ** 2.4,
    );
    return 0.2126 * r! + 0.7152 * g! + 0.0722 * b! + 0.05;
  }) as [number, number];
  return Math.max(one, other) / Math.min(one, other);
}

/** What a token is in a call, as a colour. */
function colourOf(call: RtcCall, token: string): string {
  const probe = document.createElement('i');
  find(call, '.call').append(probe);
  probe.style.setProperty('background-color', `var(--rtc-theme-${token})`);
  const {backgroundColor} = getComputedStyle(probe);
  probe.remove();
  return backgroundColor;
}

function iconFor(slot: string): SVGElement {
  const icon = document.createElementNS('http://www.w3.org/2000/svg', 'svg');
  icon.setAttribute('slot', slot);
  return icon;
}

describe('the theme', () => {
  afterEach(removeAll);

  it('can be read and seen with any accent, in light and in dark', async () => {
    const call = await addWatcher({room: randomRoom()});
    for (const scheme of ['light', 'dark']) {
      for (const accent of [
        '#2259d6',
        'yellow',
        'black',
        'white',
        'lime',
        'hotpink',
        'navy',
        '#777',
      ]) {
        call.style.setProperty('--rtc-scheme', scheme);
        call.style.setProperty('--rtc-accent', accent);
        call.style.setProperty('--rtc-danger', accent);
        const pairs = [
          ['accent', 'accent-text', 4.5],
          ['danger', 'danger-text', 4.5],
          ['background', 'text', 7],
          ['surface', 'text', 7],
          ['background', 'focus', 3],
          ['surface', 'focus', 3],
          ['background', 'mark', 3],
        ] as const;
        for (const [one, other, least] of pairs) {
          const ratio = contrast(colourOf(call, one), colourOf(call, other));
          expect(ratio, `${scheme} ${accent}: ${other} on ${one}`).to.be.at.least(least);
        }
        expect(colourOf(call, 'surface')).to.not.equal(colourOf(call, 'background'));
      }
    }
  });

  it('is drawn to the scale that the page sets', async () => {
    const call = await addWatcher({room: randomRoom()});
    const height = () => find(call, '.mic').getBoundingClientRect().height;
    const before = height();
    call.style.setProperty('--rtc-scale', '2');
    expect(height()).to.equal(2 * before);
    call.style.setProperty('--rtc-scale', '0.5');
    expect(height(), 'what a finger needs').to.equal(44);
  });

  it('has a part for every piece, and gives it to the page', async () => {
    const call = await addWatcher({room: randomRoom(), name: 'Ada'});
    expect(unnamed(call)).to.deep.equal([]);
    await call.join();
    await until(() => call.state === 'joined', 'the call');
    for (const panel of ['chat', 'devices'] as const) {
      call.session.openPanel(panel);
      await call.updateComplete;
      await find<RtcControls>(call, 'rtc-controls').updateComplete;
      expect(unnamed(call)).to.deep.equal([]);
    }
    call.leave();
    await call.updateComplete;
    expect(unnamed(call)).to.deep.equal([]);
  });

  it('tells style sheets the states', async () => {
    const call = await addWatcher({room: randomRoom()});
    expect(call.matches(':state(lobby)')).to.equal(true);
    await call.join();
    call.session.openPanel('chat');
    await call.updateComplete;
    expect(call.matches(':state(waiting):state(muted):not(:state(lobby))')).to.equal(true);
    const tile = find(call, 'rtc-video');
    expect(tile.matches(':state(self):state(camera-off):state(mic-off)')).to.equal(true);
    expect(find(call, 'rtc-stage').matches(':state(auto):state(filled)')).to.equal(true);
    expect(find(call, 'rtc-chat').matches(':state(empty):not(:state(closed))')).to.equal(true);
    call.style.width = '300px';
    await until(() => find(call, 'rtc-controls').matches(':state(overflowing)'), 'a menu');
  });

  it('takes icons of the page, in the toolbar and in the menu', async () => {
    const call = await addWatcher({room: randomRoom(), autojoin: true});
    await until(() => call.state === 'joined', 'the call');
    const [off, on, last] = ['icon-mic-off', 'icon-mic', 'icon-pip'].map((slot) =>
      add(iconFor(slot), call),
    ) as [SVGElement, SVGElement, SVGElement];
    await until(() => off.getBoundingClientRect().width > 0, 'an icon that came late');
    expect(on.getBoundingClientRect().width).to.equal(0);
    await call.toggleMic(true);
    await until(() => on.getBoundingClientRect().width > 0, 'the other');
    expect(off.getBoundingClientRect().width).to.equal(0);
    call.style.width = '300px';
    await until(() => last.getBoundingClientRect().width === 0, 'no room for its button');
    find(call, '.more').click();
    await until(() => last.getBoundingClientRect().width > 0, 'the menu');
  });
});
