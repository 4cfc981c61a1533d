/**
 * Which parts of the output stand for which parts of the truth: the `quick_match` of OmniDocBench. What is the same
 * and what differs is told in README.md.
 */
import { assign } from "./assignment.ts";
import { normalizedDistance, sequenceLength, windowDistance } from "./edit-distance.ts";

/** Indices of parts that belong together. `predicted` is empty where nothing was found. */
export interface Match {
  readonly truth: readonly number[];
  readonly predicted: readonly number[];
}

/** Below this distance two parts are surely the same, and neither is joined with others. */
const SAME = 0.25;
/** Above this distance an assignment does not count. */
const FARTHEST = 0.7;
/** Below this distance a part of the truth is taken to lie inside one of the output. */
const INSIDE = 0.4;
/** Below this distance a fragment is taken to lie inside a part of the truth. */
const FRAGMENT = 0.6;

/** Which texts of the output say the same as one of the ignored texts of the truth. */
export function matchIgnored(ignored: readonly string[], predicted: readonly string[]): number[] {
  return predicted.flatMap((text, i) =>
    ignored.some((other) => normalizedDistance(text, other) < SAME) ? [i] : [],
  );
}

/**
 * Matches normalised, non-empty texts. Every part of the truth is in one match; parts of the output that nothing
 * stands for are in none.
 */
export function quickMatch(truth: readonly string[], predicted: readonly string[]): Match[] {
  const groups = joinFragments(truth, predicted);
  const costs = truth.map((text) =>
    groups.map((group) => normalizedDistance(text, joined(predicted, group))),
  );
  const byPrediction = new Map<string, { truth: number[]; predicted: readonly number[] }>();
  const open = new Set<number>();
  for (const [i, column] of assign(costs).entries()) {
    const group = groups[column];
    if (!group || (costs[i]![column] as number) > FARTHEST) open.add(i);
    else byPrediction.set(group.join(), { truth: [i], predicted: group });
  }
  // A paragraph may be part of a longer one of the output. The first one that holds it takes it.
  const candidates = [...open];
  for (const [i, text] of predicted.entries()) {
    const found = candidates.filter((t) => windowDistance(truth[t] as string, text) < INSIDE);
    if (found.length === 0) continue;
    const match = byPrediction.get(String(i)) ?? { truth: [], predicted: [i] };
    byPrediction.set(String(i), match);
    for (const t of found) if (open.delete(t)) match.truth.push(t);
  }
  const taken = new Set([...byPrediction.values()].flatMap((match) => match.predicted));
  const rest = [...open].sort((a, b) => a - b);
  const left = predicted.flatMap((_, i) => (taken.has(i) ? [] : [i]));
  const partners = assign(
    rest.map((t) =>
      left.map((p) => normalizedDistance(truth[t] as string, predicted[p] as string)),
    ),
  );
  const matches: Match[] = [...byPrediction.values()]
    .filter((match) => match.truth.length > 0)
    .map((match) => ({ ...match, truth: match.truth.sort((a, b) => a - b) }));
  for (const [i, t] of rest.entries()) {
    const partner = left[partners[i] as number];
    matches.push({ truth: [t], predicted: partner === undefined ? [] : [partner] });
  }
  return matches;
}

/** A run of parts of the output, and how far it is from a part of the truth. */
interface Candidate {
  readonly group: readonly number[];
  readonly cost: number;
}

/**
 * Parts of the output that follow each other and are closer to a part of the truth together than alone.
 *
 * @returns all parts in their order, those that belong together in one group
 */
function joinFragments(truth: readonly string[], predicted: readonly string[]): number[][] {
  const sure = truth.map((text) =>
    predicted.map((other) => normalizedDistance(text, other) < SAME),
  );
  const isSure = predicted.map((_, p) => sure.some((row) => row[p]));
  const candidates: Candidate[] = [];
  for (const [t, text] of truth.entries()) {
    if (sure[t]?.includes(true)) continue;
    let best: Candidate | undefined;
    for (const [p, hasPartner] of isSure.entries()) {
      if (hasPartner) continue;
      const group = growGroup(text, predicted, p, isSure);
      const cost = normalizedDistance(text, joined(predicted, group));
      if (!best || cost < best.cost) best = { group, cost };
    }
    if (best) candidates.push(best);
  }
  const chosen = chooseGroups(candidates);
  const member = new Map(chosen.flatMap((group) => group.map((p) => [p, group])));
  const groups: number[][] = [];
  for (const p of predicted.keys()) {
    const group = member.get(p);
    if (!group) groups.push([p]);
    else if (group[0] === p) groups.push([...group]);
  }
  return groups;
}

/** From one part on, for as long as each next one brings the whole closer to the text. */
function growGroup(
  text: string,
  predicted: readonly string[],
  start: number,
  isSure: readonly boolean[],
): number[] {
  const group = [start];
  const distanceInside = (p: number): number => windowDistance(predicted[p] as string, text);
  for (let next = start + 1; next < predicted.length && !isSure[next]; next++) {
    const before = normalizedDistance(text, joined(predicted, group));
    const after = joined(predicted, [...group, next]);
    if (normalizedDistance(text, after) > before) break;
    if (group.length === 1 && distanceInside(start) > FRAGMENT) break;
    if (distanceInside(next) >= FRAGMENT) break;
    group.push(next);
    if (sequenceLength(after) > sequenceLength(text)) break;
  }
  return group;
}

/** Of groups that overlap, those without an overlap whose mean cost is least. */
function chooseGroups(candidates: readonly Candidate[]): (readonly number[])[] {
  const overlaps = (a: Candidate, b: Candidate): boolean =>
    a.group.some((p) => b.group.includes(p));
  const clusters: Candidate[][] = [];
  for (const candidate of candidates.toSorted((a, b) => a.group[0]! - b.group[0]!)) {
    const cluster = clusters.at(-1);
    if (cluster?.some((other) => overlaps(other, candidate))) cluster.push(candidate);
    else clusters.push([candidate]);
  }
  return clusters.flatMap((cluster) => {
    const paths: Candidate[][] = [];
    for (const candidate of cluster) {
      let isPlaced = false;
      for (const path of paths) {
        const same = path.findIndex(({ group }) => group.join() === candidate.group.join());
        const known = path[same];
        if (known) {
          if (candidate.cost < known.cost) path[same] = candidate;
        } else if (path.some((other) => overlaps(other, candidate))) {
          continue;
        } else {
          path.push(candidate);
        }
        isPlaced = true;
      }
      if (!isPlaced) paths.push([candidate]);
    }
    const mean = (path: Candidate[]): number =>
      path.reduce((sum, { cost }) => sum + cost, 0) / path.length;
    const best = paths.reduce((a, b) => (mean(b) < mean(a) ? b : a));
    return best.map(({ group }) => group);
  });
}

function joined(texts: readonly string[], group: readonly number[]): string {
  return group.map((i) => texts[i]).join(" ");
}
