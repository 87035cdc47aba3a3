import type { Comparison } from '../../../src-main/contract/compare.ts';
import { comparisonCsv } from '../../../src-main/report/csv.ts';
import { comparisonText } from '../../../src-main/report/sections.ts';
import type { MenuItem } from '../../components/menu.ts';
import { copyText } from '../../files/copy.ts';
import { saveMade } from '../../files/save.ts';
import { useCommandsOf } from '../../stores/commands.ts';
import { useNotices } from '../../stores/notices.ts';
import type { View } from './tips.ts';

interface Shown extends View {
  readonly comparison: Comparison;
  readonly name: string;
}

/** All tables at once, as `swamp compare` writes them: copied, saved; in a menu and among the commands. */
export function useTables(shown: () => Shown | null): readonly MenuItem[] {
  const notices = useNotices();
  const text = ({ comparison, metric, split }: Shown, format: 'markdown' | 'latex'): string =>
    comparisonText(comparison, { format, metric, split });

  async function copy(format: 'markdown' | 'latex', words: string): Promise<void> {
    const now = shown();
    if (!now) return;
    await copyText(text(now, format));
    notices.say(`All tables copied as ${words}.`);
  }

  async function save(extension: 'md' | 'tex' | 'csv'): Promise<void> {
    const now = shown();
    if (!now) return;
    const content =
      extension === 'csv'
        ? comparisonCsv(now.comparison)
        : `${text(now, extension === 'md' ? 'markdown' : 'latex')}\n`;
    try {
      const file = await saveMade({ name: now.name, extension, content });
      if (file !== null) notices.say(`Saved ${file}.`, { kind: 'good' });
    } catch (why) {
      notices.fail(why, 'The tables were not saved');
    }
  }

  const able = (): boolean => shown() !== null;
  const kinds = [
    {
      id: 'compare.markdown',
      title: 'Copy all tables as Markdown',
      group: 'Edit',
      run: () => copy('markdown', 'Markdown'),
    },
    {
      id: 'compare.latex',
      title: 'Copy all tables as LaTeX',
      group: 'Edit',
      run: () => copy('latex', 'LaTeX'),
    },
    {
      id: 'compare.save-markdown',
      title: 'Save all tables as Markdown…',
      group: 'File',
      run: () => save('md'),
    },
    { id: 'compare.save-latex', title: 'Save all tables as LaTeX…', group: 'File', run: () => save('tex') },
    { id: 'compare.csv', title: 'Save every measurement as CSV…', group: 'File', run: () => save('csv') },
  ] as const;
  useCommandsOf(kinds.map((kind) => ({ ...kind, enabled: able })));
  return kinds.flatMap(({ title, run }, at): MenuItem[] => [
    ...(at === 2 ? ['line' as const] : []),
    { title, run },
  ]);
}
