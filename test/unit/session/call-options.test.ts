import {expect} from '@open-wc/testing';
import type {RtcError} from '../../../src/core/errors.js';
import {
  capOf,
  defaultOptions,
  requireOptions,
  type CallOptions,
} from '../../../src/session/call-options.js';

const good: CallOptions = {...defaultOptions, room: 'a'};

/** What is said of it. */
function fault(options: Partial<CallOptions>): string | undefined {
  try {
    requireOptions({...good, ...options});
    return undefined;
  } catch (error) {
    const {code, detail} = error as RtcError;
    return `${code}: ${detail ?? ''}`;
  }
}

describe('Options of a call', () => {
  it('are good as they come, but for the room', () => {
    expect(fault({})).to.equal(undefined);
    expect(fault({room: ''})).to.equal('bad-attribute: room');
    expect(fault({room: ' \n'})).to.equal('bad-attribute: room');
    expect(fault({room: 'x'.repeat(256)})).to.equal(undefined);
    expect(fault({room: 'x'.repeat(257)})).to.equal('bad-attribute: room (257 characters)');
  });

  it('know the modes there are, and no others', () => {
    for (const mode of ['call', 'broadcast', 'watch']) {
      expect(fault({mode}), mode).to.equal(undefined);
    }
    for (const mode of ['', 'Call', 'toString', '__proto__', 'constructor']) {
      expect(fault({mode}), mode).to.equal(`bad-attribute: mode="${mode}"`);
    }
    expect(fault({mode: 'x'.repeat(1_000)})).to.have.length.below(120);
  });

  it('have a cap for each mode', () => {
    for (const [mode, least, most, usual] of [
      ['call', 2, 16, 8],
      ['broadcast', 1, 200, 30],
      ['watch', 1, 200, 30],
    ] as const) {
      expect(capOf({...good, mode}), mode).to.equal(usual);
      for (const maxParticipants of [least, most]) {
        expect(fault({mode, maxParticipants}), `${mode} ${maxParticipants}`).to.equal(undefined);
        expect(capOf({...good, mode, maxParticipants})).to.equal(maxParticipants);
      }
      for (const maxParticipants of [least - 1, most + 1, 2.5, NaN, Infinity, '8' as never]) {
        expect(fault({mode, maxParticipants}), `${mode} ${maxParticipants}`).to.equal(
          `bad-attribute: max-participants (${least} to ${most})`,
        );
      }
    }
  });

  it('know speech and music', () => {
    expect(fault({audioMode: 'music'})).to.equal(undefined);
    expect(fault({audioMode: 'noise'})).to.equal('bad-attribute: audio-mode="noise"');
  });

  it('wait for somebody neither a moment nor a day', () => {
    for (const [reconnectTimeoutMs, isGood] of [
      [1_000, true],
      [3_600_000, true],
      [999, false],
      [3_600_001, false],
      [NaN, false],
    ] as const) {
      expect(fault({reconnectTimeoutMs}) === undefined, `${reconnectTimeoutMs}`).to.equal(isGood);
    }
  });

  it('take a stream for one that has tracks', () => {
    expect(fault({stream: new MediaStream()})).to.equal(undefined);
    expect(fault({stream: 'camera' as never})).to.equal('bad-attribute: stream');
    expect(fault({stream: {} as never})).to.equal('bad-attribute: stream');
  });
});
