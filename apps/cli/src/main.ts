#!/usr/bin/env node
import { VERSION } from '@astrolabel/pipeline'
import { Command, CommanderError } from 'commander'
import { addCalibrate } from './commands/calibrate.js'
import { addCompare } from './commands/compare.js'
import { addContinuumPixels } from './commands/continuum-pixels.js'
import { addAudit } from './commands/audit.js'
import { addConvert } from './commands/convert.js'
import { addCrossmatch } from './commands/crossmatch.js'
import { addDemo } from './commands/demo.js'
import { addEmbed } from './commands/embed.js'
import { addEvaluate } from './commands/evaluate.js'
import { addFetch } from './commands/fetch.js'
import { addHomogenise } from './commands/homogenise.js'
import { addIngest } from './commands/ingest.js'
import { addInspect } from './commands/inspect.js'
import { addLabel } from './commands/label.js'
import { addOod } from './commands/ood.js'
import { addPreprocess } from './commands/preprocess.js'
import { addRun } from './commands/run.js'
import { addTrain } from './commands/train.js'
import { addVelocity } from './commands/velocity.js'
import { describeFailure } from './failure.js'

const program = new Command('astrolabel')
  .description('Stellar labels (effective temperature, gravity, metallicity, abundances) from spectra.')
  .version(VERSION)
  .showHelpAfterError('(astrolabel COMMAND --help says more)')
  .exitOverride()
for (const add of [
  addDemo,
  addInspect,
  addConvert,
  addFetch,
  addIngest,
  addCrossmatch,
  addVelocity,
  addPreprocess,
  addContinuumPixels,
  addTrain,
  addLabel,
  addEvaluate,
  addAudit,
  addEmbed,
  addOod,
  addCompare,
  addCalibrate,
  addHomogenise,
  addRun,
])
  add(program)
for (const command of program.commands)
  command.exitOverride().showHelpAfterError(`(astrolabel ${command.name()} --help says more)`)

try {
  await program.parseAsync()
} catch (error) {
  if (error instanceof CommanderError && error.exitCode === 0) process.exitCode = 0
  else {
    const failure = describeFailure(error)
    // Commander has printed its own message by now.
    if (!(error instanceof CommanderError)) process.stderr.write(`astrolabel: ${failure.message}\n`)
    if (process.argv.includes('--json'))
      process.stdout.write(
        `${JSON.stringify({ error: { code: failure.code, message: failure.message, ...(failure.remedy === undefined ? {} : { remedy: failure.remedy }) } })}\n`,
      )
    process.exitCode = failure.exitCode
  }
}
