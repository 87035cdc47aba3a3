import { expect, test } from 'vitest';
import { ConfigError } from '../contract/errors.ts';
import { exportFormat, exportFormats, formatOfFile } from './formats.ts';

test('kinds and extensions are unique, and each format is found by both', () => {
  expect(new Set(exportFormats.map(({ kind }) => kind)).size).toBe(exportFormats.length);
  expect(new Set(exportFormats.map(({ extension }) => extension)).size).toBe(exportFormats.length);
  for (const format of exportFormats) {
    expect(exportFormat(format.kind)).toBe(format);
    expect(formatOfFile(`model${format.extension.toUpperCase()}`)).toBe(format);
  }
});

test('an unknown one is answered with those there are', () => {
  expect(() => exportFormat('h5')).toThrow(ConfigError);
  expect(() => formatOfFile('model.h5')).toThrow(ConfigError);
  expect(() => exportFormat('h5')).toThrow(
    expect.objectContaining({ hint: 'Choose one of safetensors, npz.' }),
  );
});
