import { router } from '../router.ts';
import { HostError } from '../client.ts';
import { host, pathOf, shell } from '../host.ts';
import { RUN_FILE } from '../../src-main/contract/names.ts';
import { openRunFile } from '../runfiles/run-files.ts';
import { useNotices } from '../stores/notices.ts';

/** A file by its path, or as a browser gives it. */
export type Opened = string | File;

const nameOf = (file: Opened): string => (typeof file === 'string' ? file : file.name);

/** Opens a run file, or an experiment file as a new experiment; says so where it is neither. */
export async function openFile(file: Opened): Promise<void> {
  const notices = useNotices();
  const name = nameOf(file);
  try {
    if (/\.json$/i.test(name)) await openExperimentFile(file);
    else if (name.toLowerCase().endsWith(`.${RUN_FILE}`)) openRunFile(file);
    else
      throw new HostError({
        name: 'DataError',
        message: `${name.replace(/^.*[/\\]/, '')} is neither a run file nor an experiment file.`,
        hint: `A run file ends with .${RUN_FILE}, an experiment file with .json.`,
      });
    if (typeof file === 'string') void shell?.call('shell.recent', file);
  } catch (error) {
    notices.fail(error, 'The file was not opened');
  }
}

/** Puts an experiment file into the draft of a new experiment. */
async function openExperimentFile(file: Opened): Promise<void> {
  const raw =
    typeof file === 'string' ? (await host.call('plans.open', { file })).raw : parsed(await file.text());
  if (typeof raw !== 'object' || raw === null || Array.isArray(raw))
    throw new HostError({
      name: 'ConfigError',
      message: `${nameOf(file)} does not describe an experiment.`,
      hint: 'An experiment file is a JSON object: see docs/experiment-file.md.',
    });
  const { useDraft } = await import('../stores/draft.ts');
  const draft = useDraft();
  await draft.open({ kind: 'new' });
  draft.replace(raw as Record<string, unknown>);
  await router.push({ name: 'new' });
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new HostError({
      name: 'ConfigError',
      message: `It is not JSON: ${error instanceof Error ? error.message : String(error)}.`,
      hint: 'Mend the file, or save one from the page of a new experiment.',
    });
  }
}

/** Asks for a file and opens it. */
export async function chooseFile(): Promise<void> {
  const file = shell
    ? await shell.call('shell.pick', {
        kind: 'file',
        title: 'Open a run file or an experiment file',
        extensions: [RUN_FILE, 'json'],
      })
    : await chosenInBrowser();
  if (file !== null) await openFile(file);
}

function chosenInBrowser(): Promise<File | null> {
  return new Promise((resolve) => {
    const input = document.createElement('input');
    input.type = 'file';
    input.accept = `.${RUN_FILE},.json`;
    input.addEventListener('change', () => resolve(input.files?.[0] ?? null));
    input.addEventListener('cancel', () => resolve(null));
    input.click();
  });
}

/** Files that were dropped, with their paths where the system tells them. */
export function dropped(transfer: DataTransfer): Opened[] {
  return [...transfer.files].map((file) => pathOf(file) || file);
}
