import { ConfigError, ExitCode } from '../contract/errors.ts';
import type { ExperimentId } from '../contract/ids.ts';
import { bytes } from '../report/format.ts';
import type { Store } from '../store/store.ts';
import { freedText } from './gc.ts';
import type { Output } from './output.ts';
import { withService } from './service.ts';
import type { CommonOptions } from './session.ts';

export interface RemoveOptions extends CommonOptions {
  readonly forever?: boolean;
  readonly yes?: boolean;
}

/** `swamp rm EXPERIMENT…` */
export async function remove(
  texts: readonly string[],
  options: RemoveOptions,
  output: Output,
): Promise<ExitCode> {
  const forever = options.forever ?? false;
  return await withService(options, output, async ({ client, library }) => {
    const { store } = library;
    // All are looked up before any goes.
    const ids = findAll(store, texts, forever ? 'with' : 'without');
    if (forever) {
      requireMeant(ids, store.freeableBytes(ids), options);
      const collected = await client.call('library.remove', { experiments: ids });
      output.result({ removed: ids, forever, bytes: collected.bytes, freed: collected.freed }, () =>
        freedText(collected, false).join('\n'),
      );
      return ExitCode.ok;
    }
    const { bytes: freeable } = await client.call('library.trash', { experiments: ids });
    const { 'retention.trashDays': days } = store.settings();
    output.result({ removed: ids, forever, bytes: freeable }, () =>
      [
        `${ids.join(', ')}: in the trash. \`swamp restore ${ids.join(' ')}\` takes ${ids.length > 1 ? 'them' : 'it'} out again.`,
        `Removed for good it would free ${bytes(freeable)}: \`swamp gc\` does so after ${days} days, \`swamp rm --forever\` now.`,
      ].join('\n'),
    );
    return ExitCode.ok;
  });
}

function requireMeant(ids: readonly ExperimentId[], freeable: number, { yes = false }: RemoveOptions): void {
  if (yes) return;
  throw new ConfigError(
    `removing ${ids.join(', ')} for good cannot be undone; it would free ${bytes(freeable)}`,
    'Nothing was removed. Add --yes if that is meant; without --forever it goes to the trash.',
  );
}

/** `swamp restore EXPERIMENT…` */
export async function restore(
  texts: readonly string[],
  options: CommonOptions,
  output: Output,
): Promise<ExitCode> {
  return await withService(options, output, async ({ client, library }) => {
    const ids = findAll(library.store, texts, 'only');
    await client.call('library.restore', { experiments: ids });
    output.result({ restored: ids }, () => `${ids.join(', ')}: out of the trash.`);
    return ExitCode.ok;
  });
}

function findAll(store: Store, texts: readonly string[], trash: 'with' | 'without' | 'only'): ExperimentId[] {
  const ids = texts.map((text) => {
    if (text.includes('/'))
      throw new ConfigError(
        `${text} is a run, and runs go with their experiment`,
        `Give the experiment: ${text.split('/')[0]}.`,
      );
    return store.findExperiment(text, trash, 'with');
  });
  return [...new Set(ids)];
}
