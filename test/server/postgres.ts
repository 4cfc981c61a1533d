/** A PostgreSQL server of its own for a test: in a temporary folder, on the loopback device, gone afterwards. */

/** Where distributions put the programs, besides the PATH. */
const FOLDERS = ["/usr/lib/postgresql", "/usr/pgsql", "/opt/homebrew/opt/postgresql"];
/** Accounts that a server may run as where the test runs as root, which PostgreSQL refuses. */
const ACCOUNTS = ["postgres", "nobody"];
const PATIENCE = 30_000;

export class TestPostgres implements AsyncDisposable {
  readonly #folder: string;
  readonly #port: number;
  #child: Deno.ChildProcess;
  readonly #start: () => Deno.ChildProcess;
  readonly #account: string | undefined;

  /** Why there is no PostgreSQL here, or nothing when there is. */
  static missing(): string | undefined {
    return findPrograms() ? undefined : "no PostgreSQL: install the package postgresql";
  }

  static async start(): Promise<TestPostgres> {
    const programs = findPrograms();
    if (!programs) throw new Error(TestPostgres.missing());
    const folder = await Deno.makeTempDir({ prefix: "glyphpool-pg-" });
    const account = Deno.uid() === 0 ? findAccount() : undefined;
    if (account) await run("chown", ["-R", account, folder]);
    const data = `${folder}/data`;
    await run(
      ...as(account, `${programs}/initdb`, [
        ..."-U glyphpool --auth=trust --encoding=UTF8 --locale=C --no-sync -D".split(" "),
        data,
      ]),
    );
    const port = freePort();
    const settings = [
      "listen_addresses=127.0.0.1",
      `unix_socket_directories=${folder}`,
      // The machine of a test does not lose its power.
      "fsync=off",
    ].flatMap((setting) => ["-c", setting]);
    const [command, args] = as(account, `${programs}/postgres`, [
      "-D",
      data,
      "-p",
      String(port),
      ...settings,
    ]);
    const spawn = (): Deno.ChildProcess =>
      new Deno.Command(command, {
        args: [...args],
        cwd: folder,
        stdin: "null",
        stdout: "null",
        stderr: "null",
      }).spawn();
    const server = new TestPostgres(folder, port, spawn, account);
    await server.#ready(programs);
    return server;
  }

  private constructor(
    folder: string,
    port: number,
    start: () => Deno.ChildProcess,
    account: string | undefined,
  ) {
    this.#account = account;
    this.#folder = folder;
    this.#port = port;
    this.#start = start;
    this.#child = start();
  }

  /** Makes an empty database. @returns its address */
  async database(): Promise<string> {
    const name = `d${crypto.randomUUID().replaceAll("-", "")}`;
    const options = ["-h", "127.0.0.1", "-p", String(this.#port), "-U", "glyphpool"];
    await run(`${findPrograms()}/createdb`, [...options, name]);
    return `postgresql://glyphpool@127.0.0.1:${this.#port}/${name}`;
  }

  async #ready(programs: string): Promise<void> {
    const options = ["-h", "127.0.0.1", "-p", String(this.#port), "-q"];
    for (const late = Date.now() + PATIENCE; ;) {
      const { success } = await output(`${programs}/pg_isready`, options);
      if (success) return;
      if (Date.now() > late) throw new Error("PostgreSQL does not start.");
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
  }

  /** Ends it as a crash would. */
  async stop(): Promise<void> {
    // Who starts it for another account passes no signals on.
    const options = ["stop", "-m", "immediate", "-D", `${this.#folder}/data`];
    await run(...as(this.#account, `${findPrograms()}/pg_ctl`, options));
    await this.#child.status;
  }

  /** Starts it again after {@link stop}, with the same data. */
  async resume(): Promise<void> {
    this.#child = this.#start();
    await this.#ready(findPrograms() as string);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.stop();
    await Deno.remove(this.#folder, { recursive: true });
  }
}

let programs: string | undefined | null = null;

/** The folder of the programs; the newest of several. */
function findPrograms(): string | undefined {
  if (programs !== null) return programs;
  const found = FOLDERS.flatMap((folder) => {
    try {
      return [...Deno.readDirSync(folder)].map(({ name }) => `${folder}/${name}/bin`);
    } catch {
      return [];
    }
  });
  const path = (Deno.env.get("PATH") ?? "").split(":");
  const all = [...found.toSorted().toReversed(), ...path];
  programs = all.find((folder) => exists(`${folder}/initdb`) && exists(`${folder}/postgres`));
  return programs;
}

function exists(path: string): boolean {
  try {
    return Deno.statSync(path).isFile;
  } catch {
    return false;
  }
}

function findAccount(): string | undefined {
  const users = Deno.readTextFileSync("/etc/passwd");
  return ACCOUNTS.find((account) => users.includes(`${account}:`));
}

/** A command as it is started by another account. */
function as(
  account: string | undefined,
  command: string,
  args: readonly string[],
): [command: string, args: readonly string[]] {
  return account ? ["runuser", ["-u", account, "--", command, ...args]] : [command, args];
}

async function run(command: string, args: readonly string[]): Promise<void> {
  const { success, stderr } = await output(command, args);
  if (!success) throw new Error(`${command} failed: ${new TextDecoder().decode(stderr)}`);
}

async function output(command: string, args: readonly string[]): Promise<Deno.CommandOutput> {
  return await new Deno.Command(command, { args: [...args], cwd: "/", stdin: "null" }).output();
}

function freePort(): number {
  using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  return listener.addr.port;
}
