/** Acts later, unless the signal is aborted by then. */
export function after(delayMs: number, act: () => void, signal: AbortSignal): void {
  if (signal.aborted) {
    return;
  }
  const cancel = () => clearTimeout(timer);
  const timer = setTimeout(() => {
    signal.removeEventListener('abort', cancel);
    act();
  }, delayMs);
  signal.addEventListener('abort', cancel, {once: true});
}
