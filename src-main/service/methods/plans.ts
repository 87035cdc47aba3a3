import type { Handlers } from '../context.ts';
import { notThereYet } from './notyet.ts';

export const planHandlers: Handlers<'plans'> = {
  'plans.cost': () => notThereYet('plans.cost'),
  'plans.start': () => notThereYet('plans.start'),
  'plans.write': () => notThereYet('plans.write'),
};
