import './styles/base.css';

/** The newest that the window and what it is built from take for granted. */
const isOld =
  !('toSorted' in Array.prototype) ||
  !('groupBy' in Object) ||
  !('withResolvers' in Promise) ||
  !('union' in Set.prototype) ||
  !('checkVisibility' in Element.prototype);

const ready = isOld ? import('./polyfills.ts') : Promise.resolve();
void ready.then(() => import('./mount.ts'));
