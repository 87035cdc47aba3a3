import { ConfigError, type ExitCode } from '../contract/errors.ts';
import { checkExtension, planExtension, withAdditions } from '../experiment/extend.ts';
import { applySet } from '../experiment/overrides.ts';
import { storedExperiment } from '../experiment/studio.ts';
import { verifyOwn } from '../own/own.ts';
import { changesOf, changeText } from './fork.ts';
import { launch, type LaunchOptions } from './launch.ts';
import type { Output } from './output.ts';
import { engineOf, withLibrary } from './session.ts';
import { variantsOf } from './variants.ts';

export interface ExtendOptions extends LaunchOptions {
  readonly rounds?: number;
  readonly seeds?: readonly number[];
  /** JSON, or the name of an arm. */
  readonly arm: readonly string[];
  readonly particles?: number;
  readonly set: readonly string[];
}

/** `swamp extend EXPERIMENT` */
export async function extend(text: string, options: ExtendOptions, output: Output): Promise<ExitCode> {
  const { id, stored } = await withLibrary(options, (library) => {
    const found = library.store.findExperiment(text);
    return { id: found, stored: storedExperiment(library, found) };
  });
  verifyOwn(stored.config);
  const { rounds, seeds, particles, set } = options;
  const added = withAdditions(stored.config, { rounds, seeds, particles, arms: options.arm.map(armOf) });
  const variants = variantsOf(applySet(added, set));
  const [variant, ...others] = variants;
  if (!variant || others.length > 0) {
    const paths = new Set(variants.flatMap(({ choices }) => choices.map(({ path }) => path)));
    throw new ConfigError(
      `${[...paths].join(', ')}: several values make several experiments, and ${id} is one`,
      `\`swamp fork ${id}\` with the same --set makes them.`,
    );
  }
  // Before the data are read: what would change something stored needs none.
  checkExtension(id, stored, variant.config);
  const changes = changesOf(stored.config, variant.config);
  return await launch(
    {
      name: variant.name,
      variants,
      engine: await engineOf(stored.resolution),
      origin: null,
      prepare: (config, data) => planExtension(id, stored, config, data),
      about: () => ({
        lines: [
          ['extends', id],
          ['changes', changes.map(changeText).join(', ')],
        ],
        json: { experiment: id, changes },
      }),
      submit: async (client, { config, resolution }) => {
        await client.call('experiments.extend', { experiment: id, config, resolution });
        return id;
      },
    },
    options,
    output,
  );
}

/** An arm as on the command line: `dense`, or JSON in braces. */
function armOf(text: string): unknown {
  if (!text.trimStart().startsWith('{')) return text;
  try {
    return JSON.parse(text) as unknown;
  } catch (cause) {
    throw new ConfigError(
      `--arm ${text}: this is not JSON: ${(cause as Error).message}`,
      `Give an arm's name, or for example --arm '{"kind":"swamp","particles":8}'.`,
      undefined,
      { cause },
    );
  }
}
