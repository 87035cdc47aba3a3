import { uniform, type Stream } from '../../random/random.ts';

/**
 * A plasma fractal on a torus by diamonds and squares: points halfway between known ones are their mean and noise, whose amplitude
 * begins at 10,000 and falls by `decay`² whenever the distance halves.
 * @param side a power of two, 2 or more
 * @returns [side, side], 0 … 1, both taken
 */
export function plasma(stream: Stream, side: number, decay: number): Float64Array {
  const map = new Float64Array(side * side);
  const value = (y: number, x: number): number =>
    map[((y + side) % side) * side + ((x + side) % side)] as number;
  let wobble = 100;
  /** Sets the points at a distance from those of the grid; `sum`: of the four neighbours. */
  const fill = (step: number, down: number, right: number, sum: (y: number, x: number) => number): void => {
    for (let y = down; y < side; y += step)
      for (let x = right; x < side; x += step)
        map[y * side + x] = sum(y, x) / 4 + wobble * wobble * (2 * uniform(stream) - 1);
  };
  for (let step = side; step >= 2; step /= 2, wobble /= decay) {
    const half = step / 2;
    const beside = (y: number, x: number): number =>
      value(y - half, x) + value(y + half, x) + value(y, x - half) + value(y, x + half);
    fill(
      step,
      half,
      half,
      (y, x) =>
        value(y - half, x - half) +
        value(y + half, x - half) +
        value(y - half, x + half) +
        value(y + half, x + half),
    );
    fill(step, 0, half, beside);
    fill(step, half, 0, beside);
  }
  const [least, most] = [Math.min(...map), Math.max(...map)];
  return map.map((each) => (each - least) / (most - least));
}

/** The smallest power of two, 2 at least, that is not smaller. */
export function powerOfTwo(length: number): number {
  let power = 2;
  while (power < length) power *= 2;
  return power;
}
