import type { Spectra } from '@astrolabel/spectra'
import { RandomStream, columnNumbers, columnStrings, takePart, takeSpectra } from '@astrolabel/spectra'
import { writeSpectraFile } from '@astrolabel/spectra/node'
import { readFileSync, readdirSync, writeFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { auditModel } from '../src/operations/audit-model.js'
import { embedFiles } from '../src/operations/embed-files.js'
import { scoreNoveltyFile } from '../src/operations/score-novelty-file.js'
import { sampleStars } from '../src/operations/star-sample.js'
import { trainFile } from '../src/operations/train-file.js'
import { parseTrainSettings } from '../src/recipe/train-settings.js'
import { readTable } from '../src/formats/read-table.js'
import { writeAuditFigure } from '../src/report/audit-figure.js'
import { silent } from '../src/reporter.js'
import { makeStars, scratchFolder, withColumn } from './stars.js'

const scratch = scratchFolder()
const request = { permutations: 0, most: 2000, seed: 1 }

/** Stars in which a label follows another but for a scatter of a part of its spread. */
function tied(spectra: Spectra, scatter: number): Spectra {
  const random = RandomStream.fromSeed(77)
  const teff = columnNumbers(spectra.catalog.columns.get('teff')!)
  const values = Float64Array.from(teff, (value) => (value - 5250) / 2000 + 0.2 * scatter * random.normal())
  return withColumn(spectra, { name: 'mg_fe', values, unit: 'dex' })
}

async function trained(name: string, spectra: Spectra, labels: readonly string[]): Promise<string> {
  const path = scratch(`${name}-train.arrow`)
  await writeSpectraFile(path, [spectra])
  const train = parseTrainSettings('cannon', labels, ['order=1', 'errorFolds=0'])
  await trainFile(path, scratch(`${name}.arrow`), { train, seed: 1, steps: [] }, silent)
  return scratch(`${name}.arrow`)
}

test('an honest model passes every audit, and its matrix is drawn', async () => {
  const model = await trained('honest', makeStars({ n: 120, seed: 1 }), ['teff', 'fe_h'])
  // Elsewhere on the sky than the training stars, and with names of their own.
  const fresh = makeStars({ n: 100, seed: 2 })
  const spectra = { ...fresh, starId: fresh.starId.map((id) => `t${id}`), ra: fresh.ra.map((ra) => ra + 40) }
  await writeSpectraFile(scratch('unseen.arrow'), [spectra])
  const report = await auditModel({
    ...request,
    model,
    spectra: scratch('unseen.arrow'),
    train: scratch('honest-train.arrow'),
    permutations: 3,
    settings: ['order=1'],
  })
  expect(report.text).toBe('Nothing suspicious in 5 audits: the labels are measured, as far as these tell.')
  expect(report.verdict).toBe('clean')
  expect(report.crossTalk!.response.map((row) => row.map((value) => Math.abs(Math.round(value))))).toEqual([
    [1, 0],
    [0, 1],
  ])
  expect(report.decorrelated!.map(({ verdict }) => verdict)).toEqual(['measured', 'measured'])
  expect(report.permuted!.map(({ verdict }) => verdict)).toEqual(['learns', 'learns'])
  expect(report.split).toMatchObject({ verdict: 'clean', train: 120, test: 100 })
  expect(JSON.parse(JSON.stringify(report))).toMatchObject({ stars: 100, read: 100, labels: ['teff', 'fe_h'] })
  await writeAuditFigure(report, scratch('talk.svg'))
  expect(readFileSync(scratch('talk.svg'), 'utf8')).toContain('Cross-talk: the identity is perfect')
})

test('a model that learnt a correlation is called out, and so are test stars that it was trained on', async () => {
  const guesser = await trained('guesser', tied(makeStars({ n: 150, seed: 1 }), 0.02), ['teff', 'fe_h', 'mg_fe'])
  const honest = await trained('forward', makeStars({ n: 150, seed: 1 }), ['teff', 'fe_h'])
  const loose = tied(makeStars({ n: 200, seed: 5 }), 1.2)
  await writeSpectraFile(scratch('loose.arrow'), [loose])
  const report = await auditModel({
    ...request,
    model: guesser,
    forward: honest,
    spectra: scratch('loose.arrow'),
    train: scratch('guesser-train.arrow'),
  })
  expect(report.verdict).toBe('suspect')
  // Raising teff alone moves the label that has no line of its own.
  const [teff] = report.crossTalk!.changed.map((_, x) => report.crossTalk!.response.map((row) => row[x]!))
  expect(Math.abs(teff![2]!)).toBeGreaterThan(0.3)
  const magnesium = report.decorrelated!.find(({ label }) => label === 'mg_fe')!
  expect(magnesium.verdict).toBe('correlation')
  expect(report.text).toContain('mg_fe is not measured but guessed from the other labels')
  // s0 … s149 are in both files, at the same places.
  expect(report.split!.leaking).toBe(150)
  expect(report.text).toContain('What they say of accuracy is too good.')
})

test('windows of lines come from a table', async () => {
  const model = await trained('two', makeStars({ n: 60, seed: 1 }), ['teff', 'fe_h'])
  await writeSpectraFile(scratch('bare.arrow'), [{ ...makeStars({ n: 40, seed: 8 }), ra: new Float64Array(40) }])
  writeFileSync(scratch('lines.csv'), 'label,start,end\nteff,5000,5010\nfe_h,5020,5021\n')
  const report = await auditModel({
    ...request,
    model,
    spectra: scratch('bare.arrow'),
    windows: scratch('lines.csv'),
  })
  expect(report.lines!.changed).toEqual(['teff', 'fe_h'])
  writeFileSync(scratch('far.csv'), 'label,start,end\nteff,9000,9010\n')
  await expect(
    auditModel({ ...request, model, spectra: scratch('bare.arrow'), windows: scratch('far.csv') }),
  ).rejects.toThrow(expect.objectContaining({ code: 'audit/windows' }))
})

test('synthetic and observed spectra on one map: the gap is told and drawn', async () => {
  const observed = makeStars({ n: 120, seed: 3 })
  const synthetic = makeStars({ n: 150, seed: 4 })
  const shifted = { ...synthetic, flux: synthetic.flux.map((flux, at) => flux + 0.1 * Math.cos((at % 60) / 5)) }
  await writeSpectraFile(scratch('observed.arrow'), [observed])
  await writeSpectraFile(scratch('synthetic.arrow'), [synthetic])
  await writeSpectraFile(scratch('shifted.arrow'), [shifted])
  const embed = { method: 'tsne' as const, steps: [], components: 8, perplexity: 10, most: 1000, seed: 1 }
  const same = await embedFiles(
    { ...embed, paths: [scratch('synthetic.arrow'), scratch('observed.arrow')], figure: scratch('map.svg') },
    scratch('map.arrow'),
  )
  expect(same.gap!.verdict).toBe('mixed')
  expect(same).toMatchObject({ stars: 270, components: 8, sets: [{ name: 'synthetic', stars: 150, read: 150 }, {}] })
  expect(same.trustworthiness!).toBeGreaterThan(0.8)
  const table = await readTable(scratch('map.arrow'))
  expect([...table.columns.keys()]).toEqual(['star_id', 'set', 'x', 'y'])
  expect(table.n).toBe(270)
  expect(readFileSync(scratch('map.svg'), 'utf8')).toContain('observed (120)')
  const apart = await embedFiles(
    { ...embed, method: 'pca', paths: [scratch('shifted.arrow'), scratch('observed.arrow')] },
    scratch('pca.csv'),
  )
  expect(apart.gap!.verdict).toBe('apart')
  expect([apart.divergence, apart.method]).toEqual([null, 'pca'])
  await writeSpectraFile(scratch('short.arrow'), [makeStars({ n: 5, nPix: 7 })])
  await expect(
    embedFiles({ ...embed, paths: [scratch('observed.arrow'), scratch('short.arrow')] }, scratch('no.arrow')),
  ).rejects.toThrow(expect.objectContaining({ code: 'embed/other-grid' }))
  expect(readdirSync(scratch()).filter((name) => name.startsWith('no.'))).toEqual([])
})

test('stars unlike the training stars are called out with their reasons', async () => {
  const model = await trained('known', makeStars({ n: 400, seed: 11 }), ['teff', 'fe_h'])
  const usual = makeStars({ n: 200, seed: 12 })
  const flux = usual.flux.slice()
  // The first three have a line that no star of the training has.
  for (let i = 0; i < 3; i++) for (let p = 20; p < 24; p++) flux[i * 60 + p]! -= 0.15
  const ivar = usual.ivar.slice().fill(0, 3 * 60, 4 * 60)
  await writeSpectraFile(scratch('survey.arrow'), [{ ...usual, flux, ivar }])
  const summary = await scoreNoveltyFile(
    {
      spectra: scratch('survey.arrow'),
      train: scratch('known-train.arrow'),
      model,
      components: 4,
      most: 5000,
      seed: 1,
    },
    scratch('verdicts.csv'),
  )
  expect(summary).toMatchObject({ stars: 200, known: 280, heldOut: 120, components: 4 })
  expect(summary.verdicts.unjudged).toBe(1)
  expect(summary.verdicts.out).toBeGreaterThanOrEqual(3)
  expect(summary.verdicts.out).toBeLessThan(14)
  const table = await readTable(scratch('verdicts.csv'))
  const verdicts = columnStrings(table.columns.get('verdict')!)
  expect(verdicts.slice(0, 4)).toEqual(['out', 'out', 'out', 'unjudged'])
  const reasons = columnStrings(table.columns.get('reasons')!)
  expect(reasons[0]).toMatch(/its spectrum is reconstructed with χ² .* a degree of freedom/)
  expect(reasons[3]).toBe('it has too few good pixels')
})

test('a sample of a file is the same for a seed, in the order of the file, and a test part is not learnt from', async () => {
  const all = makeStars({ n: 300, seed: 1 })
  const batches = [0, 100, 200].map((from) =>
    takeSpectra(
      all,
      Array.from({ length: 100 }, (_, i) => from + i),
    ),
  )
  await writeSpectraFile(scratch('many.arrow'), batches)
  const { spectra, read } = await sampleStars(scratch('many.arrow'), 40, 5)
  expect([spectra.n, read]).toEqual([40, 300])
  const numbers = spectra.starId.map((id) => Number(id.slice(1)))
  expect(numbers).toEqual(numbers.toSorted((a, b) => a - b))
  expect(new Set(numbers).size).toBe(40)
  expect((await sampleStars(scratch('many.arrow'), 40, 5)).spectra.starId).toEqual(spectra.starId)
  expect((await sampleStars(scratch('many.arrow'), 40, 6)).spectra.starId).not.toEqual(spectra.starId)
  const rows = Array.from({ length: 300 }, (_, row) => row)
  await writeSpectraFile(scratch('part.arrow'), [
    takePart(all, { train: rows.slice(0, 10), test: rows.slice(10) }, 'test'),
  ])
  await expect(
    scoreNoveltyFile(
      { spectra: scratch('many.arrow'), train: scratch('part.arrow'), components: 3, most: 500, seed: 1 },
      scratch('never.csv'),
    ),
  ).rejects.toThrow(expect.objectContaining({ code: 'split/test-part' }))
})
