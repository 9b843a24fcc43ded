import type { FitsFile } from '@astrolabel/io-fits'
import { AstrolabelError, makeTable, wavelengths } from '@astrolabel/spectra'
import type { Log10Grid } from '@astrolabel/spectra'
import { integersColumn, numbersColumn, wordsColumn } from '../../catalog/value-columns.js'
import type { ReadOptions } from '../../ingest.js'
import { mwmGrid, mwmSpectra } from '../mwm-file.js'
import { latticeIndices } from './sdss-lattice.js'
import type { SdssFile } from './sdss-spec-file.js'
import type { StarRow } from '../star-rows.js'

/** Columns about a spectrum that are carried, where a file has them. */
const SCALARS = 'telescope run2d mjd n_visits v_rad e_v_rad std_v_rad xcsao_v_rad xcsao_e_v_rad zwarning_flags'.split(
  ' ',
)

/**
 * The BOSS spectra of an mwmStar file of DR19, one a telescope, or of an mwmVisit file, one a visit: on the lattice of
 * SDSS, vacuum, at rest. Those of APOGEE beside them are left out.
 */
export function mwmBossFile(file: FitsFile, source: string): SdssFile {
  const grid = async (options: ReadOptions): Promise<Int32Array> => {
    const own = await mwmGrid(file, source, 'BOSS', options)
    const loglam = own.kind === 'log10' ? logarithms(own) : wavelengths(own).map(Math.log10)
    return latticeIndices(loglam, source)
  }
  return {
    medium: 'vacuum',
    frame: 'rest',
    ends: async (options) => {
      const index = await grid(options)
      return { first: index[0]!, end: index.at(-1)! + 1 }
    },
    async *rows(options) {
      const [name] = options.columns ?? []
      if (name !== undefined) throw noColumn(source, name)
      const [first] = await grid(options)
      for await (const { word, number, ...star } of mwmSpectra(file, source, 'BOSS', SCALARS, options)) {
        yield {
          ...star,
          offset: first!,
          catalog: makeTable([
            wordsColumn('sdss_id', [star.starId]),
            wordsColumn('star_group', [star.starId]),
            wordsColumn('TELESCOPE', [word('telescope')]),
            wordsColumn('RUN2D', [word('run2d')]),
            integersColumn('MJD', [number('mjd')]),
            integersColumn('NVISITS', [number('n_visits')]),
            numbersColumn('v_rad', [number('v_rad') ?? number('xcsao_v_rad')], 'km/s'),
            numbersColumn('v_rad_err', [number('e_v_rad') ?? number('xcsao_e_v_rad')], 'km/s'),
            numbersColumn('VSCATTER', [number('std_v_rad')], 'km/s'),
            integersColumn('ZWARNING', [number('zwarning_flags')]),
          ]),
        } satisfies StarRow
      }
    },
    release: async (options) => {
      for await (const { word } of mwmSpectra(file, source, 'BOSS', ['run2d'], options)) return word('run2d') ?? ''
      return ''
    },
  }
}

function logarithms({ start, step, length }: Log10Grid): Float64Array {
  return Float64Array.from({ length }, (_, i) => start + i * step)
}

function noColumn(source: string, name: string): AstrolabelError {
  return new AstrolabelError('surveys/no-column', `${source} has no table about its object with a column ${name}`, {
    expected: 'a spec file, which has such a table',
    remedy: 'Read mwmStar files without further columns',
  })
}
