/**
 * What the host needs of a worker: a Web Worker has it, and so has a child process behind an object of
 * this shape.
 *
 * Messages arrive as `message` events with `data`. `error` events, with `message` where the reason is
 * known, and `messageerror` events mean that the worker is lost: the link ends it.
 */
export interface WorkerLike {
  postMessage(message: unknown, transfer?: Transferable[]): void;
  addEventListener(type: string, listener: EventListenerOrEventListenerObject): void;
  removeEventListener(type: string, listener: EventListenerOrEventListenerObject): void;
  /** Ends the worker at once, as far as the platform can. No event has to follow. */
  terminate(): void;
  /**
   * True where every end of the worker raises `error`, whatever the reason. Workers without it are
   * watched through a Web Lock, which must not be used where locks are not shared: another process
   * would seem to be dead from the start.
   */
  readonly announcesDeath?: boolean;
}
