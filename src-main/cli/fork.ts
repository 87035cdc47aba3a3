import type { ExitCode } from '../contract/errors.ts';
import type { ExperimentConfig } from '../contract/experiment.ts';
import type { ExperimentId } from '../contract/ids.ts';
import type { EngineVariant } from '../engine/provision/index.ts';
import { countTrainings } from '../experiment/cost.ts';
import { settingsThatDiffer, settingText } from '../experiment/differences.ts';
import { planFork, trainingsShared } from '../experiment/fork.ts';
import { applySet } from '../experiment/overrides.ts';
import { storedExperiment, type Prepared } from '../experiment/studio.ts';
import { count } from '../report/format.ts';
import { launch, type About, type LaunchOptions } from './launch.ts';
import type { Output } from './output.ts';
import { engineOf, withLibrary } from './session.ts';
import { engineSetting, variantsOf } from './variants.ts';

export interface ForkOptions extends LaunchOptions {
  readonly name?: string;
  readonly set: readonly string[];
}

/** `swamp fork EXPERIMENT` */
export async function fork(text: string, options: ForkOptions, output: Output): Promise<ExitCode> {
  const { origin, stored } = await withLibrary(options, (library) => {
    const id = library.store.findExperiment(text);
    return { origin: id, stored: storedExperiment(library, id) };
  });
  const { name = stored.config.name } = options;
  const variants = variantsOf(applySet({ ...stored.config, name }, options.set));
  const [first] = variants;
  return await launch(
    {
      name: first && variants.length === 1 ? first.name : name,
      variants,
      engine: await engineLike(stored, engineSetting(variants)),
      origin,
      prepare: (config, data, engine) => planFork(stored, config, data, engine),
      about: (prepared) => about(origin, stored, prepared),
    },
    options,
    output,
  );
}

/** The engine of the experiment that is forked, unless another is asked for. */
async function engineLike({ config, resolution }: Prepared, engine: EngineVariant): Promise<EngineVariant> {
  return engine === config.engine && engine === 'auto' ? await engineOf(resolution) : engine;
}

function about(origin: ExperimentId, stored: Prepared, prepared: readonly Prepared[]): About {
  const shared = prepared.map((each) => trainingsShared(each, stored));
  const all = prepared.map(({ plan }) => countTrainings(plan.jobs));
  const [only, ...others] = prepared;
  const changes = only && others.length === 0 ? changesOf(stored.config, only.config) : [];
  const sharing = shared.map((number, at) => `${count(number)} of ${count(all[at] ?? 0)}`).join(', ');
  return {
    lines: [
      ['forked from', origin],
      ...(changes.length > 0 ? [['changes', changes.map(changeText).join(', ')] as const] : []),
      ['shares with it', `${sharing} trainings`],
    ],
    json: { origin, changes, shared: shared.reduce((sum, each) => sum + each, 0) },
  };
}

/** A setting as it was and as it is. */
export interface Change {
  readonly path: string;
  readonly before: unknown;
  readonly after: unknown;
}

export function changesOf(before: ExperimentConfig, after: ExperimentConfig): Change[] {
  return settingsThatDiffer([before, after]).map(({ path, values: [was, is] }) => ({
    path,
    before: was ?? null,
    after: is ?? null,
  }));
}

export function changeText({ path, before, after }: Change): string {
  return `${path} ${settingText(path, before ?? undefined)} → ${settingText(path, after ?? undefined)}`;
}
