// A small closed internet of network namespaces, with faults.
//
//   a ──wifi──[nat-a]──┐               ┌── broker 203.0.113.2, also the web server
//     └──lte──[nat-l]──┤               │
//   b ──lan───[nat-b]──┼──[net]────────┤
//   c ──lan───[nat-c]──┤   (router)    │
//   d ──lan───[nat-d]──┘               └── turn   203.0.113.6
//
// Every client sits behind a NAT router of its own; nothing has a way out of the laboratory.
// A `link` is the way of one client to the internet: a, b, c, d, and l, the second one of a.
import {execFileSync, spawn} from 'node:child_process';
import {existsSync, readdirSync} from 'node:fs';
import {setTimeout as sleep} from 'node:timers/promises';
import {fileURLToPath} from 'node:url';

export const addresses = {broker: '203.0.113.2', turn: '203.0.113.6'};

const prefix = 'rtclab-';
const ns = (name) => prefix + name;
const links = ['a', 'b', 'c', 'd', 'l'];
const wan = (link, host = 2) => `198.51.100.${4 * links.indexOf(link) + host}`;
const lan = (link, host) => `192.168.${10 + links.indexOf(link)}.${host}`;
/** Phones have two ways out, computers one. */
const client = (link) => (link === 'l' ? 'a' : link);
const device = (link) => ({a: 'wifi', l: 'lte'})[link] ?? 'lan';
const linksOf = (clients) => links.filter((link) => clients.includes(client(link)));

/** Runs a shell script; what it says on stderr is the message of the error. */
const sh = (script) =>
  execFileSync('sh', ['-ec', script], {encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe']});
/** The beginning of a command line that runs the rest inside. */
export const inside = (name) => ['nsenter', `--net=/run/netns/${ns(name)}`];
const within = (name, command) => `${inside(name).join(' ')} ${command}\n`;
const nft = (name, rules) => within(name, `nft '${rules}'`);

const host = (name) => `
  ip netns add ${ns(name)}
  ip -n ${ns(name)} link set lo up
  ${within(name, 'sysctl -qw net.ipv6.conf.all.disable_ipv6=1 net.ipv6.conf.default.disable_ipv6=1 || true')}
  ${within(name, 'sysctl -qw net.ipv4.conf.all.rp_filter=0 net.ipv4.conf.default.rp_filter=0 net.ipv4.ip_forward=1')}`;
const cable = ([ns1, device1, address1], [ns2, device2, address2]) => `
  ip -n ${ns(ns1)} link add ${device1} type veth peer name ${device2} netns ${ns(ns2)}
  ip -n ${ns(ns1)} addr add ${address1} dev ${device1}
  ip -n ${ns(ns1)} link set ${device1} up
  ip -n ${ns(ns2)} addr add ${address2} dev ${device2}
  ip -n ${ns(ns2)} link set ${device2} up`;
const gateway = (name, address) => `
  ip -n ${ns(name)} route replace default via ${address}`;

// Unsolicited packets are dropped, not refused: their entries in the connection table would take
// the port that hole punching needs.
const router = (link, nat) => `
  ${host(`nat-${link}`)}
  ${cable(['net', `wan-${link}`, `${wan(link, 1)}/30`], [`nat-${link}`, 'wan', `${wan(link)}/30`])}
  ${cable([`nat-${link}`, 'lan', `${lan(link, 1)}/24`], [client(link), device(link), `${lan(link, 2)}/24`])}
  ${gateway(`nat-${link}`, wan(link, 1))}
  ${gateway(client(link), lan(link, 1))}
  ${nft(
    `nat-${link}`,
    `table ip nat {
      chain hide { type nat hook postrouting priority 100;
        oifname wan masquerade ${nat === 'symmetric' ? 'random,fully-random' : ''};
      }
      chain local { type filter hook input priority 0; iifname wan ct state new,invalid drop; }
      chain inner { type filter hook forward priority 0; iifname wan ct state new,invalid drop; }
    }`,
  )}`;

const server = (name, address) => `
  ${host(name)}
  ${cable(['net', name, `${address.replace(/\d+$/, (n) => n - 1)}/30`], [name, 'eth', `${address}/30`])}
  ${gateway(
    name,
    address.replace(/\d+$/, (n) => n - 1),
  )}`;

export const isUp = () => existsSync(`/run/netns/${ns('net')}`);

/** Builds it. nat: `cone` (hole punching works), `symmetric` (it does not), `blocked` (no UDP at all). */
export function up({clients, nat = 'cone'}) {
  const all = linksOf(clients);
  const wans = `{ ${all.map((link) => `wan-${link}`).join(', ')} }`;
  const closed = ['iifname', 'oifname'].map((way) => `${way} ${wans} meta l4proto udp drop;`);
  sh(`
    ${host('net')}
    ${server('broker', addresses.broker)}
    ${server('turn', addresses.turn)}
    ${clients.map(host).join('')}
    ${all.map((link) => router(link, nat)).join('')}
    ${nft(
      'net',
      `table ip lab {
        chain closed { type filter hook forward priority 0; ${nat === 'blocked' ? closed.join(' ') : ''} }
        chain faults { type filter hook forward priority 1; }
      }`,
    )}`);
  if (clients.includes('a')) {
    uplink('l', 'off');
    uplink('a', 'on');
  }
}

/** Kills what runs inside with SIGKILL: nobody can say goodbye. */
export function slay(name) {
  sh(`ip netns pids ${ns(name)} | xargs -r kill -9 || true`);
}

/** Ends all that runs in the laboratory, and removes it. Does nothing when there is none. */
export function down() {
  const names = existsSync('/run/netns') ? readdirSync('/run/netns') : [];
  for (const name of names.filter((name) => name.startsWith(prefix))) {
    slay(name.slice(prefix.length));
    sh(`ip netns del ${name}`);
  }
}

/** Each address leaves through its own device, also while there are two. */
function uplink(link, what) {
  const table = 100 + links.indexOf(link);
  const of = `ip -n ${ns(client(link))}`;
  sh(`
    ${of} rule del pref ${table} 2>/dev/null || true
    ${of} addr flush dev ${device(link)}
    ${of} link set ${device(link)} down`);
  if (what === 'on') {
    sh(`
      ${of} addr add ${lan(link, 2)}/24 dev ${device(link)}
      ${of} link set ${device(link)} up
      ${of} route replace default via ${lan(link, 1)} metric ${table}
      ${of} route replace default via ${lan(link, 1)} table ${table}
      ${of} rule add pref ${table} from ${lan(link, 2)} lookup ${table}`);
  }
}

const drop = (rule) => sh(nft('net', `add rule ip lab faults ${rule} drop`));

/** What can be done to the network: the words of a scenario. Everything acts in both directions. */
export const faults = {
  /** The cable of a link, seen by the browser. Address and routes stay, as with a real one. */
  cable: (link, what) =>
    sh(`ip -n ${ns(`nat-${link}`)} link set lan ${what === 'in' ? 'up' : 'down'}`),
  uplink,
  /** No UDP between two clients. What goes through the TURN server still does. */
  cut(one, other) {
    drop(`ip saddr ${wan(one)} ip daddr ${wan(other)} meta l4proto udp`);
    drop(`ip saddr ${wan(other)} ip daddr ${wan(one)} meta l4proto udp`);
  },
  loss(link, percent) {
    drop(`iifname wan-${link} numgen random mod 100 < ${percent}`);
    drop(`oifname wan-${link} numgen random mod 100 < ${percent}`);
  },
  rate(link, kbit) {
    const limit = `root tbf rate ${kbit}kbit burst 5kb latency 400ms`;
    sh(`
      tc -n ${ns('net')} qdisc replace dev wan-${link} ${limit}
      tc -n ${ns(`nat-${link}`)} qdisc replace dev wan ${limit}`);
  },
  /** On each direction, by a device whose packets come back later: not every kernel has netem. */
  async delay(link, ms) {
    const script = fileURLToPath(new URL('delay.py', import.meta.url));
    const [command, ...args] = [...inside('net'), 'python3', script, 'slow', ms];
    spawn(command, args, {stdio: 'ignore'});
    const of = `ip -n ${ns('net')}`;
    for (let i = 0; !sh(`${of} -o link`).includes('slow') && i < 50; i++) {
      await sleep(100);
    }
    sh(`
      ${of} link set slow up
      ${of} route add default dev slow table 77
      ${of} rule add pref 10 iif slow lookup main
      ${of} rule add pref 11 iif wan-${link} lookup 77
      ${of} rule add pref 12 to ${wan(link)} lookup 77`);
  },
  /** Ends cuts, loss, limits and delays. */
  clear() {
    const of = `ip -n ${ns('net')}`;
    sh(`
      ${within('net', 'nft flush chain ip lab faults')}
      ${[10, 11, 12].map((pref) => `${of} rule del pref ${pref} 2>/dev/null || true\n`).join('')}
      for link in ${links.join(' ')}; do
        tc -n ${ns('net')} qdisc del dev wan-$link root 2>/dev/null || true
        tc -n ${ns('nat-$link')} qdisc del dev wan root 2>/dev/null || true
      done`);
    slay('net'); // the delay is all that runs there
  },
};
