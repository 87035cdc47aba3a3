/** A training's report: means since the one before. */
export interface CurvePoint {
  readonly iteration: number;
  /** `null` where there is no finite value. */
  readonly loss: number | null;
  readonly accuracy: number | null;
}

/** Points that are kept of the curve of a training under way: all of them will be in its stored series. */
export const MOST_POINTS = 400;

/**
 * A curve with what was reported last; of a long one a point goes, so that those that stay are evenly spread from the
 * first to the last. After a worker died the training goes on from its last checkpoint: what came after that is told
 * again.
 */
export function withReport(
  curve: readonly CurvePoint[],
  {
    iteration,
    loss,
    accuracy,
  }: {
    readonly iteration: number;
    readonly loss?: number | undefined;
    readonly accuracy?: number | undefined;
  },
): readonly CurvePoint[] {
  const last = curve[curve.length - 1];
  const before =
    last && iteration <= last.iteration ? curve.filter((point) => point.iteration < iteration) : curve;
  if (loss === undefined && accuracy === undefined) return before;
  const points = [...before, { iteration, loss: finite(loss), accuracy: finite(accuracy) }];
  return points.length > MOST_POINTS ? withoutOne(points) : points;
}

/** Without the point whose neighbours are nearest to each other. */
function withoutOne(points: readonly CurvePoint[]): CurvePoint[] {
  const at = (index: number): number => points[index]?.iteration ?? 0;
  let [least, gap] = [1, Infinity];
  for (let index = 1; index < points.length - 1; index++) {
    const around = at(index + 1) - at(index - 1);
    if (around < gap) [least, gap] = [index, around];
  }
  return points.filter((_, index) => index !== least);
}

const finite = (value: number | undefined): number | null =>
  value !== undefined && Number.isFinite(value) ? value : null;
