/** Servers that are stopped, killed and overloaded. */
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { ended, fixture, follow, form, submit, task } from "../server/requests.ts";
import { RunningServer } from "../server/running-server.ts";
import type { ServerStart } from "../server/running-server.ts";

const TEXT = /Open\s?door\nRoom\s?42/;

let folder: string;
const running: RunningServer[] = [];

beforeEach(async () => {
  folder = await Deno.makeTempDir({ prefix: "glyphpool-" });
});
afterEach(async () => {
  for (const server of running.splice(0)) await server[Symbol.asyncDispose]();
  await Deno.remove(folder, { recursive: true });
});

async function start(
  env: Record<string, string> = {},
  options: Partial<ServerStart> = {},
): Promise<RunningServer> {
  // One worker that is a thread: it starts faster, and what is tested here is around it.
  const fast = { GLYPHPOOL_WORKERS: "1", GLYPHPOOL_ISOLATION: "worker" };
  const server = await RunningServer.start({
    data: `${folder}/data`,
    ...options,
    env: { ...fast, ...env },
  });
  running.push(server);
  return server;
}

/** Processes that a process has started. */
async function children(pid: number): Promise<number[]> {
  const list = await Deno.readTextFile(`/proc/${pid}/task/${pid}/children`);
  return list.trim().split(" ").filter(Boolean).map(Number);
}

async function text(server: RunningServer, id: string): Promise<string> {
  return await (await server.fetch(`/v1/tasks/${id}/result?format=text`)).text();
}

// Windows has no SIGTERM to send.
describe.skipIf(Deno.build.os === "windows")("a server", () => {
  it("loses nothing when it is killed again and again", async () => {
    let server = await start({ GLYPHPOOL_MAX_ATTEMPTS: "5" });
    const small = await fixture("small.png");
    const ids: string[] = [];
    for (let i = 0; i < 8; i++) ids.push((await submit(server, small, { dpi: 100 + i })).id);
    for (let kills = 0; kills < 2; kills++) {
      const done = ids[2 * kills] as string;
      await ended(server, done);
      await server.end("SIGKILL");
      server = await start({ GLYPHPOOL_MAX_ATTEMPTS: "5" });
    }
    for (const id of ids) {
      expect(await ended(server, id)).toMatchObject({ state: "succeeded" });
      expect(await text(server, id)).toMatch(TEXT);
      const events = await follow(server, id);
      expect(events.filter(({ type }) => type === "done")).toHaveLength(1);
    }
  });

  it("gives unfinished tasks back when it is asked to end, and ends with 0", async () => {
    const server = await start({ GLYPHPOOL_DRAIN_DEADLINE: "400" });
    const page = await fixture("chinese.png");
    const ids: string[] = [];
    for (let i = 0; i < 20; i++) ids.push((await submit(server, page, { dpi: 100 + i })).id);
    await expect
      .poll(async () => (await task(server, ids[0] as string)).state, { timeout: 20_000 })
      .toBe("running");
    server.send("SIGTERM");
    await server.says("shutting down");
    const refused = await server.fetch("/v1/tasks", { method: "POST", body: form(page) });
    expect(refused.status).toBe(503);
    expect(refused.headers.get("Retry-After")).toBe("5");
    await refused.body?.cancel();
    expect((await server.fetch("/readyz")).status).toBe(503);
    const { code, signal } = await server.status;
    expect({ code, signal }).toEqual({ code: 0, signal: null });

    const next = await start();
    const states = await Promise.all(ids.map((id) => task(next, id)));
    expect(states.every(({ state }) => state !== "failed")).toBe(true);
    // What a shutdown has stopped was no attempt.
    expect(states.every(({ attempts }) => attempts <= 1)).toBe(true);
    for (const id of ids.slice(1)) await next.fetch(`/v1/tasks/${id}`, { method: "DELETE" });
    expect(await ended(next, ids[0] as string)).toMatchObject({ state: "succeeded" });
  });

  it("finishes what runs when there is time for it", async () => {
    const server = await start();
    const { id } = await submit(server, await fixture("small.png"));
    await expect.poll(async () => (await task(server, id)).state).toBe("running");
    expect(await server.end("SIGTERM")).toMatchObject({ code: 0, by: null });
    const next = await start();
    expect(await task(next, id)).toMatchObject({ state: "succeeded", attempts: 1 });
  });

  it("ends within a second when it is asked twice", async () => {
    const server = await start({ GLYPHPOOL_DRAIN_DEADLINE: "60000" });
    const { id } = await submit(server, await fixture("chinese.png"));
    await expect.poll(async () => (await task(server, id)).state).toBe("running");
    server.send("SIGTERM");
    // At once is the same wish once more: Ctrl-C comes from the terminal and from those that pass it on.
    server.send("SIGTERM");
    await server.says("shutting down");
    await new Promise((resolve) => setTimeout(resolve, 250));
    expect((await server.fetch("/healthz")).status).toBe(200);
    const { code, ms } = await server.end("SIGTERM");
    expect(code).toBe(143);
    expect(ms).toBeLessThan(1_000);
    const next = await start();
    expect((await task(next, id)).state).not.toBe("failed");
  });

  it("refuses more than its queue holds, and takes work again afterwards", async () => {
    const server = await start({ GLYPHPOOL_MAX_TASKS: "3" });
    const small = await fixture("small.png");
    const answers = await Promise.all(
      Array.from({ length: 15 }, () =>
        server.fetch("/v1/tasks", { method: "POST", body: form(small) }),
      ),
    );
    const accepted = answers.filter(({ status }) => status === 202);
    const refused = answers.filter(({ status }) => status === 429);
    expect(accepted.length + refused.length).toBe(15);
    expect(accepted.length).toBeGreaterThanOrEqual(3);
    expect(refused.length).toBeGreaterThan(0);
    for (const response of refused) {
      expect(Number(response.headers.get("Retry-After"))).toBeGreaterThanOrEqual(1);
      await response.body?.cancel();
    }
    for (const response of accepted) {
      const { id } = (await response.json()) as { id: string };
      expect(await ended(server, id)).toMatchObject({ state: "succeeded" });
    }
    expect((await submit(server, small)).state).toBe("queued");
  });

  it("calls a task poison that kills its process again and again", async () => {
    let server = await start({ GLYPHPOOL_MAX_ATTEMPTS: "2" });
    const { id } = await submit(server, await fixture("chinese.png"));
    for (let kills = 0; kills < 2; kills++) {
      await expect
        .poll(async () => (await task(server, id)).state, { timeout: 20_000 })
        .toBe("running");
      await server.end("SIGKILL");
      server = await start({ GLYPHPOOL_MAX_ATTEMPTS: "2" });
    }
    expect(await ended(server, id)).toMatchObject({
      state: "failed",
      attempts: 2,
      error: { code: "TASK_POISONED" },
    });
  });

  it.skipIf(Deno.build.os !== "linux")("calls a task poison that kills its workers", async () => {
    const server = await start({ GLYPHPOOL_ISOLATION: "process" });
    const small = await fixture("small.png");
    // The models are loaded, so that what is killed next is at work.
    await ended(server, (await submit(server, small)).id);
    const { id } = await submit(server, await fixture("chinese.png"));
    await expect.poll(async () => (await task(server, id)).state).toBe("running");
    const killed = new Set<number>();
    const seen = new Map<number, number>();
    while ((await task(server, id)).endedAt === undefined) {
      for (const pid of await children(server.pid)) {
        const since = seen.get(pid) ?? Date.now();
        seen.set(pid, since);
        // Old enough to have taken the page.
        if (Date.now() - since < 400 || killed.has(pid) || killed.size === 2) continue;
        Deno.kill(pid, "SIGKILL");
        killed.add(pid);
      }
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
    expect(await task(server, id)).toMatchObject({
      state: "failed",
      attempts: 1,
      error: { code: "TASK_POISONED" },
    });
    expect(killed.size).toBe(2);
    expect(await ended(server, (await submit(server, small)).id)).toMatchObject({
      state: "succeeded",
    });
  });

  it("tells the tasks that it reads of what it gives up to save memory", async () => {
    const server = await start({
      GLYPHPOOL_MEMORY_WARNING: "0.001",
      GLYPHPOOL_MEMORY_CRITICAL: "1",
    });
    const small = await fixture("small.png");
    await ended(server, (await submit(server, small)).id);
    const { id } = await submit(server, small);
    const events = await follow(server, id);
    const degraded = events.find(({ type }) => type === "degraded");
    expect(degraded).toMatchObject({ actions: expect.arrayContaining(["smaller-batches"]) });
    expect(events.at(-1)).toMatchObject({ type: "done", state: "succeeded" });
  });

  it("is started again by its supervisor when it wants to or was killed", async () => {
    // Any process is larger than that: the guard asks for a new one as soon as it may.
    const server = await start(
      { GLYPHPOOL_MAX_PROCESS: "1MiB", GLYPHPOOL_SAMPLE_INTERVAL: "250" },
      { supervise: true },
    );
    const { id } = await submit(server, await fixture("small.png"));
    await server.says("a new process is needed", 30_000);
    expect(await server.says("starting the server again")).toMatchObject({ code: 75, wait: 0 });
    await server.says("listening");
    // Between two processes nobody answers.
    await expect
      .poll(async () => (await task(server, id)).state, { timeout: 20_000 })
      .toBe("succeeded");
    expect(await server.end("SIGTERM")).toMatchObject({ code: 0 });
  });

  it("ends when its supervisor is killed, and gives back what it was reading", async () => {
    const server = await start({ GLYPHPOOL_DRAIN_DEADLINE: "0" }, { supervise: true });
    const { id } = await submit(server, await fixture("chinese.png"));
    await expect.poll(async () => (await task(server, id)).state).toBe("running");
    server.send("SIGKILL");
    await server.says("the supervisor is gone");
    // It gets the folder as soon as the other has ended.
    const next = await start();
    await expect
      .poll(async () => (await task(next, id)).state, { timeout: 20_000 })
      .toBe("succeeded");
    // What was given back is no attempt.
    expect(await task(next, id)).toMatchObject({ attempts: 1 });
    expect(await next.end("SIGTERM")).toMatchObject({ code: 0 });
  });

  it.each([
    [{ GLYPHPOOL_PORT: "http" }, /GLYPHPOOL_PORT.*http.*65535/],
    [{ GLYPHPOOL_MAX_BODY: "lots" }, /GLYPHPOOL_MAX_BODY.*lots/],
    [{ GLYPHPOOL_TOKENS_FILE: "/nonexistent" }, /GLYPHPOOL_TOKENS_FILE/],
    [{ GLYPHPOOL_HOST: "0.0.0.0" }, /GLYPHPOOL_TOKENS_FILE/],
    [{ GLYPHPOOL_BACKEND: "cuda" }, /backend.*cuda/],
  ])("does not start with %j", async (env, message) => {
    const server = new RunningServer({ data: `${folder}/data`, env });
    running.push(server);
    const { code } = await server.status;
    expect(code).toBe(2);
    await expect.poll(() => server.noise.join("\n")).toMatch(message);
  });

  it("keeps others out of its folder", async () => {
    const server = await start();
    const second = new RunningServer({ data: `${folder}/data`, env: {} });
    running.push(second);
    await new Promise((resolve) => setTimeout(resolve, 1_500));
    expect(second.lines).toEqual([]);
    await server.end("SIGTERM");
    await second.says("listening");
  });
});
