import {expect} from '@open-wc/testing';
import {ContextProvider} from '@lit/context';
import {html, LitElement} from 'lit';
import {callContext} from '../../../src/session/call-context.js';
import {CallController} from '../../../src/session/call-controller.js';
import {CallSession} from '../../../src/session/call-session.js';
import {until} from '../support.js';

class TestFollower extends LitElement {
  static override properties = {for: {type: String}};
  declare for: string | null;
  renders = 0;
  readonly call = new CallController(this, {for: () => this.for});

  override render() {
    this.renders++;
    return html`${this.call.session?.options.name}`;
  }
}
customElements.define('test-follower', TestFollower);

/** Stands in for `<rtc-call>`, which is not defined here. */
class TestCall extends LitElement {
  readonly session = new CallSession();
  readonly #provider = new ContextProvider(this, {
    context: callContext,
    initialValue: this.session,
  });

  provide(session: CallSession) {
    this.#provider.setValue(session);
  }

  override render() {
    return html`<slot></slot>`;
  }
}
customElements.define('test-call', TestCall);

describe('CallController', () => {
  const follower = (id: string | null = null) =>
    Object.assign(document.createElement('test-follower') as TestFollower, {for: id});
  const call = (id = '') => Object.assign(document.createElement('test-call') as TestCall, {id});

  afterEach(() => {
    for (const element of document.querySelectorAll('test-call, test-follower')) {
      element.remove();
    }
  });

  it('follows the call around it, and renders when that changes', async () => {
    const [around, host] = [call(), follower()];
    around.append(host);
    document.body.append(around);
    expect(host.call.session === around.session).to.be.true;
    await host.updateComplete;
    const before = host.renders;
    around.session.configure({name: 'Mina'});
    await host.updateComplete;
    expect(host.renders).to.equal(before + 1);
    expect(host.shadowRoot?.textContent).to.equal('Mina');
  });

  it('follows another session that the call gives', async () => {
    const [around, host] = [call(), follower()];
    around.append(host);
    document.body.append(around);
    const next = new CallSession();
    around.provide(next);
    expect(host.call.session === next).to.be.true;
    await host.updateComplete;
    const before = host.renders;
    around.session.configure({name: 'the old one'});
    await host.updateComplete;
    expect(host.renders).to.equal(before);
  });

  it('follows one elsewhere by its id, also one that comes later, goes or is renamed', async () => {
    const host = follower('there');
    document.body.append(host);
    expect(host.call.session).to.equal(undefined);
    const there = call('there');
    document.body.append(there);
    await until(() => host.call.session === there.session, 'the session');
    there.id = 'elsewhere';
    await until(() => !host.call.session, 'no session');
    there.id = 'there';
    await until(() => host.call.session === there.session, 'the session');
    there.remove();
    await until(() => !host.call.session, 'no session');
  });

  it('prefers the named one to the one around it, and changes with the name', async () => {
    const [around, there, host] = [call(), call('there'), follower('there')];
    around.append(host);
    document.body.append(around, there);
    await until(() => host.call.session === there.session, 'the named one');
    host.for = '';
    await until(() => host.call.session === around.session, 'the one around');
    host.for = 'nobody';
    await until(() => !host.call.session, 'nobody');
  });

  it('finds one in its own shadow tree first', async () => {
    const [outer, inner, host] = [call('same'), call('same'), follower('same')];
    const box = document.createElement('div');
    box.attachShadow({mode: 'open'}).append(inner, host);
    document.body.append(outer, box);
    await until(() => host.call.session === inner.session, 'the inner one');
    inner.remove();
    await until(() => host.call.session === outer.session, 'the outer one');
    box.remove();
  });

  it('lets go when its host is removed, and follows again when it is back', async () => {
    const [around, host] = [call(), follower()];
    around.append(host);
    document.body.append(around);
    host.remove();
    expect(host.call.session).to.equal(undefined);
    await host.updateComplete;
    const before = host.renders;
    around.session.configure({name: 'nobody listens'});
    await host.updateComplete;
    expect(host.renders).to.equal(before);
    around.append(host);
    expect(host.call.session === around.session).to.be.true;
  });

  it('takes an element with that id which is no call for none', () => {
    const host = follower('plain');
    const plain = Object.assign(document.createElement('div'), {id: 'plain'});
    document.body.append(plain, host);
    expect(host.call.session).to.equal(undefined);
    plain.remove();
  });

  it('asks again when the call is defined after the page has it', async () => {
    const around = document.createElement('rtc-call');
    const host = follower();
    around.append(host);
    document.body.append(around);
    expect(host.call.session).to.equal(undefined);
    const session = new CallSession();
    customElements.define(
      'rtc-call',
      class extends LitElement {
        readonly provider = new ContextProvider(this, {
          context: callContext,
          initialValue: session,
        });
      },
    );
    await until(() => host.call.session === session, 'the session');
    around.remove();
  });
});
