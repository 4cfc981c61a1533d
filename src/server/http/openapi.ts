/** The interface as an OpenAPI 3.1 document. test/deno/server-api.test.ts holds it against the routes. */
import { RESULT_FORMATS } from "../../client/wire.ts";
import { SOFTWARE_VERSION } from "../../output/software.ts";
import { SCHEMAS } from "./openapi-schemas.ts";
import type { SchemaName } from "./openapi-schemas.ts";

interface Answer {
  readonly description: string;
  readonly content?: Readonly<Record<string, { readonly schema: object }>>;
  readonly headers?: Readonly<Record<string, object>>;
}

export interface Operation {
  readonly summary: string;
  readonly description?: string;
  readonly operationId: string;
  readonly security?: readonly object[];
  readonly parameters?: readonly object[];
  readonly requestBody?: object;
  readonly responses: Readonly<Record<string, Answer>>;
}

export interface OpenApi {
  readonly openapi: "3.1.0";
  readonly info: {
    readonly title: string;
    readonly version: string;
    readonly description: string;
  };
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>;
  readonly components: object;
  readonly security: readonly object[];
}

const ref = (name: SchemaName): object => ({ $ref: `#/components/schemas/${name}` });

const problem = (description: string): Answer => ({
  description,
  content: { "application/problem+json": { schema: ref("Problem") } },
});

const json = (description: string, schema: object): Answer => ({
  description,
  content: { "application/json": { schema } },
});

const busy: Answer = {
  ...problem("Too much at the same time, or the queue is full."),
  headers: { "Retry-After": { description: "Seconds.", schema: { type: "integer" } } },
};

const AUTH = {
  401: problem("No token, or a wrong one."),
  403: problem("This token, origin or address is not allowed."),
};

const INPUT = {
  400: problem("The request cannot be understood, or an option has a bad value."),
  408: problem("The body did not arrive in time."),
  413: problem("Too many bytes, pages or pixels."),
  415: problem("Not a file that can be read."),
  429: busy,
  503: problem("The server is shutting down, or out of memory."),
};

const ID = { name: "id", in: "path", required: true, schema: { type: "string", format: "uuid" } };
const FORMAT = { name: "format", in: "query", schema: { enum: RESULT_FORMATS, default: "json" } };
const LAST_EVENT = { name: "Last-Event-ID", in: "header", schema: { type: "integer" } };
const KEY = {
  name: "Idempotency-Key",
  in: "header",
  description: "The same key with the same file and options is the same task.",
  schema: { type: "string", maxLength: 200 },
};

const WISHES = {
  priority: { type: "integer", minimum: -10, maximum: 10, default: 0 },
  webhook: { type: "string", format: "uri" },
};

const LIST = {
  type: "object",
  required: ["tasks"],
  properties: { tasks: { type: "array", items: ref("Task") }, next: { type: "string" } },
};
const TASK_QUERY = [
  {
    name: "state",
    in: "query",
    schema: { enum: ["queued", "running", "succeeded", "failed", "cancelled"] },
  },
  {
    name: "error",
    in: "query",
    description: "Code of the failure, such as TASK_POISONED.",
    schema: { type: "string", pattern: "^[A-Za-z0-9_]{1,60}$" },
  },
  { name: "owner", in: "query", description: "For operators.", schema: { type: "string" } },
  {
    name: "cursor",
    in: "query",
    description: "What next was on the page before.",
    schema: { type: "string", pattern: "^[0-9]{1,15}$" },
  },
  {
    name: "limit",
    in: "query",
    schema: { type: "integer", minimum: 1, maximum: 100, default: 50 },
  },
];

const BODY = {
  required: true,
  content: {
    "multipart/form-data": {
      schema: {
        type: "object",
        required: ["file"],
        properties: {
          file: { type: "string", format: "binary" },
          options: ref("Options"),
          ...WISHES,
        },
      },
    },
    "application/json": {
      schema: {
        type: "object",
        required: ["url"],
        properties: { url: { type: "string", format: "uri" }, options: ref("Options"), ...WISHES },
      },
    },
  },
};

const PATHS: OpenApi["paths"] = {
  "/v1/tasks": {
    get: {
      summary: "Tasks, the newest first, a page at a time.",
      operationId: "tasks",
      parameters: TASK_QUERY,
      responses: {
        200: json("Tasks.", LIST),
        400: problem("A filter has a bad value."),
        ...AUTH,
      },
    },
    post: {
      summary: "Submits a file to be read.",
      description: "A URL has to be of a host that the server's operator has listed.",
      operationId: "submit",
      parameters: [KEY],
      requestBody: BODY,
      responses: {
        202: {
          ...json("Accepted, and stored durably.", ref("Task")),
          headers: { Location: { schema: { type: "string" } } },
        },
        ...AUTH,
        ...INPUT,
        422: problem("The Idempotency-Key was used for something else, or the file is empty."),
        502: problem("The server of the URL failed."),
        507: problem("The disk space for tasks is used up."),
      },
    },
  },
  "/v1/tasks/{id}/retry": {
    post: {
      summary: "Queues a task again that has failed or was cancelled.",
      operationId: "retry",
      parameters: [ID],
      responses: {
        202: json("Queued.", ref("Task")),
        ...AUTH,
        404: problem("No such task."),
        409: problem("It has not ended, or it has succeeded."),
        429: busy,
      },
    },
  },
  "/v1/tasks/{id}": {
    get: {
      summary: "State, place in the queue, pages and timings of a task.",
      operationId: "task",
      parameters: [ID],
      responses: { 200: json("The task.", ref("Task")), ...AUTH, 404: problem("No such task.") },
    },
    delete: {
      summary: "Cancels a task; deletes one that has ended, with its file and result.",
      operationId: "cancel",
      parameters: [ID],
      responses: {
        200: json("Cancelled.", ref("Task")),
        204: { description: "Deleted." },
        ...AUTH,
        404: problem("No such task."),
      },
    },
  },
  "/v1/tasks/{id}/result": {
    get: {
      summary: "The result of a task that has succeeded.",
      operationId: "result",
      parameters: [ID, FORMAT],
      responses: {
        200: { description: "The text in the format that was asked for." },
        400: problem("There is no such format."),
        ...AUTH,
        404: problem("No such task."),
        409: problem("Not done yet, or not succeeded: the code says why."),
      },
    },
  },
  "/v1/tasks/{id}/events": {
    get: {
      summary: "What happens to a task, as server-sent events: queued, page, degraded, done.",
      description: "All from the start, or those after Last-Event-ID. The stream ends after done.",
      operationId: "events",
      parameters: [ID, LAST_EVENT],
      responses: {
        400: problem("Last-Event-ID is not a number."),
        200: {
          description: "Events.",
          content: { "text/event-stream": { schema: { type: "string" } } },
        },
        ...AUTH,
        404: problem("No such task."),
        429: busy,
      },
    },
  },
  "/v1/read": {
    post: {
      summary: "Reads a small file at once; the answer is the result, and nothing is kept.",
      description: "Closing the connection ends the reading.",
      operationId: "read",
      parameters: [FORMAT],
      requestBody: BODY,
      responses: {
        200: { description: "The text in the format that was asked for." },
        ...AUTH,
        ...INPUT,
        422: problem("The file is damaged, encrypted or empty."),
        504: problem("Reading took too long."),
      },
    },
  },
  "/v1/capabilities": {
    get: {
      summary: "Version, models, formats and limits.",
      operationId: "capabilities",
      responses: { 200: json("What the server can do.", { type: "object" }), ...AUTH },
    },
  },
  "/v1/usage": {
    get: {
      summary:
        "Tasks and bytes of this token, and its limits. Operators name another one by owner.",
      operationId: "usage",
      parameters: [{ name: "owner", in: "query", schema: { type: "string" } }],
      responses: { 200: json("Usage.", { type: "object" }), ...AUTH },
    },
  },
  "/v1/memory": {
    get: {
      summary: "What the workers hold, model by model, and the latest samples. For operators.",
      operationId: "memory",
      responses: { 200: json("Memory.", { type: "object" }), ...AUTH },
    },
  },
  "/v1/memory/teardown": {
    post: {
      summary: "Unloads every model that nobody uses. For operators.",
      operationId: "teardown",
      responses: { 200: json("Memory afterwards.", { type: "object" }), ...AUTH },
    },
  },
  "/metrics": {
    get: {
      summary: "Figures in the text format of OpenMetrics. For operators and metrics tokens.",
      operationId: "metrics",
      responses: { 200: { description: "Figures." }, ...AUTH },
    },
  },
  "/healthz": {
    get: {
      summary: "Whether the process answers.",
      operationId: "healthz",
      security: [],
      responses: { 200: { description: "It does." } },
    },
  },
  "/readyz": {
    get: {
      summary: "Whether new work is taken.",
      operationId: "readyz",
      security: [],
      responses: { 200: { description: "It is." }, 503: { description: "It is not." } },
    },
  },
};

export function openApi(): OpenApi {
  return {
    openapi: "3.1.0",
    info: {
      title: "Glyphpool",
      version: SOFTWARE_VERSION,
      description: "Reads text from images and PDFs.",
    },
    paths: PATHS,
    components: {
      schemas: SCHEMAS,
      securitySchemes: { token: { type: "http", scheme: "bearer" } },
    },
    security: [{ token: [] }],
  };
}
