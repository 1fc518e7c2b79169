/** How the person allows camera and microphone: in the browser, or in the system around it. */
export type HelpTopic =
  | 'chrome'
  | 'chrome-android'
  | 'firefox'
  | 'firefox-android'
  | 'safari'
  | 'ios'
  | 'ios-app'
  | 'other'
  | 'mac'
  | 'windows'
  | 'android';

interface Browser {
  readonly userAgent: string;
  readonly maxTouchPoints?: number;
  /** https://wicg.github.io/ua-client-hints/ */
  readonly userAgentData?: {
    readonly brands: readonly {readonly brand: string}[];
    readonly mobile: boolean;
  };
}

/**
 * Which words help in this browser. By its name, for once: where its buttons are cannot be found by
 * any test of features, and a wrong guess costs no more than a wrong sentence.
 */
export function helpTopic(browser: Browser, cause: unknown): HelpTopic {
  const {userAgent, maxTouchPoints = 0, userAgentData} = browser;
  const says = (pattern: RegExp) => pattern.test(userAgent);
  const isMac = says(/Macintosh/);
  if (isBySystem(cause)) {
    // An iPad says that it is a Mac; there every browser is an app of the system.
    return says(/Android/)
      ? 'android'
      : says(/Windows/)
        ? 'windows'
        : isMac && maxTouchPoints < 2
          ? 'mac'
          : says(/iPhone|iPad|Macintosh/)
            ? 'ios-app'
            : 'other';
  }
  if (userAgentData?.brands.some(({brand}) => brand === 'Chromium')) {
    return userAgentData.mobile ? 'chrome-android' : 'chrome';
  }
  if (says(/iPhone|iPad|iPod/) || (isMac && maxTouchPoints > 1)) {
    return says(/CriOS|FxiOS|EdgiOS/) ? 'ios-app' : 'ios';
  }
  if (says(/Firefox\//)) {
    return says(/Android/) ? 'firefox-android' : 'firefox';
  }
  if (says(/Chrome\//)) {
    return says(/Android/) ? 'chrome-android' : 'chrome';
  }
  return isMac && says(/Version\/.*Safari\//) ? 'safari' : 'other';
}

/** Chromium says so in the message only: "Permission denied by system". */
function isBySystem(cause: unknown): boolean {
  return /\bsystem\b/i.test((cause as Partial<Error> | undefined)?.message ?? '');
}
