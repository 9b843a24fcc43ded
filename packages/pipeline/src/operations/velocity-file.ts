import type { CrossCorrelationOptions } from '@astrolabel/preprocess'
import { addVelocities, velocityFlags } from '@astrolabel/preprocess'
import type { RunOptions, Spectra } from '@astrolabel/spectra'
import { FlagSet, MAX_BATCH_ROWS, columnNumbers, columnStrings, requireColumn } from '@astrolabel/spectra'
import { countIpcBatches, readSpectraFile, writeSpectraFile } from '@astrolabel/spectra/node'
import { mkdir } from 'node:fs/promises'
import { dirname } from 'node:path'
import { readTemplates } from '../recipe/chain-files.js'

/** How velocities are measured. */
export interface VelocityRequest extends CrossCorrelationOptions {
  /** File of spectra at rest, .arrow or .npz. */
  readonly templates: string
  /** Stars to measure: those without a velocity (`missing`, the default) or `all`. */
  readonly stars?: 'missing' | 'all'
}

/** What came of it. */
export interface VelocitySummary {
  readonly stars: number
  /** Stars whose velocity was measured here. */
  readonly measured: number
  /** Stars that were to be measured and could not be. */
  readonly missing: number
  /** Stars by flag. */
  readonly flags: Readonly<Record<string, number>>
  /** Median of the errors, km/s; NaN when none was measured. */
  readonly medianError: number
}

/**
 * Measure the velocities of the spectra in a file by cross-correlation and write them with the spectra, batch by batch.
 *
 * @throws what reading the templates and correlating throws; no file is left then.
 */
export async function velocityFile(
  input: string,
  out: string,
  request: VelocityRequest,
  run: RunOptions = {},
): Promise<VelocitySummary> {
  const templates = await readTemplates(request.templates, run)
  const batchCount = await countIpcBatches(input)
  const flagSet = new FlagSet(velocityFlags)
  const flags: Record<string, number> = {}
  const errors: number[] = []
  let missing = 0
  async function* measured(): AsyncGenerator<Spectra> {
    let before = 0
    for await (const batch of readSpectraFile(input)) {
      run.signal?.throwIfAborted()
      const done = addVelocities(
        batch,
        { ...request, templates },
        {
          signal: run.signal,
          onProgress: (star) => run.onProgress?.(before + star, batchCount * MAX_BATCH_ROWS),
        },
      )
      const bits = requireColumn(done.catalog, 'ccf_flags').values as Uint32Array
      const names = columnStrings(requireColumn(done.catalog, 'ccf_template'))
      const error = columnNumbers(
        requireColumn(done.catalog, done.meta.frame === 'observed' ? 'v_observed_err' : 'v_rad_err'),
      )
      names.forEach((name, row) => {
        for (const flag of flagSet.names(bits[row]!)) flags[flag] = (flags[flag] ?? 0) + 1
        if (name !== '') errors.push(error[row]!)
        else if (bits[row] !== 0) missing++
      })
      before += MAX_BATCH_ROWS
      yield done
    }
  }
  await mkdir(dirname(out), { recursive: true })
  const stars = await writeSpectraFile(out, measured())
  errors.sort((a, b) => a - b)
  const medianError = errors[errors.length >> 1] ?? Number.NaN
  return { stars, measured: errors.length, missing, flags, medianError }
}
