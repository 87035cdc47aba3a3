import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Tensor } from '@tensorflow/tfjs';
import { DataType, encodeSavedModel, shapeProto, TAG, type GraphNode } from './graph.ts';
import { Recorder } from './recorder.ts';
import type { Binding, TensorData, TensorFlow } from './tensorflow.ts';

export type FeedType = 'float32' | 'int32' | 'uint8';

/** A value handed to the program at every call. */
export interface Feed {
  readonly dtype: FeedType;
  readonly shape: readonly number[];
}

/** Tensors by name. */
export type Tensors = Readonly<Record<string, Tensor>>;

/** What a program is: a function of feeds and state, in tfjs ops, that is run once to be recorded. */
export interface ProgramDefinition {
  /** float32 tensors that live in the session between calls, by name. */
  readonly state: Readonly<Record<string, readonly number[]>>;
  /**
   * @returns `fetch`, one float32 tensor that every call gives back, and the state after the call; state that is
   *   not named stays.
   */
  body(feeds: Tensors, state: Tensors): { fetch: Tensor; next?: Tensors };
}

/** Arrays by feed name. They must not change during the call; afterwards they may. */
export type FeedValues = Readonly<
  Record<string, { readonly shape: readonly number[]; readonly data: TensorData }>
>;

interface Session {
  readonly id: number;
  readonly feedNames: readonly string[];
  readonly feedDtypes: readonly number[];
  readonly inputNames: string;
}

/**
 * A training step, an evaluation step or the like, as one Session call: the function is run once on real
 * values, its ops are written down as a TensorFlow graph with the state as variables, and from then on each
 * call is one run of that graph. A call with feeds of another shape records again; the state moves along.
 */
export class Program {
  readonly #tensorflow: TensorFlow;
  readonly #definition: ProgramDefinition;
  readonly #stateNames: readonly string[];
  readonly #sessions = new Map<string, Session>();
  /** The session that holds the state now. */
  #current: Session | null = null;
  /** Values set before there is a session. */
  #pending = new Map<string, Float32Array>();
  #sessionMs = 0;

  constructor(tensorflow: TensorFlow, definition: ProgramDefinition) {
    this.#tensorflow = tensorflow;
    this.#definition = definition;
    this.#stateNames = Object.keys(definition.state);
  }

  /** Milliseconds spent inside Session calls so far. */
  get sessionMs(): number {
    return this.#sessionMs;
  }

  /** Number of graphs recorded and held. */
  get recordings(): number {
    return this.#sessions.size;
  }

  /** Sets a state tensor. The array is copied. Every state tensor must be set before the first call. */
  write(name: string, values: Float32Array): void {
    const shape = this.#shapeOf(name);
    const elements = shape.reduce((product, side) => product * side, 1);
    if (values.length !== elements) {
      throw new Error(`State ${name} has ${elements} elements, not ${values.length}.`);
    }
    if (!this.#current) {
      this.#pending.set(name, values.slice());
      return;
    }
    const { binding } = this.#tensorflow.backend;
    // A tensor made from an array shares its memory, so the variable must not keep it: the graph copies.
    const id = binding.createTensor(shape, binding.TF_FLOAT, values);
    this.#assign(this.#current, name, id);
    binding.deleteTensor(id);
  }

  /** A copy of a state tensor. */
  read(name: string): Float32Array {
    this.#shapeOf(name);
    if (!this.#current) {
      const pending = this.#pending.get(name);
      if (!pending) throw new Error(`State ${name} was never written.`);
      return pending.slice();
    }
    const { binding } = this.#tensorflow.backend;
    const id = this.#fetchState(this.#current, name);
    const values = binding.tensorDataSync(id) as Float32Array;
    binding.deleteTensor(id);
    return values;
  }

  /** One call: feeds in, `fetch` out, state advanced. */
  run(feeds: FeedValues): Float32Array {
    const session = this.#sessionFor(feeds);
    const { binding } = this.#tensorflow.backend;
    const ids: number[] = [];
    for (const [index, name] of session.feedNames.entries()) {
      const feed = feeds[name];
      if (!feed) throw new Error(`Feed ${name} is missing.`);
      ids.push(binding.createTensor(feed.shape, session.feedDtypes[index] ?? 0, feed.data));
    }
    const start = performance.now();
    try {
      const [output] = binding.runSavedModel(session.id, ids, session.inputNames, 'fetch:0');
      if (!output) throw new Error('The session returned nothing.');
      const values = binding.tensorDataSync(output.id) as Float32Array;
      binding.deleteTensor(output.id);
      return values;
    } finally {
      this.#sessionMs += performance.now() - start;
      for (const id of ids) binding.deleteTensor(id);
    }
  }

  /** Frees the graphs and their variables: the state is gone, and must be written before the next call. */
  dispose(): void {
    for (const { id } of this.#sessions.values()) this.#tensorflow.backend.binding.deleteSavedModel(id);
    this.#sessions.clear();
    this.#current = null;
    this.#pending.clear();
  }

  #shapeOf(name: string): readonly number[] {
    const shape = this.#definition.state[name];
    if (!shape) throw new Error(`There is no state ${name}.`);
    return shape;
  }

  #sessionFor(feeds: FeedValues): Session {
    const key = signature(feeds);
    let session = this.#sessions.get(key);
    if (!session) {
      session = this.#record(feeds);
      this.#sessions.set(key, session);
    }
    if (session !== this.#current) this.#move(session);
    return session;
  }

  /** Hands the state to another session without passing it through JavaScript. */
  #move(to: Session): void {
    const { binding } = this.#tensorflow.backend;
    for (const name of this.#stateNames) {
      const pending = this.#pending.get(name);
      let id: number;
      if (this.#current) id = this.#fetchState(this.#current, name);
      else if (pending) id = binding.createTensor(this.#shapeOf(name), binding.TF_FLOAT, pending);
      else throw new Error(`State ${name} was never written.`);
      this.#assign(to, name, id);
      binding.deleteTensor(id);
    }
    this.#pending.clear();
    this.#current = to;
  }

  #fetchState(session: Session, name: string): number {
    const { binding } = this.#tensorflow.backend;
    const [made] = binding.runSavedModel(session.id, [], '', `state/${name}/read:0`);
    if (!made) throw new Error('The session returned nothing.');
    return made.id;
  }

  #assign(session: Session, name: string, id: number): void {
    const { binding } = this.#tensorflow.backend;
    const [done] = binding.runSavedModel(session.id, [id], `state/${name}/set:0`, `state/${name}/was-set:0`);
    if (done) binding.deleteTensor(done.id);
  }

  #record(feeds: FeedValues): Session {
    const { tf, backend } = this.#tensorflow;
    const real = backend.binding;
    const recorder = new Recorder(real);
    const names = Object.keys(feeds);
    try {
      tf.tidy(() => {
        const feedTensors: Record<string, Tensor> = {};
        for (const name of names) {
          const { shape, data } = feeds[name] ?? { shape: [], data: new Float32Array(0) };
          const dtype = dataType(data);
          const id = real.createTensor(shape, dtype, data.slice());
          recorder.node(
            'Placeholder',
            [],
            { dtype: { type: dtype }, shape: { shape: shapeProto(shape) } },
            `feed/${name}`,
          );
          recorder.declare(id, ownSource(recorder, name, dtype));
          feedTensors[name] = backend.createOutputTensor({ id, shape: [...shape], dtype });
        }
        const stateTensors: Record<string, Tensor> = {};
        for (const name of this.#stateNames) {
          const shape = this.#shapeOf(name);
          // Zeros would do for the ops but not for those that check their input; the real values cost nothing more.
          const id = real.createTensor(shape, real.TF_FLOAT, this.read(name));
          writeVariable(recorder, name, shape);
          recorder.declare(id, `state/${name}/read:0`);
          stateTensors[name] = backend.createOutputTensor({ id, shape: [...shape], dtype: real.TF_FLOAT });
        }
        backend.binding = recorder.binding;
        const { fetch, next = {} } = this.#definition.body(feedTensors, stateTensors);
        const sourceOf = (tensor: Tensor): string =>
          recorder.sourceOf(backend.getInputTensorIds([tensor])[0] ?? -1);
        const waits: string[] = [];
        for (const [name, tensor] of Object.entries(next)) {
          const shape = this.#shapeOf(name);
          if (tensor.shape.join() !== shape.join()) {
            throw new Error(
              `The next ${name} has the shape [${tensor.shape.join()}], not [${shape.join()}].`,
            );
          }
          // The old value must have been read: nothing else orders reading and assigning.
          const inputs = [`state/${name}:0`, sourceOf(tensor), `^state/${name}/read`];
          waits.push(
            `^${recorder.node('AssignVariableOp', inputs, { dtype: { type: DataType.float32 } }, `state/${name}/assign`)}`,
          );
        }
        recorder.node('Identity', [sourceOf(fetch), ...waits], { T: { type: DataType.float32 } }, 'fetch');
      });
    } finally {
      backend.binding = real;
    }
    return {
      id: load(real, recorder.nodes),
      feedNames: names,
      feedDtypes: names.map((name) => dataType(feeds[name]?.data ?? new Float32Array(0))),
      inputNames: names.map((name) => `feed/${name}:0`).join(),
    };
  }
}

/**
 * What a recorded function takes for the feed. A fed tensor shares its array with JavaScript and state is float32,
 * so a float32 feed that became state (reshaped, perhaps) would change with the array: those are copied. They are
 * learning rates and the like, a few bytes.
 */
function ownSource(recorder: Recorder, name: string, dtype: number): string {
  const fed = `feed/${name}:0`;
  if (dtype !== DataType.float32) return fed;
  return `${recorder.node('DeepCopy', [fed], { T: { type: dtype } }, `feed/${name}/copy`)}:0`;
}

/** Loads a graph; the addon takes it only from a folder. */
function load(binding: Binding, nodes: readonly GraphNode[]): number {
  const folder = mkdtempSync(join(tmpdir(), 'swamp-graph-'));
  try {
    writeFileSync(join(folder, 'saved_model.pb'), encodeSavedModel(nodes));
    return binding.loadSavedModel(folder, TAG);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** A variable with its read, and a way to set it from outside. */
function writeVariable(recorder: Recorder, name: string, shape: readonly number[]): void {
  const dtype = { type: DataType.float32 };
  const variable = `state/${name}`;
  const text = (value: string) => ({ s: new TextEncoder().encode(value) });
  recorder.node(
    'VarHandleOp',
    [],
    { dtype, shape: { shape: shapeProto(shape) }, shared_name: text(variable), container: text('') },
    variable,
  );
  recorder.node('ReadVariableOp', [`${variable}:0`], { dtype }, `${variable}/read`);
  recorder.node('Placeholder', [], { dtype, shape: { shape: shapeProto(shape) } }, `${variable}/set`);
  recorder.node('DeepCopy', [`${variable}/set:0`], { T: dtype }, `${variable}/copy`);
  recorder.node(
    'AssignVariableOp',
    [`${variable}:0`, `${variable}/copy:0`],
    { dtype },
    `${variable}/set-assign`,
  );
  recorder.node(
    'Const',
    [`^${variable}/set-assign`],
    {
      dtype,
      value: {
        tensor: { dtype: DataType.float32, tensorShape: shapeProto([]), tensorContent: new Uint8Array(4) },
      },
    },
    `${variable}/was-set`,
  );
}

function dataType(data: TensorData): number {
  if (data instanceof Float32Array) return DataType.float32;
  return data instanceof Int32Array ? DataType.int32 : DataType.uint8;
}

function signature(feeds: FeedValues): string {
  let key = '';
  for (const name in feeds) {
    const { shape = [], data = new Float32Array(0) } = feeds[name] ?? {};
    key += `${name}:${dataType(data)}:${shape.join('x')};`;
  }
  return key;
}
