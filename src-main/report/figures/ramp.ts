import type { Theme } from '../palette.ts';

/**
 * A sequential scale of colours: lightness changes evenly (in OKLab) and always in one direction, so that it can be read without
 * telling hues apart and on a print without colour; the hue goes from yellow over green to blue. Small values are near the
 * background of either theme.
 */
interface Stop {
  readonly lightness: number;
  readonly chroma: number;
  /** In degrees. */
  readonly hue: number;
}

function stopAt(share: number): Stop {
  return {
    lightness: 0.975 - 0.69 * share,
    chroma: 0.03 + 0.08 * Math.sin(Math.PI * Math.min(1, 0.12 + 0.76 * share)),
    hue: 112 + 156 * share,
  };
}

/** Colour of a share of the way from the smallest to the largest value. */
export function rampColour(share: number, theme: Theme): string {
  const [red, green, blue] = rgbAt(share, theme);
  return `rgb(${red},${green},${blue})`;
}

function rgbAt(share: number, theme: Theme): [number, number, number] {
  const held = Math.min(1, Math.max(0, share));
  return rgbOf(stopAt(theme === 'light' ? held : 1 - held));
}

/** OKLCH → sRGB, 0 to 255 (Ottosson 2020). */
function rgbOf({ lightness, chroma, hue }: Stop): [number, number, number] {
  const a = chroma * Math.cos((hue * Math.PI) / 180);
  const b = chroma * Math.sin((hue * Math.PI) / 180);
  const l = (lightness + 0.3963377774 * a + 0.2158037573 * b) ** 3;
  const m = (lightness - 0.1055613458 * a - 0.0638541728 * b) ** 3;
  const s = (lightness - 0.0894841775 * a - 1.291485548 * b) ** 3;
  return [
    channel(4.0767416621 * l - 3.3077115913 * m + 0.2309699292 * s),
    channel(-1.2684380046 * l + 2.6097574011 * m - 0.3413193965 * s),
    channel(-0.0041960863 * l - 0.7034186147 * m + 1.707614701 * s),
  ];
}

function channel(linear: number): number {
  const held = Math.min(1, Math.max(0, linear));
  const curved = held <= 0.0031308 ? 12.92 * held : 1.055 * held ** (1 / 2.4) - 0.055;
  return Math.round(255 * curved);
}

/** Black or white, whichever is read better on a colour of the scale. */
export function inkOn(share: number, theme: Theme): string {
  const light = luminance(rgbAt(share, theme));
  return (light + 0.05) / 0.05 > 1.05 / (light + 0.05) ? '#000000' : '#ffffff';
}

/** Relative luminance as WCAG has it. */
export function luminance(rgb: readonly number[]): number {
  const [red = 0, green = 0, blue = 0] = rgb.map((value) => {
    const share = value / 255;
    return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
}
