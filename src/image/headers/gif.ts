/** GIF: the logical screen and the place of the first frame in the file. */
import { ByteReader } from "../byte-reader.ts";
import { corrupt } from "../failure.ts";
import type { StoredHeader } from "./stored.ts";

/** The first frame of a GIF; offsets point into the file. */
export interface GifFrame {
  /** Canvas size: the logical screen, grown to the first frame as browsers do. */
  readonly width: number;
  readonly height: number;
  readonly left: number;
  readonly top: number;
  readonly frameWidth: number;
  readonly frameHeight: number;
  readonly interlaced: boolean;
  /** Offset and number of colours of the palette in force; no colours when there is none. */
  readonly palette: number;
  readonly colours: number;
  /** Palette index that is see-through, if any. */
  readonly transparent: number | undefined;
  /** Offset of the LZW minimum code size; the sub-blocks follow. */
  readonly data: number;
}

const SCREEN_END = 13;
const EXTENSION = 0x21;
const GRAPHIC_CONTROL = 0xf9;
const IMAGE = 0x2c;
const TRAILER = 0x3b;

function coloursOf(flags: number): number {
  return flags & 0x80 ? 2 << (flags & 7) : 0;
}

/** Offset behind a chain of sub-blocks; throws when the chain is cut. */
export function skipSubBlocks(reader: ByteReader, start: number): number {
  let offset = start;
  for (let size = reader.u8(offset); size !== 0; size = reader.u8(offset)) offset += size + 1;
  return offset + 1;
}

/** Walks to the first image descriptor. */
export function readGifFrame(bytes: Uint8Array): GifFrame {
  const reader = new ByteReader(bytes, "the GIF");
  const screenFlags = reader.u8(10);
  reader.need(0, SCREEN_END);
  const globalColours = coloursOf(screenFlags);
  let transparent: number | undefined;
  let offset = SCREEN_END + globalColours * 3;
  while (true) {
    const block = reader.u8(offset);
    if (block === IMAGE) break;
    if (block === TRAILER) throw corrupt("the GIF holds no frame");
    if (block === EXTENSION) {
      if (reader.u8(offset + 1) === GRAPHIC_CONTROL && reader.u8(offset + 2) >= 4) {
        transparent = reader.u8(offset + 3) & 1 ? reader.u8(offset + 6) : undefined;
      }
      offset = skipSubBlocks(reader, offset + 2);
    } else if (block === 0) {
      offset++; // stray terminators occur in the wild and every browser skips them
    } else {
      throw corrupt(`the GIF has an unknown block 0x${block.toString(16)}`);
    }
  }
  const left = reader.u16(offset + 1, true);
  const top = reader.u16(offset + 3, true);
  const frameWidth = reader.u16(offset + 5, true);
  const frameHeight = reader.u16(offset + 7, true);
  const flags = reader.u8(offset + 9);
  const localColours = coloursOf(flags);
  return {
    width: Math.max(reader.u16(6, true), left + frameWidth),
    height: Math.max(reader.u16(8, true), top + frameHeight),
    left,
    top,
    frameWidth,
    frameHeight,
    interlaced: (flags & 0x40) !== 0,
    palette: localColours > 0 ? offset + 10 : SCREEN_END,
    colours: localColours > 0 ? localColours : globalColours,
    transparent,
    data: offset + 10 + localColours * 3,
  };
}

export function readGifHeader(bytes: Uint8Array): StoredHeader {
  const { width, height } = readGifFrame(bytes);
  return { width, height };
}
