import { paddedExtent } from './domain.js'
import type { FigureOptions } from './figure.js'
import { checkLengths } from './figure.js'
import { errorBars, horizontal, points } from './marks.js'
import { palette } from './palette.js'
import type { Axis, Frame } from './panel.js'
import { EDGE, heightBelow, panel, widthBefore } from './panel.js'
import { smallMultiples } from './small-multiples.js'
import { fitText, svgText } from './svg-text.js'

/** A parameter that a search varied. */
export interface SearchedParameter {
  readonly name: string
  /** (candidates) its value in each. */
  readonly values: readonly (string | number)[]
}

/** More values than these are drawn along an axis, not side by side. */
const SIDE_BY_SIDE = 12
const TITLE = 22
const HEIGHT = 170

/**
 * Scores of a search's candidates by each parameter, a panel a parameter; the best candidate, the lowest score, stands
 * out. Numbers of few values and words lie side by side in order, many numbers along an axis.
 *
 * @param score (candidates) @param scoreStd (candidates) its standard deviation over the folds.
 * @returns an SVG document. @throws `figures/length` when the arrays differ in length.
 */
export function searchPlot(
  parameters: readonly SearchedParameter[],
  score: ArrayLike<number>,
  scoreStd: ArrayLike<number>,
  options: FigureOptions = {},
): string {
  checkLengths(score.length, { scoreStd })
  for (const { name, values } of parameters)
    checkLengths(score.length, { [`values of ${name}`]: { length: values.length } })
  const reach = Array.from(score, (value, i) => [value - scoreStd[i]!, value + scoreStd[i]!]).flat()
  const y: Axis = { domain: paddedExtent(reach, 0.05), label: 'score' }
  return smallMultiples(parameters.length, `Scores by ${parameters.map(({ name }) => name).join(', ')}`, options, {
    height: TITLE + HEIGHT + heightBelow({ domain: [0, 1], label: 'x' }) + 10,
    draw: (index, width) => drawPanel(parameters[index]!, score, scoreStd, y, width),
  })
}

function drawPanel(
  { name, values }: SearchedParameter,
  score: ArrayLike<number>,
  scoreStd: ArrayLike<number>,
  y: Axis,
  width: number,
): string {
  const distinct = [...new Set(values)].sort((a, b) => (a === b ? 0 : order(a, b)))
  const beside = distinct.length <= SIDE_BY_SIDE || distinct.some((value) => typeof value === 'string')
  const left = widthBefore(y, HEIGHT) + 4
  const frame: Frame = { left, top: TITLE, right: width - EDGE, bottom: TITLE + HEIGHT }
  const domain = beside ? ([-0.5, distinct.length - 0.5] as const) : paddedExtent(values as readonly number[])
  const place = new Map(distinct.map((value, i) => [value, i]))
  // Candidates of one value stand beside one another, in the order of the list.
  const counts = new Map<string | number, number>()
  const x = values.map((value) => {
    if (!beside) return value as number
    const nth = counts.get(value) ?? 0
    counts.set(value, nth + 1)
    const many = values.filter((other) => other === value).length
    return place.get(value)! + (many < 2 ? 0 : 0.5 * (nth / (many - 1) - 0.5))
  })
  const best = Array.from(score).reduce((at, value, i, all) => (value < all[at]! ? i : at), 0)
  const axis: Axis = beside ? { domain, numbers: false } : { domain }
  const words = beside
    ? distinct.map((value, i) =>
        svgText(left + ((i + 0.5) / distinct.length) * (frame.right - left), frame.bottom + 15, String(value), {
          anchor: 'middle',
        }),
      )
    : []
  return [
    svgText(left, 14, fitText(name, width - left, 13), { size: 13, bold: true }),
    panel(frame, axis, y, (scales) =>
      score.length === 0
        ? ''
        : horizontal(score[best]!, scales, { color: palette.model, width: 1, dash: '4 3' }) +
          errorBars(x, score, scoreStd, scales, palette.muted) +
          points(x, score, scales, { color: palette.data, radius: 3, opacity: 0.9 }) +
          points([x[best]!], [score[best]!], scales, { color: palette.model, radius: 4.5, opacity: 1 }),
    ),
    ...words,
  ].join('')
}

/** Numbers by size, then words by the alphabet. */
function order(a: string | number, b: string | number): number {
  if (typeof a === 'number' && typeof b === 'number') return a - b
  if (typeof a === typeof b) return a < b ? -1 : 1
  return typeof a === 'number' ? -1 : 1
}
