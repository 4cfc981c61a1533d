/** Writes small PDFs, honest and hostile ones, in any runtime. */

/** An object of the file: a dictionary as text, with or without a stream. */
interface PdfObject {
  readonly dict: string;
  readonly stream?: Uint8Array;
}

const ascii = (text: string): Uint8Array => Uint8Array.from(text, (c) => c.charCodeAt(0));

/** @param objects the first is number 1 and has to be the catalog */
export function writePdf(objects: readonly (PdfObject | string)[]): Uint8Array<ArrayBuffer> {
  const parts: Uint8Array[] = [ascii("%PDF-1.7\n")];
  const offsets: number[] = [];
  let size = parts[0]!.length;
  const put = (part: Uint8Array): void => {
    parts.push(part);
    size += part.length;
  };
  for (const [index, given] of objects.entries()) {
    const { dict, stream } = typeof given === "string" ? { dict: given } : given;
    offsets.push(size);
    if (!stream) {
      put(ascii(`${index + 1} 0 obj\n${dict}\nendobj\n`));
      continue;
    }
    const full = dict.replace(/>>$/, ` /Length ${stream.length} >>`);
    put(ascii(`${index + 1} 0 obj\n${full}\nstream\n`));
    put(stream);
    put(ascii("\nendstream\nendobj\n"));
  }
  const start = size;
  const rows = offsets.map((offset) => `${String(offset).padStart(10, "0")} 00000 n \n`).join("");
  put(ascii(`xref\n0 ${objects.length + 1}\n0000000000 65535 f \n${rows}`));
  put(
    ascii(`trailer\n<< /Size ${objects.length + 1} /Root 1 0 R >>\nstartxref\n${start}\n%%EOF\n`),
  );
  const file = new Uint8Array(size);
  let at = 0;
  for (const part of parts) {
    file.set(part, at);
    at += part.length;
  }
  return file;
}

export async function deflate(bytes: Uint8Array | Blob): Promise<Uint8Array> {
  const blob = bytes instanceof Blob ? bytes : new Blob([bytes as Uint8Array<ArrayBuffer>]);
  const packed = blob.stream().pipeThrough(new CompressionStream("deflate"));
  return new Uint8Array(await new Response(packed).arrayBuffer());
}

export interface PageOptions {
  /** Further entries of the page's dictionary, such as "/Rotate 90". */
  readonly entries?: string;
  /** Default: A4 upright. */
  readonly mediaBox?: string;
  /** Drawn before the text. */
  readonly draw?: string;
  /** Further resources, such as "/XObject << /I 6 0 R >>"; objects follow from number 6. */
  readonly resources?: string;
  readonly objects?: readonly (PdfObject | string)[];
}

/** One page with lines of 24-point Helvetica, 40 points apart, from (72, 720) downwards. */
export function textPdf(
  lines: readonly string[],
  options: PageOptions = {},
): Uint8Array<ArrayBuffer> {
  const {
    entries = "",
    mediaBox = "0 0 595 842",
    draw = "",
    resources = "",
    objects = [],
  } = options;
  const text = lines
    .map((line, i) => `BT /F 24 Tf 72 ${720 - 40 * i} Td (${line}) Tj ET`)
    .join("\n");
  return writePdf([
    "<< /Type /Catalog /Pages 2 0 R >>",
    "<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
    `<< /Type /Page /Parent 2 0 R /MediaBox [${mediaBox}] ${entries} /Contents 4 0 R
      /Resources << /Font << /F 5 0 R >> ${resources} >> >>`,
    { dict: "<< >>", stream: ascii(`${draw}\n${text}`) },
    "<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>",
    ...objects,
  ]);
}

/** A page that is one picture: left half black, right half red. */
export async function imagePdf(
  text: readonly string[] = [],
  mode = 0,
): Promise<Uint8Array<ArrayBuffer>> {
  const pixels = new Uint8Array(20 * 20 * 3);
  for (let i = 0; i < 400; i++) pixels[i * 3] = i % 20 < 10 ? 0 : 255;
  const dict =
    "<< /Type /XObject /Subtype /Image /Width 20 /Height 20 /ColorSpace /DeviceRGB /BitsPerComponent 8 /Filter /FlateDecode >>";
  return textPdf(text, {
    draw: `q 595 0 0 842 0 0 cm /I Do Q ${mode} Tr`,
    resources: "/XObject << /I 6 0 R >>",
    objects: [{ dict, stream: await deflate(pixels) }],
  });
}

/** An image that claims so many pixels on a side, and has the data of none. */
export function hugeImagePdf(side: number): Uint8Array<ArrayBuffer> {
  const dict = `<< /Type /XObject /Subtype /Image /Width ${side} /Height ${side} /ColorSpace /DeviceGray /BitsPerComponent 8 >>`;
  return textPdf(["beside"], {
    draw: "q 595 0 0 842 0 0 cm /I Do Q",
    resources: "/XObject << /I 6 0 R >>",
    objects: [{ dict, stream: Uint8Array.of(0) }],
  });
}

/** A content stream that unpacks, twice, to so many bytes of white space. */
export async function flateBomb(bytes: number): Promise<Uint8Array<ArrayBuffer>> {
  const block = new Uint8Array(2 ** 20).fill(32);
  const blob = new Blob(Array.from({ length: Math.ceil(bytes / block.length) }, () => block));
  const once = await deflate(blob);
  return writePdf([
    "<< /Type /Catalog /Pages 2 0 R >>",
    "<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
    "<< /Type /Page /Parent 2 0 R /MediaBox [0 0 200 200] /Contents 4 0 R /Resources << >> >>",
    { dict: "<< /Filter [/FlateDecode /FlateDecode] >>", stream: await deflate(once) },
  ]);
}

/** Forms that draw the next ten times: 10 ** depth rectangles, and no end for whoever draws them. */
export function formBomb(depth: number): Uint8Array<ArrayBuffer> {
  const form = (i: number): PdfObject => ({
    dict: `<< /Type /XObject /Subtype /Form /BBox [0 0 200 200] /Resources << /XObject << /X ${i + 1} 0 R >> >> >>`,
    stream: ascii("/X Do ".repeat(10)),
  });
  const first = 4;
  const forms = Array.from({ length: depth }, (_, i) => form(first + 1 + i));
  return writePdf([
    "<< /Type /Catalog /Pages 2 0 R >>",
    "<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
    `<< /Type /Page /Parent 2 0 R /MediaBox [0 0 200 200] /Contents 4 0 R
      /Resources << /XObject << /X 5 0 R >> >> >>`,
    { dict: "<< >>", stream: ascii("/X Do") },
    ...forms,
    {
      dict: "<< /Type /XObject /Subtype /Form /BBox [0 0 200 200] >>",
      stream: ascii("0 0 1 1 re f"),
    },
  ]);
}

/** A tree of pages whose root is its own child. */
export function loopPdf(): Uint8Array<ArrayBuffer> {
  return writePdf([
    "<< /Type /Catalog /Pages 2 0 R >>",
    "<< /Type /Pages /Kids [2 0 R 2 0 R] /Count 2 /Parent 2 0 R >>",
  ]);
}

export function manyPages(count: number): Uint8Array<ArrayBuffer> {
  const kids = Array.from({ length: count }, (_, i) => `${i + 3} 0 R`).join(" ");
  const page = "<< /Type /Page /Parent 2 0 R /MediaBox [0 0 200 200] >>";
  return writePdf([
    "<< /Type /Catalog /Pages 2 0 R >>",
    `<< /Type /Pages /Kids [${kids}] /Count ${count} >>`,
    ...Array.from({ length: count }, () => page),
  ]);
}
