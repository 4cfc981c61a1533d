/** The events of `<glyphpool-reader>`. */
import type { GlyphpoolError } from "../errors.ts";
import type { LevelChange } from "../memory/memory-guard.ts";
import type { DocumentPage, PageMethods } from "../types.ts";
import type { ReadingProgress } from "./reading.ts";

/** Details of the element's events. */
export interface ReaderEvents {
  /** A page was read. */
  readonly page: { readonly page: DocumentPage & PageMethods; readonly index: number };
  readonly progress: ReadingProgress;
  /** How short the engine's memory is. */
  readonly level: LevelChange;
  readonly error: GlyphpoolError;
}

/** The element's events by their names, as `addEventListener` knows them. */
export type ReaderEventMap = {
  readonly [Type in keyof ReaderEvents]: CustomEvent<ReaderEvents[Type]>;
};

/** The events of every element, but for `progress` and `error`, whose details are the reader's own. */
type ElementEventMap = Omit<HTMLElementEventMap, keyof ReaderEvents>;

/** How listeners of the element are typed. */
export interface ReaderListeners {
  addEventListener<Type extends keyof ReaderEvents>(
    type: Type,
    listener: (this: HTMLElement, event: ReaderEventMap[Type]) => unknown,
    options?: boolean | AddEventListenerOptions,
  ): void;
  addEventListener<Type extends keyof ElementEventMap>(
    type: Type,
    listener: (this: HTMLElement, event: ElementEventMap[Type]) => unknown,
    options?: boolean | AddEventListenerOptions,
  ): void;
  addEventListener(
    type: string,
    listener: EventListenerOrEventListenerObject,
    options?: boolean | AddEventListenerOptions,
  ): void;
  removeEventListener<Type extends keyof ReaderEvents>(
    type: Type,
    listener: (this: HTMLElement, event: ReaderEventMap[Type]) => unknown,
    options?: boolean | EventListenerOptions,
  ): void;
  removeEventListener<Type extends keyof ElementEventMap>(
    type: Type,
    listener: (this: HTMLElement, event: ElementEventMap[Type]) => unknown,
    options?: boolean | EventListenerOptions,
  ): void;
  removeEventListener(
    type: string,
    listener: EventListenerOrEventListenerObject,
    options?: boolean | EventListenerOptions,
  ): void;
}
