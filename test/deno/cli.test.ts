import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { decodePng } from "../../src/image/png/decode.ts";
import { searchablePdf } from "../../src/output/pdf/open-searchable-pdf.ts";
import type { DocumentPage } from "../../src/types.ts";
import { greyTiff } from "../fixtures/grey-tiff.ts";
import { textPdf } from "../unit/document/pdf-writer.ts";

const MAIN = new URL("../../src/cli/main.ts", import.meta.url).pathname;
const SMALL = new URL("../fixtures/pages/small.png", import.meta.url).pathname;
const WEBP = new URL("../fixtures/images/lossy.webp", import.meta.url).pathname;
const FIXTURES = new URL("../fixtures/pages", import.meta.url).pathname;
const PAGES = 4;

let folder: string;
let pdf: string;
/** Whether pages of a PDF can be drawn here. */
const canDraw = await import("@napi-rs/canvas").then(
  () => true,
  () => false,
);

beforeAll(async () => {
  folder = await Deno.makeTempDir({ prefix: "glyphpool-" });
  pdf = `${folder}/book.pdf`;
  await Deno.writeFile(pdf, await scan(PAGES));
});
afterAll(async () => await Deno.remove(folder, { recursive: true }));

/** A PDF of pages that are pictures. */
async function scan(pages: number): Promise<Uint8Array> {
  const bytes = await Deno.readFile(SMALL);
  const view = new DataView(bytes.buffer);
  const [width, height] = [view.getUint32(16), view.getUint32(20)];
  const page: DocumentPage = {
    number: 1,
    source: "ocr",
    width,
    height,
    dpi: 72,
    rotation: 0,
    text: "",
    lines: [],
    timings: { decode: 0, detect: 0, orient: 0, recognize: 0, inference: 0, total: 0 },
  };
  const document = await searchablePdf();
  for (let i = 0; i < pages; i++) {
    await document.add(page, { kind: "image", bytes, type: "image/png", width, height });
  }
  return await document.save();
}

function start(...args: readonly string[]): Deno.ChildProcess {
  return new Deno.Command(Deno.execPath(), {
    args: ["run", "-A", MAIN, "read", "--backend", "wasm", "--jobs", "1", ...args],
    stdout: "piped",
    stderr: "piped",
  }).spawn();
}

async function run(
  ...args: readonly string[]
): Promise<{ code: number; stdout: string; stderr: string }> {
  const { code, stdout, stderr } = await start(...args).output();
  const text = new TextDecoder();
  return { code, stdout: text.decode(stdout), stderr: text.decode(stderr) };
}

describe("glyphpool read", () => {
  it("prints each file's text in order, and says which could not be read", async () => {
    const { code, stdout, stderr } = await run(SMALL, `${folder}/none.png`, SMALL);
    expect(code).toBe(1);
    const [first, second] = stdout.split(/==> .* <==\n/).filter((part) => part.trim() !== "");
    expect(first?.trim()).not.toBe("");
    expect(second?.trim()).toBe(first?.trim());
    expect(stderr).toMatch(/none\.png.*INPUT_NOT_FOUND/);
  }, 60_000);

  it("warns of lines that it left out", async () => {
    const { code, stdout, stderr } = await run(SMALL, "--min-confidence", "1");
    expect({ code, stdout: stdout.trim() }).toEqual({ code: 0, stdout: "" });
    expect(stderr).toMatch(/^glyphpool: warning: .*, page 1: LINES_DROPPED: \d+ lines? w/);
  }, 60_000);

  it("prints a line of JSON for each page", async () => {
    const { code, stdout } = await run(SMALL, SMALL, "--format", "jsonl");
    expect(code).toBe(0);
    const records = stdout
      .trim()
      .split("\n")
      .map((line) => JSON.parse(line) as Record<string, unknown>);
    expect(records).toHaveLength(2);
    expect(records[0]).toMatchObject({ file: SMALL, page: 1, source: "ocr" });
    for (const field of ["rotation", "width", "height", "text", "lines", "timings"]) {
      expect(records[0]).toHaveProperty(field);
    }
  }, 60_000);

  it.skipIf(!canDraw)(
    "reads pages of a PDF into a file of its own in a folder",
    async () => {
      const { code, stderr } = await run(pdf, "--pages", "r1,1", "--format", "tsv", "-o", folder);
      expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
      const rows = (await Deno.readTextFile(`${folder}/book.tsv`)).trim().split("\n");
      expect(rows[0]).toMatch(/^level\tpage_num\t/);
      const pages = rows.filter((row) => row.startsWith("1\t")).map((row) => row.split("\t")[1]);
      expect(pages).toEqual([String(PAGES), "1"]);
      expect(rows.filter((row) => row.startsWith("5\t")).length).toBeGreaterThan(2);
    },
    60_000,
  );

  it.skipIf(!canDraw)(
    "writes each table of a document into a CSV file of its own",
    async () => {
      const out = await Deno.makeTempDir({ dir: folder });
      const entries = [
        ["Station", "Height", "Depth"],
        ["Harbour, pier", "4.52", "2.10"],
        ["Island", "3.87", "1.94"],
        ["Lighthouse", "5.03", "2.77"],
        ["Northern bay", "4.11", "2.02"],
      ];
      const draw = entries
        .flatMap((row, i) =>
          row.map(
            (text, k) => `BT /F 12 Tf ${[72, 240, 360][k]} ${700 - 20 * i} Td (${text}) Tj ET`,
          ),
        )
        .join("\n");
      await Deno.writeFile(`${out}/tides.pdf`, textPdf([], { draw }));
      const { code, stderr } = await run(`${out}/tides.pdf`, "--format", "csv", "-o", `${out}/`);
      expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
      expect(await Deno.readTextFile(`${out}/tides-1.csv`)).toBe(
        'Station,Height,Depth\r\n"Harbour, pier",4.52,2.10\r\nIsland,3.87,1.94\r\n' +
          "Lighthouse,5.03,2.77\r\nNorthern bay,4.11,2.02\r\n",
      );
    },
    60_000,
  );

  it("leaves no file of a document that cannot be opened", async () => {
    const out = await Deno.makeTempDir({ dir: folder });
    const { code, stderr } = await run("missing.png", SMALL, "--format", "alto", "-o", out);
    expect(code).toBe(1);
    expect(stderr).toContain("INPUT_NOT_FOUND");
    expect([...Deno.readDirSync(out)].map(({ name }) => name)).toEqual(["small.xml"]);
  });

  it.skipIf(!canDraw)(
    "makes a PDF searchable, and takes the text from it the next time",
    async () => {
      const output = `${folder}/searchable.pdf`;
      expect((await run(pdf, "--pages", "2", "--format", "pdf", "-o", output)).code).toBe(0);
      const plain = await run(pdf, "--pages", "2", "--format", "text");
      const { stdout } = await run(output, "--pages", "2", "--format", "jsonl");
      const page = JSON.parse(stdout) as { source: string; text: string };
      expect(page.source).toBe("layer");
      expect(page.text.split(/\s+/)).toEqual(plain.stdout.trim().split(/\s+/));
    },
    120_000,
  );

  it("makes a searchable PDF of what no PDF holds, and of the files beside one that is damaged", async () => {
    const out = await Deno.makeTempDir({ dir: folder });
    const small = await decodePng(await Deno.readFile(SMALL));
    const tiff = greyTiff([small, small]);
    const scans = `${out}/scans.tif`;
    const cut = `${out}/cut.webp`;
    await Deno.writeFile(scans, tiff);
    await Deno.writeFile(cut, (await Deno.readFile(WEBP)).subarray(0, -20));
    const { code, stderr } = await run(cut, scans, WEBP, "--format", "pdf", "-o", out);
    expect(code).toBe(1);
    expect(stderr.trim().split("\n")).toEqual([expect.stringMatching(/cut\.webp.*IMAGE_CORRUPT/)]);
    const made = [...Deno.readDirSync(out)]
      .map(({ name }) => name)
      .filter((name) => name.endsWith("pdf"));
    expect(made.toSorted()).toEqual(["lossy.pdf", "scans.pdf"]);
    const { stdout } = await run(`${out}/scans.pdf`, "--format", "jsonl");
    const pages = stdout.trim().split("\n");
    expect(pages).toHaveLength(2);
    for (const line of pages) {
      const page = JSON.parse(line) as { source: string; text: string };
      expect(page).toMatchObject({ source: "layer", text: expect.stringMatching(/Room\s?42/) });
    }
  }, 60_000);

  it.skipIf(!canDraw)(
    "leaves the finished pages in a whole file when it is interrupted",
    async () => {
      const output = `${folder}/interrupted.json`;
      const child = start(pdf, "--format", "json", "-o", output);
      for (let found = 0; found < 1;) {
        await new Promise((resolve) => setTimeout(resolve, 50));
        found = (await Deno.readTextFile(output).catch(() => "")).split("\n").length - 1;
      }
      child.kill("SIGINT");
      const { code } = await child.output();
      expect(code).toBe(130);
      const pages = JSON.parse(await Deno.readTextFile(output)) as { page: number; text: string }[];
      expect(pages.length).toBeGreaterThanOrEqual(1);
      expect(pages.length).toBeLessThan(PAGES);
      expect(pages[0]).toMatchObject({ page: 1, text: expect.stringMatching(/\w/) });
    },
    60_000,
  );

  it.each([
    [["--format", "docx", SMALL], /--format is docx/],
    [["--format", "hocr", SMALL, SMALL], /one document/],
    [["--format", "pdf", SMALL], /--output/],
    [["--pages", "x", SMALL], /INVALID_OPTION.*pages/],
    [["--dpi", "0", SMALL], /INVALID_OPTION.*dpi/],
    [[], /at least one file/],
    [["--fromat", "json", SMALL], /unknown option --fromat; did you mean --format\?/],
    [["--zzz", SMALL], /unknown option --zzz\n/],
    [[SMALL, "--output"], /--output needs a value/],
    [[SMALL, "--output", "--format", "json"], /--output needs a value/],
    [["--layout=yes", SMALL], /--layout takes no value/],
    [[FIXTURES], /is a folder: add --recursive/],
    [["-", "-"], /only once/],
  ])("refuses %j before it starts anything", async (args, message) => {
    const { code, stderr } = await run(...args);
    expect(code).toBe(2);
    expect(stderr).toMatch(message);
  });
});

describe("inputs and outputs", () => {
  it("reads the standard input, and writes the format of the ending into a folder that it makes", async () => {
    const output = `${folder}/made/deep/page.json`;
    const child = new Deno.Command(Deno.execPath(), {
      args: ["run", "-A", MAIN, "read", "--backend", "wasm", "--jobs", "1", "-", "-o", output],
      stdin: "piped",
      stdout: "piped",
      stderr: "piped",
    }).spawn();
    const writer = child.stdin.getWriter();
    await writer.write(await Deno.readFile(SMALL));
    await writer.close();
    const { code, stderr } = await child.output();
    expect({ code, stderr: new TextDecoder().decode(stderr) }).toEqual({ code: 0, stderr: "" });
    const [page] = JSON.parse(await Deno.readTextFile(output)) as { file: string; text: string }[];
    expect(page).toMatchObject({ file: "stdin", text: expect.stringMatching(/\w/) });
  }, 60_000);

  it("reads a folder's documents into a folder, and tells errors as JSON", async () => {
    const from = `${folder}/inbox`;
    await Deno.mkdir(`${from}/more`, { recursive: true });
    await Deno.copyFile(SMALL, `${from}/b.png`);
    await Deno.copyFile(SMALL, `${from}/more/c.png`);
    await Deno.writeTextFile(`${from}/a.jpg`, "not an image");
    await Deno.writeTextFile(`${from}/notes.txt`, "not read");
    const { code, stderr } = await run(
      from,
      "-r",
      "--json-errors",
      "--format",
      "tsv",
      "-o",
      `${folder}/outbox/`,
    );
    expect(code).toBe(1);
    const errors = stderr
      .trim()
      .split("\n")
      .map((line) => JSON.parse(line) as object);
    expect(errors).toEqual([
      {
        level: "error",
        file: `${from}/a.jpg`,
        page: 1,
        code: expect.stringMatching(/^[A-Z_]+$/),
        message: expect.any(String),
      },
    ]);
    const made = [...Deno.readDirSync(`${folder}/outbox`)].map(({ name }) => name);
    expect(made.toSorted()).toEqual(["b.tsv", "c.tsv"]);
  }, 60_000);
});

describe("glyphpool", () => {
  const glyphpool = async (
    ...args: string[]
  ): Promise<{ code: number; out: string; err: string }> => {
    const { code, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
      args: ["run", "-A", MAIN, ...args],
    }).output();
    const text = new TextDecoder();
    return { code, out: text.decode(stdout), err: text.decode(stderr) };
  };

  it("doctor tests itself and hides the home folder", async () => {
    const { code, out, err } = await glyphpool("doctor", "--backend", "wasm");
    expect({ code, err }).toEqual({ code: 0, err: "" });
    expect(out).toMatch(/^ {2}result +ok$/m);
    expect(out).toMatch(/^ {2}backend +wasm$/m);
    expect(out).not.toContain(Deno.env.get("HOME") ?? "no home");
  }, 60_000);

  it("helps with commands, topics and typing mistakes", async () => {
    const { code, err } = await glyphpool("raed");
    expect(code).toBe(2);
    expect(err).toMatch(/unknown command raed; did you mean read\?/);
    expect((await glyphpool("help", "exit-codes")).out).toMatch(/130 +interrupted/);
    const bash = await glyphpool("completions", "bash");
    expect(bash.out).toMatch(/read\) words="--format .*--min-confidence/);
    expect((await glyphpool("completions", "csh")).code).toBe(2);
  }, 60_000);
});
