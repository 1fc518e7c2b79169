import '../../../src/elements/rtc-call.js';
import type {RtcCall} from '../../../src/elements/rtc-call.js';
import {sharedBroker, until} from '../support.js';

const added = new Set<Element>();

/** Adds an element to the page until `removeAll()`. */
export function add<E extends Element>(element: E, parent: Element = document.body): E {
  added.add(element);
  parent.append(element);
  return element;
}

export function removeAll(): void {
  for (const element of added) {
    element.remove();
  }
  added.clear();
  localStorage.clear();
}

/** A call of the shared broker, in the page. */
export async function addCall(properties: Partial<RtcCall> = {}): Promise<RtcCall> {
  const call = document.createElement('rtc-call');
  const {url} = await sharedBroker();
  Object.assign(call, {broker: url, rtcConfiguration: {}, ...properties});
  add(call);
  await call.updateComplete;
  return call;
}

/** One without camera and microphone, which costs little. */
export function addWatcher(properties: Partial<RtcCall> = {}): Promise<RtcCall> {
  return addCall({micOff: true, cameraOff: true, ...properties});
}

/** Waits until each has a working link to all the others. */
export function untilMet(...calls: RtcCall[]): Promise<unknown> {
  return until(
    () =>
      calls.every(
        ({participants}) =>
          participants.length === calls.length - 1 &&
          participants.every(({connection}) => connection === 'connected'),
      ),
    `${calls.length} calls connected`,
    15_000,
  );
}

/** The text that can be read in an element, shadow roots included. */
export function readable(element: Element): string {
  const root = element.shadowRoot ?? element;
  return [...root.querySelectorAll('*')]
    .filter((inner) => !inner.closest('[hidden]') && inner.localName !== 'style')
    .map(
      (inner) =>
        [...inner.childNodes]
          .filter(({nodeType}) => nodeType === Node.TEXT_NODE)
          .map(({data}: {data?: string} & ChildNode) => data ?? '')
          .join(' ') + (inner.shadowRoot ? readable(inner) : ''),
    )
    .join(' ')
    .replace(/\s+/g, ' ');
}

/** The first element inside that fits, shadow roots included. */
export function find<E extends Element = HTMLElement>(within: Element, selector: string): E {
  const hit = search(within, selector);
  if (!hit) {
    throw new Error(`no ${selector}`);
  }
  return hit as E;
}

export function search(within: Element, selector: string): Element | undefined {
  for (const root of [within.shadowRoot, within]) {
    const hit = root?.querySelector(selector);
    if (hit) {
      return hit;
    }
    for (const inner of root?.querySelectorAll('*') ?? []) {
      const deeper = inner.shadowRoot && search(inner, selector);
      if (deeper) {
        return deeper;
      }
    }
  }
  return undefined;
}

/** What has the focus, shadow roots included. */
export function focused(): Element | null {
  let element = document.activeElement;
  while (element?.shadowRoot?.activeElement) {
    element = element.shadowRoot.activeElement;
  }
  return element;
}

/** The button whose text or label is this. */
export function button(within: Element, name: string): HTMLButtonElement {
  const all: HTMLButtonElement[] = [];
  const collect = (element: Element) => {
    for (const inner of (element.shadowRoot ?? element).querySelectorAll('*')) {
      if (inner instanceof HTMLButtonElement) {
        all.push(inner);
      }
      if (inner.shadowRoot) {
        collect(inner);
      }
    }
  };
  collect(within);
  const hit = all.find(
    (one) => (one.getAttribute('aria-label') ?? one.textContent.trim()) === name,
  );
  if (!hit) {
    throw new Error(`no button ${name}`);
  }
  return hit;
}
