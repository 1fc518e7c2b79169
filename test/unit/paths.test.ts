import type {CallSession} from '../../src/session/call-session.js';
import {
  canvasStream,
  closePaths,
  createSession,
  leaveAll,
  Path,
  randomRoom,
  until,
  untilConnected,
  untilMoving,
} from './support.js';

/** How many packets of media have come. */
async function packets(session: CallSession): Promise<number> {
  let sum = 0;
  for (const report of (await session.getStats()).values()) {
    report.forEach(({type, packetsReceived}: {type: string; packetsReceived?: number}) => {
      sum += type === 'inbound-rtp' ? (packetsReceived ?? 0) : 0;
    });
  }
  return sum;
}

/** Whether some come within a second, which is time for fifteen pictures. */
async function isReceiving(session: CallSession): Promise<boolean> {
  const before = await packets(session);
  return until(async () => (await packets(session)) > before, 'packets', 1_000).catch(() => false);
}

// What tests of bad lines stand on: if anything found a way round the path, they would show nothing.
describe('Path', () => {
  const streams: MediaStream[] = [];

  afterEach(async () => {
    leaveAll();
    await closePaths();
    streams.splice(0).forEach((stream) => stream.getTracks().forEach((track) => track.stop()));
  });

  async function join(room: string, path: Path): Promise<CallSession> {
    const stream = canvasStream();
    streams.push(stream);
    const session = await createSession({room, stream, rtcConfiguration: path.configuration});
    await session.join();
    return session;
  }

  it('carries all media of a person, so that a cut ends them until it has healed', async () => {
    const room = randomRoom();
    const path = await Path.open();
    const mina = await join(room, path);
    const jun = await join(room, await Path.open());
    await untilConnected(mina, jun);
    await Promise.all([mina, jun].map(({participants}) => untilMoving(participants[0]?.stream)));

    await path.cut();
    for (const session of [mina, jun]) {
      await until(async () => !(await isReceiving(session)), 'silence');
    }
    await path.heal();
    await untilConnected(mina, jun);
    await until(() => isReceiving(mina), 'packets for the one who was cut off');
    await until(() => isReceiving(jun), 'packets for the other');
  });
});
