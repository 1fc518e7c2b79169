export interface PageEvents {
  /** The page has slept, or the network may be another one: paths should be looked after. */
  check(options: {readonly hasMoved: boolean}): void;
  /** The page goes, perhaps for good. */
  hide(): void;
}

/** Tells what happens to the page that matters to a call. https://wicg.github.io/page-lifecycle/ */
export function watchPage({check, hide}: PageEvents, {signal}: {signal: AbortSignal}): void {
  const options = {signal};
  const move = () => check({hasMoved: true});
  const wake = () => check({hasMoved: false});
  window.addEventListener('online', move, options);
  window.addEventListener('offline', move, options);
  window.addEventListener('pageshow', wake, options);
  document.addEventListener('resume', wake, options);
  document.addEventListener(
    'visibilitychange',
    () => {
      if (document.visibilityState === 'visible') {
        wake();
      }
    },
    options,
  );
  // Chromium only: from Wi-Fi to LTE without being offline in between.
  const {connection} = navigator as Navigator & {connection?: EventTarget};
  connection?.addEventListener('change', move, options);
  window.addEventListener('pagehide', hide, options);
}
