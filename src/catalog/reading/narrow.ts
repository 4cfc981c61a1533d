/** Which characters of a recogniser may come out: the `alphabet` option, or what the script of a language has. */
import { GlyphpoolError } from "../../errors.ts";
import type { ModelSet, Narrowing, RecognitionModel } from "../manifest/manifest.ts";

/** Punctuation and forms that Unicode counts as common to all scripts, but that only CJK text has. */
const CJK_ONLY = /[\u3000-\u303f\u31c0-\u33ff\uf900-\ufaff\ufe30-\ufe4f\uff00-\uffef]/u;
const COMMON = /[\p{Script=Common}\p{Script=Inherited}]/u;
const CJK: ReadonlySet<string> = new Set(["Han", "Hiragana", "Katakana", "Hangul", "Bopomofo"]);

/**
 * The set with a recogniser that gives out only what is asked for.
 *
 * @param alphabet the name of a Unicode script (`Latin`, `Cyrillic`), which brings digits, punctuation and signs along;
 *   or characters, with ranges (`0-9.,`). Spaces always stay
 * @param language BCP 47; of those in Latin script the Latin alphabet follows where no other is asked for
 * @throws GlyphpoolError `INVALID_OPTION` when a range has no characters
 */
export function narrowAlphabet(
  set: ModelSet,
  alphabet: string | undefined,
  language: string | undefined,
): ModelSet {
  const rule = alphabet ?? (language !== undefined && isLatin(language) ? "Latin" : undefined);
  if (rule === undefined) return set;
  // Throws now rather than in the worker.
  allowedBy(rule);
  const { recognition } = set;
  const narrowing: Narrowing = { alphabet: rule, required: alphabet !== undefined };
  // Models are told apart by their id: another alphabet is another graph.
  const narrowed = { ...recognition, id: `${recognition.id}[${rule}]`, narrowing };
  return { ...set, recognition: narrowed };
}

function isLatin(language: string): boolean {
  return new Intl.Locale(language).maximize().script === "Latn";
}

/**
 * The classes that stay, ascending: the blank, the space and all characters that are allowed.
 *
 * @param alphabet class index → text
 * @throws GlyphpoolError `INVALID_OPTION` when the recogniser has none of the characters
 */
export function allowedClasses(
  { id, params, narrowing }: RecognitionModel & { readonly narrowing: Narrowing },
  alphabet: readonly string[],
): number[] {
  const { allowed, wanted } = allowedBy(narrowing.alphabet);
  const classes = [...alphabet.keys()].filter((index) => {
    const text = alphabet[index] as string;
    return index === params.blank || text.trim() === "" || Array.from(text).every(allowed);
  });
  if (classes.some((index) => Array.from(alphabet[index] as string).some(wanted))) return classes;
  throw new GlyphpoolError(
    "INVALID_OPTION",
    `${id} has none of the characters that the alphabet "${narrowing.alphabet}" allows. Choose other models or another alphabet.`,
  );
}

interface Allowed {
  readonly allowed: (character: string) => boolean;
  /** Of these a recogniser must have some: the letters of a script, without what all scripts share. */
  readonly wanted: (character: string) => boolean;
}

function allowedBy(rule: string): Allowed {
  const script = findScript(rule);
  if (!script) {
    const characters = expandRanges(rule);
    const has = (character: string): boolean => characters.has(character);
    return { allowed: has, wanted: (character) => character.trim() !== "" && has(character) };
  }
  const { own } = script;
  const isCjk = CJK.has(script.name);
  return {
    allowed: (character) =>
      own.test(character) || (COMMON.test(character) && (isCjk || !CJK_ONLY.test(character))),
    wanted: (character) => own.test(character),
  };
}

/** A script by its name, whatever its case. Shorter words are taken for characters. */
function findScript(rule: string): { readonly name: string; readonly own: RegExp } | undefined {
  if (!/^[a-z]{3,}(_[a-z]+)*$/i.test(rule)) return undefined;
  const capital = (word: string): string => word.charAt(0).toUpperCase() + word.slice(1);
  const name = rule.toLowerCase().split("_").map(capital).join("_");
  try {
    return { name, own: new RegExp(`\\p{Script=${name}}`, "u") };
  } catch {
    // No script has that name.
    return undefined;
  }
}

function expandRanges(rule: string): ReadonlySet<string> {
  const characters = Array.from(rule);
  const all = new Set<string>();
  for (let i = 0; i < characters.length; i++) {
    const from = characters[i] as string;
    const to = characters[i + 1] === "-" ? characters[i + 2] : undefined;
    if (to === undefined) {
      all.add(from);
      continue;
    }
    const first = from.codePointAt(0) as number;
    const last = to.codePointAt(0) as number;
    if (first > last) {
      throw new GlyphpoolError(
        "INVALID_OPTION",
        `The range ${from}-${to} in the alphabet "${rule}" is empty: its first character comes after its last.`,
      );
    }
    for (let code = first; code <= last; code++) all.add(String.fromCodePoint(code));
    i += 2;
  }
  return all;
}
