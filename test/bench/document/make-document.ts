/** A long PDF of scans: real pages, again and again, no two of them placed alike. */
import { readFileSync } from "node:fs";
import { degrees, PDFDocument } from "@cantoo/pdf-lib";

/** Points; A4 and US letter. */
const SIZES = [
  [595, 842],
  [612, 792],
] as const;

/** @param images paths of PNG files */
export async function makeDocument(images: readonly string[], pages: number): Promise<Uint8Array> {
  const document = await PDFDocument.create();
  const embedded = [];
  for (const path of images) embedded.push(await document.embedPng(readFileSync(path)));
  const random = randomFrom(7);
  for (let i = 0; i < pages; i++) {
    const image = embedded[i % embedded.length];
    const [width, height] = SIZES[Math.floor(random() * SIZES.length)] ?? SIZES[0];
    const page = document.addPage([width, height]);
    if (!image) continue;
    const scale = Math.min(width / image.width, height / image.height) * (0.88 + 0.1 * random());
    page.drawImage(image, {
      x: (width - image.width * scale) * random(),
      y: (height - image.height * scale) * random(),
      width: image.width * scale,
      height: image.height * scale,
      rotate: degrees(2 * random() - 1),
    });
  }
  return await document.save();
}

/** The same numbers in every run. (Mulberry32) */
function randomFrom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
}
