/** What varies from page to page of the corpus: everything comes from a seed. */

const WORDS = (
  "the of and to in a is that for it as was with be by on not he his but at are this have from or had an they which " +
  "one you were all her she there would their we him been has when who will no more if out so up said what its about " +
  "than into them can only other time new some could these two may first then do any like my now over such our man " +
  "harbour light keeper winter morning paper window measure station letter engine river garden market mountain island " +
  "result method sample report council budget student teacher history journal machine energy pressure temperature " +
  "village railway captain painter library museum weather northern southern several careful ordinary important " +
  "development experiment observation instrument"
).split(" ");

export const NAMES: readonly string[] =
  "Okafor Zimmerman Quigley Lindqvist Moreau Tanaka Brandt Castillo Novak Hughes".split(" ");
export const PLACES: readonly string[] =
  "Bristol Lisbon Malmo Krakow Porto Galway Bergen Leipzig Trieste Dundee".split(" ");
export const THINGS: readonly string[] =
  "Poster Booklet Folder Envelope Notebook Calendar Binder Marker Stapler Ruler Lamp Chair Desk Cable Filter".split(
    " ",
  );

export class Seeded {
  #state: number;

  constructor(seed: number) {
    this.#state = (seed * 2_654_435_761) >>> 0;
  }

  /** From 0 up to 1: Mulberry32. */
  next(): number {
    this.#state = (this.#state + 0x6d_2b_79_f5) >>> 0;
    let t = this.#state;
    t = Math.imul(t ^ (t >>> 15), t | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 4_294_967_296;
  }

  /** A whole number, both ends included. */
  int(from: number, to: number): number {
    return from + Math.floor(this.next() * (to - from + 1));
  }

  pick<T>(values: readonly T[]): T {
    return values[this.int(0, values.length - 1)] as T;
  }

  chance(part: number): boolean {
    return this.next() < part;
  }

  words(count: number): string {
    return Array.from({ length: count }, () => this.pick(WORDS)).join(" ");
  }

  title(from: number, to: number): string {
    return this.words(this.int(from, to)).replace(/^./u, (letter) => letter.toUpperCase());
  }

  sentences(count: number): string {
    return Array.from({ length: count }, () => `${this.title(6, 16)}.`).join(" ");
  }

  amount(): string {
    return `${this.int(1, 900)}.${String(this.int(0, 99)).padStart(2, "0")}`;
  }

  date(): string {
    const month = this.pick("January March May July September November".split(" "));
    return `${this.int(1, 28)} ${month} ${this.int(1980, 2030)}`;
  }

  name(): string {
    return `${this.pick("Marian Edith Paul Ingrid Tomas Clara Hugo Vera".split(" "))} ${this.pick(NAMES)}`;
  }

  /** As many results as the number says. */
  list<T>(count: number, make: (i: number) => T): T[] {
    return Array.from({ length: count }, (_, i) => make(i));
  }
}
