import type { FloatPicture } from './corruption.ts';

/** Where a place lies between two others. */
interface Between {
  readonly lower: Int32Array;
  readonly upper: Int32Array;
  /** Share of the upper one. */
  readonly share: Float64Array;
}

/** By length and factor, of which there are few. */
const axes = new Map<string, Between>();

/**
 * One axis of a zoom: the middle ceil(length / factor) places stretched so that their ends stay ends, of which the
 * middle `length` are taken.
 */
function axis(length: number, factor: number): Between {
  const key = `${length} ${factor}`;
  const known = axes.get(key);
  if (known) return known;
  const part = Math.ceil(length / factor);
  const first = Math.floor((length - part) / 2);
  const stretched = roundHalfToEven(part * factor);
  const trim = Math.floor((stretched - length) / 2);
  const step = stretched > 1 ? (part - 1) / (stretched - 1) : 1;
  const places = Float64Array.from({ length }, (_, i) => Math.min((i + trim) * step, part - 1));
  const lower = Int32Array.from(places, Math.floor);
  const made = {
    lower: lower.map((place) => place + first),
    upper: lower.map((place) => Math.min(place + 1, part - 1) + first),
    share: places.map((place, i) => place - (lower[i] as number)),
  };
  axes.set(key, made);
  return made;
}

/** As Python rounds. */
function roundHalfToEven(value: number): number {
  const below = Math.floor(value);
  return value - below === 0.5 ? below + (below % 2) : Math.round(value);
}

/** Zooms into the middle of a picture by linear interpolation; the shape stays. @param factor 1 or more */
export function zoomIn({ shape, values }: FloatPicture, factor: number): FloatPicture {
  const [height, width, channels] = shape;
  const made = new Float64Array(values.length);
  const down = axis(height, factor);
  const across = axis(width, factor);
  const row = new Float64Array(width * channels);
  for (let y = 0; y < height; y++) {
    const line = y * row.length;
    const [top, bottom] = [(down.lower[y] as number) * row.length, (down.upper[y] as number) * row.length];
    const v = down.share[y] as number;
    for (let i = 0; i < row.length; i++)
      row[i] = (1 - v) * (values[top + i] as number) + v * (values[bottom + i] as number);
    for (let x = 0; x < width; x++) {
      const left = (across.lower[x] as number) * channels;
      const right = (across.upper[x] as number) * channels;
      const u = across.share[x] as number;
      for (let channel = 0; channel < channels; channel++)
        made[line + x * channels + channel] =
          (1 - u) * (row[left + channel] as number) + u * (row[right + channel] as number);
    }
  }
  return { shape, values: made };
}
