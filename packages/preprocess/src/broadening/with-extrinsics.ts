import type { ForwardModel, LabelInfo } from '@astrolabel/spectra'
import { AstrolabelError, gridLength, labelInfo } from '@astrolabel/spectra'
import type { ExtrinsicOperator } from './extrinsic-operator.js'
import type { ExtrinsicOptions } from './extrinsics.js'
import { Extrinsics } from './extrinsics.js'

/** Options of {@link withExtrinsics}. */
export interface WithExtrinsicsOptions extends ExtrinsicOptions {
  /** Add the label `v_rad`, km/s. */
  readonly velocity?: boolean
  /** Add the label `v_sini`, km/s. */
  readonly rotation?: boolean
  /** Add the label `sigma_lsf`, σ of a Gaussian line spread in km/s besides the fixed `resolution`. */
  readonly lineSpread?: boolean
}

/** The labels that {@link withExtrinsics} can add, in their order. */
const EXTRINSIC_LABELS: readonly (readonly [keyof WithExtrinsicsOptions, LabelInfo])[] = [
  ['velocity', labelInfo('v_rad')],
  ['rotation', labelInfo('v_sini')],
  ['lineSpread', { name: 'sigma_lsf', unit: 'km/s', symbol: 'σ_LSF' }],
]

/**
 * A forward model that is shifted, rotated and broadened as well: its labels are those of the model and then `v_rad`,
 * `v_sini` and `sigma_lsf`, as asked for. Its Jacobian is analytic, if the model's is.
 *
 * @throws `preprocess/label-taken` when the model has such a label itself, `preprocess/other-medium`.
 * Cost of a Jacobian: that of the model's, and one broadening a label.
 */
export function withExtrinsics(model: ForwardModel, options: WithExtrinsicsOptions): ForwardModel {
  const added = EXTRINSIC_LABELS.filter(([name]) => options[name] === true).map(([, label]) => label)
  const taken = added.find(({ name }) => model.labels.some((label) => label.name === name))
  if (taken !== undefined)
    throw new AstrolabelError('preprocess/label-taken', 'The model has this label itself', {
      got: taken.name,
      expected: `one that is none of ${model.labels.map(({ name }) => name).join(', ')}`,
      remedy: 'Leave it out of the options',
    })
  const extrinsics = new Extrinsics(model.wavelength, options)
  const inner = model.labels.length
  const labels = [...model.labels, ...added]
  const source = new Float64Array(gridLength(model.wavelength))
  const columns = new Float64Array(source.length * inner)
  const place = (name: string): number => labels.findIndex((label, i) => i >= inner && label.name === name)
  const [vRad, vSini, sigmaLsf] = [place('v_rad'), place('v_sini'), place('sigma_lsf')]
  // Fits ask for flux and Jacobian at the same labels, and change one parameter at a time.
  let last: { readonly key: string; readonly operator: ExtrinsicOperator } | undefined
  const operatorAt = (values: Float64Array): ExtrinsicOperator => {
    const key = values.subarray(inner).join()
    if (last?.key !== key) {
      const operator = extrinsics.at({
        ...(vRad < 0 ? {} : { vRad: values[vRad]! }),
        ...(vSini < 0 ? {} : { vSini: values[vSini]! }),
        ...(sigmaLsf < 0 ? {} : { sigmaLsf: values[sigmaLsf]! }),
      })
      last = { key, operator }
    }
    return last.operator
  }
  return {
    labels,
    wavelength: extrinsics.wavelength,
    evaluate(values, out) {
      model.evaluate(values.subarray(0, inner), source)
      out.set(operatorAt(values).apply(source))
    },
    jacobian(values, out) {
      const operator = operatorAt(values)
      model.evaluate(values.subarray(0, inner), source)
      model.jacobian(values.subarray(0, inner), columns)
      const own = operator.derivatives(source)
      const write = (column: Float64Array, label: number): void => {
        if (label >= 0) for (let i = 0; i < column.length; i++) out[i * labels.length + label] = column[i]!
      }
      for (let l = 0; l < inner; l++) write(operator.apply(columns, l, inner), l)
      write(own.vRad, vRad)
      write(own.vSini, vSini)
      write(own.sigmaLsf, sigmaLsf)
    },
  }
}
