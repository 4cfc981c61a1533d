/**
 * Order-free word recall and precision, the metric of the benchmark.
 *
 * Tokens: the text is upper-cased; every Han character is one token, every maximal run of other Unicode
 * letters and numbers is one token, everything else separates. A page's true positives are the multiset intersection of
 * truth and output tokens, so neither reading order nor the division into lines matters. Sets of pages
 * are micro-averaged: the counts are added, then divided.
 */

/** Counts of one page or of several pages added up. */
export interface Score {
  /** Tokens of the ground truth. */
  truth: number;
  /** Tokens of the output. */
  output: number;
  /** Tokens in both. */
  matched: number;
  recall: number;
  precision: number;
}

/** What is missing from the output and what is too much in it. */
export interface TokenDifference {
  missed: Map<string, number>;
  extra: Map<string, number>;
  matched: number;
}

/** For upper-cased text. */
export const TOKEN: RegExp = /\p{Script=Han}|(?:(?!\p{Script=Han})[\p{L}\p{N}])+/gu;

export function tokenize(text: string): string[] {
  return text.toUpperCase().match(TOKEN) ?? [];
}

export function countTokens(texts: Iterable<string>): Map<string, number> {
  const counts = new Map<string, number>();
  for (const text of texts) {
    for (const token of tokenize(text)) counts.set(token, (counts.get(token) ?? 0) + 1);
  }
  return counts;
}

export function compareTokens(
  truthTexts: Iterable<string>,
  outputTexts: Iterable<string>,
): TokenDifference {
  const missed = countTokens(truthTexts);
  const extra = countTokens(outputTexts);
  let matched = 0;
  for (const [token, wanted] of missed) {
    const common = Math.min(wanted, extra.get(token) ?? 0);
    if (common === 0) continue;
    matched += common;
    subtract(missed, token, common);
    subtract(extra, token, common);
  }
  return { missed, extra, matched };
}

export function scorePage(truthTexts: Iterable<string>, outputTexts: Iterable<string>): Score {
  const { missed, extra, matched } = compareTokens(truthTexts, outputTexts);
  return toScore(matched + sum(missed), matched + sum(extra), matched);
}

export function aggregate(pages: Iterable<Score>): Score {
  let truth = 0;
  let output = 0;
  let matched = 0;
  for (const page of pages) {
    truth += page.truth;
    output += page.output;
    matched += page.matched;
  }
  return toScore(truth, output, matched);
}

/** Nothing wanted is all found, nothing said is all true. */
function toScore(truth: number, output: number, matched: number): Score {
  return {
    truth,
    output,
    matched,
    recall: truth === 0 ? 1 : matched / truth,
    precision: output === 0 ? 1 : matched / output,
  };
}

function subtract(counts: Map<string, number>, token: string, amount: number): void {
  const left = (counts.get(token) ?? 0) - amount;
  if (left > 0) counts.set(token, left);
  else counts.delete(token);
}

function sum(counts: Map<string, number>): number {
  let total = 0;
  for (const count of counts.values()) total += count;
  return total;
}
