import type { JobState, RunState } from '../../src-main/contract/states.ts';

/** A state of a run, an experiment or a job. */
export type ShownState = RunState | JobState;

interface StateLook {
  readonly word: string;
  readonly tone: 'quiet' | 'running' | 'good' | 'warn' | 'bad';
  /** Paths of a mark, 14 × 14: each state has its own shape, so that colour is never all that tells them apart. */
  readonly strokes: readonly string[];
}

const ring = 'M12.2 7A5.2 5.2 0 1 1 1.8 7a5.2 5.2 0 0 1 10.4 0Z';

export const stateLook: Readonly<Record<ShownState, StateLook>> = {
  waiting: { word: 'waiting', tone: 'quiet', strokes: [ring, 'M7 4v3l2 1.5'] },
  running: { word: 'running', tone: 'running', strokes: ['M12.2 7A5.2 5.2 0 1 1 7 1.8'] },
  paused: { word: 'paused', tone: 'warn', strokes: ['M4.75 2.75v8.5', 'M9.25 2.75v8.5'] },
  stopped: { word: 'stopped', tone: 'warn', strokes: ['M3 3h8v8H3z'] },
  interrupted: { word: 'interrupted', tone: 'warn', strokes: ['M8 1.5 3 8h4l-1 4.5L11 6H7z'] },
  done: { word: 'done', tone: 'good', strokes: ['M2.5 7.5 5.5 10.5 11.5 3.5'] },
  failed: { word: 'failed', tone: 'bad', strokes: ['M3.2 3.2l7.6 7.6', 'M10.8 3.2 3.2 10.8'] },
  cancelled: { word: 'cancelled', tone: 'quiet', strokes: [ring, 'M3.4 3.4l7.2 7.2'] },
};
