import {expect} from '@open-wc/testing';
import {sendKeys} from '@web/test-runner-commands';
import '../../../src/elements/rtc-chat.js';
import {
  createWatcher,
  leaveAll,
  once,
  randomRoom,
  replace,
  restoreAll,
  until,
  untilConnected,
} from '../support.js';
import type {RtcChat} from '../../../src/elements/rtc-chat.js';
import {add, addWatcher, button, find, focused, readable, removeAll, search} from './support.js';

describe('<rtc-chat>', () => {
  afterEach(() => {
    removeAll();
    leaveAll();
    restoreAll();
  });

  it('is there without a call, and closed', async () => {
    const chat = add(document.createElement('rtc-chat'));
    await chat.updateComplete;
    expect(find<HTMLTextAreaElement>(chat, 'textarea').disabled).to.be.true;
    await expect(chat).to.be.accessible();
  });

  it('belongs to the call that for names: writes, hears, and shows markup as text', async () => {
    const room = randomRoom();
    const chat = add(document.createElement('rtc-chat'));
    chat.setAttribute('for', 'talk');
    const call = await addWatcher({id: 'talk', room, autojoin: true});
    const other = await createWatcher({room, name: 'Jun'});
    await other.join();
    await untilConnected(other, call.session);
    const input = find<HTMLTextAreaElement>(chat, 'textarea');
    await until(() => !input.disabled, 'the field');
    chat.focus();
    await sendKeys({type: 'Hello'});
    await sendKeys({press: 'Enter'});
    await until(() => other.chat.messages.some(({text}) => text === 'Hello'), 'the line');
    expect(input.value).to.equal('');
    other.chat.send('<img src=x onerror=alert(1)>');
    await until(() => readable(chat).includes('<img src=x onerror=alert(1)>'), 'the answer');
    expect(chat.shadowRoot?.querySelector('img')).to.equal(null);
    expect(readable(chat)).to.contain('Jun');
    expect(find(chat, '[part~=own]').textContent).to.contain('Hello');
    await expect(chat).to.be.accessible();
    call.leave();
    await until(() => input.disabled, 'the end');
  });

  it('follows the end, unless somebody reads what was before: then it says how much is new', async () => {
    const room = randomRoom();
    const chat = add(document.createElement('rtc-chat'));
    chat.setAttribute('for', 'long');
    chat.style.height = '260px';
    const call = await addWatcher({id: 'long', room, autojoin: true});
    const other = await createWatcher({room, name: 'Jun'});
    await other.join();
    await untilConnected(other, call.session);
    const list = find(chat, '[part=list]');
    const write = async (from: number) => {
      for (let i = from; i < from + 9; i++) {
        other.chat.send(`line ${i}`);
      }
      await until(() => readable(chat).includes(`line ${from + 8}`), 'the lines');
    };
    await write(0);
    const isAtEnd = () => list.scrollHeight - list.scrollTop - list.clientHeight < 5;
    await until(() => isAtEnd() && call.session.chat.unread === 0, 'the end, read');
    expect(search(chat, '.divider.new')).to.equal(undefined);
    // One name for all of them.
    expect(chat.shadowRoot?.querySelectorAll('[part=author]')).to.have.length(1);
    list.scrollTop = 0;
    await once(list, 'scroll');
    await chat.updateComplete;
    other.files.send([new File(['x'], 'plan.txt')]);
    await until(() => readable(chat).includes('plan.txt'), 'the file');
    await write(9);
    expect(list.scrollTop).to.equal(0);
    expect(call.session.unread).to.equal(10);
    expect(find(chat, '[part=newest]').textContent).to.contain('(10)');
    expect(find(chat, '.divider.new').nextElementSibling?.textContent).to.contain('plan.txt');
    find<HTMLButtonElement>(chat, '[part=newest]').click();
    await until(() => isAtEnd() && call.session.unread === 0, 'the end again');
    await until(() => !search(chat, '[part=newest]'), 'the button gone');
    chat.style.height = '200px';
    await until(isAtEnd, 'the end of a lower one');
    await expect(chat).to.be.accessible();
  });

  it('keeps a draft, breaks lines, waits for a composition, and says when it is too fast', async () => {
    const call = await addWatcher({room: randomRoom(), autojoin: true});
    const {session} = call;
    // Until then the focus may be moved.
    await until(() => call.state === 'joined', 'the call');
    session.openPanel('chat');
    const chat = await until(() => search(call, 'rtc-chat') as RtcChat | undefined, 'the panel');
    await until(() => search(chat, 'textarea'), 'the field');
    chat.focus();
    await sendKeys({type: 'one'});
    await sendKeys({down: 'Shift'});
    await sendKeys({press: 'Enter'});
    await sendKeys({up: 'Shift'});
    await sendKeys({type: 'two'});
    const field = find<HTMLTextAreaElement>(chat, 'textarea');
    field.dispatchEvent(
      new KeyboardEvent('keydown', {key: 'Enter', isComposing: true, bubbles: true}),
    );
    expect(session.chat.messages).to.be.empty;
    for (const how of [{isComposing: true}, {keyCode: 229}]) {
      field.dispatchEvent(
        new KeyboardEvent('keydown', {key: 'Escape', bubbles: true, composed: true, ...how}),
      );
      expect(session.panel).to.equal('chat');
    }
    // As high as both lines.
    expect(field.offsetHeight).to.be.above(50);
    session.openPanel(undefined);
    await until(() => !search(call, 'rtc-chat'), 'no panel');
    session.openPanel('chat');
    const again = (await until(() => search(call, 'textarea'), 'it')) as HTMLTextAreaElement;
    expect(again.value).to.equal('one\ntwo');
    again.focus();
    await sendKeys({press: 'Enter'});
    expect(session.chat.messages.map(({text}) => text)).to.deep.equal(['one\ntwo']);
    await until(() => again.value === '', 'an empty field');
    await sendKeys({type: 'too much'});
    let isTooFast = false;
    while (!isTooFast) {
      try {
        session.chat.send('more');
      } catch {
        isTooFast = true;
      }
    }
    again.form?.requestSubmit();
    await until(() => readable(call).includes('too fast'), 'the reason');
    expect(again.value).to.equal('too much');
  });

  it('shows what was written before one came, links, and files from offer to end', async () => {
    const room = randomRoom();
    const other = await createWatcher({room, name: 'Jun'});
    await other.join();
    await until(() => other.chat.isOpen, 'the chat');
    other.chat.send('Read https://example.com/a.');
    const chat = add(document.createElement('rtc-chat'));
    chat.setAttribute('for', 'late');
    const call = await addWatcher({id: 'late', room, autojoin: true});
    await untilConnected(other, call.session);
    await until(() => readable(chat).includes('as Jun tells it'), 'the past');
    const link = find<HTMLAnchorElement>(chat, 'a');
    expect([link.href, link.rel, link.target]).to.deep.equal([
      'https://example.com/a',
      'noopener noreferrer nofollow',
      '_blank',
    ]);
    expect(call.session.chat.unread).to.equal(0);
    const announcer = find(chat, '[role=status]');
    expect(announcer.textContent).to.equal('');

    const png = await fetch(
      'data:image/png;base64,iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mP8z8BQDwAEhQGAhKmMIQAAAABJRU5ErkJggg==',
    );
    other.files.send([
      new File([await png.blob()], 'dot.png', {type: 'image/png'}),
      new File(['hello'], 'note.txt'),
    ]);
    await until(() => announcer.textContent?.includes('note.txt'), 'the announcement');
    await expect(chat).to.be.accessible();
    button(chat, 'No, thanks: note.txt').click();
    button(chat, 'Get file: dot.png').focus();
    await sendKeys({press: 'Enter'});
    const picture = await until(() => search(chat, 'img') as HTMLImageElement | undefined, 'it');
    await until(() => picture.naturalWidth === 1, 'the picture');
    const save = button(chat, 'Save: dot.png');
    await until(() => focused() === save, 'the focus on what can be done now');
    await until(() => other.files.transfers[1]?.state === 'declined', 'the answer');
    // By mistake.
    button(chat, 'Get file: note.txt').click();
    await until(() => other.files.transfers[1]?.state === 'done', 'it to be got after all');

    // By hand, the other way.
    const transfer = new DataTransfer();
    transfer.items.add(new File(['x'], 'mine.txt'));
    const section = find(chat, 'section');
    const drag = (type: string) =>
      section.dispatchEvent(
        new DragEvent(type, {
          dataTransfer: transfer,
          bubbles: true,
          cancelable: true,
          composed: true,
        }),
      );
    drag('dragenter');
    await until(() => search(chat, '[part=drop]'), 'the place to drop');
    drag('drop');
    await until(() => other.files.transfers.some(({name}) => name === 'mine.txt'), 'the offer');
    expect(search(chat, '[part=drop]')).to.equal(undefined);
    button(chat, 'Take back: mine.txt').click();
    await until(() => !other.files.transfers.some(({name}) => name === 'mine.txt'), 'its end');
    expect(readable(chat)).to.contain('Cancelled');

    const revoked: string[] = [];
    replace(URL, 'revokeObjectURL', (url: string) => void revoked.push(url));
    call.session.files.clear();
    await until(() => revoked.length, 'the picture to be given up');
    expect(revoked).to.deep.equal([picture.src]);
  });
});
