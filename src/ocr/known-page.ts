/** Text that was known before: of an earlier read, or a document's own. */
import type { KnownText } from "../options/structure.ts";
import type { Line, Point, Quad, RgbaImage, Word } from "../types.ts";
import type { PipelineResult } from "./pipeline.ts";

/** The page as the pipeline would give it, its polygons in the frame of this picture. */
export function knownPage(known: KnownText, { width, height }: RgbaImage): PipelineResult {
  const [sx, sy] = [width / known.width, height / known.height];
  const move = (polygon: Quad): Quad =>
    polygon.map(([x, y]): Point => [x * sx, y * sy]) as unknown as Quad;
  const moveWord = (word: Word): Word => ({ ...word, polygon: move(word.polygon) });
  const lines = known.lines.map((line): Line => ({
    ...line,
    polygon: move(line.polygon),
    ...(line.words ? { words: line.words.map(moveWord) } : {}),
  }));
  return {
    width,
    height,
    rotation: known.rotation,
    text: lines.map((line) => line.text).join("\n"),
    lines,
    timings: { detect: 0, orient: 0, recognize: 0, inference: 0 },
  };
}
