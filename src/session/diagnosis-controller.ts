import type {ReactiveController, ReactiveControllerHost} from 'lit';
import type {Diagnosis} from '../core/diagnosis.js';
import type {CallSession} from './call-session.js';

/** How far a host has come in showing a diagnosis. */
export type DiagnosisView =
  | {readonly phase: 'closed'}
  | {readonly phase: 'checking'}
  /** `copied` is false where the browser does not let us. */
  | {readonly phase: 'done'; readonly diagnosis: Diagnosis; readonly copied?: boolean};

/** Lets a host show the diagnosis of a call. */
export class DiagnosisController implements ReactiveController {
  readonly #host: ReactiveControllerHost;
  readonly #session: CallSession;
  #view: DiagnosisView = {phase: 'closed'};
  #attempt: AbortController | undefined;

  constructor(host: ReactiveControllerHost, session: CallSession) {
    this.#host = host;
    this.#session = session;
    host.addController(this);
  }

  get view(): DiagnosisView {
    return this.#view;
  }

  hostDisconnected() {
    this.close();
  }

  /** Shows what is known already, or finds it out. */
  open(known?: Diagnosis): void {
    this.close();
    if (known) {
      this.#become({phase: 'done', diagnosis: known});
      return;
    }
    this.#become({phase: 'checking'});
    const {signal} = (this.#attempt = new AbortController());
    void this.#session.diagnose({signal}).then((diagnosis) => {
      if (!signal.aborted) {
        this.#become({phase: 'done', diagnosis});
      }
    });
  }

  close(): void {
    this.#attempt?.abort();
    this.#become({phase: 'closed'});
  }

  /** Puts a text on the clipboard. Resolves when the host shows whether that went well. */
  async copy(text: string): Promise<void> {
    const view = this.#view;
    const copied = await write(text);
    if (view === this.#view && view.phase === 'done') {
      this.#become({...view, copied});
      await this.#host.updateComplete;
    }
  }

  #become(view: DiagnosisView) {
    this.#view = view;
    this.#host.requestUpdate();
  }
}

async function write(text: string): Promise<boolean> {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    // Not allowed, or there is none.
    return false;
  }
}
