import {expect} from '@open-wc/testing';
import {describe as describeCode, RtcError, toRtcError} from '../../../src/core/errors.js';
import {en} from '../../../src/locales/en.js';
import {ko} from '../../../src/locales/ko.js';
import type {RtcErrorCode} from '../../../src/core/errors.js';

describe('RtcError', () => {
  const {lang} = document.documentElement;
  afterEach(() => {
    document.documentElement.lang = lang;
  });

  it('has a message for every code, in every language', () => {
    for (const code of Object.keys(en.errors) as RtcErrorCode[]) {
      expect(new RtcError(code).message, code).to.have.length.above(10);
      expect(new RtcError(code, {lang: 'ko'}).message, code).to.match(/[가-힣]/);
    }
  });

  it('has all the codes that pages rely on', () => {
    expect(en.errors).to.include.all.keys(
      'insecure-context unsupported-browser permission-denied device-not-found device-in-use device-lost broker-unreachable broker-full room-full address-taken peer-unavailable busy declined no-answer connection-failed secret-mismatch bad-attribute bad-message server-rejected'.split(
        ' ',
      ),
    );
  });

  it('speaks the language of the page unless told', () => {
    document.documentElement.lang = 'ko-KR';
    expect(new RtcError('room-full').message).to.equal(ko.errors['room-full']);
    expect(new RtcError('room-full', {lang: 'en'}).message).to.equal(en.errors['room-full']);
    document.documentElement.lang = '';
    expect(new RtcError('room-full').message).to.equal(en.errors['room-full']);
    document.documentElement.lang = 'xx';
    expect(new RtcError('room-full').message).to.equal(en.errors['room-full']);
  });

  it('says what is at fault', () => {
    const error = new RtcError('bad-attribute', {detail: 'room'});
    expect(error.message).to.match(/Check: room$/);
    expect(error.detail).to.equal('room');
    expect(new RtcError('bad-attribute', {detail: 'room', lang: 'ko'}).message).to.contain('room');
  });

  it('leaves no placeholder where nothing is known', () => {
    for (const code of Object.keys(en.errors) as RtcErrorCode[]) {
      expect(new RtcError(code).message, code).to.not.match(/[{}]|\s$/);
    }
  });

  it('keeps its name and cause, and is an Error', () => {
    const cause = new Error('deeper');
    const error = new RtcError('busy', {cause});
    expect(error).to.be.instanceOf(Error);
    expect(error.name).to.equal('RtcError');
    expect(error.cause).to.equal(cause);
    expect('cause' in new RtcError('busy')).to.be.false;
  });

  it('knows where trying again cannot help', () => {
    const final = (Object.keys(en.errors) as RtcErrorCode[]).filter(
      (code) => !new RtcError(code).recoverable,
    );
    expect(final).to.have.members([
      'insecure-context',
      'unsupported-browser',
      'bad-attribute',
      'secret-mismatch',
    ]);
  });
});

describe('describe', () => {
  it('gives the message of a code in another language', () => {
    expect(describeCode('bad-message', 'too long', en)).to.equal(
      'A message was too large or not understood. too long',
    );
    expect(describeCode('busy', undefined, ko)).to.equal(ko.errors.busy);
  });

  it('takes a detail for text, whatever stands in it', () => {
    expect(describeCode('bad-attribute', '{detail} $& $1', en)).to.match(
      /Check: \{detail\} \$& \$1$/,
    );
  });
});

describe('toRtcError', () => {
  it('keeps what is one already', () => {
    const error = new RtcError('busy');
    expect(toRtcError(error)).to.equal(error);
  });

  it('wraps anything else', () => {
    const cause = new TypeError('odd');
    expect(toRtcError(cause)).to.include({code: 'connection-failed', cause});
    expect(toRtcError('odd', 'busy')).to.include({code: 'busy', cause: 'odd'});
  });
});
