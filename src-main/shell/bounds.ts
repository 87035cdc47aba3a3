export interface Rectangle {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

/** Without a place the system chooses one. */
export interface Bounds {
  readonly x?: number | undefined;
  readonly y?: number | undefined;
  readonly width: number;
  readonly height: number;
  readonly maximized?: boolean | undefined;
}

const DEFAULT: Bounds = { width: 1360, height: 880 };
export const SMALLEST = { width: 880, height: 560 };
/** So much of the window must be seen on a display to be caught with the mouse. */
const GRIP = { width: 120, height: 60 };

/** The bounds a window had, where a display still shows it; else a place in the middle. */
export function restored(bounds: Bounds | null, displays: readonly Rectangle[]): Bounds {
  if (bounds === null) return fitted(DEFAULT, displays[0]);
  const { x, y } = bounds;
  const display =
    x === undefined || y === undefined
      ? undefined
      : displays.find(
          (area) =>
            x + bounds.width >= area.x + GRIP.width &&
            x <= area.x + area.width - GRIP.width &&
            y >= area.y &&
            y <= area.y + area.height - GRIP.height,
        );
  const fit = fitted(bounds, display ?? displays[0]);
  return display ? { ...fit, x, y } : fit;
}

/** No larger than the display, no smaller than the page needs; the system puts it in the middle. */
function fitted({ width, height, maximized }: Bounds, display: Rectangle | undefined): Bounds {
  return {
    width: Math.max(SMALLEST.width, Math.min(width, display?.width ?? width)),
    height: Math.max(SMALLEST.height, Math.min(height, display?.height ?? height)),
    maximized,
  };
}
