import {expect} from '@open-wc/testing';
import {sendKeys} from '@web/test-runner-commands';
import '../../../src/elements/rtc-chat.js';
import {createWatcher, leaveAll, randomRoom, until, untilConnected} from '../support.js';
import {add, addWatcher, find, readable, removeAll} from './support.js';

describe('<rtc-chat>', () => {
  afterEach(() => {
    removeAll();
    leaveAll();
  });

  it('is there without a call, and closed', async () => {
    const chat = add(document.createElement('rtc-chat'));
    await chat.updateComplete;
    expect(find<HTMLInputElement>(chat, 'input').disabled).to.be.true;
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
    const input = find<HTMLInputElement>(chat, 'input');
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

  it('stays at the end of the list, unless somebody reads what was before', async () => {
    const room = randomRoom();
    const chat = add(document.createElement('rtc-chat'));
    chat.setAttribute('for', 'long');
    chat.style.height = '180px';
    const call = await addWatcher({id: 'long', room, autojoin: true});
    await until(() => call.session.chat.isOpen, 'the chat');
    const list = find(chat, '[part=list]');
    const write = async (from: number) => {
      for (let i = from; i < from + 9; i++) {
        call.session.chat.send(`line ${i}`);
      }
      await until(() => readable(chat).includes(`line ${from + 8}`), 'the lines');
    };
    await write(0);
    const isAtEnd = () => list.scrollHeight - list.scrollTop - list.clientHeight < 5;
    expect(isAtEnd()).to.be.true;
    list.scrollTop = 0;
    await write(9);
    expect(list.scrollTop).to.equal(0);
  });
});
