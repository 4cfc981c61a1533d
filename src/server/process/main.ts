/**
 * The task server. Exit codes: 0 ended in order, 2 wrong settings, 75 wants to be started again, 130 and 143 ended at
 * once by a second signal.
 */
import { settingsFromEnvironment } from "../../options/engine.ts";
import type { EngineOptions } from "../../engine/engine.ts";
import { GlyphpoolError } from "../../errors.ts";
import { loadOptional } from "../../core/optional-package.ts";
import { quietDrivers } from "../../pool/quiet-drivers.ts";
import { jsonLog } from "./log.ts";
import type { Log } from "./log.ts";
import { RESTART } from "./restart-guard.ts";
import type { TaskServer } from "./server.ts";
import { canRunProcess } from "../../rpc/can-run-process.ts";
import { SERVER_VARIABLES, serverSettings } from "./settings.ts";
import type { ServerSettings } from "./settings.ts";
import { misspelt } from "./misspelt.ts";
import { onSignals } from "./signals.ts";
import { SUPERVISED } from "./supervisor.ts";
import { Tokens, makeToken } from "../http/tokens.ts";

const HELP = `The Glyphpool task server.

  serve                 Start the server; settings come from the environment
  serve token NAME      Print a new token, and the entry for the file of tokens

Settings, see docs/server.md: ${SERVER_VARIABLES.join(", ")} and those of the engine.
`;

const WRONG = 2;
/** Codes of errors that another start would not cure. */
const SETTINGS_CODES: ReadonlySet<string> = new Set([
  "MODULE_MISSING",
  "INVALID_OPTION",
  "UNKNOWN_PRESET",
  "UNSUPPORTED_LANGUAGE",
]);
/** Milliseconds between two looks at the file of tokens. */
const TOKENS_INTERVAL = 2_000;
const GIVEN_NAMES = "GLYPHPOOL_GIVEN_NAMES";
/** Settings that are looked at elsewhere. */
const OTHER_VARIABLES = [GIVEN_NAMES, "GLYPHPOOL_CACHE"];
const LOOPBACK = /^(localhost|127\.\d+\.\d+\.\d+|::1)$/;

class SettingsError extends Error {}

const log: Log = jsonLog((line) => console.error(line));

async function main(args: readonly string[]): Promise<number> {
  const [command, name, ...rest] = args;
  if (command === "--help" || command === "-h") {
    console.log(HELP);
    return 0;
  }
  if (command === "token" && name !== undefined && rest.length === 0) return printToken(name);
  if (command === undefined) return await serve(false);
  if (command === SUPERVISED && name === undefined) return await serve(true);
  console.error(HELP);
  return WRONG;
}

function printToken(name: string): number {
  const { token, sha256 } = makeToken();
  console.log(`Token, shown only now: ${token}`);
  console.log(`Entry for the file:    ${JSON.stringify({ name, sha256, role: "user" })}`);
  return 0;
}

/**
 * Runs until a signal or the guard ends it.
 *
 * @param supervised ends as after a signal when the standard input does, which the supervisor holds as long as it lives
 */
async function serve(supervised: boolean): Promise<number> {
  quietDrivers();
  const settings = serverSettings((name) => Deno.env.get(name));
  for (const problem of misspelt(givenNames(), knownNames())) log.error(problem);
  const tokens = await readTokens(settings);
  if (!tokens && !LOOPBACK.test(settings.host)) {
    throw new SettingsError(
      `GLYPHPOOL_HOST is ${settings.host}, but without GLYPHPOOL_TOKENS_FILE anybody may ask: only localhost is served.`,
    );
  }
  if (settings.webhookHosts.length > 0 && settings.webhookSecret === undefined) {
    throw new SettingsError(
      "GLYPHPOOL_WEBHOOK_HOSTS needs GLYPHPOOL_WEBHOOK_SECRET, which signs the messages.",
    );
  }
  if (tokens && settings.tokensFile !== undefined) watchTokens(tokens, settings.tokensFile);
  const { promise, resolve } = Promise.withResolvers<number>();
  let server: TaskServer | undefined;
  let asked = 0;
  const stop = async (code: number): Promise<void> => {
    await server?.stop(settings.drainDeadline);
    resolve(code);
  };
  onSignals((times, signal) => {
    asked = times;
    if (times > 1) Deno.exit(128 + signal);
    // Before it listens there is nothing to give back.
    if (!server) Deno.exit(0);
    void stop(0);
  });
  const program = await loadOptional(() => import("./server.ts"), "hono", "The task server");
  server = await program.TaskServer.start({
    settings,
    engine: engineOptions(settings),
    tokens,
    log,
  });
  server.onRestart = (reason) => {
    if (asked > 0) return;
    log.info("a new process is needed", { reason });
    void stop(RESTART);
  };
  const onOrphaned = (): void => {
    if (asked > 0) return;
    log.info("the supervisor is gone");
    void stop(0);
  };
  if (supervised) void Deno.stdin.readable.pipeTo(new WritableStream()).then(onOrphaned);
  return await promise;
}

/** Deno lists no variables that it may not see, so the script that starts the server tells their names. */
function givenNames(): string[] {
  return (Deno.env.get(GIVEN_NAMES) ?? "").split(",").filter((name) => name !== "");
}

function knownNames(): string[] {
  const names = [...SERVER_VARIABLES, ...OTHER_VARIABLES];
  settingsFromEnvironment((name) => {
    names.push(name);
    return undefined;
  });
  return names;
}

async function readTokens({ tokensFile }: ServerSettings): Promise<Tokens | undefined> {
  if (tokensFile === undefined) return undefined;
  try {
    return Tokens.parse(await Deno.readTextFile(tokensFile));
  } catch (error) {
    throw new SettingsError(`GLYPHPOOL_TOKENS_FILE: ${(error as Error).message}`);
  }
}

/** New tokens hold and removed ones end without a restart. A file that cannot be read changes nothing. */
function watchTokens(tokens: Tokens, file: string): void {
  let known: string | undefined;
  const look = async (): Promise<void> => {
    const text = await Deno.readTextFile(file);
    if (known !== undefined && text !== known) {
      tokens.replace(Tokens.parse(text));
      log.info("the file of tokens was read again");
    }
    known = text;
  };
  const onError = (error: unknown): void => {
    const { message } = error as Error;
    if (known !== message) log.error("the file of tokens cannot be used", { error: message });
    known = message;
  };
  setInterval(() => void look().catch(onError), TOKENS_INTERVAL);
  void look().catch(onError);
}

function engineOptions({ models, maxBody, maxPixels, maxSide }: ServerSettings): EngineOptions {
  return {
    // A page that hangs or crashes must not take the server along; where that is not allowed a worker has to do.
    ...(canRunProcess() ? { isolation: "process" } : {}),
    ...settingsFromEnvironment((name) => Deno.env.get(name)),
    models,
    limits: { maxBytes: maxBody, maxPixels, maxSide },
    // The server listens to the signals itself: tasks go back to the queue before the engine ends.
    shutdown: false,
  };
}

function report(error: unknown): number {
  const wrong =
    error instanceof SettingsError || (GlyphpoolError.is(error) && SETTINGS_CODES.has(error.code));
  if (wrong) {
    console.error(`glyphpool: ${error.message}`);
    return WRONG;
  }
  log.error("the server could not start", { error });
  return 1;
}

if (import.meta.main) Deno.exit(await main(Deno.args).catch(report));
