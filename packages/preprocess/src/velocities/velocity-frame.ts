import type { Frame } from '@astrolabel/spectra'
import { AstrolabelError } from '@astrolabel/spectra'

/**
 * Against what a velocity is measured: the telescope (`observed`), the barycentre of the solar system, or the Sun, which
 * differs from it by 13 m/s at most and is taken for it.
 */
export type VelocityFrame = 'observed' | 'barycentric' | 'heliocentric'

/** How to bring a velocity into the frame of the spectra. */
export type FrameCorrection = 'none' | 'add' | 'remove'

/**
 * The frame that a catalogue's column name tells; undefined when it tells none. `v_rad` and its synonyms mean the
 * barycentric one (DESI, SDSS, APOGEE's VHELIO).
 */
export function frameOfColumn(name: string, isRadialVelocity: boolean): VelocityFrame | undefined {
  if (/obs|topo/i.test(name)) return 'observed'
  if (/helio/i.test(name)) return 'heliocentric'
  return isRadialVelocity || /bary/i.test(name) ? 'barycentric' : undefined
}

/**
 * Check the frame of a velocity against that of the spectra, which is that of their wavelengths.
 *
 * @param corrected whether the Earth's velocity toward the star is known.
 * @returns what to do with that: nothing when the frames agree, otherwise `add` it to an observed velocity or `remove`
 * it from a barycentric one.
 * @throws `preprocess/velocity-frame` when the frames differ and it is not known.
 */
export function checkVelocityFrame(
  column: string,
  velocity: VelocityFrame,
  spectra: Frame,
  corrected: boolean,
): FrameCorrection {
  const ofStar = velocity === 'observed' ? 'observed' : 'barycentric'
  if (ofStar === spectra) return 'none'
  if (corrected) return ofStar === 'observed' ? 'add' : 'remove'
  throw new AstrolabelError('preprocess/velocity-frame', 'The velocities are in another frame than the spectra', {
    got: `${column}, ${velocity}, for spectra in the ${spectra} frame`,
    expected: `velocities in the ${spectra} frame`,
    remedy:
      "Name such a column with velocity, name the column of the Earth's barycentric velocity with barycentric, or say with velocityFrame what the velocities are",
  })
}
