/** Columns that count the different jobs of a run or experiment by state, kept by a trigger. */
const counts = ['waiting', 'running', 'done', 'failed', 'cancelled'];
const countColumns = counts.map((state) => `${state} INTEGER NOT NULL DEFAULT 0`).join(',\n  ');
const recount = counts
  .map((state) => `${state} = ${state} + (new.state = '${state}') - (old.state = '${state}')`)
  .join(',\n    ');

const countJobStates = `CREATE TRIGGER count_job_states AFTER UPDATE OF state ON jobs WHEN old.state <> new.state
BEGIN
  UPDATE runs SET
    ${recount}
  WHERE number IN (SELECT run FROM run_jobs WHERE job = new.number);
  UPDATE experiments SET
    ${recount}
  WHERE number IN (SELECT experiment FROM experiment_jobs WHERE job = new.number);
END;`;

/**
 * Version 1. Times are milliseconds since 1970; JSON is text. Jobs, runs and objects have small numbers beside
 * their long names, as the tables that join them are the large ones. A job is numbered after its inputs.
 */
export const firstSchema = `
CREATE TABLE experiments (
  number INTEGER PRIMARY KEY,
  id TEXT NOT NULL UNIQUE,
  name TEXT NOT NULL,
  created INTEGER NOT NULL,
  config TEXT NOT NULL,
  resolved TEXT NOT NULL,
  wish TEXT NOT NULL DEFAULT 'run' CHECK (wish IN ('run', 'stopped', 'interrupted')),
  note TEXT NOT NULL DEFAULT '',
  ${countColumns}
) STRICT;

CREATE TABLE runs (
  number INTEGER PRIMARY KEY,
  id TEXT NOT NULL UNIQUE,
  experiment INTEGER NOT NULL REFERENCES experiments ON DELETE CASCADE,
  position INTEGER NOT NULL,
  arm TEXT NOT NULL,
  slug TEXT NOT NULL,
  kind TEXT NOT NULL,
  spec TEXT NOT NULL,
  seed INTEGER NOT NULL,
  rounds INTEGER NOT NULL,
  note TEXT NOT NULL DEFAULT '',
  -- Ready for the run table.
  rounds_done INTEGER NOT NULL DEFAULT 0,
  final_sparsity REAL,
  final_accuracy REAL,
  final_validation_accuracy REAL,
  best_validation_accuracy REAL,
  best_accuracy REAL,
  best_sparsity REAL,
  best_round INTEGER,
  ${countColumns}
) STRICT;
CREATE INDEX runs_by_experiment ON runs (experiment, position);
CREATE INDEX runs_by_arm ON runs (arm);
CREATE INDEX runs_by_kind ON runs (kind);

CREATE TABLE tags (
  run INTEGER NOT NULL REFERENCES runs ON DELETE CASCADE,
  tag TEXT NOT NULL,
  PRIMARY KEY (run, tag)
) STRICT, WITHOUT ROWID;
CREATE INDEX tags_by_tag ON tags (tag);

CREATE TABLE jobs (
  number INTEGER PRIMARY KEY,
  key TEXT NOT NULL UNIQUE,
  kind TEXT NOT NULL,
  spec TEXT NOT NULL,
  state TEXT NOT NULL DEFAULT 'waiting' CHECK (state IN ('waiting', 'running', 'done', 'failed', 'cancelled')),
  attempts INTEGER NOT NULL DEFAULT 0,
  created INTEGER NOT NULL,
  -- Of a failed job.
  failure TEXT,
  -- Of a done job.
  finished INTEGER,
  evaluation TEXT,
  seconds REAL,
  session_seconds REAL,
  steps INTEGER,
  provenance TEXT
) STRICT;
CREATE INDEX jobs_unfinished ON jobs (state) WHERE state <> 'done';

CREATE TABLE attempts (
  job INTEGER NOT NULL REFERENCES jobs ON DELETE CASCADE,
  number INTEGER NOT NULL,
  worker TEXT NOT NULL,
  started INTEGER NOT NULL,
  ended INTEGER,
  outcome TEXT CHECK (outcome IN ('done', 'failed', 'stopped', 'crashed', 'interrupted')),
  failure TEXT,
  PRIMARY KEY (job, number)
) STRICT, WITHOUT ROWID;

CREATE TABLE job_inputs (
  job INTEGER NOT NULL REFERENCES jobs ON DELETE CASCADE,
  position INTEGER NOT NULL,
  name TEXT NOT NULL,
  input INTEGER NOT NULL REFERENCES jobs,
  output TEXT NOT NULL,
  PRIMARY KEY (job, position)
) STRICT, WITHOUT ROWID;
CREATE INDEX job_inputs_by_input ON job_inputs (input);

CREATE TABLE objects (
  number INTEGER PRIMARY KEY,
  digest TEXT NOT NULL UNIQUE,
  bytes INTEGER NOT NULL
) STRICT;

CREATE TABLE job_outputs (
  job INTEGER NOT NULL REFERENCES jobs ON DELETE CASCADE,
  name TEXT NOT NULL,
  object INTEGER NOT NULL REFERENCES objects,
  PRIMARY KEY (job, name)
) STRICT, WITHOUT ROWID;
CREATE INDEX job_outputs_by_object ON job_outputs (object);

-- Series in chunks of float64, little-endian.
CREATE TABLE job_metrics (
  job INTEGER NOT NULL REFERENCES jobs ON DELETE CASCADE,
  name TEXT NOT NULL,
  chunk INTEGER NOT NULL,
  data BLOB NOT NULL,
  PRIMARY KEY (job, name, chunk)
) STRICT;

CREATE TABLE run_jobs (
  run INTEGER NOT NULL REFERENCES runs ON DELETE CASCADE,
  round INTEGER NOT NULL,
  role TEXT NOT NULL,
  idx INTEGER NOT NULL,
  job INTEGER NOT NULL REFERENCES jobs,
  PRIMARY KEY (run, round, role, idx, job)
) STRICT, WITHOUT ROWID;
CREATE INDEX run_jobs_by_job ON run_jobs (job, run);

CREATE TABLE experiment_jobs (
  experiment INTEGER NOT NULL REFERENCES experiments ON DELETE CASCADE,
  job INTEGER NOT NULL REFERENCES jobs,
  PRIMARY KEY (experiment, job)
) STRICT, WITHOUT ROWID;
CREATE INDEX experiment_jobs_by_job ON experiment_jobs (job);

${countJobStates}

CREATE TABLE timings (
  signature TEXT PRIMARY KEY,
  ms REAL NOT NULL,
  at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
`;

/**
 * Version 2. An experiment can be paused, cancelled or in the trash, and knows what it came from. SQLite cannot
 * alter a CHECK, so the table is built anew; the trigger that names it goes first, or the renaming would be refused.
 * Retention: an object may be released, its file gone on purpose; a done job whose outputs were released may be
 * running again for them, or have failed to.
 */
export const secondSchema = `
DROP TRIGGER count_job_states;

CREATE TABLE experiments_2 (
  number INTEGER PRIMARY KEY,
  id TEXT NOT NULL UNIQUE,
  name TEXT NOT NULL,
  created INTEGER NOT NULL,
  config TEXT NOT NULL,
  resolved TEXT NOT NULL,
  wish TEXT NOT NULL DEFAULT 'run' CHECK (wish IN ('run', 'paused', 'stopped', 'cancelled', 'interrupted')),
  note TEXT NOT NULL DEFAULT '',
  ${countColumns},
  -- When it went to the trash; NULL: it is not there.
  removed INTEGER,
  -- Id of the experiment it was forked from; stays when that one is gone.
  origin TEXT,
  -- Id shared by the experiments of a sweep.
  sweep TEXT
) STRICT;
INSERT INTO experiments_2 (number, id, name, created, config, resolved, wish, note, ${counts.join(', ')})
  SELECT number, id, name, created, config, resolved, wish, note, ${counts.join(', ')} FROM experiments;
DROP TABLE experiments;
ALTER TABLE experiments_2 RENAME TO experiments;
CREATE INDEX experiments_by_sweep ON experiments (sweep) WHERE sweep IS NOT NULL;

${countJobStates}

CREATE TABLE experiment_tags (
  experiment INTEGER NOT NULL REFERENCES experiments ON DELETE CASCADE,
  tag TEXT NOT NULL,
  PRIMARY KEY (experiment, tag)
) STRICT, WITHOUT ROWID;
CREATE INDEX experiment_tags_by_tag ON experiment_tags (tag);

ALTER TABLE objects ADD COLUMN released INTEGER;
ALTER TABLE jobs ADD COLUMN again TEXT CHECK (again IN ('running', 'failed'));
CREATE INDEX jobs_again ON jobs (again) WHERE again IS NOT NULL;

CREATE TABLE settings (
  key TEXT PRIMARY KEY,
  value TEXT NOT NULL
) STRICT, WITHOUT ROWID;
`;

/**
 * Version 3. What the run table filters, groups and searches by is kept ready. The long texts of an experiment stand
 * last in its row, so that reading the short ones touches no page of theirs. What only the planning rooms can tell
 * (titles, groups, words to search) the next host puts in.
 */
export const thirdSchema = `
DROP TRIGGER count_job_states;

CREATE TABLE experiments_3 (
  number INTEGER PRIMARY KEY,
  id TEXT NOT NULL UNIQUE,
  name TEXT NOT NULL,
  created INTEGER NOT NULL,
  wish TEXT NOT NULL DEFAULT 'run' CHECK (wish IN ('run', 'paused', 'stopped', 'cancelled', 'interrupted')),
  ${countColumns},
  removed INTEGER,
  origin TEXT,
  sweep TEXT,
  -- For people; NULL: not told yet.
  dataset TEXT,
  model TEXT,
  note TEXT NOT NULL DEFAULT '',
  config TEXT NOT NULL,
  resolved TEXT NOT NULL
) STRICT;
INSERT INTO experiments_3
  (number, id, name, created, wish, ${counts.join(', ')}, removed, origin, sweep, note, config, resolved)
  SELECT number, id, name, created, wish, ${counts.join(', ')}, removed, origin, sweep, note, config, resolved
  FROM experiments;
DROP TABLE experiments;
ALTER TABLE experiments_3 RENAME TO experiments;
CREATE INDEX experiments_by_sweep ON experiments (sweep) WHERE sweep IS NOT NULL;
CREATE INDEX experiments_not_told ON experiments (number) WHERE model IS NULL;

${countJobStates}

-- The same in runs that differ in nothing but the seed; by itself a run's id.
ALTER TABLE runs ADD COLUMN grp TEXT NOT NULL DEFAULT '';
UPDATE runs SET grp = id;
CREATE INDEX runs_by_group ON runs (grp);
-- Small letters: all that is searched for words.
ALTER TABLE runs ADD COLUMN search TEXT NOT NULL DEFAULT '';
`;

/**
 * Version 4. Analyses of stored experiments lie beside them: entries of the same queue with jobs and no runs. One that looks
 * at an experiment goes with it.
 */
export const fourthSchema = `
-- Kind of analysis; NULL: an experiment.
ALTER TABLE experiments ADD COLUMN analysis TEXT;
CREATE INDEX experiments_by_analysis ON experiments (number) WHERE analysis IS NOT NULL;

CREATE TABLE analysis_of (
  analysis INTEGER NOT NULL REFERENCES experiments ON DELETE CASCADE,
  experiment INTEGER NOT NULL REFERENCES experiments ON DELETE CASCADE,
  PRIMARY KEY (analysis, experiment)
) STRICT, WITHOUT ROWID;
CREATE INDEX analysis_of_by_experiment ON analysis_of (experiment);
`;

/** Version 5. An analysis that went to the trash with an experiment is told from one that went by itself: times may be the same. */
export const fifthSchema = `
-- 1: the analysis went to the trash with this experiment, and comes back with it.
ALTER TABLE analysis_of ADD COLUMN went INTEGER NOT NULL DEFAULT 0 CHECK (went IN (0, 1));
UPDATE analysis_of SET went = 1
  WHERE (SELECT e.removed FROM experiments AS e WHERE e.number = analysis_of.analysis)
    = (SELECT e.removed FROM experiments AS e WHERE e.number = analysis_of.experiment);
`;
