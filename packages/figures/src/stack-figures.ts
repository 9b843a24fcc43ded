import { AstrolabelError } from '@astrolabel/spectra'
import { figure } from './figure.js'

const SIZE = /viewBox="0 0 ([\d.]+) ([\d.]+)"/

/**
 * Figures of this package one under another as one SVG document, as wide as the widest.
 *
 * @throws `figures/not-a-figure` for text that is no figure of this package.
 */
export function stackFigures(figures: readonly string[], description: string): string {
  let width = 0
  let height = 0
  const parts = figures.map((svg) => {
    const size = SIZE.exec(svg)
    if (size === null)
      throw new AstrolabelError('figures/not-a-figure', 'Only figures can be stacked', { got: svg.slice(0, 40) })
    const part = `<g transform="translate(0,${height})">${svg.trimEnd()}</g>`
    width = Math.max(width, Number(size[1]))
    height += Number(size[2])
    return part
  })
  return figure(width, height, description, parts)
}
