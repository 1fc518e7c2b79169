import {expect} from '@open-wc/testing';
import {PageBadge} from '../../../src/session/page-badge.js';
import {until} from '../support.js';

/** A page of its own, with a title and an icon. */
function createPage() {
  const page = document.implementation.createHTMLDocument('Shop');
  const show = (visibilityState: 'visible' | 'hidden') => {
    Object.defineProperty(page, 'visibilityState', {value: visibilityState, configurable: true});
    page.dispatchEvent(new Event('visibilitychange'));
  };
  show('visible');
  return {page, show, badge: PageBadge.of(page)};
}

describe('PageBadge', () => {
  it('marks the title while the page is out of sight, and gives back what the page has made of it', async () => {
    const {page, show, badge} = createPage();
    page.querySelector('title')!.textContent = ' Shop ';
    const call = {};
    badge.set(call, {unread: 2, isLive: true});
    expect(page.title).to.equal('Shop');
    show('hidden');
    expect(page.title).to.equal('(2) ● Shop');
    expect(badge.title).to.equal('Shop');
    badge.set(call, {unread: 100, isLive: false});
    expect(page.title).to.equal('(99+) Shop');
    page.title = 'Basket (3)';
    await until(() => page.title === '(99+) Basket (3)', 'the mark on the new title');
    show('visible');
    expect([page.title, badge.title]).to.deep.equal(['Basket (3)', 'Basket (3)']);
    show('hidden');
    page.querySelector('title')!.textContent = ' Shop ';
    await until(() => page.title.startsWith('(99+)'), 'the mark');
    badge.set(call, undefined);
    expect(page.querySelector('title')!.textContent).to.equal(' Shop ');
  });

  it('is one for all calls of a page', () => {
    const {page, show, badge} = createPage();
    expect(PageBadge.of(page)).to.equal(badge);
    const [one, other] = [{}, {}];
    show('hidden');
    badge.set(one, {unread: 1, isLive: false});
    badge.set(other, {unread: 2, isLive: true});
    expect(page.title).to.equal('(3) ● Shop');
    badge.set(one, undefined);
    badge.set(other, {unread: 0, isLive: false});
    expect(page.title).to.equal('Shop');
  });

  it('puts a dot on the icon of the page, and takes it off', async () => {
    const {page, show, badge} = createPage();
    const canvas = Object.assign(document.createElement('canvas'), {width: 16, height: 16});
    const icon = canvas.toDataURL();
    const link = page.head.appendChild(page.createElement('link'));
    link.rel = 'shortcut icon';
    link.href = icon;
    badge.set(page, {unread: 1, isLive: false});
    expect(link.href).to.equal(icon);
    show('hidden');
    await until(() => link.href !== icon, 'the dot');
    expect(link.href).to.match(/^data:image\/png/);
    show('visible');
    expect(link.href).to.equal(icon);
  });
});
