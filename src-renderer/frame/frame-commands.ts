import { ref } from 'vue';
import { useRouter } from 'vue-router';
import { ANALYSIS_WORDS, openNewAnalysis } from '../analyses/asked.ts';
import { shell } from '../host.ts';
import { useCommands, useCommandsOf } from '../stores/commands.ts';
import { useNotices } from '../stores/notices.ts';
import { useSelection } from '../stores/selection.ts';
import { useTheme, type ThemeChoice } from '../stores/theme.ts';
import { useUndo } from '../stores/undo.ts';
import { openUse } from '../use/use.ts';
import { chooseFile } from './open-file.ts';
import { pages } from './pages.ts';

/** What of the frame is open. */
export const paletteOpen = ref(false);
export const helpOpen = ref(false);

/** Commands that are there on every page. */
export function useFrameCommands(): void {
  const router = useRouter();
  const notices = useNotices();
  const undo = useUndo();
  const theme = useTheme();
  const selection = useSelection();

  useCommandsOf([
    ...pages.map(({ name, title, shortcut }) => ({
      id: `go.${name}`,
      title,
      group: name === 'new' ? ('File' as const) : ('View' as const),
      shortcut,
      words: 'go page open',
      run: () => router.push({ name }),
    })),
    {
      id: 'file.open',
      title: 'Open file…',
      group: 'File',
      shortcut: 'CmdOrCtrl+O',
      words: 'run file import experiment file',
      run: () => chooseFile(),
    },
    {
      id: 'file.evaluate',
      title: 'Evaluate a network in a file…',
      group: 'File',
      words: 'predict predictions checkpoint safetensors npz accuracy',
      run: () => openUse({ file: '' }),
    },
    ...(shell
      ? [
          {
            id: 'file.library',
            title: 'Open another library…',
            group: 'File' as const,
            run: () => openLibrary(),
          },
        ]
      : []),
    {
      id: 'analysis.new',
      title: 'New analysis…',
      group: 'Run',
      words: ANALYSIS_WORDS,
      run: () => {
        const { picked } = selection;
        openNewAnalysis({
          experiments: [...new Set(picked.map(({ experiment }) => experiment))],
          runs: picked.map(({ run }) => run),
        });
      },
    },
    {
      id: 'edit.undo',
      title: 'Undo',
      group: 'Edit',
      shortcut: 'CmdOrCtrl+Z',
      enabled: () => undo.next !== null,
      run: () => notices.takeBack(),
    },
    {
      id: 'edit.redo',
      title: 'Redo',
      group: 'Edit',
      shortcut: 'CmdOrCtrl+Shift+Z',
      enabled: () => undo.again !== null,
      run: () => notices.doAgain(),
    },
    {
      id: 'view.palette',
      title: 'Search and commands…',
      group: 'View',
      shortcut: 'CmdOrCtrl+K',
      run: () => (paletteOpen.value = !paletteOpen.value),
    },
    {
      id: 'view.compare-chosen',
      title: 'Compare what was put aside',
      group: 'View',
      enabled: () => selection.picked.length > 0,
      run: () => router.push(selection.route),
    },
    ...(['system', 'light', 'dark'] satisfies ThemeChoice[]).map((choice) => ({
      id: `view.theme-${choice}`,
      title: { system: 'Theme: as the system', light: 'Theme: light', dark: 'Theme: dark' }[choice],
      group: 'View' as const,
      words: 'appearance colours',
      run: () => (theme.choice = choice),
    })),
    {
      id: 'help.keys',
      title: 'Keyboard',
      group: 'Help',
      shortcut: '?',
      words: 'shortcuts keys',
      run: () => (helpOpen.value = true),
    },
  ]);

  async function openLibrary(): Promise<void> {
    try {
      await shell?.call('shell.openLibrary', undefined);
    } catch (error) {
      notices.fail(error, 'The library was not opened');
    }
  }
}

/** Runs commands from the keyboard and from Electron's menu. @returns ends it. */
export function listenToCommands(): () => void {
  const commands = useCommands();
  const keydown = (event: KeyboardEvent): void => void commands.take(event);
  window.addEventListener('keydown', keydown);
  const end = shell?.onEvent((event) => {
    if (event.type === 'command') commands.run(event.id);
  });
  return () => {
    window.removeEventListener('keydown', keydown);
    end?.();
  };
}
