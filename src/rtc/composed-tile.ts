import {initials, toneOf} from '../core/initials.js';

/** Somebody's part of a picture of all. */
export interface ComposedTile {
  readonly source: 'camera' | 'screen';
  readonly name: string;
  /** Without one there are the initials. */
  readonly track: MediaStreamTrack | undefined;
}

export interface Place {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

export interface Picture {
  readonly image: CanvasImageSource;
  readonly width: number;
  readonly height: number;
}

type Context = CanvasRenderingContext2D | OffscreenCanvasRenderingContext2D;

const gap = 8;
/** What people's tiles are shaped like. */
const usual = 16 / 9;
/** How much of the width people have beside a screen, and how many of them are in one column. */
const stripPart = 0.2;
const inStrip = 10;
/** So much larger than whole a picture may be drawn to fill its place: enough for one of 4:3. */
const filling = 1.4;
/** Faces are a little above the middle. */
const faces = 0.38;
/** As of the tiles on the page. */
const tones = ['#2f5fb8', '#7a4bb5', '#0f766e', '#a8483c', '#8a5a14', '#a23a77'] as const;
const font = 'system-ui, sans-serif';

/** Where each of them is in the box: people in a grid, or in a strip beside the screens. */
export function arrange(tiles: readonly ComposedTile[], box: Place): Place[] {
  const screens = tiles.filter(({source}) => source === 'screen').length;
  const people = tiles.length - screens;
  const inRow = (count: number) => Math.ceil(Math.sqrt(count));
  const stripWidth = screens && people ? box.width * stripPart : 0;
  const stage = {...box, width: box.width - stripWidth};
  const strip = {...box, x: box.x + stage.width, width: stripWidth};
  const large = grid(screens, stage, inRow(screens));
  const small = screens
    ? grid(people, strip, Math.ceil(people / inStrip), usual)
    : grid(people, box, inRow(people), usual);
  return tiles.flatMap(({source}) => (source === 'screen' ? large : small).splice(0, 1));
}

/** Equal places in rows, of this shape if there is one; a short last row is centred. */
function grid(count: number, box: Place, columns: number, ratio?: number): Place[] {
  const rows = Math.ceil(count / columns);
  const cell = box.width / columns;
  const wide = ratio ? Math.min(cell, (box.height / rows) * ratio) : cell;
  const high = ratio ? wide / ratio : box.height / rows;
  return Array.from({length: count}, (_, index) => {
    const row = Math.floor(index / columns);
    const inRow = Math.min(columns, count - row * columns);
    return {
      x: box.x + (box.width - inRow * wide) / 2 + (index % columns) * wide + gap / 2,
      y: box.y + (box.height - rows * high) / 2 + row * high + gap / 2,
      width: wide - gap,
      height: high - gap,
    };
  });
}

/** Draws all of a tile. */
export function drawTile(
  context: Context,
  {source, name}: ComposedTile,
  place: Place,
  picture: Picture | undefined,
): void {
  context.fillStyle = '#1b212b';
  context.fillRect(place.x, place.y, place.width, place.height);
  if (picture) {
    drawPicture(context, place, picture, source === 'screen' ? 1 : filling);
  } else {
    drawInitials(context, place, name);
  }
  if (name) {
    drawName(context, place, name);
  }
}

/** All of it, and larger as long as it fills more of its place. */
function drawPicture(context: Context, place: Place, picture: Picture, largest: number) {
  const {image, width, height} = picture;
  const [across, down] = [place.width / width, place.height / height];
  const scale = Math.min(Math.max(across, down), Math.min(across, down) * largest);
  const [w, h] = [Math.min(width, place.width / scale), Math.min(height, place.height / scale)];
  context.drawImage(
    image,
    (width - w) / 2,
    (height - h) * faces,
    w,
    h,
    place.x + (place.width - w * scale) / 2,
    place.y + (place.height - h * scale) / 2,
    w * scale,
    h * scale,
  );
}

function drawInitials(context: Context, {x, y, width, height}: Place, name: string) {
  const [middle, center] = [x + width / 2, y + height / 2];
  context.fillStyle = tones[toneOf(name)] ?? tones[0];
  context.beginPath();
  context.arc(middle, center, height * 0.22, 0, 2 * Math.PI);
  context.fill();
  context.fillStyle = '#fff';
  context.font = `600 ${height * 0.17}px ${font}`;
  context.textAlign = 'center';
  context.textBaseline = 'middle';
  context.fillText(initials(name), middle, center);
}

function drawName(context: Context, place: Place, name: string) {
  const size = Math.min(Math.max(place.height * 0.06, 12), 20);
  const [pad, high] = [size * 0.6, size * 1.6];
  context.font = `${size}px ${font}`;
  context.textAlign = 'left';
  context.textBaseline = 'middle';
  const text = shortened(context, name, place.width - 4 * pad);
  const [x, y] = [place.x + pad, place.y + place.height - high - pad];
  context.fillStyle = 'rgb(12 15 20 / 0.72)';
  context.fillRect(x, y, context.measureText(text).width + 2 * pad, high);
  context.fillStyle = '#fff';
  context.fillText(text, x + pad, y + high / 2);
}

function shortened(context: Context, text: string, room: number): string {
  const letters = Array.from(text);
  let shown = text;
  while (letters.length && context.measureText(shown).width > room) {
    letters.pop();
    shown = `${letters.join('').trim()}…`;
  }
  return shown;
}
