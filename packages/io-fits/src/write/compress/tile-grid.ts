import { shapeSize } from '../../dtype.js'

/** Pixels that lie side by side both in the image and in the tile. */
export interface TileRun {
  /** Index in the image, and in the tile. */
  readonly from: number
  readonly to: number
}

/** A tile and the runs that make it up. */
export interface GridTile {
  /** Place in the table of tiles, from 0: the fastest axis first. */
  readonly index: number
  /** Slowest axis first. */
  readonly shape: readonly number[]
  readonly length: number
  /** Pixels of each run. */
  readonly runLength: number
  runs(): Iterable<TileRun>
}

/** The tiles of an image in the order of their table. Those at the far ends are cut to the image. */
export function* tilesOf(shape: readonly number[], tileShape: readonly number[]): Generator<GridTile> {
  const counts = shape.map((axis, i) => Math.ceil(axis / (tileShape[i] as number)))
  const total = shapeSize(counts)
  for (let index = 0; index < total; index++) {
    const start: number[] = []
    const size: number[] = []
    let rest = index
    for (let axis = shape.length - 1; axis >= 0; axis--) {
      const count = counts[axis] as number
      const at = (rest % count) * (tileShape[axis] as number)
      rest = Math.floor(rest / count)
      start.unshift(at)
      size.unshift(Math.min(tileShape[axis] as number, (shape[axis] as number) - at))
    }
    const runLength = size.at(-1) as number
    const length = shapeSize(size)
    yield { index, shape: size, length, runLength, runs: () => runsOf(shape, start, size, length / runLength) }
  }
}

function* runsOf(
  shape: readonly number[],
  start: readonly number[],
  size: readonly number[],
  count: number,
): Generator<TileRun> {
  const runLength = size.at(-1) as number
  for (let run = 0; run < count; run++) {
    let rest = run
    let from = start.at(-1) as number
    let stride = shape.at(-1) as number
    for (let axis = shape.length - 2; axis >= 0; axis--) {
      from += ((start[axis] as number) + (rest % (size[axis] as number))) * stride
      rest = Math.floor(rest / (size[axis] as number))
      stride *= shape[axis] as number
    }
    yield { from, to: run * runLength }
  }
}
