/** What is scored, and predictions in a folder: one file per page or table. */
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Block } from "../../../src/types.ts";

/** Gives for each page or table what is scored. */
export interface Reader {
  /** The Markdown of a page. */
  markdown(name: string, image: string): Promise<string>;
  /** The HTML of an image that is one table; empty where none was found. */
  tableHtml(name: string, image: string): Promise<string>;
  /** The blocks of a page. */
  blocks(name: string, image: string): Promise<readonly BlockRegion[]>;
}

export type BlockRegion = Pick<Block, "type" | "polygon" | "confidence">;

/** `<name>.md`, `<name>.html` and `<name>.json`: a page, `{"blocks": […]}`, or the blocks alone. */
export function folderReader(folder: string): Reader {
  const read = (file: string): string => {
    const path = join(folder, file);
    if (!existsSync(path)) throw new Error(`There is no prediction ${path}.`);
    return readFileSync(path, "utf8");
  };
  return {
    markdown: async (name) => read(`${name}.md`),
    tableHtml: async (name) => read(`${name}.html`),
    blocks: async (name) => {
      const json = JSON.parse(read(`${name}.json`)) as
        | readonly BlockRegion[]
        | { readonly blocks: readonly BlockRegion[] };
      return "blocks" in json ? json.blocks : json;
    },
  };
}

/** Writes what a reader gives to a folder, where {@link folderReader} finds it. */
export function savingReader(reader: Reader, folder: string): Reader {
  mkdirSync(folder, { recursive: true });
  const save = (file: string, text: string): void => writeFileSync(join(folder, file), text);
  return {
    markdown: async (name, image) => {
      const markdown = await reader.markdown(name, image);
      save(`${name}.md`, markdown);
      return markdown;
    },
    tableHtml: async (name, image) => {
      const html = await reader.tableHtml(name, image);
      save(`${name}.html`, html);
      return html;
    },
    blocks: async (name, image) => {
      const blocks = await reader.blocks(name, image);
      const regions = blocks.map(({ type, polygon, confidence }) => ({
        type,
        polygon,
        confidence,
      }));
      save(`${name}.json`, JSON.stringify({ blocks: regions }, undefined, 1));
      return blocks;
    },
  };
}
