import {expect} from '@open-wc/testing';
import {sendKeys} from '@web/test-runner-commands';
import '../../../src/elements/rtc-call.js';
import type {RtcCall} from '../../../src/elements/rtc-call.js';
import type {RtcChat} from '../../../src/elements/rtc-chat.js';
import type {RtcControls} from '../../../src/elements/rtc-controls.js';
import type {
  RtcErrorEvent,
  RtcLeftEvent,
  RtcMessageEvent,
  RtcParticipantJoinedEvent,
  RtcParticipantLeftEvent,
} from '../../../src/elements/events.js';
import {
  createWatcher,
  hearTestEvents,
  leaveAll,
  once,
  randomRoom,
  replace,
  restoreAll,
  sharedBroker,
  until,
  untilConnected,
  untilMoving,
} from '../support.js';
import {VirtualDevices} from '../virtual-devices.js';
import {
  add,
  addCall,
  addWatcher,
  button,
  find,
  readable,
  removeAll,
  search,
  untilMet,
} from './support.js';

describe('<rtc-call>', () => {
  let room: string;

  beforeEach(() => {
    room = randomRoom();
  });
  afterEach(() => {
    removeAll();
    leaveAll();
    restoreAll();
  });

  describe('in a call', () => {
    it('joins by itself with autojoin, and the two see each other', async () => {
      const mina = await addCall({room, name: 'Mina', autojoin: true});
      const jun = await addCall({room, name: 'Jun', autojoin: true});
      await untilMet(mina, jun);
      expect(mina.participants[0]?.name).to.equal('Jun');
      await untilMoving(mina.participants[0]?.stream);
      await untilMoving(jun.participants[0]?.stream);
      expect(readable(mina)).to.contain('Jun');
      await expect(mina).to.be.accessible();
    });

    it('tells the page, with events that bubble out of any shadow root', async () => {
      const seen: string[] = [];
      for (const type of ['rtc-state-change', 'rtc-joined', 'rtc-participant-joined', 'rtc-left']) {
        document.addEventListener(type, ({target}) => target === mina && seen.push(type), {
          signal: AbortSignal.timeout(20_000),
        });
      }
      const mina = await addWatcher({room});
      const joined = once(mina, 'rtc-joined');
      await mina.join();
      await joined;
      const came = once<RtcParticipantJoinedEvent>(mina, 'rtc-participant-joined');
      const jun = await addWatcher({room, name: 'Jun', autojoin: true});
      expect((await came).participant.name).to.equal('Jun');
      await until(() => jun.state === 'joined', 'the other to be in');
      const went = once<RtcParticipantLeftEvent>(mina, 'rtc-participant-left');
      const left = once<RtcLeftEvent>(jun, 'rtc-left');
      jun.leave();
      expect((await left).reason).to.equal('left');
      expect((await went).reason).to.equal('left');
      mina.leave();
      expect(seen).to.deep.equal([
        'rtc-state-change',
        'rtc-state-change',
        'rtc-joined',
        'rtc-participant-joined',
        'rtc-state-change',
        'rtc-left',
      ]);
    });

    it('carries messages', async () => {
      const mina = await addWatcher({room, name: 'Mina', autojoin: true});
      const jun = await addWatcher({room, name: 'Jun', autojoin: true});
      await untilMet(mina, jun);
      const heard = once<RtcMessageEvent>(jun, 'rtc-message');
      mina.send({page: 7});
      const {data, from} = await heard;
      expect(data).to.deep.equal({page: 7});
      expect(from.name).to.equal('Mina');
    });

    it('goes on when the element is moved, and ends when it is removed', async () => {
      const mina = await addWatcher({room, autojoin: true});
      const jun = await addWatcher({room, autojoin: true});
      await untilMet(mina, jun);
      const elsewhere = add(document.createElement('section'));
      elsewhere.append(jun);
      await jun.updateComplete;
      expect(jun.state).to.equal('joined');
      expect(mina.participants).to.have.lengthOf(1);
      jun.remove();
      await until(() => jun.state === 'idle', 'the removed call to end');
      await until(() => mina.participants.length === 0, 'the other to be told');
    });

    for (const resume of [false, true]) {
      it(`joins again when it is put back${resume ? ', with resume too' : ''}`, async () => {
        const jun = await addWatcher({room, autojoin: true, resume});
        await until(() => jun.state === 'joined', 'joined');
        const {parentElement} = jun;
        jun.remove();
        await until(() => jun.state === 'idle', 'the removed call to end');
        parentElement?.append(jun);
        await until(() => jun.state === 'joined', 'joined again');
      });
    }

    it('lets two calls on one page live side by side', async () => {
      const other = randomRoom();
      const first = [
        await addWatcher({room, autojoin: true}),
        await addWatcher({room, autojoin: true}),
      ];
      const second = [
        await addWatcher({room: other, autojoin: true}),
        await addWatcher({room: other, autojoin: true}),
      ];
      await untilMet(...first);
      await untilMet(...second);
      second[0]?.leave();
      await until(() => second[1]?.participants.length === 0, 'the second call to end');
      expect(first[0]?.participants).to.have.lengthOf(1);
    });

    it('changes the room without a reload', async () => {
      const other = randomRoom();
      const mina = await addWatcher({room, autojoin: true});
      const jun = await addWatcher({room: other, autojoin: true});
      await until(() => mina.state === 'joined' && jun.state === 'joined', 'both to be in');
      mina.room = other;
      await untilMet(mina, jun);
    });

    it('shows a shared screen as a second picture', async () => {
      replace(navigator.mediaDevices, 'getDisplayMedia', async () => {
        const canvas = document.createElement('canvas');
        canvas.getContext('2d')?.fillRect(0, 0, 10, 10);
        return canvas.captureStream(5);
      });
      const mina = await addWatcher({room, name: 'Mina', autojoin: true});
      const jun = await addWatcher({room, autojoin: true});
      await untilMet(mina, jun);
      await mina.toggleScreen();
      const tile = await until(() => search(jun, '[source=screen]'), 'a tile with the screen');
      expect(tile.getAttribute('participant')).to.equal(jun.participants[0]?.id);
      await until(() => readable(jun).includes('Screen of Mina'), 'its label');
      await expect(jun).to.be.accessible();
      await mina.toggleScreen(false);
      await until(() => !search(jun, '[source=screen]'), 'the tile to go');
    });

    it('reads out who comes and goes', async () => {
      const mina = await addWatcher({room, autojoin: true});
      const live = () => find(mina, '[aria-live]').textContent;
      const jun = await addWatcher({room, name: 'Jun', autojoin: true});
      await until(() => live().includes('Jun joined.'), 'the arrival');
      jun.leave();
      await until(() => live().includes('Jun left.'), 'the departure');
    });

    it('counts and reads out what comes in the chat while it is closed, and takes files dropped on it', async () => {
      const mina = await addWatcher({room, autojoin: true});
      const other = await createWatcher({room, name: 'Jun'});
      await other.join();
      await untilConnected(other, mina.session);
      await until(() => other.files.isOpen && mina.session.files.isOpen, 'the files');
      const announcer = find(mina, '.announcer');
      other.files.send([new File(['x'], 'plan.txt')]);
      await until(() => announcer.textContent.includes('Jun offers a file: plan.txt.'), 'it');
      const chatButton = () =>
        find(mina, '[part~=chat]').getAttribute('aria-label') ??
        find(mina, '[part~=chat]').textContent;
      await until(() => chatButton().includes('1'), 'the count');
      for (let n = 0; n < 20; n++) {
        other.chat.send(n < 19 ? `line ${n}` : `${'x'.repeat(300)}`);
      }
      await until(() => announcer.textContent.includes('Jun: x'), 'the newest line');
      expect(announcer.textContent.match(/Jun: \w+/g)).to.have.length.below(3);
      expect(announcer.textContent).to.include(`${'x'.repeat(200)}…`);
      expect(announcer.textContent).to.not.include('x'.repeat(201));
      expect(mina.session.unread).to.equal(21);

      const transfer = new DataTransfer();
      transfer.items.add(new File(['y'], 'mine.txt'));
      const drag = (type: string, at: Element) =>
        !at.dispatchEvent(
          new DragEvent(type, {
            dataTransfer: transfer,
            bubbles: true,
            cancelable: true,
            composed: true,
          }),
        );
      const stage = find(mina, '.stage');
      expect(drag('dragover', stage)).to.be.true;
      await until(() => search(mina, '.drop'), 'the place to drop');
      expect(drag('drop', stage)).to.be.true;
      await until(() => other.files.transfers.some(({name}) => name === 'mine.txt'), 'the offer');
      const chat = await until(() => search(mina, 'rtc-chat') as RtcChat | undefined, 'the chat');
      await until(() => search(chat, '.divider.new'), 'what is new');
      expect(find(chat, '.divider.new').nextElementSibling?.textContent).to.contain('plan.txt');
      await until(() => mina.session.unread === 0, 'all of it read');
      // Only one of the two is where they would go.
      drag('dragover', find(chat, 'textarea'));
      await mina.updateComplete;
      await chat.updateComplete;
      expect(mina.shadowRoot?.querySelector('.drop')).to.equal(null);
      expect(search(chat, '.drop')).to.be.instanceOf(Element);
      // What comes now, the chat reads out.
      other.chat.send('seen');
      await until(() => find(chat, '.announcer').textContent.includes('Jun: seen'), 'the line');
      expect(announcer.textContent).to.not.include('seen');
      mina.leave();
      expect(drag('dragover', mina)).to.be.false;
    });

    it('shows the names of others as text, never as HTML', async () => {
      const mina = await addWatcher({room, autojoin: true});
      await addWatcher({room, name: '<img src=x onerror=alert(1)>', autojoin: true});
      await until(() => readable(mina).includes('<img src=x'), 'the name as text');
      expect(search(mina, 'img')).to.equal(undefined);
    });

    it('turns away who finds the room full, and says so', async () => {
      const first = await addWatcher({room, maxParticipants: 2, autojoin: true});
      const second = await addWatcher({room, maxParticipants: 2, autojoin: true});
      await untilMet(first, second);
      const third = await addWatcher({room, maxParticipants: 2});
      await third.join();
      // On a busy machine their word may come after we believed to be in.
      await until(() => third.error?.code === 'room-full', 'room-full', 20_000);
      await third.updateComplete;
      expect(readable(third)).to.contain('All places are taken');
      await expect(third).to.be.accessible();
      await untilMet(first, second);
    }).timeout(40_000);

    it('obeys the letters of its buttons, but not while somebody types', async () => {
      const mina = await addCall({room, autojoin: true});
      await until(() => mina.state === 'joined' && !mina.self.micOff, 'the call');
      await until(() => mina.self.stream?.getAudioTracks().length, 'the microphone');
      button(mina, 'Microphone').focus();
      await sendKeys({press: 'm'});
      await until(() => mina.micOff, 'the microphone to be off');
      await mina.updateComplete;
      expect(mina.hasAttribute('mic-off')).to.equal(true);
      await sendKeys({press: 'l'});
      await until(() => mina.state === 'idle', 'the call to end');
    });
  });

  it('shows in its attributes what there is of devices that come and go', async () => {
    hearTestEvents();
    const devices = new VirtualDevices('Mic', 'Camera');
    const mina = await addCall({room, autojoin: true});
    await until(() => mina.self.stream?.getTracks().length === 2, 'the devices');
    devices.unplug('Camera');
    devices.unplug('Mic');
    await until(() => mina.matches('[camera-off][mic-off]'), 'both off');
    await until(() => readable(mina).includes('unplugged'), 'the notice');
    devices.plug('Camera');
    devices.plug('Mic');
    await until(() => mina.matches(':not([camera-off], [mic-off])'), 'both on');
    await until(() => !readable(mina).includes('unplugged'), 'no notice');
  });

  describe('before a call', () => {
    it('shows oneself, asks for the name, and joins on Enter', async () => {
      const mina = await addCall({room, maxParticipants: 4});
      await until(() => mina.self.stream?.getVideoTracks().length, 'the preview');
      await expect(mina).to.be.accessible();
      const input = find<HTMLInputElement>(mina, 'input');
      input.focus();
      await sendKeys({type: 'mimi'});
      await sendKeys({press: 'Enter'});
      await until(() => mina.state === 'joined', 'the call');
      expect(mina.name).to.equal('mimi');
      expect(mina.self.micOff).to.equal(false);
      expect(readable(mina)).to.contain('Waiting for others');
      await expect(mina).to.be.accessible();
    });

    it('closes the camera of the lobby when it is removed', async () => {
      const mina = await addCall({room});
      const [track] = await until(() => {
        const tracks = mina.self.stream?.getVideoTracks() ?? [];
        return tracks.length ? tracks : undefined;
      }, 'the preview');
      mina.remove();
      await until(() => track?.readyState === 'ended', 'the light to go out');
    });

    it('opens no device for the lobby while nobody can see it', async () => {
      let asked = 0;
      replace(navigator.mediaDevices, 'getUserMedia', () => {
        asked++;
        return Promise.reject(new DOMException('', 'NotAllowedError'));
      });
      const box = add(document.createElement('div'));
      box.hidden = true;
      const call = document.createElement('rtc-call');
      box.append(call);
      await call.updateComplete;
      // An observer that was made later has its say later.
      await new Promise((resolve) => new IntersectionObserver(resolve).observe(box));
      expect(asked).to.equal(0);
      box.hidden = false;
      await until(() => asked > 0, 'the preview to start when it is seen');
    });

    it('says what to do when the camera is refused, and joins all the same', async () => {
      replace(navigator.mediaDevices, 'getUserMedia', () =>
        Promise.reject(new DOMException('', 'NotAllowedError')),
      );
      const mina = await addCall({room});
      const {error} = await once<RtcErrorEvent>(mina, 'rtc-error');
      expect(error.code).to.equal('permission-denied');
      await mina.updateComplete;
      expect(readable(mina)).to.contain('Camera or microphone are blocked');
      expect(find(mina, '[role=alert]').textContent).to.contain('Allow them');
      await expect(mina).to.be.accessible();
      await mina.join();
      expect(mina.state).to.equal('joined');
      expect(mina.micOff && mina.cameraOff).to.equal(true);
      await until(() => search(mina, '[part=notice] p')?.textContent.includes('Allow them'), 'why');
      button(find(mina, '[part=notice]'), 'Dismiss').click();
      await mina.updateComplete;
      expect(readable(mina)).not.to.contain('Allow them');
    });

    it('takes what was set before the element was known', async () => {
      const host = add(document.createElement('div'));
      const late = document.implementation.createHTMLDocument().createElement('rtc-call');
      late.room = room;
      late.micOff = true;
      late.cameraOff = true;
      late.maxParticipants = 3;
      host.append(document.adoptNode(late));
      customElements.upgrade(late);
      await late.updateComplete;
      expect(late.session.options.room).to.equal(room);
      expect(late.session.options.maxParticipants).to.equal(3);
      expect(late.session.self.micOff).to.equal(true);
    });

    it('takes how it is to hold from its attributes, and gives it up with them', async () => {
      const call = await addWatcher();
      const wanted = {
        resume: ['', true, false],
        'relay-only': ['', true, false],
        'reconnect-timeout': ['5', 5_000, 60_000],
      } as const;
      const values = () => {
        const {resume, relayOnly, reconnectTimeoutMs} = call.session.options;
        return [resume, relayOnly, reconnectTimeoutMs];
      };
      expect(values()).to.deep.equal(Object.values(wanted).map(([, , without]) => without));
      for (const [name, [text]] of Object.entries(wanted)) {
        call.setAttribute(name, text);
      }
      await call.updateComplete;
      expect(values()).to.deep.equal(Object.values(wanted).map(([, given]) => given));
      for (const name of Object.keys(wanted)) {
        call.removeAttribute(name);
      }
      await call.updateComplete;
      expect(values()).to.deep.equal(Object.values(wanted).map(([, , without]) => without));
    });

    it('takes its attributes in any order, the room last', async () => {
      const {url} = await sharedBroker();
      const call = document.createElement('rtc-call');
      call.setAttribute('autojoin', '');
      call.setAttribute('camera-off', '');
      call.setAttribute('mic-off', '');
      add(call);
      await call.updateComplete;
      expect(call.state).to.equal('idle');
      call.setAttribute('broker', url);
      call.setAttribute('room', room);
      await until(() => call.state === 'joined', 'the call');
    });
  });

  it('joins by itself once what was wrong is put right', async () => {
    const call = await addWatcher({autojoin: true});
    call.setAttribute('room', '');
    await until(() => call.state === 'failed', 'the failure');
    call.room = room;
    await until(() => call.state === 'joined', 'the call');
  });

  it('keeps its interface with a script inside', async () => {
    const call = await addWatcher({room});
    call.append(document.createElement('script'));
    await call.updateComplete;
    await call.updateComplete;
    expect(search(call, '[part=call]') !== undefined).to.equal(true);
  });

  it('lets a page style its toolbar', async () => {
    const sheet = new CSSStyleSheet();
    sheet.replaceSync('rtc-call::part(toolbar) { justify-content: start; }');
    document.adoptedStyleSheets.push(sheet);
    const call = await addWatcher({room});
    const controls = find<RtcControls>(call, 'rtc-controls');
    await controls.updateComplete;
    expect(getComputedStyle(find(controls, '.toolbar')).justifyContent).to.equal('start');
    document.adoptedStyleSheets = [];
  });

  describe('when it cannot be', () => {
    for (const [name, properties, fault] of [
      ['an empty room', {room: ''}, 'room'],
      ['a room of 10,000 characters', {room: 'x'.repeat(10_000)}, 'room'],
      ['an unknown mode', {mode: 'party'}, 'mode'],
      ['a cap that is no number', {maxParticipants: NaN}, 'max-participants'],
      ['a broker that is no URL', {broker: 'not a url'}, 'broker'],
      ['a broker of another kind', {broker: 'ftp://example.org'}, 'broker'],
      ['a patience that is no number', {reconnectTimeout: NaN}, 'reconnect-timeout'],
      ['no patience at all', {reconnectTimeout: 0}, 'reconnect-timeout'],
      ['relays only where there is none', {relayOnly: true}, 'relay-only'],
    ] as const) {
      it(`names ${name}`, async () => {
        const call = await addWatcher({room, ...properties});
        const told = once<RtcErrorEvent>(call, 'rtc-error');
        await call.join();
        expect(call.state).to.equal('failed');
        expect((await told).error.code).to.equal('bad-attribute');
        expect(call.error?.detail).to.contain(fault);
        await call.updateComplete;
        expect(readable(call)).to.contain(fault);
      });
    }

    it('names an attribute that is no number', async () => {
      const call = await addWatcher({room});
      call.setAttribute('reconnect-timeout', 'soon');
      call.setAttribute('autojoin', '');
      await until(() => call.state === 'failed', 'the failure');
      expect(call.error?.detail).to.contain('reconnect-timeout');
      // Put right, it joins by itself.
      call.setAttribute('reconnect-timeout', '30');
      await until(() => call.state === 'joined', 'the call');
    });

    it('offers to try again, and does', async () => {
      const call = await addWatcher({room, mode: 'party'});
      await call.join();
      await call.updateComplete;
      await expect(call).to.be.accessible();
      call.mode = 'call';
      await call.updateComplete;
      button(call, 'Try again').click();
      await until(() => call.state === 'joined', 'the call');
    });

    it('offers to come back after leaving', async () => {
      const call = await addWatcher({room, autojoin: true});
      await until(() => call.state === 'joined', 'the call');
      await call.updateComplete;
      button(call, 'Leave').click();
      await call.updateComplete;
      expect(readable(call)).to.contain('You left the call');
      await expect(call).to.be.accessible();
      button(call, 'Join again').click();
      await until(() => call.state === 'joined', 'the call again');
    });

    it('can be cancelled while joining', async () => {
      const call = await addWatcher({room, rtcConfiguration: () => new Promise(() => undefined)});
      void call.join();
      expect(call.state).to.equal('joining');
      await call.updateComplete;
      await expect(call).to.be.accessible();
      button(call, 'Cancel').click();
      expect(call.state).to.equal('idle');
      await call.updateComplete;
      expect(() => button(call, 'Join')).not.to.throw();
    });
  });

  describe('as a place for others', () => {
    it('shows only the elements of the page when there are some', async () => {
      const call = await addWatcher({room});
      call.innerHTML = '<p>mine</p>';
      await until(() => !search(call, '[part=call]'), 'the own interface to go');
      call.textContent = ' ';
      await until(() => search(call, '[part=call]'), 'the own interface to come back');
    });

    it('mirrors its state for style sheets', async function () {
      const call = await addWatcher({room});
      try {
        call.matches(':state(idle)');
      } catch {
        // Before 2024 there was no such selector.
        this.skip();
      }
      expect(call.matches(':state(idle)')).to.equal(true);
      await call.join();
      expect(call.matches(':state(joined)')).to.equal(true);
      expect(call.matches(':state(idle)')).to.equal(false);
    });

    it('speaks the language around it, and changes with it', async () => {
      const section = add(document.createElement('section'));
      section.lang = 'ko';
      const call = await addWatcher({room});
      section.append(call);
      await until(() => readable(call).includes('참가하기'), 'Korean');
      await expect(call).to.be.accessible();
      section.lang = 'en';
      await until(() => readable(call).includes('Join'), 'English');
      const errors: string[] = [];
      call.addEventListener('rtc-error', ({error}) => errors.push(error.message));
      call.texts = {'call.join': 'Come in', 'controls.mic': 'Voice'};
      await until(() => readable(call).includes('Come in') && button(call, 'Voice'), 'our own');
      expect(errors).to.deep.equal([]);
      call.texts = {'call.jion': 'Come in'};
      await until(() => errors.join().includes('call.jion'), 'what is wrong with it');
    });
  });

  describe('on the screen', () => {
    const sizes = [
      [320, 480],
      [390, 844],
      [1280, 800],
      [3840, 2160],
    ] as const;

    it('keeps everything inside its box, from a phone to a projector', async () => {
      const calls = [];
      for (let i = 0; i < 3; i++) {
        calls.push(await addWatcher({room, name: `Person ${i}`, autojoin: true}));
      }
      await untilMet(...calls);
      const [call] = calls as [RtcCall];
      for (const [width, height] of sizes) {
        // The interface asks its box, not the window, how large it is.
        call.style.cssText = `position: fixed; inset: 0 auto auto 0; width: ${width}px; height: ${height}px`;
        await until(() => {
          const tiles = [...(find(call, '.tiles').children as unknown as HTMLElement[])];
          const boxes = tiles.map((tile) => tile.getBoundingClientRect());
          return (
            boxes.length === 3 &&
            boxes.every((box) => box.width > 60 && box.left >= 0 && box.right <= width) &&
            boxes.every(
              (one, i) =>
                !boxes.some(
                  (other, j) =>
                    j > i &&
                    one.left < other.right - 1 &&
                    other.left < one.right - 1 &&
                    one.top < other.bottom - 1 &&
                    other.top < one.bottom - 1,
                ),
            )
          );
        }, `tiles that fit ${width} x ${height}`);
        const bar = find(call, '[part=controls]').getBoundingClientRect();
        expect(bar.bottom).to.be.at.most(height);
        expect(call.scrollWidth).to.equal(width);
        expect(call.scrollHeight).to.equal(height);
      }
    });
  });
});
