import { ConfigError, ExitCode } from '../contract/errors.ts';
import type { ExperimentId, RunId } from '../contract/ids.ts';
import type { Store } from '../store/store.ts';
import type { Output } from './output.ts';
import { withLibrary, withOwnLibrary, type CommonOptions } from './session.ts';

/** `swamp tag ID TAG…` */
export async function tag(
  text: string,
  tags: readonly string[],
  options: CommonOptions,
  output: Output,
): Promise<ExitCode> {
  return await withOwnLibrary(options, ({ store }) => {
    const id = find(store, text);
    store.tagAll(id, tags);
    printTags(store, id, output);
    return ExitCode.ok;
  });
}

/** `swamp untag ID TAG…` */
export async function untag(
  text: string,
  tags: readonly string[],
  options: CommonOptions,
  output: Output,
): Promise<ExitCode> {
  return await withOwnLibrary(options, ({ store }) => {
    const id = find(store, text);
    const missing = tags.filter((each) => !tagsOf(store, id).includes(each.trim()));
    if (missing.length > 0) {
      const has = tagsOf(store, id);
      throw new ConfigError(
        `${id} has no tag ${missing.join(', ')}`,
        has.length === 0 ? 'It has none.' : `It has ${has.join(', ')}.`,
      );
    }
    for (const each of tags) store.untag(id, each);
    printTags(store, id, output);
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
  const open = words === undefined ? withLibrary : withOwnLibrary;
  return await open(options, ({ store }) => {
    const id = find(store, text);
    if (words !== undefined) store.note(id, words);
    const { note: now } = rowOf(store, id);
    output.result({ id, note: now }, () => (now === '' ? `${id} has no note.` : now));
    return ExitCode.ok;
  });
}

function printTags(store: Store, id: ExperimentId | RunId, output: Output): void {
  const tags = tagsOf(store, id);
  output.result({ id, tags }, () => `${id}: ${tags.length === 0 ? 'no tags' : tags.join(', ')}`);
}

/** An experiment's id has no slash, a run's has. */
function find(store: Store, text: string): ExperimentId | RunId {
  return text.includes('/') ? store.findRun(text) : store.findExperiment(text);
}

function rowOf(store: Store, id: ExperimentId | RunId): { tags: readonly string[]; note: string } {
  return id.includes('/') ? store.run(id as RunId) : store.experiment(id as ExperimentId);
}

function tagsOf(store: Store, id: ExperimentId | RunId): readonly string[] {
  return rowOf(store, id).tags;
}
