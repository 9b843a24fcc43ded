import { readFile, readdir } from 'node:fs/promises'
import { preprocessFile, silent } from '@astrolabel/pipeline'
import { writeSpectraFile } from '@astrolabel/spectra/node'
import { expect, test } from 'vitest'
import { makeStars, scratchFolder } from './stars.js'

const at = scratchFolder()

test('the first stars that have data are drawn before and after, over batches', async () => {
  const stars = makeStars({ n: 6 })
  stars.ivar.fill(0, 0, stars.nPix)
  const renamed = { ...stars, starId: stars.starId.map((id) => `field/${id}`) }
  await writeSpectraFile(at('raw.arrow'), [renamed, makeStars({ n: 4, seed: 9 })])
  const summary = await preprocessFile(
    at('raw.arrow'),
    at('out.arrow'),
    { steps: [{ step: 'continuum', method: 'running-median', window: 11 }], show: { stars: 7, folder: at('show') } },
    silent,
  )
  const names = ['01-field_s1', '02-field_s2', '03-field_s3', '04-field_s4', '05-field_s5', '06-s0', '07-s1']
  expect(await readdir(at('show'))).toEqual(names.map((name) => `${name}.svg`))
  expect(summary.figures).toEqual(names.map((name) => at('show', `${name}.svg`)))
  const svg = await readFile(at('show', '01-field_s1.svg'), 'utf8')
  expect(svg.match(/<svg/g)).toHaveLength(3)
  for (const text of ['field/s1, before', 'field/s1, after', 'normalised flux']) expect(svg).toContain(text)
})
