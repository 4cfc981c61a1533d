/** Draws pictures of any size with known text: the same seed gives the same picture. */
import { createCanvas } from "@napi-rs/canvas";

/** One kind of picture. Sizes in pixels. */
export interface Cell {
  readonly width: number;
  readonly height: number;
  /** Size of the font. */
  readonly letter: number;
  readonly dark: boolean;
}

export interface Drawn {
  readonly data: Uint8ClampedArray;
  readonly width: number;
  readonly height: number;
  /** Its words, line by line. */
  readonly truth: readonly string[];
}

const WORDS =
  `account address after amount answer balance bottle bridge butter careful castle change circle
  city claim clear coffee copper corner cotton country current daily danger decide degree delivery
  detail dinner doctor double early east effect eight energy engine enough entry equal event exact
  family farmer figure final finger flower forest forward garden gentle glass gold green ground
  guard happy harbor heavy height honest horse house hundred island issue jacket journal kettle
  kitchen label ladder large lawyer learn leather length letter level light limit liquid listen
  local machine manage market master matter measure member metal middle minute mirror modern
  moment money month morning mother motion mountain narrow nature needle number object office
  orange order paper partner pattern people person picture plain planet plastic player point
  police pocket power present price profit public purple quality quarter question quick quiet
  railway random reason record region repair report result return river rubber sailor sample
  school science season second secret section service seven shadow sheet shelter silver simple
  single sister smooth sound south special spring square stamp station steel stone storm street
  strong student summer supply surface switch system table tailor target teacher theory thread
  ticket timber tomato total town travel triangle truck twelve uncle under union valley value
  vessel village violet visit voice volume wagon water weather weight window winter wisdom wonder
  yellow yesterday young zebra`.split(/\s+/);

const FONTS = ["DejaVu Sans", "DejaVu Serif", "DejaVu Sans Condensed", "DejaVu Sans Mono"];

/** Mulberry32: numbers from 0 to 1. */
export function random(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = state;
    t = Math.imul(t ^ (t >>> 15), t | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** Lines of words from top to bottom; large sheets get clusters of lines with much empty paper between them. */
export function draw({ width, height, letter, dark }: Cell, seed: number): Drawn {
  const next = random(seed);
  const pick = <T>(list: readonly T[]): T => list[Math.floor(next() * list.length)] as T;
  const canvas = createCanvas(width, height);
  const context = canvas.getContext("2d");
  const paper = Math.round(next() * 30);
  const ink = Math.round(next() * 60);
  const grey = (value: number): string => `rgb(${value},${value},${value})`;
  context.fillStyle = grey(dark ? paper : 255 - paper);
  context.fillRect(0, 0, width, height);
  context.fillStyle = grey(dark ? 255 - ink : ink);
  context.font = `${letter}px "${pick(FONTS)}"`;
  context.textBaseline = "alphabetic";
  const pitch = letter * (1.5 + next());
  const margin = Math.min(letter, width / 20);
  const truth: string[] = [];
  // So many lines that a picture takes seconds, not minutes, spread over its whole height.
  const rows = Math.max(1, Math.floor((height - letter * 0.6) / pitch));
  const words = (): string => (next() < 0.2 ? String(Math.floor(next() * 1e5)) : pick(WORDS));
  const share = Math.min(1, 90 / rows);
  for (let row = 0; row < rows; row++) {
    if (next() > share) continue;
    const y = rows === 1 ? (height + letter * 0.7) / 2 : letter * 1.1 + row * pitch;
    let x = margin + (width > 40 * letter ? next() * (width - 30 * letter) * 0.9 : 0);
    // A wide sheet has parts of lines, a panorama of one line is filled to its end.
    const most = rows > 3 ? 6 : Infinity;
    for (let n = 0; n < most; n++) {
      const word = words();
      const advance = context.measureText(word).width;
      if (x + advance > width - margin) break;
      context.fillText(word, x, y);
      truth.push(word);
      x += advance + context.measureText(" ").width;
    }
  }
  return { data: context.getImageData(0, 0, width, height).data, width, height, truth };
}

/** One character: cropped to its ink and `margin` pixels around it. */
export function drawCharacter(
  text: string,
  letter: number,
  margin: number,
  dark: boolean,
  font: string = "DejaVu Sans",
): Drawn {
  const measure = createCanvas(1, 1).getContext("2d");
  measure.font = `${letter}px "${font}"`;
  const box = measure.measureText(text);
  const left = Math.ceil(box.actualBoundingBoxLeft);
  const up = Math.ceil(box.actualBoundingBoxAscent);
  const width = left + Math.ceil(box.actualBoundingBoxRight) + 2 * margin;
  const height = up + Math.ceil(box.actualBoundingBoxDescent) + 2 * margin;
  const canvas = createCanvas(width, height);
  const context = canvas.getContext("2d");
  context.fillStyle = dark ? "#111" : "#fff";
  context.fillRect(0, 0, width, height);
  context.fillStyle = dark ? "#eee" : "#111";
  context.font = measure.font;
  context.fillText(text, margin + left, margin + up);
  return { data: context.getImageData(0, 0, width, height).data, width, height, truth: [text] };
}
