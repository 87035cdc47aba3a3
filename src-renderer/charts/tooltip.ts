/** A line of what the pointer is told. */
export interface TipLine {
  readonly label: string;
  readonly value: string;
  /** Of its swatch; without one the line is a plain one. */
  readonly colour?: string;
  readonly strong?: boolean;
}

/** The style of every tooltip; what is in it is a {@link tip}. */
export const tooltipFrame = {
  className: 'chart-tip',
  confine: true,
  transitionDuration: 0,
  // The style sheet's, not ECharts' own.
  backgroundColor: 'transparent',
  borderWidth: 0,
  padding: 0,
  extraCssText: 'box-shadow: none;',
} as const;

function part(name: string, className: string, text = ''): HTMLElement {
  const made = document.createElement(name);
  made.className = className;
  made.textContent = text;
  return made;
}

/** What a tooltip in an element says, for those who cannot see it. */
export function tipText(around: Element): string {
  const parts = around.querySelectorAll(
    '.chart-tip-title, .chart-tip-label, .chart-tip-value, .chart-tip-note',
  );
  return [...parts].map(({ textContent }) => textContent).join(' ');
}

/** Title and lines as an element: names of users never become markup. */
export function tip(title: string, lines: readonly TipLine[], note = ''): HTMLElement {
  const box = part('div', 'chart-tip-box');
  box.append(part('div', 'chart-tip-title', title));
  const list = part('div', 'chart-tip-lines');
  for (const { label, value, colour, strong = false } of lines) {
    const swatch = part('span', 'chart-tip-swatch');
    if (colour) swatch.style.background = colour;
    const weight = strong ? ' strong' : '';
    list.append(
      swatch,
      part('span', `chart-tip-label${weight}`, label),
      part('span', `chart-tip-value${weight}`, value),
    );
  }
  box.append(list);
  if (note !== '') box.append(part('div', 'chart-tip-note', note));
  return box;
}
