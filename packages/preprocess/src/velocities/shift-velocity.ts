import { AstrolabelError } from '@astrolabel/spectra'
import { dopplerFactors } from './rest-frame.js'
import { SPEED_OF_LIGHT } from '../pixels/speed-of-light.js'

type Formula = 'classical' | 'relativistic'

/** Shift of ln λ by a velocity in km/s. */
export function shiftOf(velocity: number, formula: Formula): number {
  return Math.log(dopplerFactors(Float64Array.of(velocity), formula)[0]!)
}

/** The velocity in km/s that shifts ln λ so: e^s - 1, or tanh s, in units of c. */
export function velocityOf(shift: number, formula: Formula): number {
  return SPEED_OF_LIGHT * (formula === 'classical' ? Math.expm1(shift) : Math.tanh(shift))
}

/** d velocity / d shift, km/s. */
export function velocitySlope(shift: number, formula: Formula): number {
  return SPEED_OF_LIGHT * (formula === 'classical' ? Math.exp(shift) : 1 - Math.tanh(shift) ** 2)
}

/** @throws `preprocess/option` for a range or a window that are none. */
export function checkRange(range: readonly [number, number], continuum: number): void {
  const [low, high] = range
  if (!(low < high && Math.abs(low) < SPEED_OF_LIGHT / 2 && Math.abs(high) < SPEED_OF_LIGHT / 2)) {
    throw new AstrolabelError('preprocess/option', 'The range holds no velocities', {
      got: range.join(' to '),
      expected: 'a smallest and a largest velocity in km/s',
    })
  }
  if (!(continuum > 0 && continuum < SPEED_OF_LIGHT)) {
    throw new AstrolabelError('preprocess/option', 'The window of the continuum is no velocity', {
      got: continuum,
      expected: 'a width in km/s',
    })
  }
}
