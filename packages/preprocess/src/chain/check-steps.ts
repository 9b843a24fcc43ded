import { AstrolabelError } from '@astrolabel/spectra'
import type { BroadenOptions } from '../broadening/broaden-options.js'
import { continuumLists } from '../continuum/continuum-lists.js'
import type { PreprocessStep } from './steps.js'

const STEP_OPTIONS: Readonly<Record<PreprocessStep['step'], readonly string[]>> = {
  mask: ['bits'],
  windows: ['ranges'],
  tellurics: ['bands', 'margin', 'velocity'],
  clip: ['window', 'below', 'above', 'iterations'],
  cosmics: ['sigma', 'width', 'grow'],
  interpolate: [],
  stitch: ['overlap', 'trims', 'tolerance', 'matchFlux', 'wavelength', 'kind', 'lobes', 'maxBad'],
  velocity: ['templates', 'stars', 'range', 'continuum', 'minR', 'formula'],
  rest: ['velocity', 'velocityFrame', 'barycentric', 'formula', 'wave', 'kind', 'lobes', 'maxBad'],
  crop: ['from', 'to'],
  resample: ['wavelength', 'kind', 'lobes', 'maxBad'],
  broaden: ['kind'],
  continuum: ['method'],
}

const METHOD_OPTIONS: Readonly<Record<Extract<PreprocessStep, { step: 'continuum' }>['method'], readonly string[]>> = {
  'running-median': ['window', 'bad'],
  polynomial: ['order', 'iterations', 'lowerWeight', 'clip', 'splits', 'weighting'],
  chebyshev: ['order', 'pixels', 'windows', 'clip', 'iterations', 'splits', 'weighting'],
  'running-quantile': ['window', 'unit', 'quantile', 'splits', 'weighting'],
  'sines-cosines': ['order', 'length', 'ridge', 'pixels', 'windows', 'clip', 'iterations', 'splits', 'weighting'],
  spline: ['spacing', 'pixels', 'windows', 'iterations', 'lowerWeight', 'clip', 'splits', 'weighting'],
  gaussian: ['width', 'unit', 'splits', 'weighting'],
  blackbody: ['teff', 'percentile', 'order', 'iterations', 'lowerWeight', 'clip', 'splits', 'weighting'],
}

const BROADENING_OPTIONS: Readonly<Record<BroadenOptions['kind'], readonly string[]>> = {
  gaussian: ['to', 'from', 'minWeight'],
  rotation: ['vsini', 'limbDarkening', 'minWeight'],
  macroturbulence: ['zeta', 'profile', 'minWeight'],
  table: ['wave', 'offset', 'velocity', 'kernels', 'minWeight'],
  matrix: [],
}

/** What a kind of broadening cannot do without. */
const BROADENING_NEEDS: Readonly<Partial<Record<BroadenOptions['kind'], readonly string[]>>> = {
  gaussian: ['to'],
  rotation: ['vsini'],
  macroturbulence: ['zeta'],
  table: ['wave', 'kernels'],
}

const CHOICES: Readonly<Record<string, readonly string[]>> = {
  formula: ['classical', 'relativistic'],
  weighting: ['ivar', 'uniform'],
  overlap: ['trim', 'ivar'],
  stars: ['missing', 'all'],
  bad: ['interpolate', 'keep'],
  profile: ['radial-tangential', 'gaussian'],
  kind: ['linear', 'flux-conserving', 'sinc'],
  velocityFrame: ['observed', 'barycentric', 'heliocentric'],
  unit: ['pixel', 'angstrom', 'km/s'],
}

/**
 * Check a chain as it may come from a file, before anything is computed: names of steps, methods and options.
 *
 * @throws `preprocess/unknown-step`, `preprocess/unknown-method`, `preprocess/unknown-option`, each listing what there
 * is, and `preprocess/option` for a choice that is not one of an option's.
 */
export function checkSteps(steps: readonly PreprocessStep[]): void {
  steps.forEach((step, index) => {
    const at = `step ${index + 1}`
    if (!Object.hasOwn(STEP_OPTIONS, step.step))
      throw unknown(
        'preprocess/unknown-step',
        `Unknown preprocessing step, ${at} of the chain`,
        step.step,
        STEP_OPTIONS,
      )
    let allowed = STEP_OPTIONS[step.step]
    if (step.step === 'continuum') {
      if (!Object.hasOwn(METHOD_OPTIONS, step.method))
        throw unknown(
          'preprocess/unknown-method',
          `Unknown continuum method, ${at} of the chain`,
          step.method,
          METHOD_OPTIONS,
        )
      allowed = [...allowed, ...METHOD_OPTIONS[step.method]]
    }
    if (step.step === 'broaden') {
      if (!Object.hasOwn(BROADENING_OPTIONS, step.kind))
        throw unknown(
          'preprocess/unknown-method',
          `Unknown kind of broadening, ${at} of the chain`,
          step.kind,
          BROADENING_OPTIONS,
        )
      allowed = [...allowed, ...BROADENING_OPTIONS[step.kind]]
      const missing = (BROADENING_NEEDS[step.kind] ?? []).find((name) => !(name in step))
      if (missing !== undefined)
        throw new AstrolabelError('preprocess/option', `The step broaden, ${at} of the chain, lacks ${missing}`, {
          got: `kind ${step.kind}`,
          expected: BROADENING_OPTIONS[step.kind],
        })
    }
    for (const [name, value] of Object.entries(step)) {
      if (name === 'step') continue
      if (!allowed.includes(name)) {
        throw new AstrolabelError(
          'preprocess/unknown-option',
          `The step ${step.step}, ${at} of the chain, has no such option`,
          { got: name, expected: allowed.length === 0 ? 'no options' : allowed },
        )
      }
      const choices = step.step === 'broaden' && name === 'kind' ? undefined : CHOICES[name]
      if (choices !== undefined && value !== undefined && !choices.includes(value as string)) {
        throw new AstrolabelError(
          'preprocess/option',
          `The option ${name} of ${step.step}, ${at} of the chain, has another choice`,
          { got: value, expected: choices },
        )
      }
    }
    if (step.step === 'velocity' && step.templates === undefined) {
      throw new AstrolabelError('preprocess/option', `The step velocity, ${at} of the chain, needs templates`, {
        got: 'no templates',
        expected: 'spectra at rest to compare with',
      })
    }
    const pixels: unknown = step.step === 'continuum' && 'pixels' in step ? step.pixels : undefined
    const named = typeof pixels === 'string' && Object.hasOwn(continuumLists, pixels)
    if (pixels !== undefined && !Array.isArray(pixels) && !named) {
      throw new AstrolabelError('preprocess/option', `The continuum pixels of ${at} of the chain are no list`, {
        got: pixels,
        expected: `indices of pixels or ${Object.keys(continuumLists).join(', ')}; a file is read where a recipe is loaded`,
      })
    }
    if (step.step === 'windows' && step.ranges === undefined) {
      throw new AstrolabelError(
        'preprocess/option',
        `The step windows, ${at} of the chain, needs ranges of wavelength`,
        {
          got: 'no ranges',
          expected: 'such as [[6866, 6962]], in Å',
        },
      )
    }
    if (step.step === 'resample' && step.wavelength === undefined) {
      throw new AstrolabelError('preprocess/option', `The step resample, ${at} of the chain, needs a grid to go to`, {
        got: 'no wavelength',
        expected: 'a wavelength grid',
      })
    }
  })
}

function unknown(code: string, what: string, got: unknown, known: object): AstrolabelError {
  return new AstrolabelError(code, what, { got: String(got), expected: Object.keys(known) })
}
