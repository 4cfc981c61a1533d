import { describe, expect, it } from "vitest";
import { permissionFlags } from "../../../src/rpc/child-permissions.ts";

const all = (): boolean => true;
const none = (): boolean => false;

describe("the permissions of a child process", () => {
  it("are those of a worker, and not all that this process has", () => {
    expect(permissionFlags({}, "/cache", all)).toEqual([
      "--allow-read",
      "--allow-write=/cache",
      "--allow-net",
    ]);
    expect(permissionFlags({}, false, all)).toEqual(["--allow-read", "--allow-net"]);
  });

  it("are never more than this process has", () => {
    expect(permissionFlags({}, "/cache", (kind) => kind === "read")).toEqual(["--allow-read"]);
    const someOf = (kind: string, name?: string): boolean => kind === "read" || name === "HOME";
    expect(permissionFlags({}, true, someOf)).toEqual(["--allow-read", "--allow-env=HOME"]);
  });

  it("can be named", () => {
    const wanted = { read: ["/a,b", "/c"], write: false, net: ["models.example:443"], env: true };
    expect(permissionFlags(wanted, true, none)).toEqual([
      "--allow-read=/a,,b,/c",
      "--allow-net=models.example:443",
      "--allow-env",
    ]);
  });

  it("have to be named where this process may not read everything", () => {
    expect(() => permissionFlags({}, true, none)).toThrow(
      expect.objectContaining({
        code: "BACKEND_UNAVAILABLE",
        message: expect.stringContaining("--allow-read"),
      }),
    );
  });
});
