/** A place in the box, in CSS pixels. */
export interface Place {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

export interface Tiles {
  /** Shared screens; they come first. */
  readonly screens: number;
  /** People, oneself last. */
  readonly people: number;
  /** Whether, of two, oneself is a small picture on the other. */
  readonly small: boolean;
}

/** How narrow and how wide a person's tile may be: a camera picture fills it in between. */
const narrowest = 1.07;
const widest = 1.9;
/** What a camera picture usually is. */
const usual = 1.6;

/**
 * Gives every tile its place: two people as a large and a small picture, more
 * as a grid of equal tiles, and screens large with the people beside them.
 * Tiles never leave the box and never overlap, but for the small picture.
 */
export function layOut({screens, people, small}: Tiles, box: Place, gap: number): Place[] {
  if (screens > 0) {
    const [stage, strip] = split(box, gap, people);
    return [...grid(screens, stage, gap, 0, Infinity), ...grid(people, strip, gap)];
  }
  if (small && people === 2) {
    return [box, corner(box, gap)];
  }
  return people === 1 ? [box] : grid(people, box, gap);
}

/** The equal tiles that show the most of the pictures; a short last row is centred. */
function grid(count: number, box: Place, gap: number, min = narrowest, max = widest): Place[] {
  let best = {columns: 1, width: 0, height: 0, shown: -1};
  for (let columns = 1; columns <= count; columns++) {
    const rows = Math.ceil(count / columns);
    const cellWidth = Math.max(0, (box.width - gap * (columns - 1)) / columns);
    const cellHeight = Math.max(0, (box.height - gap * (rows - 1)) / rows);
    const width = Math.floor(Math.min(cellWidth, cellHeight * max));
    const height = Math.floor(Math.min(cellHeight, cellWidth / min));
    const shown = Math.min(width, height * usual) * Math.min(height, width / usual);
    if (shown > best.shown) {
      best = {columns, width, height, shown};
    }
  }
  const {columns, width, height} = best;
  const rows = Math.ceil(count / columns);
  const top = box.y + (box.height - rows * height - (rows - 1) * gap) / 2;
  return Array.from({length: count}, (_, index) => {
    const row = Math.floor(index / columns);
    const inRow = Math.min(columns, count - row * columns);
    const left = box.x + (box.width - inRow * width - (inRow - 1) * gap) / 2;
    return {
      x: left + (index % columns) * (width + gap),
      y: top + row * (height + gap),
      width,
      height,
    };
  });
}

/** A large part and a strip, beside it in a wide box and below it in a tall one. */
function split(box: Place, gap: number, people: number): [Place, Place] {
  if (box.width > box.height * 1.1) {
    const columns = people > 4 ? 1.6 : 1;
    const width = Math.min(Math.max(box.width * 0.2, 88), 360) * columns;
    const stage = box.width - width - gap;
    return [
      {...box, width: stage},
      {...box, x: box.x + stage + gap, width},
    ];
  }
  const height = Math.min(Math.max(box.height * 0.28, 72), 420);
  const stage = box.height - height - gap;
  return [
    {...box, height: stage},
    {...box, y: box.y + stage + gap, height},
  ];
}

/** The small picture of oneself, at the lower end. */
function corner(box: Place, gap: number): Place {
  const tall = box.height > box.width;
  const width = Math.min(Math.max(box.width * (tall ? 0.26 : 0.2), 84), 360);
  const height = Math.min(width * (tall ? 4 / 3 : 9 / 16), box.height * 0.4);
  return {
    x: box.x + box.width - width - gap,
    y: box.y + box.height - height - gap,
    width,
    height,
  };
}
