export type Theme = 'light' | 'dark';

/** Colours of a chart. Values are CSS colours, or placeholders where a page fills them in by theme. */
export interface Palette {
  readonly text: string;
  readonly quiet: string;
  readonly line: string;
  readonly background: string;
  readonly arms: readonly string[];
}

/**
 * Okabe and Ito's colours, told apart with every common form of colour blindness. Orange, sky and yellow are
 * darker here for light backgrounds, blue and green lighter for dark ones: lines need a contrast of 3 : 1.
 */
const hues = {
  blue: { light: '#0072b2', dark: '#4a9fe0' },
  green: { light: '#008a64', dark: '#1fb98c' },
  vermilion: { light: '#d55e00', dark: '#f07a2b' },
  purple: { light: '#b0568c', dark: '#d98ab8' },
  orange: { light: '#b87800', dark: '#e6b030' },
  sky: { light: '#3388bb', dark: '#8ed0f5' },
  yellow: { light: '#857a00', dark: '#e8de55' },
  grey: { light: '#5f6368', dark: '#a9adb3' },
} as const;
type Hue = keyof typeof hues;

const hueOrder: readonly Hue[] = ['vermilion', 'blue', 'green', 'purple', 'orange', 'sky', 'yellow'];

/** The same kinds look the same in every report. */
const preferred: Readonly<Record<string, readonly Hue[]>> = {
  dense: ['grey'],
  imp: ['blue', 'sky'],
  'imp-ensemble': ['green'],
  swamp: ['vermilion', 'orange', 'purple'],
};

/** Symbols differ as well as colours, for prints without colour: the first arm has the first. */
export const armSymbols = ['circle', 'diamond', 'triangle', 'rect', 'roundRect', 'pin'] as const;

/** Arms that are told apart by colour: those of a comparison, or of one experiment. */
export interface ColouredArms {
  readonly arms: readonly { readonly arm: string; readonly kind: string }[];
}

/** A hue for each arm, by its kind and its place: fixed for a comparison, whatever is shown of it. */
function armHues(comparison: ColouredArms): Hue[] {
  // The largest swamp(n), listed last by habit, is what the report is about: it gets the kind's first colour.
  const taken = new Set<Hue>();
  const pairs = new Set<string>();
  const chosen = new Map<number, Hue>();
  const order = comparison.arms.map((arm, index) => ({ arm, index }));
  order.sort((a, b) =>
    a.arm.kind === 'swamp' && b.arm.kind === 'swamp'
      ? particleCount(b.arm.arm) - particleCount(a.arm.arm)
      : 0,
  );
  for (const { arm, index } of order) {
    const wanted = [...(preferred[arm.kind] ?? []), ...hueOrder];
    const symbol = index % armSymbols.length;
    // More arms than hues: then at least no two with the same hue and symbol.
    const hue =
      wanted.find((each) => !taken.has(each)) ??
      wanted.find((each) => !pairs.has(`${each}/${symbol}`)) ??
      'grey';
    taken.add(hue);
    pairs.add(`${hue}/${symbol}`);
    chosen.set(index, hue);
  }
  return comparison.arms.map((_, index) => chosen.get(index) ?? 'grey');
}

function particleCount(label: string): number {
  return Math.max(0, ...(label.match(/\d+/g) ?? []).map(Number));
}

const surfaces: Readonly<Record<Theme, Omit<Palette, 'arms'>>> = {
  light: { text: '#1d1f23', quiet: '#6a6f78', line: '#e3e5e8', background: '#ffffff' },
  dark: { text: '#e6e8eb', quiet: '#9aa0a8', line: '#33373d', background: '#16181b' },
};

/** Colours of whatever is no arm. */
export function surfaceOf(theme: Theme): Palette {
  return { ...surfaces[theme], arms: [] };
}

export function paletteOf(comparison: ColouredArms, theme: Theme): Palette {
  return { ...surfaces[theme], arms: armHues(comparison).map((hue) => hues[hue][theme]) };
}

/** Colours for what is no arm but stands beside some: those that are not taken come first. */
export function coloursBeside(taken: readonly string[], count: number, theme: Theme): string[] {
  const all = hueOrder.map((hue) => hues[hue][theme]);
  const free = all.filter((colour) => !taken.includes(colour));
  const order = [...free, ...all.filter((colour) => taken.includes(colour))];
  return Array.from({ length: count }, (_, index) => order[index % order.length] ?? hues.grey[theme]);
}
