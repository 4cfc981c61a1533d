/**
 * AVIF: size and orientation of the primary item. The orientation is that of the `irot` and `imir`
 * properties; EXIF inside AVIF must be ignored by the standard, and is by Chromium.
 */
import { ByteReader } from "../byte-reader.ts";
import type { Orientation } from "./exif.ts";
import { corrupt } from "../failure.ts";
import type { StoredHeader } from "./stored.ts";

/** A box of the container: `start` and `end` enclose its content. */
export interface Box {
  readonly type: string;
  readonly start: number;
  readonly end: number;
}

/** The boxes between two offsets. A box that is longer than its parent is damage. */
export function* boxes(reader: ByteReader, from: number, to: number): Generator<Box> {
  let offset = from;
  while (offset + 8 <= to) {
    const short = reader.u32(offset);
    const head = short === 1 ? 16 : 8;
    let size = short;
    if (short === 1) size = reader.u32(offset + 8) * 2 ** 32 + reader.u32(offset + 12);
    if (short === 0) size = to - offset;
    const type = reader.text(offset + 4);
    if (size < head || offset + size > to) throw corrupt(`the AVIF box "${type}" is cut short`);
    yield { type, start: offset + head, end: offset + size };
    offset += size;
  }
}

/** Whether the brands of the `ftyp` box name AVIF; HEIC has the same container. */
export function isAvif(bytes: Uint8Array): boolean {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const end = Math.min(view.getUint32(0), view.byteLength, 256);
  for (let offset = 8; offset + 4 <= end; offset += 4) {
    const brand = String.fromCharCode(...bytes.subarray(offset, offset + 4));
    if (brand === "avif" || brand === "avis") return true;
  }
  return false;
}

function child(reader: ByteReader, parent: Box, type: string, skip = 0): Box {
  for (const box of boxes(reader, parent.start + skip, parent.end)) {
    if (box.type === type) return box;
  }
  throw corrupt(`the AVIF has no "${type}" box`);
}

/** One-based property numbers of an item. */
function associations(reader: ByteReader, ipma: Box, item: number): number[] {
  const wideIds = reader.u8(ipma.start) > 0;
  const wideNumbers = (reader.u8(ipma.start + 3) & 1) !== 0;
  let offset = ipma.start + 8;
  for (let left = reader.u32(ipma.start + 4); left > 0; left--) {
    const id = wideIds ? reader.u32(offset) : reader.u16(offset);
    offset += wideIds ? 4 : 2;
    const count = reader.u8(offset++);
    const numbers = Array.from({ length: count }, (_, i) =>
      wideNumbers ? reader.u16(offset + i * 2) & 0x7fff : reader.u8(offset + i) & 0x7f,
    );
    if (id === item) return numbers;
    offset += count * (wideNumbers ? 2 : 1);
  }
  return [];
}

/** By quarter turns anticlockwise: without mirror, then flipped (axis 0), then mirrored (axis 1). */
const ORIENTATIONS: readonly (readonly [Orientation, Orientation, Orientation])[] = [
  [1, 4, 2],
  [8, 5, 7],
  [3, 2, 4],
  [6, 7, 5],
];

export function readAvifHeader(bytes: Uint8Array): StoredHeader {
  const reader = new ByteReader(bytes, "the AVIF header");
  const file: Box = { type: "file", start: 0, end: reader.length };
  const meta = child(reader, file, "meta");
  const pitm = child(reader, meta, "pitm", 4);
  const item =
    reader.u8(pitm.start) === 0 ? reader.u16(pitm.start + 4) : reader.u32(pitm.start + 4);
  const iprp = child(reader, meta, "iprp", 4);
  const ipco = child(reader, iprp, "ipco");
  const properties = [...boxes(reader, ipco.start, ipco.end)];
  let size: { width: number; height: number } | undefined;
  let turns = 0;
  let mirror = 0;
  for (const number of associations(reader, child(reader, iprp, "ipma"), item)) {
    const box = properties[number - 1];
    if (box?.type === "ispe") {
      size = { width: reader.u32(box.start + 4), height: reader.u32(box.start + 8) };
    } else if (box?.type === "irot") turns = reader.u8(box.start) & 3;
    else if (box?.type === "imir") mirror = 1 + (reader.u8(box.start) & 1);
  }
  if (size === undefined) throw corrupt("the AVIF does not tell its size");
  return { ...size, orientation: ORIENTATIONS[turns]?.[mirror] ?? 1 };
}
