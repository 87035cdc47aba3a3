import { Download, Gauge, Package } from '@lucide/vue';
import type { TableRow } from '../../../src-main/contract/api/table.ts';
import type { MenuItem } from '../../components/menu.ts';
import { openExport } from '../../export/export.ts';
import { openPack } from '../../runfiles/run-files.ts';
import { openUse } from '../../use/use.ts';
import { experimentsOf } from './labels.ts';

/** What makes files of runs. */
export function fileActions(rows: readonly TableRow[]): MenuItem[] {
  const runs = rows.flatMap((row) => (row.roundsDone > 0 ? row.runs : []));
  // Of several seeds the one that is done; which it is, the dialog says.
  const run = runs.find(({ state }) => state === 'done') ?? runs[0];
  const sameArm = new Set(rows.map(({ experiment, arm }) => `${experiment} ${arm}`)).size === 1;
  return [
    {
      title: 'Export network…',
      icon: Download,
      shortcut: 'E',
      disabled: !run || !sameArm,
      run: () => run && openExport({ run: run.run }),
    },
    {
      title: 'Evaluate network…',
      icon: Gauge,
      disabled: !run || !sameArm,
      run: () => run && openUse({ run: run.run }),
    },
    {
      title: 'Pack into a run file…',
      icon: Package,
      run: () => openPack(experimentsOf(rows).map(({ experiment }) => experiment)),
    },
  ];
}
