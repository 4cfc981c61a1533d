/** Time for rows that outlive a process, and differences between them. */

/**
 * A clock that starts with the system's time and then runs evenly: nothing waits longer, and no duration is negative,
 * because somebody sets the system's clock.
 *
 * @param wall milliseconds since 1970
 * @param steady milliseconds since any moment
 */
export function steadyClock(
  wall: () => number = Date.now,
  steady: () => number = () => performance.now(),
): () => number {
  const origin = wall() - steady();
  return () => Math.round(origin + steady());
}
