// `npm start`: builds, then serves the demo with a broker of its own. Ctrl-C ends both.
//   npm start -- --port 8080 --broker-port 9000 --host 0.0.0.0      (or PORT, BROKER_PORT, HOST)
import {spawnSync} from 'node:child_process';
import {parseArgs} from 'node:util';
import {startBroker} from './lib/brokers.mjs';
import {startWebServer} from './lib/web-server.mjs';

const {env} = process;
const {values} = parseArgs({
  options: {
    port: {type: 'string', default: env.PORT || '8080'},
    'broker-port': {type: 'string', default: env.BROKER_PORT || '9000'},
    host: {type: 'string', default: env.HOST || '127.0.0.1'},
    'no-build': {type: 'boolean', default: false},
  },
});

/** A number from the command line; anything else ends the program with a hint. */
function portNumber(text, name) {
  const port = Number(text);
  if (!Number.isInteger(port) || port < 0 || port > 65535) {
    console.error(`${name}: "${text}" is not a port (0 to 65535).`);
    process.exit(2);
  }
  return port;
}

/** Starts on `port`, or on the next free one, and says so. */
async function onFreePort(what, port, start) {
  for (let next = port; ; next++) {
    try {
      return await start(next);
    } catch (error) {
      if (error.code !== 'EADDRINUSE' || next >= port + 20) {
        console.error(`The ${what} cannot listen on port ${next}: ${error.message}`);
        process.exit(1);
      }
      console.log(`Port ${next} is taken; trying ${next + 1} for the ${what}.`);
    }
  }
}

const port = portNumber(values.port, '--port');
const brokerPort = portNumber(values['broker-port'], '--broker-port');
const {host} = values;

if (!values['no-build']) {
  console.log('Building …');
  const build = spawnSync('npm', ['run', '--silent', 'build'], {
    stdio: ['ignore', 'inherit', 'inherit'],
    shell: process.platform === 'win32',
  });
  if (build.status !== 0) {
    process.exit(build.status ?? 1);
  }
}

const broker = await onFreePort('broker', brokerPort, (port) => startBroker({port, host}));
const web = await onFreePort('web server', port, (port) =>
  startWebServer({port, host, brokerPort: broker.port}),
);

const shown = ['127.0.0.1', '0.0.0.0', '::'].includes(host) ? 'localhost' : host;
console.log(`
Demo:    http://${shown}:${web.port}/
Broker:  http://${shown}:${broker.port}/

Ctrl-C ends both.`);

async function stop() {
  await Promise.all([web.stop(), broker.stop()]);
  process.exit(0);
}
process.once('SIGINT', stop);
process.once('SIGTERM', stop);
// npm passes a SIGTERM to its shell only, not to us: stop when that shell is gone.
if (env.npm_lifecycle_event) {
  const parent = process.ppid;
  setInterval(() => process.ppid !== parent && stop(), 500);
}
