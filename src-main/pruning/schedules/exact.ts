/** A decimal number as numerator / denominator, exactly. */
export interface Ratio {
  readonly numerator: bigint;
  readonly denominator: bigint;
}

/**
 * A finite number of 0 or more as the decimal a person wrote for it: 0.2 is 2 / 10, not the binary fraction
 * beside it. Counts computed from it are the same on every machine and in every language.
 */
export function ratioOf(value: number): Ratio {
  const [mantissa = '0', exponent = '0'] = String(value).split('e');
  const [whole = '0', decimals = ''] = mantissa.split('.');
  const shift = Number(exponent) - decimals.length;
  const digits = BigInt(whole + decimals);
  return shift >= 0
    ? { numerator: digits * 10n ** BigInt(shift), denominator: 1n }
    : { numerator: digits, denominator: 10n ** BigInt(-shift) };
}

/** 1 − ratio, for ratios of at most 1. */
export function complement({ numerator, denominator }: Ratio): Ratio {
  return { numerator: denominator - numerator, denominator };
}

/** floor(ratio^power · count + 1/2), computed exactly. */
export function roundedShare({ numerator, denominator }: Ratio, power: number, count: number): number {
  const above = 2n * numerator ** BigInt(power) * BigInt(count);
  const below = denominator ** BigInt(power);
  return Number((above + below) / (2n * below));
}
