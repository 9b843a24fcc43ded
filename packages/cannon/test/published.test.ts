import { existsSync, readFileSync } from 'node:fs'
import { inflateRawSync } from 'node:zlib'
import { trainCannon } from '@astrolabel/cannon'
import { labelInfo, makeLabels, makeSpectra } from '@astrolabel/spectra'
import { expect, test } from 'vitest'
import { normalisedMeta } from './stars.ts'

const file = new URL('../../../../shared/data/cannon/apogee_671x100_train.npz', import.meta.url)

/** Float64 arrays of an .npz file: a zip of .npy files. */
function readNpz(bytes: Buffer): Map<string, Float64Array> {
  const arrays = new Map<string, Float64Array>()
  let entry = bytes.readUInt32LE(bytes.lastIndexOf('PK\x05\x06', undefined, 'latin1') + 16)
  for (; bytes.readUInt32LE(entry) === 0x02014b50;) {
    const [size, nameLength, extra, comment] = [
      bytes.readUInt32LE(entry + 20),
      ...[28, 30, 32].map((k) => bytes.readUInt16LE(entry + k)),
    ]
    const name = bytes.toString('latin1', entry + 46, entry + 46 + nameLength!)
    const local = bytes.readUInt32LE(entry + 42)
    const start = local + 30 + bytes.readUInt16LE(local + 26) + bytes.readUInt16LE(local + 28)
    const npy = inflateRawSync(bytes.subarray(start, start + size!))
    const body = npy.subarray(10 + npy.readUInt16LE(8))
    if (npy.includes("'<f8'")) arrays.set(name.replace('.npy', ''), new Float64Array(Uint8Array.from(body).buffer))
    entry += 46 + nameLength! + extra! + comment!
  }
  return arrays
}

// 500 of the 671 APOGEE stars of a published Cannon, 100 pixels, with its coefficients and scatter.
test.skipIf(!existsSync(file))('scatter and mean spectrum of real stars are those of a published Cannon', () => {
  const data = readNpz(readFileSync(file))
  const [flux, sigma, values, theta, scatter, pivots] = ['flux', 'sigma', 'labels', 'theta', 'scatter', 'pivots'].map(
    (name) => data.get(name)!,
  )
  const starId = Array.from({ length: 500 }, (_, i) => `star-${i}`)
  const spectra = makeSpectra({
    meta: normalisedMeta(100),
    starId,
    flux: Float32Array.from(flux!),
    ivar: Float32Array.from(sigma!, (error) => (error > 0 && error < 1 ? 1 / error ** 2 : 0)),
  })
  const labels = makeLabels({ starId, labels: ['teff', 'logg', 'm_h'].map(labelInfo), values: values! })
  const model = trainCannon(spectra, labels, { order: 3 })
  const out = new Float64Array(100)
  model.evaluate(pivots!, out)
  const { scatter2 } = model.parts.coefficients
  // Other terms (powers of teff up to the fourth, none of some products) and 171 more stars made theirs. The constant
  // of their model is the flux at its pivots; the scatter of 500 stars is good to 3 %.
  const rms = Math.sqrt(out.reduce((sum, value, p) => sum + (value - theta![13 * p]!) ** 2, 0) / 100)
  const ratios = Array.from(scatter2, (s2, p) => Math.sqrt(s2) / scatter![p]!).sort((a, b) => a - b)
  expect(rms).toBeLessThan(0.002)
  expect(Math.abs(ratios[50]! - 1)).toBeLessThan(0.05)
  expect(ratios[0]).toBeGreaterThan(0.85)
  expect(ratios[99]).toBeLessThan(1.2)
})
