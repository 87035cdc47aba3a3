import { describe, expect, it } from 'vitest';
import { ConfigError } from '../contract/errors.ts';
import { applySet, parsePath } from './overrides.ts';

describe('parsePath', () => {
  it('reads keys and entries of lists', () => {
    expect(parsePath('recipe.epochs')).toEqual(['recipe', 'epochs']);
    expect(parsePath('arms[1].particles')).toEqual(['arms', 1, 'particles']);
    expect(parsePath('sparsity.sparsities[0]')).toEqual(['sparsity', 'sparsities', 0]);
  });

  it.each([
    'recipe..epochs',
    '.recipe',
    'recipe.',
    'arms[x]',
    'arms[-1]',
    '[0].kind',
    'arms[0]particles',
    '',
  ])('refuses %j', (path) => {
    expect(() => parsePath(path)).toThrow(ConfigError);
  });

  it('does not reach into prototypes', () => {
    expect(() => parsePath('__proto__.polluted')).toThrow(ConfigError);
    const changed = applySet({}, ['constructor.prototype.polluted=1']);
    expect(({} as Record<string, unknown>)['polluted']).toBeUndefined();
    expect(JSON.stringify(changed)).toBe('{"constructor":{"prototype":{"polluted":1}}}');
  });
});

describe('applySet', () => {
  const raw = { name: 'x', recipe: { epochs: 10 }, arms: [{ kind: 'imp' }, { kind: 'swamp', particles: 4 }] };

  it('takes JSON where it is JSON and text otherwise, and leaves the original alone', () => {
    const before = structuredClone(raw);
    const changed = applySet(raw, [
      'recipe.epochs=3',
      'arms[1].particles=8',
      'seeds=[1,2]',
      'dataset.path=/data/with=equals',
      'pruneClassifier=true',
    ]);
    expect(changed).toEqual({
      name: 'x',
      recipe: { epochs: 3 },
      arms: [{ kind: 'imp' }, { kind: 'swamp', particles: 8 }],
      seeds: [1, 2],
      dataset: { path: '/data/with=equals' },
      pruneClassifier: true,
    });
    expect(raw).toEqual(before);
  });

  it('lets the later assignment win', () => {
    expect(applySet(raw, ['name=a', 'name=b'])).toMatchObject({ name: 'b' });
    expect(applySet(raw, ['recipe={"epochs":1}', 'recipe.batch=64'])).toMatchObject({
      recipe: { epochs: 1, batch: 64 },
    });
  });

  it('lets a length of the ticket replace one in the other unit', () => {
    const ticket = { epochs: 2, learningRate: 0.1 };
    expect(applySet({ ticket }, ['ticket.iterations=500'])).toEqual({
      ticket: { iterations: 500, learningRate: 0.1 },
    });
    expect(applySet({ ticket }, ['ticket.iterations=500', 'ticket.epochs=1'])).toEqual({
      ticket: { epochs: 1, learningRate: 0.1 },
    });
    expect(applySet({ ticket }, ['ticket.learningRate=0.2'])).toEqual({
      ticket: { epochs: 2, learningRate: 0.2 },
    });
    // What is written as a whole is left as it is written: a contradiction is for parseConfig to tell.
    const both = applySet({ ticket }, ['ticket={"epochs":1,"iterations":2}']);
    expect(both).toEqual({ ticket: { epochs: 1, iterations: 2 } });
    expect(applySet({ ticket, recipe: { epochs: 3 } }, ['recipe.iterations=1'])).toMatchObject({
      recipe: { epochs: 3, iterations: 1 },
    });
  });

  it('adds an entry after the last, and options to an arm written as a name', () => {
    expect(applySet(raw, ['arms[2].kind=dense'])).toMatchObject({ arms: { 2: { kind: 'dense' } } });
    expect(applySet({ arms: ['swamp'] }, ['arms[0].particles=2'])).toEqual({
      arms: [{ kind: 'swamp', particles: 2 }],
    });
  });

  it.each([
    ['recipe.epochs', '--set recipe.epochs: there is no "="'],
    ['=3', '--set =3: there is no path before "="'],
    ['arms[5].kind=imp', 'there is no entry [5] in a list of 2'],
    ['arms.kind=imp', '"kind" names a key, but there is a list'],
    ['recipe[0]=1', '[0] names an entry of a list'],
    ['recipe.epochs.more=1', '10 has nothing inside it to set'],
  ])('refuses %s', (assignment, message) => {
    expect(() => applySet(raw, [assignment])).toThrow(ConfigError);
    expect(() => applySet(raw, [assignment])).toThrow(message);
  });
});
