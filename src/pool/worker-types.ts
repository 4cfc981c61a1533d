/** The host's one way to the types of the OCR worker's wire. */
import type { Link } from "../rpc/link.ts";
import type { Running } from "../rpc/keeper.ts";
import type { ModelSet } from "../catalog/manifest/manifest.ts";
import type { WorkerApi, WorkerInfo } from "../../workers/ocr/worker-api.ts";

export type {
  AdapterInfo,
  CallRequest,
  CallResults,
  ManagerSettings,
  MemoryMessage,
  ModelSettings,
  ModelStatus,
  PermitMessage,
  ProgressMessage,
  RuntimeKind,
  SharedSet,
  WireInput,
  WorkerApi,
  WorkerConfig,
  WorkerInfo,
  WorkerMemory,
  WorkerReadOptions,
  WorkerStats,
} from "../../workers/ocr/worker-api.ts";

/** What the host keeps of one OCR worker. */
export interface OcrState {
  readonly info: WorkerInfo;
  /** Model sets that it has read with: their shaders are compiled. */
  readonly warm: Set<ModelSet>;
  /** Ids of the model sets that it knows. */
  readonly sets: Set<number>;
}

export type OcrLink = Link<WorkerApi>;
export type RunningOcr = Running<WorkerApi, OcrState>;
