import { z } from 'zod';
import { ExperimentConfig } from '../experiment.ts';
import { ExperimentId, RunId } from '../ids.ts';
import { RunEvent } from '../progress.ts';
import { ResolutionData } from '../resolution.ts';
import { RunState } from '../states.ts';
import type { EventSchema, MethodSchema } from './client.ts';

const one = z.strictObject({ experiment: ExperimentId });

/** An experiment that is to be stored. */
const planned = z.strictObject({ config: ExperimentConfig, resolution: ResolutionData });

/** The experiment it was forked from. */
const origin = ExperimentId.nullable().default(null);

/** Most experiments of a sweep. */
export const MOST_VARIANTS = 256;

/** Experiments: asked for, run one after another, and looked after. */
export const experimentMethods = {
  /** Stores a planned experiment and puts it at the end of the queue. */
  'experiments.submit': {
    input: planned.extend({ origin }),
    output: z.object({ experiment: ExperimentId }),
  },
  /** Stores the planned experiments of a sweep, all or none, and puts them at the end of the queue, in their order. */
  'experiments.sweep': {
    input: z.strictObject({
      name: ExperimentConfig.shape.name,
      experiments: z.array(planned).min(2).max(MOST_VARIANTS),
      origin,
    }),
    output: z.object({ sweep: z.string(), experiments: z.array(ExperimentId) }),
  },
  /** Puts more into a stored experiment, planned anew, and puts it at the end of the queue. It must not be running. */
  'experiments.extend': {
    input: z.strictObject({
      experiment: ExperimentId,
      config: ExperimentConfig,
      resolution: ResolutionData,
    }),
    output: z.object({}),
  },
  /** Puts a stored one at the end of the queue; one that is in the queue stays where it is. */
  'experiments.resume': { input: one, output: z.object({ queued: z.boolean() }) },
  /** Failed and cancelled jobs wait again, and it goes to the end of the queue; with a run only what that run needs. */
  'experiments.retry': {
    input: z.strictObject({ experiment: ExperimentId, run: RunId.optional() }),
    output: z.object({ jobs: z.number() }),
  },
  /** Saves and leaves the queue. Answers when it has. @returns the state it is in then. */
  'experiments.pause': { input: one, output: z.object({ state: RunState }) },
  /** Leaves the queue; what waits is cancelled, checkpoints of it go, results stay. Answers when that is done. */
  'experiments.cancel': { input: one, output: z.object({ state: RunState, cancelled: z.number() }) },
} as const satisfies Record<string, MethodSchema>;

type RunPayload = { readonly experiment: ExperimentId; readonly event: RunEvent };

export const experimentEvents = {
  /** What happens in one experiment; first what has happened since it was last asked for. */
  run: {
    filter: one,
    payload: z.object({ experiment: ExperimentId, event: RunEvent }),
    coalesce: ({ experiment, event }: RunPayload): string | null => {
      if (event.type === 'eta') return `${experiment} eta`;
      return event.type === 'progress' ? `${experiment} ${event.progress.key}` : null;
    },
  },
} as const satisfies Record<string, EventSchema>;
