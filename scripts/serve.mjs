// `npm run serve`: starts the task server with no more permissions than its settings need. `npm run serve -- --print`
// only prints the command, for a service manager; `--supervise` starts it again when it ends or asks for it.
import { spawn } from "node:child_process";
import { existsSync, realpathSync } from "node:fs";
import { delimiter, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("..", import.meta.url));

/** Variables that the server, its engine and their libraries look at. */
const VARIABLES = [
  "GLYPHPOOL_*",
  "HOME",
  "USERPROFILE",
  "LOCALAPPDATA",
  "XDG_CACHE_HOME",
  "XDG_RUNTIME_DIR",
];
/** Those that a driver of PostgreSQL looks at. */
const DATABASE_VARIABLES = ["PG*", "USER", "USERNAME", "APPDATA", "NODE_*"];

/** Deno without the launcher of npm, which passes no signals on. */
function findDeno() {
  const name = process.platform === "win32" ? "deno.exe" : "deno";
  const folders = [join(root, "node_modules/deno"), ...(process.env.PATH ?? "").split(delimiter)];
  const found = folders.map((folder) => join(folder, name)).find((path) => existsSync(path));
  if (!found) throw new Error("Deno is not installed: run npm ci, or put it into the PATH.");
  return realpathSync(found);
}

/** Not those that come with the package, nor a folder of this machine. */
function downloadsModels(models) {
  return !/^embedded(-fast)?$/.test(models) && !existsSync(models);
}

function netFlag(env) {
  // Where inputs and models come from is not known by address; the server has a list of hosts of its own.
  const outside =
    env.GLYPHPOOL_URL_HOSTS ||
    env.GLYPHPOOL_WEBHOOK_HOSTS ||
    downloadsModels(env.GLYPHPOOL_MODELS || "embedded");
  if (outside) return "--allow-net";
  const host = env.GLYPHPOOL_HOST || "127.0.0.1";
  const port = env.GLYPHPOOL_PORT || "8080";
  // What is not a port is complained of by the server.
  const own = host.includes(":") ? `[${host}]` : host;
  // On the loopback device any port: the part that speaks HTTP listens behind the one that the world sees.
  const hosts = [/^\d+$/.test(port) ? `${own}:${port}` : own, "127.0.0.1"];
  if (env.GLYPHPOOL_DATABASE_URL) {
    // What is not an address is complained of by the server, without a password that may be in it.
    const database = URL.canParse(env.GLYPHPOOL_DATABASE_URL)
      ? new URL(env.GLYPHPOOL_DATABASE_URL)
      : { hostname: "localhost", port: "" };
    hosts.push(`${database.hostname || "localhost"}:${database.port || 5432}`);
  }
  return `--allow-net=${hosts.join(",")}`;
}

/** Deno starts no child process with variables of the system's linker, unless it may start anything. */
export function serveEnvironment(env) {
  const kept = Object.entries(env).filter(([name]) => !/^(LD|DYLD)_/.test(name));
  const given = kept.map(([name]) => name).filter((name) => name.startsWith("GLYPHPOOL_"));
  return { ...Object.fromEntries(kept), GLYPHPOOL_GIVEN_NAMES: given.join(",") };
}

export function serveCommand(env, { supervise = false, args = [] } = {}) {
  const deno = findDeno();
  const data = resolve(env.GLYPHPOOL_DATA || "glyphpool-data");
  const write = [data, ...(env.GLYPHPOOL_CACHE ? [resolve(env.GLYPHPOOL_CACHE)] : [])];
  const variables = [...VARIABLES, ...(env.GLYPHPOOL_DATABASE_URL ? DATABASE_VARIABLES : [])];
  const server = [
    "run",
    "--no-prompt",
    netFlag(env),
    // Code, models and the data; child processes can be given this permission only as a whole.
    "--allow-read",
    `--allow-write=${write.join(",")}`,
    `--allow-env=${variables.join(",")}`,
    // Workers in processes of their own, which are this same Deno.
    `--allow-run=${deno}`,
    // The canvas that pages of PDFs are drawn on.
    "--allow-ffi",
    "--allow-sys=systemMemoryInfo",
    join(root, "src/server/process/main.ts"),
    ...args,
  ];
  const keeper = [
    "run",
    "--no-prompt",
    `--allow-run=${deno}`,
    join(root, "src/server/process/supervise.ts"),
  ];
  return { command: deno, args: supervise ? [...keeper, ...server] : server };
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const own = new Set(["--print", "--supervise"]);
  const given = process.argv.slice(2);
  const { command, args } = serveCommand(process.env, {
    supervise: given.includes("--supervise"),
    args: given.filter((arg) => !own.has(arg)),
  });
  if (given.includes("--print")) {
    console.log([command, ...args].join(" "));
  } else {
    const child = spawn(command, args, { stdio: "inherit", env: serveEnvironment(process.env) });
    // npm ends without passing signals on where a shell stands between: who is left alone ends as well.
    const parent = process.ppid;
    if (process.env.npm_lifecycle_event) {
      const timer = setInterval(() => process.ppid !== parent && child.kill("SIGTERM"), 500);
      child.on("exit", () => clearInterval(timer));
    }
    for (const signal of ["SIGINT", "SIGTERM"]) process.on(signal, () => child.kill(signal));
    child.on("exit", (code, signal) => (process.exitCode = signal ? 1 : code));
  }
}
