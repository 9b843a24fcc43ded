import type { Split } from '@astrolabel/metrics'
import { kFold, splitByStar } from '@astrolabel/metrics'
import type { Table } from '@astrolabel/spectra'
import { RandomStream, makeTable, starGroups } from '@astrolabel/spectra'
import { readSpectraFile } from '@astrolabel/spectra/node'
import { readTable } from '../formats/read-table.js'
import { writeTable } from '../formats/write-table.js'
import type { Stage } from '../run/run-folder.js'
import type { StageContext } from './stage-context.js'

const DEFAULT_TEST_FRACTION = 0.2

/** Which star is tested in which fold, decided before anything is learnt. */
export function splitStage(context: StageContext): Stage {
  const { seed, evaluate } = context.recipe
  const { folds, testFraction = DEFAULT_TEST_FRACTION } = evaluate
  return {
    name: 'split',
    options: { seed, folds, testFraction },
    inputs: [context.spectra],
    outputs: ['4-train/split.arrow'],
    run: async ([out]) => {
      const groups: string[] = []
      const stars: string[] = []
      for await (const batch of readSpectraFile(context.spectra)) {
        groups.push(...starGroups(batch))
        stars.push(...batch.starId)
      }
      const random = RandomStream.fromSeed(seed)
      const splits = folds === undefined ? [splitByStar(groups, testFraction, random)] : kFold(groups, folds, random)
      await writeTable(out!, splitTable(stars, groups, splits))
      const [{ train, test }] = splits as [Split]
      return {
        text:
          folds === undefined
            ? `${train.length} stars to train on, ${test.length} held out`
            : `${folds} folds of ${stars.length} stars`,
      }
    },
  }
}

/** The fold in which each star is tested, from 1; 0 for a star that is only trained on. */
export async function readFolds(path: string): Promise<Int32Array> {
  return (await readTable(path)).columns.get('fold')!.values as Int32Array
}

function splitTable(stars: readonly string[], groups: readonly string[], splits: readonly Split[]): Table {
  const fold = new Int32Array(stars.length)
  splits.forEach((split, index) => {
    for (const row of split.test) fold[row] = index + 1
  })
  return makeTable([
    { name: 'star_id', values: stars },
    { name: 'star_group', values: groups },
    { name: 'fold', values: fold },
  ])
}
