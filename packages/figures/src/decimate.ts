import { pixel } from './format-number.js'
import type { Scales } from './panel.js'

/**
 * The path of a spectrum, at most four points a pixel column (first, lowest, highest, last), which looks the same as
 * all of them: 8000 pixels in 900 columns would only make the file larger.
 *
 * The line breaks at pixels that are not `good`, between chips (a step of more than five typical ones) and where arms
 * overlap. Values outside the frame are drawn at its edge.
 *
 * @param wave (n) Å.
 * @param values (n); NaN breaks the line.
 * @param good (n) whether to draw a pixel; all unless given.
 */
export function spectrumPath(
  wave: ArrayLike<number>,
  values: ArrayLike<number>,
  scales: Scales,
  good?: (i: number) => boolean,
): string {
  const { left, right, top, bottom } = scales.frame
  const gap = gapWidth(wave)
  const path = new RelativePath()
  let column: { x: number; points: [x: number, y: number][] } | undefined
  const flush = (): void => {
    for (const [x, y] of extremes(column?.points ?? [])) path.lineTo(x, y)
    column = undefined
  }
  for (let i = 0; i < wave.length; i++) {
    const x = scales.x(wave[i]!)
    const usable = Number.isFinite(values[i]!) && x >= left && x <= right && good?.(i) !== false
    const step = i === 0 ? 0 : wave[i]! - wave[i - 1]!
    if (!usable || step < 0 || step > gap) {
      flush()
      path.lift()
    }
    if (!usable) continue
    const y = Math.min(bottom, Math.max(top, scales.y(values[i]!)))
    if (column?.x !== Math.floor(x)) {
      flush()
      column = { x: Math.floor(x), points: [] }
    }
    column.points.push([x, y])
  }
  flush()
  return path.finish()
}

/**
 * A path in steps of tenths of a pixel: half as long as absolute coordinates, and exact, as steps are taken between
 * rounded positions. Points on a horizontal line are joined.
 */
class RelativePath {
  #d = ''
  #x = 0
  #y = 0
  #down = false
  #run = 0

  lineTo(x: number, y: number): void {
    const tx = Math.round(x * 10)
    const ty = Math.round(y * 10)
    if (!this.#down) {
      this.#d += `M${tx / 10} ${ty / 10}`
      this.#down = true
    } else if (ty === this.#y) {
      this.#run += tx - this.#x
    } else {
      this.#level()
      this.#d += `l${(tx - this.#x) / 10} ${(ty - this.#y) / 10}`
    }
    this.#x = tx
    this.#y = ty
  }

  /** The next point begins a new line. */
  lift(): void {
    this.#level()
    this.#down = false
  }

  finish(): string {
    this.#level()
    return this.#d.replaceAll(' -', '-')
  }

  #level(): void {
    if (this.#run !== 0) this.#d += `h${this.#run / 10}`
    this.#run = 0
  }
}

function extremes(points: readonly [number, number][]): [number, number][] {
  if (points.length <= 4) return [...points]
  let low = 0
  let high = 0
  points.forEach(([, y], i) => {
    if (y < points[low]![1]) low = i
    if (y > points[high]![1]) high = i
  })
  const kept = [...new Set([0, low, high, points.length - 1])].sort((a, b) => a - b)
  return kept.map((i) => points[i]!)
}

/** A path of rectangles over runs of pixels, such as the bad ones; each is at least a pixel of the screen wide. */
export function runsPath(wave: ArrayLike<number>, inRun: (i: number) => boolean, scales: Scales): string {
  const { left, right, top, bottom } = scales.frame
  const gap = gapWidth(wave)
  const spans: [number, number][] = []
  for (let i = 0; i < wave.length; i++) {
    const x = scales.x(wave[i]!)
    if (!inRun(i) || !(x >= left && x <= right)) continue
    const half = Math.max(0.5, Math.abs(scales.x(wave[i]! + gap / 5) - x) / 2)
    const last = spans[spans.length - 1]
    // Runs closer than half a pixel of the screen are one to the eye.
    if (last !== undefined && x - half <= last[1] + 0.5 && x >= last[0]) last[1] = x + half
    else spans.push([x - half, x + half])
  }
  return spans
    .map(
      ([a, b]) =>
        `M${pixel(Math.max(left, a))} ${pixel(top)}H${pixel(Math.min(right, b))}V${pixel(bottom)}H${pixel(Math.max(left, a))}Z`,
    )
    .join('')
}

/** Five times the median step between ascending pixels: more than log-linear grids vary, less than any chip gap. */
function gapWidth(wave: ArrayLike<number>): number {
  const steps: number[] = []
  for (let i = 1; i < wave.length; i++) if (wave[i]! > wave[i - 1]!) steps.push(wave[i]! - wave[i - 1]!)
  steps.sort((a, b) => a - b)
  return steps.length === 0 ? Infinity : 5 * steps[steps.length >> 1]!
}
