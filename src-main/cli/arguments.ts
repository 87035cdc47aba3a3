import { InvalidArgumentError } from 'commander';

// How options of the command line are read.

export function collect(value: string, before: readonly string[]): string[] {
  return [...before, value];
}

export function wholeNumbers(text: string): number[] {
  if (!/^\d+(,\d+)*$/.test(text)) throw new InvalidArgumentError('Give whole numbers with commas between.');
  return text.split(',').map(Number);
}

export function wholeNumber(text: string): number {
  if (!/^\d+$/.test(text)) throw new InvalidArgumentError('Give a whole number from 0.');
  return Number(text);
}

export function number(text: string): number {
  const value = Number(text);
  if (text.trim() === '' || !Number.isFinite(value)) throw new InvalidArgumentError('Give a number.');
  return value;
}
