import type { RandomStream } from '@astrolabel/spectra'
import { AstrolabelError } from '@astrolabel/spectra'
import { groupRows } from './group-rows.js'

/** Rows to train on and rows to test on, each ascending. */
export interface Split {
  readonly train: Int32Array
  readonly test: Int32Array
}

/**
 * Folds for cross-validation in which all rows of a star fall into the same fold, so that no visit of a training star
 * is ever tested.
 *
 * Stars are shuffled and, largest first, put into the fold with the fewest rows, which balances folds as
 * scikit-learn's GroupKFold does.
 *
 * @param groups (n) star of each row.
 * @param k number of folds, from 2 to the number of stars.
 * @returns k splits; each row is tested exactly once.
 * @throws `metrics/too-few-groups` when there are fewer stars than folds, `metrics/folds` when k is not 2 or more.
 */
export function kFold(groups: readonly string[], k: number, random: RandomStream): Split[] {
  if (!Number.isInteger(k) || k < 2)
    throw new AstrolabelError('metrics/folds', 'Cross-validation needs two folds or more', { got: k })
  const stars = shuffledGroups(groups, random)
  if (stars.length < k) {
    throw new AstrolabelError('metrics/too-few-groups', 'There are fewer stars than folds', {
      got: `${stars.length} stars`,
      expected: `at least ${k}`,
      remedy: 'Use fewer folds or more stars',
    })
  }
  const fold = new Int32Array(groups.length)
  const load = new Float64Array(k)
  for (const rows of stars.sort((a, b) => b.length - a.length)) {
    const lightest = load.indexOf(Math.min(...load))
    for (const row of rows) fold[row] = lightest
    load[lightest] += rows.length
  }
  return Array.from({ length: k }, (_, f) => splitWhere(groups.length, (row) => fold[row] === f))
}

/**
 * One split into training and test stars: all rows of a star fall on the same side.
 *
 * @param groups (n) star of each row.
 * @param testFraction share of the stars to test on, between 0 and 1; both sides get at least one star.
 * @throws `metrics/too-few-groups` for fewer than two stars, `metrics/fraction` for a share that is not between 0 and 1.
 */
export function splitByStar(groups: readonly string[], testFraction: number, random: RandomStream): Split {
  if (!(testFraction > 0 && testFraction < 1)) {
    throw new AstrolabelError('metrics/fraction', 'The test fraction lies between 0 and 1', {
      got: testFraction,
      expected: 'such as 0.2',
    })
  }
  const stars = shuffledGroups(groups, random)
  if (stars.length < 2) {
    throw new AstrolabelError('metrics/too-few-groups', 'A split needs two stars or more', {
      got: stars.length,
      remedy: 'Check that star ids differ between stars',
    })
  }
  const wanted = Math.min(stars.length - 1, Math.max(1, Math.round(testFraction * stars.length)))
  const test = new Set(stars.slice(0, wanted).flat())
  return splitWhere(groups.length, (row) => test.has(row))
}

function shuffledGroups(groups: readonly string[], random: RandomStream): number[][] {
  const stars = groupRows(groups)
  return Array.from(random.permutation(stars.length), (i) => stars[i])
}

function splitWhere(n: number, isTest: (row: number) => boolean): Split {
  const rows = Int32Array.from({ length: n }, (_, i) => i)
  return { train: rows.filter((row) => !isTest(row)), test: rows.filter(isTest) }
}
