import {expect} from '@open-wc/testing';
import {executeServerCommand, setViewport} from '@web/test-runner-commands';
import type {AxeResults, RunOptions} from 'axe-core';
import type {RtcCall} from '../../../src/elements/rtc-call.js';
import {canvasStream, hurry, restoreAll} from '../support.js';
import {comeTo, settle, stops} from './every-state.js';
import {misplaced} from './geometry.js';
import {add, removeAll} from './support.js';

declare const axe: {
  run(element: Element, options: RunOptions): Promise<AxeResults>;
};

const spacing = new CSSStyleSheet();
spacing.replaceSync(
  '* { line-height: 1.5 !important; letter-spacing: 0.12em !important; word-spacing: 0.16em !important }',
);

/** Gives text the space of https://www.w3.org/TR/WCAG22/#text-spacing */
function spread(within: Element) {
  for (const root of rootsIn(within)) {
    root.adoptedStyleSheets = [...root.adoptedStyleSheets, spacing];
  }
}

function rootsIn(within: Element): ShadowRoot[] {
  const all = within.shadowRoot ? [within.shadowRoot] : [];
  for (const root of all) {
    all.push(...[...root.querySelectorAll('*')].flatMap(({shadowRoot}) => shadowRoot ?? []));
  }
  return all;
}

/** Takes what is meant for a medium as if it was that. */
function pretend(medium: string, within: Element) {
  const visit = (rules: CSSRuleList) => {
    for (const rule of rules) {
      if (rule instanceof CSSMediaRule && rule.media.mediaText.includes(medium)) {
        rule.media.mediaText = 'all';
      }
      if ('cssRules' in rule) {
        visit(rule.cssRules as CSSRuleList);
      }
    }
  };
  for (const sheet of rootsIn(within).flatMap(({adoptedStyleSheets}) => adoptedStyleSheets)) {
    visit(sheet.cssRules);
  }
}

/** What moves though nobody wants that; what turns to say that something goes on, does so in steps. */
function moving(call: RtcCall): string[] {
  return rootsIn(call).flatMap((root) =>
    [...root.querySelectorAll(':not(.spinner)')].flatMap((element) =>
      [undefined, '::before', '::after']
        .map((pseudo) => getComputedStyle(element, pseudo))
        .filter(
          ({animationName, transitionDuration}) =>
            // Nothing is said of what is in no slot.
            !['', 'none'].includes(animationName) || /[1-9]/.test(transitionDuration),
        )
        .map(() => `${element.localName}.${element.getAttribute('class')} moves`),
    ),
  );
}

/** What is on, off or chosen, and says so by its colour alone, which may be taken from it. */
function coloured(call: RtcCall): string[] {
  const marked = '.off, .active, .talking, .over.on, .item[aria-checked=true]';
  return rootsIn(call)
    .flatMap((root) => [...root.querySelectorAll(marked)])
    .filter((element) =>
      [element, ...element.querySelectorAll('svg')].every(
        (one) => !(parseFloat(getComputedStyle(one).borderTopWidth) > 2),
      ),
    )
    .map((element) => `${element.getAttribute('aria-label')} is as all are`);
}

const audits: RunOptions = {
  runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'],
  resultTypes: ['violations'],
  preload: false,
  rules: {
    'target-size': {enabled: true},
    // Takes the letter of a shortcut for a part of the name.
    'label-content-name-mismatch': {enabled: false},
    // Of pages, not of what is in them.
    region: {enabled: false},
    'landmark-one-main': {enabled: false},
    'page-has-heading-one': {enabled: false},
  },
};

/** Of the same tree it says the same in every browser: it is made in one, for it takes its time. */
async function audit(call: RtcCall, options = audits): Promise<string[]> {
  if (isFirefox) {
    return [];
  }
  const {violations} = await axe.run(call, options);
  return violations.flatMap(({id, nodes}) =>
    nodes.map(
      ({target, failureSummary = ''}) =>
        `${id}: ${target.flat().at(-1)} ${failureSummary.split('\n').slice(1, 2).join(' ').trim()}`,
    ),
  );
}

const isFirefox = navigator.userAgent.includes('Firefox');

describe('In every state the interface', function () {
  this.timeout(60_000);

  let box: HTMLElement;
  let stream: MediaStream;

  before(async () => {
    // @ts-expect-error Its types are those of another file.
    await import('axe-core/axe.min.js');
    stream = canvasStream();
  });
  after(async () => {
    stream.getTracks().forEach((track) => track.stop());
    await setViewport({width: 800, height: 600});
  });
  beforeEach(() => {
    hurry({500: 0});
    box = add(document.createElement('main'));
    box.style.cssText = 'position: fixed; inset: 0';
  });
  afterEach(() => {
    removeAll();
    restoreAll();
  });

  /** What is found wrong, by state. */
  async function walk(
    check: (call: RtcCall) => string[] | Promise<string[]>,
    names = Object.keys(stops),
  ) {
    const found: string[] = [];
    for (const name of names) {
      const call = await comeTo(name, {box, stream});
      const wrong = call ? await check(call) : [];
      found.push(...wrong.map((one) => `${name}: ${one}`));
    }
    expect(found.length, `\n${found.join('\n')}\n`).to.equal(0);
  }

  // A sidebar, and a page enlarged four times, with text as far apart as anybody may need it.
  it('has everything in its place in 300 x 400, with much space in text', async () => {
    await setViewport({width: 300, height: 400});
    await walk(async (call) => {
      spread(call);
      await settle();
      return misplaced(call);
    });
  });

  it('has everything in its place in 844 x 390, and stands still for who wants that', async () => {
    await setViewport({width: 844, height: 390});
    await walk((call) => {
      pretend('prefers-reduced-motion', call);
      return [...misplaced(call), ...moving(call)];
    });
  });

  it('can be read, and shows what is on, in the colours of the system', async function () {
    if (!(await executeServerCommand('force-colors', true))) {
      this.skip();
    }
    try {
      await setViewport({width: 1280, height: 800});
      expect(matchMedia('(forced-colors: active)').matches).to.equal(true);
      await walk(
        async (call) => [
          ...coloured(call),
          ...(await audit(call, {...audits, runOnly: ['color-contrast']})),
        ],
        [
          'pair, muted',
          'four',
          'pinned',
          'weak lines',
          'recorded',
          'chat',
          'devices',
          'more',
        ].concat([
          'menu of layouts',
          'talking while muted',
          'lobby, refused',
          'stage, audience',
          'diagnosis',
        ]),
      );
    } finally {
      await executeServerCommand('force-colors', false);
    }
  });

  it('has everything in its place in 3840 x 2160, from right to left', async () => {
    await setViewport({width: 3840, height: 2160});
    box.dir = 'rtl';
    // To draw so much takes long.
    await walk(misplaced, ['lobby', 'pair', 'a crowd', 'chat with files', 'stage, audience']);
  });

  it('has everything in its place in 1280 x 800, and passes an audit', async () => {
    await setViewport({width: 1280, height: 800});
    await walk(async (call) => [...misplaced(call), ...(await audit(call))]);
  });

  it('does so in 390 x 844, in the dark, from right to left', async () => {
    await setViewport({width: 390, height: 844});
    box.dir = 'rtl';
    await walk(async (call) => {
      pretend('prefers-color-scheme', call);
      return [...misplaced(call), ...(await audit(call, {...audits, runOnly: ['color-contrast']}))];
    });
  });
});
