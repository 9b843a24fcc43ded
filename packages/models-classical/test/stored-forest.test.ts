import type { StepPart } from '@astrolabel/models-classical'
import { ESTIMATORS } from '@astrolabel/models-classical'
import { RandomStream } from '@astrolabel/spectra'
import { expect, test } from 'vitest'

const [n, width, labels] = [300, 5, 2]
const random = RandomStream.fromSeed(4)
const x = Float32Array.from({ length: n * width }, () => random.normal())
const y = Float64Array.from({ length: n * labels }, (_, i) => x[Math.floor(i / labels) * width + (i % labels)]!)
const forest = ESTIMATORS.find(({ kind }) => kind === 'forest')!
const parameters = { ...Object.fromEntries(forest.parameters.map((spec) => [spec.name, spec.default])), trees: 20 }
const fitted = forest.fit({ n, x, width, y, labels }, parameters, { seed: 1 })

test('a forest out of its file gives the same labels, errors and importances bit for bit', () => {
  const loaded = forest.load(fitted.toPart())
  const [before, after] = [fitted.predict(x, n), loaded.predict(x, n)]
  expect(after.values).toEqual(before.values)
  expect(after.errors).toEqual(before.errors)
  expect(loaded.importance!()).toEqual(fitted.importance!())
})

test('matrices that do not belong together are found', () => {
  const part = fitted.toPart()
  for (const name of ['forest.left', 'forest.rows', 'forest.members', 'forest.value']) {
    const { values } = part.arrays.get(name)!
    const arrays: StepPart['arrays'] = new Map([...part.arrays, [name, { shape: [0], values: values.slice(0, -8) }]])
    expect(() => forest.load({ ...part, arrays })).toThrow(expect.objectContaining({ code: 'model/damaged' }))
  }
})
