/** Whether a key is part of what is being composed, in Korean or Japanese say: it means nothing else then. */
export function isComposing({isComposing, keyCode}: KeyboardEvent): boolean {
  // 229: in Safari the key that ends a composition comes after its end.
  return isComposing || keyCode === 229;
}

/** Whether a key closes what it was pressed in, and nothing inside of that wanted it. */
export function isClosing(event: KeyboardEvent): boolean {
  return event.key === 'Escape' && !event.defaultPrevented && !isComposing(event);
}
