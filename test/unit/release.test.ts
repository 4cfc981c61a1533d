import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { nameSection, problemsOf } from "../../scripts/release.mjs";

const read = (name: string): string =>
  readFileSync(new URL(`../../${name}`, import.meta.url), "utf8");

describe("a release", () => {
  it("gives the section its name and date, and leaves an empty one for what comes", () => {
    const changelog = read("CHANGELOG.md");
    const named = nameSection(changelog, "9.8.7", "2030-01-02");
    expect(named).toContain("## [Unreleased]\n\n## [9.8.7] - 2030-01-02\n");
    expect(named.length - changelog.length).toBe("\n## [9.8.7] - 2030-01-02\n".length);
    expect(problemsOf("9.8.7", { version: "9.8.7" }, named)).toEqual([]);
  });

  it("is refused where nothing has changed", () => {
    const empty = "# Changelog\n\n## [Unreleased]\n\n## [1.0.0] - 2029-01-01\n\n- First.\n";
    expect(() => nameSection(empty, "1.0.1", "2030-01-02")).toThrow("nothing under [Unreleased]");
  });

  it("is refused where version and changelog do not agree", () => {
    expect(problemsOf("1.2.3", { version: "1.2.2" }, "## [1.2.2]")).toHaveLength(2);
  });
});
