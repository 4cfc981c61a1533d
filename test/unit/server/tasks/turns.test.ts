import { describe, expect, it } from "vitest";
import { Turns } from "../../../../src/server/tasks/turns.ts";

function setUp(): { turns: Turns; pass: (milliseconds: number) => void } {
  let now = 0;
  return { turns: new Turns(() => now), pass: (milliseconds) => void (now += milliseconds) };
}
const waiting = (...owners: string[]): { owner: string; tasks: number }[] =>
  owners.map((owner) => ({ owner, tasks: 1 }));

describe("Turns", () => {
  it("takes who has least running, then who has waited longest", () => {
    const { turns, pass } = setUp();
    expect(turns.next([])).toBeUndefined();
    const first = turns.begin("a", 0);
    expect(turns.next(waiting("a", "b"))).toBe("b");
    pass(10);
    const second = turns.begin("b", 0);
    turns.end(first);
    turns.end(second);
    expect(turns.next(waiting("b", "a"))).toBe("a");
    expect(turns.next(waiting("a", "b", "c"))).toBe("c");
  });

  it("makes room at once for who has nothing, and for one task only", () => {
    const { turns, pass } = setUp();
    const one = turns.begin("a", 0);
    const other = turns.begin("a", 0);
    pass(10);
    expect(turns.isOver(one, waiting("a"))).toBe(false);
    expect(turns.isOver(one, waiting("a", "b"))).toBe(true);
    expect(turns.isOver(other, waiting("a", "b"))).toBe(false);
  });

  it("does not go to and fro with each page between two that both have long tasks", () => {
    const { turns, pass } = setUp();
    turns.end(turns.begin("b", 1));
    const turn = turns.begin("a", 1);
    pass(1_000);
    expect(turns.isOver(turn, waiting("b"))).toBe(false);
    pass(5_000);
    expect(turns.isOver(turn, waiting("b"))).toBe(true);
  });

  it("gives tasks of one owner longer and longer turns", () => {
    const { turns, pass } = setUp();
    const young = turns.begin("a", 0);
    const old = turns.begin("a", 1);
    pass(15_000);
    expect(turns.isOver(young, waiting("a"))).toBe(true);
    expect(turns.isOver(old, waiting("a"))).toBe(false);
    expect(turns.isOver(young, [])).toBe(false);
  });
});
