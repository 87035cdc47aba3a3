import type { ShownAnalysis } from '../../contract/api/analyses.ts';
import { AnalysisRequest } from '../../contract/analysis.ts';
import { ConfigError } from '../../contract/errors.ts';
import { ExperimentConfig } from '../../contract/experiment.ts';
import type { Findings } from '../../contract/figures.ts';
import type { ExperimentId, JobKey } from '../../contract/ids.ts';
import type { PlannedJob } from '../../contract/job.ts';
import { choose } from '../../contract/registry.ts';
import type { SettingName } from '../../contract/settings.ts';
import type { Library } from '../../store/library.ts';
import type { ExperimentRow } from '../../store/rows.ts';
import { countTrainings, isTraining, jobSeconds } from '../cost.ts';
import { canonical } from '../keys.ts';
import { StoredResolution } from '../resolve.ts';
import { wallSeconds } from '../schedule.ts';
import { knownTimings, newId, prepareStored, storedForm, type Prepared } from '../studio.ts';
import { analysisOf, lookedAt, openAnalysis, type OpenAnalysis } from './plan.ts';
import { analyses } from './registry.ts';

/** An analysis of stored runs that could run: nothing of it is stored yet. @throws ConfigError where it cannot be */
export function prepareAnalysis(library: Library, request: AnalysisRequest): Prepared {
  const { config, resolution } = analysisOf(normalised(request), experimentsOf(library, request));
  return prepareStored(config, resolution);
}

/** The experiments that it looks at, as they are stored now. */
function experimentsOf({ store }: Library, { subjects }: AnalysisRequest) {
  const ids = [...new Set(subjects.map(({ run }) => store.run(run).experiment))];
  return ids.map((experiment) => {
    const row = store.experiment(experiment);
    return {
      experiment,
      config: ExperimentConfig.parse(row.config),
      resolution: StoredResolution.parse(row.resolved),
    };
  });
}

/** With the defaults of its options filled in: the same analysis is the same text. */
function normalised(request: AnalysisRequest): AnalysisRequest {
  const { options } = choose(analyses, request.analysis, 'analysis');
  return { ...request, analysis: options };
}

/** How an analysis stands to what is stored. */
export interface AnalysisStanding {
  readonly stored: ReadonlySet<JobKey>;
  /** Jobs of the runs that it takes and whose results are no longer stored: they are to be made again. */
  readonly removed: readonly PlannedJob[];
  /** Settings that let such results go; none where they were lost otherwise. */
  readonly settings: readonly SettingName[];
}

/** @throws ConfigError where a run that it looks at has not come so far */
export function standingOf({ store }: Library, { plan }: Prepared): AnalysisStanding {
  const own = new Set(plan.own);
  const stored = store.settledKeys(plan.jobs);
  const lacking = plan.jobs.filter(({ key }) => !own.has(key) && !stored.has(key));
  const done = new Set(
    store.jobs(lacking.map(({ key }) => key)).flatMap(({ key, state }) => (state === 'done' ? [key] : [])),
  );
  const unfinished = lacking.filter(({ key }) => !done.has(key));
  if (unfinished.length > 0) {
    const [first] = store.sharing(unfinished.map(({ key }) => key));
    throw new ConfigError(
      `${unfinished.length} jobs of what is to be looked at are not done`,
      first === undefined
        ? 'Name runs and rounds that are finished.'
        : `\`swamp resume ${first}\` finishes them; or name rounds that are finished.`,
    );
  }
  const kinds = new Set(lacking.map(({ spec }) => spec.kind));
  const { 'retention.particles': particles, 'retention.predictions': predictions } = store.settings();
  const settings: SettingName[] = [];
  // A setting that keeps all has let nothing go.
  if (particles !== 'all' && (kinds.has('train-particle') || kinds.has('train-group')))
    settings.push('retention.particles');
  if (predictions !== 'all' && kinds.has('evaluate')) settings.push('retention.predictions');
  return { stored, removed: lacking, settings };
}

/** @throws ConfigError where results are gone and are not to be made again */
export function requireResults(library: Library, prepared: Prepared, again: boolean): void {
  const { removed, settings } = standingOf(library, prepared);
  if (removed.length === 0 || again) return;
  const one = removed.length === 1;
  const them = one ? 'it' : 'them';
  const keeping = settings.map((name) => `\`swamp settings ${name} all\``).join(' and ');
  const blamed = `the setting${settings.length === 1 ? '' : 's'} ${settings.join(' and ')}`;
  throw new ConfigError(
    `${removed.length} ${one ? 'result that it takes is' : 'results that it takes are'} no longer stored${settings.length === 0 ? '' : `: ${blamed} let ${them} go`}`,
    `Make ${them} again (--again)${settings.length === 0 ? '' : `, or keep such in later experiments (${keeping})`}.`,
  );
}

/** What one would take. Seconds: `null` where no step was timed here yet. */
export function analysisCost(
  library: Library,
  prepared: Prepared,
): {
  jobs: number;
  stored: number;
  trainings: number;
  trainingsStored: number;
  seconds: number | null;
  removed: { results: number; trainings: number; settings: string[] } | null;
} {
  const { plan, resolution } = prepared;
  const { stored, removed, settings } = standingOf(library, prepared);
  const needed = new Set([...(plan.own ?? []), ...removed.map(({ key }) => key)]);
  const theirs = plan.jobs.filter(({ key }) => needed.has(key));
  const timings = knownTimings(library, prepared);
  const toDo = theirs.filter(({ key }) => !stored.has(key));
  return {
    jobs: theirs.length,
    stored: theirs.length - toDo.length,
    trainings: countTrainings(theirs),
    trainingsStored: countTrainings(theirs.filter(({ key }) => stored.has(key))),
    seconds:
      timings &&
      wallSeconds(
        toDo.map((job) => ({
          key: job.key,
          after: job.inputs.map((input) => input.job),
          seconds: jobSeconds(plan, job, timings),
        })),
        resolution.workers,
      ),
    removed:
      removed.length > 0
        ? {
            results: removed.length,
            trainings: removed.filter(isTraining).length,
            settings: [...settings],
          }
        : null,
  };
}

/** The same analysis of the same, as it is stored; `null` where it is not: runs that have grown since are not the same. */
export function knownAnalysis(library: Library, request: AnalysisRequest): ExperimentId | null {
  const { store } = library;
  const [first] = request.subjects;
  if (!first) return null;
  const wanted = normalised(request);
  const text = canonical(wanted);
  const rows = store
    .experiments({ analyses: 'only', analysisOf: store.run(first.run).experiment })
    .filter((row) => canonical(requestOf(row)) === text);
  if (rows.length === 0) return null;
  const now = lookedAt({ ...wanted, of: experimentsOf(library, request) });
  const found = rows.find(({ resolved }) => {
    const { analysis } = StoredResolution.parse(resolved);
    return analysis && lookedAt(analysis) === now;
  });
  return found?.id ?? null;
}

/**
 * Stores a prepared analysis, piece by piece. It waits, where anything of it is to be computed.
 * @returns its id
 */
export async function createAnalysis(library: Library, prepared: Prepared): Promise<ExperimentId> {
  const { analysis } = prepared.resolution;
  if (!analysis) throw new Error('an experiment is no analysis');
  const { kind } = analysis.analysis;
  const name = `${prepared.config.name}-${kind}`;
  const id = newId(name, (each) => library.store.isTaken(each));
  const of = analysis.of.map(({ experiment }) => experiment);
  const form = storedForm(id, prepared);
  const own = new Set(prepared.plan.own);
  await library.store.createInPieces([
    { ...form, id, name, analysis: { kind, of, own }, runs: [], runJobs: [] },
  ]);
  return id;
}

/** For people; one of a kind that this version does not know has its kind's name. */
export function titleOf(kind: string): string {
  return analyses.get(kind)?.title ?? kind;
}

/** A stored analysis for people. */
export function shownAnalysis(row: ExperimentRow): ShownAnalysis {
  const request = requestOf(row);
  const { id, created, state, counts } = row;
  const kind = request.analysis.kind;
  return { ...request, id, kind, title: titleOf(kind), created, state, counts: { ...counts } };
}

/** A stored analysis as it was planned. @throws ConfigError where it is none */
export function openStored({ store }: Library, id: ExperimentId): OpenAnalysis {
  const { analysis } = StoredResolution.parse(store.experiment(id).resolved);
  if (!analysis)
    throw new ConfigError(`${id} is an experiment, not an analysis`, '`swamp show` tells of it.');
  return openAnalysis(analysis);
}

/** What a stored analysis has found so far. @throws ConfigError where it is none */
export function findingsOf(
  library: Library,
  id: ExperimentId,
  { read }: OpenAnalysis = openStored(library, id),
): Findings {
  return read((key) => library.store.result(key));
}

function requestOf({ resolved }: Pick<ExperimentRow, 'resolved'>): AnalysisRequest {
  // Not the whole: what the experiments were planned from is not looked at, and long.
  const { analysis, subjects } = (resolved as { readonly analysis: AnalysisRequest }).analysis;
  return AnalysisRequest.parse({ analysis, subjects });
}
