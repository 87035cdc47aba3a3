import { renameSync, rmSync } from 'node:fs';
import { basename } from 'node:path';
import { modelCard, type CardLine, type ModelCard } from '../checkpoint/card.ts';
import { factsMetadata } from '../checkpoint/facts.ts';
import { writeAtomically, type WrittenFile } from '../checkpoint/files.ts';
import { exportFormat } from '../checkpoint/formats.ts';
import type { Tensor } from '../checkpoint/tensor.ts';
import { ConfigError, ExitCode, SwampError } from '../contract/errors.ts';
import type { CheckpointFacts } from '../contract/checkpoint.ts';
import type { Digest, ExperimentId, JobKey, RunId } from '../contract/ids.ts';
import type { CheckResult, JobResult, Provenance, Task } from '../contract/job.ts';
import type { Evaluation } from '../contract/metrics.ts';
import { ownOf } from '../contract/own.ts';
import type { NamedSpec } from '../contract/recipe.ts';
import type { Dataset } from '../datasets/dataset.ts';
import { loadDataset } from '../datasets/registry.ts';
import { BATCH_NORM_EPSILON } from '../models/layers.ts';
import { aliveCount, applyMask, fullMask, perLayerAlive, type Mask } from '../pruning/mask.ts';
import { verifyOwn } from '../own/own.ts';
import type { Library } from '../store/library.ts';
import { flatWeights, maskTensors, readMaskTensors, weightTensors } from '../training/flat.ts';
import { prunableOf } from './builder.ts';
import { runId } from './comparison.ts';
import { describeConfig } from './describe.ts';
import { modelTitle } from './own-choice.ts';
import { maskJob, withoutLocation, type Plan, type PlannedRun } from './plan.ts';
import { storedExperiment, type Prepared, type Studio } from './studio.ts';

export interface ExportRequest {
  readonly run: RunId;
  /** Default: the last round. */
  readonly round?: number | undefined;
  /** Which network of an ensemble, from 0. */
  readonly member?: number | undefined;
  /** Kind of an export format. */
  readonly format: string;
  readonly out: string;
}

/** Who waits for an export. */
export interface ExportWatch {
  readonly signal?: AbortSignal;
  /** Loads the data set where its loading is to be shown. */
  readonly load?: typeof loadDataset;
  /** Told what it is at. */
  readonly onStep?: (step: string) => void;
}

export interface Exported {
  readonly run: RunId;
  readonly round: number;
  readonly file: string;
  readonly card: string;
  readonly bytes: number;
  readonly sha256: string;
  /** Pruned / prunable. */
  readonly sparsity: number;
  /** Prunable weights that are exactly zero in the file. */
  readonly zeros: number;
  /** As evaluated from the file after it was opened again. */
  readonly evaluation: Evaluation;
}

/** How far the figures of the reopened file may be off: other devices add up in another order. */
const NLL_TOLERANCE = 1e-3;
const ACCURACY_TOLERANCE = 2e-3;

/**
 * Writes a run's network in a round with its masks and statistics, opens the file again, evaluates it, and only
 * then gives it its name; the model card goes beside it.
 * @throws ConfigError where there is no such run, round or member; SwampError where the file does not hold up.
 */
export async function exportRun(
  studio: Studio,
  request: ExportRequest,
  { signal, load = loadDataset, onStep = () => undefined }: ExportWatch = {},
): Promise<Exported> {
  const { experiment, prepared, run, network } = findNetwork(studio.library, request);
  verifyOwn(prepared.config);
  const format = exportFormat(request.format);
  onStep('reading the data');
  const dataset = await load(prepared.config.dataset, { signal });
  onStep('writing the network');
  const unchecked = `${request.out}.unchecked`;
  let written: WrittenFile;
  let check: CheckResult;
  try {
    written = format.write(unchecked, network.tensors(prepared), {
      experiment,
      run: request.run,
      round: String(network.round),
      denominator: prepared.plan.denominator.words,
      ...factsMetadata(factsOf(prepared, network, dataset)),
    });
    onStep('opening the file again and evaluating it');
    check = await studio.withExecutor(prepared.resolution, signal, (executor) =>
      executor.check({
        task: network.task,
        source: prepared.config.dataset,
        file: unchecked,
        format: format.kind,
      }),
    );
    compareFigures(request.out, network.evaluation, check);
    renameSync(unchecked, request.out);
  } finally {
    rmSync(unchecked, { force: true });
  }
  const card = `${request.out}.md`;
  const text = modelCard(describe(experiment, prepared, run, { network, dataset, written, check, request }));
  writeAtomically(card, [new TextEncoder().encode(text)]);
  return {
    run: request.run,
    round: network.round,
    file: request.out,
    card,
    bytes: written.bytes,
    sha256: written.digest,
    sparsity: check.pruned / prepared.plan.layout.prunable,
    zeros: check.zeros,
    evaluation: check.evaluation,
  };
}

/** What is exported. */
export interface Network {
  readonly round: number;
  readonly member: number;
  readonly task: Task;
  readonly evaluation: Evaluation;
  /** Of its evaluation. */
  readonly provenance: Provenance;
  /** Whether its weights, statistics and mask are in the library. */
  readonly isThere: boolean;
  mask(prepared: Prepared): Mask;
  tensors(prepared: Prepared): Map<string, Tensor>;
}

/** A network with what it belongs to. */
interface Found {
  readonly experiment: ExperimentId;
  readonly prepared: Prepared;
  readonly run: PlannedRun;
  readonly network: Network;
}

/**
 * What a request asks for.
 * @throws ConfigError where there is no such run, round or member, or it is not finished, or not in the library.
 */
export function findNetwork(
  library: Library,
  request: Pick<ExportRequest, 'run' | 'round' | 'member'>,
): Found {
  const found = locateNetwork(library, request);
  if (found.network.isThere) return found;
  throw new ConfigError(
    `the network of round ${found.network.round} of ${request.run} is not in the library`,
    'Where it came in a run file without checkpoints, import one that was packed with them (`swamp pack --with networks`). ' +
      `Where a file was deleted, \`swamp resume ${found.experiment}\` computes it again.`,
  );
}

/** The same, whether or not its weights are there. */
export function locateNetwork(
  library: Library,
  request: Pick<ExportRequest, 'run' | 'round' | 'member'>,
): Found {
  const experiment = library.store.run(request.run).experiment;
  const prepared = storedExperiment(library, experiment);
  const run = prepared.plan.runs.find((each) => runId(experiment, each) === request.run);
  if (!run) throw new Error(`the plan of ${experiment} has no run ${request.run}`);
  return { experiment, prepared, run, network: chooseNetwork(library, prepared.plan, run, request) };
}

function chooseNetwork(
  { store, objects }: Library,
  plan: Plan,
  run: PlannedRun,
  request: Pick<ExportRequest, 'run' | 'round' | 'member'>,
): Network {
  const round = request.round ?? run.rounds - 1;
  if (!Number.isInteger(round) || round < 0 || round >= run.rounds) {
    throw new ConfigError(
      `--round ${round}: ${request.run} has rounds 0 to ${run.rounds - 1}`,
      'Give one of them.',
    );
  }
  const member = request.member ?? 0;
  if (run.members > 1 && request.member === undefined) {
    throw new ConfigError(
      `${request.run} is an ensemble of ${run.members} networks`,
      `Say which one to export: --member 0 to --member ${run.members - 1}.`,
    );
  }
  if (!Number.isInteger(member) || member < 0 || member >= run.members) {
    throw new ConfigError(
      `--member ${member}: ${request.run} has ${run.members} network(s), counted from 0`,
      'Give one of them.',
    );
  }
  const role = run.members > 1 ? 'evaluate-particle' : 'evaluate';
  const link = run.links.find((each) => each.round === round && each.role === role && each.index === member);
  const evaluated = link && store.result(link.job);
  // The plan's, not the store's, which may name a user's file where it lay when the job was first planned.
  const job = plan.jobs.find(({ key }) => key === link?.job);
  const solution = job?.inputs.find(({ name }) => name === 'solution');
  if (!evaluated?.evaluation || job?.spec.kind !== 'evaluate' || !solution) {
    throw new ConfigError(
      `round ${round} of ${request.run} is not finished`,
      'Choose an earlier round, or finish the experiment with `swamp resume`.',
    );
  }
  const output = (key: JobKey, name: string): Digest => outputOf(store.result(key), name);
  const made = maskJob(run, round, member);
  const mask = ({ plan }: Prepared): Mask => {
    if (made === null) return fullMask(plan.layout);
    return readMaskTensors(plan.layout, objects.read(output(made, 'mask')).tensors, 'the mask');
  };
  const needed = [
    output(solution.job, solution.output),
    output(job.key, 'statistics'),
    ...(made === null ? [] : [output(made, 'mask')]),
  ];
  return {
    round,
    member,
    isThere: needed.every((digest) => objects.has(digest)),
    task: job.spec.task,
    evaluation: evaluated.evaluation,
    provenance: evaluated.provenance,
    mask,
    tensors(prepared) {
      const { layout } = prepared.plan;
      const weights = flatWeights(
        layout,
        objects.read(output(solution.job, solution.output)).tensors,
        'the solution',
      );
      const kept = mask(prepared);
      applyMask(weights, kept);
      const statistics = objects.read(output(job.key, 'statistics')).tensors;
      return new Map([...weightTensors(layout, weights), ...statistics, ...maskTensors(kept, layout)]);
    },
  };
}

function outputOf(result: JobResult | null, name: string): Digest {
  const digest = result?.outputs[name];
  if (!digest) throw new Error(`a finished job has no output ${name}`);
  return digest;
}

function compareFigures(file: string, stored: Evaluation, check: CheckResult): void {
  const { test } = check.evaluation;
  const wrong =
    check.revived > 0
      ? `${check.revived} pruned weights are not zero in it`
      : Math.abs(test.accuracy - stored.test.accuracy) > ACCURACY_TOLERANCE ||
          Math.abs(test.nll - stored.test.nll) > NLL_TOLERANCE
        ? `reopened, it has accuracy ${test.accuracy} and NLL ${test.nll}; the run had ${stored.test.accuracy} and ${stored.test.nll}`
        : null;
  if (wrong === null) return;
  throw new SwampError(
    `${file} was not written: ${wrong}.`,
    'The run in the library is untouched. Check the disk, and try again.',
    ExitCode.job,
  );
}

/** Files that the experiment was started from, by name and content. */
function startedFrom({ config, resolution }: Prepared): string[] {
  return (['weights', 'mask'] as const).flatMap((what) => {
    const [path, file] = [config.start?.[what], resolution.start?.[what]];
    if (path === undefined || file === undefined) return [];
    return [`${what} of ${basename(path)} (SHA-256 ${file.digest})`];
  });
}

/** A choice from a file of the user's own with the name of that file alone: where it lies is nobody else's business. */
function withoutFolder(spec: NamedSpec): NamedSpec {
  const own = ownOf(spec);
  return own ? { ...spec, own: basename(own.file) } : spec;
}

/** What the file says about its network. */
export function factsOf({ config }: Prepared, { task }: Network, dataset: Dataset): CheckpointFacts {
  const { shape, classes, normalisation, digest } = dataset;
  return {
    model: withoutFolder(config.model),
    ...prunableOf(config),
    shape: [...shape],
    classes: [...classes],
    normalisation: { mean: [...normalisation.mean], deviation: [...normalisation.deviation] },
    dataset: withoutFolder(withoutLocation(config.dataset)),
    datasetDigest: digest,
    split: task.split,
  };
}

function describe(
  experiment: ExperimentId,
  prepared: Prepared,
  run: PlannedRun,
  made: {
    network: Network;
    dataset: Dataset;
    written: WrittenFile;
    check: CheckResult;
    request: ExportRequest;
  },
): ModelCard {
  const { config, plan } = prepared;
  const { network, dataset, written, check, request } = made;
  const { layout } = plan;
  const mask = network.mask(prepared);
  const alive = perLayerAlive(mask, layout);
  const sparsity = 1 - aliveCount(mask, layout) / layout.prunable;
  const model = modelTitle(config.model);
  const lines: CardLine[] = describeConfig(config).map(({ label, text }) => [label, text]);
  const { kind, own: _own, ...settings } = config.model;
  const particles = run.links.filter(
    ({ round, role }) => round === network.round && role === 'evaluate-particle',
  ).length;
  return {
    title: `${run.arm}, ${(100 * sparsity).toFixed(1)} % sparse ${model} on ${dataset.title}`,
    dataset: {
      title: dataset.title,
      digest: dataset.digest,
      shape: dataset.shape,
      classes: dataset.classes,
      normalisation: dataset.normalisation,
    },
    split: network.task.split,
    model: {
      title: model,
      settings: [
        ['kind', kind],
        ...Object.entries(settings).map(([key, value]): CardLine => [key, JSON.stringify(value)]),
      ],
      epsilon: plan.model.statistics.length > 0 ? BATCH_NORM_EPSILON : null,
      padding: 'zeros, the same on every side, at stride 2 as well',
    },
    parameters: layout.parameters.map(({ name, shape, role, prunable, size }) => ({
      name,
      shape,
      role,
      alive: prunable ? (alive.get(name) ?? size) : null,
    })),
    denominator: plan.denominator,
    metrics: check.evaluation,
    recipe: lines,
    origin: {
      experiment,
      run: request.run,
      arm: run.arm,
      seed: run.seed,
      round: network.round,
      start: startedFrom(prepared),
      solution:
        run.members > 1
          ? `member ${network.member} of ${run.members}`
          : particles > 1
            ? `average of ${particles} particles`
            : 'the only particle',
    },
    file: {
      ...written,
      name: basename(request.out),
      format: exportFormat(request.format).title,
      masks: true,
    },
    software: [
      ['Swamp Studio', network.provenance.app],
      ['TensorFlow', `${network.provenance.tensorflow} (${network.provenance.device})`],
    ],
  };
}
