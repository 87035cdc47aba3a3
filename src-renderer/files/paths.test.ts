import { describe, expect, it } from 'vitest';
import { baseName, exportAddress, withExtension } from './paths.ts';

describe('withExtension', () => {
  const known = ['.safetensors', '.npz'];
  it('changes one it knows, and adds where there is none', () => {
    expect(withExtension('/tmp/a.safetensors', '.npz', known)).toBe('/tmp/a.npz');
    expect(withExtension('a.NPZ', '.safetensors', known)).toBe('a.safetensors');
    expect(withExtension('a', '.npz', known)).toBe('a.npz');
  });
  it('leaves dots that are no extension', () => {
    expect(withExtension('net-0.5', '.npz', known)).toBe('net-0.5.npz');
  });
});

describe('exportAddress', () => {
  it('leads to files below the folder, and to no others', () => {
    expect(exportAddress('/lib/exports/a b.npz', '/lib/exports')).toBe('/exports/a%20b.npz');
    expect(exportAddress('/lib/exports/x/a.npz', '/lib/exports/')).toBe('/exports/x/a.npz');
    expect(exportAddress('/lib/exports-2/a.npz', '/lib/exports')).toBeNull();
  });
});

describe('baseName', () => {
  it('knows both kinds of paths', () => {
    expect(['/a/b.swamp', 'C:\\a\\b.swamp', 'b.swamp'].map(baseName)).toEqual([
      'b.swamp',
      'b.swamp',
      'b.swamp',
    ]);
  });
});
