import { existsSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { ConfigError, ExitCode } from '../contract/errors.ts';
import type { ExperimentConfig } from '../contract/experiment.ts';
import type { JobKey } from '../contract/ids.ts';
import type { JobRole } from '../contract/states.ts';
import { settingsThatDiffer } from '../experiment/differences.ts';
import { readExperiment } from '../experiment/experiment-file.ts';
import { membersOf } from '../experiment/find.ts';
import { requireWritable } from '../experiment/out-file.ts';
import { modelTitle } from '../experiment/own-choice.ts';
import { applySet } from '../experiment/overrides.ts';
import type { Plan } from '../experiment/plan.ts';
import { presets } from '../experiment/presets.ts';
import { isRecord } from '../experiment/problems.ts';
import { prepareExperiment, storedExperiment } from '../experiment/studio.ts';
import { absoluteOwn } from '../own/own.ts';
import { instabilityOption, instabilityText, type InstabilityPicture } from '../report/instability.ts';
import { optionSvg } from '../report/svg.ts';
import {
  ticketStability,
  type Line,
  type TicketLines,
  type UnfinishedTicket,
} from '../statistics/instability.ts';
import type { Library } from '../store/library.ts';
import { writeText } from './files.ts';
import { launch, type LaunchOptions } from './launch.ts';
import { Output } from './output.ts';
import { withLibrary } from './session.ts';
import { engineSetting, variantsOf } from './variants.ts';

export interface TicketOptions extends LaunchOptions {
  readonly set: readonly string[];
  /** Lengths in iterations. */
  readonly at?: readonly number[];
  /** Lengths in epochs. */
  readonly epochs?: readonly number[];
  /** An error barrier that is none, in points. */
  readonly below?: number;
  /** Where the picture goes. */
  readonly out?: string;
}

/** Of Frankle et al. (2020). */
const BELOW = 2;

const EPOCHS = [0, 1, 2, 4];

const KIND = 'instability';

/** `swamp ticket PRESET|FILE`: a sweep over lengths of the ticket; `swamp ticket SWEEP`: what came out of one. */
export async function ticket(name: string, options: TicketOptions, output: Output): Promise<ExitCode> {
  const { below = BELOW, out } = options;
  if (below <= 0 || below > 100)
    throw new ConfigError(
      `--below ${below}: must be points above 0, at most 100`,
      'Leave it out for 2 points.',
    );
  if (!presets.has(name) && !existsSync(name)) return await tell(name, options, output);
  if (out !== undefined) requireWritable('--out', out);
  const raw = absoluteOwn(...readExperiment(name));
  const variants = variantsOf(
    applySet({ ...asRecord(raw), arms: [KIND], ticket: lengths(raw, options) }, options.set),
  );
  requireLaunchable(
    name,
    variants.map(({ config }) => config),
  );
  const kept = new Kept(output.json);
  const code = await launch(
    {
      name: `${String(asRecord(raw)['name'])}-ticket`,
      variants,
      engine: engineSetting(variants),
      origin: null,
      prepare: prepareExperiment,
    },
    options,
    kept,
  );
  const { sweep } = kept.value as { sweep?: string };
  if (code !== ExitCode.ok || options.dryRun || options.detach || sweep === undefined) {
    kept.pass(output);
    return code;
  }
  return await tell(sweep, options, output);
}

/** The lengths to try, in the place of the ticket's own. @throws ConfigError */
function lengths(raw: unknown, { at, epochs }: TicketOptions): Record<string, unknown> {
  if (at && epochs)
    throw new ConfigError('--at and --epochs both say which lengths to try', 'Give one of them.');
  const tried = at ?? epochs ?? EPOCHS;
  if (new Set(tried).size !== tried.length || tried.length < 2)
    throw new ConfigError(
      `--${at ? 'at' : 'epochs'} ${tried.join()}: lengths are compared`,
      'Give two or more different ones.',
    );
  const { epochs: _epochs, iterations: _iterations, ...rest } = asRecord(asRecord(raw)['ticket']);
  return { ...rest, [at ? 'iterations' : 'epochs']: [...tried] };
}

/** Settings that make other lengths, and those that change no result. */
const MAY_DIFFER = ['ticket.epochs', 'ticket.iterations', 'workers'];

/**
 * Lines of other recipes in one table would tell of these, not of lengths.
 * @param whose names the experiments
 * @throws ConfigError where experiments differ in more than the ticket's length, or analyse it in several ways
 */
export function requireLengths(whose: string, configs: readonly ExperimentConfig[]): void {
  const others = settingsThatDiffer(configs).filter(({ path }) => !MAY_DIFFER.includes(path));
  if (others.length > 0)
    throw new ConfigError(
      `${whose}: ${others.map(({ path }) => path).join(', ')} ${others.length === 1 ? 'has' : 'have'} several values; lengths of the ticket are compared with all else the same`,
      'Give one value, and run `swamp ticket` once for each.',
    );
  const arms = configs[0]?.arms.filter(({ kind }) => kind === KIND) ?? [];
  if (arms.length > 1)
    throw new ConfigError(
      `${whose}: there are ${arms.length} arms "${KIND}", whose lines cannot be put together`,
      'Keep one of them.',
    );
}

/** @throws ConfigError as `requireLengths`, and where there is nothing to compare. */
export function requireLaunchable(whose: string, configs: readonly ExperimentConfig[]): void {
  requireLengths(whose, configs);
  if (configs.some(({ arms }) => arms.some(({ kind }) => kind !== KIND)))
    throw new ConfigError(
      `${whose}: arms: \`swamp ticket\` trains "${KIND}" alone`,
      'Leave arms out; `swamp run` trains others.',
    );
  if (configs.length < 2)
    throw new ConfigError(
      `${whose}: there is one length of the ticket, and lengths are compared`,
      'Give two or more with --at or --epochs.',
    );
}

function asRecord(raw: unknown): Record<string, unknown> {
  return isRecord(raw) ? raw : {};
}

/** Says what a sweep over lengths of the ticket came to, and draws it. */
async function tell(
  text: string,
  { below = BELOW, out, ...options }: TicketOptions,
  output: Output,
): Promise<ExitCode> {
  const { sweep, title, tickets, unfinished, folder } = await withLibrary(options, (library) =>
    readSweep(library, text),
  );
  const picture: InstabilityPicture = {
    title,
    sweep,
    unfinished,
    below: below / 100,
    ...ticketStability(tickets, below / 100),
  };
  const file = out ?? join(folder, 'ticket.svg');
  if (out === undefined) mkdirSync(folder, { recursive: true });
  writeText(file, await optionSvg(instabilityOption(picture), { width: 1040, height: 440 }));
  const { chosen } = picture;
  output.result(
    { sweep, below: picture.below, chosen, tickets: picture.tickets, unfinished, picture: file },
    () => [instabilityText(picture), '', `picture  ${file}`].join('\n'),
  );
  return ExitCode.ok;
}

/** What a sweep over lengths of the ticket has made so far. */
interface TicketSweep {
  readonly sweep: string;
  readonly title: string;
  readonly tickets: readonly TicketLines[];
  readonly unfinished: readonly UnfinishedTicket[];
  readonly folder: string;
}

/**
 * The lines between trainings of a sweep's tickets.
 * @throws ConfigError where it is none, where it is one over other settings, or where none is finished
 */
function readSweep(library: Library, text: string): TicketSweep {
  const { store } = library;
  const sweep = store.findSweep(text);
  if (sweep === null)
    throw new ConfigError(
      `${text} is neither an experiment file, a preset nor a sweep`,
      '`swamp list` shows the sweeps of the library, `swamp presets` the presets.',
    );
  const prepared = membersOf(store, sweep).map((id) => storedExperiment(library, id));
  const configs = prepared.map(({ config }) => config);
  requireLengths(sweep, configs);
  const all = prepared.map(({ plan }) => linesOf(library, plan));
  const tickets = all.filter(({ lines }) => lines.length > 0);
  if (tickets.length === 0)
    throw new ConfigError(
      `${sweep} has no finished instability analysis`,
      `\`swamp ticket FILE\` makes one; \`swamp resume ${sweep}\` finishes one that was stopped.`,
    );
  const unfinished = all
    .filter(({ lines, of }) => lines.length < of)
    .map(({ iterations, lines, of }) => ({ iterations, seeds: lines.length, of }))
    .sort((a, b) => a.iterations - b.iterations);
  const [first] = configs;
  const title = `${first ? titleOf(first) : sweep}: instability by the length of the ticket`;
  return { sweep, title, tickets, unfinished, folder: join(library.dir, 'reports', sweep) };
}

const titleOf = ({ model, dataset }: ExperimentConfig): string => `${modelTitle(model)} on ${dataset.kind}`;

/** The lines that are there, of as many seeds. */
function linesOf({ store }: Library, plan: Plan): TicketLines & { readonly of: number } {
  const runs = plan.runs.filter(({ kind }) => kind === KIND);
  const linked = (of: JobRole): JobKey[] =>
    runs.flatMap(({ links }) => links.filter(({ role }) => role === of).map(({ job }) => job));
  const lines = linked('connectivity').flatMap((key): Line[] => {
    const { alpha, trainError, testError } = store.result(key)?.series ?? {};
    return alpha && trainError && testError ? [{ alpha, trainError, testError }] : [];
  });
  const [ticket] = linked('ticket');
  const spec = plan.jobs.find(({ key }) => key === ticket)?.spec;
  return { iterations: spec?.kind === 'train-ticket' ? spec.iterations : 0, lines, of: runs.length };
}

/** Keeps a result instead of writing it. */
class Kept extends Output {
  value: unknown = {};
  #text: () => string = () => '';

  override result(value: unknown, text: () => string): void {
    this.value = value;
    this.#text = text;
  }

  pass(output: Output): void {
    output.result(this.value, this.#text);
  }
}
