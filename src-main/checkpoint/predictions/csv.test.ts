import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { csv } from './csv.ts';
import type { Predictions } from './format.ts';

const predictions: Predictions = {
  network: 'net.safetensors',
  data: 'pictures',
  classes: ['cat', '=1+1', 'a "b", c'],
  names: ['=HYPERLINK("x")', '-dog.png', 'plain.png'],
  labels: [1, 2, 0],
  probabilities: Float32Array.of(0.25, 0.5, 0.25, 0.1, 0.2, 0.7, 1, 0, NaN),
  top: null,
};

function written(given: Predictions): string[] {
  const folder = mkdtempSync(join(tmpdir(), 'swamp-csv-'));
  try {
    csv.write(join(folder, 'p.csv'), given);
    return readFileSync(join(folder, 'p.csv'), 'utf8').split('\r\n');
  } finally {
    rmSync(folder, { recursive: true });
  }
}

test('names of files and classes are quoted, and none is run as a formula', () => {
  expect(written(predictions)).toEqual([
    'image,label,predicted,p_cat,p_=1+1,"p_a ""b"", c"',
    `"'=HYPERLINK(""x"")",'=1+1,'=1+1,0.25,0.5,0.25`,
    `'-dog.png,"a ""b"", c","a ""b"", c",0.1,0.2,0.7`,
    `plain.png,cat,cat,1,0,`,
    '',
  ]);
});

test('the most probable classes stand by their names', () => {
  const [head, first] = written({ ...predictions, names: null, labels: null, top: 2 });
  expect(head).toBe('image,predicted,top1,p1,top2,p2');
  expect(first).toBe(`0,'=1+1,'=1+1,0.5,cat,0.25`);
});
