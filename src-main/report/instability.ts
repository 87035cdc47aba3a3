import type { TicketStability, UnfinishedTicket } from '../statistics/instability.ts';
import { fontFamily } from './charts.ts';
import { columns, fixed } from './format.ts';
import { surfaceOf, type Theme } from './palette.ts';

/** What a picture of an instability analysis is made of. */
export interface InstabilityPicture {
  readonly title: string;
  readonly tickets: readonly TicketStability[];
  /** `null`: none is long enough. */
  readonly chosen: number | null;
  /** An error barrier that is none, as a share of images. */
  readonly below: number;
  /** Lengths that nothing is known of yet, or not of all seeds. */
  readonly unfinished: readonly UnfinishedTicket[];
  /** Whose they are: what is to be resumed. */
  readonly sweep: string;
}

const points = (share: number): string => fixed(100 * share, 1);

/** `T0 = 100, 200 (1 of 3 seeds)` */
function unfinishedText(unfinished: readonly UnfinishedTicket[]): string {
  const each = ({ iterations, seeds, of }: UnfinishedTicket): string =>
    seeds === 0 ? String(iterations) : `${iterations} (${seeds} of ${of} seeds)`;
  return `T0 = ${unfinished.map(each).join(', ')}`;
}

/** A row a length of the ticket. */
export function instabilityText(picture: InstabilityPicture): string {
  const { tickets, chosen, below, unfinished, sweep } = picture;
  const rows = tickets.map(({ iterations, trainError, testError, trainBarrier, testBarrier, stable }) => [
    String(iterations),
    points(((trainError[0] ?? NaN) + (trainError.at(-1) ?? NaN)) / 2),
    points(trainBarrier),
    points(((testError[0] ?? NaN) + (testError.at(-1) ?? NaN)) / 2),
    points(testBarrier),
    `${stable ? 'stable' : 'unstable'}${iterations === chosen ? ', the shortest' : ''}`,
  ]);
  const head = ['T0', 'training error', 'barrier', 'test error', 'barrier', ''];
  const right = 'right' as const;
  return [
    ...columns([head, ...rows], [right, right, right, right, right, 'left']),
    '',
    chosen === null
      ? `No ${unfinished.length > 0 ? 'finished ' : ''}length is stable (a barrier below ${points(below)} points on training images): try longer tickets.`
      : `From T0 = ${chosen} iterations on${unfinished.length > 0 ? ', as far as lengths are finished,' : ''} the barrier on training images is below ${points(below)} points: --set ticket.iterations=${chosen}.`,
    ...(unfinished.length > 0
      ? [`Not finished: ${unfinishedText(unfinished)}. \`swamp resume ${sweep}\` goes on.`]
      : []),
  ].join('\n');
}

/** Test error along the line between two trainings, a curve for each T0; and the barriers against T0. */
export function instabilityOption(
  picture: InstabilityPicture,
  theme: Theme = 'light',
): Readonly<Record<string, unknown>> {
  const { text, quiet, line, background } = surfaceOf(theme);
  const { tickets, below, chosen, title, unfinished } = picture;
  const missing = unfinished.length > 0 ? ` Not finished: ${unfinishedText(unfinished)}.` : '';
  const axis = (name: string, gridIndex: number, rest: object = {}) => ({
    gridIndex,
    name,
    nameLocation: 'middle',
    nameTextStyle: { color: quiet, fontFamily },
    axisLabel: { color: quiet, fontFamily },
    axisLine: { lineStyle: { color: line } },
    splitLine: { lineStyle: { color: line } },
    ...rest,
  });
  const shade = (at: number): string => {
    const share = tickets.length > 1 ? at / (tickets.length - 1) : 1;
    return `hsl(205, 85%, ${theme === 'light' ? 72 - 45 * share : 35 + 40 * share}%)`;
  };
  const lengths = tickets.map(({ iterations }) => String(iterations));
  return {
    animation: false,
    backgroundColor: background,
    title: {
      left: 20,
      top: 14,
      text: title,
      subtext: `${chosen === null ? 'No length of the ticket is stable.' : `Stable from T0 = ${chosen} iterations on.`}${missing}`,
      textStyle: { color: text, fontSize: 15, fontWeight: 600, fontFamily },
      subtextStyle: { color: quiet, fontSize: 12, fontFamily },
    },
    grid: [
      { left: 64, top: 96, bottom: 56, width: '40%' },
      { right: 28, top: 96, bottom: 56, width: '40%' },
    ],
    xAxis: [
      axis('from one training to the other, α', 0, { type: 'value', min: 0, max: 1, nameGap: 28 }),
      axis('T0, iterations', 1, { type: 'category', data: lengths, nameGap: 28 }),
    ],
    yAxis: [
      axis('test error, %', 0, { type: 'value', scale: true, nameGap: 40 }),
      axis('error barrier, points', 1, { type: 'value', nameGap: 40 }),
    ],
    series: [
      ...tickets.map(({ iterations, alpha, testError }, at) => ({
        type: 'line',
        name: `T0 = ${iterations}`,
        xAxisIndex: 0,
        yAxisIndex: 0,
        showSymbol: false,
        color: shade(at),
        data: alpha.map((each, index) => [each, 100 * (testError[index] ?? NaN)]),
        endLabel: { show: true, formatter: '{a}', color: quiet, fontFamily, fontSize: 11 },
        labelLayout: { moveOverlap: 'shiftY' },
      })),
      ...(['trainBarrier', 'testBarrier'] as const).map((which, at) => ({
        type: 'line',
        name: which === 'trainBarrier' ? 'training' : 'test',
        xAxisIndex: 1,
        yAxisIndex: 1,
        color: at === 0 ? '#0072b2' : '#d55e00',
        symbol: at === 0 ? 'circle' : 'diamond',
        symbolSize: 7,
        data: tickets.map((ticket) => 100 * ticket[which]),
        endLabel: { show: true, formatter: '{a}', color: quiet, fontFamily, fontSize: 11 },
        labelLayout: { moveOverlap: 'shiftY' },
        ...(at === 0
          ? {
              markLine: {
                silent: true,
                symbol: 'none',
                lineStyle: { color: quiet, type: 'dashed' },
                label: { show: false },
                data: [{ yAxis: 100 * below }],
              },
            }
          : {}),
      })),
    ],
  };
}
