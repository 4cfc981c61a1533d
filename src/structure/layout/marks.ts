/** What the beginning of a text tells: list items, numbered headings, captions, page numbers. */

/** Bullets of all kinds; a dash only before a space, else it may be a minus or part of a word. */
const BULLET = /^(?:[•‣⁃◦▪▫■□●○◆◇►▶▸➢➤❖✓✔☐☑·∙]\s*|[-–—]\s+)\S/u;
/** `1.`, `2)`, `(3)`, `[4]`, `a)`, `(b)`, `iv.`, `①`, `1、`, `（1）`, and stars, which notes have as well. */
const ENUMERATOR =
  /^(?:(\d{1,3})[.)]\s*(?![\d.])|[([（【](\d{1,3}|[a-z]|[ivxlc]{1,5})[)\]）】]\s*|([a-z]|[ivx]{1,4})[.)]\s+|[A-H]\)\s*|[①-⑳㈠-㈩]\s*|(\d{1,2})[、．]\s*|\*\s*)(?=\S)/u;

/** Whether a row begins with a bullet. */
export function startsWithBullet(text: string): boolean {
  return BULLET.test(text);
}

/** Whether a row begins as an item of an enumeration does; sentences may begin with a number as well. */
export function startsWithEnumerator(text: string): boolean {
  return ENUMERATOR.test(text);
}

/** `1`, `1.2`, `A.1`, `IV.`: groups are the number, and what follows it. */
const SECTION_NUMBER =
  /^((?:\d{1,2}|[A-Z])(?:\.\d{1,2}){1,4}\.?|\d{1,2}\.?|[IVX]{1,5}\.)\s*(?=[\p{Lu}\p{Lt}\p{Lo}])/u;
/** Words that number the parts of a book. */
const SECTION_WORD =
  /^(?:chapter|part|section|appendix|kapitel|abschnitt|anhang|teil|chapitre|cap[ií]tulo|secci[oó]n|глава|раздел)\s+[\dA-ZIVX]/iu;
const CJK_NUMERAL = "[一二三四五六七八九十百零〇\\d]{1,4}";
const CJK_PART = new RegExp(`^第\\s*${CJK_NUMERAL}\\s*([编篇部章节節條条課课讲講])`, "u");
const CJK_LIST = new RegExp(
  `^(?:([一二三四五六七八九十]{1,3})[、．.]|[（(]([一二三四五六七八九十]{1,3})[）)])`,
  "u",
);

/** A day, a month and a year. */
const DATE = /^\d{1,2}\.?\s*\p{L}+\.?,?\s*\d{4}\b/u;

/** The number of a heading. */
export interface SectionNumber {
  /** From 1. */
  readonly depth: number;
  /** Headings of one level are numbered in one way. */
  readonly style: "word" | "decimal" | "roman" | "ideograph";
}

/**
 * The number that a heading begins with; undefined where a text has none. Dots count, as in PP-StructureV3's
 * Markdown (`markdown_format_funcs.py`): 1 is a section, 1.2 a part of one.
 */
export function sectionNumber(text: string): SectionNumber | undefined {
  const part = CJK_PART.exec(text);
  if (part) return { depth: /[节節條条]/u.test(part[1] as string) ? 2 : 1, style: "word" };
  const item = CJK_LIST.exec(text);
  if (item) return { depth: item[1] === undefined ? 2 : 1, style: "ideograph" };
  if (SECTION_WORD.test(text)) return { depth: 1, style: "word" };
  if (DATE.test(text)) return undefined;
  const number = SECTION_NUMBER.exec(text)?.[1];
  if (number === undefined) return undefined;
  const depth = number.replace(/\.$/u, "").split(".").length;
  return { depth, style: /\d/u.test(number) ? "decimal" : "roman" };
}

/** The depth of a numbered heading, from 1. */
export function sectionDepth(text: string): number | undefined {
  return sectionNumber(text)?.depth;
}

const LABEL =
  "(?:fig(?:ure|\\.)?s?|table|tab\\.|scheme|chart|plate|exhibit|box|graph|illustration|abb(?:ildung|\\.)?|tabelle|tableau|figura|tabla|tabela|рис(?:унок|\\.)?|табл(?:ица|\\.)?)";
const CAPTION = new RegExp(
  `^${LABEL}\\s*((?:\\d+|[A-Z]\\d*|[IVX]+)(?:[.\\-–]\\d+)*[a-z]?)(?![\\p{L}\\d])|^[图圖表図](?:表)?\\s*[\\dA-Z一二三四五六七八九十]+(?:[.\\-–]\\d+)*`,
  "iu",
);

/**
 * Whether a text begins with the number of a figure or table. `sure` where the number is set off by a mark or by
 * a capital, as in captions; a sentence goes on with a small letter.
 */
export function captionStart(text: string): { readonly sure: boolean } | undefined {
  const match = CAPTION.exec(text);
  // A small letter is an article or the start of a word, not a number.
  if (!match || /^[a-z]/u.test(match[1] ?? "")) return undefined;
  const rest = text.slice(match[0].length);
  return { sure: /^(?:\s*[.:：|—–]|\s+[\p{Lu}\p{Lo}(（]|$)/u.test(rest) };
}

const ROMAN = "[ivxlc]{1,6}";
const PAGE_NUMBER = new RegExp(
  `^(?:[-–—·•|[(〔]\\s*)?(?:(?:page|p\\.|seite|página|стр\\.)\\s*)?(?:\\d{1,5}|${ROMAN}|[A-Z]?-?\\d{1,3})(?:\\s*(?:/|of|von|de|sur|из)\\s*\\d{1,4})?(?:\\s*[-–—·•|\\])〕])?$|^第\\s*[\\d一二三四五六七八九十百]+\\s*[页頁](?:\\s*共\\s*[\\d一二三四五六七八九十百]+\\s*[页頁])?$`,
  "iu",
);

/** Whether a text is nothing but a number that a page may have. */
export function isPageNumber(text: string): boolean {
  const bare = text.trim();
  return (
    PAGE_NUMBER.test(bare) &&
    !YEAR.test(bare) &&
    (!/^\p{L}+$/u.test(bare) || ROMAN_NUMBER.test(bare))
  );
}

/** A year stands alone on title pages and under letters. */
const YEAR = /^(?:19|20)\d\d$/;
/** Words such as "civil" are made of the same letters. */
const ROMAN_NUMBER = /^(?=.)(?:x?c|c{0,3})(?:xc|xl|l?x{0,3})(?:ix|iv|v?i{0,3})$/i;

/** Whether a text begins with a footnote's mark. */
export function startsWithNoteMark(text: string): boolean {
  return /^(?:[*∗†‡§¶※#¹²³⁴-⁹①-⑳]|\d{1,2}\s?[\p{Lu}\p{Lo}]|[([（]\d{1,2}[)\]）]|[a-e]\s\p{Lu})/u.test(
    text,
  );
}

/** Whether a text ends as a sentence does, or with a colon that announces what follows. */
export function endsSentence(text: string): boolean {
  return /[.!?:;。！？：；…][)\]"'”’」』）]*$/u.test(text);
}

const IDEOGRAPH = /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}]/u;

/** Characters of a text before its first possible line break: one where no spaces part the words. */
export function firstWordLength(text: string): number {
  if (IDEOGRAPH.test(text.slice(0, 2))) return 2; // with a mark that may not stand at a line's end
  const space = text.search(/\s/u);
  return space < 0 ? text.length : space;
}

/** Whether most letters are of scripts that are read from right to left. */
export function isMostlyRightToLeft(texts: readonly string[]): boolean {
  let right = 0;
  let all = 0;
  for (const text of texts) {
    all += text.match(/\p{L}/gu)?.length ?? 0;
    right +=
      text.match(
        /[\p{Script=Arabic}\p{Script=Hebrew}\p{Script=Syriac}\p{Script=Thaana}\p{Script=Nko}]/gu,
      )?.length ?? 0;
  }
  return right * 2 > all;
}
