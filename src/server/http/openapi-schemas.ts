/** The JSON of the interface as JSON Schema; the same as src/client/wire.ts. */

const TIME = { type: "string", format: "date-time" };
const COUNT = { type: "integer", minimum: 0 };
const FAILURE = {
  type: "object",
  required: ["code", "message"],
  properties: { code: { type: "string" }, message: { type: "string" } },
};

const TASK = {
  type: "object",
  required: ["id", "state", "bytes", "pages", "attempts", "createdAt", "timings"],
  properties: {
    id: { type: "string", format: "uuid" },
    state: { enum: ["queued", "running", "succeeded", "failed", "cancelled"] },
    name: { type: "string" },
    bytes: COUNT,
    position: { type: "integer", minimum: 1 },
    pages: {
      type: "object",
      required: ["done"],
      properties: { done: COUNT, total: COUNT },
    },
    attempts: COUNT,
    priority: { type: "integer", minimum: -10, maximum: 10 },
    createdAt: TIME,
    startedAt: TIME,
    endedAt: TIME,
    timings: {
      type: "object",
      required: ["queued"],
      properties: { queued: COUNT, running: COUNT },
    },
    error: FAILURE,
  },
};

const EVENT = {
  type: "object",
  required: ["id", "at", "type"],
  properties: {
    id: COUNT,
    at: TIME,
    type: { enum: ["queued", "page", "degraded", "done"] },
  },
};

const PROBLEM = {
  type: "object",
  required: ["status", "title", "code", "detail", "retryable"],
  properties: {
    status: { type: "integer" },
    title: { type: "string" },
    code: { type: "string" },
    detail: { type: "string" },
    retryable: { type: "boolean" },
  },
};

/** Those of `engine.pages` that are plain data; unknown ones are refused. */
const OPTIONS = {
  type: "object",
  properties: {
    pages: { type: "string", examples: ["1-5,8,r2-r1"] },
    text: { enum: ["auto", "layer", "ocr"], default: "auto" },
    pictures: { type: "boolean", default: true },
    order: { enum: ["layout", "rows", "source"], default: "layout" },
    dpi: { type: "number", minimum: 10, maximum: 2400, default: 200 },
    maxPixels: { type: "integer", minimum: 1024 },
    maxPages: { type: "integer", minimum: 1, default: 10_000 },
    password: { type: "string" },
    language: { type: "string", examples: ["en"] },
    minConfidence: { type: "number", minimum: 0, maximum: 1 },
    detectOnly: { type: "boolean" },
    layout: { type: "boolean" },
    tables: { type: "boolean" },
    formulas: { type: "boolean" },
    charts: { type: "boolean" },
    deadline: { type: "integer", minimum: 1 },
  },
};

export type SchemaName = "Task" | "Event" | "Problem" | "Options";

export const SCHEMAS: Readonly<Record<SchemaName, object>> = {
  Task: TASK,
  Event: EVENT,
  Problem: PROBLEM,
  Options: OPTIONS,
};
