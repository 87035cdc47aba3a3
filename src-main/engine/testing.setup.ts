import type { TestProject } from 'vitest/node';
import type { EngineBuild } from '../contract/job.ts';
import { ensureEngine } from './provision/index.ts';
import { loaderEnvironment } from './provision/probe.ts';

declare module 'vitest' {
  interface ProvidedContext {
    readonly engine: EngineBuild;
  }
}

/**
 * Provisions TensorFlow once before the tests, which takes minutes on a fresh machine and milliseconds afterwards.
 * A test gets it by `inject('engine')`.
 */
export default async function setup(project: TestProject): Promise<void> {
  let told = '';
  const engine = await ensureEngine({
    onProgress: ({ stage, message }) => {
      // On standard error, and not of an engine that is simply there.
      if (stage !== 'find' && stage !== 'ready' && message !== told) process.stderr.write(`${message}\n`);
      told = message;
    },
  });
  // Test files run in processes of their own, started after this.
  Object.assign(process.env, loaderEnvironment(engine.libraryPath));
  process.env['TF_CPP_MIN_LOG_LEVEL'] ??= '2';
  // Several files run at a time: more threads each would only fight for the cores.
  process.env['TF_NUM_INTRAOP_THREADS'] ??= '1';
  process.env['TF_NUM_INTEROP_THREADS'] ??= '1';
  project.provide('engine', engine);
}
