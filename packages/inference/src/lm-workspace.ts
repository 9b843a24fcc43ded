/** Everything a fit of P parameters writes while it iterates. */
export interface LmWorkspace {
  readonly trial: Float64Array
  readonly step: Float64Array
  readonly gradients: readonly [Float64Array, Float64Array]
  readonly curvatures: readonly [Float64Array, Float64Array]
  readonly factor: Float64Array
  readonly scale: Float64Array
  readonly solution: Float64Array
  readonly free: Int32Array
  /** 0 moves, 1 stays where it is, 2 has been stopped by a bound within this step. */
  readonly state: Uint8Array
}

/** Workspaces not in use, by number of parameters: a million fits of five labels allocate one. */
const idle = new Map<number, LmWorkspace[]>()

/** Takes a workspace for P parameters; a fit inside a cost function gets another one. */
export function takeWorkspace(size: number): LmWorkspace {
  const ready = idle.get(size)?.pop()
  if (ready) return ready
  const vector = (): Float64Array => new Float64Array(size)
  const matrix = (): Float64Array => new Float64Array(size * size)
  return {
    trial: vector(),
    step: vector(),
    gradients: [vector(), vector()],
    curvatures: [matrix(), matrix()],
    factor: matrix(),
    scale: vector(),
    solution: vector(),
    free: new Int32Array(size),
    state: new Uint8Array(size),
  }
}

/** Gives a workspace back. */
export function returnWorkspace(size: number, workspace: LmWorkspace): void {
  const ready = idle.get(size)
  if (ready) ready.push(workspace)
  else idle.set(size, [workspace])
}
