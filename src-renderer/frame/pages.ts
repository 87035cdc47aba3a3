import { ChartSpline, FlaskConical, Plus, Settings, type LucideIcon } from '@lucide/vue';

/** Pages of the navigation. */
export interface Page {
  readonly name: string;
  readonly title: string;
  readonly icon: LucideIcon;
  readonly shortcut: string;
}

export const pages: readonly Page[] = [
  { name: 'experiments', title: 'Experiments', icon: FlaskConical, shortcut: 'CmdOrCtrl+1' },
  { name: 'new', title: 'New experiment', icon: Plus, shortcut: 'CmdOrCtrl+N' },
  { name: 'compare', title: 'Compare', icon: ChartSpline, shortcut: 'CmdOrCtrl+2' },
  { name: 'settings', title: 'Settings', icon: Settings, shortcut: 'CmdOrCtrl+,' },
];
