import { resolve } from 'node:path';
import type { Client } from '../contract/api/index.ts';
import type { Along } from '../contract/api/files.ts';
import type { Task } from '../contract/api/host.ts';
import { ExitCode } from '../contract/errors.ts';
import { findExperiments } from '../experiment/find.ts';
import type { Watch } from '../experiment/run-file/pack.ts';
import { requireWritable } from '../experiment/out-file.ts';
import { bytes, count } from '../report/format.ts';
import { dataProgress } from '../report/progress.ts';
import type { Output } from './output.ts';
import { withService } from './service.ts';
import { appVersion, interruptible, withLibrary, type CommonOptions } from './session.ts';

export interface PackOptions extends CommonOptions {
  readonly out: string;
  readonly with: Along;
}

/** `swamp pack EXPERIMENT…`; only reads, so it works beside a host and on a library that cannot be written. */
export async function pack(
  texts: readonly string[],
  options: PackOptions,
  output: Output,
): Promise<ExitCode> {
  const { packExperiments, runFileName } = await import('../experiment/run-file/pack.ts');
  const out = resolve(runFileName(options.out));
  const ids = await withLibrary(options, ({ store }) =>
    texts.flatMap((text) => findExperiments(store, text).experiments),
  );
  requireWritable('--out', out);
  return await interruptible(async (signal) => {
    const packed = await withLibrary(options, async (library) => {
      const progress = dataProgress({ stream: process.stderr });
      const report: Watch['report'] = ({ step = '', done = null }) => {
        if (done !== null) progress.update({ message: step, share: done });
      };
      try {
        return await packExperiments(
          library,
          { experiments: ids, along: options.with, out, app: appVersion() },
          { report, signal },
        );
      } finally {
        progress.close();
      }
    });
    output.result(packed, () => {
      const { file, bytes: size, experiments, objects } = packed;
      return `Wrote ${file} (${bytes(size)}): ${count(experiments)} experiment${experiments === 1 ? '' : 's'}, ${count(objects)} checkpoint files`;
    });
    return ExitCode.ok;
  });
}

/** `swamp import FILE`; done by the library's host. */
export async function importFile(path: string, options: CommonOptions, output: Output): Promise<ExitCode> {
  const file = resolve(path);
  // What is no run file costs no library.
  const { withRunFile } = await import('../experiment/run-file/open.ts');
  await withRunFile(file, () => Promise.resolve());
  return await interruptible((signal) =>
    withService({ ...options, create: true }, output, async ({ client, library }) => {
      const taken = await withTask(client, 'import', () => client.call('files.import', { file }, signal));
      output.result({ library: library.dir, ...taken }, () =>
        taken.experiments
          .map((id) => {
            if (taken.added.includes(id)) return `${id}: imported. \`swamp show ${id}\` shows it.`;
            return taken.grown.includes(id)
              ? `${id}: was here; what the file has more is added.`
              : `${id}: is here already, nothing changed.`;
          })
          .join('\n'),
      );
      return ExitCode.ok;
    }),
  );
}

/** Shows a task of that kind on standard error for as long as `use` takes. */
async function withTask<T>(client: Client, kind: Task['kind'], use: () => Promise<T>): Promise<T> {
  const progress = dataProgress({ stream: process.stderr });
  const end = client.listen('tasks', {}, (task) => {
    if (task.kind === kind && task.state === 'running' && task.done !== null)
      progress.update({ message: task.step, share: task.done });
  });
  try {
    return await use();
  } finally {
    end();
    progress.close();
  }
}
