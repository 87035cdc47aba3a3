import { readFile } from 'node:fs/promises';
import { basename, extname } from 'node:path';
import { writeAtomically } from '../../checkpoint/files.ts';
import { exportFormat, exportFormats } from '../../checkpoint/formats.ts';
import { namings } from '../../checkpoint/names/registry.ts';
import { predictionFormatOf, predictionFormats } from '../../checkpoint/predictions/registry.ts';
import { ConfigError } from '../../contract/errors.ts';
import { runErrand } from '../../desk/errands.ts';
import type { TaskOutput } from '../../desk/tasks.ts';
import { completePath } from '../../experiment/complete-path.ts';
import { exportsFolder, prepareOut } from '../../experiment/out-file.ts';
import { runFileName } from '../../experiment/run-file/pack.ts';
import { takeIn } from '../../experiment/run-file/take-in.ts';
import type { Handlers } from '../context.ts';
import { useNetwork } from '../use.ts';

export const fileHandlers: Handlers<'files'> = {
  'files.formats': (_input, { library }) => ({
    formats: exportFormats.map(({ kind, title, extension }) => ({ kind, title, extension })),
    predictions: predictionFormats.map(({ extension }) => extension),
    namings: [...namings.values()].map(({ kind, title }) => ({ kind, title })),
    folder: exportsFolder(library.dir),
  }),

  'files.export': async ({ run, round, within, member, format, out, replace }, context, signal) => {
    const { library, tasks, engines, desks, app } = context;
    const { kind, extension } = exportFormat(format);
    // All that can be wrong is looked at first, so that it costs no engine.
    if (round !== undefined && within !== undefined)
      throw new ConfigError('a round is named, and one is to be chosen', 'Give one of the two.');
    const network = await desks.text('planned.network', { run, round, within, member }, signal);
    const { round: chosen, resolution } = JSON.parse(network) as TaskOutput<'planned.network'>;
    const path = prepareOut(library.dir, extname(out) === '' ? `${out}${extension}` : out, replace);
    prepareOut(library.dir, `${path}.md`, replace);
    const what = { kind: 'export', title: `Exporting ${run} to ${basename(path)}` } as const;
    return await tasks.run(what, signal, async (report, signal) => {
      report({ step: 'preparing the engine' });
      const engine = await engines.of(resolution, signal);
      const input = { run, round: chosen, member, format: kind, out: path, engine, app };
      const exported = await runErrand(library.dir, 'export', input, { report, signal });
      return { ...exported, cardText: await readFile(exported.card, 'utf8') };
    });
  },

  'files.evaluate': async ({ network, images }, context, signal) => {
    const { used } = await useNetwork({ network, images, predictions: null }, context, signal);
    return used;
  },

  'files.predict': async ({ network, images, out, replace, top }, context, signal) => {
    predictionFormatOf(out);
    const predictions = { out: prepareOut(context.library.dir, out, replace), top: top ?? null };
    const { used, written } = await useNetwork({ network, images, predictions }, context, signal);
    if (!written) throw new Error('predictions were not written');
    return { used, written };
  },

  'files.pack': async ({ experiments, along, out, replace }, { library, tasks, app }, signal) => {
    for (const id of experiments) library.store.experiment(id);
    const path = prepareOut(library.dir, runFileName(out), replace);
    const what = { kind: 'pack', title: `Packing ${basename(path)}` } as const;
    return await tasks.run(what, signal, (report, signal) =>
      runErrand(library.dir, 'pack', { experiments, along, out: path, app }, { report, signal }),
    );
  },

  'files.import': async ({ file }, context, signal) => {
    const { library, queue, tasks, changed } = context;
    const what = { kind: 'import', title: `Importing ${basename(file)}` } as const;
    const taken = await tasks.run(what, signal, (report, signal) =>
      takeIn(library, file, { report, signal, isBusy: (id) => queue.has(id) }),
    );
    changed(taken.experiments);
    return taken;
  },

  'files.complete': ({ text, folders }) => completePath(text, folders),

  'files.save': ({ out, text, bytes, replace }, { library }) => {
    if ((text === undefined) === (bytes === undefined))
      throw new ConfigError('a file is text or bytes', 'Give one of the two.');
    const path = prepareOut(library.dir, out, replace);
    const data = text === undefined ? Buffer.from(bytes ?? '', 'base64') : Buffer.from(text);
    writeAtomically(path, [data]);
    return { file: path };
  },
};
