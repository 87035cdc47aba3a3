import { z } from 'zod';
import type { AnalysisEntry } from '../contract/api/analyses.ts';
import type { Catalog, CatalogEntry } from '../contract/api/plans.ts';
import { ExperimentConfig } from '../contract/experiment.ts';
import { Recipe, Swa, Ticket } from '../contract/recipe.ts';
import type { Choice, Registered } from '../contract/registry.ts';
import { datasets } from '../datasets/registry.ts';
import type { ModelDefinition } from '../models/model.ts';
import { models } from '../models/registry.ts';
import { criteria } from '../pruning/criteria/registry.ts';
import { schedules } from '../pruning/schedules/registry.ts';
import { scopes } from '../pruning/scopes/registry.ts';
import { learningRates } from '../training/learning-rate/registry.ts';
import { analyses } from './analyses/registry.ts';
import { arms } from './arms/registry.ts';
import { presets } from './presets.ts';

/** Everything that can be chosen, from the registries: what a form is made of. */
export function catalog(): Catalog {
  return {
    datasets: [...datasets.values()].map((each) => ({ ...entryOf(each), location: [...each.location] })),
    models: [...models.values()].map((each) => ({
      ...entryOf({ ...each, title: titleOf(each) }),
      defaults: {
        recipe: Recipe.parse(each.defaults.recipe),
        ticket: Ticket.parse(each.defaults.ticket),
        swa: Swa.parse(each.defaults.swa),
      },
    })),
    arms: [...arms.values()].map(entryOf),
    sparsities: [...schedules.values()].map(entryOf),
    criteria: [...criteria.values()].map(entryOf),
    scopes: [...scopes.values()].map(entryOf),
    learningRates: [...learningRates.values()].map(entryOf),
    experiment: jsonSchema(ExperimentConfig),
    presets: [...presets.values()].map(({ name, title, notes, config }) => ({
      name,
      title,
      notes,
      config: { ...config },
    })),
  };
}

/** Every analysis, from its registry. */
export function catalogAnalyses(): AnalysisEntry[] {
  return [...analyses.values()].map((each) => ({ ...entryOf(each), about: each.about, ...each.subjects }));
}

function entryOf({ kind, title, schema }: Registered): CatalogEntry {
  return { kind, title, schema: jsonSchema(schema) };
}

/** With its default options; by its kind where it has options that must be given. */
function titleOf(model: ModelDefinition): string {
  const { kind } = model;
  const read = model.schema.safeParse({ kind });
  return read.success ? model.title(read.data) : kind;
}

/** Of what a user writes: what has a default may be left out. */
function jsonSchema(schema: Choice['schema'] | z.ZodType): Record<string, unknown> {
  return z.toJSONSchema(schema, { io: 'input', unrepresentable: 'any' });
}
