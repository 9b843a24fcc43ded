import fc from 'fast-check'
import { expect, test } from 'vitest'
import { encodeFits, FitsError, openFits } from '@astrolabel/io-fits'
import { bytes } from './golden-files.js'

/** Opens a file, reads and verifies all in it; what went wrong other than with a `FitsError`, if something did. */
async function readAll(whole: Uint8Array): Promise<unknown> {
  try {
    const file = await openFits(whole)
    for (const hdu of file.hdus) {
      await hdu.verify()
      if ('read' in hdu) await hdu.read()
    }
  } catch (error) {
    return error instanceof FitsError ? undefined : error
  }
  return undefined
}

test.each(['variable', 'text', 'groups', 'checksum'])(
  'property: %s.fits with bytes changed or cut off gives values or a FitsError',
  async (name) => {
    const whole = bytes(name)
    const file = await openFits(whole)
    const last = file.hdus.at(-1) as (typeof file.hdus)[number]
    // Most changes fall into the last header and the first of its data: cards, text and descriptors.
    const start = last.headerOffset
    const spot = fc.record({
      at: fc.integer({ min: start, max: Math.min(whole.length, last.dataOffset + 600) - 1 }),
      byte: fc.oneof(fc.integer({ min: 0x20, max: 0x7e }), fc.constantFrom(0, 0x7f, 0x80, 0xff)),
    })
    const end = fc.option(fc.nat({ max: whole.length }), { freq: 4, nil: whole.length })
    await fc.assert(
      fc.asyncProperty(fc.array(spot, { minLength: 1, maxLength: 6 }), end, async (spots, size) => {
        const changed = whole.slice(0, size)
        for (const { at, byte } of spots) if (at < size) changed[at] = byte
        expect(await readAll(changed)).toBeUndefined()
      }),
      { numRuns: 400 },
    )
  },
)

test('a long row of characters outside ASCII and UTF-8 reads as Latin-1', async () => {
  const offsets = Int32Array.of(0, 1)
  const whole = encodeFits([{ kind: 'table', columns: [{ name: 'S', values: ['x'.repeat(300_000)], offsets }] }])
  whole.fill(0xe9, 5760 + 8, 5760 + 8 + 300_000)
  const { values } = (await (await openFits(whole)).table(1).read()).column('S')
  expect(values).toEqual(['é'.repeat(300_000)])
})
