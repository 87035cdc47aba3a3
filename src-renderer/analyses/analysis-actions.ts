import { ref, type Ref } from 'vue';
import type { ExperimentId } from '../../src-main/contract/ids.ts';
import { host } from '../host.ts';
import { useRunActions, type RunActions } from '../pages/run/actions.ts';
import { useNotices } from '../stores/notices.ts';

/** What can be asked of an analysis: what can be asked of an experiment, and its removal. */
export interface AnalysisActions extends RunActions {
  readonly removing: Readonly<Ref<boolean>>;
  /** @returns whether it is in the trash now. */
  readonly remove: (title: string) => Promise<boolean>;
}

export function useAnalysisActions(analysis: () => ExperimentId, refresh: () => void): AnalysisActions {
  const notices = useNotices();
  const removing = ref(false);

  async function remove(title: string): Promise<boolean> {
    const experiments = [analysis()];
    removing.value = true;
    try {
      await host.call('library.trash', { experiments });
    } catch (error) {
      notices.fail(error, `“${title}” was not removed`);
      return false;
    } finally {
      removing.value = false;
    }
    notices.undoable(
      `“${title}” removed; what it computed stays until the trash is emptied`,
      () => host.call('library.restore', { experiments }),
      () => host.call('library.trash', { experiments }),
    );
    return true;
  }

  return { ...useRunActions(analysis, refresh), removing, remove };
}
