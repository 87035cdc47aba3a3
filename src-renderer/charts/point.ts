/** A point of a chart that was clicked. */
export interface ChartPoint {
  readonly seriesId: string;
  readonly series: string;
  readonly index: number;
  readonly data: unknown;
}
