import {expect} from '@open-wc/testing';
import type {ReactiveControllerHost} from 'lit';
import type {Diagnosis} from '../../../src/core/diagnosis.js';
import type {CallSession} from '../../../src/session/call-session.js';
import {DiagnosisController} from '../../../src/session/diagnosis-controller.js';
import {replace, restoreAll, until} from '../support.js';

const found: Diagnosis = {at: '', ok: true, verdict: 'ok', checks: [], links: [], text: ''};

describe('DiagnosisController', () => {
  const asked: {signal: AbortSignal; answer: (diagnosis: Diagnosis) => void}[] = [];
  let renders: number;
  let controller: DiagnosisController;

  beforeEach(() => {
    asked.length = 0;
    renders = 0;
    const host: ReactiveControllerHost = {
      addController: () => undefined,
      removeController: () => undefined,
      requestUpdate: () => renders++,
      updateComplete: Promise.resolve(true),
    };
    const session = {
      diagnose: ({signal}: {signal: AbortSignal}) =>
        new Promise((answer) => asked.push({signal, answer})),
    };
    controller = new DiagnosisController(host, session as unknown as CallSession);
  });
  afterEach(restoreAll);

  it('shows that it looks, then what it has found', async () => {
    expect(controller.view).to.deep.equal({phase: 'closed'});
    controller.open();
    expect(controller.view).to.deep.equal({phase: 'checking'});
    asked[0]?.answer(found);
    await until(() => controller.view.phase === 'done', 'the diagnosis');
    expect(controller.view).to.deep.equal({phase: 'done', diagnosis: found});
    expect(renders).to.be.above(1);
  });

  it('does not look for what is known', () => {
    controller.open(found);
    expect(controller.view).to.deep.equal({phase: 'done', diagnosis: found});
    expect(asked.length).to.equal(0);
  });

  it('shows nothing of what comes after it was closed, or its host removed', async () => {
    for (const end of [() => controller.close(), () => controller.hostDisconnected()]) {
      controller.open();
      const {signal, answer} = asked.at(-1)!;
      end();
      expect(signal.aborted).to.equal(true);
      answer(found);
      await Promise.resolve();
      expect(controller.view).to.deep.equal({phase: 'closed'});
    }
  });

  it('copies, and says whether it could', async () => {
    controller.open(found);
    replace(navigator.clipboard, 'writeText', () => Promise.resolve());
    await controller.copy('text');
    expect(controller.view).to.include({copied: true});
    replace(navigator, 'clipboard', undefined);
    await controller.copy('text');
    expect(controller.view).to.include({copied: false});
    controller.close();
    await controller.copy('late');
    expect(controller.view).to.deep.equal({phase: 'closed'});
  });
});
