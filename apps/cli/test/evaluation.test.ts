import { readFileSync, writeFileSync } from 'node:fs'
import { beforeAll, expect, test } from 'vitest'
import { astrolabelWarm, json, scratchFolder } from './cli.js'

const scratch = scratchFolder()
const N = 120

/** Noise that is the same every time: a sine of the row is as good as any here. */
const noise = (i: number, k: number): number => {
  const x = Math.sin(12.9898 * (i + 1) + 78.233 * k) * 43758.5453
  const y = Math.sin(39.3467 * (i + 1) + 11.135 * k) * 24634.6345
  const [u, v] = [x - Math.floor(x), y - Math.floor(y)]
  return Math.sqrt(-2 * Math.log(u + 1e-12)) * Math.cos(2 * Math.PI * v)
}

/** A table of labels as a file: temperature and gravity with errors, S/N, and a bias of `tilt` K over 1000 K. */
function writeLabels(name: string, scatter: number, k: number, tilt = 0): void {
  const rows = Array.from({ length: N }, (_, i) => {
    const teff = 4000 + 20 * i
    const value = teff + scatter * noise(i, k) + (tilt * (teff - 5200)) / 1000
    return `s${i},${value},60,${2 + i / 50 + 0.1 * noise(i, k + 1)},0.1,${i === 7 ? 9 : 30 + i}`
  })
  writeFileSync(scratch(name), `star_id,teff,teff_err,logg,logg_err,snr\n${rows.join('\n')}\n`)
}

beforeAll(() => {
  writeLabels('good.csv', 60, 1)
  writeLabels('poor.csv', 150, 3)
  writeLabels('tilted.csv', 60, 5, 150)
  const truth = Array.from({ length: N }, (_, i) => `s${i},${i === 7 ? 9000 : 4000 + 20 * i},${2 + i / 50},${i % 10}`)
  writeFileSync(scratch('truth.csv'), `star_id,teff,logg,petal\n${truth.join('\n')}\n`)
})

interface Evaluation {
  readonly n: number
  readonly labels: Record<string, { readonly rmse: number }>
  readonly uncertainty: Record<string, { readonly verdict: string; readonly pit: readonly number[] }>
  readonly trends: readonly { readonly label: string; readonly against: string; readonly verdict: string }[]
  readonly outliers: readonly { readonly star_id: string; readonly reasons: readonly string[] }[]
  readonly bins: readonly { readonly by: string; readonly bins: readonly { readonly n: number }[] }[]
  readonly intervals: Record<string, readonly { readonly coverage: number; readonly n: number }[]>
}

test('evaluate tells trends, outliers with reasons, bins, and writes residuals and a page', async () => {
  const evaluation = await json<Evaluation>(
    'evaluate',
    scratch('tilted.csv'),
    scratch('truth.csv'),
    '--against',
    'petal',
    '--bins',
    'teff:3',
    '--bins',
    'snr:0,50,inf',
    '--other',
    scratch('good.csv'),
    '--residuals',
    scratch('residuals.csv'),
    '--report',
    scratch('page.html'),
  )
  expect(evaluation.n).toBe(N)
  const verdict = (against: string): string | undefined =>
    evaluation.trends.find((trend) => trend.label === 'teff' && trend.against === against)?.verdict
  expect(verdict('teff')).toMatch(/clear|strong/)
  expect(verdict('petal')).toBe('none')
  expect(evaluation.outliers[0]!.star_id).toBe('s7')
  expect(evaluation.outliers[0]!.reasons.join('; ')).toMatch(
    /low S\/N, 9\.0; true Teff at the edge of the sample; 1 other model agrees against the true Teff/,
  )
  expect(evaluation.bins.map(({ by, bins }) => [by, bins.map(({ n }) => n)])).toEqual([
    ['teff', [40, 40, 40]],
    ['snr', [20, 100]],
  ])
  const residuals = readFileSync(scratch('residuals.csv'), 'utf8').trim().split('\n')
  expect(residuals).toHaveLength(N + 1)
  expect(residuals[0]).toMatch(/^star_id,teff,teff_err,teff_true,teff_true_err,teff_residual,teff_z,logg,/)
  const page = readFileSync(scratch('page.html'), 'utf8')
  expect(page).toMatch(/^<!doctype html>/)
  for (const heading of ['Accuracy', 'Uncertainties', 'Trends', 'Error budget', 'Outliers'])
    expect(page).toContain(`>${heading}</h2>`)
})

test('evaluate says in words what it found, the table of results first', async () => {
  const { stdout, code } = await astrolabelWarm(['evaluate', scratch('tilted.csv'), scratch('truth.csv')])
  expect(code).toBe(0)
  expect(stdout).toMatch(/^Errors of 120 stars/)
  expect(stdout).toMatch(/\nteff: errors are too small by a factor of \d\.\d\d: 68 % intervals cover \d+ % of 120/)
  expect(stdout).toMatch(/Trends of the residuals: \d+ of \d+ are more than chance/)
  expect(stdout).toMatch(/Outliers: \d+, the worst of them\n {2}s7: teff -\d+\.\d \(low S\/N/)
})

test('compare tells which model is better, how much and how sure', async () => {
  const found = await json<{ n: number; pairs: { label: string; better: string | null }[] }>(
    'compare',
    `good=${scratch('good.csv')}`,
    scratch('poor.csv'),
    '--truth',
    scratch('truth.csv'),
    '--report',
    scratch('compare.html'),
  )
  expect(found.n).toBe(N)
  // One wrong truth of 4860 K hides in both: squares alone would tell nothing of it.
  expect(found.pairs.map(({ label }) => label)).toEqual(['teff', 'logg'])
  expect(found.pairs[1]!.better).toBeNull()
  expect(readFileSync(scratch('compare.html'), 'utf8')).toContain('RMSE of good, poor')
  const { stdout } = await astrolabelWarm([
    'compare',
    scratch('good.csv'),
    scratch('poor.csv'),
    '--truth',
    scratch('truth.csv'),
  ])
  expect(stdout).toMatch(/^2 models on the same 120 rows/)
  expect(stdout).toMatch(/log g: good and poor cannot be told apart by 120 stars/)
})

test('calibrate writes intervals that label tables then carry, and evaluate checks them', async () => {
  const calibration = await json<{ labels: Record<string, { groups: { stars: number }[] }> }>(
    'calibrate',
    scratch('good.csv'),
    scratch('truth.csv'),
    '--by',
    'snr:2',
    '-o',
    scratch('calibration.json'),
  )
  expect(calibration.labels['teff']!.groups.map(({ stars }) => stars)).toEqual([60, 60])
  const applied = await json<{ stars: number; columns: string[] }>(
    'calibrate',
    scratch('poor.csv'),
    '--apply',
    scratch('calibration.json'),
    '-o',
    scratch('with.csv'),
  )
  expect(applied.columns).toContain('teff_lo68')
  expect(applied.columns).toContain('logg_hi95')
  await json('calibrate', scratch('good.csv'), '--apply', scratch('calibration.json'), '-o', scratch('own.csv'))
  const { intervals } = await json<Evaluation>('evaluate', scratch('own.csv'), scratch('truth.csv'))
  // On the stars of the calibration itself: just above what was asked, by the finite sample.
  expect(intervals['teff']![0]!.coverage).toBeGreaterThan(0.67)
  expect(intervals['teff']![0]!.coverage).toBeLessThan(0.74)
})

test('homogenise finds a tilt, says whether it helps, and applies it', async () => {
  const map = await json<{ labels: Record<string, { held_out: { verdict: string; rmse_after: number } }> }>(
    'homogenise',
    scratch('tilted.csv'),
    scratch('good.csv'),
    '--labels',
    'teff',
    '--in',
    'teff',
    '-o',
    scratch('map.json'),
  )
  expect(map.labels['teff']!.held_out.verdict).toBe('helps')
  const applied = await json<{ stars: number; columns: string[] }>(
    'homogenise',
    scratch('tilted.csv'),
    '--apply',
    scratch('map.json'),
    '-o',
    scratch('mapped.csv'),
  )
  expect(applied).toMatchObject({ stars: N, columns: ['teff_err_map'] })
  const { trends } = await json<Evaluation>('evaluate', scratch('mapped.csv'), scratch('truth.csv'))
  expect(trends.find((trend) => trend.against === 'teff')!.verdict).toBe('none')
  const { stdout } = await astrolabelWarm([
    'homogenise',
    scratch('tilted.csv'),
    scratch('good.csv'),
    '--trend',
    'spline',
    '-o',
    scratch('map2.json'),
  ])
  expect(stdout).toMatch(/^tilted to good: differences on held-out stars/)
  expect(stdout).toMatch(/Teff: helps on 120 held-out stars, RMSE/)
})

test.each([
  [['evaluate', 'good.csv', 'truth.csv', '--bins', 'teff'], /Bins are a column and how many.*got teff/],
  [['evaluate', 'good.csv', 'truth.csv', '--bins', 'snr:50,20'], /Edges of bins must ascend/],
  [['evaluate', 'good.csv', 'truth.csv', '--against', 'color'], /have a column color/],
  [['compare', 'good.csv', '--truth', 'truth.csv'], /Two models or more/],
  [['calibrate', 'good.csv', '-o', 'x.json'], /calibrate needs two tables, or --apply/],
  [['calibrate', 'good.csv', 'truth.csv', '--levels', '68', '-o', 'x.json'], /Shares between 0 and 1/],
  [['calibrate', 'good.csv', 'truth.csv', '--by', 'snr:50', '-o', 'x.json'], /50 groups are too many.*snr:50,inf/],
  [['homogenise', 'good.csv', '-o', 'x.json'], /homogenise needs two tables/],
  [['homogenise', 'good.csv', 'truth.csv', '--knots', 'a', '-o', 'x.json'], /number of knots/],
])('misuse says what is wrong: %j', async (args, message) => {
  const paths = args.map((word) => (/\.(csv|json)$/.test(word) ? scratch(word) : word))
  const { code, stderr } = await astrolabelWarm(paths)
  expect(stderr).toMatch(message)
  expect(code).toBe(2)
})

test('a file that is no calibration or map is not applied', async () => {
  writeFileSync(scratch('no.json'), '{"labels": {}}')
  for (const command of ['calibrate', 'homogenise']) {
    const { code, stderr } = await astrolabelWarm([
      command,
      scratch('good.csv'),
      '--apply',
      scratch('no.json'),
      '-o',
      scratch('none.csv'),
    ])
    expect(code).toBe(1)
    expect(stderr).toMatch(/This is no (calibration of astrolabel|map between the labels of two surveys)/)
  }
})
