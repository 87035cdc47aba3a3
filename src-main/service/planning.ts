import type { Desks } from '../desk/desks.ts';
import type { PlanRequest } from '../desk/tasks.ts';
import type { ExperimentId } from '../contract/ids.ts';
import { readPlan } from '../experiment/plan-bytes.ts';
import { checkDisk, type Prepared } from '../experiment/studio.ts';
import { withRests } from '../store/pieces.ts';
import type { Context } from './context.ts';

// Plans of large experiments take seconds: a desk makes them, and they are read with rests.

/** Plans an experiment that could be stored. @throws ConfigError where that cannot be; the signal's reason. */
export async function planNew(one: PlanRequest, desks: Desks, signal?: AbortSignal): Promise<Prepared> {
  return await withRests(readPlan(await desks.bytes('planned.new', one, signal)));
}

/** A stored experiment as it was planned. @throws as `planNew`. */
export async function planStored(
  experiment: ExperimentId,
  desks: Desks,
  signal?: AbortSignal,
): Promise<Prepared> {
  return await withRests(readPlan(await desks.bytes('planned.stored', { experiment }, signal)));
}

/** @throws ConfigError where one of them cannot be planned; LibraryError where the disk cannot take their results. */
export async function requireRoom(
  experiments: readonly PlanRequest[],
  { desks, library }: Pick<Context, 'desks' | 'library'>,
  signal: AbortSignal,
): Promise<void> {
  const bytes = JSON.parse(await desks.text('planned.room', { experiments }, signal)) as number;
  await checkDisk(library, bytes, experiments.length);
}
