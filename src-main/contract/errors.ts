/** What the command line exits with; documented in docs/cli.md. */
export const ExitCode = {
  ok: 0,
  /** A fault of ours, or one nobody foresaw. */
  internal: 1,
  /** Bad input: arguments, configuration, data files. Nothing was started. */
  usage: 2,
  /** The engine cannot be provided or loaded on this machine. */
  engine: 3,
  /** The library cannot be used: locked, newer version, damaged, no disk space. */
  library: 4,
  /** A job failed; what was finished is kept. */
  job: 5,
  /** Stopped by the user; `swamp resume` goes on. */
  stopped: 130,
} as const;
export type ExitCode = (typeof ExitCode)[keyof typeof ExitCode];

/**
 * An error the user can act on. The message names what was wrong and the value; the hint says what to do.
 * Everything thrown for bad input or a bad environment is one of these, so that it is shown without a stack.
 */
export class SwampError extends Error {
  readonly hint: string;
  readonly exitCode: ExitCode;
  constructor(message: string, hint: string, exitCode: ExitCode = ExitCode.usage, options?: ErrorOptions) {
    super(message, options);
    this.name = new.target.name;
    this.hint = hint;
    this.exitCode = exitCode;
  }
}

/** Why a call is given up whose client has gone: nobody waits, but nobody asked to stop either. */
export class ClientGone extends Error {
  constructor() {
    super('the client is gone');
    this.name = 'AbortError';
  }
}

/** A value in a configuration, an option or an argument is wrong. */
export class ConfigError extends SwampError {}

/** Data files are missing, truncated or not what they should be. */
export class DataError extends SwampError {}

/** TensorFlow cannot be provided or loaded. */
export class EngineError extends SwampError {
  constructor(message: string, hint: string, options?: ErrorOptions) {
    super(message, hint, ExitCode.engine, options);
  }
}

/** The library (run store and objects) cannot be used. */
export class LibraryError extends SwampError {
  constructor(message: string, hint: string, options?: ErrorOptions) {
    super(message, hint, ExitCode.library, options);
  }
}
