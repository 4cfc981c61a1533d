import { describe, expect, it } from "vitest";
import { loadOptional } from "../../../src/core/optional-package.ts";

const load = async (error: unknown): Promise<unknown> =>
  await loadOptional(
    async () => {
      throw error;
    },
    "hono",
    "The task server",
  );

describe("loadOptional", () => {
  it("passes on what was loaded", async () => {
    expect(await loadOptional(() => Promise.resolve(7), "hono", "The task server")).toBe(7);
  });

  it("names the command that installs a package that is really missing", async () => {
    // A specifier that is computed, so that neither types nor bundlers look for it.
    const name = ["glyphpool", "no", "such"].join("-");
    const missing = loadOptional(() => import(/* @vite-ignore */ name), name, "The task server");
    await expect(missing).rejects.toMatchObject({
      code: "MODULE_MISSING",
      message: `The task server needs the package ${name}, which is not installed. Run: npm install ${name}`,
    });
  });

  it.each([
    "Cannot find package 'hono' imported from /app/node_modules/glyphpool/dist/src/server/http/app.js",
    'Import "hono" not a dependency and not in import map from "file:///app/app.ts"',
    'Could not find package "hono" from referrer "file:///app/app.js".',
    'Could not resolve "hono" imported by "glyphpool". Is it installed?',
  ])("knows %s", async (message) => {
    await expect(load(new Error(message))).rejects.toMatchObject({ code: "MODULE_MISSING" });
  });

  it("leaves other failures alone", async () => {
    await expect(load(new Error("hono is too old"))).rejects.toThrow("hono is too old");
    await expect(load(new Error("Cannot find package 'pg'"))).rejects.toThrow("'pg'");
  });
});
