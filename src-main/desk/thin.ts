import type { ThinSeries } from '../contract/api/details.ts';
import type { JobKey } from '../contract/ids.ts';
import type { Series } from '../contract/job.ts';

/** The series that tells where the points of the others are. */
const ITERATION = 'iteration';

/**
 * A job's series with no more points than asked for: the first and the last, and of each stretch between them where
 * each series is lowest and highest, so that no spike is lost.
 * @param names absent: all there are.
 */
export function thin(key: JobKey, series: Series, points: number, names?: readonly string[]): ThinSeries {
  const { [ITERATION]: iterations, ...others } = series;
  // A training that makes masks has the layers' counts beside, which are not by iteration.
  const wanted = Object.entries(others).filter(
    ([name, values]) =>
      (names === undefined || names.includes(name)) &&
      (iterations === undefined || values.length === iterations.length),
  );
  const total = Math.max(0, ...wanted.map(([, values]) => values.length));
  const kept = keptPlaces(
    wanted.map(([, values]) => values),
    total,
    points,
  );
  return {
    key,
    x: kept.map((place) => iterations?.[place] ?? place),
    values: Object.fromEntries(
      wanted.map(([name, values]) => [name, kept.map((place) => finite(values[place]))]),
    ),
    total,
  };
}

/** Places of the points that stay, in order. */
function keptPlaces(series: readonly (readonly number[])[], total: number, points: number): number[] {
  if (total <= points) return Array.from({ length: total }, (_, place) => place);
  const kept = new Set([0, total - 1]);
  const stretches = Math.floor((points - 2) / (2 * series.length));
  for (let stretch = 0; stretch < stretches; stretch++) {
    const from = 1 + Math.floor((stretch * (total - 2)) / stretches);
    const to = 1 + Math.floor(((stretch + 1) * (total - 2)) / stretches);
    for (const values of series) for (const place of extremes(values, from, to)) kept.add(place);
  }
  return [...kept].sort((a, b) => a - b);
}

/** Where a series is lowest and highest from one place to before another; nowhere where it has no finite value there. */
function extremes(values: readonly number[], from: number, to: number): number[] {
  let [low, high] = [-1, -1];
  for (let place = from; place < to; place++) {
    const value = values[place];
    if (value === undefined || !Number.isFinite(value)) continue;
    if (low < 0 || value < (values[low] as number)) low = place;
    if (high < 0 || value > (values[high] as number)) high = place;
  }
  return low < 0 ? [] : [low, high];
}

function finite(value: number | undefined): number | null {
  return value !== undefined && Number.isFinite(value) ? value : null;
}
