import type { ExperimentId } from '../../../src-main/contract/ids.ts';
import { STAR } from '../../../src-main/contract/names.ts';
import { host } from '../../host.ts';
import { useNotices } from '../../stores/notices.ts';

/** Adds and removes tags; can be taken back. */
export async function changeTags(
  id: ExperimentId,
  added: readonly string[],
  removed: readonly string[],
): Promise<void> {
  const notices = useNotices();
  const change = async (more: readonly string[], fewer: readonly string[]): Promise<void> => {
    if (more.length > 0) await host.call('library.tag', { id, tags: [...more] });
    if (fewer.length > 0) await host.call('library.untag', { id, tags: [...fewer] });
  };
  try {
    await change(added, removed);
    notices.undoable(
      wordsOf(added, removed),
      () => change(removed, added),
      () => change(added, removed),
    );
  } catch (error) {
    notices.fail(error, 'The tags could not be changed');
  }
}

function wordsOf(added: readonly string[], removed: readonly string[]): string {
  if (added.includes(STAR)) return 'Starred';
  if (removed.includes(STAR)) return 'Star removed';
  return added.length > 0 ? `Tagged ${added.join(', ')}` : `Removed the tag ${removed.join(', ')}`;
}

export async function changeNote(id: ExperimentId, before: string, after: string): Promise<void> {
  const notices = useNotices();
  const change = (note: string) => () => host.call('library.note', { id, note });
  try {
    await change(after)();
    notices.undoable('Note changed', change(before), change(after));
  } catch (error) {
    notices.fail(error, 'The note could not be changed');
  }
}
