import { join } from 'node:path';
import { ConfigError, ExitCode } from '../contract/errors.ts';
import { bytes, columns, count } from '../report/format.ts';
import { dataProgress } from '../report/progress.ts';
import {
  checkLibrary,
  surveyWreck,
  type BrokenObject,
  type CheckWatch,
  type LibraryCheck,
  type Mended,
  type Wreck,
} from '../store/check.ts';
import { backupsOf, isDamaged } from '../store/database.ts';
import { libraryFolder, type Library } from '../store/library.ts';
import type { Output } from './output.ts';
import { withService } from './service.ts';
import { interruptible, withLibrary, type CommonOptions } from './session.ts';

export interface CheckOptions extends CommonOptions {
  readonly fix?: boolean;
}

/** `swamp check`: looks at the whole library, and mends what can be computed again. */
export async function check(options: CheckOptions, output: Output): Promise<ExitCode> {
  const fix = options.fix ?? false;
  const path = join(libraryFolder(options.library), 'swamp.db');
  const backups = (): string[] => backupsOf(path);
  const tell = (found: LibraryCheck, fixed: Mended | null): ExitCode => {
    const whole = found.broken.length === 0 && found.checkpoints.damaged.length === 0;
    const ok = found.database.length === 0 && (whole || fixed !== null);
    const copies = found.database.length === 0 ? [] : backups();
    output.result({ ok, ...found, fixed: fixed ?? { jobs: [], experiments: [] }, backups: copies }, () =>
      checkText(found, copies, fixed),
    );
    return ok ? ExitCode.ok : ExitCode.library;
  };
  try {
    if (!fix) return await withLibrary(options, async (library) => tell(await looked(library), null));
    return await withService(options, output, async ({ client, library }) => {
      const found = await looked(library);
      const fixed = await client.call('library.mend', {
        objects: found.broken.map(({ digest }) => digest),
        checkpoints: found.checkpoints.damaged.map(({ job }) => job),
      });
      return tell(found, fixed);
    });
  } catch (error) {
    if (!isDamaged(error)) throw error;
    if (fix)
      throw new ConfigError(
        '--fix mends objects and checkpoints, not the database',
        error.message,
        undefined,
        {
          cause: error,
        },
      );
    const wreck = surveyWreck(libraryFolder(options.library), path, error);
    const { message, hint } = error;
    const { tables, objects } = wreck;
    output.result({ ok: false, error: { message, hint }, tables, objects, backups: backups() }, () =>
      wreckText(wreck),
    );
    return ExitCode.library;
  }
}

/** Its progress shown where it takes long. */
async function looked(library: Library): Promise<LibraryCheck> {
  return await interruptible(async (signal) => {
    const progress = dataProgress({ stream: process.stderr });
    const report: CheckWatch['report'] = ({ step, done }) => {
      if (done !== null && process.stderr.isTTY)
        progress.update({ message: `Checking ${step}`, share: done });
    };
    try {
      return await checkLibrary(library, { report, signal });
    } finally {
      progress.close();
    }
  });
}

function checkText(found: LibraryCheck, backups: readonly string[], fixed: Mended | null): string {
  const { database, objects, broken, checkpoints } = found;
  const lines = [
    database.length === 0 ? 'database: sound' : `database: ${count(database.length)} faults`,
    ...database.map((line) => `  ${line}`),
    ...(database.length > 0 ? [databaseHint(backups)] : []),
    `objects: ${count(objects.checked)} read (${bytes(objects.bytes)}), ${count(broken.length)} broken`,
    ...broken.flatMap(brokenLines),
    `checkpoints: ${count(checkpoints.checked)}, ${count(checkpoints.damaged.length)} damaged`,
    ...checkpoints.damaged.map(({ path }) => `  ${path}: its job starts afresh`),
  ];
  if (fixed !== null && fixed.jobs.length > 0)
    lines.push(
      `${count(fixed.jobs.length)} jobs wait to be computed again: ${fixed.experiments
        .map((id) => `\`swamp resume ${id}\``)
        .join(', ')}`,
    );
  else if (fixed === null && broken.length > 0)
    lines.push('`swamp check --fix` deletes what is damaged and lets these jobs be computed again.');
  return lines.join('\n');
}

function brokenLines({ path, health, jobs }: BrokenObject): string[] {
  return [
    `  ${health}: ${path}`,
    ...jobs.map(
      ({ key, kind, output, experiments }) =>
        `    ${output} of ${kind} ${key.slice(0, 12)} in ${experiments.join(', ')}: will be computed again`,
    ),
  ];
}

function databaseHint(backups: readonly string[]): string {
  const [newest] = backups;
  return newest === undefined
    ? "There is no backup beside it. Copy the library's folder; then sqlite3's .recover may rescue it."
    : `The newest backup is ${newest}. Copy the library's folder before you put it in the database's place.`;
}

function wreckText({ error, tables, objects }: Wreck): string {
  return [
    error.message,
    error.hint,
    '',
    ...(tables.length === 0
      ? ['Nothing of the database can be read.']
      : columns(
          tables.map(({ name, rows, whole }) => [
            name,
            `${count(rows)} rows`,
            whole ? 'all' : 'up to the damage',
          ]),
          ['left', 'right', 'left'],
        )),
    `objects: ${count(objects.sound)} sound (${bytes(objects.bytes)}), ${count(objects.damaged)} damaged`,
  ].join('\n');
}
