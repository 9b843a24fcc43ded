import { AstrolabelError } from '@astrolabel/spectra'
import type { OptionKind, OptionKinds } from '../options/option-kind.js'
import type { StepDescription } from '../options/step-description.js'
import { stepDescriptions } from './step-descriptions.js'
import type { PreprocessStep } from './steps.js'

/** Characters of a wrong value that are worth repeating. */
const SHOWN = 80

/**
 * Check a chain as it may come from a file, before anything is computed: names of steps, methods and options, the kinds
 * of their values, and that none is missing that a step needs. What a number may be, each step checks itself.
 *
 * @throws `preprocess/unknown-step`, `preprocess/unknown-method`, `preprocess/unknown-option`, each listing what there
 * is, and `preprocess/option` for a value of the wrong kind, another choice, or one that is missing.
 */
export function checkSteps(steps: readonly PreprocessStep[]): void {
  const given: unknown = steps
  if (!Array.isArray(given)) {
    throw new AstrolabelError('preprocess/unknown-step', 'A chain is a list of steps', {
      got: shown(given),
      expected: 'such as [{step: interpolate}]',
    })
  }
  given.forEach((step: unknown, index) => checkStep(step, `step ${index + 1}`))
}

function checkStep(given: unknown, at: string): void {
  const step: Readonly<Record<string, unknown>> = typeof given === 'object' && given !== null ? { ...given } : {}
  const name = step['step']
  if (typeof name !== 'string' || !Object.hasOwn(stepDescriptions, name)) {
    throw new AstrolabelError('preprocess/unknown-step', `Unknown preprocessing step, ${at} of the chain`, {
      got: typeof name === 'string' ? name : shown(given),
      expected: Object.keys(stepDescriptions),
    })
  }
  const what = `${name}, ${at} of the chain,`
  const { options, chooser } = optionsOf(stepDescriptions[name as PreprocessStep['step']], step, at)
  const allowed = [...(chooser === undefined ? [] : [chooser]), ...Object.keys(options)]
  const missing = Object.entries(options).find(([key, kind]) => kind.needed !== undefined && step[key] === undefined)
  if (missing !== undefined) throw missingError(what, missing)
  for (const [key, value] of Object.entries(step)) {
    if (key === 'step' || key === chooser) continue
    const kind = Object.hasOwn(options, key) ? options[key] : undefined
    if (kind === undefined) {
      throw new AstrolabelError('preprocess/unknown-option', `The step ${what} has no such option`, {
        got: key,
        expected: allowed.length === 0 ? 'no options' : allowed,
      })
    }
    if (value !== undefined && !kind.accepts(value)) throw wrongValue(key, name, at, value, kind)
  }
}

/** The options of a step, of its variant if it has several. */
function optionsOf(
  { options, variants }: StepDescription,
  step: Readonly<Record<string, unknown>>,
  at: string,
): { options: OptionKinds; chooser: string | undefined } {
  if (variants === undefined) return { options, chooser: undefined }
  const chosen = step[variants.by]
  if (typeof chosen !== 'string' || !Object.hasOwn(variants.options, chosen)) {
    throw new AstrolabelError('preprocess/unknown-method', `Unknown ${variants.what}, ${at} of the chain`, {
      got: typeof chosen === 'string' ? chosen : `${variants.by} ${shown(chosen)}`,
      expected: Object.keys(variants.options),
    })
  }
  return { options: { ...options, ...variants.options[chosen] }, chooser: variants.by }
}

function missingError(what: string, [key, kind]: readonly [string, OptionKind]): AstrolabelError {
  return new AstrolabelError('preprocess/option', `The step ${what} ${kind.needed!}`, {
    got: `no ${key}`,
    expected: kind.expected,
    ...(kind.example === undefined ? {} : { remedy: `Such as ${key}: ${kind.example}` }),
  })
}

function wrongValue(key: string, name: string, at: string, value: unknown, kind: OptionKind): AstrolabelError {
  if (key === 'pixels') {
    return new AstrolabelError('preprocess/option', `The continuum pixels of ${at} of the chain are no list`, {
      got: typeof value === 'string' ? value : shown(value),
      expected: kind.expected,
    })
  }
  const isChoice = typeof kind.expected !== 'string'
  return new AstrolabelError(
    'preprocess/option',
    `The option ${key} of ${name}, ${at} of the chain, ${isChoice ? 'has another choice' : 'does not fit'}`,
    {
      got: isChoice && typeof value === 'string' ? value : shown(value),
      expected: kind.expected,
      ...(kind.example === undefined ? {} : { remedy: `Such as ${key}: ${kind.example}` }),
    },
  )
}

function shown(value: unknown): string {
  if (value === undefined) return 'none'
  // Texts in quotes, so that "5" is not taken for the number; JSON has no NaN.
  const text = typeof value === 'number' ? String(value) : JSON.stringify(value)
  return text.length > SHOWN ? `${text.slice(0, SHOWN)}…` : text
}
