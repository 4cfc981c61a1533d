/** One read, one encoding, or one preload, on one worker. */
import { transfer } from "comlink";
import { GlyphpoolError, throwIfAborted } from "../errors.ts";
import type { ModelRole, ModelSet } from "../catalog/manifest/manifest.ts";
import type { EncodedImage, Page } from "../types.ts";
import type { ReadClock } from "./read-clock.ts";
import type { AcquireStage, CallLimits, ImageJob, ReadJob } from "./read-job.ts";
import { StagePermits } from "./stage-permits.ts";
import type { Running } from "../rpc/keeper.ts";
import type { WorkerLink } from "../rpc/link.ts";

/** Errors after which the worker's memory cannot be trusted any more. */
const FATAL: ReadonlySet<string> = new Set(["DEVICE_LOST"]);

let nextCall = 1;

/**
 * Opens the input and has the worker read it. An abort tells the worker to stop at its next stage; the
 * result is awaited in any case. A worker that exceeds its time, or loses its device, is ended.
 *
 * @param warmDeadline milliseconds for the worker's part, where it has read with these models before and
 *   the read names no deadline of its own
 * @throws GlyphpoolError
 */
export async function sendRead(
  { link, warm }: Running,
  job: ReadJob,
  limits: CallLimits,
  clock: ReadClock,
  warmDeadline: number | undefined,
): Promise<Page> {
  const { signal, deadline } = limits;
  const { input, transfer: transferables } = await clock.guard(job.open(signal));
  throwIfAborted(signal);
  const isWarm = deadline === undefined && warm.has(job.models);
  clock.step(isWarm ? warmDeadline : 0);
  return await reporting(link, limits, clock, async (id) => {
    const { frame = 0, options } = job;
    const request = { ...options, id, input, frame, models: link.share(job.models) };
    const page = await link.call((api) => api.read(transfer(request, transferables)), clock);
    // Without lines the recogniser has not run.
    if (page.lines.length > 0 && !options.detectOnly) warm.add(job.models);
    return page;
  });
}

/**
 * Has the worker turn the input into a PNG; the same rules as of {@link sendRead}.
 *
 * @throws GlyphpoolError
 */
export async function sendEncode(
  { link }: Running,
  { open, frame = 0 }: ImageJob,
  limits: CallLimits,
  clock: ReadClock,
): Promise<EncodedImage> {
  const { input, transfer: transferables } = await clock.guard(open(limits.signal));
  throwIfAborted(limits.signal);
  clock.step();
  return await reporting(link, limits, clock, async (id) => {
    const request = { id, input, frame };
    return await link.call((api) => api.encode(transfer(request, transferables)), clock);
  });
}

/**
 * Has the worker load models; the same rules as of {@link sendRead}.
 *
 * @param roles absent: every model of the set
 * @throws GlyphpoolError
 */
export async function sendPreload(
  { link }: Running,
  models: ModelSet,
  roles: readonly ModelRole[] | undefined,
  limits: CallLimits,
  clock: ReadClock,
): Promise<void> {
  clock.step();
  await reporting(link, limits, clock, async (id) => {
    const request = { id, models: link.share(models), ...(roles ? { roles } : {}) };
    await link.call((api) => api.preload(request), clock);
  });
}

const unlimited: AcquireStage = async () => ({ [Symbol.dispose]: () => undefined });

/** A call that tells its progress and can be cancelled. */
async function reporting<T>(
  link: WorkerLink,
  { signal, onProgress, permit }: Pick<CallLimits, "signal" | "onProgress" | "permit">,
  clock: ReadClock,
  call: (id: number) => Promise<T>,
): Promise<T> {
  const id = nextCall++;
  using permits = new StagePermits({
    acquire: permit ?? unlimited,
    grant: (share) => link.grant(share),
    onWait: (waits) => (waits ? clock.pause() : clock.restart()),
  });
  using listening = link.listen(id, {
    onPermit: (message) => permits.handle(message),
    onProgress: (progress) => {
      // Bytes that arrive prove that the worker is alive; the network may be as slow as it is.
      if (progress.stage === "download") clock.restart();
      if (!signal?.aborted) onProgress?.(progress);
    },
  });
  void listening;
  const onAbort = (): void => link.cancel(id);
  signal?.addEventListener("abort", onAbort, { once: true });
  try {
    return await call(id);
  } catch (error) {
    if (GlyphpoolError.is(error) && FATAL.has(error.code)) link.kill(error);
    throw error;
  } finally {
    signal?.removeEventListener("abort", onAbort);
  }
}
