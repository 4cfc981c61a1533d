/** Greedy decoding of CTC outputs (Graves et al. 2006). */

/** One kept character and the step that emitted it. */
export interface CtcSymbol {
  readonly text: string;
  readonly probability: number;
  /** First and last time step of the run that was collapsed into this symbol. */
  readonly from: number;
  readonly to: number;
}

/** What decoding needs to know of each time step. */
export interface CtcSteps {
  /** The likeliest class, the lower of equal ones. */
  readonly best: Float32Array;
  /** Its probability. */
  readonly probability: Float32Array;
  /** The probability of the space; only needed for a {@link SpaceRule}. */
  readonly space?: Float32Array | undefined;
}

/** When a faint space counts although another class won its time step. */
export interface SpaceRule {
  /** Least probability that it must have had at some step between two symbols. */
  readonly probability: number;
  /** Least distance of the two symbols in time steps. */
  readonly steps: number;
}

/**
 * Takes the best class of each step.
 *
 * @param probabilities softmax output, row-major `[steps, classes]`
 * @param space class whose probabilities are wanted too
 */
export function bestClasses(
  probabilities: Float32Array,
  classes: number,
  space?: number,
): CtcSteps {
  const steps = probabilities.length / classes;
  const best = new Float32Array(steps);
  const probability = new Float32Array(steps);
  for (let t = 0; t < steps; t++) {
    const offset = t * classes;
    let at = 0;
    for (let c = 1; c < classes; c++) {
      if ((probabilities[offset + c] as number) > (probabilities[offset + at] as number)) at = c;
    }
    best[t] = at;
    probability[t] = probabilities[offset + at] as number;
  }
  if (space === undefined) return { best, probability };
  const spaces = best.map((_, t) => probabilities[t * classes + space] as number);
  return { best, probability, space: spaces };
}

/** Steps `from` … `to` − 1, as views. */
export function sliceSteps(steps: CtcSteps, from: number, to: number): CtcSteps {
  const { best, probability, space } = steps;
  return {
    best: best.subarray(from, to),
    probability: probability.subarray(from, to),
    space: space?.subarray(from, to),
  };
}

/**
 * Collapses repeats, drops blanks.
 *
 * @param alphabet class index → text
 * @param rule absent, or without `steps.space`: only spaces that won their step count
 * @returns the symbols in time order
 */
export function decodeCtc(
  steps: CtcSteps,
  alphabet: readonly string[],
  blank: number,
  rule?: SpaceRule,
): CtcSymbol[] {
  const symbols: CtcSymbol[] = [];
  let previous = blank;
  steps.best.forEach((best, t) => {
    if (best !== blank) {
      const last = symbols[symbols.length - 1];
      if (best === previous && last !== undefined) {
        // The reference scores the first step of a run; a later one only extends it.
        symbols[symbols.length - 1] = { ...last, to: t };
      } else {
        const probability = steps.probability[t] as number;
        symbols.push({ text: alphabet[best] as string, probability, from: t, to: t });
      }
    }
    previous = best;
  });
  return rule && steps.space ? insertFaintSpaces(symbols, steps.space, rule) : symbols;
}

/**
 * Greedy decoding loses spaces: where words stand close, the blank wins every step of the gap and
 * `DO NOT` becomes `DONOT`. Inside a word the probability of a space mostly stays below a hundredth however
 * far the letters are spread, so a wide gap together with a faint space is a word boundary.
 */
function insertFaintSpaces(
  symbols: readonly CtcSymbol[],
  space: Float32Array,
  rule: SpaceRule,
): CtcSymbol[] {
  const out: CtcSymbol[] = [];
  for (const symbol of symbols) {
    const before = out[out.length - 1];
    if (
      before !== undefined &&
      before.text !== " " &&
      symbol.text !== " " &&
      (symbol.from + symbol.to - before.from - before.to) / 2 >= rule.steps
    ) {
      let best = before.to;
      let probability = 0;
      for (let t = before.to; t <= symbol.from; t++) {
        const p = space[t] as number;
        if (p > probability) {
          probability = p;
          best = t;
        }
      }
      if (probability >= rule.probability) {
        out.push({ text: " ", probability, from: best, to: best });
      }
    }
    out.push(symbol);
  }
  return out;
}
