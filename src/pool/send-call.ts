/** One call on one worker. */
import { transfer } from "comlink";
import type { ModelSet } from "../catalog/manifest/manifest.ts";
import type { Envelope } from "../rpc/envelope.ts";
import { GlyphpoolError, throwIfAborted } from "../errors.ts";
import type { Page, Progress } from "../types.ts";
import type { AcquireStage, Call, CallLimits, OpenInput, ResultOf } from "./call.ts";
import type { ReadClock } from "./read-clock.ts";
import { StagePermits } from "./stage-permits.ts";
import type { CallRequest, PermitMessage, RunningOcr, SharedSet } from "./worker-types.ts";

/** Errors after which the worker's memory cannot be trusted any more. */
const FATAL: ReadonlySet<string> = new Set(["DEVICE_LOST"]);

let nextCall = 1;

const setIds = new WeakMap<ModelSet, number>();
let nextSet = 1;

/** What is heard of calls, by their ids. */
export type CallListeners = Map<
  number,
  {
    readonly onProgress: (progress: Progress) => void;
    readonly onPermit: (message: PermitMessage) => void;
  }
>;

/** What sending needs of the service whose worker it is. */
export interface Sender {
  readonly listeners: CallListeners;
  /**
   * Milliseconds for the worker's part of a read, where it has read with these models before and the read names no
   * deadline of its own.
   */
  readonly warmDeadline: number | undefined;
}

/**
 * Opens the input and has the worker do the call. An abort tells the worker to stop at its next stage; the
 * result is awaited in any case. A worker that exceeds its time, or loses its device, is ended.
 *
 * @throws GlyphpoolError
 */
export async function sendCall<C extends Call>(
  { link, state }: RunningOcr,
  call: C,
  limits: CallLimits,
  clock: ReadClock,
  { listeners, warmDeadline }: Sender,
): Promise<ResultOf<C>> {
  const { signal, deadline, onProgress, permit } = limits;
  const opened = call.name === "preload" ? NO_INPUT : await clock.guard(call.open(signal));
  throwIfAborted(signal);
  const models = call.name === "encode" ? undefined : call.models;
  const isWarm = call.name === "read" && deadline === undefined && state.warm.has(call.models);
  clock.step(isWarm ? warmDeadline : 0);
  const id = nextCall++;
  const request = requestOf(id, call, opened.input, models && share(models, state.sets));
  using permits = new StagePermits({
    acquire: permit ?? unlimited,
    grant: (stage) => link.tell((api) => api.grant(stage)),
    onWait: (waits) => (waits ? clock.pause() : clock.restart()),
  });
  listeners.set(id, {
    onPermit: (message) => permits.handle(message),
    onProgress: (progress) => {
      // Bytes that arrive prove that the worker is alive; the network may be as slow as it is.
      if (progress.stage === "download") clock.restart();
      // So does each tile of a large picture, unless the caller has set the time for the whole.
      const { stage, total = 1 } = progress;
      if (deadline === undefined && stage === "detect" && total > 1) clock.restart();
      if (!signal?.aborted) onProgress?.(progress);
    },
  });
  const onAbort = (): void => link.tell((api) => api.cancel(id));
  signal?.addEventListener("abort", onAbort, { once: true });
  try {
    const result = await link.call(
      (api) => api.run(transfer(request, opened.transfer)) as Promise<Envelope<ResultOf<C>>>,
      clock,
    );
    // Only now: what could not be sent, or was lost with its worker, has not arrived.
    if (request.name !== "encode") state.sets.add(request.models.id);
    // Without lines the recogniser has not run.
    const hasRead = request.name === "read" && !request.detectOnly && "lines" in Object(result);
    if (hasRead && (result as Page).lines.length > 0 && models) state.warm.add(models);
    return result;
  } catch (error) {
    if (GlyphpoolError.is(error) && FATAL.has(error.code)) link.kill(error);
    throw error;
  } finally {
    listeners.delete(id);
    signal?.removeEventListener("abort", onAbort);
  }
}

const NO_INPUT: { readonly input: undefined; readonly transfer: [] } = {
  input: undefined,
  transfer: [],
};

/** What crosses to the worker. */
function requestOf(
  id: number,
  call: Call,
  input: OpenInput["input"] | undefined,
  models: SharedSet | undefined,
): CallRequest {
  const { name } = call;
  if (name === "preload") {
    const { roles } = call;
    return { id, name, models: models as SharedSet, ...(roles ? { roles: [...roles] } : {}) };
  }
  const picture = { id, input: input as OpenInput["input"], frame: call.frame ?? 0 };
  if (name === "encode") return { ...picture, name };
  return { ...call.options, ...picture, name, models: models as SharedSet };
}

/** The form of a model set that a worker needs: the whole of it only once. */
function share(set: ModelSet, known: ReadonlySet<number>): SharedSet {
  let id = setIds.get(set);
  if (id === undefined) setIds.set(set, (id = nextSet++));
  return known.has(id) ? { id } : { id, set };
}

const unlimited: AcquireStage = async () => ({ [Symbol.dispose]: () => undefined });
