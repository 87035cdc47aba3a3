import { spawn } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'vitest';
import { Diagnosis } from '../src-main/engine/provision/index.ts';
import { parseConfig } from '../src-main/experiment/config.ts';
import { openLibrary } from '../src-main/store/library.ts';
import { cliEntry, swamp, swampJson, temporaryFolder } from './cli.ts';

interface Failed {
  readonly error: { readonly message: string; readonly hint: string; readonly exitCode: number };
}

describe.concurrent('commands', () => {
  test('--help names every command and exit code', async ({ expect }) => {
    const { code, stdout, stderr } = await swamp(['--help']);
    expect([code, stderr]).toEqual([0, '']);
    for (const command of [
      'run',
      'extend',
      'fork',
      'resume',
      'list',
      'show',
      'compare',
      'export',
      'presets',
      'doctor',
      'bench',
    ]) {
      expect(stdout).toMatch(new RegExp(`^  ${command} `, 'm'));
    }
    expect(stdout).toMatch(/Exit codes: 0 .* 2 .* 3 [^]*4 .* 5 .* 130/);
    const run = await swamp(['run', '--help']);
    expect(run.code).toBe(0);
    for (const option of ['--set', '--dry-run', '--library', '--json']) expect(run.stdout).toContain(option);
  });

  test('--version', async ({ expect }) => {
    const { code, stdout } = await swamp(['--version']);
    expect(code).toBe(0);
    expect(stdout).toMatch(/^\d+\.\d+\.\d+\n$/);
  });

  test('mistakes on the command line', async ({ expect }) => {
    const mistakes: [args: string[], says: RegExp][] = [
      [['runn', 'demo'], /unknown command 'runn'/],
      [['run', 'demo', '--dryrun'], /unknown option '--dryrun'/],
      [['run'], /missing required argument 'experiment'/],
      [['list', 'everything'], /too many arguments/],
      [['compare', 'x', '--metric', 'f1'], /--metric f1/],
      [['compare', 'x', '--split', 'train'], /--split train/],
      [['compare', 'x', '--format', 'word'], /--format word/],
      [['compare', 'x', '--bands', 'wide'], /--bands wide/],
      [['compare', 'x', '--from', 'much'], /'much' is invalid. Give a number/],
      [['bench', 'everything'], /benchmark "everything"/],
    ];
    for (const [args, says] of mistakes) {
      const { code, document, stderr } = await swampJson<Failed>(args);
      expect(document.error.message).toMatch(says);
      expect([code, document.error.exitCode]).toEqual([2, 2]);
      expect(stderr).toMatch(says);
    }
    const nothing = await swamp([]);
    expect([nothing.code, nothing.stdout]).toEqual([2, '']);
  });

  test('list, show and resume of an empty library', async (context) => {
    const { expect } = context;
    const library = join(temporaryFolder(context), 'library');
    openLibrary(library, { create: true }).close();
    const listed = await swampJson(['list', '--library', library]);
    expect([listed.code, listed.document]).toEqual([0, { experiments: [] }]);
    const text = await swamp(['list'], { env: { SWAMP_LIBRARY: library } });
    expect(text.stdout).toMatch(/No experiments yet/);
    for (const [args, says] of [
      [['show', 'demo'], /no experiment .*demo/],
      [['show', 'demo/imp/1'], /no run .*demo/],
      [['compare', 'demo'], /no experiment .*demo/],
      [['resume', 'demo'], /no experiment .*demo/],
      [['resume'], /done/],
    ] as const) {
      const { code, document } = await swampJson<Failed>([...args, '--library', library]);
      expect(document.error.message).toMatch(says);
      expect(code).toBe(2);
    }
  });

  test('list before the first experiment', async (context) => {
    const { expect } = context;
    const home = temporaryFolder(context);
    const listed = await swampJson(['list'], { env: { XDG_DATA_HOME: home, HOME: home } });
    expect([listed.code, listed.document]).toEqual([0, { experiments: [] }]);
    expect(readdirSync(home)).toEqual([]);
  });

  test('presets can be run as they are', async ({ expect }) => {
    const { code, document } = await swampJson<{ presets: { name: string; config: unknown }[] }>(['presets']);
    expect(code).toBe(0);
    expect(document.presets.map(({ name }) => name)).toEqual([
      'demo',
      'swamp-plus',
      'ablation',
      'cifar10-small',
      'cifar10-arms',
    ]);
    for (const { config } of document.presets) expect(() => parseConfig(config)).not.toThrow();
    expect((await swamp(['presets'])).stdout).toMatch(/^demo\n/);
  });

  test('doctor', async ({ expect }) => {
    const { code, document } = await swampJson(['doctor']);
    const { ok, engine } = Diagnosis.parse(document);
    expect([code, ok]).toEqual([0, true]);
    expect(engine?.tensorflow).toMatch(/^2\./);
  });

  test('a reader that goes away ends nothing', async ({ expect }) => {
    const child = spawn(process.execPath, [cliEntry, 'presets', '--json'], {
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    child.stdout.destroy();
    let stderr = '';
    child.stderr.setEncoding('utf8').on('data', (text: string) => (stderr += text));
    const code = await new Promise((resolve) => child.on('close', resolve));
    expect([code, stderr]).toEqual([0, '']);
  });

  test('light commands load nothing heavy', async (context) => {
    const { expect } = context;
    const folder = temporaryFolder(context);
    const library = join(folder, 'library');
    openLibrary(library, { create: true }).close();
    for (const [at, args] of [['--help'], ['presets'], ['list', '--library', library]].entries()) {
      // V8 tells which scripts it ran.
      const coverage = join(folder, String(at));
      const { code } = await swamp(args, { env: { NODE_V8_COVERAGE: coverage } });
      expect(code).toBe(0);
      const loaded = readdirSync(coverage).flatMap((name) => {
        const { result } = JSON.parse(readFileSync(join(coverage, name), 'utf8')) as {
          result: { url: string }[];
        };
        return result.map(({ url }) => url);
      });
      expect(loaded.some((url) => url.endsWith('/cli/program.ts'))).toBe(true);
      const heavy =
        /tensorflow|echarts|node_modules\/zod|src-main\/(training|models|datasets|executors|engine)\//;
      expect(loaded.filter((url) => heavy.test(url))).toEqual([]);
    }
  });
});
