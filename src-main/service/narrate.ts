import type { LogEntry } from '../contract/log.ts';
import type { EndState, RunEvent } from '../contract/progress.ts';

/** An event as a line of the experiment's log; `null` for what passes too quickly to be worth one. */
export function logEntryOf(event: RunEvent): Omit<LogEntry, 'time'> | null {
  switch (event.type) {
    case 'queued':
      return { level: 'info', what: 'queued', message: `waits for ${event.ahead} other experiments to end` };
    case 'planned': {
      const { jobs, stored, trainings, trainingsStored, device } = event;
      const message = `${jobs} jobs, ${stored} of them stored; ${trainings} trainings, ${trainingsStored} of them stored; on ${device}`;
      return { level: 'info', what: 'planned', message };
    }
    case 'round': {
      // Noted when it was finished.
      if (event.stored) return null;
      const { where, sparsity, test, validation } = event;
      const accuracies = [`test accuracy ${test.accuracy}`];
      if (validation) accuracies.push(`validation accuracy ${validation.accuracy}`);
      const message = `round ${where.round} of ${where.rounds - 1} done, sparsity ${sparsity}: ${accuracies.join(', ')}`;
      return { level: 'info', what: 'round', message, where };
    }
    case 'warning':
      return { level: 'warning', what: 'warning', message: event.message, where: event.where };
    case 'lost': {
      const next = event.again ? 'its job is tried again' : 'its job is given up';
      return { level: 'warning', what: 'lost', message: `${event.reason}\n${next}`, where: event.where };
    }
    case 'repaired':
      return { level: 'warning', what: 'repaired', message: event.message, where: event.where };
    case 'failed': {
      const { message, hint, stack, where } = event;
      return { level: 'error', what: 'failed', message, where, hint, stack };
    }
    case 'stopping':
      return { level: 'info', what: 'stopping', message: 'running jobs save and stop' };
    case 'ended':
      return {
        level: event.state === 'failed' ? 'error' : 'info',
        what: 'ended',
        message: endings[event.state],
      };
    case 'broken': {
      const { message, hint, stack } = event.error;
      return { level: 'error', what: 'broken', message, hint, ...(stack ? { stack } : {}) };
    }
    case 'started':
    case 'progress':
    case 'curve':
    case 'finished':
    case 'eta':
      return null;
  }
}

const endings: Readonly<Record<EndState, string>> = {
  done: 'done',
  failed: 'some jobs failed; the rest is kept',
  stopped: 'stopped',
  paused: 'paused',
  cancelled: 'cancelled',
};
