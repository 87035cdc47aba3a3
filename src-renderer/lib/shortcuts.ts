// Shortcuts are written as Electron writes them: `CmdOrCtrl+Shift+K`, `?`, `Delete`.

const mac = /Mac|iPhone|iPad/.test(globalThis.navigator?.platform ?? '');

const words: Readonly<Record<string, string>> = mac
  ? { CmdOrCtrl: '⌘', Shift: '⇧', Alt: '⌥', Enter: '↩', Delete: '⌦', Backspace: '⌫', Escape: 'Esc' }
  : { CmdOrCtrl: 'Ctrl', Escape: 'Esc' };

const arrows: Readonly<Record<string, string>> = { Up: '↑', Down: '↓', Left: '←', Right: '→' };

/** For people: `Ctrl+K`, on a Mac `⌘K`. */
export function shortcutWords(shortcut: string): string {
  return parts(shortcut)
    .map((part) => words[part] ?? arrows[part] ?? part)
    .join(mac ? '' : '+');
}

/** For `aria-keyshortcuts`. */
export function ariaShortcut(shortcut: string): string {
  return parts(shortcut)
    .map((part) => (part === 'CmdOrCtrl' ? (mac ? 'Meta' : 'Control') : part))
    .join('+');
}

/** Whether a key stroke is this shortcut. A character that takes Shift to type (`?`) is written without it. */
export function isShortcut(event: KeyboardEvent, shortcut: string): boolean {
  const all = parts(shortcut);
  const key = all[all.length - 1] ?? '';
  const held = new Set(all.slice(0, -1));
  const command = mac ? event.metaKey : event.ctrlKey;
  const other = mac ? event.ctrlKey : event.metaKey;
  if (other || command !== held.has('CmdOrCtrl') || event.altKey !== held.has('Alt')) return false;
  const symbol = key.length === 1 && !/[a-z0-9]/i.test(key);
  if (!symbol && event.shiftKey !== held.has('Shift')) return false;
  return eventKey(event).toLowerCase() === key.toLowerCase();
}

/** Whether a plain key (without Ctrl or ⌘) would be typed where the event happened. */
export function typesText(event: KeyboardEvent): boolean {
  const target = event.target instanceof HTMLElement ? event.target : null;
  if (!target) return false;
  if (target.isContentEditable || target instanceof HTMLTextAreaElement) return true;
  if (target instanceof HTMLSelectElement) return true;
  return (
    target instanceof HTMLInputElement && !['checkbox', 'radio', 'button', 'range'].includes(target.type)
  );
}

function eventKey({ key }: KeyboardEvent): string {
  return key.startsWith('Arrow') ? key.slice('Arrow'.length) : key === ' ' ? 'Space' : key;
}

/** `CmdOrCtrl++` ends with the key `+`. */
function parts(shortcut: string): string[] {
  return shortcut.endsWith('++') ? [...shortcut.slice(0, -2).split('+'), '+'] : shortcut.split('+');
}
