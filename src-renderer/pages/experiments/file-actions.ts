import type { TableRow } from '../../../src-main/contract/api/table.ts';
import type { MenuItem } from '../../components/menu.ts';

/** What makes files of runs. */
export function fileActions(_rows: readonly TableRow[]): MenuItem[] {
  return [];
}
