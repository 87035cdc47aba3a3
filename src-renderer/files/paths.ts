/** The path with another extension in place of one of these; a name without any gets it. Extensions begin with a dot. */
export function withExtension(path: string, extension: string, known: readonly string[]): string {
  const found = known.find((each) => each !== '' && path.toLowerCase().endsWith(each));
  return `${found === undefined ? path : path.slice(0, -found.length)}${extension}`;
}

/** The last part of a path of either kind of system. */
export function baseName(path: string): string {
  return path.replace(/[/\\]+$/, '').replace(/^.*[/\\]/, '');
}

/** Where `swamp serve` gives a file that lies below the library's folder for exports; `null` where it lies elsewhere. */
export function exportAddress(file: string, folder: string): string | null {
  const start = `${folder.replace(/[/\\]+$/, '')}/`;
  const path = file.replace(/\\/g, '/');
  if (!path.startsWith(start.replace(/\\/g, '/'))) return null;
  return `/exports/${path.slice(start.length).split('/').map(encodeURIComponent).join('/')}`;
}
