import { describe, expect, it } from "vitest";
import { permissionFlags } from "../../../src/rpc/child-permissions.ts";

const all = (): boolean => true;
const none = (): boolean => false;

describe("the permissions of a child process", () => {
  it("are reading and nothing else unless they are named", () => {
    expect(permissionFlags({}, all)).toEqual(["--allow-read"]);
  });

  it("can be named", () => {
    const wanted = { read: ["/a,b", "/c"], write: false, net: ["models.example:443"], env: true };
    expect(permissionFlags(wanted, none)).toEqual([
      "--allow-read=/a,,b,/c",
      "--allow-net=models.example:443",
      "--allow-env",
    ]);
  });

  it("have to be named where this process may not read everything", () => {
    expect(() => permissionFlags({}, none)).toThrow(
      expect.objectContaining({
        code: "BACKEND_UNAVAILABLE",
        message: expect.stringContaining("--allow-read"),
      }),
    );
  });
});
