/** What a script means for the way text is put together. */

/** Hebrew, Arabic and their neighbours, presentation forms, and the right-to-left planes beyond the BMP. */
const RIGHT_TO_LEFT =
  "\\u0590-\\u08ff\\ufb1d-\\ufdff\\ufe70-\\ufefc\\u{10800}-\\u{10fff}\\u{1e800}-\\u{1efff}";
const FIRST_LETTER_IS_RTL = new RegExp(`^\\P{L}*(?=\\p{L})[${RIGHT_TO_LEFT}]`, "u");

const ANY_RTL = new RegExp(`[${RIGHT_TO_LEFT}]`, "u");

/** Whether the first letter, and so the line, runs from right to left. */
export function isRightToLeft(text: string): boolean {
  return FIRST_LETTER_IS_RTL.test(text);
}

/** Whether any character belongs to a right-to-left script. */
export function hasRightToLeft(text: string): boolean {
  return ANY_RTL.test(text);
}

/** Han, kana, and the marks and forms of full width. */
const UNSPACED =
  "[\\p{Script=Han}\\p{Script=Hiragana}\\p{Script=Katakana}\\u3000-\\u303f\\uff01-\\uff60]";
const ENDS_UNSPACED = new RegExp(`${UNSPACED}$`, "u");
const STARTS_UNSPACED = new RegExp(`^${UNSPACED}`, "u");

/** Whether nothing, not even a line's end, is a space behind this text. */
export function endsWithoutSpace(text: string): boolean {
  return ENDS_UNSPACED.test(text);
}

/** Whether two pieces of running text meet without a space. */
export function meetWithoutSpace(before: string, after: string): boolean {
  return ENDS_UNSPACED.test(before) && STARTS_UNSPACED.test(after);
}

const WIDE =
  /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Hangul}\u3000-\u303f\uff01-\uff60]/u;
const NO_WIDTH = /[\p{Mn}\p{Me}\p{Cf}]/u;

/** Columns that text takes in a fixed-width font: two for East Asian characters and pictures, none for marks. */
export function columnsOf(text: string): number {
  let columns = 0;
  for (const character of text) {
    if (NO_WIDTH.test(character)) continue;
    columns += WIDE.test(character) || /\p{Emoji_Presentation}/u.test(character) ? 2 : 1;
  }
  return columns;
}
