import { fileURLToPath } from 'node:url';
import { ConfigError, EngineError, ExitCode } from '../contract/errors.ts';
import { launchWith } from '../engine/launch.ts';
import { diagnose } from '../engine/provision/index.ts';
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
  const text = await launchWith(engine, script).catch((cause: unknown) => {
    const said = cause instanceof Error ? cause.message : String(cause);
    throw new EngineError(`The benchmark failed: ${said}`, 'Run `swamp doctor` to check the engine.', {
      cause,
    });
  });
  const result = JSON.parse(text) as { medianMs: number; name: string };
  output.result(result, () => `${result.name} ${result.medianMs.toFixed(1)} ms/step`);
  return ExitCode.ok;
}
