import {
  Archive,
  ArchiveRestore,
  ChartSpline,
  Copy,
  FolderOpen,
  GitFork,
  ListPlus,
  OctagonX,
  Pause,
  Play,
  RotateCcw,
  Star,
  StarOff,
  StickyNote,
  Tag,
  Trash2,
  Undo2,
} from '@lucide/vue';
import { useRouter } from 'vue-router';
import type { TableRow } from '../../../src-main/contract/api/table.ts';
import type { ExperimentId } from '../../../src-main/contract/ids.ts';
import type { RunState } from '../../../src-main/contract/states.ts';
import { bytes, count } from '../../../src-main/report/format.ts';
import type { MenuAction, MenuItem } from '../../components/menu.ts';
import { host } from '../../host.ts';
import { useNotices } from '../../stores/notices.ts';
import { compareRoute } from '../../stores/selection.ts';
import { allCarry, carriersOf, experimentsOf, giveTag, takeTag } from './labels.ts';
import { fileActions } from './file-actions.ts';
import { ARCHIVED, STAR } from '../../../src-main/contract/names.ts';

/** Compared by their runs; more are compared by their experiments, or the address would be too long. */
const MOST_RUNS_NAMED = 60;

/** What a page offers to do with its own parts. */
export interface InPlace {
  readonly editTags: (rows: readonly TableRow[]) => void;
  readonly editNote: (row: TableRow) => void;
  readonly removeForGood: (rows: readonly TableRow[]) => void;
}

/** What can be done with chosen runs. Whatever changes data can be taken back, but for removing for good. */
export function useRunActions(inPlace: InPlace) {
  const router = useRouter();
  const notices = useNotices();

  /** Does it, and says what went wrong. */
  async function attempt(what: string, act: () => Promise<unknown>): Promise<void> {
    try {
      await act();
    } catch (error) {
      notices.fail(error, what);
    }
  }

  /** Does it with each experiment; those for which it does not work do not stop the others. */
  async function each(
    rows: readonly TableRow[],
    what: string,
    act: (experiment: ExperimentId) => Promise<unknown>,
  ): Promise<ExperimentId[]> {
    const done: ExperimentId[] = [];
    for (const { experiment } of experimentsOf(rows))
      await attempt(`${experiment} ${what}`, async () => {
        await act(experiment);
        done.push(experiment);
      });
    return done;
  }

  const open = (row: TableRow): Promise<unknown> =>
    router.push({ name: 'run', params: { experiment: row.experiment } });

  function compare(rows: readonly TableRow[]): void {
    const runs = rows.flatMap((row) => row.runs);
    void router.push(compareRoute(runs, runs.length > MOST_RUNS_NAMED));
  }

  const extend = (row: TableRow): Promise<unknown> =>
    router.push({ name: 'new', query: { extend: row.experiment } });
  const fork = (row: TableRow): Promise<unknown> =>
    router.push({ name: 'new', query: { from: row.experiment } });

  async function resume(rows: readonly TableRow[]): Promise<void> {
    const done = await each(rows, 'was not resumed', (experiment) =>
      host.call('experiments.resume', { experiment }),
    );
    if (done.length > 0) notices.say(`${these(done)} in the queue again`);
  }

  async function pause(rows: readonly TableRow[]): Promise<void> {
    const done = await each(rows, 'was not paused', (experiment) =>
      host.call('experiments.pause', { experiment }),
    );
    if (done.length > 0) notices.say(`${these(done)} paused`, { hint: 'What was done is kept.' });
  }

  async function retry(rows: readonly TableRow[]): Promise<void> {
    const done = await each(rows, 'was not tried again', (experiment) =>
      host.call('experiments.retry', { experiment }),
    );
    if (done.length > 0) notices.say(`${these(done)} tried again`);
  }

  async function cancel(rows: readonly TableRow[]): Promise<void> {
    const done = await each(rows, 'was not cancelled', (experiment) =>
      host.call('experiments.cancel', { experiment }),
    );
    if (done.length === 0) return;
    notices.undoable(`${these(done)} cancelled; results stay`, async () => {
      for (const experiment of done) await host.call('experiments.retry', { experiment });
    });
  }

  /** Gives the experiments of rows a tag, or takes it from those that have it. */
  async function setTag(rows: readonly TableRow[], tag: string, on: boolean, said: string): Promise<void> {
    const ids = on
      ? experimentsOf(rows)
          .filter(({ tags }) => !tags.includes(tag))
          .map(({ experiment }) => experiment)
      : carriersOf(rows, tag);
    if (ids.length === 0) return;
    await attempt('The tags were not changed', async () => {
      const [act, back] = on ? [giveTag, takeTag] : [takeTag, giveTag];
      await act(ids, tag);
      notices.undoable(
        said,
        () => back(ids, tag),
        () => act(ids, tag),
      );
    });
  }

  function star(rows: readonly TableRow[], on: boolean): Promise<void> {
    const names = these(experimentsOf(rows).map(({ experiment }) => experiment));
    return setTag(rows, STAR, on, on ? `${names} starred` : `${names} no longer starred`);
  }

  function archive(rows: readonly TableRow[], on: boolean): Promise<void> {
    const names = these(experimentsOf(rows).map(({ experiment }) => experiment));
    return setTag(rows, ARCHIVED, on, on ? `${names} archived` : `${names} taken out of the archive`);
  }

  async function trash(rows: readonly TableRow[]): Promise<void> {
    const experiments = experimentsOf(rows).map(({ experiment }) => experiment);
    await attempt(`${these(experiments)} not moved to the trash`, async () => {
      const { bytes: freed } = await host.call('library.trash', { experiments });
      notices.undoable(
        `${these(experiments)} moved to the trash, with all arms and seeds; emptying it frees ${bytes(freed)}`,
        () => host.call('library.restore', { experiments }),
        () => host.call('library.trash', { experiments }),
      );
    });
  }

  async function restore(rows: readonly TableRow[]): Promise<void> {
    const experiments = experimentsOf(rows).map(({ experiment }) => experiment);
    await attempt(`${these(experiments)} not restored`, async () => {
      await host.call('library.restore', { experiments });
      notices.undoable(
        `${these(experiments)} restored`,
        () => host.call('library.trash', { experiments }),
        () => host.call('library.restore', { experiments }),
      );
    });
  }

  async function copyIds(rows: readonly TableRow[]): Promise<void> {
    const ids = experimentsOf(rows).map(({ experiment }) => experiment);
    await attempt('Nothing was copied', () => navigator.clipboard.writeText(ids.join('\n')));
  }

  /** All of it, as a menu. What does not fit the rows is left out; what does not fit now is dimmed. */
  function menu(rows: readonly TableRow[]): MenuItem[] {
    const [row] = rows;
    if (!row) return [];
    if (row.removed !== null) return trashMenu(rows);
    const one = experimentsOf(rows).length === 1;
    const some = (...states: RunState[]): boolean =>
      rows.some(({ runs }) => runs.some(({ state }) => states.includes(state)));
    const starred = allCarry(rows, STAR);
    const archived = allCarry(rows, ARCHIVED);
    return [
      { title: 'Open', icon: FolderOpen, shortcut: 'Enter', disabled: !one, run: () => open(row) },
      { title: 'Compare', icon: ChartSpline, shortcut: 'C', run: () => compare(rows) },
      { title: 'Extend…', icon: ListPlus, disabled: !one, run: () => extend(row) },
      { title: 'Fork…', icon: GitFork, disabled: !one, run: () => fork(row) },
      'line',
      {
        title: 'Go on',
        icon: Play,
        disabled: !some('paused', 'stopped', 'interrupted', 'waiting'),
        run: () => resume(rows),
      },
      { title: 'Pause', icon: Pause, disabled: !some('running', 'waiting'), run: () => pause(rows) },
      {
        title: 'Retry failed',
        icon: RotateCcw,
        disabled: !some('failed', 'cancelled'),
        run: () => retry(rows),
      },
      {
        title: 'Cancel',
        icon: OctagonX,
        disabled: !some('running', 'waiting', 'paused', 'stopped', 'interrupted'),
        run: () => cancel(rows),
      },
      'line',
      {
        title: starred ? 'Remove star' : 'Star',
        icon: starred ? StarOff : Star,
        shortcut: 'S',
        run: () => star(rows, !starred),
      },
      { title: 'Tags…', icon: Tag, shortcut: 'T', run: () => inPlace.editTags(rows) },
      { title: 'Note…', icon: StickyNote, shortcut: 'N', disabled: !one, run: () => inPlace.editNote(row) },
      {
        title: archived ? 'Take out of the archive' : 'Archive',
        icon: archived ? ArchiveRestore : Archive,
        run: () => archive(rows, !archived),
      },
      'line',
      ...fileActions(rows),
      { title: one ? 'Copy id' : 'Copy ids', icon: Copy, run: () => copyIds(rows) },
      'line',
      { title: 'Move to trash', icon: Trash2, shortcut: 'Delete', danger: true, run: () => trash(rows) },
    ];
  }

  function trashMenu(rows: readonly TableRow[]): MenuAction[] {
    return [
      { title: 'Restore', icon: Undo2, run: () => restore(rows) },
      { title: 'Remove for good…', icon: Trash2, danger: true, run: () => inPlace.removeForGood(rows) },
    ];
  }

  return { menu, open, compare, star, trash, restore, archive };
}

/** `demo-1a2b`, `3 experiments`. */
function these(experiments: readonly string[]): string {
  return experiments.length === 1 ? (experiments[0] ?? '') : `${count(experiments.length)} experiments`;
}
