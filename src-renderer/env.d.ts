import type { ShellBridge } from '../src-main/contract/shell.ts';

declare global {
  interface Window {
    /** Only in Electron. */
    readonly swampShell?: ShellBridge;
  }
}
