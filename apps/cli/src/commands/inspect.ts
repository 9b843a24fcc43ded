import { formatInspection, inspectPath } from '@astrolabel/pipeline'
import type { Command } from 'commander'
import type { CommonOptions } from '../command-context.js'
import { inContext, withCommonOptions } from '../command-context.js'

/** `astrolabel inspect`: what is in a file. */
export function addInspect(program: Command): void {
  withCommonOptions(
    program
      .command('inspect')
      .description(
        'say what is in a file: FITS, Arrow (spectra, labels, models), Parquet, CSV, npz, recipe or run folder',
      )
      .argument('<path>', 'file or run folder')
      .option('--verify', 'read all of a FITS file and compare it with its checksums'),
  ).action((path: string, options: CommonOptions & { readonly verify?: boolean }) =>
    inContext(options, async ({ result, signal }) => {
      const inspection = await inspectPath(path, { verify: options.verify, signal })
      result(inspection, formatInspection(inspection))
    }),
  )
}
