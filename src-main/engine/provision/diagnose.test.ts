import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { diagnose, Diagnosis, findEngine } from './index.ts';
import { addCompiler, addPython, openSandbox, type Sandbox } from './fakes.ts';
import { probe } from './probe.ts';

const provisioned = await findEngine().catch(() => null);

describe('a machine where nothing is prepared', () => {
  let sandbox: Sandbox;
  beforeEach(async () => {
    sandbox = await openSandbox();
  });
  afterEach(() => sandbox.close());

  it('lacks the engine, and what is needed to get it, each with what mends it', async () => {
    const diagnosis = Diagnosis.parse(await diagnose());
    const of = (name: string) => diagnosis.checks.find((check) => check.name === name);
    expect(diagnosis).toMatchObject({ ok: false, engine: null, device: '' });
    expect(of('node')?.state).toBe('ok');
    expect(of('python')).toMatchObject({ state: 'missing', fix: 'sudo apt-get install python3 python3-pip' });
    expect(of('pip')?.state).toBe('missing');
    expect(of('compiler')).toMatchObject({ state: 'warn', fix: 'sudo apt-get install g++' });
    expect(of('engine')).toMatchObject({ state: 'missing', fix: 'swamp doctor --fix' });
    expect(of('sqlite')?.state).toBe('ok');
    expect(new Set(diagnosis.checks.map(({ name }) => name)).size).toBe(12);
  });

  it('sees Python without pip, and the compiler', async () => {
    await addPython(sandbox, false);
    await addCompiler(sandbox);
    const { checks } = await diagnose();
    const states = Object.fromEntries(checks.map(({ name, state }) => [name, state]));
    expect(states).toMatchObject({ python: 'ok', pip: 'missing', compiler: 'ok' });
  });

  it('reports a wrong setting instead of failing', async () => {
    process.env['SWAMP_ENGINE_VARIANT'] = 'tpu';
    const { checks } = await diagnose();
    expect(checks.find(({ name }) => name === 'engine')?.detail).toContain('tpu');
  });
});

describe('trying an addon', () => {
  it('says why a file does not load', async () => {
    const outcome = await probe(import.meta.filename, []);
    expect(outcome.works).toBe(false);
    if (!outcome.works) expect(outcome.reason).toContain('invalid ELF header');
  });
});

describe.skipIf(provisioned === null)('the engine of this machine', () => {
  it('computes, and nothing is missing', async () => {
    const diagnosis = Diagnosis.parse(await diagnose());
    expect(diagnosis.checks.filter(({ state }) => state === 'missing')).toEqual([]);
    expect(diagnosis.engine).toEqual(provisioned);
    expect(diagnosis.device).not.toBe('');
  });
});
