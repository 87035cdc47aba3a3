import type { ShownExperiment } from '../../../src-main/contract/api/details.ts';
import type { RunState } from '../../../src-main/contract/states.ts';
import type { Live } from './live.ts';

/** The state an experiment is in: what is told goes before what was stored when it was asked. */
export function stateOf({ state }: Pick<ShownExperiment, 'state'>, { phase, end }: Live): RunState {
  switch (phase) {
    case 'running':
    case 'stopping':
      return 'running';
    case 'queued':
      return 'waiting';
    case 'ended':
      return end ?? state;
    case 'broken':
      // The host has told that it ended, and may not have been able to write so.
      return state === 'running' ? 'stopped' : state;
    case 'quiet':
      return state;
  }
}

/** What can be done to an experiment. */
export interface Possible {
  readonly pause: boolean;
  readonly resume: boolean;
  readonly cancel: boolean;
  readonly retry: boolean;
  readonly extend: boolean;
}

/** @param queued whether the host has it in its queue */
export function possible(state: RunState, { phase }: Live, queued: boolean, removed: boolean): Possible {
  const active = queued || state === 'running';
  const stopping = phase === 'stopping';
  return {
    pause: active && !stopping,
    resume:
      !active && !removed && ['waiting', 'paused', 'stopped', 'interrupted', 'cancelled'].includes(state),
    cancel: !removed && !stopping && (active || !['done', 'cancelled'].includes(state)),
    retry: !active && !removed && (state === 'failed' || state === 'cancelled'),
    extend: !active && !removed,
  };
}
