import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Problem, TaskView } from "../../src/client/wire.ts";
import { openApi } from "../../src/server/http/openapi.ts";
import { ended, fixture, follow, form, submit, task } from "../server/requests.ts";
import type { Answers } from "../server/requests.ts";
import { RunningServer } from "../server/running-server.ts";
import { exchange } from "../server/raw-http.ts";
import { writeTokens } from "../server/tokens.ts";
import type { TestTokens } from "../server/tokens.ts";
import { decodePng } from "../../src/image/png/decode.ts";
import { pngChunk } from "../fixtures/encode-png.ts";
import { greyTiff } from "../fixtures/grey-tiff.ts";
import { parseOpenMetrics } from "../unit/memory/parse-open-metrics.ts";

const MAX_BODY = 300_000;
/** Milliseconds without a byte after which a body is given up. */
const IDLE = 400;
const DEADLINE = 1_500;
/** Milliseconds for the headers of a request. */
const CONNECTION_IDLE = 1_000;
const TEXT = /Open\s?door\nRoom\s?42/;

let folder: string;
let server: RunningServer;
let tokens: TestTokens;
let alice: Answers;
let bob: Answers;
let operator: Answers;
let small: File;

/** The server as one of its users sees it. */
function as(headers: Record<string, string>): Answers {
  return {
    fetch: (path, init = {}) =>
      server.fetch(path, { ...init, headers: { ...headers, ...(init.headers as object) } }),
  };
}

beforeAll(async () => {
  folder = await Deno.makeTempDir({ prefix: "glyphpool-" });
  tokens = await writeTokens(folder, {
    alice: {},
    bob: { maxTasks: 1, requestsPerMinute: 10 },
    operator: { role: "operator" },
    scraper: { role: "metrics" },
  });
  server = await RunningServer.start({
    data: `${folder}/data`,
    env: {
      GLYPHPOOL_TOKENS_FILE: tokens.file,
      GLYPHPOOL_MAX_BODY: String(MAX_BODY),
      GLYPHPOOL_MAX_PIXELS: "1700000",
      GLYPHPOOL_UPLOAD_IDLE: String(IDLE),
      GLYPHPOOL_UPLOAD_DEADLINE: String(DEADLINE),
      GLYPHPOOL_CONNECTION_IDLE: String(CONNECTION_IDLE),
      GLYPHPOOL_READ_MAX_BODY: "100000",
      GLYPHPOOL_URL_HOSTS: "localhost,metadata.invalid,http://169.254.169.254,http://127.0.0.1",
      GLYPHPOOL_CORS_ORIGINS: "https://app.example",
    },
  });
  alice = as(tokens.headers["alice"] ?? {});
  bob = as(tokens.headers["bob"] ?? {});
  operator = as(tokens.headers["operator"] ?? {});
  small = await fixture("small.png");
});
afterAll(async () => {
  await server?.[Symbol.asyncDispose]();
  await Deno.remove(folder, { recursive: true });
});

describe("a task", () => {
  it("is accepted, read, followed and fetched in every format", async () => {
    const accepted = await alice.fetch("/v1/tasks", { method: "POST", body: form(small) });
    expect(accepted.status).toBe(202);
    const view = (await accepted.json()) as TaskView;
    expect(accepted.headers.get("Location")).toBe(`/v1/tasks/${view.id}`);
    expect(view).toMatchObject({ name: "small.png", bytes: small.size, pages: { done: 0 } });

    const events = await follow(alice, view.id);
    expect(events.map(({ type }) => type)).toEqual(["queued", "page", "done"]);
    expect(events[1]).toMatchObject({ number: 1, done: 1, total: 1 });
    expect(events[2]).toMatchObject({ state: "succeeded", pages: 1 });

    // HEAD is answered like GET and leaves nothing open.
    for (const path of ["events", "result"]) {
      for (let i = 0; i < 5; i++) {
        const head = await alice.fetch(`/v1/tasks/${view.id}/${path}`, { method: "HEAD" });
        expect({ status: head.status, body: await head.text() }).toEqual({ status: 200, body: "" });
      }
    }
    const figures = await (await operator.fetch("/metrics")).text();
    expect(figures).toContain('glyphpool_server_in_use{kind="streams"} 0');

    const done = await task(alice, view.id);
    expect(done).toMatchObject({ state: "succeeded", attempts: 1, pages: { done: 1, total: 1 } });
    expect(done.timings.running).toBeGreaterThan(0);

    const result = async (format: string): Promise<Response> =>
      await alice.fetch(`/v1/tasks/${view.id}/result?format=${format}`);
    const pages = (await (await result("json")).json()) as { text: string; file: string }[];
    expect(pages).toHaveLength(1);
    expect(pages[0]?.text).toMatch(TEXT);
    expect(pages[0]?.file).toBe("small.png");
    expect(await (await result("text")).text()).toMatch(TEXT);
    expect(await (await result("md")).text()).toContain("42");
    expect(await (await result("jsonl")).text()).toMatch(/^\{.*\}\n$/);
    expect(await (await result("html")).text()).toContain("42");
    expect(await (await result("hocr")).text()).toContain("ocr_line");
    expect(await (await result("alto")).text()).toContain("<String");
    expect(await (await result("tsv")).text()).toMatch(/^level\t/);
    const pdf = await result("pdf");
    expect(pdf.headers.get("Content-Type")).toBe("application/pdf");
    expect((await pdf.text()).slice(0, 5)).toBe("%PDF-");
    expect((await result("docx")).status).toBe(400);
  });

  it("of a TIFF is a searchable PDF with its pages, too", async () => {
    const picture = await decodePng(await small.bytes());
    const scans = new File([greyTiff([picture, picture])], "scans.tif");
    const { id } = await submit(alice, scans);
    expect(await ended(alice, id)).toMatchObject({ state: "succeeded" });
    const pdf = await alice.fetch(`/v1/tasks/${id}/result?format=pdf`);
    expect(pdf.status).toBe(200);
    const { id: again } = await submit(alice, new File([await pdf.blob()], "scans.pdf"));
    expect(await ended(alice, again)).toMatchObject({ pages: { done: 2, total: 2 } });
    const text = await alice.fetch(`/v1/tasks/${again}/result?format=jsonl`);
    const pages = (await text.text()).trim().split("\n");
    for (const page of pages) expect(JSON.parse(page)).toMatchObject({ source: "layer" });
  });

  it("can be followed from the last event that was seen", async () => {
    const { id } = await submit(alice, small);
    const all = await follow(alice, id);
    const rest = await follow(alice, id, { "Last-Event-ID": String(all[0]?.id) });
    expect(rest).toEqual(all.slice(1));
    expect(await follow(alice, id, { "Last-Event-ID": String(all.at(-1)?.id) })).toEqual([]);
  });

  it("is the same task when it is sent again with its key", async () => {
    const key = { "Idempotency-Key": "invoice-17" };
    const first = await submit(alice, small, { dpi: 150 }, key);
    const again = await submit(alice, small, { dpi: 150 }, key);
    expect(again.id).toBe(first.id);
    const other = await alice.fetch("/v1/tasks", {
      method: "POST",
      body: form(small, { dpi: 151 }),
      headers: key,
    });
    expect(other.status).toBe(422);
    expect(await other.json()).toMatchObject({ code: "IDEMPOTENCY_KEY_REUSED" });
  });

  it("that fails says why", async () => {
    const damaged = new File([(await small.bytes()).subarray(0, 900)], "cut.png");
    const { id } = await submit(alice, damaged);
    const view = await ended(alice, id);
    expect(view).toMatchObject({ state: "failed", error: { code: "IMAGE_CORRUPT" } });
    const result = await alice.fetch(`/v1/tasks/${id}/result`);
    expect(result.status).toBe(409);
    expect(await result.json()).toMatchObject({ code: "IMAGE_CORRUPT" });
  });

  it("is nobody else's business", async () => {
    const { id } = await submit(alice, small);
    for (const path of ["", "/result", "/events"]) {
      expect((await bob.fetch(`/v1/tasks/${id}${path}`)).status).toBe(404);
    }
    expect((await bob.fetch(`/v1/tasks/${id}`, { method: "DELETE" })).status).toBe(404);
    expect((await operator.fetch(`/v1/tasks/${id}`)).status).toBe(200);
  });

  it("is cancelled while it waits or runs, and deleted when it has ended", async () => {
    const letter = await fixture("letter.png");
    const running = await submit(alice, letter);
    const waiting = await submit(alice, letter);
    for (const { id } of [waiting, running]) {
      const response = await alice.fetch(`/v1/tasks/${id}`, { method: "DELETE" });
      expect(response.status).toBe(200);
      expect(await response.json()).toMatchObject({ state: "cancelled" });
      const events = await follow(alice, id);
      expect(events.filter(({ type }) => type === "done")).toHaveLength(1);
      expect(events.at(-1)).toMatchObject({ type: "done", state: "cancelled" });
    }
    const path = `/v1/tasks/${running.id}`;
    expect((await alice.fetch(path, { method: "DELETE" })).status).toBe(204);
    expect((await alice.fetch(path)).status).toBe(404);
    expect((await alice.fetch(path, { method: "DELETE" })).status).toBe(404);
  });

  it("has a result only when it is done", async () => {
    const { id } = await submit(alice, await fixture("letter.png"));
    const early = await alice.fetch(`/v1/tasks/${id}/result`);
    expect(early.status).toBe(409);
    expect(await early.json()).toMatchObject({ code: "TASK_NOT_DONE", retryable: true });
    await alice.fetch(`/v1/tasks/${id}`, { method: "DELETE" });
  });

  it("counts against the bounds of its token", async () => {
    const first = await submit(bob, await fixture("letter.png"));
    const second = await bob.fetch("/v1/tasks", { method: "POST", body: form(small) });
    expect(second.status).toBe(429);
    expect(Number(second.headers.get("Retry-After"))).toBeGreaterThanOrEqual(1);
    expect(await second.json()).toMatchObject({ code: "QUEUE_FULL", retryable: true });
    await bob.fetch(`/v1/tasks/${first.id}`, { method: "DELETE" });
    const statuses = new Set<number>();
    for (let i = 0; i < 10; i++) statuses.add((await bob.fetch("/v1/tasks/x")).status);
    expect([...statuses]).toEqual([404, 429]);
  });
});

describe("a synchronous read", () => {
  it("answers with the text, and keeps nothing", async () => {
    const read = (format: string): Promise<Response> =>
      alice.fetch(`/v1/read?format=${format}`, { method: "POST", body: form(small) });
    expect(await (await read("text")).text()).toMatch(TEXT);
    expect(await (await read("json")).json()).toMatchObject([{ page: 1, width: 160 }]);
    expect((await (await read("pdf")).text()).slice(0, 5)).toBe("%PDF-");
    const left: string[] = [];
    for await (const { name } of Deno.readDir(`${folder}/data/incoming`)) left.push(name);
    expect(left).toEqual([]);
  });

  it("ends when its client goes away, and nothing else does", async () => {
    const other = submit(alice, small);
    const gone = new AbortController();
    const reading = alice.fetch("/v1/read", {
      method: "POST",
      body: form(await fixture("article.png")),
      signal: gone.signal,
    });
    reading.catch(() => undefined);
    const inUse = async (): Promise<string[]> => {
      const text = await (await operator.fetch("/metrics")).text();
      return [...text.matchAll(/in_use\{kind="(?:reads|uploads)"\} (\d+)/g)].map(([, n = ""]) => n);
    };
    // Its file has arrived, and is being read.
    await expect.poll(inUse, { timeout: 20_000, interval: 20 }).toEqual(["0", "1"]);
    // Bytes and an end that come at once are a request that was sent whole, and no wish to end it.
    await new Promise((resolve) => setTimeout(resolve, 100));
    gone.abort();
    await expect(reading).rejects.toMatchObject({ name: "AbortError" });
    await expect.poll(inUse, { timeout: 20_000, interval: 20 }).toEqual(["0", "0"]);
    const text = await (await operator.fetch("/metrics")).text();
    expect(text).toContain('glyphpool_server_reads_total{outcome="cancelled"} 1');
    expect(await ended(alice, (await other).id)).toMatchObject({ state: "succeeded" });
  });
});

describe("what is refused", () => {
  const json = (value: unknown): RequestInit => ({
    method: "POST",
    headers: { "Content-Type": "application/json" },
    body: typeof value === "string" ? value : JSON.stringify(value),
  });
  const upload = (...part: Parameters<typeof form>): RequestInit => ({
    method: "POST",
    body: form(...part),
  });
  const text = new File(["just some words"], "words.png");
  const two = (): RequestInit => {
    const data = form(small);
    data.append("file", small);
    return { method: "POST", body: data };
  };
  const field = (): RequestInit => {
    const data = form(small);
    data.append("callback", "x");
    return { method: "POST", body: data };
  };
  const huge = (): File => new File([small, new Uint8Array(MAX_BODY)], "huge.png");
  /** Few bytes, but more pixels than are allowed. */
  const wide = async (): Promise<File> => {
    const bytes = await small.bytes();
    // Width and the rest of the header, after the signature and the chunk's length and name.
    const header = [0, 0, 70, 0, ...bytes.subarray(20, 29)];
    bytes.set(pngChunk("IHDR", header), 8);
    return new File([bytes], "wide.png");
  };

  it.each<[string, number, string, () => RequestInit | Promise<RequestInit>]>([
    ["text with the name of a picture", 415, "UNSUPPORTED_FORMAT", () => upload(text)],
    ["an empty file", 422, "INVALID_INPUT", () => upload(new File([], "a.png"))],
    ["too many bytes", 413, "BODY_TOO_LARGE", () => upload(huge())],
    ["two files", 400, "BAD_REQUEST", two],
    ["an unknown field", 400, "BAD_REQUEST", field],
    ["an unknown option", 400, "INVALID_OPTION", () => upload(small, { colour: "red" })],
    ["a bad option", 400, "INVALID_OPTION", () => upload(small, { dpi: "high" })],
    ["an option of the same process", 400, "INVALID_OPTION", () => upload(small, { priority: 9 })],
    ["no deadline at all", 400, "INVALID_OPTION", () => upload(small, { deadline: 0 })],
    ["text", 415, "UNSUPPORTED_MEDIA_TYPE", () => ({ method: "POST", body: "hello" })],
    ["broken JSON", 400, "BAD_REQUEST", () => json("{")],
    ["JSON of another form", 400, "BAD_REQUEST", () => json([1])],
    ["JSON without a url", 400, "BAD_REQUEST", () => json({ path: "/etc/passwd" })],
    ["a file by url", 403, "URL_NOT_ALLOWED", () => json({ url: "file:///etc/passwd" })],
    ["a path", 400, "BAD_REQUEST", () => json({ url: "/etc/passwd" })],
    ["a foreign host", 403, "URL_NOT_ALLOWED", () => json({ url: "https://example.com/a.png" })],
    ["our own machine", 403, "URL_NOT_ALLOWED", () => json({ url: "https://localhost/a.png" })],
    ["our own address", 403, "URL_NOT_ALLOWED", () => json({ url: "http://127.0.0.1/a.png" })],
    ["the same in one number", 403, "URL_NOT_ALLOWED", () => json({ url: "http://2130706433/" })],
    ["the cloud's", 403, "URL_NOT_ALLOWED", () => json({ url: "http://169.254.169.254/latest" })],
    ["another port", 403, "URL_NOT_ALLOWED", () => json({ url: "https://localhost:22/" })],
    ["a user", 403, "URL_NOT_ALLOWED", () => json({ url: "https://a:b@localhost/" })],
    ["a host that is not", 502, "INPUT_NOT_FOUND", () => json({ url: "https://metadata.invalid" })],
  ])("%s: %i %s", async (_what, status, code, init) => {
    const response = await alice.fetch("/v1/tasks", await init());
    const problem = (await response.json()) as Problem;
    expect({ status: response.status, code: problem.code }).toEqual({ status, code });
    expect(response.headers.get("Content-Type")).toBe("application/problem+json");
    expect(problem.status).toBe(status);
  });

  it("is more bytes and pixels than a read may have", async () => {
    const large = new File([small, new Uint8Array(101_000)], "large.png");
    const bytes = await alice.fetch("/v1/read", upload(large));
    expect(bytes.status).toBe(413);
    const pixels = await alice.fetch("/v1/read", upload(await wide()));
    expect(pixels.status).toBe(413);
    expect(await pixels.json()).toMatchObject({ code: "IMAGE_TOO_LARGE" });
  });

  it.each<[string, number, string, Record<string, string>]>([
    ["/v1/tasks/x", 401, "no token", {}],
    ["/v1/tasks/x", 401, "a wrong token", { Authorization: "Bearer gp_wrong" }],
    ["/v1/tasks/x", 401, "another scheme", { Authorization: "Basic YTpi" }],
    ["/metrics", 401, "no token", {}],
    ["/v1/memory", 401, "no token", {}],
    ["/healthz", 200, "no token", {}],
    ["/readyz", 200, "no token", {}],
    ["/openapi.json", 200, "no token", {}],
    ["/docs", 200, "no token", {}],
    ["/nothing", 404, "no token", {}],
    ["/healthz", 403, "a foreign page", { Origin: "https://evil.example" }],
    ["/healthz", 200, "a listed page", { Origin: "https://app.example" }],
  ])("%s: %i with %s", async (path, status, _who, headers) => {
    const response = await server.fetch(path, { headers });
    await response.body?.cancel();
    expect(response.status).toBe(status);
    expect(response.headers.get("X-Content-Type-Options")).toBe("nosniff");
    expect(response.headers.get("WWW-Authenticate")).toBe(status === 401 ? "Bearer" : null);
  });

  it.each([
    ["alice", "/v1/memory", 403],
    ["alice", "/metrics", 403],
    ["scraper", "/metrics", 200],
    ["scraper", "/v1/memory", 403],
    ["scraper", "/v1/tasks/x", 403],
    ["operator", "/v1/memory", 200],
    ["operator", "/metrics", 200],
  ])("%s asks for %s: %i", async (name, path, status) => {
    const response = await as(tokens.headers[name] ?? {}).fetch(path);
    await response.body?.cancel();
    expect(response.status).toBe(status);
  });

  it("answers preflights of listed origins only", async () => {
    const preflight = (Origin: string): Promise<Response> =>
      server.fetch("/v1/tasks", {
        method: "OPTIONS",
        headers: { Origin, "Access-Control-Request-Method": "POST" },
      });
    const listed = await preflight("https://app.example");
    expect(listed.status).toBe(204);
    expect(listed.headers.get("Access-Control-Allow-Origin")).toBe("https://app.example");
    const foreign = await preflight("https://evil.example");
    await foreign.body?.cancel();
    expect(foreign.status).toBe(403);
    expect(foreign.headers.get("Access-Control-Allow-Origin")).toBeNull();
  });
});

describe("slow and broken senders", () => {
  const head = (...lines: string[]): string =>
    [
      "POST /v1/tasks HTTP/1.1",
      `Host: ${new URL(server.address).host}`,
      `Authorization: ${tokens.headers["alice"]?.Authorization}`,
      ...lines,
      "",
      "",
    ].join("\r\n");
  const MULTIPART = "Content-Type: multipart/form-data; boundary=x";
  const PART = '--x\r\nContent-Disposition: form-data; name="file"; filename="a.png"\r\n\r\n';

  it.each<[string, number, () => Parameters<typeof exchange>[1]]>([
    ["nothing after the headers", 408, () => [head(MULTIPART, "Content-Length: 1000")]],
    [
      "nothing after a piece",
      408,
      () => [head(MULTIPART, "Content-Length: 1000"), `${PART}\x89PNG\r\n`],
    ],
    [
      "a byte now and then",
      408,
      () => [
        head(MULTIPART, "Content-Length: 100000"),
        PART,
        ...Array.from({ length: 40 }, () => ({ wait: IDLE / 2, send: "x" })),
      ],
    ],
    ["a length that is too large", 413, () => [head(MULTIPART, "Content-Length: 99999999")]],
    [
      "pieces that become too large",
      413,
      () => [
        head(MULTIPART, "Transfer-Encoding: chunked"),
        ...Array.from({ length: 50 }, (_, i) => {
          const body = (i === 0 ? PART : "") + "y".repeat(10_000);
          return `${body.length.toString(16)}\r\n${body}\r\n`;
        }),
      ],
    ],
    [
      "no last boundary",
      400,
      () => [head(MULTIPART, "Content-Length: 20"), "--x\r\nContent-Disposit"],
    ],
    [
      "no boundary",
      400,
      () => [head("Content-Type: multipart/form-data;", "Content-Length: 3"), "abc"],
    ],
    [
      "a part without a name",
      400,
      () => [head(MULTIPART, "Content-Length: 21"), "--x\r\nA: b\r\n\r\nc\r\n--x--"],
    ],
    [
      "endless headers of a part",
      400,
      () => [head(MULTIPART, "Content-Length: 20005"), `--x\r\n${"h".repeat(20_000)}`],
    ],
  ])("%s: %i", async (_what, status, pieces) => {
    const { answer, ms } = await exchange(server.address, pieces(), DEADLINE + 3_000);
    expect(answer).toMatch(new RegExp(`^HTTP/1.1 ${status} `));
    expect(answer.toLowerCase()).toContain("\r\nconnection: close\r\n");
    expect(ms).toBeLessThan(DEADLINE + 1_000);
  });

  it("no end of the headers: the connection is closed", async () => {
    const start = performance.now();
    const { answer } = await exchange(
      server.address,
      [
        `GET /healthz HTTP/1.1\r\nHost: ${new URL(server.address).host}\r\n`,
        ...Array.from({ length: 30 }, (_, i) => ({ wait: 100, send: `X-${i}: y\r\n` })),
      ],
      10_000,
    );
    expect(answer).toBe("");
    expect(performance.now() - start).toBeLessThan(3 * CONNECTION_IDLE);
  });

  it("leave no files and no uploads behind", async () => {
    const left: string[] = [];
    for await (const { name } of Deno.readDir(`${folder}/data/incoming`)) left.push(name);
    expect(left).toEqual([]);
    const text = await (await operator.fetch("/metrics")).text();
    expect(text).toContain('glyphpool_server_in_use{kind="uploads"} 0');
  });
});

describe("for operators", () => {
  it("tells its figures", async () => {
    const response = await operator.fetch("/metrics");
    expect(response.headers.get("Content-Type")).toContain("openmetrics-text");
    const names = [...parseOpenMetrics(await response.text()).keys()].join("\n");
    for (const name of [
      "glyphpool_memory_budget_bytes",
      "glyphpool_memory_level",
      "glyphpool_memory_recovery_steps",
      "glyphpool_model_state",
      "glyphpool_server_stored_tasks",
      "glyphpool_server_queue_bytes",
      "glyphpool_server_pages_per_second",
      "glyphpool_server_pages",
      "glyphpool_server_refused",
    ]) {
      expect(names).toContain(name);
    }
  });

  it("shows the memory and gives it back", async () => {
    await alice.fetch("/v1/read", { method: "POST", body: form(small) });
    interface Report {
      readonly models: { readonly id: string; readonly state: string }[];
      readonly snapshot: { readonly wasmHeap: number };
      readonly history: unknown[];
      readonly process: number;
    }
    const before = (await (await operator.fetch("/v1/memory")).json()) as Report;
    expect(before.models.some(({ state }) => state === "ready")).toBe(true);
    expect(before.process).toBeGreaterThan(2 ** 20);
    expect(Array.isArray(before.history)).toBe(true);
    const response = await operator.fetch("/v1/memory/teardown", { method: "POST" });
    const after = (await response.json()) as Report;
    expect(after.models.every(({ state }) => state !== "ready")).toBe(true);
  });

  it("describes exactly the paths that there are", async () => {
    const described = (await (await server.fetch("/openapi.json")).json()) as ReturnType<
      typeof openApi
    >;
    expect(described.openapi).toBe("3.1.0");
    for (const [path, methods] of Object.entries(described.paths)) {
      for (const method of Object.keys(methods)) {
        const init = { method: method.toUpperCase() };
        const response = await operator.fetch(path.replace("{id}", crypto.randomUUID()), init);
        const body = await response.text();
        // A route that is not there says so with another code.
        expect(body).not.toContain('"NOT_FOUND"');
        expect(Object.keys(methods[method]?.responses ?? {})).toContain(String(response.status));
      }
    }
    const page = await (await server.fetch("/docs")).text();
    for (const path of Object.keys(described.paths)) expect(page).toContain(path);
    expect(page).not.toContain("<script");
  });
});
