import type { TestProject } from 'vitest/node';
import type { EngineBuild } from '../contract/job.ts';
import { engineEnvironment } from './environment.ts';
import { ensureEngine } from './provision/index.ts';

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
  // Test files run in processes of their own, started after this, several at a time: more threads each would only
  // fight for the cores.
  Object.assign(process.env, engineEnvironment(engine, 1));
  project.provide('engine', engine);
}
