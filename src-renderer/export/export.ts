import { shallowRef } from 'vue';
import type { RunId } from '../../src-main/contract/ids.ts';

/** A network that is to leave the library. */
export interface ExportAsked {
  readonly run: RunId;
  /** Chosen beforehand; else the last. */
  readonly round?: number | undefined;
}

/** What the dialog shows; `null`: it is closed. */
export const exportAsked = shallowRef<ExportAsked | null>(null);

/** Opens the export dialog. */
export function openExport(asked: ExportAsked): void {
  exportAsked.value = asked;
}
