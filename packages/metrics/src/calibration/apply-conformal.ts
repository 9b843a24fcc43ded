import type { Column, Labels } from '@astrolabel/spectra'
import { AstrolabelError, makeLabels, makeTable } from '@astrolabel/spectra'
import type { ConformalCalibration } from './conformal.js'
import { groupIndex } from './conformal.js'

/** Names of the columns of an interval: `teff_lo68` and `teff_hi68` for the level 0.68. */
export function intervalNames(label: string, level: number): [low: string, high: string] {
  const percent = String(Number((100 * level).toPrecision(6))).replace('.', '_')
  return [`${label}_lo${percent}`, `${label}_hi${percent}`]
}

/**
 * Labels with calibrated intervals as extra columns, `teff_lo68`, `teff_hi68`, …; values and errors stay as they are.
 *
 * An interval is missing where the label or its error is, where the star's group is not known, and where the calibration
 * had too few stars for the level.
 *
 * @throws `metrics/no-common-label`, `metrics/no-column`. Linear.
 */
export function applyConformal(labels: Labels, calibration: ConformalCalibration): Labels {
  const known = labels.labels.filter(({ name }) => calibration.labels[name] !== undefined)
  if (known.length === 0)
    throw new AstrolabelError('metrics/no-common-label', 'The calibration is of other labels', {
      got: Object.keys(calibration.labels),
      expected: labels.labels.map(({ name }) => name),
    })
  const group = calibration.groups === null ? undefined : groupIndex(labels, calibration.groups)
  const width = labels.labels.length
  const columns: Column[] = []
  for (const { name, unit } of known) {
    const at = labels.labels.findIndex((label) => label.name === name)
    const { groups } = calibration.labels[name]
    groups[0].quantiles.forEach(({ level }, k) => {
      const low = new Float64Array(labels.n)
      const high = new Float64Array(labels.n)
      for (let i = 0; i < labels.n; i++) {
        const value = labels.values[i * width + at]
        const scale = calibration.score === 'absolute' ? 1 : labels.errors[i * width + at]
        const own = groups[group?.[i] ?? 0]?.quantiles[k]
        const usable = scale > 0 && own !== undefined
        low[i] = usable && own.below !== null ? value - own.below * scale : Number.NaN
        high[i] = usable && own.above !== null ? value + own.above * scale : Number.NaN
      }
      const names = intervalNames(name, level)
      ;[low, high].forEach((values, side) => {
        columns.push({
          name: names[side],
          values,
          valid: Uint8Array.from(values, (value) => (Number.isNaN(value) ? 0 : 1)),
          ...(unit === '' ? {} : { unit }),
        })
      })
    })
  }
  const fresh = new Set(columns.map((column) => column.name))
  const before = [...(labels.extra?.columns.values() ?? [])].filter((column) => !fresh.has(column.name))
  return makeLabels({ ...labels, extra: makeTable([...before, ...columns], labels.n) })
}

/**
 * A calibration out of JSON text.
 *
 * @throws `metrics/not-calibration` when it is none, or of a version that is not known.
 */
export function parseConformal(text: string): ConformalCalibration {
  const parsed = parseObject(text)
  if (parsed?.['format'] !== 'astrolabel-conformal' || parsed['version'] !== 1 || !isRecord(parsed['labels']))
    throw new AstrolabelError('metrics/not-calibration', 'This is no calibration of astrolabel', {
      got:
        parsed === undefined
          ? 'text that is not JSON'
          : `format ${String(parsed['format'])}, version ${String(parsed['version'])}`,
      expected: 'format astrolabel-conformal, version 1',
      remedy: 'Make one with `astrolabel calibrate LABELS TRUTH -o calibration.json`',
    })
  return parsed as unknown as ConformalCalibration
}

function parseObject(text: string): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(text)
    return isRecord(value) ? value : undefined
  } catch {
    return undefined
  }
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null
}
