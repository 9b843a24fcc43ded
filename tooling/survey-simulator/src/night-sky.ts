import { desiResolvingPower } from './line-spread.js'
import { LATTICE_PIXELS, latticeWave } from './desi-arms.js'

/** A line of the night sky: vacuum Å and peak at DESI's resolution, 10⁻¹⁷ erg s⁻¹ cm⁻² Å⁻¹; both rounded. */
export type SkyLine = readonly [wave: number, peak: number]

/** Oxygen, sodium and the strong OH lines (Osterbrock et al. 1996, PASP 108, 277); peaks are those of a moonless night. */
export const skyLines: readonly SkyLine[] = [
  [4047.8, 3],
  [4359.6, 5],
  [5462.3, 4],
  [5578.9, 160],
  [5891.6, 25],
  [5897.6, 14],
  [6302.0, 90],
  [6365.5, 30],
  [6500.5, 6],
  [6534.9, 6],
  [6556.0, 5],
  [6865.8, 18],
  [6925.1, 14],
  [6950.9, 8],
  [7246.9, 12],
  [7278.4, 35],
  [7286.5, 20],
  [7305.7, 18],
  [7318.3, 40],
  [7331.2, 20],
  [7342.9, 45],
  [7371.3, 25],
  [7403.7, 18],
  [7526.0, 10],
  [7714.4, 14],
  [7726.7, 18],
  [7752.8, 60],
  [7782.6, 15],
  [7796.3, 65],
  [7810.2, 15],
  [7823.7, 60],
  [7843.4, 25],
  [7855.4, 30],
  [7870.6, 15],
  [7892.0, 22],
  [7915.9, 70],
  [7951.5, 30],
  [7966.8, 70],
  [7995.5, 70],
  [8016.5, 20],
  [8028.1, 40],
  [8064.4, 25],
  [8284.1, 20],
  [8290.6, 18],
  [8300.8, 40],
  [8313.0, 22],
  [8346.9, 90],
  [8355.1, 25],
  [8379.3, 30],
  [8384.7, 60],
  [8401.5, 95],
  [8417.5, 40],
  [8432.4, 100],
  [8454.5, 60],
  [8467.7, 90],
  [8495.7, 60],
  [8507.3, 35],
  [8540.9, 20],
  [8551.0, 20],
  [8763.0, 40],
  [8769.9, 50],
  [8780.6, 110],
  [8793.5, 110],
  [8813.0, 30],
  [8829.5, 130],
  [8838.3, 60],
  [8852.4, 80],
  [8870.1, 120],
  [8888.2, 140],
  [8905.6, 130],
  [8922.1, 140],
  [8945.9, 120],
  [8960.6, 110],
  [8991.0, 90],
  [9003.9, 60],
  [9040.5, 50],
  [9051.9, 60],
  [9105.9, 50],
  [9220.0, 30],
  [9309.4, 70],
  [9316.0, 90],
  [9326.6, 60],
  [9340.5, 120],
  [9351.6, 40],
  [9378.6, 140],
  [9399.6, 120],
  [9422.3, 150],
  [9442.4, 140],
  [9461.3, 120],
  [9479.6, 120],
  [9505.5, 130],
  [9522.2, 90],
  [9555.3, 90],
  [9570.3, 90],
  [9610.0, 50],
  [9623.2, 50],
  [9656.0, 40],
  [9702.6, 50],
  [9722.0, 60],
  [9740.0, 40],
  [9793.0, 40],
]

/** Shape of a sky line of peak 1 on the lattice: the first pixel and the values. */
export function skyLineShape(wave: number): { start: number; shape: Float64Array } {
  const sigma = wave / desiResolvingPower(wave) / 2.354820045
  const start = Math.max(0, Math.ceil((wave - 4 * sigma - 3600) / 0.8))
  const end = Math.min(LATTICE_PIXELS - 1, Math.floor((wave + 4 * sigma - 3600) / 0.8))
  const shape = Float64Array.from({ length: Math.max(0, end - start + 1) }, (_, i) =>
    Math.exp(-0.5 * ((latticeWave(start + i) - wave) / sigma) ** 2),
  )
  return { start, shape }
}

/**
 * Brightness of the sky in a fibre on the lattice.
 *
 * @returns (7781) 10⁻¹⁷ erg s⁻¹ cm⁻² Å⁻¹.
 */
export function skyBrightness(): Float64Array {
  const sky = Float64Array.from({ length: LATTICE_PIXELS }, (_, i) => 2.2 + 1.2 * ((latticeWave(i) - 3600) / 6224) ** 2)
  for (const [wave, peak] of skyLines) {
    const { start, shape } = skyLineShape(wave)
    for (let i = 0; i < shape.length; i++) sky[start + i]! += peak * shape[i]!
  }
  return sky
}
