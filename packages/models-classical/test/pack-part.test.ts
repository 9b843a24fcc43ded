import { packPart, unpackPart } from '../src/pipeline/pack-part.ts'
import fc from 'fast-check'
import { expect, test } from 'vitest'

test('plain data with arrays anywhere comes back the same, by way of JSON', () => {
  const leaf = fc.oneof(
    fc.double(),
    fc.string(),
    fc.boolean(),
    fc.constant(null),
    fc.float64Array({ maxLength: 4 }),
    fc.float32Array({ maxLength: 4 }),
    fc.int32Array({ maxLength: 4 }),
    fc.uint8Array({ maxLength: 4 }),
  )
  const { tree } = fc.letrec((tie) => ({
    tree: fc.oneof(
      { maxDepth: 4 },
      leaf,
      fc.array(tie('tree'), { maxLength: 3 }),
      fc.dictionary(fc.string({ unit: fc.constantFrom('a', 'b', 'c') }), tie('tree'), { maxKeys: 3 }),
    ),
  }))
  fc.assert(
    fc.property(tree, (fitted) => {
      const { facts, arrays } = packPart({ fitted })
      const read = JSON.parse(JSON.stringify(facts)) as Record<string, unknown>
      // JSON has no −0; nothing that is fitted tells it from 0.
      expect(JSON.stringify(unpackPart({ facts: read, arrays }), show)).toBe(JSON.stringify({ fitted }, show))
    }),
  )
})

function show(_: string, value: unknown): unknown {
  if (typeof value === 'number') return String(value)
  return ArrayBuffer.isView(value) ? [value.constructor.name, ...Array.from(value as Float64Array, String)] : value
}

test('a matrix that is not there is missed', () => {
  const { facts } = packPart({ weights: Float64Array.of(1) })
  expect(() => unpackPart({ facts, arrays: new Map() })).toThrow('The model lacks its matrix weights')
})
