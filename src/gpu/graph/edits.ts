/** Changes to an ONNX file that are made while it is handed to the runtime; the file itself stays as it is. */
import { MODEL_GRAPH } from "../onnx-fields.ts";
import { bytesHead, concat, FieldReader } from "../protobuf.ts";

/** Bytes of a file that are read at once. */
const PART = 1024 * 1024;

export interface GraphEdits {
  /** What takes the place of a field of the graph, by the offset at which that field begins; empty: nothing does. */
  readonly changes: ReadonlyMap<number, Uint8Array>;
  /** Fields of a model that stand behind its bytes and are merged into it. */
  readonly addition: Uint8Array;
}

export const NO_EDITS: GraphEdits = { changes: new Map(), addition: new Uint8Array(0) };

/** Both, of one file. Where they change the same field the second wins. */
export function joinEdits(first: GraphEdits, second: GraphEdits): GraphEdits {
  return {
    changes: new Map([...first.changes, ...second.changes]),
    addition: concat([first.addition, second.addition]),
  };
}

/** A range of the file, or bytes of our own. */
type Segment = { readonly from: number; readonly to: number } | Uint8Array;

/**
 * The file with its changes, read bit by bit into the final array, so that it is never in memory twice.
 *
 * @throws GlyphpoolError `MODEL_INVALID` where there are changes and the file is not protobuf
 */
export async function readEdited(
  file: Blob,
  { changes, addition }: GraphEdits,
): Promise<Uint8Array<ArrayBuffer>> {
  const segments =
    changes.size === 0 ? [{ from: 0, to: file.size }] : await segmentsOf(file, changes);
  segments.push(addition);
  const bytes = new Uint8Array(lengthOf(segments));
  let at = 0;
  for (const segment of segments) {
    if (segment instanceof Uint8Array) {
      bytes.set(segment, at);
      at += segment.length;
      continue;
    }
    for (let from = segment.from; from < segment.to; from += PART) {
      const part = file.slice(from, Math.min(from + PART, segment.to));
      bytes.set(new Uint8Array(await part.arrayBuffer()), at);
      at += part.size;
    }
  }
  return bytes;
}

async function segmentsOf(
  file: Blob,
  changes: ReadonlyMap<number, Uint8Array>,
): Promise<Segment[]> {
  const reader = new FieldReader(file);
  const segments: Segment[] = [];
  for await (const field of reader.fields()) {
    if (field.number !== MODEL_GRAPH || !field.delimited) {
      segments.push({ from: field.start, to: field.end });
      continue;
    }
    const inside: Segment[] = [];
    let from = field.value;
    for await (const part of reader.fields(field.value, field.end)) {
      const change = changes.get(part.start);
      if (!change) continue;
      inside.push({ from, to: part.start }, change);
      from = part.end;
    }
    inside.push({ from, to: field.end });
    segments.push(bytesHead(MODEL_GRAPH, lengthOf(inside)), ...inside);
  }
  return segments;
}

function lengthOf(segments: readonly Segment[]): number {
  const length = (segment: Segment): number =>
    segment instanceof Uint8Array ? segment.length : segment.to - segment.from;
  return segments.reduce((sum, segment) => sum + length(segment), 0);
}
