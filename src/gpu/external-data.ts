/**
 * Takes the weights out of an ONNX file without reading them.
 *
 * Bytes that are handed to the runtime pass through its wasm heap, two to three times over, and that
 * heap never shrinks. Weights that are external data are read from a Blob straight to the GPU. So the
 * graph is rewritten: every large tensor points at its own bytes in the original file.
 * Field numbers are those of https://github.com/onnx/onnx/blob/main/onnx/onnx.proto
 */
import {
  ATTRIBUTE_TENSOR,
  GRAPH_INITIALIZER,
  GRAPH_NODE,
  MODEL_GRAPH,
  NODE_ATTRIBUTE,
  NODE_OPERATOR,
  NODE_OUTPUT,
  TENSOR_NAME,
  TENSOR_RAW_DATA,
} from "./onnx-fields.ts";
import { concat, bytesField, FieldReader, numberField, textField } from "./protobuf.ts";
import type { Field } from "./protobuf.ts";

/** Smaller tensors stay: shapes and scalars, which the runtime folds while it loads. */
const SMALLEST = 1024;

const TENSOR_EXTERNAL_DATA = 13;
const TENSOR_DATA_LOCATION = 14;
const ENTRY_KEY = 1;
const ENTRY_VALUE = 2;
const LOCATION_EXTERNAL = 1;

export interface DetachedModel {
  /** The model without its large weights. */
  readonly graph: Uint8Array<ArrayBuffer>;
  /** Bytes of weights that the graph refers to in the original file. */
  readonly externalBytes: number;
}

/**
 * @param model an ONNX file; only its small parts are read
 * @param location the name under which the runtime will find the same file
 * @param changes what takes the place of fields of the graph, by the offset at which they begin
 * @throws GlyphpoolError `MODEL_INVALID`
 */
export async function detachWeights(
  model: Blob,
  location: string,
  changes: ReadonlyMap<number, Uint8Array> = new Map(),
): Promise<DetachedModel> {
  const detaching = new Detaching(model, location, changes);
  const graph = await detaching.run();
  return { graph, externalBytes: detaching.externalBytes };
}

class Detaching {
  readonly #model: Blob;
  readonly #reader: FieldReader;
  readonly #location: string;
  externalBytes = 0;

  readonly #changes: ReadonlyMap<number, Uint8Array>;

  constructor(model: Blob, location: string, changes: ReadonlyMap<number, Uint8Array>) {
    this.#changes = changes;
    this.#model = model;
    this.#reader = new FieldReader(model);
    this.#location = location;
  }

  async run(): Promise<Uint8Array<ArrayBuffer>> {
    const parts: Uint8Array[] = [];
    for await (const field of this.#reader.fields(0, this.#model.size)) {
      const isGraph = field.number === MODEL_GRAPH && field.delimited;
      parts.push(isGraph ? await this.#graph(field) : await this.#copy(field));
    }
    return concat(parts);
  }

  async #graph(graph: Field): Promise<Uint8Array> {
    const parts: Uint8Array[] = [];
    for await (const field of this.#reader.fields(graph.value, graph.end)) {
      const change = this.#changes.get(field.start);
      parts.push(change ?? (await this.#detached(field)) ?? (await this.#copy(field)));
    }
    return bytesField(MODEL_GRAPH, ...parts);
  }

  /** What takes the place of a field of the graph, where it holds a large tensor. */
  async #detached(field: Field): Promise<Uint8Array | undefined> {
    if (!field.delimited || field.end - field.value < SMALLEST) return undefined;
    if (field.number === GRAPH_INITIALIZER) return await this.#tensor(field);
    return field.number === GRAPH_NODE ? await this.#constant(field) : undefined;
  }

  /**
   * Some exporters keep their weights in Constant nodes, where external data is not allowed. The
   * runtime turns these into initialisers of the output's name anyway.
   */
  async #constant(node: Field): Promise<Uint8Array | undefined> {
    let operator = "";
    let output: Field | undefined;
    let tensor: Field | undefined;
    for await (const field of this.#reader.fields(node.value, node.end)) {
      if (field.number === NODE_OPERATOR) operator = await this.#reader.text(field);
      else if (field.number === NODE_OUTPUT) output = field;
      else if (field.number === NODE_ATTRIBUTE) {
        for await (const inner of this.#reader.fields(field.value, field.end)) {
          if (inner.number === ATTRIBUTE_TENSOR && inner.delimited) tensor = inner;
        }
      }
    }
    if (operator !== "Constant" || !output || !tensor) return undefined;
    return await this.#tensor(tensor, await this.#reader.bytes(output.value, output.end));
  }

  /**
   * The tensor as an initialiser whose data lies in the file; nothing when it has no large raw data.
   *
   * @param name replaces the tensor's own
   */
  async #tensor(tensor: Field, name?: Uint8Array): Promise<Uint8Array | undefined> {
    const parts: Uint8Array[] = [];
    let data: Field | undefined;
    for await (const field of this.#reader.fields(tensor.value, tensor.end)) {
      if (field.number === TENSOR_RAW_DATA) data = field;
      // Data that is somewhere else already, or in one of the typed lists, stays as it is.
      else if (field.number === TENSOR_EXTERNAL_DATA || field.end - field.start >= SMALLEST)
        return undefined;
      else if (field.number !== TENSOR_DATA_LOCATION && !(name && field.number === TENSOR_NAME)) {
        parts.push(await this.#copy(field));
      }
    }
    if (!data || data.end - data.value < SMALLEST) return undefined;
    const length = data.end - data.value;
    this.externalBytes += length;
    return bytesField(
      GRAPH_INITIALIZER,
      ...parts,
      ...(name ? [bytesField(TENSOR_NAME, name)] : []),
      entry("location", this.#location),
      entry("offset", String(data.value)),
      entry("length", String(length)),
      numberField(TENSOR_DATA_LOCATION, LOCATION_EXTERNAL),
    );
  }

  async #copy(field: Field): Promise<Uint8Array> {
    return await this.#reader.bytes(field.start, field.end);
  }
}

function entry(key: string, value: string): Uint8Array {
  return bytesField(TENSOR_EXTERNAL_DATA, textField(ENTRY_KEY, key), textField(ENTRY_VALUE, value));
}
