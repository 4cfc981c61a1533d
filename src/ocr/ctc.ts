/** Greedy decoding of CTC outputs (Graves et al. 2006). */

/** One kept character and the step that emitted it. */
export interface CtcSymbol {
  readonly text: string;
  readonly probability: number;
  /** First and last time step of the run that was collapsed into this symbol. */
  readonly from: number;
  readonly to: number;
}

/** When a faint space counts although another class won its time step. */
export interface SpaceRule {
  /** Class index of the space. */
  readonly index: number;
  /** Least probability that it must have had at some step between two symbols. */
  readonly probability: number;
  /** Least distance of the two symbols in time steps. */
  readonly steps: number;
}

/**
 * Takes the best class of each step, collapses repeats, drops blanks.
 *
 * @param probabilities softmax output, row-major `[steps, classes]`
 * @param alphabet class index → text
 * @returns the symbols in time order
 */
export function decodeCtc(
  probabilities: Float32Array,
  steps: number,
  alphabet: readonly string[],
  blank: number,
  space?: SpaceRule,
): CtcSymbol[] {
  const classes = alphabet.length;
  const symbols: CtcSymbol[] = [];
  let previous = blank;
  for (let t = 0; t < steps; t++) {
    const offset = t * classes;
    let best = 0;
    let bestProbability = -1;
    for (let c = 0; c < classes; c++) {
      const p = probabilities[offset + c] as number;
      if (p > bestProbability) {
        bestProbability = p;
        best = c;
      }
    }
    if (best !== blank) {
      const last = symbols[symbols.length - 1];
      if (best === previous && last !== undefined) {
        // The reference scores the first step of a run; a later one only extends it.
        symbols[symbols.length - 1] = { ...last, to: t };
      } else {
        symbols.push({
          text: alphabet[best] as string,
          probability: bestProbability,
          from: t,
          to: t,
        });
      }
    }
    previous = best;
  }
  return space ? insertFaintSpaces(symbols, probabilities, classes, space) : symbols;
}

/**
 * Greedy decoding loses spaces: where words stand close, the blank wins every step of the gap and
 * `DO NOT` becomes `DONOT`. Inside a word the probability of a space mostly stays below a hundredth however
 * far the letters are spread, so a wide gap together with a faint space is a word boundary.
 */
function insertFaintSpaces(
  symbols: readonly CtcSymbol[],
  probabilities: Float32Array,
  classes: number,
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
        const p = probabilities[t * classes + rule.index] as number;
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
