import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ConfigError } from '../contract/errors.ts';
import type { RunId } from '../contract/ids.ts';
import { findNetwork } from '../experiment/export.ts';
import { putNetwork } from '../experiment/use-network.ts';
import { interruptible, withLibrary, type CommonOptions } from './session.ts';

/** Which network of a run is meant. */
export interface NetworkOptions extends CommonOptions {
  readonly round?: number;
  readonly member?: number;
}

/** A network that a command is given: a file, or one of a run put into a file. */
export interface GivenNetwork {
  readonly path: string;
  /** For people: the file as it was named, or the run and the round. */
  readonly name: string;
  /** `null` where a file was given. */
  readonly of: { readonly run: RunId; readonly round: number } | null;
}

/** Whether a text names a run: no file is there, nor does it end as the name of one. */
function isRun(text: string): boolean {
  return !existsSync(text) && !/\.[A-Za-z]\w*$/.test(text);
}

/**
 * Works with a network in a file; that of a run lies in a file only as long.
 * @throws ConfigError where there is no such run, round or member, or a round is asked of a file.
 */
export async function withNetwork<T>(
  text: string,
  options: NetworkOptions,
  work: (network: GivenNetwork) => Promise<T>,
): Promise<T> {
  const { round, member } = options;
  if (!isRun(text)) {
    const option = round === undefined ? 'member' : 'round';
    if (round !== undefined || member !== undefined)
      throw new ConfigError(
        `--${option} chooses among the networks of a run, and ${text} is a file`,
        'Leave it out, or name a run: EXPERIMENT/ARM/SEED.',
      );
    return await work({ path: text, name: text, of: null });
  }
  const folder = mkdtempSync(join(tmpdir(), 'swamp-network-'));
  try {
    const network = await interruptible((signal) =>
      withLibrary(options, async (library): Promise<GivenNetwork> => {
        const asked = { run: library.store.findRun(text), round, member };
        const { network } = findNetwork(library, asked);
        const path = await putNetwork(library, asked, folder, signal);
        const of = { run: asked.run, round: network.round };
        return { path, name: `${of.run}, round ${of.round}`, of };
      }),
    );
    return await work(network);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
