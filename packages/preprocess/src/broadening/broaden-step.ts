import type { KindsOf, OptionKind } from '../options/option-kind.js'
import { choice, column, either, listOf, needed, number, shape, text } from '../options/option-kind.js'
import type { StepDescription } from '../options/step-description.js'
import type {
  GaussianBroadening,
  KernelOptions,
  MacroturbulenceBroadening,
  RotationBroadening,
  TableBroadening,
} from './broaden-options.js'

const numbers = listOf(number(), '[4000, 5000]', 1)
const tabulated = either(number(), shape({ wave: numbers, values: numbers }))
const widths = ['r', 'fwhm', 'sigma', 'fwhmVelocity', 'sigmaVelocity'].map((name) => shape({ [name]: tabulated }))
const resolutions = either(number(), ...widths, shape({ column: text(), unit: choice('angstrom', 'pixel') }, ['unit']))
const resolution: OptionKind = {
  accepts: resolutions.accepts,
  expected:
    'a resolution: λ / FWHM, {r}, {fwhm} or {sigma} in Å, {fwhmVelocity} or {sigmaVelocity} in km/s, or {column}',
  example: '2000',
}

const kernel: KindsOf<KernelOptions> = { minWeight: number() }
const gaussian: KindsOf<Omit<GaussianBroadening, 'kind'>> = {
  to: needed(resolution, 'lacks to'),
  from: either(choice('sharp'), resolution),
  ...kernel,
}
const velocity = either(number(), column)
const rotation: KindsOf<Omit<RotationBroadening, 'kind'>> = {
  vsini: needed(velocity, 'lacks vsini'),
  limbDarkening: number(),
  ...kernel,
}
const macroturbulence: KindsOf<Omit<MacroturbulenceBroadening, 'kind'>> = {
  zeta: needed(velocity, 'lacks zeta'),
  profile: choice('radial-tangential', 'gaussian'),
  ...kernel,
}
const table: KindsOf<Omit<TableBroadening, 'kind'>> = {
  wave: needed(numbers, 'lacks wave'),
  offset: numbers,
  velocity: numbers,
  kernels: needed(listOf(numbers, '[[0, 1, 0]]', 1), 'lacks kernels'),
  ...kernel,
}

/** The step that broadens. */
export const broadenStep: StepDescription = {
  does: 'lowers the resolution, or broadens as rotation and macroturbulence do',
  options: {},
  variants: {
    by: 'kind',
    what: 'kind of broadening',
    options: { gaussian, rotation, macroturbulence, table, matrix: {} },
  },
}
