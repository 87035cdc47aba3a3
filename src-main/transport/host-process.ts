import { spawn } from 'node:child_process';
import { closeSync, existsSync, mkdirSync, openSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { z } from 'zod';
import { LibraryError } from '../contract/errors.ts';

/** A host that is not there by then has failed. */
const START_MS = 30_000;
/** The host's log begins anew above this. */
const LARGEST_LOG = 2 ** 20;

export interface HostProgram {
  /** Node 24. */
  readonly node: string;
  /** host.ts. */
  readonly entry: string;
  readonly library: string;
}

/** Who serves a library. */
const Served = z.object({
  pid: z.number(),
  /** Where it listens. */
  socket: z.string(),
});
export type Served = z.infer<typeof Served>;

/** Where the background host of a library writes what it says. */
export function hostLog(library: string): string {
  return join(library, 'logs', 'host.log');
}

/**
 * Starts a host in the background, which outlives this process, and waits until it serves the library. Where another
 * process serves it already, that one is told of.
 * @throws LibraryError with what it said, where it does not.
 */
export async function startHost({ node, entry, library }: HostProgram): Promise<Served> {
  const path = hostLog(library);
  mkdirSync(join(library, 'logs'), { recursive: true });
  const size = existsSync(path) ? statSync(path).size : 0;
  const log = openSync(path, size > LARGEST_LOG ? 'w' : 'a');
  const begin = size > LARGEST_LOG ? 0 : size;
  // A session of its own: it outlives the terminal.
  const child = spawn(node, [entry, '--library', library, '--announce'], {
    detached: true,
    stdio: ['ignore', 'pipe', log],
    env: { ...process.env, ELECTRON_RUN_AS_NODE: undefined },
  });
  closeSync(log);
  child.unref();
  const stdout = child.stdout as Readable;
  let announced = '';
  try {
    return await new Promise<Served>((resolve, reject) => {
      const fail = (why: string): void => {
        const said = saidSince(path, begin);
        reject(new LibraryError(`the host could not be started: ${said || why}`, `Its log is ${path}.`));
      };
      const timer = setTimeout(() => fail('it is silent'), START_MS);
      child.on('error', ({ message }) => fail(message));
      stdout.setEncoding('utf8');
      stdout.on('data', (text: string) => {
        announced += text;
        const end = announced.indexOf('\n');
        if (end < 0) return;
        clearTimeout(timer);
        try {
          resolve(Served.parse(JSON.parse(announced.slice(0, end))));
        } catch {
          fail(`it said ${announced.slice(0, 200)}`);
        }
      });
      stdout.on('close', () => {
        clearTimeout(timer);
        fail('it said nothing');
      });
    });
  } finally {
    stdout.destroy();
  }
}

/** What it wrote to its log; nothing where that cannot be read any more. */
function saidSince(path: string, begin: number): string {
  try {
    return readFileSync(path).subarray(begin).toString('utf8').trim();
  } catch {
    return '';
  }
}
