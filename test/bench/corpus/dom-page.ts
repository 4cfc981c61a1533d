/** Runs in the page: its blocks and words with their places. */

export interface DomPage {
  readonly blocks: readonly {
    readonly type: string;
    readonly text: string;
    readonly box: readonly [number, number, number, number];
    readonly html?: string;
  }[];
  readonly words: readonly {
    readonly text: string;
    readonly box: readonly [number, number, number, number];
    readonly block: number;
  }[];
}

export function domPage(): DomPage {
  const blocks: DomPage["blocks"][number][] = [];
  const words: DomPage["words"][number][] = [];
  const inside = ({ left, top, right, bottom }: DOMRect): boolean =>
    left >= 0 && top >= 0 && right <= innerWidth && bottom <= innerHeight && right > left;
  for (const element of document.querySelectorAll<HTMLElement>("[data-block]")) {
    const own: { text: string; box: DomPage["words"][number]["box"] }[] = [];
    const walker = document.createTreeWalker(element, NodeFilter.SHOW_TEXT);
    for (let node = walker.nextNode(); node; node = walker.nextNode()) {
      if (node.parentElement?.closest("svg")) continue;
      const item = node.parentElement?.closest("li");
      if (item && item.firstChild === node) {
        // Marks are drawn beside the text and are no text of the DOM.
        const ordered = item.parentElement?.tagName === "OL";
        const mark = ordered
          ? `${[...(item.parentElement?.children ?? [])].indexOf(item) + 1}.`
          : "•";
        const range = document.createRange();
        range.setStart(node, 0);
        range.setEnd(node, 1);
        const at = range.getBoundingClientRect();
        if (inside(at)) {
          own.push({ text: mark, box: [at.left - 16, at.top, at.left - 6, at.bottom] });
        }
      }
      for (const match of (node.textContent ?? "").matchAll(/\S+/gu)) {
        const range = document.createRange();
        range.setStart(node, match.index);
        range.setEnd(node, match.index + match[0].length);
        const place = range.getClientRects()[0];
        if (!place || !inside(place)) continue;
        const { left, top, right, bottom } = place;
        own.push({ text: match[0], box: [left, top, right, bottom] });
      }
    }
    const isTable = element.tagName === "TABLE";
    // A block that goes on in the next column is one in each.
    const parts: (typeof own)[] = [[]];
    for (const word of own) {
      const last = parts.at(-1)?.at(-1);
      if (!isTable && last && word.box[1] < last.box[1] - 60) parts.push([]);
      parts.at(-1)?.push(word);
    }
    const copy = element.cloneNode(true) as HTMLElement;
    for (const each of [copy, ...copy.querySelectorAll("*")]) {
      each.removeAttribute("style");
      each.removeAttribute("data-block");
    }
    for (const part of parts) {
      const { left, top, right, bottom } = element.getBoundingClientRect();
      const boxes =
        part.length > 0 ? part.map(({ box }) => box) : [[left, top, right, bottom] as const];
      if (part.length === 0 && !inside(element.getBoundingClientRect())) continue;
      for (const { text, box } of part) words.push({ text, box, block: blocks.length });
      blocks.push({
        type: element.dataset["block"] ?? "",
        text: part.map(({ text }) => text).join(" "),
        box: [
          Math.min(...boxes.map(([x]) => x)),
          Math.min(...boxes.map(([, y]) => y)),
          Math.max(...boxes.map(([, , x]) => x)),
          Math.max(...boxes.map(([, , , y]) => y)),
        ],
        ...(isTable ? { html: copy.outerHTML } : {}),
      });
    }
  }
  return { blocks, words };
}
