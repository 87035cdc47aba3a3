import type { TableRow } from '../../../src-main/contract/api/table.ts';

/** A group whose seeds are shown below it. */
export interface OpenGroup {
  /** Its place among the rows. */
  readonly index: number;
  readonly children: readonly TableRow[];
}

/** A line of the table: a row, or a seed below one. */
export interface Line {
  /** Of the row, or of the row it is below. */
  readonly index: number;
  /** Of a seed its place among them; −1: the row itself. */
  readonly child: number;
}

/** A line as it is drawn. */
export interface ShownLine {
  readonly line: number;
  /** Pixels from the top of the first. */
  readonly start: number;
  /** Absent until it is read. */
  readonly row: TableRow | undefined;
  /** A seed below its group. */
  readonly child: boolean;
}

/** What can be done in a line; `open`: the address behind its name, or two clicks anywhere. */
export type LineAct = 'choose' | 'star' | 'fold' | 'open' | 'tags' | 'note';

/** Lines of a table in which some groups are open. @param open by place */
export function lineCount(total: number, open: readonly OpenGroup[]): number {
  return total + open.reduce((sum, { children }) => sum + children.length, 0);
}

/** What stands at a line. */
export function lineAt(line: number, open: readonly OpenGroup[]): Line {
  let before = 0;
  for (const { index, children } of open) {
    if (line <= index + before) break;
    if (line <= index + before + children.length) return { index, child: line - index - before - 1 };
    before += children.length;
  }
  return { index: line - before, child: -1 };
}

/** The line of a row. */
export function lineOf(index: number, open: readonly OpenGroup[]): number {
  return index + open.reduce((sum, group) => sum + (group.index < index ? group.children.length : 0), 0);
}
