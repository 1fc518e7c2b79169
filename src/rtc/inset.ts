/** How wide a picture in the corner of another is, of the width of that, and how far from its edges. */
const part = 0.3;
const margin = 0.02;

interface Size {
  readonly width: number;
  readonly height: number;
}

/** Draws one picture over a corner of another, which it fills. */
export function drawWithInset(
  context: CanvasRenderingContext2D | OffscreenCanvasRenderingContext2D,
  [main, {width, height}]: readonly [CanvasImageSource, Size],
  [inset, size]: readonly [CanvasImageSource, Size],
): void {
  const {canvas} = context;
  if (canvas.width !== width || canvas.height !== height) {
    Object.assign(canvas, {width, height});
  }
  context.drawImage(main, 0, 0, width, height);
  // One that stands upright gets no higher than one that lies.
  const scale = Math.min((width * part) / size.width, (height * part) / size.height);
  const [w, h] = [size.width * scale, size.height * scale];
  const gap = width * margin;
  context.drawImage(inset, width - w - gap, height - h - gap, w, h);
}
