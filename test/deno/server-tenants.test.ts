/** What several users of one server see of it, of each other, and of what they have handed in. */
import { createHmac } from "node:crypto";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { TaskList } from "../../src/client/wire.ts";
import { UrlInput } from "../../src/server/intake/url-input.ts";
import { denoNetwork } from "../../src/server/intake/url-network.ts";
import type { Delivery } from "../../src/server/store/task-store.ts";
import { Webhooks } from "../../src/server/webhooks/webhooks.ts";
import { ended, fixture, form, submit } from "../server/requests.ts";
import type { Answers } from "../server/requests.ts";
import { RunningServer } from "../server/running-server.ts";
import { writeTokens } from "../server/tokens.ts";

describe("a server with several tokens", () => {
  let folder: string;
  let server: RunningServer;
  let tokens: Awaited<ReturnType<typeof writeTokens>>;
  let alice: Answers;
  let bob: Answers;
  let operator: Answers;
  let small: File;

  const as = (name: string): Answers => ({
    fetch: async (path, init = {}) => {
      const headers = new Headers(init.headers);
      headers.set("Authorization", tokens.headers[name]?.Authorization ?? "");
      return await server.fetch(path, { ...init, headers });
    },
  });
  const status = async (who: Answers, path: string, init?: RequestInit): Promise<number> => {
    const response = await who.fetch(path, init);
    await response.body?.cancel();
    return response.status;
  };

  beforeAll(async () => {
    folder = await Deno.makeTempDir({ prefix: "glyphpool-" });
    tokens = await writeTokens(folder, {
      alice: { maxTasks: 1 },
      bob: {},
      operator: { role: "operator" },
    });
    server = await RunningServer.start({
      data: `${folder}/data`,
      env: {
        GLYPHPOOL_TOKENS_FILE: tokens.file,
        GLYPHPOOL_WORKERS: "1",
        GLYPHPOOL_ISOLATION: "worker",
        GLYPHPOOL_WEBHOOK_HOSTS: "hooks.example",
        GLYPHPOOL_WEBHOOK_SECRET: "secret",
      },
    });
    [alice, bob, operator] = [as("alice"), as("bob"), as("operator")];
    small = await fixture("small.png");
  });
  afterAll(async () => {
    await server?.[Symbol.asyncDispose]();
    await Deno.remove(folder, { recursive: true });
  });

  it("lists each token its own tasks, and an operator all", async () => {
    const ids: string[] = [];
    for (let i = 0; i < 3; i++) ids.push((await submit(bob, small)).id);
    for (const id of ids) await ended(bob, id);
    const broken = new File(["%PDF-1.7 nothing"], "broken.pdf");
    const failed = (await submit(bob, broken)).id;
    await ended(bob, failed);
    const list = async (who: Answers, query: string): Promise<TaskList> =>
      (await (await who.fetch(`/v1/tasks?${query}`)).json()) as TaskList;
    const first = await list(bob, "limit=2");
    expect(first.tasks.map(({ id }) => id)).toEqual([failed, ids[2]]);
    const second = await list(bob, `limit=2&cursor=${first.next}`);
    expect(second.tasks.map(({ id }) => id)).toEqual([ids[1], ids[0]]);
    expect((await list(bob, "state=failed")).tasks.map(({ id }) => id)).toEqual([failed]);
    expect((await list(alice, "")).tasks).toEqual([]);
    expect((await list(operator, "owner=bob")).tasks).toHaveLength(4);
    for (const query of [
      "state=odd",
      "limit=0",
      "limit=1000",
      "cursor=x",
      "sort=name",
      "error=a-b",
    ]) {
      expect(await status(bob, `/v1/tasks?${query}`)).toBe(400);
    }
    expect(await status(alice, "/v1/tasks?owner=bob")).toBe(403);

    const again = await bob.fetch(`/v1/tasks/${failed}/retry`, { method: "POST" });
    expect(again.status).toBe(202);
    expect(await again.json()).toMatchObject({ id: failed, attempts: 0 });
    expect(await ended(bob, failed)).toMatchObject({ state: "failed" });
    expect(await status(bob, `/v1/tasks/${ids[0]}/retry`, { method: "POST" })).toBe(409);
    expect(await status(alice, `/v1/tasks/${failed}/retry`, { method: "POST" })).toBe(404);
  });

  it("tells what it can do and what was used", async () => {
    const can = await (await bob.fetch("/v1/capabilities")).json();
    expect(can).toMatchObject({ models: "embedded", webhooks: true, urls: false, workers: 1 });
    const usage = await (await bob.fetch("/v1/usage")).json();
    expect(usage).toMatchObject({ owner: "bob", tasks: { succeeded: 3 }, limits: { tasks: 500 } });
    expect(await status(bob, "/v1/usage?owner=alice")).toBe(403);
    expect(await (await operator.fetch("/v1/usage?owner=alice")).json()).toMatchObject({
      tasks: { succeeded: 0 },
    });
  });

  it("takes a repeated key although the quota is full, and a priority", async () => {
    const page = await fixture("chinese.png");
    const send = async (key: string, fields: Record<string, string> = {}): Promise<Response> => {
      const body = form(page, { dpi: 100 });
      for (const [name, value] of Object.entries(fields)) body.append(name, value);
      const headers = { "Idempotency-Key": key };
      return await alice.fetch("/v1/tasks", { method: "POST", body, headers });
    };
    const first = await send("a", { priority: "5" });
    const view = (await first.json()) as { id: string };
    expect(view).toMatchObject({ priority: 5 });
    const other = await send("b");
    expect(other.status).toBe(429);
    await other.body?.cancel();
    const again = await send("a", { priority: "5" });
    expect({ status: again.status, task: await again.json() }).toMatchObject({
      status: 202,
      task: { id: view.id },
    });
    await ended(alice, view.id);
    const wrong: Record<string, string>[] = [
      { priority: "11" },
      { priority: "x" },
      { webhook: "no address" },
    ];
    for (const fields of wrong) {
      const refused = await send("c", fields);
      expect(refused.status).toBe(400);
      await refused.body?.cancel();
    }
    const elsewhere = await send("d", { webhook: "https://evil.example/" });
    expect(elsewhere.status).toBe(403);
    await elsewhere.body?.cancel();
  });

  it("names each request in the answer and in the log, and the methods of a path", async () => {
    const response = await bob.fetch("/v1/usage", { headers: { "X-Request-Id": "trace-1" } });
    await response.body?.cancel();
    expect(response.headers.get("X-Request-Id")).toBe("trace-1");
    const line = server.lines.find(({ message, id }) => message === "request" && id === "trace-1");
    expect(line).toMatchObject({ method: "GET", path: "/v1/usage", status: 200, token: "bob" });
    const wrong = await bob.fetch("/v1/usage", {
      method: "PUT",
      headers: { "X-Request-Id": "a b" },
    });
    expect(wrong.status).toBe(405);
    expect(wrong.headers.get("Allow")).toBe("GET, HEAD");
    expect(wrong.headers.get("X-Request-Id")).toMatch(/^[0-9a-f-]{36}$/);
    await wrong.body?.cancel();
    expect(await status(bob, "/v1/tasks/------------------------------------")).toBe(404);
  });

  it("lets tokens go and come without a restart", async () => {
    const list = JSON.parse(await Deno.readTextFile(tokens.file)) as { name: string }[];
    const write = async (entries: object): Promise<void> =>
      await Deno.writeTextFile(tokens.file, JSON.stringify(entries));
    await write(list.filter(({ name }) => name !== "bob"));
    await expect
      .poll(async () => await status(bob, "/v1/usage"), { timeout: 10_000, interval: 200 })
      .toBe(401);
    await Deno.writeTextFile(tokens.file, "[broken");
    await server.says("the file of tokens cannot be used");
    expect(await status(alice, "/v1/usage")).toBe(200);
    await write(list);
    await expect
      .poll(async () => await status(bob, "/v1/usage"), { timeout: 10_000, interval: 200 })
      .toBe(200);
  });
});

describe("Webhooks", () => {
  it("signs what it sends, tries again, and follows no redirect", async () => {
    const received: { headers: Headers; body: string }[] = [];
    const answers = [302, 500, 204];
    const http = Deno.serve(
      { hostname: "127.0.0.1", port: 0, onListen: () => undefined },
      async (request) => {
        received.push({ headers: request.headers, body: await request.text() });
        const headers = { Location: "http://127.0.0.1/elsewhere" };
        return new Response(null, { status: answers.shift() ?? 204, headers });
      },
    );
    const url = `http://127.0.0.1:${http.addr.port}/hook`;
    const delivery: Delivery = { seq: 7, task: "t", owner: "a", url, body: '{"a":1}', attempts: 0 };
    const settled: (number | undefined)[] = [];
    let due: Delivery | undefined;
    const store = {
      nextDelivery: async () => {
        const next = due;
        due = undefined;
        return await Promise.resolve(next);
      },
      settleDelivery: async (_seq: number, delay?: number) => {
        settled.push(delay);
        await Promise.resolve();
      },
    };
    const log = { info: () => undefined, error: () => undefined };
    const listed = [`http://127.0.0.1:${http.addr.port}`];
    const urls = new UrlInput(listed, { ...denoNetwork, isPublic: () => true });
    const hooks = new Webhooks(store, urls, "secret", log);
    for (let attempts = 0; attempts < 3; attempts++) {
      due = { ...delivery, attempts };
      await hooks.send();
    }
    expect(settled).toEqual([5_000, 20_000, undefined]);
    expect(received).toHaveLength(3);
    const { headers, body } = received[2] as (typeof received)[number];
    const signed = `${headers.get("webhook-id")}.${headers.get("webhook-timestamp")}.${body}`;
    const signature = createHmac("sha256", "secret").update(signed).digest("base64");
    expect(headers.get("webhook-signature")).toBe(`v1,${signature}`);
    // The real rules: this machine is no public address.
    const strict = new Webhooks(store, new UrlInput(listed, denoNetwork), "secret", log);
    due = { ...delivery, attempts: 7 };
    await strict.send();
    expect(received).toHaveLength(3);
    expect(settled.at(-1)).toBeUndefined();
    await http.shutdown();
  });
});
