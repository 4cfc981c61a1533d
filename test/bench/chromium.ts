/** One Chromium per engine, and what its processes hold and burn according to /proc. */
import { readdirSync, readFileSync } from "node:fs";
import { chromium, type Browser, type CDPSession, type Page } from "playwright";
import { findInstalledChromes } from "../../scripts/chrome.mjs";

const ARGUMENTS = [
  "--no-sandbox",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
];
const SAMPLE_EVERY_MS = 50;

/** Bytes of the renderers and the GPU process together. */
export interface Usage {
  /** Private memory. */
  anon: number;
  /** Shared memory: canvases, transferred buffers. */
  shared: number;
}

export interface Chromium {
  version: string;
  page: Page;
  /** Starts afresh from the present usage. */
  baseline(): Promise<Usage>;
  peak(): Usage;
  /** The peak of private memory since the last call. */
  lapPeak(): number;
  usage(): Promise<Usage>;
  /** Private memory of the GPU process alone. */
  gpuUsage(): Promise<number>;
  /** Its peak since the last call. */
  lapGpuPeak(): number;
  /** CPU milliseconds that the renderers and the GPU process have used so far. */
  cpuMs(): Promise<number>;
  /** Names of the renderers' threads with their numbers. */
  threads(): Promise<Record<string, number>>;
  collectGarbage(): Promise<void>;
  close(): Promise<void>;
}

export function findChromium(): string {
  const [path] = findInstalledChromes();
  if (path === undefined) throw new Error("No Chromium found: set GLYPHPOOL_CHROMIUM to its path.");
  return path;
}

/** @param args command line of the browser */
export async function launchChromium(
  blankUrl: string,
  args: readonly string[] = ARGUMENTS,
): Promise<Chromium> {
  const browser = await chromium.launch({ executablePath: findChromium(), args: [...args] });
  const page = await (await browser.newContext()).newPage();
  await page.goto(blankUrl);
  const session = await browser.newBrowserCDPSession();
  const pageSession = await page.context().newCDPSession(page);
  return watch(browser, page, session, pageSession);
}

function watch(
  browser: Browser,
  page: Page,
  session: CDPSession,
  pageSession: CDPSession,
): Chromium {
  let pids: { renderers: number[]; gpu: number[] } = { renderers: [], gpu: [] };
  let peak: Usage = { anon: 0, shared: 0 };
  let lap = 0;
  let gpuLap = 0;

  async function refresh(): Promise<void> {
    const { processInfo } = await session.send("SystemInfo.getProcessInfo");
    const of = (type: string) =>
      processInfo.filter((info) => info.type === type).map(({ id }) => id);
    pids = { renderers: of("renderer"), gpu: of("GPU") };
  }
  function sampleGpu(): number {
    const bytes = pids.gpu.reduce((sum, pid) => {
      return sum + kilobytes(readProc(`${pid}/status`), "RssAnon");
    }, 0);
    gpuLap = Math.max(gpuLap, bytes);
    return bytes;
  }
  function sample(): Usage {
    const usage: Usage = { anon: 0, shared: 0 };
    for (const pid of [...pids.renderers, ...pids.gpu]) {
      const status = readProc(`${pid}/status`);
      usage.anon += kilobytes(status, "RssAnon");
      usage.shared += kilobytes(status, "RssShmem");
    }
    peak = { anon: Math.max(peak.anon, usage.anon), shared: Math.max(peak.shared, usage.shared) };
    lap = Math.max(lap, usage.anon);
    sampleGpu();
    return usage;
  }
  const sampler = setInterval(sample, SAMPLE_EVERY_MS);
  const refresher = setInterval(() => void refresh().catch(() => {}), 20 * SAMPLE_EVERY_MS);

  return {
    version: browser.version(),
    page,
    async baseline() {
      await refresh();
      peak = { anon: 0, shared: 0 };
      return sample();
    },
    peak: () => peak,
    lapPeak() {
      const highest = lap;
      lap = 0;
      return highest;
    },
    async usage() {
      await refresh();
      return sample();
    },
    async gpuUsage() {
      await refresh();
      return sampleGpu();
    },
    lapGpuPeak() {
      const highest = gpuLap;
      gpuLap = 0;
      return highest;
    },
    async cpuMs() {
      await refresh();
      return [...pids.renderers, ...pids.gpu].reduce((sum, pid) => sum + cpuMsOf(pid), 0);
    },
    async threads() {
      await refresh();
      const counts: Record<string, number> = {};
      for (const pid of pids.renderers) {
        for (const name of threadNames(pid)) counts[name] = (counts[name] ?? 0) + 1;
      }
      return counts;
    },
    async collectGarbage() {
      await pageSession.send("HeapProfiler.collectGarbage");
    },
    async close() {
      clearInterval(sampler);
      clearInterval(refresher);
      await browser.close();
    },
  };
}

/** A process may end between being listed and being read: then it holds nothing. */
function readProc(path: string): string {
  try {
    return readFileSync(`/proc/${path}`, "utf8");
  } catch {
    return "";
  }
}

function kilobytes(status: string, key: string): number {
  return Number(new RegExp(`^${key}:\\s+(\\d+)`, "m").exec(status)?.[1] ?? 0) * 1024;
}

/** utime and stime, in ticks of 10 ms. */
function cpuMsOf(pid: number): number {
  const stat = readProc(`${pid}/stat`);
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  return (Number(fields[11] ?? 0) + Number(fields[12] ?? 0)) * 10;
}

function threadNames(pid: number): string[] {
  try {
    return readdirSync(`/proc/${pid}/task`).map((tid) =>
      readProc(`${pid}/task/${tid}/comm`).trim(),
    );
  } catch {
    return [];
  }
}
