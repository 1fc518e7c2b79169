import {expect} from '@open-wc/testing';
import {musicBitrate, sayMusic, saysMusic, withMusic, withoutMusic} from '../../../src/rtc/opus.js';

const lines = (...all: string[]) => all.map((line) => `${line}\r\n`).join('');
const sdp = lines(
  'v=0',
  'm=audio 9 UDP/TLS/RTP/SAVPF 111 63 0',
  'a=rtpmap:111 opus/48000/2',
  'a=fmtp:111 minptime=10;useinbandfec=1',
  'a=rtpmap:63 red/48000/2',
  'a=fmtp:63 111/111',
  'm=video 9 UDP/TLS/RTP/SAVPF 96',
  'a=rtpmap:96 VP8/90000',
  'a=fmtp:96 max-fs=12288',
);
const music = `stereo=1;maxaveragebitrate=${musicBitrate};usedtx=0`;

describe('Descriptions of music', () => {
  it('ask for stereo and its bits in the parameters of Opus, and change nothing else', () => {
    expect(withMusic(sdp)).to.equal(
      sdp.replace(
        'a=fmtp:111 minptime=10;useinbandfec=1',
        `a=fmtp:111 minptime=10;useinbandfec=1;${music}`,
      ),
    );
  });

  it('take the place of what was asked for before', () => {
    const before = sdp.replace(
      'useinbandfec=1',
      'stereo=0; maxaveragebitrate=20000 ;usedtx=1;useinbandfec=1',
    );
    expect(withMusic(before)).to.equal(withMusic(sdp));
    expect(withMusic(withMusic(sdp))).to.equal(withMusic(sdp));
  });

  it('leave all of that away again', () => {
    expect(withoutMusic(withMusic(sdp))).to.equal(sdp);
    expect(withoutMusic(sdp)).to.equal(sdp);
  });

  it('find Opus by its name, in every section, however it is written', () => {
    const other = lines(
      'm=audio 9 UDP/TLS/RTP/SAVPF 109',
      'a=rtpmap:109 OPUS/48000/2',
      'a=fmtp:109 maxplaybackrate=48000;stereo=1;useinbandfec=1',
    );
    const all = withMusic(sdp + other);
    expect(all).to.contain(`a=fmtp:109 maxplaybackrate=48000;useinbandfec=1;${music}`);
    expect(all).to.contain(`a=fmtp:111 minptime=10;useinbandfec=1;${music}`);
  });

  it('leave a description without Opus as it is', () => {
    const video = lines('v=0', 'm=video 9 X 96', 'a=rtpmap:96 VP8/90000', 'a=fmtp:96 max-fs=12288');
    for (const text of ['', video, 'a=fmtp:', 'a=fmtp:111 x']) {
      expect(withMusic(text)).to.equal(text);
      expect(sayMusic(text)).to.equal(text);
      expect(saysMusic(text)).to.be.false;
    }
  });

  it('say that music is sent, so that it can be read', () => {
    expect(saysMusic(sdp)).to.be.false;
    expect(saysMusic(withMusic(sdp))).to.be.false;
    expect(saysMusic(sayMusic(sdp))).to.be.true;
    expect(saysMusic(sayMusic(withMusic(sdp)))).to.be.true;
    expect(saysMusic(sdp.replace('minptime=10', 'sprop-stereo=10'))).to.be.false;
    expect(saysMusic(`${sdp}a=x sprop-stereo=1`)).to.be.false;
  });

  it('take their time with the worst that fits, but not for ever', () => {
    const worst = `${lines('a=rtpmap:1 opus/48000')}a=fmtp:1 ${' ;'.repeat(24_000)}`.slice(
      0,
      48_000,
    );
    expect(withMusic(worst)).to.contain(music);
    expect(saysMusic(worst)).to.be.false;
  });
});
