import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import ts from 'typescript';
import { expect, test } from 'vitest';
import { inWindow } from './words.ts';

test.each([
  ['`swamp resume demo-1a2b` goes on with it.', '“Go on” goes on with it.'],
  ['Choose another folder for the library (--library).', 'Choose another folder for the library.'],
  [
    'Stop it first (Ctrl-C where it runs, or `swamp pause`), or wait until it is done.',
    'Stop it first, or wait until it is done.',
  ],
  ['Point --set dataset.path=DIR at a folder.', 'Point dataset.path at a folder.'],
  [
    'Give the size, for example --set dataset.size=32 or --set dataset.size=[48,64].',
    'Give the size, for example dataset.size: 32 or dataset.size: [48,64].',
  ],
  [`give it whole: --set 'model={"kind":"resnet"}'.`, 'give it whole: model: {"kind":"resnet"}.'],
  [
    `for example --model '{"kind": "resnet"}'; known: lenet.`,
    'for example model: {"kind": "resnet"}; known: lenet.',
  ],
  ['--round 9: demo/imp/1 has rounds 0 to 4', 'round 9: demo/imp/1 has rounds 0 to 4'],
  [
    'Run `swamp doctor` to check the engine.',
    'Run “Check this machine” in the settings to check the engine.',
  ],
  [
    '`swamp check --fix` lets it be computed again.',
    '“Mend”, below “Check the library” in the settings, lets it be computed again.',
  ],
  [
    'Name one of them: demo-1a2b/imp-ensemble-2/1@5:0 … demo-1a2b/imp-ensemble-2/1@5:1.',
    'Name one of them: imp-ensemble-2, seed 1, round 5, particle 0 … imp-ensemble-2, seed 1, round 5, particle 1.',
  ],
  [
    'Name as many runs, or solutions RUN@ROUND or RUN@ROUND:PARTICLE.',
    'Name as many runs, or single networks.',
  ],
  ['The job can run again: `swamp resume`.', 'The job can run again: “Go on”.'],
  ['Is `swamp serve` still running?', 'Is `swamp serve` still running?'],
  ['A 2-way split -- with dashes (16×16).', 'A 2-way split -- with dashes (16×16).'],
])('%s', (said, shown) => {
  expect(inWindow(said)).toBe(shown);
});

/** Of src-main, what neither a host nor its workers say to a window. */
const ELSEWHERE =
  /^(cli|web|shell|report)\/|^(cli|main|preload)\.ts$|^transport\/client\.ts$|\.test\.ts$|\/(fixtures|fakes)\.ts$/;
/** Arguments of programs and a whole command, not words for people. */
const ARGUMENT = /^(swamp doctor )?--[a-z-]+(=\S*)?$/;

test('nothing that a host says speaks of the command line in the window', () => {
  const root = join(import.meta.dirname, '..', '..', 'src-main');
  const files = readdirSync(root, { recursive: true, encoding: 'utf8' }).filter(
    (file) => file.endsWith('.ts') && !ELSEWHERE.test(file),
  );
  const said = files.flatMap((file) => textsIn(join(root, file)).filter((text) => !ARGUMENT.test(text)));
  const speak = said.filter((text) => /`swamp |--[a-z]/.test(text));
  // So many there are: a search that finds none would prove nothing.
  expect(speak.length).toBeGreaterThan(60);
  expect(speak.map(inWindow).filter((text) => /swamp [a-z]|(?<!\w)--[a-z]|`/.test(text))).toEqual([]);
});

/** Texts in a source, with `X` for what is put into them. */
function textsIn(path: string): string[] {
  const source = ts.createSourceFile(path, readFileSync(path, 'utf8'), ts.ScriptTarget.Latest, true);
  const texts: string[] = [];
  const visit = (node: ts.Node): void => {
    if (ts.isStringLiteralLike(node)) texts.push(node.text);
    if (ts.isTemplateExpression(node))
      texts.push([node.head.text, ...node.templateSpans.map(({ literal }) => literal.text)].join('X'));
    ts.forEachChild(node, visit);
  };
  visit(source);
  return texts;
}
