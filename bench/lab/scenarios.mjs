/**
 * What can happen to a call. When everybody sees everybody, and after the steps `before`, the steps
 * `on` begin the fault, `hold` seconds later the steps `off` end it, and for `after` seconds more it
 * is seen what becomes of it.
 *
 * A step is a fault of net.mjs, or: `broker stop|start`, `open WHO`, `reload WHO`, `kill WHO`,
 * `wait SECONDS`, `await WHO EVENT` (an event's text begins so).
 *
 *   nat      cone | symmetric | blocked                            default: cone
 *   ice      turn | stun: which servers the pages are given        default: turn
 *   people   who takes part; PeerJS has no calls of more than two  default: a and b
 *   open     who is there at the beginning                         default: all of them
 *   fails    no pictures can come: ends when both pages say so
 *   focus    the pairs it is about, in tables; the others share a line
 */
const pull = (seconds, after) => ({
  on: ['cable a out'],
  hold: seconds,
  off: ['cable a in'],
  after,
});
const line = (fault) => ({on: [fault], hold: 30, off: ['clear'], after: 15});
const four = {
  people: ['a', 'b', 'c', 'd'],
  focus: ['b c', 'c b'],
};

export const scenarios = {
  direct: {ice: 'stun', hold: 10},
  'symmetric-turn': {nat: 'symmetric', hold: 10},
  'symmetric-no-turn': {nat: 'symmetric', ice: 'stun', fails: true},
  'udp-blocked-turn-tcp': {nat: 'blocked', hold: 10},
  'pull-3': pull(3, 20),
  'pull-10': pull(10, 40),
  'pull-40': pull(40, 45),
  'address-change': {on: ['uplink a off', 'uplink l on'], after: 60},
  'loss-10': line('loss a 10'),
  'loss-30': line('loss a 30'),
  'delay-300': line('delay a 300'),
  'rate-300': line('rate a 300'),
  broker: {on: ['broker stop'], hold: 20, off: ['broker start'], after: 15},
  // Whether the call is still to be found after the broker was away.
  'broker-then-reload': {
    before: ['broker stop', 'wait 20', 'broker start', 'wait 15'],
    on: ['reload b'],
    after: 40,
  },
  'broker-before-join': {
    open: ['a'],
    on: ['broker stop', 'open b'],
    hold: 20,
    off: ['broker start'],
    after: 40,
  },
  'broker-in-join': {
    open: ['a'],
    on: ['open b', 'await b socket open', 'broker stop'],
    hold: 20,
    off: ['broker start'],
    after: 40,
  },
  kill: {on: ['kill b'], after: 45},
  'reload-a': {on: ['reload a'], after: 40},
  'reload-b': {on: ['reload b'], after: 40},
  // With TURN there is another way at once; without, only when the cut has healed.
  'mesh-cut': {...four, on: ['cut b c'], hold: 40, off: ['clear'], after: 20},
  'mesh-cut-no-turn': {...four, ice: 'stun', on: ['cut b c'], hold: 40, off: ['clear'], after: 40},
  'mesh-cut-no-broker': {
    ...four,
    before: ['broker stop', 'wait 3'],
    on: ['cut b c'],
    hold: 40,
    off: ['clear'],
    after: 20,
  },
  'mesh-cut-no-turn-no-broker': {
    ...four,
    ice: 'stun',
    before: ['broker stop', 'wait 3'],
    on: ['cut b c'],
    hold: 40,
    off: ['clear'],
    after: 40,
  },
};
