import { readFileSync } from 'node:fs';
import { Comparison } from '../src-main/contract/compare.ts';
import { advantage, averageAgainstMeanParticle } from '../src-main/report/verdict.ts';

// Mean differences of test accuracy, in points, over the rounds from a sparsity on, of a comparison as
// `swamp compare --json` prints it: advantage.ts FILE [SPARSITY]. Every arm against the one before it, and each
// average against its mean particle.

const [file, from = '0'] = process.argv.slice(2);
if (file === undefined) throw new Error('usage: advantage.ts FILE [SPARSITY]');
const comparison = Comparison.parse(JSON.parse(readFileSync(file, 'utf8')));
const sparsity = Number(from);
const line = (name: string, points: number): void => {
  if (!Number.isNaN(points))
    console.log(`| ${name} | ${points >= 0 ? '+' : '−'}${Math.abs(points).toFixed(2)} |`);
};
console.log('| | points of test accuracy |\n|---|--:|');
const names = comparison.arms.map(({ arm }) => arm);
for (const [at, a] of names.entries()) {
  for (const b of names.slice(0, at)) line(`${a} − ${b}`, advantage(comparison, a, b, sparsity));
}
for (const a of names) {
  line(`${a} − mean particle or member`, averageAgainstMeanParticle(comparison, a, sparsity));
}
