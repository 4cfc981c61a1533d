/** How often each token may ask: a bucket that fills steadily. */
export class RateLimit {
  readonly #now: () => number;
  readonly #buckets = new Map<string, { level: number; at: number }>();

  constructor(now: () => number = () => performance.now()) {
    this.#now = now;
  }

  /** Takes one request out. @returns 0, or the seconds until there is one again */
  take(name: string, perMinute: number): number {
    const now = this.#now();
    const bucket = this.#buckets.get(name) ?? { level: perMinute, at: now };
    const rate = perMinute / 60_000;
    bucket.level = Math.min(perMinute, bucket.level + (now - bucket.at) * rate);
    bucket.at = now;
    this.#buckets.set(name, bucket);
    if (bucket.level >= 1) {
      bucket.level--;
      return 0;
    }
    return (1 - bucket.level) / rate / 1_000;
  }
}
