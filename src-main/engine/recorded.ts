import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Tensor } from '@tensorflow/tfjs-core';
import { DataType, encodeSavedModel, shapeProto, TAG, type GraphNode } from './graph.ts';
import { Recorder } from './recorder.ts';
import { checkLength, checkPieces, elementsOf, piecesOf, type Pieces } from './pieces.ts';
import type { FeedValues, Program, ProgramDefinition, TensorData } from './program.ts';
import type { Binding, TensorFlow } from './tensorflow.ts';
import { pieceNode, settingOf, StateWriter, vectorSource, writeVector } from './variables.ts';

/** What a recording needs of TensorFlow. */
type Native = Pick<TensorFlow, 'tf' | 'backend'>;

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
export class RecordedProgram implements Program {
  readonly #tensorflow: Native;
  readonly #definition: ProgramDefinition;
  readonly #stateNames: readonly string[];
  readonly #sessions = new Map<string, Session>();
  /** The session that holds the state now. */
  #current: Session | null = null;
  /** Values set before there is a session. */
  #pending = new Map<string, Float32Array>();
  #sessionMs = 0;

  constructor(tensorflow: Native, definition: ProgramDefinition) {
    this.#tensorflow = tensorflow;
    this.#definition = definition;
    this.#stateNames = Object.keys(definition.state);
  }

  get sessionMs(): number {
    return this.#sessionMs;
  }

  /** Number of graphs recorded and held. */
  get recordings(): number {
    return this.#sessions.size;
  }

  write(name: string, values: Float32Array): void {
    checkLength(name, this.#piecesOf(name), values);
    if (!this.#current) {
      this.#pending.set(name, values.slice());
      return;
    }
    const { binding } = this.#tensorflow.backend;
    // A tensor made from an array shares its memory, so the variable must not keep it: the graph copies.
    const id = binding.createTensor([values.length], binding.TF_FLOAT, values);
    this.#assign(this.#current, name, id);
    binding.deleteTensor(id);
  }

  read(name: string): Float32Array {
    this.#piecesOf(name);
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

  dispose(): void {
    for (const { id } of this.#sessions.values()) this.#tensorflow.backend.binding.deleteSavedModel(id);
    this.#sessions.clear();
    this.#current = null;
    this.#pending.clear();
  }

  #piecesOf(name: string): Pieces {
    return piecesOf(this.#definition.state, name);
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
      else if (pending) id = binding.createTensor([pending.length], binding.TF_FLOAT, pending);
      else throw new Error(`State ${name} was never written.`);
      this.#assign(to, name, id);
      binding.deleteTensor(id);
    }
    this.#pending.clear();
    this.#current = to;
  }

  #fetchState(session: Session, name: string): number {
    const { binding } = this.#tensorflow.backend;
    const [made] = binding.runSavedModel(session.id, [], '', vectorSource(name));
    if (!made) throw new Error('The session returned nothing.');
    return made.id;
  }

  #assign(session: Session, name: string, id: number): void {
    const { binding } = this.#tensorflow.backend;
    const { feed, fetch } = settingOf(name);
    const [done] = binding.runSavedModel(session.id, [id], feed, fetch);
    if (done) binding.deleteTensor(done.id);
  }

  #checked(name: string, tensors: readonly Tensor[]): readonly Tensor[] {
    checkPieces(name, this.#piecesOf(name), tensors);
    return tensors;
  }

  #record(feeds: FeedValues): Session {
    const { tf, backend } = this.#tensorflow;
    const real = backend.binding;
    // Only where a process holds another engine as well, as a comparison of the two does.
    if (tf.getBackend() !== 'tensorflow') void tf.setBackend('tensorflow');
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
        const state: Record<string, Tensor[]> = {};
        for (const name of this.#stateNames) {
          const pieces = this.#piecesOf(name);
          writeVector(recorder, name, pieces);
          // Zeros would do for most ops but not for those that check their input; the real values cost nothing more.
          const values = this.read(name);
          let offset = 0;
          state[name] = pieces.map((shape, index) => {
            const data = values.slice(offset, (offset += elementsOf(shape)));
            const id = real.createTensor(shape, real.TF_FLOAT, data);
            recorder.declare(id, `${pieceNode(name, index)}/read:0`);
            return backend.createOutputTensor({ id, shape: [...shape], dtype: real.TF_FLOAT });
          });
        }
        backend.binding = recorder.binding;
        const { fetch, next = {}, descent } = this.#definition.body(feedTensors, state);
        const sourceOf = (tensor: Tensor): string =>
          recorder.sourceOf(backend.getInputTensorIds([tensor])[0] ?? -1);
        const result = sourceOf(fetch);
        const assigned = Object.entries(next).map(([name, tensors]) => ({
          name,
          sources: this.#checked(name, tensors).map(sourceOf),
        }));
        const descended = descent && {
          ...descent,
          sources: this.#checked(descent.weights, descent.gradients).map(sourceOf),
          rate: sourceOf(descent.rate),
        };
        if (descent?.momentum) this.#checked(descent.momentum.velocity, descent.gradients);
        const also = [result, ...assigned.flatMap(({ sources }) => sources), ...(descended?.sources ?? [])];
        const writer = new StateWriter(recorder, also);
        for (const { name, sources } of assigned) writer.assign(name, sources);
        if (descended) writer.descend(descended);
        recorder.node('Identity', [result, ...writer.waits], { T: { type: DataType.float32 } }, 'fetch');
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
