import { existsSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { ConfigError, ExitCode } from '../contract/errors.ts';
import type { ExperimentId } from '../contract/ids.ts';
import { readExperiment } from '../experiment/experiment-file.ts';
import { membersOf } from '../experiment/find.ts';
import { requireWritable } from '../experiment/out-file.ts';
import { modelTitle } from '../experiment/own-choice.ts';
import { applySet } from '../experiment/overrides.ts';
import { presets } from '../experiment/presets.ts';
import { isRecord } from '../experiment/problems.ts';
import { prepareExperiment, storedExperiment } from '../experiment/studio.ts';
import { absoluteOwn } from '../own/own.ts';
import { instabilityOption, instabilityText, type InstabilityPicture } from '../report/instability.ts';
import { optionSvg } from '../report/svg.ts';
import { ticketStability, type Line, type TicketLines } from '../statistics/instability.ts';
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

function asRecord(raw: unknown): Record<string, unknown> {
  return isRecord(raw) ? raw : {};
}

/** Says what a sweep over lengths of the ticket came to, and draws it. */
async function tell(
  text: string,
  { below = BELOW, out, ...options }: TicketOptions,
  output: Output,
): Promise<ExitCode> {
  const { sweep, title, tickets, folder } = await withLibrary(options, (library) => readSweep(library, text));
  const picture: InstabilityPicture = {
    title,
    below: below / 100,
    ...ticketStability(tickets, below / 100),
  };
  const file = out ?? join(folder, 'ticket.svg');
  if (out === undefined) mkdirSync(folder, { recursive: true });
  writeText(file, await optionSvg(instabilityOption(picture), { width: 1040, height: 440 }));
  const { chosen } = picture;
  output.result({ sweep, below: picture.below, chosen, tickets: picture.tickets, picture: file }, () =>
    [instabilityText(picture), '', `picture  ${file}`].join('\n'),
  );
  return ExitCode.ok;
}

/** The lines between trainings of a sweep's tickets. @throws ConfigError where it is none, or none is finished. */
function readSweep(
  library: Library,
  text: string,
): { sweep: string; title: string; tickets: TicketLines[]; folder: string } {
  const { store } = library;
  const sweep = store.findSweep(text);
  if (sweep === null)
    throw new ConfigError(
      `${text} is neither an experiment file, a preset nor a sweep`,
      '`swamp list` shows the sweeps of the library, `swamp presets` the presets.',
    );
  const ids = membersOf(store, sweep);
  const [first] = ids;
  const all = ids.map((id) => linesOf(library, id));
  const tickets = all.flatMap(({ iterations, lines }) => (lines.length > 0 ? [{ iterations, lines }] : []));
  if (tickets.length === 0)
    throw new ConfigError(
      `${sweep} has no finished instability analysis`,
      `\`swamp ticket FILE\` makes one; \`swamp resume ${sweep}\` finishes one that was stopped.`,
    );
  const title = `${first ? titleOf(library, first) : sweep}: instability by the length of the ticket`;
  return { sweep, title, tickets, folder: join(library.dir, 'reports', sweep) };
}

function titleOf(library: Library, id: ExperimentId): string {
  const { model, dataset } = storedExperiment(library, id).config;
  return `${modelTitle(model)} on ${dataset.kind}`;
}

function linesOf(library: Library, id: ExperimentId): TicketLines {
  const { plan } = storedExperiment(library, id);
  const keys = plan.runs
    .filter(({ kind }) => kind === KIND)
    .flatMap(({ links }) => links.filter(({ role }) => role === 'connectivity').map(({ job }) => job));
  const lines = keys.flatMap((key): Line[] => {
    const { alpha, trainError, testError } = library.store.result(key)?.series ?? {};
    return alpha && trainError && testError ? [{ alpha, trainError, testError }] : [];
  });
  const iterations = plan.jobs.flatMap(({ spec }) => (spec.kind === 'train-ticket' ? [spec.iterations] : []));
  return { iterations: iterations[0] ?? 0, lines };
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
