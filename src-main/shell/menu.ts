import type { MenuItemConstructorOptions } from 'electron';
import { basename } from 'path';
import type { MenuCommand } from '../contract/shell.ts';

export interface MenuParts {
  readonly commands: readonly MenuCommand[];
  readonly recent: readonly string[];
  readonly mac: boolean;
  /** Chromium's developer tools are offered. */
  readonly tools: boolean;
  readonly run: (id: string) => void;
  readonly open: (file: string) => void;
  readonly forget: () => void;
}

const line: MenuItemConstructorOptions = { type: 'separator' };

/** The native menu: the page's own commands, and what every program has. */
export function menuOf({
  commands,
  recent,
  mac,
  tools,
  run,
  open,
  forget,
}: MenuParts): MenuItemConstructorOptions[] {
  const of = (menu: MenuCommand['menu']): MenuItemConstructorOptions[] =>
    commands
      .filter((command) => command.menu === menu)
      .map(({ id, title, accelerator, enabled }) => ({
        id,
        label: title,
        enabled,
        ...(accelerator === undefined ? {} : { accelerator }),
        click: () => run(id),
      }));
  const recently: MenuItemConstructorOptions = {
    label: 'Open recent',
    enabled: recent.length > 0,
    submenu: [
      ...recent.map((file) => ({ label: basename(file), toolTip: file, click: () => open(file) })),
      line,
      { label: 'Clear', click: forget },
    ],
  };
  const menus: MenuItemConstructorOptions[] = [
    { label: 'File', submenu: joined(of('File'), [recently], [{ role: mac ? 'close' : 'quit' }]) },
    {
      label: 'Edit',
      submenu: joined(of('Edit'), [
        { role: 'cut' },
        { role: 'copy' },
        { role: 'paste' },
        { role: 'selectAll' },
      ]),
    },
    { label: 'Run', submenu: of('Run') },
    {
      label: 'View',
      submenu: joined(
        of('View'),
        [{ role: 'resetZoom' }, { role: 'zoomIn' }, { role: 'zoomOut' }, { role: 'togglefullscreen' }],
        tools ? [{ role: 'toggleDevTools' }] : [],
      ),
    },
    { label: 'Help', role: 'help', submenu: of('Help') },
  ];
  const filled = menus.filter(({ submenu }) => !Array.isArray(submenu) || submenu.length > 0);
  return mac ? [{ role: 'appMenu' }, ...filled, { role: 'windowMenu' }] : filled;
}

/** Groups with lines between. */
function joined(...groups: MenuItemConstructorOptions[][]): MenuItemConstructorOptions[] {
  return groups
    .filter((group) => group.length > 0)
    .flatMap((group, at) => (at === 0 ? group : [line, ...group]));
}
