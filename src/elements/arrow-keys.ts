/** Whether what an element shows runs from right to left. */
export function isRtl(element: Element): boolean {
  return getComputedStyle(element).direction === 'rtl';
}

/**
 * Where a key leads from place `at` of `count` in a row, as people know it from every toolbar and menu:
 * from the last on to the first. Nothing for a key that leads nowhere.
 * https://www.w3.org/WAI/ARIA/apg/practices/keyboard-interface/
 */
export function stepTo(
  {key, target}: KeyboardEvent,
  at: number,
  count: number,
): number | undefined {
  const forward = isRtl(target as Element) ? -1 : 1;
  const to = {
    ArrowRight: at + forward,
    ArrowLeft: at - forward,
    ArrowDown: at + 1,
    ArrowUp: at - 1,
    Home: 0,
    End: count - 1,
  }[key];
  return to === undefined ? undefined : (to + count) % count;
}
