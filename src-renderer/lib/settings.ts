/** Settings of a library as the window calls them. */
const titles: Readonly<Record<string, string>> = {
  'retention.particles': 'Particles of finished runs',
  'retention.predictions': 'Predictions of finished runs',
  'retention.trashDays': 'Days in the trash before a clean-up removes them for good',
};

export function settingTitle(name: string): string {
  return titles[name] ?? name;
}
