import type { AugmentOptions } from '@astrolabel/preprocess'
import { augmentSpectra } from '@astrolabel/preprocess'
import type { Spectra } from '@astrolabel/spectra'
import { columnNumbers, concatSpectra, pixelWavelengths, takeSpectra } from '@astrolabel/spectra'
import { expect, test } from 'vitest'
import { linearMeta, spectraOf } from './spectra-of.js'

const N_PIX = 600
const truth = Float32Array.from({ length: N_PIX }, (_, i) => 1 - 0.4 * Math.exp(-(((i - 300) / 6) ** 2)))

/** Stars of one spectrum with errors that differ from pixel to pixel and every 50th pixel bad. */
function stars(n: number, more: Parameters<typeof linearMeta>[1] = {}): Spectra {
  const ivar = Float32Array.from({ length: N_PIX }, (_, i) => (i % 50 === 7 ? 0 : 1e4 * (1 + (i % 5))))
  return spectraOf(
    Array.from({ length: n }, (_, row) => truth.map((flux) => flux + 1e-4 * row)),
    {
      meta: linearMeta(N_PIX, { frame: 'rest', stage: 'normalised', ...more }),
      ivar: Array.from({ length: n }, () => ivar),
      velocities: Array.from({ length: n }, (_, row) => 100 * row),
    },
  )
}

async function collect(
  input: Parameters<typeof augmentSpectra>[0],
  options: AugmentOptions,
  seed?: number,
): Promise<Spectra> {
  const batches: Spectra[] = []
  for await (const batch of augmentSpectra(input, options, seed === undefined ? {} : { seed })) {
    expect(batch.n).toBeLessThanOrEqual(1024)
    batches.push(batch)
  }
  return concatSpectra(batches)
}

const everything: AugmentOptions = {
  copies: 3,
  noise: 1,
  velocity: 5,
  rotation: [2, 20],
  zero: 0.03,
  telluric: { bands: [[4100, 4110]] },
  wiggles: { amplitude: 0.01, order: 3 },
}

const row = (spectra: Spectra, i: number): Float32Array =>
  spectra.flux.subarray(i * spectra.nPix, (i + 1) * spectra.nPix)
const weights = (spectra: Spectra, i: number): Float32Array =>
  spectra.ivar.subarray(i * spectra.nPix, (i + 1) * spectra.nPix)

test('originals come first, unchanged, and copies keep star, catalogue and labels', async () => {
  const source = stars(4)
  const out = await collect(source, everything)
  expect(out.n).toBe(16)
  expect(out.starId).toEqual(source.starId.flatMap((id) => [id, id, id, id]))
  expect([...columnNumbers(out.catalog.columns.get('v_rad')!)].slice(0, 8)).toEqual([0, 0, 0, 0, 100, 100, 100, 100])
  expect([...columnNumbers(out.catalog.columns.get('augment_copy')!)].slice(0, 5)).toEqual([0, 1, 2, 3, 0])
  for (let star = 0; star < 4; star++) {
    expect(row(out, 4 * star)).toEqual(row(source, star))
    expect(weights(out, 4 * star)).toEqual(weights(source, star))
    for (let copy = 1; copy < 4; copy++) expect(row(out, 4 * star + copy)).not.toEqual(row(source, star))
  }
  expect(out.meta).toEqual(source.meta)
  const copies = await collect(source, { ...everything, keepOriginals: false })
  expect(copies.n).toBe(12)
  expect(row(copies, 0)).toEqual(row(out, 1))
})

test('the same seed gives the same bytes however stars are put into batches, another seed others', async () => {
  const source = stars(9)
  const whole = await collect(source, everything, 7)
  const pieces = [[0], [1, 2, 3, 4], [5, 6], [7, 8]].map((rows) => takeSpectra(source, rows))
  const split = await collect(pieces, everything, 7)
  expect(split.flux).toEqual(whole.flux)
  expect(split.ivar).toEqual(whole.ivar)
  expect(split.catalog).toEqual(whole.catalog)
  const other = await collect(source, everything, 8)
  expect(row(other, 1)).not.toEqual(row(whole, 1))
  expect(row(other, 0)).toEqual(row(whole, 0))
  // What one change draws does not depend on the others.
  const noisy = await collect(source, { copies: 3, noise: 1 }, 7)
  const wiggly = await collect(source, { copies: 3, noise: 1, zero: 0.1 }, 7)
  wiggly.flux.forEach((flux, i) => expect(flux === 0 || flux === noisy.flux[i]).toBe(true))
})

test('two spectra of one star get noise of their own', async () => {
  const two = stars(2)
  const visits = { ...two, starId: ['a', 'a'] }
  const out = await collect(visits, { noise: 1 })
  const added = [1, 3].map((k) => row(out, k).map((flux, i) => flux - row(out, k - 1)[i]!))
  expect(correlation(added[0]!, added[1]!)).toBeLessThan(0.15)
})

function correlation(a: Float32Array, b: Float32Array): number {
  const dot = (x: Float32Array, y: Float32Array): number => x.reduce((sum, value, i) => sum + value * y[i]!, 0)
  return Math.abs(dot(a, b)) / Math.sqrt(dot(a, a) * dot(b, b))
}

test('added noise has the width of each error, and ivar is that of both noises together', async () => {
  const source = stars(20)
  for (const noise of [1, 2.5]) {
    const out = await collect(source, { copies: 10, noise })
    let [added, count, worst, revived] = [0, 0, 0, 0]
    for (let k = 0; k < out.n; k++) {
      if (k % 11 === 0) continue
      const original = Math.floor(k / 11)
      for (let i = 0; i < N_PIX; i++) {
        const own = weights(source, original)[i]!
        if (own === 0) {
          revived += weights(out, k)[i]!
          continue
        }
        added += (row(out, k)[i]! - row(source, original)[i]!) ** 2 * own
        worst = Math.max(worst, Math.abs(weights(out, k)[i]! / (own / (1 + noise * noise)) - 1))
        count++
      }
    }
    expect(Math.abs(Math.sqrt(added / count) / noise - 1)).toBeLessThan(0.01)
    expect(worst).toBeLessThan(1e-5)
    expect(revived).toBe(0)
  }
})

test('copies of noisy spectra are as far from the truth as their ivar says', async () => {
  // The originals carry noise of their error themselves: what is drawn for them here is not drawn again for the copies.
  const noisy = await collect(stars(60), { noise: 1, keepOriginals: false }, 99)
  const honest = { ...noisy, ivar: noisy.ivar.map((weight) => 2 * weight) }
  const out = await collect(honest, { copies: 3, noise: 1, keepOriginals: false, wiggles: { amplitude: 0 } })
  let sum = 0
  let count = 0
  for (let k = 0; k < out.n; k++) {
    for (let i = 0; i < N_PIX; i++) {
      if (weights(out, k)[i] === 0) continue
      sum += (row(out, k)[i]! - truth[i]! - 1e-4 * Math.floor(k / 3)) ** 2 * weights(out, k)[i]!
      count++
    }
  }
  expect(Math.abs(Math.sqrt(sum / count) - 1)).toBeLessThan(0.02)
})

test('spectra without errors need a sigma, and keep the weight 1', async () => {
  const source = stars(3, { noise: 'unknown' })
  const plain = { ...source, ivar: source.ivar.map((weight) => (weight > 0 ? 1 : 0)) }
  await expect(collect(plain, { noise: 1 })).rejects.toMatchObject({ code: 'augment/no-noise' })
  const out = await collect(plain, { noise: { sigma: 0.02 }, copies: 30, keepOriginals: false })
  expect(new Set(out.ivar)).toEqual(new Set([0, 1]))
  let sum = 0
  let count = 0
  out.flux.forEach((flux, i) => {
    if (out.ivar[i] === 0) return
    sum += (flux - plain.flux[Math.floor(i / N_PIX / 30) * N_PIX + (i % N_PIX)]!) ** 2
    count++
  })
  expect(Math.abs(Math.sqrt(sum / count) / 0.02 - 1)).toBeLessThan(0.02)
})

test('the share of zeroed pixels is the one asked for, with flux and ivar 0', async () => {
  const out = await collect(stars(30), { copies: 5, zero: 0.08, keepOriginals: false })
  let zeroed = 0
  out.flux.forEach((flux, i) => {
    if (flux !== 0) return
    zeroed++
    expect(out.ivar[i]).toBe(0)
  })
  expect(Math.abs(zeroed / out.flux.length - 0.08)).toBeLessThan(0.003)
})

test('bands of the atmosphere lie where each star was seen through them', async () => {
  const out = await collect(stars(3), { telluric: { bands: [[4200, 4210]], margin: 0 }, keepOriginals: false })
  const wave = pixelWavelengths(out.meta)
  for (let star = 0; star < 3; star++) {
    const factor = 1 + (100 * star) / 299_792.458
    wave.forEach((lambda, i) => {
      const covered = lambda * factor >= 4200 && lambda * factor <= 4210
      expect(weights(out, star)[i] === 0).toBe(covered || i % 50 === 7)
    })
  }
})

test('velocities move lines by what the catalogue says, and rotation widens them at the same equivalent width', async () => {
  const out = await collect(stars(2), { copies: 4, velocity: 40, rotation: [60, 90], keepOriginals: false })
  const moved = columnNumbers(out.catalog.columns.get('augment_velocity')!)
  const turned = columnNumbers(out.catalog.columns.get('augment_vsini')!)
  expect(Math.max(...moved.map(Math.abs))).toBeGreaterThan(10)
  const wave = pixelWavelengths(out.meta)
  for (let k = 0; k < out.n; k++) {
    const depth = row(out, k).map((flux) => 1 + 1e-4 * Math.floor(k / 4) - flux)
    // The ends and beyond bad pixels: where the line is, everything is measured.
    const inside = depth.subarray(220, 380)
    const area = inside.reduce((sum, d) => sum + d, 0)
    const centre = inside.reduce((sum, d, i) => sum + d * wave[220 + i]!, 0) / area
    expect(area / (0.4 * 6 * Math.sqrt(Math.PI))).toBeCloseTo(1, 1)
    expect(((centre / wave[300]! - 1) * 299_792.458) / moved[k]!).toBeCloseTo(1, 1)
    expect(turned[k]).toBeGreaterThanOrEqual(60)
    expect(turned[k]).toBeLessThan(90)
    expect(Math.max(...inside)).toBeLessThan(0.4)
  }
})

test('wiggles are smooth, as large as asked for, and leave flux √ivar alone', async () => {
  const source = stars(10)
  const out = await collect(source, { copies: 20, wiggles: { amplitude: 0.03 }, keepOriginals: false })
  let [sum, step, worst] = [0, 0, 0]
  for (let k = 0; k < out.n; k++) {
    const original = Math.floor(k / 20)
    const factor = row(out, k).map((flux, i) => flux / row(source, original)[i]!)
    for (let i = 0; i < N_PIX; i++) {
      sum += Math.log(factor[i]!) ** 2
      if (i > 20 && i < N_PIX - 20) step = Math.max(step, Math.abs(factor[i]! - factor[i - 1]!))
      const own = weights(source, original)[i]!
      if (own > 0) worst = Math.max(worst, Math.abs((weights(out, k)[i]! * factor[i]! ** 2) / own - 1))
    }
  }
  expect(step).toBeLessThan(0.01)
  expect(worst).toBeLessThan(1e-4)
  expect(Math.abs(Math.sqrt(sum / out.flux.length) / 0.03 - 1)).toBeLessThan(0.15)
})

test('inputs are left alone, an abort ends it, and options are checked', async () => {
  const source = stars(3)
  const before = { flux: source.flux.slice(), ivar: source.ivar.slice() }
  await collect(source, everything)
  expect(source.flux).toEqual(before.flux)
  expect(source.ivar).toEqual(before.ivar)
  const controller = new AbortController()
  controller.abort(new Error('enough'))
  const run = async (): Promise<void> => {
    for await (const batch of augmentSpectra(source, {}, { signal: controller.signal })) expect(batch.n).toBe(0)
  }
  await expect(run()).rejects.toThrow('enough')
  for (const [options, text] of [
    [{ copies: 0 }, 'copies'],
    [{ copies: 1024 }, '1 to 1023'],
    [{ noise: -1 }, 'noise'],
    [{ rotation: [5, 2] }, 'rotation'],
    [{ zero: 1 }, 'below 1'],
    [{ blur: 3 }, 'got blur, expected copies, keepOriginals, noise'],
    [{ wiggles: { amplitude: 0.1, order: 0 } }, 'wiggles.order'],
  ] as const)
    await expect(collect(source, options as AugmentOptions)).rejects.toThrow(text)
})

test('many stars stream through in batches of at most 1024 rows', async () => {
  const source = takeSpectra(stars(1), new Int32Array(700))
  const sizes: number[] = []
  for await (const { n } of augmentSpectra([source, source], { copies: 2, noise: 1 })) sizes.push(n)
  expect(sizes).toEqual([1023, 1023, 54, 1023, 1023, 54])
})
