import { wasmBase64 } from './generated/wasm-bytes.js'

type Pack = (src: number, dst: number, lanes: number, steps: number, laneStride: number, stepStride: number) => void
type Product = (
  packedA: number,
  packedB: number,
  c: number,
  rows: number,
  columns: number,
  steps: number,
  alpha: number,
  spare: number,
  upper: number,
  below: number,
) => void
type Scale = (c: number, count: number, beta: number) => void

/** The functions of assembly/; every argument that is an address is a byte offset in `memory`. */
export interface KernelExports {
  readonly memory: WebAssembly.Memory
  readonly heapBase: () => number
  readonly packA32: Pack
  readonly packA64: Pack
  readonly packA3264: Pack
  readonly packB32: Pack
  readonly packB64: Pack
  readonly product32: Product
  readonly product64: Product
  readonly scale32: Scale
  readonly scale64: Scale
  readonly choleskySolve: (
    batch: number,
    t: number,
    packed: number,
    rhs: number,
    out: number,
    status: number,
    jitter: number,
    work: number,
  ) => void
  readonly choleskyInverse: (
    batch: number,
    t: number,
    packed: number,
    out: number,
    status: number,
    jitter: number,
    work: number,
  ) => void
  readonly tridiagonalise: (
    n: number,
    a: number,
    vectors: number,
    diagonal: number,
    off: number,
    p: number,
    w: number,
  ) => void
  readonly medianWorkBytes: (nPix: number, half: number) => number
  readonly runningMedian: (rows: number, nPix: number, x: number, half: number, out: number, work: number) => void
  readonly envelopeWorkBytes: (m: number, order: number) => number
  readonly envelopeRows: (
    rows: number,
    m: number,
    flux: number,
    ivar: number,
    uniform: number,
    basis: number,
    chosenX: number,
    order: number,
    iterations: number,
    below: number,
    clips: number,
    low: number,
    high: number,
    n: number,
    x: number,
    out: number,
    work: number,
  ) => void
  readonly resampleRows: (
    rows: number,
    nIn: number,
    wave: number,
    spacing: number,
    flux: number,
    ivar: number,
    factors: number,
    nOut: number,
    waveOut: number,
    fluxOut: number,
    ivarOut: number,
  ) => void
  readonly addLeaves: (
    x: number,
    rows: number,
    width: number,
    trees: number,
    roots: number,
    nodes: number,
    shift: number,
    values: number,
    labels: number,
    out: number,
    work: number,
  ) => void
  readonly treeWorkBytes: (count: number, width: number, stride: number, random: number) => number
  readonly growTree: (
    features: number,
    n: number,
    width: number,
    sums: number,
    stride: number,
    shared: number,
    rows: number,
    count: number,
    maxDepth: number,
    minLeaf: number,
    wanted: number,
    random: number,
    seedLow: number,
    seedHigh: number,
    feature: number,
    bin: number,
    next: number,
    left: number,
    gain: number,
    total: number,
    leaf: number,
    work: number,
  ) => number
}

const PAGE_BYTES = 65_536

let instance: KernelExports | undefined

let compiled: WebAssembly.Module | undefined

/**
 * Another instance of the kernels with a memory of its own, for what is kept between calls. Compiled synchronously, which
 * browsers allow on their main thread for a module of a few kilobytes like this one.
 */
export function newKernels(): KernelExports {
  if (compiled === undefined) {
    const text = atob(wasmBase64)
    compiled = new WebAssembly.Module(Uint8Array.from(text, (character) => character.charCodeAt(0)))
  }
  return new WebAssembly.Instance(compiled).exports as unknown as KernelExports
}

/** The compiled kernels, one instance a thread, made on first use. */
export function kernels(): KernelExports {
  instance ??= newKernels()
  return instance
}

/**
 * Lays blocks of the given numbers of bytes one after another in the memory of the kernels, grown if need be, and
 * returns their offsets (multiples of 16). Good until the next call: kernels keep nothing between calls, so every call
 * starts from the same place. Views of the memory made earlier are void after it.
 */
export function layOut(...sizes: readonly number[]): number[] {
  return layOutIn(kernels(), sizes)
}

/** {@link layOut} in the memory of one instance, from byte `start` on: by default where the module's own bytes end. */
export function layOutIn(
  { memory, heapBase }: KernelExports,
  sizes: readonly number[],
  start: number = heapBase(),
): number[] {
  let end = (start + 15) & ~15
  const offsets = sizes.map((size) => {
    const offset = end
    end += Math.ceil(size / 16) * 16
    return offset
  })
  const missing = end - memory.buffer.byteLength
  if (missing > 0) memory.grow(Math.ceil(missing / PAGE_BYTES))
  return offsets
}
