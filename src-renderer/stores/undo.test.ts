import { createPinia, setActivePinia } from 'pinia';
import { beforeEach, describe, expect, it } from 'vitest';
import { useUndo } from './undo.ts';

describe('undo', () => {
  let told: string[];
  const step = (name: string) => ({
    text: name,
    undo: () => Promise.resolve(told.push(`undo ${name}`)),
    redo: () => Promise.resolve(told.push(`redo ${name}`)),
  });

  beforeEach(() => {
    setActivePinia(createPinia());
    told = [];
  });

  it('takes back the newest first and does it again in the other order', async () => {
    const undo = useUndo();
    undo.push(step('a'));
    undo.push(step('b'));
    expect(undo.next).toBe('b');
    expect([await undo.undo(), await undo.undo(), await undo.undo()]).toEqual(['b', 'a', null]);
    expect([await undo.redo(), await undo.redo(), await undo.redo()]).toEqual(['a', 'b', null]);
    expect(told).toEqual(['undo b', 'undo a', 'redo a', 'redo b']);
  });

  it('takes back one chosen step once', async () => {
    const undo = useUndo();
    const [a, b] = [step('a'), step('b')];
    undo.push(a);
    undo.push(b);
    expect([await undo.undo(a), await undo.undo(a), await undo.undo()]).toEqual(['a', null, 'b']);
    expect(told).toEqual(['undo a', 'undo b']);
  });

  it('forgets what could be done again when something new is done', async () => {
    const undo = useUndo();
    undo.push(step('a'));
    await undo.undo();
    undo.push(step('b'));
    expect(undo.again).toBeNull();
  });

  it('keeps a step that could not be taken back', async () => {
    const undo = useUndo();
    let works = false;
    undo.push({ text: 'a', undo: () => (works ? Promise.resolve() : Promise.reject(new Error('no'))) });
    await expect(undo.undo()).rejects.toThrow('no');
    works = true;
    expect(await undo.undo()).toBe('a');
  });

  it('waits for one before it begins the next', async () => {
    const undo = useUndo();
    let go = (): void => undefined;
    undo.push({ text: 'a', undo: () => Promise.resolve(told.push('a')) });
    undo.push({
      text: 'b',
      undo: () => new Promise<void>((resolve) => (go = resolve)).then(() => told.push('b')),
    });
    const both = [undo.undo(), undo.undo()];
    await Promise.resolve();
    await Promise.resolve();
    expect(told).toEqual([]);
    go();
    await Promise.all(both);
    expect(told).toEqual(['b', 'a']);
  });
});
