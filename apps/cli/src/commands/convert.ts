import { convertFile } from '@astrolabel/pipeline'
import type { Command } from 'commander'
import type { CommonOptions } from '../command-context.js'
import { inContext, nameList, withCommonOptions } from '../command-context.js'

interface ConvertOptions extends CommonOptions {
  readonly hdu?: string
  readonly columns?: string[]
}

/** `astrolabel convert`: one file format to another. */
export function addConvert(program: Command): void {
  withCommonOptions(
    program
      .command('convert')
      .description('convert spectra, labels, tables and images between .fits, .arrow, .parquet, .csv and .npz')
      .argument('<in>', 'file to read')
      .argument('<out>', 'file to write; its extension says the format')
      .option('--hdu <n>', 'HDU of a FITS file, by number or name')
      .option('--columns <names>', 'columns to keep, separated by commas', nameList),
  ).action((input: string, output: string, options: ConvertOptions) =>
    inContext(options, async ({ reporter, signal, result }) => {
      const stage = reporter.stage('convert')
      const hdu =
        options.hdu === undefined ? {} : { hdu: /^\d+$/.test(options.hdu) ? Number(options.hdu) : options.hdu }
      const summary = await convertFile(input, output, {
        ...hdu,
        ...(options.columns === undefined ? {} : { columns: options.columns }),
        signal,
        onProgress: stage.progress,
        onWarning: (warning) => reporter.warn(warning.message),
      })
      stage.finish(`${summary.rows} rows`)
      result({ out: output, ...summary }, `${summary.kind} of ${summary.rows} rows in ${output}`)
    }),
  )
}
