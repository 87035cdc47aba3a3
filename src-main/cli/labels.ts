import { ExitCode } from '../contract/errors.ts';
import type { ExperimentId, RunId } from '../contract/ids.ts';
import type { Store } from '../store/store.ts';
import type { Output } from './output.ts';
import { withService } from './service.ts';
import { withLibrary, type CommonOptions } from './session.ts';

/** `swamp tag ID TAG…`, `swamp untag ID TAG…` */
export async function changeTags(
  method: 'library.tag' | 'library.untag',
  text: string,
  tags: readonly string[],
  options: CommonOptions,
  output: Output,
): Promise<ExitCode> {
  return await withService(options, output, async ({ client, library }) => {
    const id = find(library.store, text);
    const { tags: now } = await client.call(method, { id, tags: [...tags] });
    output.result({ id, tags: now }, () => `${id}: ${now.length === 0 ? 'no tags' : now.join(', ')}`);
    return ExitCode.ok;
  });
}

/** `swamp note ID [TEXT]`: prints the note, or sets it. */
export async function note(
  text: string,
  words: string | undefined,
  options: CommonOptions,
  output: Output,
): Promise<ExitCode> {
  if (words !== undefined)
    await withService(options, output, ({ client, library }) =>
      client.call('library.note', { id: find(library.store, text), note: words }),
    );
  return await withLibrary(options, ({ store }) => {
    const id = find(store, text);
    const { note: now } = id.includes('/') ? store.run(id as RunId) : store.experiment(id as ExperimentId);
    output.result({ id, note: now }, () => (now === '' ? `${id} has no note.` : now));
    return ExitCode.ok;
  });
}

/** An experiment's id has no slash, a run's has. */
function find(store: Store, text: string): ExperimentId | RunId {
  return text.includes('/') ? store.findRun(text) : store.findExperiment(text);
}
