import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { ConfigError } from '../contract/errors.ts';
import type { JobKey } from '../contract/ids.ts';
import { parseConfig } from '../experiment/config.ts';
import { applySet } from '../experiment/overrides.ts';
import { presets } from '../experiment/presets.ts';
import { StoredResolution } from '../experiment/resolve.ts';
import { createSweep, prepareStored, type Prepared } from '../experiment/studio.ts';
import { experimentOf } from '../experiment/analyses/opened.fixture.ts';
import { openLibrary } from '../store/library.ts';
import { Output } from './output.ts';
import { requireLaunchable, requireLengths, ticket } from './ticket.ts';

/** Keeps what would be written. */
class Told extends Output {
  value: unknown = null;
  text = '';

  override result(value: unknown, text: () => string): void {
    this.value = value;
    this.text = text();
  }
}

const prepared = (change: Record<string, unknown>): Prepared => {
  const { config, resolution } = experimentOf('ticket', { arms: ['instability'], ...change });
  return prepareStored(config, StoredResolution.parse(resolution));
};
const at = (iterations: number, change: Record<string, unknown> = {}) =>
  prepared({ ticket: { iterations }, ...change });

/** A stored sweep, its first lines between two trainings done: a barrier of 0.3 at T0 = 0, none above. */
async function stored(experiments: readonly Prepared[], done: readonly number[]) {
  const folder = mkdtempSync(join(tmpdir(), 'swamp-ticket-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  const library = openLibrary(folder, { create: true });
  // eslint-disable-next-line @typescript-eslint/require-await -- as createSweep takes them
  async function* all() {
    yield* experiments;
  }
  const { sweep } = await createSweep(library, 'ticket', all());
  for (const [index, { plan, config }] of experiments.entries()) {
    const lines = plan.jobs.filter(({ spec }) => spec.kind === 'connectivity').slice(0, done[index]);
    const middle = config.ticket.iterations === 0 ? 0.4 : 0.1;
    const finish = (key: JobKey): void => {
      if (library.store.result(key)) return;
      for (const { job } of plan.jobs.find((each) => each.key === key)?.inputs ?? []) finish(job);
      library.store.startJob(key, 'here');
      library.store.finishJob(key, {
        outputs: {},
        evaluation: null,
        series: { alpha: [0, 0.5, 1], trainError: [0.1, middle, 0.1], testError: [0.2, middle, 0.2] },
        seconds: 1,
        sessionSeconds: 1,
        steps: 0,
        provenance: { tensorflow: '', device: '', host: '', app: '' },
      });
    };
    for (const { key } of lines) finish(key);
  }
  library.close();
  const tell = async (): Promise<Told> => {
    const output = new Told(false);
    await ticket(sweep, { library: folder, set: [], out: join(folder, 'ticket.svg') }, output);
    return output;
  };
  return { sweep, folder, tell };
}

describe('a sweep over lengths of the ticket', () => {
  test('is told with what is there, and names what is not', async () => {
    const { sweep, folder, tell } = await stored([at(112), at(0), at(28), at(56)], [0, 2, 2, 1]);
    const { value, text } = await tell();
    expect(value).toMatchObject({
      sweep,
      chosen: 28,
      tickets: [
        { iterations: 0, stable: false },
        { iterations: 28, stable: true },
        { iterations: 56, stable: true },
      ],
      unfinished: [
        { iterations: 56, seeds: 1, of: 2 },
        { iterations: 112, seeds: 0, of: 2 },
      ],
    });
    expect(text).toContain(`Not finished: T0 = 56 (1 of 2 seeds), 112. \`swamp resume ${sweep}\` goes on.`);
    expect(existsSync(join(folder, 'ticket.svg'))).toBe(true);
  });

  test('that has finished says nothing of the kind', async () => {
    const { tell } = await stored([at(0), at(28)], [2, 2]);
    const { value, text } = await tell();
    expect(value).toMatchObject({ chosen: 28, unfinished: [] });
    expect(text).not.toContain('finished');
  });

  test('recommends a setting that every preset takes, whichever way it gives its length', async () => {
    const { text } = await (await stored([at(0), at(28)], [2, 2])).tell();
    const [, setting = ''] = /--set (\S+?)\.?$/m.exec(text) ?? [];
    expect(setting).toBe('ticket.iterations=28');
    for (const { config } of presets.values())
      expect(parseConfig(applySet(config, [setting])).ticket).toMatchObject({ iterations: 28 });
  });

  test('knows T0 of the analysis itself where another arm stands before it', async () => {
    const arms = ['snip', 'instability'];
    const { tell } = await stored([at(0, { arms }), at(28, { arms })], [2, 2]);
    expect((await tell()).value).toMatchObject({ tickets: [{ iterations: 0 }, { iterations: 28 }] });
  });

  test('whose experiments differ in more is refused: lines of two recipes are no table', async () => {
    const fast = { recipe: { epochs: 10, learningRate: 0.05 } };
    const { sweep, tell } = await stored([at(0), at(28), at(0, fast), at(28, fast)], [2, 2, 2, 2]);
    await expect(tell()).rejects.toThrow(
      `${sweep}: recipe.learningRate has several values; lengths of the ticket are compared with all else the same`,
    );
  });
});

describe('what is launched', () => {
  const config = (change: Record<string, unknown>) => prepared(change).config;
  const lengths = [config({ ticket: { epochs: 0 } }), config({ ticket: { epochs: 1 } })];

  test('is experiments that differ in the length of the ticket, in either unit', () => {
    expect(() => requireLaunchable('demo', lengths)).not.toThrow();
    const mixed = [
      ...lengths,
      config({ ticket: { iterations: 10 } }),
      config({ ticket: { epochs: 2 }, workers: 3 }),
    ];
    expect(() => requireLaunchable('demo', mixed)).not.toThrow();
  });

  test.each([
    [
      [...lengths, ...lengths.map((each) => ({ ...each, seeds: [3] }))],
      'demo: seeds has several values; lengths of the ticket are compared with all else the same',
    ],
    [
      [0, 1].map((epochs) => config({ ticket: { epochs, learningRate: 0.1 / (1 + epochs) } })),
      'demo: ticket.learningRate has several values',
    ],
    [lengths.slice(1), 'demo: there is one length of the ticket, and lengths are compared'],
    [
      [0, 1].map((epochs) => config({ ticket: { epochs }, arms: ['instability', 'imp'] })),
      'demo: arms: `swamp ticket` trains "instability" alone',
    ],
  ])('and nothing else (%#)', (configs, message) => {
    expect(() => requireLaunchable('demo', configs)).toThrow(ConfigError);
    expect(() => requireLaunchable('demo', configs)).toThrow(message);
  });

  test('analyses of several kinds are not put together', () => {
    const arms = ['instability', { kind: 'instability', points: 21 }];
    const several = [0, 1].map((epochs) => parseConfig({ ...config({}), arms, ticket: { epochs } }));
    expect(() => requireLengths('demo', several)).toThrow('demo: there are 2 arms "instability"');
  });
});
