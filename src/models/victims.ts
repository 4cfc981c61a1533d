/** Which idle models to unload for a number of bytes. */

export interface Candidate {
  readonly bytes: number;
  /** Grows with every use of any model. */
  readonly lastUse: number;
}

/**
 * The fewest candidates that cover `need` bytes together; of all such choices the one that holds the
 * least recently used ones. All of them when even all do not cover it; none when nothing is needed.
 */
export function chooseVictims<T extends Candidate>(candidates: readonly T[], need: number): T[] {
  if (need <= 0) return [];
  const byUse = candidates.toSorted((a, b) => a.lastUse - b.lastUse);
  let left = fewest(byUse, need);
  if (left === undefined) return byUse;
  const victims: T[] = [];
  let missing = need;
  for (const [i, candidate] of byUse.entries()) {
    if (left === 0) break;
    // Taken if the largest of the younger ones can cover what it leaves open.
    const open = missing - candidate.bytes;
    if (open > sumOfLargest(byUse.slice(i + 1), left - 1)) continue;
    victims.push(candidate);
    missing = open;
    left--;
  }
  return victims;
}

/** How many of the candidates are needed at least; undefined when all are too few. */
function fewest(candidates: readonly Candidate[], need: number): number | undefined {
  for (let count = 1; count <= candidates.length; count++) {
    if (sumOfLargest(candidates, count) >= need) return count;
  }
  return undefined;
}

function sumOfLargest(candidates: readonly Candidate[], count: number): number {
  const sizes = candidates.map(({ bytes }) => bytes).toSorted((a, b) => b - a);
  return sizes.slice(0, count).reduce((sum, bytes) => sum + bytes, 0);
}
