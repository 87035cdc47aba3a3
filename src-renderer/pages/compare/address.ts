import type { LocationQuery, LocationQueryRaw } from 'vue-router';
import { xAxes, type Scale, type XAxis } from '../../../src-main/report/axes.ts';
import type { Input } from '../../../src-main/contract/api/index.ts';
import type { ExperimentId, RunId } from '../../../src-main/contract/ids.ts';
import { bands, type Band } from '../../../src-main/report/bands.ts';
import { metrics, splits, type Metric, type Split } from '../../../src-main/report/select.ts';
import { costs, type Cost } from './tradeoff.ts';

/** All that may be chosen on the page; it stands in the address, so that a bookmark holds it. */
export interface Choices {
  readonly experiments: readonly ExperimentId[];
  /** Only arms that have one of these; empty: all. */
  readonly runs: readonly RunId[];
  readonly metric: Metric;
  readonly split: Split;
  readonly x: XAxis;
  readonly scale: Scale;
  readonly band: Band;
  /** What accuracy is weighed against. */
  readonly cost: Cost;
  /** Labels of arms that are not drawn. */
  readonly hidden: readonly string[];
  /** Sparsity from which on differences are averaged. */
  readonly from: number;
  readonly confidence: number;
  /** Points below dense that the smallest network may lie. */
  readonly within: number;
  /** Label of an arm, `all`, or empty for the usual one. */
  readonly baseline: string;
  /** Analysis that is opened; empty: the newest. */
  readonly analysis: string;
}

export const scales: readonly Scale[] = ['log', 'linear'];
export const confidences: readonly number[] = [0.8, 0.9, 0.95, 0.99];

export const defaults: Choices = {
  experiments: [],
  runs: [],
  metric: 'accuracy',
  split: 'test',
  x: 'remaining',
  scale: 'log',
  band: 'deviation',
  cost: 'inference',
  hidden: [],
  from: 0.78,
  confidence: 0.95,
  within: 1,
  baseline: '',
  analysis: '',
};

/** As the router gives it: a name may stand once, several times or not at all. */
function texts(query: LocationQuery, name: string): string[] {
  const found = query[name];
  const all = Array.isArray(found) ? found : [found];
  return [...new Set(all.filter((text): text is string => typeof text === 'string' && text !== ''))];
}

function oneOf<T extends string>(query: LocationQuery, name: string, allowed: readonly T[], fallback: T): T {
  const [text] = texts(query, name);
  return allowed.find((each) => each === text) ?? fallback;
}

function number(query: LocationQuery, name: string, fits: (value: number) => boolean, fallback: number) {
  const [text] = texts(query, name);
  const value = text === undefined ? NaN : Number(text);
  return Number.isFinite(value) && fits(value) ? value : fallback;
}

/** Whatever an address does not say, or says wrongly, is as usual. */
export function choicesOf(query: LocationQuery): Choices {
  return {
    experiments: texts(query, 'e') as ExperimentId[],
    runs: texts(query, 'r') as RunId[],
    metric: oneOf(query, 'metric', metrics, defaults.metric),
    split: oneOf(query, 'split', splits, defaults.split),
    x: oneOf(query, 'x', xAxes, defaults.x),
    scale: oneOf(query, 'scale', scales, defaults.scale),
    band: oneOf(query, 'band', bands, defaults.band),
    cost: oneOf(query, 'cost', costs, defaults.cost),
    hidden: texts(query, 'hide'),
    from: number(query, 'from', (value) => value >= 0 && value < 1, defaults.from),
    confidence: number(query, 'confidence', (value) => value > 0 && value < 1, defaults.confidence),
    within: number(query, 'within', (value) => value >= 0 && value <= 100, defaults.within),
    baseline: texts(query, 'baseline')[0] ?? '',
    analysis: texts(query, 'analysis')[0] ?? '',
  };
}

/** The shortest address that says it: what is as usual is left out. */
export function queryOf(choices: Choices): LocationQueryRaw {
  const query: LocationQueryRaw = {};
  const put = (name: string, values: readonly string[]): void => {
    if (values.length > 0) query[name] = [...values];
  };
  put('e', choices.experiments);
  put('r', choices.runs);
  const single = ['metric', 'split', 'x', 'scale', 'band', 'cost', 'from', 'confidence', 'within'] as const;
  for (const name of single) {
    if (choices[name] !== defaults[name]) query[name] = String(choices[name]);
  }
  if (choices.baseline !== '') query['baseline'] = choices.baseline;
  if (choices.analysis !== '') query['analysis'] = choices.analysis;
  put('hide', choices.hidden);
  return query;
}

/** What the host is asked for; the rest is a matter of looking. */
export function questionOf({
  experiments,
  runs,
  from,
  confidence,
  within,
  baseline,
}: Choices): Input<'experiments.compare'> {
  return {
    experiments: [...experiments],
    ...(runs.length > 0 ? { runs: [...runs] } : {}),
    from,
    confidence,
    within,
    ...(baseline === '' ? {} : { baseline }),
  };
}
