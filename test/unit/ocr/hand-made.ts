/** Models whose answers a test writes by hand, and small pictures to feed them. */
import { expect } from "vitest";
import {
  detectionParams,
  LCNET_ORIENTATION,
  recognitionParams,
} from "../../../src/catalog/presets/families.ts";
import type {
  DetectionModel,
  DetectionParams,
  Model,
  ModelSet,
  ModelVariant,
  OrientationModel,
  OrientationParams,
  RecognitionModel,
  RecognitionParams,
} from "../../../src/catalog/manifest/manifest.ts";
import { CTC_HEAD } from "../../../src/gpu/ctc-head.ts";
import type { Tensor } from "../../../src/gpu/tensor.ts";
import type { ModelLease, ModelSource } from "../../../src/models/lease.ts";
import { faintSpaceClass } from "../../../src/models/recogniser.ts";
import { bestClasses } from "../../../src/ocr/ctc.ts";
import type { Point, Quad, Rect, RgbaImage } from "../../../src/types.ts";

/** What a network does with its one input; `undefined` is a network without the expected output. */
export type Answer = (input: Tensor) => Tensor | undefined;

const base = {
  license: "Apache-2.0",
  variants: [
    { precision: "fp32", onnx: { name: "m.onnx", url: "https://models.test/m.onnx" } },
  ] as [ModelVariant],
};

/** A detector that neither scales nor grows: map pixels are image pixels, boxes are as drawn. */
export function detector(params: Partial<DetectionParams> = {}): DetectionModel {
  const bare = { limitType: "max", limitSide: 960, unclipRatio: 0 } as const;
  return {
    ...base,
    id: "det",
    role: "detection",
    params: { ...detectionParams("v6"), ...bare, ...params },
  };
}

export function recogniser(params: Partial<RecognitionParams> = {}): RecognitionModel {
  return {
    ...base,
    id: "rec",
    role: "recognition",
    params: { ...recognitionParams("v6"), ...params },
    languages: ["en"],
  };
}

export function classifier(params: Partial<OrientationParams> = {}): OrientationModel {
  return { ...base, id: "ori", role: "orientation", params: { ...LCNET_ORIENTATION, ...params } };
}

export function modelSet(
  detection: DetectionModel,
  recognition: RecognitionModel,
  orientation?: OrientationModel,
): ModelSet {
  const set = { schema: 1, name: "hand-made", detection, recognition } as const;
  return orientation === undefined ? set : { ...set, orientation };
}

/** The blank, letters and a space: class 0 is the blank, 1 is "a", 26 is "z", 27 is the space. */
export const ALPHABET: readonly string[] = ["", ...Array.from("abcdefghijklmnopqrstuvwxyz"), " "];

export function lease<M extends Model>(
  model: M,
  answer: Answer,
  alphabet: readonly string[] = ALPHABET,
  onDispose: () => void = () => undefined,
): ModelLease<M> {
  return {
    model,
    alphabet,
    session: {
      backend: "webgpu",
      inputNames: ["x"],
      outputNames: ["y"],
      run: async (feeds) => {
        expect(Object.keys(feeds)).toEqual(["x"]);
        const input = feeds["x"] as Tensor;
        expect(input.data.length).toBe(input.dims.reduce((a, b) => a * b, 1));
        const output = answer(input);
        return output === undefined ? {} : { y: output };
      },
    },
    [Symbol.dispose]: onDispose,
  };
}

/** The same recogniser, its graph choosing the best classes itself. */
export function withHead(original: ModelLease<RecognitionModel>): ModelLease<RecognitionModel> {
  const { session, model, alphabet } = original;
  const space = faintSpaceClass(model.params, alphabet);
  const { space: spaces, ...always } = CTC_HEAD;
  const added = [...Object.values(always), ...(space === undefined ? [] : [spaces])];
  return {
    ...original,
    session: {
      ...session,
      outputNames: ["y", ...added],
      run: async (feeds, outputs) => {
        expect(outputs?.toSorted()).toEqual(added.toSorted());
        const { y } = await session.run(feeds);
        if (!y) return {};
        const dims = y.dims.slice(0, 2);
        const steps = bestClasses(y.data, y.dims.at(-1) as number, space);
        return {
          [CTC_HEAD.shape]: { data: Float32Array.from(y.dims), dims: [y.dims.length] },
          [CTC_HEAD.best]: { data: steps.best, dims },
          [CTC_HEAD.probability]: { data: steps.probability, dims },
          ...(steps.space ? { [CTC_HEAD.space]: { data: steps.space, dims } } : {}),
        };
      },
    },
    [Symbol.dispose]: () => original[Symbol.dispose](),
  };
}

/** Hands out leases by role and keeps count of them. */
export class HandMadeModels implements ModelSource {
  readonly acquired: string[] = [];
  readonly signals: (AbortSignal | undefined)[] = [];
  /** Leases handed out and not yet disposed; negative when one was disposed twice. */
  open = 0;
  readonly #answers: Partial<Record<Model["role"], Answer>>;

  constructor(answers: Partial<Record<Model["role"], Answer>>) {
    this.#answers = answers;
  }

  async acquire<M extends Model>(model: M, signal?: AbortSignal): Promise<ModelLease<M>> {
    this.acquired.push(model.role);
    this.signals.push(signal);
    const answer = this.#answers[model.role];
    if (answer === undefined) throw new Error(`no ${model.role} here`);
    this.open++;
    return lease(model, answer, ALPHABET, () => {
      this.open--;
    });
  }
}

/** A picture in one colour (grey when one number is given). */
export function plain(width: number, height: number, colour: Colour = 255): RgbaImage {
  const image = { data: new Uint8ClampedArray(width * height * 4), width, height };
  paint(image, { x: 0, y: 0, width, height }, colour);
  return image;
}

export type Colour = number | readonly [red: number, green: number, blue: number];

export function paint(image: RgbaImage, part: Rect, colour: Colour): void {
  const [r, g, b] = typeof colour === "number" ? [colour, colour, colour] : colour;
  for (let y = part.y; y < part.y + part.height; y++) {
    for (let x = part.x; x < part.x + part.width; x++) {
      image.data.set([r, g, b, 255], (y * image.width + x) * 4);
    }
  }
}

/** A probability map with rectangles of pixels; `part` covers columns x … x + width − 1. */
export function probabilityMap(
  width: number,
  height: number,
  parts: readonly (Rect & { readonly p?: number })[],
): Float32Array {
  const map = new Float32Array(width * height);
  for (const { x, y, width: w, height: h, p = 1 } of parts) {
    for (let row = y; row < y + h; row++) {
      map.fill(p, row * width + x, row * width + x + w);
    }
  }
  return map;
}

/** A CTC output of `steps` steps: character `i` is chosen at step 2i with probability `p`. */
export function ctcRow(text: string, p: number, steps: number): Float32Array {
  const data = new Float32Array(steps * ALPHABET.length);
  for (let t = 0; t < steps; t++) {
    const character = t % 2 === 0 ? text[t / 2] : undefined;
    const index = character === undefined ? 0 : ALPHABET.indexOf(character);
    data[t * ALPHABET.length + index] = character === undefined ? 1 : p;
  }
  return data;
}

/** The corners of an upright rectangle, clockwise from the top left. */
export function box(x: number, y: number, width: number, height: number): Quad {
  return [
    [x, y],
    [x + width, y],
    [x + width, y + height],
    [x, y + height],
  ];
}

/** Turns points about the origin, clockwise on screen. */
export function turn<P extends readonly Point[]>(points: P, radians: number): P {
  const [cos, sin] = [Math.cos(radians), Math.sin(radians)];
  return points.map(([x, y]) => [x * cos - y * sin, x * sin + y * cos]) as unknown as P;
}

export function expectPoints(
  actual: readonly Point[],
  expected: readonly Point[],
  digits: number = 4,
): void {
  expect(actual).toHaveLength(expected.length);
  actual.forEach((point, i) => {
    const [x, y] = expected[i] as Point;
    expect(point[0], `x of corner ${i}`).toBeCloseTo(x, digits);
    expect(point[1], `y of corner ${i}`).toBeCloseTo(y, digits);
  });
}

/** Rows of `valueAt(x, y)`. */
export function table(
  width: number,
  height: number,
  valueAt: (x: number, y: number) => number,
): number[][] {
  const row = (y: number): number[] => Array.from({ length: width }, (_, x) => valueAt(x, y));
  return Array.from({ length: height }, (_, y) => row(y));
}
