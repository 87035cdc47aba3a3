import { lookAt } from '../../experiment/run-file/take-in.ts';
import type { DeskHandlers } from '../context.ts';

export const fileHandlers: DeskHandlers<'files'> = {
  'files.look': ({ file }, { library }) => lookAt(library, file),
};
