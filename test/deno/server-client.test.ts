import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { GlyphpoolClient, ServerError } from "../../src/client/index.ts";
import type { TaskEvent } from "../../src/client/index.ts";
import { fixture } from "../server/requests.ts";
import { RunningServer } from "../server/running-server.ts";

const TEXT = /Open\s?door\nRoom\s?42/;

describe("GlyphpoolClient", () => {
  let folder: string;
  let server: RunningServer;
  let client: GlyphpoolClient;
  let small: File;

  beforeAll(async () => {
    folder = await Deno.makeTempDir({ prefix: "glyphpool-" });
    server = await start();
    client = new GlyphpoolClient({ url: `${server.address}/` });
    small = await fixture("small.png");
  });
  afterAll(async () => {
    await server[Symbol.asyncDispose]();
    await Deno.remove(folder, { recursive: true });
  });
  const start = (env: Record<string, string> = {}): Promise<RunningServer> =>
    RunningServer.start({
      data: `${folder}/data`,
      env: { GLYPHPOOL_WORKERS: "1", GLYPHPOOL_ISOLATION: "worker", ...env },
    });

  it("reads at once, in every format", async () => {
    const pages = await client.read(small);
    expect(pages[0]?.text).toMatch(TEXT);
    expect(await client.read(small, { format: "text" })).toMatch(TEXT);
    expect(await client.read(await small.bytes(), { format: "md" })).toContain("42");
    const pdf = await client.read(small, { format: "pdf" });
    expect((await pdf.text()).slice(0, 5)).toBe("%PDF-");
  });

  it("submits, follows and fetches", async () => {
    const { id, name } = await client.submit(small, { name: "door.png", dpi: 150 });
    expect(name).toBe("door.png");
    const events: TaskEvent[] = [];
    for await (const event of client.events(id)) events.push(event);
    expect(events.map(({ type }) => type)).toEqual(["queued", "page", "done"]);
    expect((await client.result(id))[0]?.text).toMatch(TEXT);
    expect(await client.result(id, { format: "text" })).toMatch(TEXT);
    expect(await client.task(id)).toMatchObject({ state: "succeeded" });
    const later: TaskEvent[] = [];
    const after = events[1]?.id ?? 0;
    for await (const event of client.events(id, { after })) later.push(event);
    expect(later).toEqual(events.slice(2));
    await client.cancel(id);
    await expect(client.task(id)).rejects.toMatchObject({ status: 404, code: "TASK_NOT_FOUND" });
  });

  it("follows a task through a restart of its server", async () => {
    const { id } = await client.submit(await fixture("chinese.png"));
    const events: TaskEvent[] = [];
    const following = (async () => {
      for await (const event of client.events(id)) events.push(event);
    })();
    await expect.poll(async () => (await client.task(id)).state).toBe("running");
    const { port } = new URL(server.address);
    await server.end("SIGKILL");
    server = await start({ GLYPHPOOL_PORT: port });
    await following;
    expect(events.map(({ type }) => type)).toEqual(["queued", "queued", "page", "done"]);
    expect(new Set(events.map((event) => event.id)).size).toBe(events.length);
  });

  it("sends the same with the same key once", async () => {
    const one = await client.submit(small, { idempotencyKey: "k1" });
    const two = await client.submit(small, { idempotencyKey: "k1" });
    expect(two.id).toBe(one.id);
  });

  it("tells why something was refused", async () => {
    const refused = client.read(new Blob(["words"]));
    await expect(refused).rejects.toBeInstanceOf(ServerError);
    await expect(refused).rejects.toMatchObject({ status: 415, code: "UNSUPPORTED_FORMAT" });
    const foreign = client.submit(new URL("https://example.org/a.png"));
    await expect(foreign).rejects.toMatchObject({ status: 403, retryable: false });
    const nobody = new GlyphpoolClient({ url: "http://127.0.0.1:9" });
    await expect(nobody.task("x")).rejects.toMatchObject({ code: "NETWORK", retryable: true });
  });

  it("is aborted by its signals", async () => {
    const abort = new AbortController();
    const reading = client.read(await fixture("chinese.png"), { signal: abort.signal });
    setTimeout(() => abort.abort(), 200);
    await expect(reading).rejects.toMatchObject({ code: "ABORTED" });
    const { id } = await client.submit(await fixture("chinese.png"));
    const stop = new AbortController();
    setTimeout(() => stop.abort(), 200);
    const following = (async () => {
      for await (const event of client.events(id, { signal: stop.signal }))
        expect(event.id).toBe(1);
    })();
    await expect(following).rejects.toMatchObject({ code: "ABORTED" });
    await client.cancel(id);
  });
});
