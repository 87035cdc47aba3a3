// What the host says to do is said for both, the terminal and the window. This puts it into words of the window.

/** Where the window does what a command does. */
const places: Readonly<Record<string, string>> = {
  resume: '“Go on”',
  pause: '“Pause”',
  cancel: '“Cancel”',
  retry: '“Retry failed”',
  extend: '“Extend”',
  fork: '“Fork”',
  export: '“Export”',
  pack: '“Pack into a run file”',
  evaluate: '“Evaluate network”',
  predict: '“Evaluate network”',
  compare: 'the page Compare',
  analyze: '“New analysis”',
  settings: 'the settings',
  presets: 'the presets of a new experiment',
  list: 'the table of experiments',
  show: 'its page',
  trash: 'the trash',
  restore: '“Restore”, in the trash,',
  gc: 'cleaning up, in the settings,',
  du: 'the settings',
  check: '“Check the library”, in the settings,',
  'check --fix': '“Mend”, below “Check the library” in the settings,',
  'data check': '“What is in it”, beside the data of a new experiment,',
  doctor: '“Check this machine” in the settings',
  'doctor --fix': '“Prepare now” in the settings',
  'engine pack': '“Pack for another machine”',
  'engine install': '“Install a packed engine”',
};

/** What only the command line has, in parentheses: `(--library)`, ``(Ctrl-C where it runs, or `swamp pause`)``. */
const ASIDE = / \([^()]*(?:(?<![\w-])--[a-z]|`swamp )[^()]*\)/g;
/** `` `swamp data check DIR` ``; what follows the command names what is in sight anyway. */
const COMMAND = /`swamp ([^`]*)`/g;
/** `--set dataset.path=DIR`, `--set 'model={"kind":"resnet"}'` */
const SETTING = /--set (?:'([\w.[\]]+)=([^']*)'|([\w.[\]]+)=(\S*?)(?=[.,;:)]*(?:\s|$)))/g;
/** `--model '{"kind": "resnet"}'` */
const QUOTED = /--([a-z][\w-]*) '([^']*)'/g;
/** `demo-3f9a/swamp-4/1@5:0`, as a terminal names a round of a run, or one of its particles. */
const NETWORK = /[\w.+-]+\/([\w.+-]+)\/(\d+)@(\d+)(?::(\d+))?/g;
/** The same as help words it. */
const NETWORKS = /solutions RUN@ROUND or RUN@ROUND:PARTICLE/g;
/** `--round` */
const OPTION = /(?<![\w-])--([a-z][\w-]*)/g;

/** An error, a hint or a warning of the host as the window says it. */
export function inWindow(text: string): string {
  return text
    .replace(ASIDE, '')
    .replace(COMMAND, (whole, command: string) => placeOf(command) ?? whole)
    .replace(/,([.,;:)])/g, '$1')
    .replace(SETTING, (_, quoted?: string, inside?: string, path?: string, value: string = '') => {
      if (quoted !== undefined) return `${quoted}: ${inside ?? ''}`;
      // A word in capitals, or dots, stands for any value: the field of that name is enough.
      return value === value.toUpperCase() && !/\d/.test(value) ? (path ?? '') : `${path ?? ''}: ${value}`;
    })
    .replace(NETWORKS, 'single networks')
    .replace(NETWORK, (_, arm: string, seed: string, round: string, particle?: string) =>
      [
        `${arm}, seed ${seed}, round ${round}`,
        ...(particle === undefined ? [] : [`particle ${particle}`]),
      ].join(', '),
    )
    .replace(QUOTED, '$1: $2')
    .replace(OPTION, '$1');
}

/** The longest beginning of a command that has a place. */
function placeOf(command: string): string | null {
  const words = command.split(' ');
  for (let length = Math.min(2, words.length); length > 0; length--) {
    const place = places[words.slice(0, length).join(' ')];
    if (place !== undefined) return place;
  }
  return null;
}
