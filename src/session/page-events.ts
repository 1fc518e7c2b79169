export interface PageEvents {
  /** The network may be another one, or the page has slept: paths should be looked after. */
  check(): void;
  /** The page goes, perhaps for good. */
  hide(): void;
}

/** Tells what happens to the page that matters to a call. https://wicg.github.io/page-lifecycle/ */
export function watchPage({check, hide}: PageEvents, {signal}: {signal: AbortSignal}): void {
  const options = {signal};
  for (const type of ['online', 'offline', 'pageshow']) {
    window.addEventListener(type, check, options);
  }
  document.addEventListener('resume', check, options);
  document.addEventListener(
    'visibilitychange',
    () => {
      if (document.visibilityState === 'visible') {
        check();
      }
    },
    options,
  );
  // Chromium only: from Wi-Fi to LTE without being offline in between.
  const {connection} = navigator as Navigator & {connection?: EventTarget};
  connection?.addEventListener('change', check, options);
  window.addEventListener('pagehide', hide, options);
}
