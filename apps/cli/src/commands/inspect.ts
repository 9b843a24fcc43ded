import { formatInspection, inspectPath, inspectStream } from '@astrolabel/pipeline'
import type { Command } from 'commander'
import { addAbortSignal } from 'node:stream'
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
      .argument('<path>', 'file, run folder, FITS file on the web (https://…), or - for FITS on standard input')
      .option('--verify', 'read all of a FITS file and compare it with its checksums'),
  ).action((path: string, options: CommonOptions & { readonly verify?: boolean }) =>
    inContext(options, async ({ result, signal }) => {
      const choices = { verify: options.verify, signal }
      const inspection =
        path === '-'
          ? await inspectStream('standard input', addAbortSignal(signal, process.stdin), choices)
          : await inspectPath(path, choices)
      result(inspection, formatInspection(inspection))
    }),
  )
}
