/** Looks at a picture tile by tile, at a scale that would be too large for the network in one piece. */
import type { DetectionModel } from "../catalog/manifest/manifest.ts";
import type { ModelLease } from "../models/lease.ts";
import type { Rect } from "../types.ts";
import { type Frame, probabilityMap } from "./frame.ts";

export interface TileOptions {
  /** Bound for the pixels of one tile. */
  readonly maxPixels: number;
  /** Whether there may be something in a rectangle of the frame; tiles in which there is nothing are left out. */
  readonly wanted: (rect: Rect) => boolean;
  /** Called before each tile; may throw to stop. */
  readonly onLook: (done: number, total: number) => void;
}

export interface TiledMap {
  /** Probabilities 0–255, row-major `[height, width]`; 0 where nobody looked. */
  readonly map: Uint8Array;
  readonly width: number;
  readonly height: number;
  /** How many tiles were looked at. */
  readonly count: number;
  /** Whether the scale is smaller than was asked for. */
  readonly reduced: boolean;
}

/** Bound for the map: a byte for each of its pixels. */
const MAX_MAP = 64_000_000;

/** Pixels of a tile's edge that are looked at but not used: the network sees too little around them. */
const MARGIN = 64;

/** Larger tiles save little of the margins, and cost memory. */
const MAX_TILE = 1_000_000;

/**
 * The maps of overlapping tiles, put together to one: lines that cross a seam are whole in it.
 *
 * @param scale pixels of the map per pixel of the frame
 */
export async function lookAtTiles(
  frame: Frame,
  scale: number,
  lease: ModelLease<DetectionModel>,
  { maxPixels, wanted, onLook }: TileOptions,
): Promise<TiledMap> {
  const { multiple, maxSide } = lease.model.params;
  const pixels = frame.width * frame.height;
  const used = Math.min(scale, Math.sqrt(MAX_MAP / pixels));
  const width = Math.ceil(frame.width * used);
  const height = Math.ceil(frame.height * used);
  const map = new Uint8Array(width * height);
  const tile = tileSize(width, height, Math.min(maxPixels, MAX_TILE), multiple, maxSide);

  const toFrame = (rect: Rect): Rect => ({
    x: (rect.x * frame.width) / width,
    y: (rect.y * frame.height) / height,
    width: (rect.width * frame.width) / width,
    height: (rect.height * frame.height) / height,
  });
  const tiles = spans(height, tile.height).flatMap((down) =>
    spans(width, tile.width).map((across) => ({ across, down })),
  );
  const looks = tiles.filter(({ across, down }) =>
    wanted(
      toFrame({
        x: across.from,
        y: down.from,
        width: across.to - across.from,
        height: down.to - down.from,
      }),
    ),
  );
  for (const [i, { across, down }] of looks.entries()) {
    onLook(i, looks.length);
    const rect = {
      x: across.start,
      y: down.start,
      width: Math.min(tile.width, width),
      height: Math.min(tile.height, height),
    };
    const part = await probabilityMap(frame, toFrame(rect), tile.width, tile.height, lease);
    // A picture that is smaller than a tile is stretched to it, by less than `multiple` pixels.
    const stepX = tile.width / rect.width;
    const stepY = tile.height / rect.height;
    for (let y = down.from; y < down.to; y++) {
      const row = Math.floor((y - down.start) * stepY) * tile.width;
      for (let x = across.from; x < across.to; x++) {
        const value = part[row + Math.floor((x - across.start) * stepX)] as number;
        map[y * width + x] = Math.round(255 * value);
      }
    }
  }
  return { map, width, height, count: looks.length, reduced: used < scale };
}

/** One size for all tiles, because each shape costs WebGPU a compilation; narrow pictures get long tiles. */
function tileSize(
  width: number,
  height: number,
  maxPixels: number,
  multiple: number,
  maxSide: number,
): { readonly width: number; readonly height: number } {
  const up = (side: number): number => Math.ceil(side / multiple) * multiple;
  const down = (side: number): number => Math.max(multiple, Math.floor(side / multiple) * multiple);
  const least = 4 * MARGIN;
  const side = Math.max(least, down(Math.sqrt(maxPixels)));
  const most = (other: number): number =>
    Math.max(least, Math.min(down(maxSide), down(maxPixels / other)));
  if (width <= height) {
    const across = Math.min(up(width), side);
    return { width: across, height: Math.min(up(height), most(across)) };
  }
  const tall = Math.min(up(height), side);
  return { width: Math.min(up(width), most(tall)), height: tall };
}

interface Span {
  /** Where the tile starts. */
  readonly start: number;
  /** What of it is used, up to `to`. */
  readonly from: number;
  readonly to: number;
}

/** Tiles along one side: they overlap by their margins, and the last one ends with the picture. */
function spans(length: number, tile: number): Span[] {
  if (length <= tile) return [{ start: 0, from: 0, to: length }];
  const count = Math.ceil((length - 2 * MARGIN) / (tile - 2 * MARGIN));
  const starts = Array.from({ length: count }, (_, i) =>
    Math.round((i * (length - tile)) / (count - 1)),
  );
  // Neighbours meet in the middle of what they share.
  const seam = (i: number): number =>
    Math.round(((starts[i] as number) + (starts[i - 1] as number) + tile) / 2);
  return starts.map((start, i) => ({
    start,
    from: i === 0 ? 0 : seam(i),
    to: i === count - 1 ? length : seam(i + 1),
  }));
}
