import type { DeskHandler, DeskHandlers } from './context.ts';
import type { DeskTask } from './tasks.ts';

type Topic = DeskTask extends infer T ? (T extends `${infer Prefix}.${string}` ? Prefix : never) : never;

/** Loaded when the first of a topic is asked for: the table must not wait for what plans experiments. */
const topics: { readonly [P in Topic]: () => Promise<DeskHandlers<P>> } = {
  table: async () => (await import('./methods/table.ts')).tableHandlers,
  experiments: async () => (await import('./methods/details.ts')).detailHandlers,
  analyses: async () => (await import('./methods/analyses.ts')).analysisHandlers,
  plans: async () => (await import('./methods/plans.ts')).planHandlers,
  drafts: async () => (await import('./methods/drafts.ts')).draftHandlers,
  planned: async () => (await import('./methods/planned.ts')).plannedHandlers,
  library: async () => (await import('./methods/library.ts')).libraryHandlers,
  files: async () => (await import('./methods/files.ts')).fileHandlers,
};

/** What does a task. One without a handler does not compile. */
export async function handlerOf<T extends DeskTask>(task: T): Promise<DeskHandler<T>> {
  const [topic = ''] = task.split('.');
  const handlers = await topics[topic as Topic]();
  // The types of the topics tie each task to its own input; indexing by a union loses the tie.
  return (handlers as unknown as Record<DeskTask, DeskHandler<T>>)[task];
}

/** Loads what the first question of other topics would wait for. */
export async function loadTopics(): Promise<void> {
  for (const load of Object.values(topics)) await load();
}
