/**
 * How near is what a snapshot says of GPU memory to what Chromium's GPU process really grows by?
 * `node test/bench/leak/estimate.mjs [--models embedded|v6|v5]`: PP-OCRv4, v6 tiny, or v5 with the recogniser of v6
 */
import { copyFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { CHROME_FLAGS } from "../../../scripts/chrome.mjs";
import { launchChromium, type Chromium } from "../chromium.ts";
import { sharedFolder } from "../datasets.ts";
import { startServer } from "../server.ts";
import { buildLeakPage, remote } from "./chromium.ts";
import { SMALL_REGIONS } from "./tasks.ts";
import { parseArgs } from "node:util";

const FOLDER = fileURLToPath(new URL(".", import.meta.url));
const SITE = join(FOLDER, "../out/estimate");
const V5 = "PP-OCRv5_mobile_det.onnx";
const MB = 2 ** 20;

/** Buffers and overhead have to be within this part of the growth, that at its peak too. */
const TOLERANCE = 0.15;

export async function main(args: readonly string[]): Promise<number> {
  const { values } = parseArgs({
    args: [...args],
    options: { models: { type: "string", default: "embedded" } },
  });
  await buildLeakPage(SITE);
  copyFileSync(join(FOLDER, "../../../demo/sample.png"), join(SITE, "sample.png"));
  copyFileSync(
    join(sharedFolder(), "models/comer_formula/encoder_int8.onnx"),
    join(SITE, "encoder.onnx"),
  );
  copyFileSync(join(sharedFolder(), "models/ppocrv5_mobile", V5), join(SITE, V5));
  const server = await startServer({ shared: sharedFolder(), site: SITE, runtime: SITE });
  const chromium = await launchChromium(`${server.origin}/blank.html`, CHROME_FLAGS);
  try {
    const { page } = chromium;
    await page.goto(`${server.origin}/leak.html`);
    await page.waitForFunction(() => window.subject !== undefined);
    const subject = remote(page);
    const { detection, recognition, orientation, dictionary } = server.models;
    const v6 = { detection, recognition, orientation, dictionary };
    const v5 = { ...v6, detection: `${server.origin}/${V5}` };
    console.log(
      await subject.open({
        ...(values.models === "embedded" ? {} : { models: values.models === "v5" ? v5 : v6 }),
        backend: "webgpu",
        structure: `${server.origin}/encoder.onnx`,
        idleTimeout: 600_000,
      }),
    );
    // The first read, and the unloading, warm the device: its process has its heaps and threads then.
    const empty = await settled(chromium);
    const before = await subject.held();
    const image = `${server.origin}/sample.png`;
    let wrong = 0;
    for (const [name, regions] of [
      ["models loaded, one read", SMALL_REGIONS.slice(3, 4)],
      ["five sizes read", SMALL_REGIONS],
    ] as const) {
      chromium.lapGpuPeak();
      for (const region of regions) await subject.read({ image, region });
      const peak = chromium.lapGpuPeak() - empty;
      const growth = (await settled(chromium)) - empty;
      const held = await subject.held();
      const overhead = held.gpuOverhead - before.gpuOverhead;
      wrong += compare(`${name}, after`, growth, held.gpuUsed, overhead, held.pipelines);
      const most = held.gpuOverheadPeak - before.gpuOverhead;
      wrong += compare(`${name}, at peak`, peak, held.gpuPeak, most, held.pipelines);
    }
    await subject.close();
    return wrong === 0 ? 0 : 1;
  } finally {
    await chromium.close();
    await server.close();
  }
}

function compare(
  name: string,
  growth: number,
  buffers: number,
  overhead: number,
  pipelines: number,
): number {
  const ratio = (buffers + overhead) / growth;
  console.log(
    `${name}: grown by ${(growth / MB).toFixed(1)} MB; buffers ${(buffers / MB).toFixed(1)} + ` +
      `overhead ${(overhead / MB).toFixed(1)} (${pipelines} pipelines) = ${ratio.toFixed(2)} of it; ` +
      `per pipeline ${((growth - buffers) / pipelines / MB).toFixed(2)} MB`,
  );
  return Math.abs(ratio - 1) > TOLERANCE ? 1 : 0;
}

/** The GPU process gives back late: its memory once it has stopped changing. */
async function settled(chromium: Chromium): Promise<number> {
  let last = await chromium.gpuUsage();
  for (let look = 0; look < 20; look++) {
    await new Promise((resolve) => setTimeout(resolve, 1000));
    const now = await chromium.gpuUsage();
    if (Math.abs(now - last) < MB / 4) return now;
    last = now;
  }
  return last;
}
