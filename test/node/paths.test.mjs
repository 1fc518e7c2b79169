// The network of the tests ends by itself.
import assert from 'node:assert/strict';
import {createSocket} from 'node:dgram';
import {once} from 'node:events';
import {test} from 'node:test';
import {startPaths} from '../../scripts/lib/paths.mjs';

test('The thread of the paths closes its sockets and exits, also with packets on their way', async (t) => {
  const paths = startPaths();
  const {id, configuration} = await paths.open();
  await paths.open();
  await paths.delay(id, 100);
  const port = Number(/:(\d+)\?/.exec(configuration.iceServers[0].urls)[1]);
  const socket = createSocket('udp4');
  t.after(() => socket.close());
  socket.send('a packet', port, '127.0.0.1');
  assert.equal(await paths.stop(), 0, 'the exit code: 1 when it had to be ended');
  // Somebody else can have the port now.
  const other = createSocket('udp4').bind(port, '127.0.0.1');
  await once(other, 'listening');
  other.close();
});
