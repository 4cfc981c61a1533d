import { describe, expect, it } from "vitest";
import { EMBEDDED } from "../../../../src/catalog/presets/embedded.ts";
import { allowedClasses, narrowAlphabet } from "../../../../src/catalog/reading/narrow.ts";

const ALPHABET = ["", "0", "〇", "a", "é", "冰", "*", "。", "Ж", "-", "９", "か", "€", " "];

function kept(alphabet?: string, language?: string): string {
  const { recognition } = narrowAlphabet(EMBEDDED, alphabet, language);
  const { narrowing } = recognition;
  if (!narrowing) return "all";
  return allowedClasses({ ...recognition, narrowing }, ALPHABET)
    .map((index) => ALPHABET[index])
    .join("");
}

describe("narrowAlphabet", () => {
  it.each([
    ["Latin", "0aé*-€ "],
    ["latin", "0aé*-€ "],
    ["Cyrillic", "0*Ж-€ "],
    ["Han", "0〇冰*。-９€ "],
    ["0-9", "0 "],
    ["0-9*-", "0*- "],
    ["-0", "0- "],
    ["aж", "a "],
    ["é冰", "é冰 "],
  ])("%s keeps %s", (alphabet, expected) => {
    expect(kept(alphabet)).toBe(expected);
  });

  it("follows a language in Latin script, and no other", () => {
    expect(kept(undefined, "de")).toBe("0aé*-€ ");
    expect(kept(undefined, "sr-Latn")).toBe("0aé*-€ ");
    expect(kept("0-9", "de")).toBe("0 ");
    for (const language of [undefined, "zh-Hans", "ja", "ru"]) {
      expect(kept(undefined, language)).toBe("all");
    }
  });

  it("tells models of different alphabets apart", () => {
    const ids = ["0-9", "Latin"].map((rule) => narrowAlphabet(EMBEDDED, rule, undefined));
    expect(new Set(ids.map(({ recognition }) => recognition.id)).size).toBe(2);
  });

  it("refuses ranges that are empty, and alphabets of which a recogniser has nothing", () => {
    expect(() => kept("9-0")).toThrow(/range 9-0/);
    expect(() => kept("Hebrew")).toThrow(/none of the characters/);
    expect(() => kept("אב")).toThrow(/none of the characters/);
  });
});
