// What newer Chromiums have built in, for the old one in which the tests run Electron. Loaded only where something is
// missing (main.ts). Each does what the standard says as far as the window and what it is built from use it.

/** Puts into an object what it lacks, as it would be there: not to be seen when it is walked through. */
function fill(target: object, values: Readonly<Record<string, unknown>>): void {
  for (const [name, value] of Object.entries(values))
    if (!(name in target))
      Object.defineProperty(target, name, { value, writable: true, configurable: true, enumerable: false });
}

type List = readonly unknown[];
type Test = (value: unknown, index: number, list: List) => unknown;

function at(this: List | string, index: number): unknown {
  const whole = Math.trunc(index) || 0;
  return this[whole < 0 ? this.length + whole : whole];
}

function findLastIndex(this: List, test: Test): number {
  for (let index = this.length - 1; index >= 0; index--) if (test(this[index], index, this)) return index;
  return -1;
}

function findLast(this: List, test: Test): unknown {
  return this[findLastIndex.call(this, test)];
}

fill(Array.prototype, {
  at,
  findLast,
  findLastIndex,
  toReversed(this: List) {
    return [...this].reverse();
  },
  toSorted(this: List, compare?: (a: unknown, b: unknown) => number) {
    return [...this].sort(compare);
  },
  toSpliced(this: List, start: number, ...rest: [number, ...unknown[]]) {
    const copy = [...this];
    copy.splice(start, ...rest);
    return copy;
  },
  with(this: List, index: number, value: unknown) {
    const copy = [...this];
    copy[index < 0 ? copy.length + index : index] = value;
    return copy;
  },
});
for (const typed of [Float32Array, Float64Array, Int32Array, Uint8Array])
  fill(typed.prototype, { at, findLast, findLastIndex });

fill(String.prototype, {
  at,
  replaceAll(this: string, pattern: string | RegExp, by: string | ((found: string) => string)) {
    if (pattern instanceof RegExp) return this.replace(pattern, by as string);
    return this.split(pattern).join(typeof by === 'function' ? by(pattern) : by);
  },
});

fill(Object, {
  hasOwn: (object: object, name: PropertyKey) => Object.prototype.hasOwnProperty.call(object, name),
  groupBy: (values: Iterable<unknown>, keyOf: (value: unknown, index: number) => PropertyKey) => {
    const groups = Object.create(null) as Record<PropertyKey, unknown[]>;
    let index = 0;
    for (const value of values) (groups[keyOf(value, index++)] ??= []).push(value);
    return groups;
  },
});

fill(Map, {
  groupBy: (values: Iterable<unknown>, keyOf: (value: unknown, index: number) => unknown) => {
    const groups = new Map<unknown, unknown[]>();
    let index = 0;
    for (const value of values) {
      const key = keyOf(value, index++);
      const group = groups.get(key);
      if (group) group.push(value);
      else groups.set(key, [value]);
    }
    return groups;
  },
});

fill(Set.prototype, {
  union(this: Set<unknown>, other: Iterable<unknown>) {
    return new Set([...this, ...other]);
  },
  intersection(this: Set<unknown>, other: ReadonlySet<unknown>) {
    return new Set([...this].filter((value) => other.has(value)));
  },
  difference(this: Set<unknown>, other: ReadonlySet<unknown>) {
    return new Set([...this].filter((value) => !other.has(value)));
  },
  isSubsetOf(this: Set<unknown>, other: ReadonlySet<unknown>) {
    return [...this].every((value) => other.has(value));
  },
});

fill(Promise, {
  withResolvers: () => {
    let resolve: unknown;
    let reject: unknown;
    const promise = new Promise((...both) => ([resolve, reject] = both));
    return { promise, resolve, reject };
  },
});

fill(globalThis, {
  structuredClone: cloned,
  WeakRef: class {
    readonly #value: object;
    constructor(value: object) {
      this.#value = value;
    }
    deref(): object {
      return this.#value;
    }
  },
  reportError: (error: unknown) => console.error(error),
});

/** Of plain data, lists, maps, sets and dates. */
function cloned(value: unknown): unknown {
  if (typeof value !== 'object' || value === null) return value;
  if (Array.isArray(value)) return value.map(cloned);
  if (value instanceof Date) return new Date(value);
  if (value instanceof Map) return new Map([...value].map(([key, each]) => [cloned(key), cloned(each)]));
  if (value instanceof Set) return new Set([...value].map(cloned));
  if (ArrayBuffer.isView(value)) return (value as Uint8Array).slice();
  return Object.fromEntries(Object.entries(value).map(([name, each]) => [name, cloned(each)]));
}

fill(crypto, {
  randomUUID: () => {
    const bytes = crypto.getRandomValues(new Uint8Array(16));
    bytes[6] = ((bytes[6] ?? 0) & 0x0f) | 0x40;
    bytes[8] = ((bytes[8] ?? 0) & 0x3f) | 0x80;
    const hex = Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');
    return hex.replace(/^(.{8})(.{4})(.{4})(.{4})/, '$1-$2-$3-$4-');
  },
});

fill(AbortSignal.prototype, {
  reason: undefined,
  throwIfAborted(this: AbortSignal) {
    if (this.aborted) throw new DOMException('No longer wanted', 'AbortError');
  },
});

fill(Element.prototype, {
  replaceChildren(this: Element, ...nodes: (Node | string)[]) {
    this.textContent = '';
    this.append(...nodes);
  },
  checkVisibility(this: Element) {
    if (isHidden(this)) return false;
    return this.isConnected && this.getClientRects().length > 0;
  },
});

function isHidden(element: Element): boolean {
  const { parentElement } = element;
  return getComputedStyle(element).display === 'none' || (parentElement !== null && isHidden(parentElement));
}

export {};
