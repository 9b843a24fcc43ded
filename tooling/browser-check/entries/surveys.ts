import { blobSource } from '@astrolabel/io-fits'
import { canonicalName, npzReader, writeNpz } from '@astrolabel/surveys'

/** An archive of spectra as a person would choose it in a page: read as a Blob, in batches of one star. */
export async function run(): Promise<unknown> {
  const bytes = writeNpz(
    new Map([
      ['wavelength', { shape: [3], data: new Float64Array([5000, 5001, 5002]) }],
      ['flux', { shape: [2, 3], data: new Float32Array([1, 2, 0, 4, 5, 6]) }],
      ['ivar', { shape: [2, 3], data: new Float32Array([1, 1, 0, 1, 1, 1]) }],
      ['star_id', { shape: [2], data: ['one', 'two'] }],
    ]),
  )
  const blob = new Blob([bytes as Uint8Array<ArrayBuffer>])
  const files = [{ name: 'stars.npz', open: async () => blobSource(blob) }]
  const batches: unknown[] = []
  for await (const { starId, flux, ivar } of npzReader.read(files, { batchRows: 1 })) {
    batches.push({ starId, flux: [...flux], ivar: [...ivar] })
  }
  return { batches, name: canonicalName('TEFF_ADOP') }
}

export const expected = {
  batches: [
    { starId: ['one'], flux: [1, 2, 0], ivar: [1, 1, 0] },
    { starId: ['two'], flux: [4, 5, 6], ivar: [1, 1, 1] },
  ],
  name: 'teff',
}
