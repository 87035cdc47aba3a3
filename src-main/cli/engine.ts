import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { ConfigError, EngineError, ExitCode } from '../contract/errors.ts';
import { diagnose, loaderEnvironment } from '../engine/provision/index.ts';
import { columns } from '../report/format.ts';
import type { Output } from './output.ts';
import { engineFor, interruptible, type CommonOptions } from './session.ts';

/** `swamp doctor` */
export async function doctor({ fix }: CommonOptions & { fix?: boolean }, output: Output): Promise<ExitCode> {
  if (fix) await interruptible((signal) => engineFor('auto', signal));
  const diagnosis = await diagnose();
  const marks = { ok: 'ok', warn: 'warning', missing: 'missing' } as const;
  output.result(diagnosis, () => {
    const rows = diagnosis.checks.map(({ name, state, detail, fix: command }) => [
      name,
      marks[state],
      detail + (command ? `; mend it with: ${command}` : ''),
    ]);
    return columns(rows, ['left', 'left', 'left']).join('\n');
  });
  return diagnosis.ok ? ExitCode.ok : ExitCode.engine;
}

/** `swamp bench step`: the recorded ResNet-20 step, in a process of its own. */
export async function bench(what: string, output: Output): Promise<ExitCode> {
  if (what !== 'step') throw new ConfigError(`there is no benchmark "${what}"`, 'Use: swamp bench step.');
  const engine = await interruptible((signal) => engineFor('auto', signal));
  const script = fileURLToPath(new URL('../../bench/step.ts', import.meta.url));
  const child = spawn(process.execPath, ['--disable-warning=DEP0044', script], {
    stdio: ['ignore', 'pipe', 'inherit'],
    env: { ...process.env, ...loaderEnvironment(engine.libraryPath), SWAMP_ENGINE: JSON.stringify(engine) },
  });
  let text = '';
  child.stdout.setEncoding('utf8').on('data', (chunk: string) => (text += chunk));
  const code = await new Promise<number | null>((resolve) => child.on('close', resolve));
  if (code !== 0) throw new EngineError('The benchmark failed.', 'Run `swamp doctor` to check the engine.');
  const result = JSON.parse(text) as { medianMs: number; name: string };
  output.result(result, () => `${result.name} ${result.medianMs.toFixed(1)} ms/step`);
  return ExitCode.ok;
}
