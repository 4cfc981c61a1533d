// Draws the test pages and demo/sample.png with known text, and writes down what is where.
// Needs a Chromium and, for the Chinese page, a CJK font; the results are committed, so only a
// change of the drawings needs this: `node scripts/draw-samples.mjs`.
import { mkdirSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { deflateSync } from "node:zlib";
import { chromium } from "playwright";
import { CHROME_FLAGS, findInstalledChromes, findPlaywrightChromium } from "./chrome.mjs";

const SANS = "'Liberation Sans', Arial, sans-serif";
const SERIF = "'Liberation Serif', 'Times New Roman', serif";
const MONO = "'Liberation Mono', 'Courier New', monospace";
const CJK = "'WenQuanYi Zen Hei', 'Noto Sans CJK SC', 'PingFang SC', 'Microsoft YaHei'";

/** One run of text: x and y are the start of its baseline, angle turns it clockwise around that point. */
const text = (x, y, size, string, more = {}) => ({ kind: "text", x, y, size, string, ...more });
const rect = (x, y, width, height, fill) => ({ kind: "rect", x, y, width, height, fill });

function invoice() {
  const blue = "#1d4e89";
  const grey = "#5a6472";
  const items = [
    rect(0, 0, 1000, 14, blue),
    rect(60, 56, 54, 54, blue),
    rect(72, 68, 30, 8, "#ffffff"),
    rect(72, 80, 30, 8, "#ffffff"),
    rect(72, 92, 18, 8, "#ffffff"),
    text(132, 82, 32, "Harbour Lane Press", { weight: "bold", fill: blue }),
    text(132, 108, 18, "Printing and binding since 1974", { fill: grey }),
    text(760, 86, 36, "INVOICE", { weight: "bold" }),
    text(60, 168, 18, "Billed to", { fill: grey }),
    text(60, 198, 22, "Marian Okafor"),
    text(60, 228, 22, "27 Willow Street"),
    text(60, 258, 22, "Bristol BS1 4QX"),
    text(640, 168, 18, "Invoice number", { fill: grey }),
    text(640, 198, 22, "HL-2026-0318"),
    text(640, 234, 18, "Date", { fill: grey }),
    text(640, 264, 22, "14 November 2026"),
    rect(60, 300, 880, 40, "#e8eef5"),
    text(76, 327, 20, "Description", { weight: "bold" }),
    text(540, 327, 20, "Quantity", { weight: "bold" }),
    text(690, 327, 20, "Price", { weight: "bold" }),
    text(840, 327, 20, "Amount", { weight: "bold" }),
  ];
  const rows = [
    ["Poster, A2, matt paper", "120", "3.45", "414.00"],
    ["Booklet, 32 pages, stapled", "250", "2.80", "700.00"],
    ["Business cards, double-sided", "500", "0.12", "60.00"],
    ["Delivery within 3 days", "1", "18.50", "18.50"],
  ];
  rows.forEach((row, index) => {
    const y = 376 + index * 44;
    [76, 540, 690, 840].forEach((x, column) => items.push(text(x, y, 20, row[column])));
    items.push(rect(60, y + 15, 880, 1, "#c9d3de"));
  });
  items.push(
    text(690, 566, 20, "VAT 20%"),
    text(840, 566, 20, "238.50"),
    text(690, 608, 24, "Total", { weight: "bold" }),
    text(828, 608, 24, "1,431.00", { weight: "bold" }),
    text(60, 608, 18, "Please pay within 30 days. Thank you for your order!"),
    rect(60, 636, 880, 2, blue),
    text(60, 668, 16, "accounts@harbourlane.example", { fill: grey }),
    text(760, 668, 16, "+44 117 555 0142", { fill: grey }),
  );
  return { width: 1000, height: 700, background: "#ffffff", font: SANS, items };
}

const LETTER = [
  "The Lighthouse Keeper's Log, Part 7",
  "On 3 March 1897 the wind turned north-east and the sea rose",
  "to a height of 4.5 metres. We counted twelve sails before noon,",
  "and only nine after it; the others had made for the harbour.",
  "Temperature: 6.8 degrees, barometer 742 mm and falling fast.",
  '"Keep the lamp burning," said Mr. Quigley, "whatever happens!"',
  "Oil used: 18 litres (last month: 15). Wicks replaced: 2 of 8.",
  "At 16:40 the brig Amazon passed us, her jib torn in two places.",
  "She answered our signal with three flags: B, K and X.",
  "Why did she not turn back? Nobody on the island could tell.",
  "The supply boat brought flour, salt, 40 candles and a parcel;",
  "its price was $12.75 plus 10% for carriage, paid in full.",
  "We mended the stair, painted the rail and cleaned 96 prisms.",
  "Next visit: 21/04/1897, weather permitting, at the usual hour.",
  "Water in the cistern stands at 1,250 gallons (82% of capacity).",
  "The quick brown fox jumps over the lazy dog & runs away.",
  "Distances: to Port Ellen 11 km; to Cape Wrath 230 km.",
  "Please send: 6 x glass, 2 x rope (30 m), 1 x brass hinge #4.",
  "Accounts are kept in book C, pages 101-118, lines 5 to 9.",
  "A gull with a ringed foot has nested under the east window.",
  "Its ring reads JX 50927; we have written to the museum.",
  "Fog signal sounded for 7 hours = 420 minutes without a break.",
  "No vessel was lost this week, and for that we are grateful.",
  "Yours faithfully,",
  "Edith V. Zimmerman, Assistant Keeper",
];

function letter() {
  const items = LETTER.map((string, index) =>
    index === 0
      ? text(70, 84, 34, string, { weight: "bold" })
      : text(70, 96 + index * 44 + (index > 22 ? 20 : 0), 24, string),
  );
  return { width: 860, height: 1240, background: "#fdfcf8", font: SERIF, items };
}

function chinese() {
  const lines = [
    "春天的早晨",
    "窗外下着小雨，街上的行人很少。",
    "图书馆每天上午九点开门，下午六点关门。",
    "电话：010-65881234  价格：38.50元",
    "请把这封信寄到北京市海淀区中关村大街27号。",
    "我们用 WebGPU 识别文字，速度很快。",
    "十一月十四日星期六",
  ];
  const items = lines.map((string, index) => text(50, 70 + index * 58, index ? 28 : 38, string));
  return { width: 720, height: 470, background: "#ffffff", font: CJK, items, cjk: true };
}

function rotated() {
  const items = [
    text(60, 60, 28, "This line is level"),
    text(60, 130, 28, "Ten degrees downhill", { angle: 10 }),
    text(70, 320, 28, "Ten degrees uphill", { angle: -10 }),
    text(640, 470, 28, "Upside down text", { angle: 180 }),
    text(520, 60, 28, "Reading downwards", { angle: 90 }),
    text(660, 330, 28, "Reading upwards", { angle: -90 }),
  ];
  return { width: 720, height: 520, background: "#ffffff", font: SANS, items };
}

function small() {
  const items = [
    text(12, 40, 26, "Open door", { weight: "bold" }),
    text(12, 78, 24, "Room 42", { weight: "bold" }),
  ];
  return { width: 160, height: 96, background: "#ffffff", font: SANS, items };
}

function line() {
  const items = [text(10, 33, 28, "Order no. 58-2204, paid by card", { weight: "normal" })];
  return { width: 544, height: 48, background: "#ffffff", font: MONO, items };
}

/** A page with everything that a layout consists of: two columns, a list, a drawn table, a picture, running heads. */
function article() {
  const items = [
    text(60, 50, 16, "Journal of Harbour Studies"),
    text(806, 50, 16, "57"),
    text(150, 130, 38, "Tides of the northern islands", { weight: "bold" }),
  ];
  const left = [
    "The tides around the islands have been",
    "measured since 1842 by the keepers of",
    "the lighthouses. Their books are kept in",
    "the harbour office and were copied for",
    "this study by two assistants.",
  ];
  const right = [
    "Every reading was compared with the",
    "one of the next station. Where both",
    "differ by more than ten centimetres,",
    "the day was left out. In all, seventy",
    "days of ten years were lost this way.",
  ];
  items.push(text(60, 200, 24, "1. Methods", { weight: "bold" }));
  left.forEach((string, i) => items.push(text(60, 240 + i * 28, 19, string)));
  items.push(text(470, 200, 24, "2. Readings", { weight: "bold" }));
  right.forEach((string, i) => items.push(text(470, 240 + i * 28, 19, string)));
  ["1. Wait for slack water.", "2. Read the scale twice.", "3. Write both figures down."].forEach(
    (string, i) => items.push(text(80, 410 + i * 28, 19, string)),
  );
  for (let i = 0; i < 5; i++) {
    items.push(rect(500 + i * 56, 520 - 24 * (i + 1), 50, 24 * (i + 1), "#3d6a9e"));
  }
  items.push(text(490, 556, 16, "Figure 1. Mean height by decade"));
  items.push(text(250, 620, 16, "Table 1. Height of the tides in metres"));
  const rows = [
    ["Station", "Spring", "Neap", "Days"],
    ["North light", "4.52", "2.10", "3610"],
    ["Old harbour", "4.18", "1.96", "3584"],
    ["Seal rock", "3.87", "1.72", "3501"],
  ];
  const edges = [150, 350, 490, 620, 750];
  rows.forEach((row, r) =>
    row.forEach((string, c) =>
      items.push(text(edges[c] + 16, 668 + r * 44, 19, string, r ? {} : { weight: "bold" })),
    ),
  );
  for (let r = 0; r <= rows.length; r++) items.push(rect(150, 638 + r * 44, 602, 2, "#222222"));
  for (const x of edges) items.push(rect(x, 638, 2, 44 * rows.length + 2, "#222222"));
  return { width: 880, height: 860, background: "#ffffff", font: SANS, items };
}

/** Runs in the page: draws a scene and measures the ink of every text. */
async function draw(scene) {
  const canvas = new OffscreenCanvas(scene.width, scene.height);
  const context = canvas.getContext("2d", { alpha: false });
  context.fillStyle = scene.background;
  context.fillRect(0, 0, scene.width, scene.height);
  const lines = [];
  for (const item of scene.items) {
    context.fillStyle = item.fill ?? "#16181d";
    if (item.kind === "rect") {
      context.fillRect(item.x, item.y, item.width, item.height);
      continue;
    }
    context.save();
    context.translate(item.x, item.y);
    context.rotate(((item.angle ?? 0) * Math.PI) / 180);
    context.font = `${item.weight ?? "normal"} ${item.size}px ${scene.font}`;
    context.fillText(item.string, 0, 0);
    const ink = context.measureText(item.string);
    const corners = [
      [-ink.actualBoundingBoxLeft, -ink.actualBoundingBoxAscent],
      [ink.actualBoundingBoxRight, -ink.actualBoundingBoxAscent],
      [ink.actualBoundingBoxRight, ink.actualBoundingBoxDescent],
      [-ink.actualBoundingBoxLeft, ink.actualBoundingBoxDescent],
    ];
    const matrix = context.getTransform();
    const polygon = corners.map(([x, y]) => {
      const point = matrix.transformPoint({ x, y });
      return [Math.round(point.x * 10) / 10, Math.round(point.y * 10) / 10];
    });
    lines.push({ text: item.string.replace(/\s+/g, " "), polygon });
    context.restore();
  }
  const { data } = context.getImageData(0, 0, scene.width, scene.height);
  const base64 = async (blob) => {
    let binary = "";
    for (const byte of new Uint8Array(await blob.arrayBuffer()))
      binary += String.fromCharCode(byte);
    return btoa(binary);
  };
  // Stored turned 90° to the left: what a camera held upright writes with orientation 6.
  const turned = new OffscreenCanvas(scene.height, scene.width);
  const other = turned.getContext("2d", { alpha: false });
  other.translate(0, scene.width);
  other.rotate(-Math.PI / 2);
  other.drawImage(canvas, 0, 0);
  return {
    lines,
    rgba: await base64(new Blob([data])),
    turnedJpeg: await base64(await turned.convertToBlob({ type: "image/jpeg", quality: 0.8 })),
  };
}

const CRC = Uint32Array.from({ length: 256 }, (_, index) => {
  let value = index;
  for (let bit = 0; bit < 8; bit++) value = value & 1 ? (value >>> 1) ^ 0xedb88320 : value >>> 1;
  return value;
});

function chunk(type, body) {
  const bytes = Buffer.concat([Buffer.from(type, "latin1"), body]);
  let crc = 0xffffffff;
  for (const byte of bytes) crc = CRC[(crc ^ byte) & 0xff] ^ (crc >>> 8);
  const frame = Buffer.alloc(8);
  frame.writeUInt32BE(body.length, 0);
  frame.writeUInt32BE((crc ^ 0xffffffff) >>> 0, 4);
  return Buffer.concat([frame.subarray(0, 4), bytes, frame.subarray(4)]);
}

/** An 8-bit PNG, grey where every pixel is; smaller and more even over machines than the canvas's own. */
function encodePng(rgba, width, height) {
  let grey = true;
  for (let i = 0; i < rgba.length && grey; i += 4) {
    grey = rgba[i] === rgba[i + 1] && rgba[i] === rgba[i + 2];
  }
  const channels = grey ? 1 : 3;
  const rows = Buffer.alloc(height * (1 + width * channels));
  for (let y = 0, at = 0; y < height; y++) {
    at++; // filter 0 packs text best
    for (let x = 0; x < width; x++) {
      for (let c = 0; c < channels; c++) rows[at++] = rgba[(y * width + x) * 4 + c];
    }
  }
  const header = Buffer.alloc(13);
  header.writeUInt32BE(width, 0);
  header.writeUInt32BE(height, 4);
  header.set([8, grey ? 0 : 2, 0, 0, 0], 8);
  return Buffer.concat([
    Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]),
    chunk("IHDR", header),
    chunk("IDAT", deflateSync(rows, { level: 9 })),
    chunk("IEND", Buffer.alloc(0)),
  ]);
}

/** Puts an Exif segment with only an orientation behind the JPEG's first marker. */
function withOrientation(jpeg, orientation) {
  const tiff = Buffer.from("4d4d002a00000008000101120003000000010000000000000000", "hex");
  tiff.writeUInt16BE(orientation, 18);
  const body = Buffer.concat([Buffer.from("Exif\0\0", "latin1"), tiff]);
  const marker = Buffer.from([0xff, 0xe1, 0, 0]);
  marker.writeUInt16BE(body.length + 2, 2);
  return Buffer.concat([jpeg.subarray(0, 2), marker, body, jpeg.subarray(2)]);
}

const root = new URL("..", import.meta.url);
const pages = new URL("test/fixtures/pages/", root);
const toPath = (url) => fileURLToPath(url);

function writeTruth(name, image, scene, lines) {
  const rows = lines.map((entry) => `    ${JSON.stringify(entry)}`).join(",\n");
  const head = JSON.stringify({ image, width: scene.width, height: scene.height }).slice(1, -1);
  writeFileSync(toPath(new URL(`${name}.json`, pages)), `{ ${head}, "lines": [\n${rows}\n  ]\n}\n`);
}

mkdirSync(toPath(pages), { recursive: true });
mkdirSync(toPath(new URL("demo/", root)), { recursive: true });
const executablePath = findInstalledChromes()[0] ?? (await findPlaywrightChromium());
const browser = await chromium.launch({
  args: CHROME_FLAGS,
  ...(executablePath ? { executablePath } : {}),
});
const page = await browser.newPage();

const scenes = { sample: invoice(), letter: letter(), chinese: chinese(), rotated: rotated() };
Object.assign(scenes, { small: small(), line: line(), article: article() });
for (const [name, scene] of Object.entries(scenes)) {
  if (scene.cjk) {
    // Without a CJK font every character is the same box.
    const widths = await page.evaluate(() => {
      const context = new OffscreenCanvas(64, 64).getContext("2d", { willReadFrequently: true });
      const ink = (character) => {
        context.clearRect(0, 0, 64, 64);
        context.font = "40px sans-serif";
        context.fillText(character, 4, 48);
        return context.getImageData(0, 0, 64, 64).data.reduce((sum, value) => sum + value, 0);
      };
      return ["一", "春", "图"].map(ink);
    });
    if (new Set(widths).size < 3) {
      console.log(`${name}: no CJK font, left as it is`);
      continue;
    }
  }
  const { lines, rgba, turnedJpeg } = await page.evaluate(draw, scene);
  const png = encodePng(Buffer.from(rgba, "base64"), scene.width, scene.height);
  const image = name === "sample" ? "../../../demo/sample.png" : `${name}.png`;
  writeFileSync(toPath(new URL(image, pages)), png);
  writeTruth(name, image, scene, lines);
  console.log(`${image}: ${png.length} bytes, ${lines.length} lines`);
  if (name === "sample") {
    const jpeg = withOrientation(Buffer.from(turnedJpeg, "base64"), 6);
    writeFileSync(toPath(new URL("sample-exif6.jpg", pages)), jpeg);
    writeTruth("sample-exif6", "sample-exif6.jpg", scene, lines);
    console.log(`sample-exif6.jpg: ${jpeg.length} bytes`);
  }
}
await browser.close();
