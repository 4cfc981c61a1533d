/** What a worker is asked to do, while it waits for one. */
import type { ModelRole, ModelSet } from "../catalog/manifest/manifest.ts";
import type { StructureStage } from "../options/structure.ts";
import type { Progress } from "../types.ts";
import type { CallResults, WireInput, WorkerReadOptions } from "./worker-types.ts";

/** An input that can cross to the worker. */
export interface OpenInput {
  readonly input: WireInput;
  /** What the host gives away. */
  readonly transfer: Transferable[];
}

/** One picture: when it can be opened, and what it holds until then. */
export interface Picture {
  /** Called when a worker is free, so that waiting calls hold no pixels that they need not hold. */
  readonly open: (signal: AbortSignal | undefined) => Promise<OpenInput>;
  /** Image of a multi-page file, from 0. Default 0. */
  readonly frame?: number | undefined;
  /**
   * Whether `open` may be called a second time, so that the call can be run again when its worker dies.
   * Default false: what was transferred to the dead worker is gone with it.
   */
  readonly repeatable?: boolean;
  /** What it holds while it waits, in bytes. Default 0. */
  readonly bytes?: number;
  /** Frees a picture that no worker has taken; to be called in any case. */
  readonly close?: () => void;
}

interface PictureCall extends Picture {
  /** Higher goes first. Default 0. */
  readonly priority?: number | undefined;
  /** The pages of one document share a group: groups take turns. */
  readonly group?: unknown;
}

/** Reads the text and the structure of a picture. */
export interface ReadCall extends PictureCall {
  readonly name: "read";
  readonly models: ModelSet;
  /** Looked at when a worker takes the call. */
  readonly options: WorkerReadOptions;
}

/** Makes a picture a PNG. Needs no model. */
export interface EncodeCall extends PictureCall {
  readonly name: "encode";
}

/** Loads models. */
export interface PreloadCall {
  readonly name: "preload";
  readonly models: ModelSet;
  /** Absent: every model of the set. */
  readonly roles?: readonly ModelRole[] | undefined;
}

export type Call = ReadCall | EncodeCall | PreloadCall;

/** What a call results in: a page, a PNG, or nothing. */
export type ResultOf<C extends Call> = CallResults[C["name"]];

export interface CallLimits {
  readonly signal?: AbortSignal | undefined;
  /**
   * Milliseconds for everything after the queue, the start of a worker included; 0 for no end. Default:
   * the service's deadlines.
   */
  readonly deadline?: number | undefined;
  readonly onProgress?: ((progress: Progress) => void) | undefined;
  /** Waits for the share of a structure stage. Default: there is no limit. */
  readonly permit?: AcquireStage | undefined;
}

/** Waits for the share of a structure stage; disposing the result gives it back. */
export type AcquireStage = (stage: StructureStage, signal: AbortSignal) => Promise<Disposable>;
