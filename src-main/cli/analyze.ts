import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import type { AnalysisRequest } from '../contract/analysis.ts';
import type { Output as Answer } from '../contract/api/index.ts';
import { ConfigError, ExitCode } from '../contract/errors.ts';
import type { ExperimentId } from '../contract/ids.ts';
import { findingsOf, prepareAnalysis, shownAnalysis } from '../experiment/analyses/keep.ts';
import { analyses } from '../experiment/analyses/registry.ts';
import { subjectsOf, subjectText } from '../experiment/analyses/subject-text.ts';
import { catalogAnalyses } from '../experiment/catalog.ts';
import { applySet } from '../experiment/overrides.ts';
import { findingsFiles, findingsText } from '../report/findings.ts';
import { columns, count, duration } from '../report/format.ts';
import type { Library } from '../store/library.ts';
import { readData } from './data-loading.ts';
import { requireSameData } from '../experiment/resolve.ts';
import { writeText } from './files.ts';
import { follow } from './follow.ts';
import { ensureHost } from './host.ts';
import { left } from './launch.ts';
import type { Output } from './output.ts';
import { withService } from './service.ts';
import { checkLibrary, interruptible, withLibrary, type CommonOptions } from './session.ts';

export interface AnalyzeOptions extends CommonOptions {
  readonly set: readonly string[];
  /** Whether results that were let go are made again. */
  readonly again?: boolean;
  readonly dryRun?: boolean;
  readonly detach?: boolean;
  /** Folder for pictures and tables. */
  readonly out?: string;
}

/**
 * `swamp analyze KIND RUN…` looks at stored runs; `swamp analyze ANALYSIS` tells what one has found; `swamp analyze` tells what
 * there is.
 */
export async function analyze(
  name: string | undefined,
  texts: readonly string[],
  options: AnalyzeOptions,
  output: Output,
): Promise<ExitCode> {
  if (name === undefined) return listKinds(output);
  if (!analyses.has(name)) return await showStored(name, texts, options, output);
  const request = await withLibrary(options, ({ store }): AnalysisRequest => {
    const subjects = subjectsOf(store, texts);
    if (subjects.length === 0)
      throw new ConfigError(`${name} looks at runs`, 'Name one or more; `swamp list` shows experiments.');
    return { analysis: applySet({ kind: name }, options.set) as AnalysisRequest['analysis'], subjects };
  });
  await requireData(request, options);
  if (!options.dryRun) checkLibrary(options);
  return await interruptible(async (signal) => {
    if (options.detach) await ensureHost(options);
    return await withService(options, output, async (host) => {
      const cost = await host.client.call('analyses.plan', request, signal);
      if (options.dryRun) {
        output.result({ ...request, ...cost }, () => costText(request, cost));
        return ExitCode.ok;
      }
      output.note(costText(request, cost));
      const again = options.again ?? false;
      const { analysis, queued } = await host.client.call('analyses.start', { ...request, again }, signal);
      if (!queued) return await tellFindings(host.library, analysis, options, output);
      if (options.detach) return left(host, analysis, output);
      return await follow(host, analysis, output, signal, options);
    });
  });
}

/** What a stored analysis found, and its pictures and tables. */
export async function tellFindings(
  library: Library,
  id: ExperimentId,
  { out }: { readonly out?: string },
  output: Output,
): Promise<ExitCode> {
  const analysis = shownAnalysis(library.store.experiment(id));
  const findings = findingsOf(library, id);
  const folder = out ?? join(library.dir, 'reports', id);
  mkdirSync(folder, { recursive: true });
  const subjects = analysis.subjects.map(subjectText).join(', ');
  const files = await findingsFiles({ title: analysis.title, subjects }, findings);
  for (const { name, text } of files) writeText(join(folder, name), text);
  output.result({ ...analysis, findings, folder }, () =>
    [findingsText(findings, { width: process.stdout.columns || 100 }), `pictures and tables  ${folder}`].join(
      '\n\n',
    ),
  );
  return ExitCode.ok;
}

async function showStored(
  text: string,
  texts: readonly string[],
  options: AnalyzeOptions,
  output: Output,
): Promise<ExitCode> {
  return await withLibrary(options, async (library) => {
    if (texts.length > 0) throw unknownKind(text);
    let id: ExperimentId;
    try {
      id = library.store.findExperiment(text, 'without', 'with');
    } catch (error) {
      throw error instanceof ConfigError && error.message.startsWith('no experiment')
        ? unknownKind(text)
        : error;
    }
    return await tellFindings(library, id, options, output);
  });
}

function unknownKind(text: string): ConfigError {
  return new ConfigError(
    `${text} is no kind of analysis, and no stored one`,
    `Kinds: ${[...analyses.keys()].join(', ')}. \`swamp list --analyses\` shows stored ones.`,
  );
}

function listKinds(output: Output): ExitCode {
  const all = catalogAnalyses();
  output.result({ analyses: all }, () =>
    [
      ...columns(
        all.map(({ kind, title, about }) => [kind, `${title}. ${about}`]),
        ['left', 'left'],
      ),
      '',
      'swamp analyze KIND RUN…  looks at runs: an experiment (all its runs), EXPERIMENT/ARM (all its seeds), a run,',
      '                         RUN@ROUND or RUN@ROUND:PARTICLE.',
    ].join('\n'),
  );
  return ExitCode.ok;
}

/** Whether the data are what they were, before anything is computed on them. */
async function requireData(request: AnalysisRequest, options: AnalyzeOptions): Promise<void> {
  const stored = await withLibrary(options, (library) => {
    const { config, resolution, plan } = prepareAnalysis(library, request);
    const left = plan.jobs.length - library.store.settledKeys(plan.jobs).size;
    const [first] = resolution.analysis?.of ?? [];
    return left === 0 || !first ? null : { config, resolution, experiment: first.experiment };
  });
  if (stored === null) return;
  const data = await interruptible((signal) => readData(stored.config, signal));
  requireSameData(stored.experiment, stored.resolution, data);
}

function plural(number: number, word: string): string {
  return `${count(number)} ${word}${number === 1 ? '' : 's'}`;
}

function removedText({ results, settings }: NonNullable<Answer<'analyses.plan'>['removed']>): string {
  const by = settings.length > 0 ? ` (${settings.join(', ')})` : '';
  return `${plural(results, 'result')} no longer stored${by} ${results === 1 ? 'is' : 'are'} made again`;
}

function costText(request: AnalysisRequest, cost: Answer<'analyses.plan'>): string {
  const { title, jobs, stored, trainings, trainingsStored, seconds, removed } = cost;
  const toDo = jobs - stored;
  const parts = [
    jobs === 0 ? 'nothing to compute' : `${plural(jobs, 'job')}, ${count(stored)} stored already`,
    ...(trainings > trainingsStored ? [`${plural(trainings - trainingsStored, 'training')} to do`] : []),
    ...(seconds !== null && toDo > 0 ? [`about ${duration(seconds)}`] : []),
    ...(removed ? [removedText(removed)] : []),
  ];
  return `${title} of ${request.subjects.map(subjectText).join(', ')}: ${parts.join('; ')}`;
}
