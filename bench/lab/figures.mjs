// From what the probes saw to figures, and from figures to a table.

const seconds = (ms) => Math.round(ms / 100) / 10;
const within = (list, from, to) => list.filter(({t}) => t > from && t <= to);

/** How long a page got no time from its machine. A busy machine must not look like a broken network. */
const lateness = (samples, from, to) => within(samples, from, to).reduce((n, s) => n + s.late, 0);

/** Stretches of more than `least` ms in which nothing came although both pages could act. */
function gaps(sides, times, from, to, least) {
  const marks = [from, ...times.filter((t) => t > from && t < to), to];
  return marks
    .slice(1)
    .map((t, i) => ({from: marks[i], to: t}))
    .map((gap) => {
      const late = sides.map(({samples}) => lateness(samples, gap.from, gap.to));
      return {...gap, length: gap.to - gap.from - Math.max(...late)};
    })
    .filter(({length}) => length > least);
}
const longest = (list) => seconds(Math.max(0, ...list.map(({length}) => length)));

/** The page's own words about trouble with `who`, or with the call as a whole. */
export const isTrouble = (text, who) =>
  /^(error|call (failed|closed|reconnecting|left))/.test(text) ||
  text.startsWith(`${who} reconnecting`) ||
  text.startsWith(`${who} left`);

/** Whether the pictures of `who` move right now. */
export const isMoving = ({samples}, who) =>
  samples.slice(-20).reduce((n, {people}) => n + (people[who]?.shown ?? 0), 0) >= 5;

const first = (events, test, began) => {
  const event = events.find(([t, text]) => t >= began && test(text));
  return event ? seconds(event[0] - began) : null;
};

/** What one side saw of another, `who`. began and healed: when the fault began, and was over. */
export function judge(side, other, who, {began, healed, end}) {
  const {samples, events} = side;
  const nothing = {shown: 0, decoded: 0, bytes: 0, sound: 0};
  const seen = samples.map(({t, people}) => ({t, ...nothing, ...people[who]}));
  const sum = (figure, from, to) => within(seen, from, to).reduce((n, s) => n + s[figure], 0);
  const rate = (figure, from, to) =>
    to - from < 1000 ? null : Math.round((sum(figure, from, to) / (to - from)) * 10_000) / 10;
  const pauses = (figure, enough, least) => {
    const times = seen.filter((s) => s[figure] >= enough).map(({t}) => t);
    return gaps([side, other], times, began, end, least);
  };
  const say = (test) => first(events, test, began);
  const word = events.findLast(([t, text]) => t >= began && text.startsWith(`${who} `));

  const freezes = pauses('shown', 1, 500);
  const last = freezes.findLast(({length}) => length > 2000);
  const back = last ? (last.to === end ? null : last.to) : began;
  const over = back === null ? end : Math.max(back, healed);
  const fps = rate('decoded', began - 5000, began);
  const expected = (fps * (over - began)) / 1000;
  return {
    noticed_s: say((text) => isTrouble(text, who)),
    reconnecting_s: say((text) => text.startsWith(`${who} reconnecting`)),
    left_s: say((text) => text.startsWith(`${who} left`)),
    connected_again_s: word?.[1] === `${who} connected` ? seconds(word[0] - began) : null,
    back_after_begin_s: back === null ? null : seconds(back - began),
    back_after_end_s: back === null ? null : Math.max(0, seconds(back - healed)),
    longest_freeze_s: longest(freezes),
    frozen_s: seconds(freezes.reduce((all, {length}) => all + length, 0)),
    frames_lost: fps ? Math.max(0, Math.round(expected - sum('decoded', began, over))) : null,
    sound_gap_s: longest(pauses('sound', 10, 300)),
    fps: [fps, rate('decoded', began, healed), rate('decoded', end - 5000, end)],
    kbps_during: Math.round((rate('bytes', began, healed) ?? 0) / 125),
    starved_s: seconds(lateness(samples, began, end)),
    at_end: sum('shown', end - 3000, end)
      ? 'moving'
      : samples.at(-1)?.people[who]
        ? 'frozen'
        : 'gone',
  };
}

/** What is there to say where no pictures came: the page's own words. */
export function lament({events}, who, opened) {
  const words = events.filter(([, text]) => isTrouble(text, who)).map(([, text]) => text);
  return {
    noticed_s: first(events, (text) => isTrouble(text, who), opened),
    at_end: [...new Set(words)].join(', ') || 'no pictures, nothing said',
  };
}

/** Events in seconds after `zero`. */
export const timeline = (events, zero) =>
  events.filter(([t]) => t >= zero).map(([t, text]) => [seconds(t - zero), text]);

/** The selected pair of candidates: of the newest connection that had one before `t`. */
export const pairBefore = (events, t) =>
  events.findLast(([at, text]) => at <= t && text.includes(' pair '))?.[1].split(' pair ')[1];

const columns = {
  'set-up s': 'setup_s',
  'noticed s': 'noticed_s',
  'shown as reconnecting s': 'reconnecting_s',
  'taken out s': 'left_s',
  'as connected again s': 'connected_again_s',
  'pictures back after the end s': 'back_after_end_s',
  'frames lost': 'frames_lost',
  'longest freeze s': 'longest_freeze_s',
  'sound gap s': 'sound_gap_s',
  'at the end': 'at_end',
};
/** null is never: the largest of all. */
const ascending = (values) => values.toSorted((x, y) => (x ?? Infinity) - (y ?? Infinity));
const median = (values) => ascending(values)[(values.length - 1) >> 1];
const worst = (values) => ascending(values).at(-1);

/** Results as a Markdown table: one line a pair, this project and the reference in one cell. */
export function table(results, scenarios) {
  const rows = new Map();
  for (const {scenario, page, setup_s, sees = {}} of results) {
    for (const [pair, figures] of Object.entries(sees)) {
      const {focus = [pair]} = scenarios[scenario];
      const who = focus.includes(pair) ? pair.replace(' ', ' sees ') : 'all others, worst';
      const row = `| ${scenario} | ${who} |`;
      rows.set(row, rows.get(row) ?? {ours: [], peerjs: []});
      rows.get(row)[page].push({setup_s, ...figures});
    }
  }
  const lines = [...rows].map(([row, pages]) => {
    const cells = Object.values(columns).map((figure) =>
      Object.values(pages)
        .filter((list) => list.length)
        .map((list) => list.map((figures) => figures[figure]).filter((it) => it !== undefined))
        .map((values) =>
          figure === 'at_end'
            ? [...new Set(values)].join(', ')
            : String((row.includes('worst') ? worst : median)(values) ?? '–'),
        )
        .join(' / '),
    );
    return `${row} ${cells.join(' | ')} |`;
  });
  return `| scenario | who | ${Object.keys(columns).join(' | ')} |
|${'---|'.repeat(Object.keys(columns).length + 2)}
${lines.join('\n')}

Each cell: this project / PeerJS 1.5.5, the median of the runs. –: did not happen.
`;
}
