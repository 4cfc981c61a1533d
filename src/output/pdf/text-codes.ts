/** Codes for characters in a PDF's text, and the map by which a reader turns them back into Unicode. */

/** Code 0 is the glyph for "no such character"; two bytes hold no more. */
const LAST_CODE = 0xffff;
/** A block of a CMap holds no more entries. */
const BLOCK = 100;

/**
 * One code for each character that occurs, in the order of first use. Codes are not UTF-16: a reader would
 * see the two halves of an astral character as two characters.
 */
export class TextCodes {
  readonly #codes = new Map<string, number>();

  /** @returns two bytes for each character, which may be several code points, in hexadecimal */
  encode(characters: readonly string[]): string {
    return characters.map((character) => hex(this.#codeOf(character))).join("");
  }

  /** Number of codes in use; the codes are 1 to this number. */
  get size(): number {
    return this.#codes.size;
  }

  /** The ToUnicode CMap for all text that was encoded. (PDF 32000-1:2008, 9.10.3) */
  toUnicode(): string {
    const entries = Array.from(this.#codes, ([text, code]) => `<${hex(code)}> <${utf16(text)}>`);
    const blocks: string[] = [];
    for (let from = 0; from < entries.length; from += BLOCK) {
      const block = entries.slice(from, from + BLOCK);
      blocks.push(`${block.length} beginbfchar\n${block.join("\n")}\nendbfchar`);
    }
    return `/CIDInit /ProcSet findresource begin
12 dict begin
begincmap
/CIDSystemInfo << /Registry (Adobe) /Ordering (UCS) /Supplement 0 >> def
/CMapName /Adobe-Identity-UCS def
/CMapType 2 def
1 begincodespacerange
<0000> <FFFF>
endcodespacerange
${blocks.join("\n")}
endcmap
CMapName currentdict /CMap defineresource pop
end
end
`;
  }

  #codeOf(character: string): number {
    const known = this.#codes.get(character);
    if (known !== undefined) return known;
    // More characters than Unicode has outside its rare ideographs: they share the last code.
    if (this.#codes.size >= LAST_CODE) return LAST_CODE;
    const code = this.#codes.size + 1;
    this.#codes.set(code === LAST_CODE ? "\ufffd" : character, code);
    return code;
  }
}

function utf16(text: string): string {
  let encoded = "";
  for (let i = 0; i < text.length; i++) encoded += hex(text.charCodeAt(i));
  return encoded;
}

function hex(value: number): string {
  return value.toString(16).toUpperCase().padStart(4, "0");
}
