import {after} from '../core/after.js';
import {RtcError} from '../core/errors.js';

const answerMs = 8_000;
/** https://w3c.github.io/webrtc-pc/#dom-rtcpeerconnection-generatecertificate */
const certificateKind = {name: 'ECDSA', namedCurve: 'P-256'};
/** One of a moment ago need not be asked for again. */
const freshMs = 30_000;
/** No credentials that are of any use are void after so long, */
const agedMs = 300_000;
/** so that a way to somebody who is waiting should not take longer for newer ones. */
const recentMs = 500;

/**
 * The page's `RTCConfiguration`. A function of the page's is asked again when its last answer
 * is not of this moment: the credentials in it may be short-lived, and a call is long.
 * All connections have one certificate, unless it names others: it shows that they lead to us.
 */
export class Configuration {
  readonly #ask: () => RTCConfiguration | Promise<RTCConfiguration>;
  readonly #signal: AbortSignal;
  #current: RTCConfiguration = {};
  #certificate: Promise<RTCCertificate> | undefined;
  #answeredAt = -Infinity;
  #asking: Promise<void> | undefined;

  constructor(
    ask: () => RTCConfiguration | Promise<RTCConfiguration>,
    {signal}: {signal: AbortSignal},
  ) {
    this.#ask = ask;
    this.#signal = signal;
  }

  /** The last answer. */
  get current(): RTCConfiguration {
    return this.#current;
  }

  /** Acts with a configuration that is not old; at once when there is one. */
  use(act: () => void): void {
    const ageMs = performance.now() - this.#answeredAt;
    if (ageMs < freshMs) {
      act();
      return;
    }
    // What the page asks may be as far away as those we want to reach: then the last answer has
    // to do, and the next try has a better one.
    let isDone = false;
    const go = () => {
      if (!isDone && !this.#signal.aborted) {
        isDone = true;
        act();
      }
    };
    after(ageMs < agedMs ? recentMs : answerMs, go, this.#signal);
    this.refresh().then(go, go);
  }

  /** @throws {RtcError} `connection-failed`, or what the page's function threw as an `RtcError`. */
  refresh(): Promise<void> {
    return (this.#asking ??= this.#refresh().finally(() => (this.#asking = undefined)));
  }

  async #refresh() {
    try {
      const asking = new Promise<RTCConfiguration>((resolve, reject) => {
        // It may ask a server, which may never answer.
        after(answerMs, () => reject(new Error('no answer')), this.#signal);
        Promise.resolve().then(this.#ask).then(resolve, reject);
      });
      this.#certificate ??= RTCPeerConnection.generateCertificate(certificateKind);
      const [answer, certificate] = await Promise.all([asking, this.#certificate]);
      this.#current = {certificates: [certificate], ...answer};
      this.#answeredAt = performance.now();
    } catch (cause) {
      throw cause instanceof RtcError
        ? cause
        : new RtcError('connection-failed', {cause, detail: 'rtcConfiguration'});
    }
  }
}
