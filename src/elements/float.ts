/** Between a button and what is shown at it, and to the edges of the window. */
const gap = 8;

const hasPopovers = () => 'popover' in HTMLElement.prototype;

/**
 * Shows a box at an element, above it or else below, always in the window and on top of everything; next to its host in
 * browsers that have no popovers. Reads, then writes.
 */
export function float(box: HTMLElement, at: Element): void {
  box.hidden = false;
  if (hasPopovers() && !box.matches(':popover-open')) {
    box.showPopover();
  }
  const anchor = at.getBoundingClientRect();
  const {offsetWidth, offsetHeight} = box;
  const {clientWidth, clientHeight} = document.documentElement;
  const {host} = box.getRootNode() as ShadowRoot;
  const origin = hasPopovers() ? {left: 0, top: 0} : host.getBoundingClientRect();
  const middle = anchor.left + (anchor.width - offsetWidth) / 2;
  const left = Math.max(gap, Math.min(middle, clientWidth - offsetWidth - gap));
  const above = anchor.top - offsetHeight - gap;
  const below = Math.min(anchor.bottom + gap, clientHeight - offsetHeight - gap);
  const top = above < 0 ? Math.max(gap, below) : above;
  box.style.setProperty('left', `${left - origin.left}px`);
  box.style.setProperty('top', `${top - origin.top}px`);
}

export function hide(box: HTMLElement): void {
  if (hasPopovers() && box.matches(':popover-open')) {
    box.hidePopover();
  }
  box.hidden = true;
}
