import { armSymbols, paletteOf, type ColouredArms, type Theme } from '../../src-main/report/palette.ts';

/** An arm by its label, and its kind. */
export type ArmName = ColouredArms['arms'][number];

/** How an arm looks wherever it appears. */
export interface ArmLook {
  /** CSS colour. */
  readonly colour: string;
  /** A symbol's name, as ECharts has it. */
  readonly symbol: (typeof armSymbols)[number];
}

/** The looks of arms that are shown together, by label; the same as in reports and charts of them. */
export function armColours(arms: readonly ArmName[], theme: Theme): ReadonlyMap<string, ArmLook> {
  const colours = paletteOf({ arms }, theme).arms;
  return new Map(
    arms.map(({ arm }, index) => [
      arm,
      { colour: colours[index] ?? 'currentColor', symbol: armSymbols[index % armSymbols.length] ?? 'circle' },
    ]),
  );
}

/** An arm by itself, where those beside it are not known: its kind's colour. */
export function armLook(arm: ArmName, theme: Theme): ArmLook {
  return armColours([arm], theme).get(arm.arm) ?? { colour: 'currentColor', symbol: 'circle' };
}
