// Writes the small survey of test-data/: node tooling/survey-simulator/scripts/write-test-data.mjs [FOLDER].
// With this seed one fibre is broken, one star is listed twice, one has no labels, one no [Mg/Fe], and two are not listed.
import { fileURLToPath } from 'node:url'
import { simulateSurvey } from '@astrolabel/survey-simulator'

const folder = process.argv[2] ?? fileURLToPath(new URL('../../../test-data', import.meta.url))
const survey = await simulateSurvey(folder, { stars: 24, seed: 189 })
for (const path of [...survey.desi, survey.allStar, survey.truth]) console.log(path)
