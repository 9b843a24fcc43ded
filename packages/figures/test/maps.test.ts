import { embeddingMap, heatMap } from '@astrolabel/figures'
import { expect, test } from 'vitest'
import { elementsOf, parse, pointCounts, textOf } from './well-formed.ts'

test('a heat map writes every value, and is stronger the larger it is', () => {
  const svg = heatMap(
    {
      rows: ['teff', '<fe_h>'],
      columns: ['teff', 'fe_h', 'mg_fe'],
      values: [
        [1, 0.1, -0.001],
        [-0.5, 4, Number.NaN],
      ],
    },
    { title: 'Cross-talk', rowLabel: 'answer', columnLabel: 'change' },
  )
  elementsOf(svg)
  const text = textOf(svg)
  for (const part of ['Cross-talk', 'answer', 'change', '<fe_h>', '1.00', '0.10', '0.00', '-0.50', '4.00', '–'])
    expect(text).toContain(part)
  const strength = [...parse(svg).querySelectorAll('rect.cell')].map((cell) =>
    Number(cell.getAttribute('fill-opacity')),
  )
  expect(strength).toEqual([0.6, 0.06, 0.001, 0.3, 0.6, 0])
  elementsOf(heatMap({ rows: [], columns: [], values: [] }))
  expect(() => heatMap({ rows: ['a'], columns: ['b'], values: [[1, 2]] })).toThrow(
    expect.objectContaining({ code: 'figures/length' }),
  )
})

test('a map has every point, and a name and count of each set', () => {
  const n = 900
  const x = Float64Array.from({ length: n }, (_, i) => Math.cos(i) * i)
  const y = Float64Array.from({ length: n }, (_, i) => Math.sin(i) * i)
  const set = Array.from({ length: n }, (_, i) => (i % 3 === 0 ? 'observed' : 'synthetic & co'))
  const svg = embeddingMap({ x, y, set }, { title: 'A map', xLabel: 'PC 1' })
  elementsOf(svg)
  expect(pointCounts(svg)).toEqual({ inside: 900, beyond: 0 })
  expect(textOf(svg)).toEqual(expect.arrayContaining(['A map', 'PC 1', 'observed (300)', 'synthetic & co (600)']))
  expect(textOf(embeddingMap({ x: [], y: [], set: [] }))).toContain('no data')
  expect(() => embeddingMap({ x: [1], y: [1, 2], set: ['a'] })).toThrow(
    expect.objectContaining({ code: 'figures/length' }),
  )
})
