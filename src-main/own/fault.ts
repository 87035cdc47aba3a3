import { fileURLToPath } from 'node:url';
import { ConfigError, SwampError } from '../contract/errors.ts';
import type { OwnThing } from '../contract/own.ts';

/** Every file of users' own that ran in this process. */
export const filesRun = new Set<string>();

/** `file:line` of the first place in a user's file that an error's stack names; `file` where it names none. */
function placeOf(file: string, error: Error): string {
  for (const [, url, path, line] of (error.stack ?? '').matchAll(
    /(?:(file:\/\/[^\s?()]+?)|([^\s?():]+))(?:\?own=\d+)?:(\d+)/g,
  )) {
    const found = url === undefined ? (path ?? '') : fileURLToPath(url);
    if (filesRun.has(found)) return `${found}:${line}`;
  }
  return file;
}

const hintOf = (thing: OwnThing): string =>
  `Correct the file; docs/extending.md says what a ${thing} file exports.`;

/** Hints for what Node says when it cannot run a file. */
const HINTS: Readonly<Record<string, string>> = {
  ERR_UNSUPPORTED_TYPESCRIPT_SYNTAX:
    'Node takes the types out and runs the rest: enum, namespace, parameter properties and decorators do not work.',
  ERR_REQUIRE_ASYNC_MODULE: 'Move what awaits into a function; `load` of a data set may be async.',
  ERR_MODULE_NOT_FOUND:
    'Relative imports need the ending (./helper.ts); packages must lie in a node_modules folder above the file.',
};

/** Whatever a user's file threw, as an error that points into it. Errors that already say what to do stay as they are. */
export function faultOf(thing: OwnThing, file: string, error: unknown): SwampError {
  if (error instanceof SwampError) return error;
  if (!(error instanceof Error)) {
    return new ConfigError(`${thing}: ${file}: it threw ${String(error)}`, hintOf(thing));
  }
  const code = 'code' in error ? String(error.code) : '';
  const message =
    code === 'ERR_REQUIRE_ASYNC_MODULE'
      ? 'it awaits something at its top level'
      : `${error.name}: ${(error.message.split('\n')[0] ?? '').replace(/ imported from .*$/, '')}`;
  return new ConfigError(
    `${thing}: ${placeOf(file, error)}: ${message}`,
    HINTS[code] ?? hintOf(thing),
    undefined,
    { cause: error },
  );
}

/** A file of the user's own, for errors that point into it. */
export class OwnFile {
  readonly thing: OwnThing;
  readonly path: string;
  readonly #lines: readonly string[];

  constructor(thing: OwnThing, path: string, text: string) {
    this.thing = thing;
    this.path = path;
    this.#lines = text.split('\n');
  }

  /**
   * An error about a member of what the file exports.
   * @param member where its definition begins, the line is named
   * @param message what is wrong, and what was expected
   */
  fault(member: string, message: string): ConfigError {
    const line = this.#lines.findIndex((text) =>
      new RegExp(`^\\s*(export\\s+)?(async\\s+|const\\s+|function\\s+)*${member}\\b`).test(text),
    );
    const place = line < 0 ? this.path : `${this.path}:${line + 1}`;
    return new ConfigError(`${this.thing}: ${place}: ${message}`, hintOf(this.thing));
  }

  /** Calls what the file defines; what that throws points into the file. */
  call<Result>(work: () => Result): Result {
    try {
      return work();
    } catch (error) {
      throw faultOf(this.thing, this.path, error);
    }
  }

  /** The same for what answers later. */
  async callAsync<Result>(work: () => Result | Promise<Result>): Promise<Result> {
    try {
      return await work();
    } catch (error) {
      throw faultOf(this.thing, this.path, error);
    }
  }
}
