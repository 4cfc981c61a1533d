import { describe, expect, it } from "vitest";
import type { Progress } from "../../../src/types.ts";
import { type PipelineContext, type PipelineResult, readImage } from "../../../src/ocr/pipeline.ts";
import {
  type Answer,
  classifier,
  detector,
  HandMadeModels,
  modelSet,
  plain,
  recogniser,
} from "./hand-made.ts";
import { classifierOf, detectorOf, page, readerOf, type Strip } from "./hand-made-page.ts";

const SET = modelSet(detector(), recogniser(), classifier());

/**
 * Boxes of 99 × 16 and 199 × 16, 19.2 with their margin: 248, 248 and 498 wide at 48, two batches (256
 * and 512). The first line is doubtful and stands on its head.
 */
const STRIPS: Strip[] = [
  {
    x: 20,
    y: 20,
    width: 100,
    height: 17,
    key: 10,
    endKey: 20,
    text: "nm",
    sure: 0.5,
    endText: "wu",
  },
  { x: 20, y: 50, width: 100, height: 17, key: 30, text: "two" },
  { x: 20, y: 80, width: 200, height: 17, key: 40, text: "three" },
];

/** The roles that read lines. */
type LineRole = "detection" | "recognition" | "orientation";

const ANSWERS: Record<LineRole, Answer> = {
  detection: detectorOf(STRIPS),
  recognition: readerOf(STRIPS),
  orientation: classifierOf([10]),
};

const read = (models: HandMadeModels, context: PipelineContext = {}): Promise<PipelineResult> =>
  readImage(page(320, 160, STRIPS), SET, models, {}, context);

/** The answers, with something done before each of them. */
const before = (role: LineRole, action: () => void): Record<LineRole, Answer> => ({
  ...ANSWERS,
  [role]: (input: Parameters<Answer>[0]) => {
    action();
    return ANSWERS[role](input);
  },
});

const ROLES: LineRole[] = ["detection", "recognition", "orientation"];

describe("abort", () => {
  it("between batches stops with ABORTED", async () => {
    const controller = new AbortController();
    let runs = 0;
    const answers = before("recognition", () => {
      if (++runs === 1) controller.abort();
    });
    const models = new HandMadeModels(answers);
    await expect(read(models, controller)).rejects.toMatchObject({
      code: "ABORTED",
      name: "AbortError",
    });
    expect(runs).toBe(1);
    expect(models.open).toBe(0);
  });

  it("before the call runs nothing", async () => {
    const nothing: Answer = () => expect.unreachable();
    const models = new HandMadeModels({ detection: nothing, recognition: nothing });
    const signal = AbortSignal.abort();
    await expect(read(models, { signal })).rejects.toMatchObject({ code: "ABORTED" });
    expect(models.open).toBe(0);
  });

  it("during detection reads nothing", async () => {
    const controller = new AbortController();
    const answers = before("detection", () => controller.abort());
    const models = new HandMadeModels({ ...answers, recognition: () => expect.unreachable() });
    await expect(read(models, controller)).rejects.toMatchObject({ code: "ABORTED" });
    expect(models.open).toBe(0);
  });

  it("reaches the loading of every model", async () => {
    const { signal } = new AbortController();
    const models = new HandMadeModels(ANSWERS);
    await read(models, { signal });
    expect(models.signals).toEqual([signal, signal, signal]);
  });
});

describe("leases", () => {
  it("are disposed on success, the detector's before the recogniser is asked for", async () => {
    const open: [string, number][] = [];
    const models: HandMadeModels = new HandMadeModels({
      detection: before("detection", () => open.push(["detection", models.open])).detection,
      recognition: before("recognition", () => open.push(["recognition", models.open])).recognition,
      orientation: before("orientation", () => open.push(["orientation", models.open])).orientation,
    });
    expect((await read(models)).text).toBe("wu\ntwo\nthree");
    expect(models.acquired).toEqual(ROLES);
    expect(open).toEqual([
      ["detection", 1],
      ["recognition", 1],
      ["recognition", 1],
      ["orientation", 2],
      ["recognition", 1],
    ]);
    expect(models.open).toBe(0);
  });

  it.each(ROLES)("are disposed when %s fails, and the error is passed on", async (role) => {
    const failure = new Error(`${role} failed`);
    const models = new HandMadeModels(
      before(role, () => {
        throw failure;
      }),
    );
    await expect(read(models)).rejects.toBe(failure);
    expect(models.open).toBe(0);
  });

  it.each(ROLES)("are disposed when the %s model cannot be loaded", async (role) => {
    const { [role]: _, ...others } = ANSWERS;
    const models = new HandMadeModels(others);
    await expect(read(models)).rejects.toThrow(`no ${role} here`);
    expect(models.open).toBe(0);
  });

  it("are disposed when the caller's progress callback throws", async () => {
    const models = new HandMadeModels(ANSWERS);
    const onProgress = ({ stage }: Progress): void => {
      if (stage === "orient") throw new Error("no more");
    };
    await expect(read(models, { onProgress })).rejects.toThrow("no more");
    expect(models.open).toBe(0);
  });
});

describe("timings", () => {
  const spin = (): void => {
    const end = performance.now() + 4;
    while (performance.now() < end);
  };

  it("hold each stage's runs, and inference is within the sum of the stages", async () => {
    const models = new HandMadeModels({
      detection: before("detection", spin).detection,
      recognition: before("recognition", spin).recognition,
      orientation: before("orientation", spin).orientation,
    });
    const { timings } = await read(models);
    expect(timings.detect).toBeGreaterThanOrEqual(4);
    expect(timings.recognize).toBeGreaterThanOrEqual(12); // two batches and one line again
    expect(timings.orient).toBeGreaterThanOrEqual(4);
    expect(timings.inference).toBeGreaterThanOrEqual(20);
    const stages = timings.detect + timings.recognize + timings.orient;
    expect(timings.inference).toBeLessThanOrEqual(stages);
  });

  it("are never negative, and 0 for what did not run", async () => {
    const image = plain(100, 20);
    const { timings } = await readImage(
      image,
      SET,
      new HandMadeModels({ detection: detectorOf([]) }),
      {},
      {},
    );
    expect(timings).toMatchObject({ orient: 0, recognize: 0 });
    expect(timings.detect).toBeGreaterThanOrEqual(timings.inference);
    expect(timings.inference).toBeGreaterThanOrEqual(0);
  });
});

describe("progress", () => {
  const follow = async (answers: Record<LineRole, Answer>): Promise<unknown[]> => {
    const seen: unknown[] = [];
    await read(new HandMadeModels(answers), {
      onProgress: ({ stage, done, total }) => seen.push([stage, done, total]),
    });
    return seen;
  };

  it("counts up through the stages to each total", async () => {
    // The lines of equal width are one batch. Nothing is turned.
    expect(await follow({ ...ANSWERS, orientation: classifierOf([]) })).toEqual([
      ["detect", 0, 1],
      ["detect", 1, 1],
      ["recognize", 0, 3],
      ["recognize", 2, 3],
      ["recognize", 3, 3],
      ["orient", 0, 1],
      ["orient", 1, 1],
    ]);
  });

  it("does not go back when a line is read again", async () => {
    const seen = await follow(ANSWERS);
    expect(seen.slice(-3)).toEqual([
      ["recognize", 3, 3],
      ["orient", 0, 1],
      ["orient", 1, 1],
    ]);
  });
});
