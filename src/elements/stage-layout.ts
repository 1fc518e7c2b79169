/** A place in the box, in CSS pixels. */
export interface Place {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

/** Where a small picture lies on a large one: 0 is the end of the lower edge, and so on clockwise. */
export type Corner = 0 | 1 | 2 | 3;

export interface Arrangement {
  /** Large tiles; they come first. */
  readonly featured: number;
  /** The others: a grid, or beside large ones a strip. */
  readonly others: number;
  /** The others are one small picture on a large one, there. */
  readonly corner?: Corner | undefined;
  /** Which of the pages, if the others need more than one; counted from 0. */
  readonly page?: number;
}

export interface Layout {
  /** In the order of the tiles; nothing for those on another page. */
  readonly places: readonly (Place | undefined)[];
  /** How many of the others are on a page, */
  readonly perPage: number;
  /** how many pages there are, and which of them it is. */
  readonly pages: number;
  readonly page: number;
}

/** How narrow and how wide a person's tile may be: a camera picture fills it in between. */
const narrowest = 1.07;
const widest = 1.9;
/** What a camera picture usually is. */
const usual = 1.6;
/** A face is to be known in a tile: no smaller than this, or another page is better. */
const leastWidth = 128;
const leastHeight = 84;
/** The same of a strip, where faces are only to be found. */
const leastStripWidth = 88;
const leastStripHeight = 72;
/** More faces than this nobody looks at, and no machine likes to draw. */
const mostPerPage = 25;
/** Beside a strip of its own, more than these are a crowd. */
const aFew = 6;

/** Whether so many people are better seen beside each other than one of them large. */
export function suitGrid(people: number, box: Place, gap: number): boolean {
  return people <= aFew && fits(people, box, gap, leastWidth, leastHeight);
}

/**
 * Gives every tile its place: two people as a large and a small picture, more as a grid of equal
 * tiles, and what is large with the others beside it. Tiles never leave the box and never overlap,
 * but for the small picture.
 */
export function layOut(
  {featured, others, corner, page = 0}: Arrangement,
  box: Place,
  gap: number,
): Layout {
  if (corner !== undefined) {
    return onePage([box, inCorner(corner, box, gap)]);
  }
  if (featured === 0) {
    return paged([], others, box, gap, page, others === 1 ? () => [box] : undefined);
  }
  if (others === 0) {
    return onePage(grid(featured, box, gap, 0, Infinity));
  }
  const [stage, strip] = split(box, gap, others);
  return paged(grid(featured, stage, gap, 0, Infinity), others, strip, gap, page);
}

function onePage(places: readonly Place[]): Layout {
  return {places, perPage: places.length, pages: 1, page: 0};
}

function paged(
  featured: readonly Place[],
  others: number,
  box: Place,
  gap: number,
  wanted: number,
  draw = (count: number) => grid(count, box, gap),
): Layout {
  const [width, height] = featured.length
    ? [leastStripWidth, leastStripHeight]
    : [leastWidth, leastHeight];
  let perPage = Math.max(1, Math.min(others, mostPerPage));
  while (perPage > 1 && !fits(perPage, box, gap, width, height)) {
    perPage--;
  }
  const pages = Math.max(1, Math.ceil(others / perPage));
  const page = Math.min(wanted, pages - 1);
  const from = page * perPage;
  // Also on the last page, so that tiles keep their size.
  const places = draw(perPage);
  return {
    places: [...featured, ...Array.from({length: others}, (_, index) => places[index - from])],
    perPage,
    pages,
    page,
  };
}

function fits(count: number, box: Place, gap: number, leastWidth: number, leastHeight: number) {
  const [tile] = grid(count, box, gap);
  return count <= 1 || (tile!.width >= leastWidth && tile!.height >= leastHeight);
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
function split(box: Place, gap: number, others: number): [Place, Place] {
  if (box.width > box.height * 1.1) {
    const columns = others > 4 ? 1.6 : 1;
    const width = Math.min(Math.max(box.width * 0.2, leastStripWidth), 480) * columns;
    const stage = box.width - width - gap;
    return [
      {...box, width: stage},
      {...box, x: box.x + stage + gap, width},
    ];
  }
  const height = Math.min(Math.max(box.height * 0.28, leastStripHeight), 560);
  const stage = box.height - height - gap;
  return [
    {...box, height: stage},
    {...box, y: box.y + stage + gap, height},
  ];
}

/** A small picture of oneself. */
function inCorner(corner: Corner, box: Place, gap: number): Place {
  const tall = box.height > box.width;
  const width = Math.min(Math.max(box.width * (tall ? 0.26 : 0.2), 92), box.width * 0.45, 560);
  const height = Math.min(width * (tall ? 4 / 3 : 9 / 16), box.height * 0.4);
  const isStart = corner === 1 || corner === 2;
  const isTop = corner >= 2;
  return {
    x: isStart ? box.x + gap : box.x + box.width - width - gap,
    y: isTop ? box.y + gap : box.y + box.height - height - gap,
    width,
    height,
  };
}
