/**
 * Texts and formulas as OmniDocBench compares them: of a text only letters, numbers and underscores are left, of a
 * formula what its reader can see.
 */

/** Dollars or `\( \)`, on one line. */
const INLINE_FORMULA = /\$(.*?)\$|\\\((.*?)\\\)/g;

/** A block of text: inline formulas become Unicode, then everything but letters, numbers and `_` goes. */
export function normalizeText(text: string): string {
  const plain = text.replaceAll(INLINE_FORMULA, (all, dollars?: string, brackets?: string) => {
    const formula = (dollars ?? brackets ?? "").replaceAll(/\\([\\_&%^])/g, "");
    return /[\\^_]/.test(formula) ? latexToText(formula).trim() : all;
  });
  return cleanText(plain);
}

/** Letters, numbers and `_` of a text. Escapes of tabs and line breaks go as well, as the benchmark has it. */
export function cleanText(text: string): string {
  const noEscapes = text.replaceAll(/\\t|\\n/g, "").replaceAll(/[\t\n]|\/t|\/n/g, "");
  return noEscapes.replaceAll(/[^\p{L}\p{N}_]/gu, "");
}

/** Commands that change how a formula looks, not what it says, in the order in which they are removed. */
const APPEARANCE = [
  ..."mathbf mathrm mathnormal mathit mathbb mathcal mathscr mathfrak mathsf mathtt textbf text".split(
    " ",
  ),
  ..."boldmath boldsymbol operatorname bm symbfit mathbfcal symbf scriptscriptstyle notag".split(
    " ",
  ),
  ..."setlength coloneqq space thickspace thinspace medspace nobreakspace negmedspace".split(" "),
  ..."quad qquad enspace substackw".split(" "),
].map((name) => `\\${name}`);
const REMOVED = [...APPEARANCE, " ", "$$", "\\left", "\\right", "\\displaystyle", "\\text"];

/** A display formula without delimiters, fonts, spaces, numbers and environments, in lower case. */
export function normalizeFormula(latex: string): string {
  let text = latex
    .trim()
    .replaceAll(/^\$+|\$+$/g, "")
    .replaceAll(/^\n+|\n+$/g, "");
  text = /\\\[(.+?)(?<!\\)\\\]/.exec(text)?.[1]?.trim() ?? text;
  text = text
    .replaceAll(/\\(?:tag|hspace|begin|end)\{.*?\}/g, "")
    .replaceAll(/\\arraycolsep.*?\}/g, "")
    .replaceAll(/^\.+|\.+$/g, "");
  for (const command of REMOVED) text = text.replaceAll(command, "");
  return text.toLowerCase();
}

const ARRAY = /\\begin\{array\}\{([^}]*)\}([\s\S]*?)\\end\{array\}/;

/** Formulas below one another in an array of one column are formulas of their own. */
export function splitFormula(latex: string): string[] {
  const [, columns = "", body = ""] = ARRAY.exec(latex) ?? [];
  const bare = columns.replaceAll(/\s|\||[@!]\{[^}]*\}/g, "");
  if (!/^[lcr]$/.test(bare)) return [latex];
  const lines = body.split("\\\\").map((line) => line.trim());
  return lines.filter((line) => line !== "").map((line) => `\\[${line}\\]`);
}

const GREEK: Readonly<Record<string, string>> = Object.fromEntries([
  ...zip(
    "alpha beta gamma delta epsilon zeta eta theta iota kappa lambda mu nu xi pi rho sigma tau upsilon phi chi psi omega",
    "αβγδϵζηθικλμνξπρστυϕχψω",
  ),
  ...zip("varepsilon vartheta varpi varrho varsigma varphi", "εϑϖϱςφ"),
  ...zip("Gamma Delta Theta Lambda Xi Pi Sigma Upsilon Phi Psi Omega", "ΓΔΘΛΞΠΣΥΦΨΩ"),
  ...zip("ell hbar imath jmath aleph Re Im", "ℓℏıȷℵℜℑ"),
]);

/** Functions are set in upright letters and stay. */
const FUNCTIONS = new Set(
  (
    "arccos arcsin arctan arg cos cosh cot coth csc deg det dim exp gcd hom inf ker lg lim liminf limsup ln log " +
    "max min Pr sec sin sinh sup tan tanh mod"
  ).split(" "),
);

/** The double-struck capitals that Unicode had before it had the alphabet. */
const DOUBLE_STRUCK: Readonly<Record<string, string>> = {
  C: "ℂ",
  H: "ℍ",
  N: "ℕ",
  P: "ℙ",
  Q: "ℚ",
  R: "ℝ",
  Z: "ℤ",
};

/**
 * The letters and numbers of a formula. The benchmark sets formulas with pylatexenc; here commands for letters
 * become those letters, function names stay and all other commands go, which differs in rare symbols and in
 * accents and alphabets such as `\mathcal`.
 */
export function latexToText(latex: string): string {
  return latex
    .replaceAll(/\\begin\s*\{array\}\s*\{[^}]*\}/g, "")
    .replaceAll(/\\(?:begin|end)\s*\{[^}]*\}/g, "")
    .replaceAll(/\\mathbb\s*(?:\{\s*([A-Z])\s*\}|([A-Z]))/g, (_, a?: string, b?: string) => {
      const letter = a ?? b ?? "";
      return DOUBLE_STRUCK[letter] ?? String.fromCodePoint(0x1d538 + letter.charCodeAt(0) - 65);
    })
    .replaceAll(/\\([A-Za-z]+)\s*/g, (_, name: string) =>
      FUNCTIONS.has(name) ? name : (GREEK[name] ?? ""),
    )
    .replaceAll(/[{}\\&]/g, "");
}

function zip(names: string, letters: string): [string, string][] {
  const each = Array.from(letters);
  return names.split(" ").map((name, i) => [name, each[i] as string]);
}
