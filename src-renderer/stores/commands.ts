import { defineStore } from 'pinia';
import { computed, onScopeDispose, shallowRef } from 'vue';
import type { MenuCommand } from '../../src-main/contract/shell.ts';
import { isShortcut, typesText } from '../lib/shortcuts.ts';

/** Something that can be asked for: in the palette, by keys, in Electron's menu. */
export interface Command {
  /** `topic.what`, unique. */
  readonly id: string;
  readonly title: string;
  /** Heading in the palette, and the menu it stands in. */
  readonly group: MenuCommand['menu'];
  /** As Electron writes it: `CmdOrCtrl+N`. One key without Ctrl or Cmd does nothing while somebody types. */
  readonly shortcut?: string | undefined;
  /** Asked when it is about to be shown or run; absent: always. */
  readonly enabled?: (() => boolean) | undefined;
  /** Words that find it besides its title. */
  readonly words?: string | undefined;
  /** Not in Electron's menu. */
  readonly hidden?: boolean | undefined;
  readonly run: () => unknown;
}

/** The one list of commands. */
export const useCommands = defineStore('commands', () => {
  const list = shallowRef<readonly Command[]>([]);

  /** Adds commands; one of an id that is there takes its place until it goes. @returns takes them out. */
  function register(commands: Command | readonly Command[]): () => void {
    const mine = 'id' in commands ? [commands] : commands;
    list.value = [...list.value, ...mine];
    return () => {
      list.value = list.value.filter((command) => !mine.includes(command));
    };
  }

  /** Those that count: the newest of each id. */
  const current = computed(() => [...new Map(list.value.map((command) => [command.id, command])).values()]);

  const able = (command: Command): boolean => command.enabled?.() ?? true;

  /** Runs a command by its id; nothing happens where it is not enabled. */
  function run(id: string): void {
    const command = current.value.find((one) => one.id === id);
    if (command && able(command)) command.run();
  }

  /** Runs what a key stroke stands for. @returns whether there was something. */
  function take(event: KeyboardEvent): boolean {
    if (event.defaultPrevented || event.isComposing) return false;
    const typing = typesText(event);
    const found = [...current.value]
      .reverse()
      .find(
        ({ shortcut }) =>
          shortcut !== undefined && isShortcut(event, shortcut) && !(typing && textual(shortcut)),
      );
    if (!found || !able(found)) return false;
    event.preventDefault();
    found.run();
    return true;
  }

  /** For Electron's menu. */
  const menu = computed<MenuCommand[]>(() =>
    current.value
      .filter(({ hidden }) => !hidden)
      .map((command) => ({
        id: command.id,
        title: command.title,
        menu: command.group,
        // Plain keys are ours: a menu would take them from whoever types.
        ...(command.shortcut && !plain(command.shortcut) ? { accelerator: command.shortcut } : {}),
        enabled: able(command),
      })),
  );

  return { current, register, run, take, able, menu };
});

/** Registers commands for as long as the component or scope that calls it is there. */
export function useCommandsOf(commands: readonly Command[]): void {
  onScopeDispose(useCommands().register(commands));
}

/** Without Ctrl, Cmd or Alt. */
function plain(shortcut: string): boolean {
  return !/CmdOrCtrl|Alt/.test(shortcut) && !/^F\d+$/.test(shortcut);
}

/** What a text input needs for itself. */
function textual(shortcut: string): boolean {
  return plain(shortcut) || /^CmdOrCtrl\+(Shift\+)?[ACVXYZ]$/.test(shortcut);
}
