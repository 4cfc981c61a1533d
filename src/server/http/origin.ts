/** Web pages of other origins may not use the server, unless they are on a list. */
import type { MiddlewareHandler } from "hono";
import type { ServerEnv } from "./context.ts";
import { HttpProblem } from "./problem.ts";

const LOOPBACK = /^(localhost|127\.\d+\.\d+\.\d+|\[::1\])(:\d+)?$/i;
/** Seconds that a browser may remember the answer. */
const MAX_AGE = "600";

/**
 * Answers preflights of the listed origins and refuses all others. Browsers send forms to other origins without
 * asking, so not answering them is not enough.
 *
 * @param onlyLoopback refuses names that lead here by way of somebody's DNS: a server without tokens trusts whoever
 *   reaches it
 */
export function guardOrigin(
  origins: readonly string[],
  onlyLoopback: boolean,
): MiddlewareHandler<ServerEnv> {
  return async (c, next) => {
    const host = c.req.header("Host") ?? "";
    if (onlyLoopback && !LOOPBACK.test(host)) {
      throw new HttpProblem(403, "HOST_NOT_ALLOWED", "Without tokens only localhost is served.");
    }
    const origin = c.req.header("Origin");
    // Only the host: behind a proxy that ends TLS the scheme is another one.
    if (origin === undefined || URL.parse(origin)?.host === host.toLowerCase()) return await next();
    if (!origins.includes(origin)) {
      throw new HttpProblem(403, "ORIGIN_NOT_ALLOWED", "Pages of this origin may not ask.");
    }
    if (c.req.method === "OPTIONS") c.res = c.body(null, 204);
    else await next();
    const { headers } = c.res;
    headers.set("Access-Control-Allow-Origin", origin);
    headers.set("Access-Control-Allow-Methods", "GET, POST, DELETE");
    const sent = "Authorization, Content-Type, Idempotency-Key, Last-Event-ID";
    headers.set("Access-Control-Allow-Headers", sent);
    headers.set("Access-Control-Expose-Headers", "Location, Retry-After");
    headers.set("Access-Control-Max-Age", MAX_AGE);
    headers.set("Cross-Origin-Resource-Policy", "cross-origin");
    headers.append("Vary", "Origin");
  };
}
