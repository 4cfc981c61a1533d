/** When a gap between two letters is wide enough for a space that the recogniser only hints at. */
import type { CtcSymbol, SpaceRule } from "./ctc.ts";

/** A gap is so many times as wide as the usual distance of two letters of the line. */
const WIDE = 1.35;

/** With fewer distances a line does not tell what is usual. */
const LEAST_DISTANCES = 4;

/** The letters of a line are set wide where their usual distance is so much of the rule's gap. */
const SET_WIDE = 0.9;

/**
 * The rule for one line. In proportional print three time steps from letter to letter are a gap; in monospaced print they
 * are the distance of all letters, and the rule would split words.
 *
 * @param symbols of the line, with the spaces that are sure
 */
export function spaceRuleFor(rule: SpaceRule, symbols: readonly CtcSymbol[]): SpaceRule {
  const distances = symbols.slice(1).flatMap((symbol, i) => {
    const before = symbols[i] as CtcSymbol;
    if (symbol.text.trim() === "" || before.text.trim() === "") return [];
    return [(symbol.from + symbol.to - before.from - before.to) / 2];
  });
  if (distances.length < LEAST_DISTANCES) return rule;
  distances.sort((a, b) => a - b);
  // Capitals are wide in proportional print, too, where the rule finds more spaces than it invents.
  const small = symbols.filter(({ text }) => /\p{Ll}/u.test(text)).length;
  const large = symbols.filter(({ text }) => /[\p{Lu}\p{N}]/u.test(text)).length;
  if (small <= large) return rule;
  const usual = distances[distances.length >> 1] as number;
  if (usual < SET_WIDE * rule.steps) return rule;
  return { ...rule, steps: Math.max(rule.steps, WIDE * usual) };
}
