/** Fractions of a pixel are nobody's fault. */
const slack = 1;
const target = 44;

const interactive = 'button, input, select, textarea, a[href], [tabindex="0"], summary';
/** What may scroll, where there is little room. */
const scrollers =
  '.list, .devices, .audience, .chat, .why, .lobby, .panel, .menu, .diagnosis, .captions, textarea, ul';
/** What one has opened, and is gone with the next key. */
const passing = ':popover-open, .why';
/** What stands on tiles. */
const marks =
  '.label, .badge, .quality, .over, .reactions, .pager button, .recorded, rtc-live, .small, .side, .call > .panel:not(.invitation), .notice';

/** All elements inside that can be seen, shadow roots included, in the order they are drawn in. */
function* seen(root: Element | ShadowRoot): Generator<HTMLElement> {
  for (const element of root.children) {
    const style = getComputedStyle(element);
    if (style.display === 'none' || !(element instanceof HTMLElement)) {
      continue;
    }
    if (style.visibility !== 'hidden' && !element.matches('.announcer')) {
      yield element;
    }
    if (element instanceof HTMLSlotElement) {
      for (const one of element.assignedElements()) {
        if (one instanceof HTMLElement && getComputedStyle(one).display !== 'none') {
          yield one;
          yield* seen(one);
        }
      }
      if (element.assignedElements().length) {
        continue;
      }
    }
    if (element.shadowRoot) {
      yield* seen(element.shadowRoot);
    }
    // What stands in a slot comes there.
    if (!element.shadowRoot) {
      yield* seen(element);
    }
  }
}

function parentOf(element: Element): Element | null {
  return (
    element.assignedSlot ??
    element.parentElement ??
    (element.getRootNode() as Partial<ShadowRoot>).host ??
    null
  );
}

function isWithin(element: Element, other: Element): boolean {
  for (let at: Element | null = element; at; at = parentOf(at)) {
    if (at === other) {
      return true;
    }
  }
  return false;
}

/** What of an element can be seen: not what boxes around it cut off. */
function sight(element: Element): DOMRect {
  let {left, top, right, bottom} = element.getBoundingClientRect();
  for (let at: Element | null = element; at; at = parentOf(at)) {
    if (at.matches(':popover-open, dialog')) {
      // On top of everything.
      break;
    }
    const box = parentOf(at);
    if (box && getComputedStyle(box).overflowX !== 'visible') {
      const edge = box.getBoundingClientRect();
      left = Math.max(left, edge.left);
      top = Math.max(top, edge.top);
      right = Math.min(right, edge.right);
      bottom = Math.min(bottom, edge.bottom);
    }
  }
  return new DOMRect(left, top, Math.max(0, right - left), Math.max(0, bottom - top));
}

/** What is drawn on top there, shadow roots included. */
function at(x: number, y: number): Element | null {
  let hit = document.elementFromPoint(x, y);
  for (;;) {
    const inner: Element | null | undefined = hit?.shadowRoot?.elementFromPoint(x, y);
    if (!inner || inner === hit) {
      return hit;
    }
    hit = inner;
  }
}

function scrollerOf(element: Element): Element | undefined {
  for (let one = parentOf(element); one; one = parentOf(one)) {
    if (
      /auto|scroll/.test(getComputedStyle(one).overflowY) &&
      one.scrollHeight > one.clientHeight
    ) {
      return one;
    }
  }
  return undefined;
}

function nameOf(element: Element): string {
  const {localName} = element;
  const className = element.getAttribute('class');
  const name = element.getAttribute('aria-label') ?? (element.textContent?.trim() || '');
  const of = className ? `.${className.trim().replace(/\s+/g, '.')}` : '';
  return `${localName}${of}${name ? ` "${name.replace(/\s+/g, ' ').slice(0, 30)}"` : ''}`;
}

/** What is wrong about where things are, in words. */
export function misplaced(call: Element): string[] {
  const wrong = new Set<string>();
  const all = [...seen(call.shadowRoot!)];
  const host = call.getBoundingClientRect();
  const isFlat = host.height < 700 || host.width < 500;
  const dialog = all.find((one) => one.matches('dialog[open]'));
  const page = document.documentElement;
  if (page.scrollWidth > page.clientWidth) {
    wrong.add('the page scrolls sideways');
  }

  for (const element of all) {
    const {overflowX, overflowY} = getComputedStyle(element);
    const {scrollWidth, clientWidth, scrollHeight, clientHeight} = element;
    if (/auto|scroll/.test(overflowX) && scrollWidth > clientWidth + slack) {
      wrong.add(`${nameOf(element)} scrolls sideways: ${scrollWidth} in ${clientWidth}`);
    }
    if (
      /auto|scroll/.test(overflowY) &&
      scrollHeight > clientHeight + slack &&
      !(
        element.matches(scrollers) &&
        (isFlat || element.matches('.list, .devices, form.panel, ul'))
      )
    ) {
      wrong.add(`${nameOf(element)} scrolls: ${scrollHeight} in ${clientHeight}`);
    }
    if (overflowX === 'hidden' && !element.matches('.tiles, .call, rtc-video, video')) {
      if (scrollHeight > clientHeight + 2 && clientHeight > 0) {
        wrong.add(`${nameOf(element)} is cut off: ${scrollHeight} in ${clientHeight}`);
      }
    }
  }

  for (const element of all.filter((one) => one.matches(interactive))) {
    if (dialog && !isWithin(element, dialog)) {
      continue;
    }
    const shown = element.closest<HTMLElement>('label') ?? element;
    const scroller = scrollerOf(element);
    if (scroller) {
      // As the focus would.
      element.scrollIntoView({block: 'nearest'});
    }
    const whole = shown.getBoundingClientRect();
    const isInline = element.matches('a');
    const least = isInline ? 0 : target;
    const isList = element.matches('.list, ul');
    if (
      !isList &&
      !element.matches('input[type=file]') &&
      (whole.width < least - slack || whole.height < least - slack)
    ) {
      wrong.add(
        `${nameOf(element)} is small: ${Math.round(whole.width)} x ${Math.round(whole.height)}`,
      );
    }
    const part = sight(shown);
    const isCut = part.width < whole.width - 2 || part.height < whole.height - 2;
    if (isCut && !scroller && !isInline) {
      wrong.add(
        `${nameOf(element)} is cut off: ${Math.round(part.width)} x ${Math.round(part.height)} of ` +
          `${Math.round(whole.width)} x ${Math.round(whole.height)}`,
      );
    } else if (!isCut && !isInline && !isList && !element.matches(':disabled')) {
      const hit = at(part.x + part.width / 2, part.y + part.height / 2);
      const isForAMoment =
        hit && [...all].some((one) => one.matches(passing) && isWithin(hit, one));
      if (!hit || !(isWithin(hit, shown) || isWithin(shown, hit) || isForAMoment)) {
        wrong.add(`${nameOf(element)} is covered by ${hit ? nameOf(hit) : 'the edge'}`);
      }
    }
    if (element.matches('button')) {
      const range = document.createRange();
      range.selectNodeContents(element);
      const inner = range.getBoundingClientRect();
      if (inner.width > whole.width + 2 || inner.height > whole.height + 2) {
        if (!element.querySelector('.count')) {
          wrong.add(`${nameOf(element)} has more in it than fits`);
        }
      }
    }
  }

  const marked = all.filter((one) => one.matches(marks) && one.getClientRects().length);
  for (const [index, one] of marked.entries()) {
    for (const other of marked.slice(index + 1)) {
      if (isWithin(one, other) || isWithin(other, one)) {
        continue;
      }
      const [a, b] = [sight(one), sight(other)];
      const width = Math.min(a.right, b.right) - Math.max(a.left, b.left);
      const height = Math.min(a.bottom, b.bottom) - Math.max(a.top, b.top);
      if (width > slack && height > slack) {
        wrong.add(
          `${nameOf(one)} and ${nameOf(other)} overlap: ${Math.round(width)} x ${Math.round(height)}`,
        );
      }
    }
  }
  return [...wrong];
}
