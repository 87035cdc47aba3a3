import type { Collected } from '../contract/api/library.ts';
import { ExitCode } from '../contract/errors.ts';
import { bytes, columns, count } from '../report/format.ts';

import type { Output } from './output.ts';
import { withService } from './service.ts';
import type { CommonOptions } from './session.ts';

export interface CollectOptions extends CommonOptions {
  readonly olderThan?: number;
  readonly dryRun?: boolean;
}

/** `swamp gc` */
export async function collect(options: CollectOptions, output: Output): Promise<ExitCode> {
  const { olderThan, dryRun = false } = options;
  const days = olderThan === undefined ? {} : { trashDays: olderThan };
  return await withService(options, output, async ({ client }) => {
    const collected = await client.call('library.collect', { dryRun, ...days });
    output.result({ dryRun, ...collected }, () => freedText(collected, dryRun).join('\n'));
    return ExitCode.ok;
  });
}

const kinds: Record<keyof Collected['freed'], string> = {
  results: 'results that no experiment needs',
  retention: 'particles and predictions that are not kept (swamp settings)',
  checkpoints: 'checkpoints of jobs that are done or gone',
  temporary: 'half-written files',
  reports: 'reports and logs of removed experiments',
};

/** What was freed, by kind, one line each. */
export function freedText({ experiments, freed, bytes: total }: Collected, dryRun: boolean): string[] {
  const rows = Object.entries(freed)
    .filter(([, { files }]) => files > 0)
    .map(([kind, each]) => [
      bytes(each.bytes),
      `${count(each.files)} × ${kinds[kind as keyof typeof kinds]}`,
    ]);
  const gone = dryRun ? 'Would remove for good' : 'Removed for good';
  const emptied = experiments.length === 0 ? [] : [`${gone}: ${experiments.join(', ')}`];
  const sum = `${dryRun ? 'Would free' : 'Freed'} ${bytes(total)}.`;
  return [...emptied, ...columns(rows, ['right', 'left']), sum];
}
