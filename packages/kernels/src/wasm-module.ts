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
  readonly medianWorkBytes: (nPix: number, half: number) => number
  readonly runningMedian: (rows: number, nPix: number, x: number, half: number, out: number, work: number) => void
  readonly envelopeWorkBytes: (n: number, order: number) => number
  readonly envelopeRows: (
    rows: number,
    n: number,
    flux: number,
    ivar: number,
    uniform: number,
    chosen: number,
    nChosen: number,
    basis: number,
    order: number,
    iterations: number,
    below: number,
    clips: number,
    low: number,
    high: number,
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
    tree: number,
    depth: number,
    values: number,
    labels: number,
    out: number,
  ) => void
  readonly treeWorkBytes: (count: number, width: number, stride: number) => number
  readonly growTree: (
    codes: number,
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
    work: number,
  ) => number
}

const PAGE_BYTES = 65_536

let instance: KernelExports | undefined

/**
 * The compiled kernels, one instance a thread, made on first use. Compiled synchronously, which browsers allow on their
 * main thread for a module of a few kilobytes like this one.
 */
export function kernels(): KernelExports {
  if (instance === undefined) {
    const text = atob(wasmBase64)
    const bytes = Uint8Array.from(text, (character) => character.charCodeAt(0))
    instance = new WebAssembly.Instance(new WebAssembly.Module(bytes)).exports as unknown as KernelExports
  }
  return instance
}

/**
 * Lays blocks of the given numbers of bytes one after another in the memory of the kernels, grown if need be, and
 * returns their offsets (multiples of 16). Good until the next call: kernels keep nothing between calls, so every call
 * starts from the same place. Views of the memory made earlier are void after it.
 */
export function layOut(...sizes: readonly number[]): number[] {
  const { memory, heapBase } = kernels()
  let end = (heapBase() + 15) & ~15
  const offsets = sizes.map((size) => {
    const offset = end
    end += Math.ceil(size / 16) * 16
    return offset
  })
  const missing = end - memory.buffer.byteLength
  if (missing > 0) memory.grow(Math.ceil(missing / PAGE_BYTES))
  return offsets
}
