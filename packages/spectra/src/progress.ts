/** Options that every long operation takes. */
export interface RunOptions {
  /** Abort it: the operation throws the signal's reason and leaves nothing half-written. */
  readonly signal?: AbortSignal | undefined
  /** Called now and then with what is done of how much (`total` 0 when unknown), in the operation's own unit. */
  readonly onProgress?: ((done: number, total: number) => void) | undefined
}

/** Throw the signal's reason when it is aborted; cheap enough to call once a star. */
export function throwIfAborted(options: RunOptions): void {
  options.signal?.throwIfAborted()
}
