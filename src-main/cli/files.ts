import { writeAtomically } from '../checkpoint/files.ts';

/** Writes a text whole or not at all. */
export function writeText(path: string, text: string): void {
  writeAtomically(path, [new TextEncoder().encode(text)]);
}
