import { z } from 'zod';
import { ConfigError } from '../../contract/errors.ts';
import type { JobKey } from '../../contract/ids.ts';
import type { AnalysisContext, AnalysisDefinition, SubjectRun } from './analysis.ts';
import { looksOf, looksOptions, looksText, measureAt, type Solution } from './looks.ts';
import { requireOneShape, requireOthers } from './shapes.ts';
import { readSurface, surfaceFindings, type PlannedSurface } from './surface-figures.ts';

const Options = z.strictObject({
  kind: z.literal('surface'),
  size: z.number().int().min(5).max(101).default(25).describe('Columns, and rows, of the grid'),
  margin: z
    .number()
    .min(0)
    .max(5)
    .default(0.75)
    .describe('What the grid has on each side beyond the solutions, as a share of their extent'),
  ticket: z
    .boolean()
    .default(false)
    .describe('Whether the ticket that the particles begin at is marked too; the grid grows to hold it'),
  ...looksOptions({ training: 500, test: 500, statistics: 512 }),
});
type Options = z.infer<typeof Options>;

/** Points of the grid a job, about: two workers share the rows, and a stop loses little. */
const POINTS_A_JOB = 50;

/** What is drawn: three solutions that the plane goes through, then others whose nearest points of it are marked. */
interface Drawn {
  /** For people, for example `swamp(4) round 5`. */
  readonly label: string;
  readonly solutions: readonly Solution[];
  /** By their places in the list, as they are joined. */
  readonly paths: PlannedSurface['paths'];
}

/**
 * The loss surface on the plane through three solutions (Garipov et al. 2018; Li et al. 2018): of the particles of a round with
 * their average, or any three of one shape, and where others lie, seen from it.
 */
export const surface: AnalysisDefinition<Options> = {
  kind: 'surface',
  title: 'Loss surface',
  about:
    'Loss and error on the plane through three solutions: how particles and their average lie in the basin.',
  schema: Options,
  subjects: { least: 1, most: 12, parts: 'particles' },
  plan(context, options) {
    const { runs } = context;
    requireOneShape(runs);
    const drawn = context.subjects.length === 1 ? particlesOf(context, options) : namedOf(context);
    requireOthers(drawn.solutions);
    const planned: PlannedSurface = {
      label: drawn.label,
      size: options.size,
      marks: drawn.solutions.map(({ label }) => label),
      paths: drawn.paths,
      own: drawn.solutions.map((each) =>
        measureAt(context, { ...each, label: `${drawn.label}, ${each.label}` }, first(drawn).run, options),
      ),
      slabs: slabsOf(context, drawn, options),
    };
    return (results) => surfaceFindings(readSurface(results, planned), looksText(runs, options));
  },
};

const first = ({ solutions: [solution] }: Drawn): Solution => {
  if (!solution) throw new Error('a plane through nothing');
  return solution;
};

/** Particles of a run's round, their average, and the ticket where it is asked for. */
function particlesOf({ subjects: [subject] }: AnalysisContext, { ticket }: Options): Drawn {
  if (!subject) throw new Error('a surface of nothing');
  const { run, particle } = subject;
  const round = subject.round ?? run.rounds.length - 1;
  const particles = run.particles(round);
  if (particle !== undefined || particles.length < 3)
    throw new ConfigError(
      particle === undefined
        ? `${run.id}: ${run.arm} has ${particles.length === 1 ? 'one training' : `${particles.length} particles`} in a round, and a plane goes through three solutions`
        : `${subject.label} is one solution, and a plane goes through three`,
      `Name three solutions, for example of three rounds: ${[0, 1, 2].map((at) => `${run.id}@${at}`).join(' ')}.`,
    );
  const ensemble = run.run.members > 1;
  const each = ensemble ? 'member' : 'particle';
  const solutions = particles.map((made, at): Solution => ({ label: `${each} ${at}`, made, run }));
  if (!ensemble) solutions.push({ label: 'average', made: run.solution(round), run });
  const average = solutions.length - 1;
  const begin = ticket ? ticketOf(run, round) : null;
  if (begin) solutions.push(begin);
  const joined = particles.map((_, at) => [...(begin ? [solutions.length - 1] : []), at, average]);
  return {
    label: `${run.label} round ${round}`,
    solutions,
    paths: ensemble ? [] : joined.map((points, at) => ({ label: `${each} ${at} → average`, points })),
  };
}

function ticketOf(run: SubjectRun, round: number): Solution | null {
  const links = run.run.links.filter(({ role, index }) => role === 'ticket' && index === 0);
  const link = links.findLast((each) => each.round <= round);
  return link ? { label: 'ticket', made: { job: link.job, output: 'solution' }, run } : null;
}

/** The solutions that are named; of a run, what it stands for in its last round. */
function namedOf({ subjects, runs }: AnalysisContext): Drawn {
  if (subjects.length < 3)
    throw new ConfigError(
      `${subjects.length} solutions are named, and a plane goes through three`,
      'Name three or more solutions of one shape, or one run whose particles are to be drawn.',
    );
  const alone = runs.length === 1;
  const solutions = subjects.map(({ run, round = run.rounds.length - 1, particle, label }): Solution => ({
    label: alone ? label.slice(run.label.length).trim() || `round ${round}` : label,
    made: run.one(round, particle),
    run,
  }));
  const rounds = alone && subjects.every(({ particle }) => particle === undefined);
  return {
    label: alone ? (runs[0]?.label ?? '') : `${solutions.length} solutions`,
    solutions,
    paths: rounds ? [{ label: 'rounds', points: [...solutions.keys()] }] : [],
  };
}

/** A job for some rows of the grid each. */
function slabsOf(context: AnalysisContext, drawn: Drawn, options: Options): PlannedSurface['slabs'] {
  const { size, margin } = options;
  const { run } = first(drawn);
  const inputs = drawn.solutions.map(({ made }, at) => ({ name: at < 3 ? 'solution' : 'point', made }));
  const step = Math.max(1, Math.round(POINTS_A_JOB / size));
  const starts = Array.from({ length: Math.ceil(size / step) }, (_, at) => at * step);
  return starts.map((from): { from: number; job: JobKey } => {
    const rows = { from, to: Math.min(size, from + step) };
    const spec = { kind: 'surface', ...looksOf(run, options), size, margin, rows } as const;
    return { from, job: context.add(spec, inputs, `${drawn.label}, surface`) };
  });
}
