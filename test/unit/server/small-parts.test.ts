import { describe, expect, it } from "vitest";
import { RESULT_FORMATS } from "../../../src/client/wire.ts";
import type { TaskEvent } from "../../../src/client/wire.ts";
import { GlyphpoolError } from "../../../src/errors.ts";
import { TEXT_FORMATS } from "../../../src/output/formats.ts";
import { eventLines } from "../../../src/server/http/event-stream.ts";
import { hasPages, isReadable } from "../../../src/server/intake/file-types.ts";
import { problemResponse, toProblem } from "../../../src/server/http/problem.ts";
import { misspelt } from "../../../src/server/process/misspelt.ts";
import { serverSettings } from "../../../src/server/process/settings.ts";
import { steadyClock } from "../../../src/server/store/clock.ts";
import { Slots } from "../../../src/server/http/slots.ts";
import { Statistics } from "../../../src/server/tasks/statistics.ts";
import { fromStoredPage, toStoredPage } from "../../../src/server/tasks/stored-page.ts";
import { checkTaskOptions } from "../../../src/server/tasks/task-options.ts";
import type { StoredTask } from "../../../src/server/store/task-store.ts";
import { displayName } from "../../../src/server/intake/upload.ts";
import { toView } from "../../../src/server/http/view.ts";
import type { DocumentPage } from "../../../src/types.ts";

const TASK: StoredTask = {
  id: "1",
  owner: "alice",
  state: "queued",
  name: undefined,
  options: {},
  bytes: 5,
  attempts: 0,
  priority: 0,
  turns: 0,
  alone: false,
  blame: 0,
  webhook: undefined,
  seq: 1,
  pagesDone: 0,
  pagesTotal: undefined,
  createdAt: 1_000,
  startedAt: undefined,
  endedAt: undefined,
  error: undefined,
};

describe("serverSettings", () => {
  it("has defaults, reads variables and takes empty ones for absent", () => {
    const variables: Record<string, string> = {
      GLYPHPOOL_PORT: "9000",
      GLYPHPOOL_MAX_BODY: "2MiB",
      GLYPHPOOL_URL_HOSTS: " a.example, ,b.example ",
      GLYPHPOOL_HOST: "",
    };
    const settings = serverSettings((name) => variables[name]);
    expect(settings).toMatchObject({
      host: "127.0.0.1",
      port: 9_000,
      maxBody: 2 * 2 ** 20,
      urlHosts: ["a.example", "b.example"],
      corsOrigins: [],
      tasks: undefined,
    });
  });

  it.each([
    ["GLYPHPOOL_PORT", "70000"],
    ["GLYPHPOOL_MAX_PAGES", "many"],
    ["GLYPHPOOL_MAX_ATTEMPTS", "0"],
    ["GLYPHPOOL_MAX_BODY", "1 potato"],
  ])("names %s when it is %s", (variable, value) => {
    const read = (): unknown => serverSettings((name) => (name === variable ? value : undefined));
    expect(read).toThrow(variable);
    expect(read).toThrow(value);
  });
});

describe("misspelt", () => {
  it("names what is no setting, and the nearest one", () => {
    const known = ["GLYPHPOOL_MAX_BODY", "GLYPHPOOL_PORT"];
    expect(misspelt(["GLYPHPOOL_PORT", "GLYPHPOOL_MAXBODY"], known)).toEqual([
      "There is no setting GLYPHPOOL_MAXBODY; it is ignored. Did you mean GLYPHPOOL_MAX_BODY?",
    ]);
    expect(misspelt(["GLYPHPOOL_SOMETHING_ELSE"], known)[0]).not.toContain("mean");
  });
});

describe("steadyClock", () => {
  it("goes on evenly when the system's clock is set back", () => {
    let [wall, steady] = [1_000_000, 50];
    const now = steadyClock(
      () => wall,
      () => steady,
    );
    wall -= 3_600_000;
    steady += 10;
    expect(now()).toBe(1_000_010);
  });
});

it("never shows the password of a database", () => {
  const url = "postgres://user:hunter2@";
  const read = (): unknown =>
    serverSettings((name) => (name === "GLYPHPOOL_DATABASE_URL" ? `x${url}` : undefined));
  expect(read).toThrow("GLYPHPOOL_DATABASE_URL");
  expect(read).not.toThrow("hunter2");
});

describe("displayName", () => {
  it.each([
    ["a.png", "a.png"],
    ["../../etc/passwd", "passwd"],
    ["C:\\temp\\a b.pdf", "a b.pdf"],
    ["a\0b\u202Egnp.exe", "abgnp.exe"],
    ["", undefined],
    ["/", undefined],
    [undefined, undefined],
    ["x".repeat(500), "x".repeat(200)],
  ])("%j becomes %j", (given, shown) => {
    expect(displayName(given)).toBe(shown);
  });
});

describe("what can be read", () => {
  const bytes = (text: string): Uint8Array => Uint8Array.from(text, (c) => c.charCodeAt(0));
  it.each([
    "\x89PNG\r\n\x1a\n....",
    "\xff\xd8\xff\xe0",
    "GIF89a",
    "BM....",
    "RIFF1234WEBPVP8 ",
    "\0\0\0\x1cftypavif",
    "II*\0",
    "MM\0*",
    "%PDF-1.7",
    "some bytes\n%PDF-1.4",
  ])("%j", (head) => {
    expect(isReadable(bytes(head))).toBe(true);
  });
  it.each(["", "x", "<svg", "PK\x03\x04", "RIFF1234WAVE", "\x89PN", "\0\0\0\x1cftypheic"])(
    "not %j",
    (head) => {
      expect(isReadable(bytes(head))).toBe(false);
    },
  );
  it("tells documents of several pages", () => {
    expect(hasPages(bytes("%PDF-1.7"))).toBe(true);
    expect(hasPages(bytes("\xff\xd8\xff"))).toBe(false);
  });
});

it("offers every format that there is", () => {
  expect([...RESULT_FORMATS].toSorted()).toEqual([...TEXT_FORMATS, "pdf"].toSorted());
});

describe("checkTaskOptions", () => {
  it("takes those of a document, and nothing for none", () => {
    expect(checkTaskOptions(undefined, 1_000)).toEqual({});
    expect(checkTaskOptions({ dpi: 150, pages: "1-2" }, 1_000)).toEqual({ dpi: 150, pages: "1-2" });
  });
  it.each([
    [[]],
    [{ pages: "0" }],
    [{ pages: "1-3,r0" }],
    [{ language: "../../etc/passwd" }],
    [{ priority: 3 }],
    ["text"],
    [{ signal: {} }],
    [{ onProgress: "x" }],
    [{ group: 1 }],
    [{ priority: 1 }],
    [{ dpi: "x" }],
    [{ colour: 1 }],
    [{ onUpdate: "x" }],
    [{ tables: "defer" }],
    [{ deadline: 0 }],
    [{ deadline: 1_001 }],
  ])("refuses %j", (options) => {
    expect(() => checkTaskOptions(options, 1_000)).toThrow(
      expect.objectContaining({ code: "INVALID_OPTION" }),
    );
  });
});

describe("stored pages", () => {
  const page: DocumentPage = {
    number: 2,
    source: "ocr",
    width: 10,
    height: 20,
    rotation: 0,
    text: "a\0b",
    lines: [],
    timings: { decode: 0, detect: 0, orient: 0, recognize: 0, inference: 0, total: 1 },
  };

  it("come back as they were", () => {
    expect(fromStoredPage(toStoredPage(page))).toEqual(page);
    const warned: DocumentPage = {
      ...page,
      warnings: [{ code: "PICTURES_NOT_READ", message: "A cut." }],
    };
    expect(fromStoredPage(toStoredPage(warned))).toEqual(warned);
  });

  it("keep why they could not be read", () => {
    const error = new GlyphpoolError("IMAGE_CORRUPT", "damaged");
    const back = fromStoredPage(toStoredPage({ ...page, error }));
    expect(back.error).toBeInstanceOf(GlyphpoolError);
    expect(back.error).toMatchObject({ code: "IMAGE_CORRUPT", message: "damaged" });
  });

  it("have no pictures", () => {
    const image = { data: new Uint8Array(4), width: 1, height: 1 };
    const polygon = [
      [0, 0],
      [1, 0],
      [1, 1],
      [0, 1],
    ] as const;
    const block = {
      type: "figure",
      polygon,
      order: 0,
      confidence: 1,
      text: "",
      lines: [],
    } as const;
    const stored = toStoredPage({ ...page, blocks: [{ ...block, lines: [], image }] });
    expect(fromStoredPage(stored).blocks).toEqual([block]);
  });
});

describe("toView", () => {
  it("tells how long a task has waited and run", () => {
    const queued = toView(TASK, 3, 1_500);
    expect(queued).toMatchObject({ position: 3, timings: { queued: 500 } });
    expect(queued).not.toHaveProperty("startedAt");
    const running = { ...TASK, state: "running", startedAt: 2_000 } as const;
    expect(toView(running, undefined, 2_600).timings).toEqual({ queued: 1_000, running: 600 });
    const ended = { ...running, state: "succeeded", endedAt: 2_400 } as const;
    expect(toView(ended, undefined, 9_999).timings).toEqual({ queued: 1_000, running: 400 });
    expect(toView({ ...TASK, state: "cancelled", endedAt: 1_200 }, undefined, 9).timings).toEqual({
      queued: 200,
    });
  });
});

describe("problems", () => {
  it("tell nothing of what we did not foresee", async () => {
    const response = problemResponse(toProblem(new TypeError("at /home/secret.ts")));
    expect(response.status).toBe(500);
    expect(await response.text()).not.toContain("secret");
  });

  it("carry when to come back", () => {
    const response = problemResponse(toProblem(new GlyphpoolError("QUEUE_FULL", "full")));
    expect(response.status).toBe(429);
    expect(Number(response.headers.get("Retry-After"))).toBeGreaterThan(0);
  });
});

describe("Slots", () => {
  it("refuses one too many, and counts each release once", () => {
    const slots = new Slots(2, "uploads");
    const first = slots.take("a");
    slots.take("a");
    expect(() => slots.take("a")).toThrow("2 uploads");
    first[Symbol.dispose]();
    first[Symbol.dispose]();
    expect(slots.used).toBe(1);
  });

  it("leaves something for other owners", () => {
    const slots = new Slots(4, "reads", 2);
    slots.take("a");
    slots.take("a");
    expect(() => slots.take("a")).toThrow("You have 2 reads");
    slots.take("b");
    expect(slots.used).toBe(3);
  });

  it("releases what has failed", async () => {
    const slots = new Slots(1, "reads");
    await expect(slots.use("a", () => Promise.reject(new Error("no")))).rejects.toThrow("no");
    expect(await slots.use("a", async () => slots.used)).toBe(1);
    expect(slots.used).toBe(0);
  });
});

describe("Statistics", () => {
  it("tells pages per second over the last minute", () => {
    let now = 0;
    const statistics = new Statistics(() => now);
    now = 10_000;
    for (let i = 0; i < 30; i++) statistics.page("read");
    expect(statistics.pagesPerSecond).toBeCloseTo(3);
    now = 65_000;
    expect(statistics.pagesPerSecond).toBeCloseTo(0.5);
    now = 80_000;
    expect(statistics.pagesPerSecond).toBe(0);
    expect(statistics.counts("pages").get("read")).toBe(30);
  });

  it("knows how long tasks take, the latest above all", () => {
    const statistics = new Statistics();
    expect(statistics.secondsPerTask).toBe(1);
    statistics.took(2_000);
    expect(statistics.secondsPerTask).toBe(2);
    statistics.took(4_000);
    expect(statistics.secondsPerTask).toBeCloseTo(2.2);
  });
});

describe("eventLines", () => {
  const never = new AbortController().signal;
  const event = (id: number, type: "queued" | "done"): TaskEvent => {
    const at = "2026-01-01T00:00:00.000Z";
    if (type === "queued") return { id, at, type, attempts: 0 };
    return { id, at, type, state: "succeeded", pages: 1 };
  };

  async function collect(
    all: readonly TaskEvent[],
    after: number,
    task: StoredTask | undefined,
  ): Promise<string> {
    let text = "";
    const store = {
      pollInterval: 5,
      events: async (_id: string, last: number) => all.filter(({ id }) => id > last),
      get: async () => task,
      changed: async () => undefined,
    };
    for await (const lines of eventLines(store, "1", after, never)) text += lines;
    return text;
  }

  it("sends what came after the last one that is known, and ends after the end", async () => {
    const all = [event(1, "queued"), event(2, "done")];
    const text = await collect(all, 0, TASK);
    expect(text).toContain('id: 1\nevent: queued\ndata: {"id":1');
    expect(text).toContain("id: 2\nevent: done\n");
    expect(await collect(all, 1, TASK)).not.toContain("id: 1\n");
  });

  it("ends for who has seen the end, and when the task is deleted", async () => {
    const ended = { ...TASK, state: "succeeded", endedAt: 1 } as const;
    expect(await collect([event(1, "queued"), event(2, "done")], 2, ended)).not.toContain("id:");
    expect(await collect([], 0, undefined)).not.toContain("id:");
  });
});
