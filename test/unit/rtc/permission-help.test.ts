import {expect} from '@open-wc/testing';
import {en} from '../../../src/locales/en.js';
import {helpTopic} from '../../../src/rtc/permission-help.js';

const refused = new DOMException('Permission denied', 'NotAllowedError');
const bySystem = new DOMException('Permission denied by system', 'NotAllowedError');
const mac = 'Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7)';
const iPhone = 'Mozilla/5.0 (iPhone; CPU iPhone OS 17_4 like Mac OS X) AppleWebKit/605.1.15';
const android = 'Mozilla/5.0 (Linux; Android 10; K) AppleWebKit/537.36 Chrome/130.0.0.0 Mobile';
const windows = 'Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 Chrome/130.0.0.0';
const linux = 'Mozilla/5.0 (X11; Linux x86_64; rv:131.0) Gecko/20100101 Firefox/131.0';
const safari = `${mac} AppleWebKit/605.1.15 (KHTML, like Gecko) Version/17.4 Safari/605.1.15`;
const chromium = (mobile: boolean) => ({brands: [{brand: 'Chromium'}], mobile});

describe('helpTopic', () => {
  for (const [name, browser, cause, topic] of [
    ['Chrome', {userAgent: '', userAgentData: chromium(false)}, refused, 'chrome'],
    [
      'Chrome on a phone',
      {userAgent: '', userAgentData: chromium(true)},
      refused,
      'chrome-android',
    ],
    ['a Chrome that gives no hints', {userAgent: windows}, refused, 'chrome'],
    ['a WebView of Android', {userAgent: android}, refused, 'chrome-android'],
    ['Firefox', {userAgent: linux}, refused, 'firefox'],
    [
      'Firefox on a phone',
      {userAgent: 'Mozilla/5.0 (Android 14; Mobile; rv:131.0) Gecko/131.0 Firefox/131.0'},
      refused,
      'firefox-android',
    ],
    ['Safari', {userAgent: safari, maxTouchPoints: 0}, refused, 'safari'],
    ['an iPad, which says it is a Mac', {userAgent: safari, maxTouchPoints: 5}, refused, 'ios'],
    ['an iPhone', {userAgent: `${iPhone} Version/17.4 Safari/604.1`}, refused, 'ios'],
    ['Chrome on an iPhone', {userAgent: `${iPhone} CriOS/130.0`}, refused, 'ios-app'],
    ['what is not known', {userAgent: 'Something/1.0'}, undefined, 'other'],
    ['macOS', {userAgent: mac, userAgentData: chromium(false)}, bySystem, 'mac'],
    ['Windows', {userAgent: windows, userAgentData: chromium(false)}, bySystem, 'windows'],
    ['Android', {userAgent: android, userAgentData: chromium(true)}, bySystem, 'android'],
    ['iOS', {userAgent: iPhone}, bySystem, 'ios-app'],
  ] as const) {
    it(`has words for ${name}`, () => {
      expect(helpTopic(browser, cause)).to.equal(topic);
      expect(en.help.steps[topic].length).to.be.greaterThan(1);
    });
  }
});
