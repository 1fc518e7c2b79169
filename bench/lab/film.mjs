/**
 * A short film, in YUV4MPEG2, for Chromium to show as its camera. The built-in fake camera shows
 * so little that no bandwidth is too small for it; this one moves all over and has some grain.
 */
export function film({width, height, frames = 30, fps = 15, grain = 6}) {
  const parts = [Buffer.from(`YUV4MPEG2 W${width} H${height} F${fps}:1 Ip A1:1 C420jpeg\n`)];
  const colours = Buffer.alloc((width * height) / 2, 128);
  const turn = (2 * Math.PI) / frames; // the last frame leads to the first
  for (let frame = 0; frame < frames; frame++) {
    const light = Buffer.alloc(width * height);
    for (let y = 0; y < height; y++) {
      const row = Math.sin(y / 9 + 2 * turn * frame);
      for (let x = 0; x < width; x++) {
        const wave = row * Math.sin(x / 13 + 3 * turn * frame);
        light[y * width + x] = 128 + 70 * wave + grain * (Math.random() - 0.5);
      }
    }
    parts.push(Buffer.from('FRAME\n'), light, colours);
  }
  return Buffer.concat(parts);
}
