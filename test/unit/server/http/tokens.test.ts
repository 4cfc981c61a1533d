import { describe, expect, it } from "vitest";
import { RateLimit } from "../../../../src/server/http/rate-limit.ts";
import { Tokens, makeToken } from "../../../../src/server/http/tokens.ts";

describe("Tokens", () => {
  it("finds a token by its hash and nothing else", () => {
    const [a, b] = [makeToken(), makeToken()];
    const tokens = Tokens.parse(
      JSON.stringify([
        { name: "a", sha256: a.sha256 },
        { name: "b", sha256: b.sha256, role: "operator", maxBytes: "1MiB", maxTasks: 3 },
      ]),
    );
    expect(tokens.find(`Bearer ${a.token}`)).toEqual({ name: "a", role: "user", limits: {} });
    expect(tokens.find(`bearer ${b.token}`)).toEqual({
      name: "b",
      role: "operator",
      limits: { maxBytes: 2 ** 20, maxTasks: 3 },
    });
    const wrong = [null, "", "Bearer ", a.token, `Basic ${a.token}`, `Bearer ${a.sha256}`];
    for (const header of [...wrong, `Bearer ${a.token}x`, `Bearer ${a.token} ${b.token}`]) {
      expect(tokens.find(header)).toBeUndefined();
    }
  });

  it("makes tokens that differ and do not show in their hash", () => {
    const made = Array.from({ length: 50 }, makeToken);
    expect(new Set(made.map(({ token }) => token)).size).toBe(50);
    for (const { token, sha256 } of made) {
      expect(token.length).toBeGreaterThan(40);
      expect(sha256).toMatch(/^[0-9a-f]{64}$/);
    }
  });

  const { sha256 } = makeToken();
  it.each([
    ["{", /not valid JSON/],
    ["{}", /not a list/],
    ["[]", /empty/],
    [`[{"name":"a b","sha256":"${sha256}"}]`, /name/],
    [`[{"name":"a","sha256":"secret"}]`, /sha256/],
    [`[{"name":"a","sha256":"${sha256}","role":"root"}]`, /role/],
    [`[{"name":"a","sha256":"${sha256}","maxTask":1}]`, /unknown field maxTask/],
    [`[{"name":"a","sha256":"${sha256}","maxTasks":0}]`, /maxTasks/],
    [`[{"name":"a","sha256":"${sha256}"},{"name":"a","sha256":"${sha256}"}]`, /one name/],
  ])("refuses %s", (text, message) => {
    expect(() => Tokens.parse(text)).toThrow(message);
    expect(() => Tokens.parse(text)).not.toThrow("secret");
  });
});

describe("RateLimit", () => {
  it("lets bursts through up to the bound, then as much as flows in", () => {
    let now = 0;
    const rate = new RateLimit(() => now);
    for (let i = 0; i < 60; i++) expect(rate.take("a", 60)).toBe(0);
    expect(rate.take("a", 60)).toBeCloseTo(1);
    expect(rate.take("b", 60)).toBe(0);
    now += 500;
    expect(rate.take("a", 60)).toBeCloseTo(0.5);
    now += 500;
    expect(rate.take("a", 60)).toBe(0);
    expect(rate.take("a", 60)).toBeGreaterThan(0);
  });
});
