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

/** Resolves later, or at once when the signal is aborted. */
export function pause(delayMs: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const end = () => {
      signal.removeEventListener('abort', end);
      resolve();
    };
    if (signal.aborted) {
      end();
    }
    after(delayMs, end, signal);
    signal.addEventListener('abort', end);
  });
}
