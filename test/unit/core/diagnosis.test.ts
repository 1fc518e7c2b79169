import {expect} from '@open-wc/testing';
import {
  describeDiagnosis,
  describeLink,
  describeVerdict,
  type Diagnosis,
  type DiagnosisVerdict,
} from '../../../src/core/diagnosis.js';
import {en} from '../../../src/locales/en.js';
import {ko} from '../../../src/locales/ko.js';
import type {Texts} from '../../../src/locales/texts.js';

const diagnosis: Omit<Diagnosis, 'text'> = {
  at: '2026-11-20T10:00:00.000Z',
  ok: false,
  verdict: 'needs-turn',
  checks: [
    {name: 'browser', status: 'ok'},
    {name: 'broker', status: 'ok', detail: '35 ms'},
    {name: 'stun', status: 'failed', detail: 'stun:stun.example.org'},
    {name: 'turn', status: 'skipped'},
  ],
  links: [
    {
      participant: 'Jun',
      connection: 'connected',
      local: ['host', 'relay'],
      remote: ['srflx'],
      pair: {local: 'relay', remote: 'srflx', protocol: 'udp', relayProtocol: 'tcp'},
      roundTripMs: 45,
      lossPercent: {in: 0.5},
      limitedBy: 'bandwidth',
      sendKbps: 1_200,
      receiveKbps: 900,
    },
    {participant: '', connection: 'failed', local: ['host'], remote: []},
  ],
};

describe('describeDiagnosis', () => {
  it('says all of it in words, a line for each thing', () => {
    expect(describeDiagnosis(diagnosis, en).split('\n')).to.deep.equal([
      'Connection check 2026-11-20T10:00:00.000Z',
      en.diagnosis.verdicts['needs-turn'],
      '✓ Browser: OK',
      '✓ Connection service: OK (35 ms)',
      '✗ STUN server: fails (stun:stun.example.org)',
      '– TURN server: not used',
      'Jun: connected · candidates host/relay here, srflx there · relay ↔ srflx (udp, tcp) · round trip 45 ms · loss 0.5 % in, – % out · ↑ 1200 ↓ 900 kbit/s · limited by the network',
      'Guest: not connected · candidates host here, – there',
    ]);
  });

  it('speaks the language it is asked for, or that of the page', () => {
    expect(describeDiagnosis(diagnosis, ko)).to.contain(ko.diagnosis.verdicts['needs-turn']);
    const {lang} = document.documentElement;
    document.documentElement.lang = 'ko';
    expect(describeDiagnosis(diagnosis)).to.contain(ko.diagnosis.verdicts['needs-turn']);
    document.documentElement.lang = lang;
    expect(describeDiagnosis(diagnosis)).to.contain(en.diagnosis.verdicts['needs-turn']);
  });
});

describe('describeVerdict', () => {
  const sentence = (verdict: DiagnosisVerdict, texts: Texts) =>
    describeVerdict({...diagnosis, verdict}, texts);

  it('has a sentence for each in every language, also for those that are error codes', () => {
    for (const verdict of Object.keys({...en.diagnosis.verdicts, ...en.errors})) {
      for (const texts of [en, ko]) {
        expect(sentence(verdict as DiagnosisVerdict, texts), verdict).to.match(/[.。다요]/);
      }
    }
    expect(sentence('broker-full', en)).to.equal(en.errors['broker-full']);
  });

  it('says what is wrong in the page', () => {
    const wrong = {name: 'turn', status: 'failed', detail: 'rtcConfiguration'} as const;
    expect(describeVerdict({verdict: 'bad-attribute', checks: [wrong]}, en)).to.contain(
      'Check: rtcConfiguration',
    );
  });
});

describe('describeLink', () => {
  it('leaves out what is not known', () => {
    expect(
      describeLink({participant: 'Mina', connection: 'connecting', local: [], remote: []}, en),
    ).to.equal('Mina: connecting · candidates – here, – there');
  });
});
