import { describe, expect, it } from 'vitest';
import { queryOf, viewOf } from './view-query.ts';
import { firstView, questionOf, type View } from './view.ts';

const view: View = {
  search: 'swamp demo',
  filters: { state: ['running', 'failed'], arm: ['swamp'], data: [], model: [], tag: ['star'] },
  sort: { by: 'bestAccuracy', descending: false },
  shelf: 'archived',
  group: 'none',
};

describe('the address of a view', () => {
  it('says what differs from an ordinary one, and can be read back', () => {
    expect(queryOf(firstView)).toEqual({});
    expect(viewOf(queryOf(view) as never)).toEqual(view);
  });

  it('says nothing where there is nothing of a view', () => {
    expect(viewOf({})).toBeNull();
    expect(viewOf({ other: '1' })).toBeNull();
  });

  it('leaves out what cannot be read', () => {
    expect(viewOf({ sort: 'colour', shelf: 'cellar', q: 'x' })).toEqual({ ...firstView, search: 'x' });
  });
});

describe('questionOf', () => {
  it('asks only by what is chosen', () => {
    expect(questionOf(firstView).filter).toEqual({ search: '', trash: 'without', archived: 'without' });
    expect(questionOf(view)).toEqual({
      group: 'none',
      sort: { by: 'bestAccuracy', descending: false },
      filter: {
        search: 'swamp demo',
        trash: 'without',
        archived: 'only',
        states: ['running', 'failed'],
        kinds: ['swamp'],
        tags: ['star'],
      },
    });
  });
});
