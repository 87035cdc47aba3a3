import type { Figure, FigureOf, Findings } from '../../contract/figures.ts';

/** A figure of findings by its id. @throws where it is not there, or of another kind */
export function figure<Kind extends Figure['kind']>(
  of: readonly Figure[] | Findings,
  kind: Kind,
  id: string,
): FigureOf<Kind> {
  const figures = 'figures' in of ? of.figures : of;
  const found = figures.find((each) => each.id === id);
  if (found?.kind !== kind)
    throw new Error(`no ${kind} ${id} among ${figures.map((each) => each.id).join()}`);
  return found as FigureOf<Kind>;
}
