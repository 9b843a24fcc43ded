// Ingests a folder in a process of its own, so that its memory is that of the work alone. Arguments: survey, folder,
// output, threads, repeats. Prints JSON: seconds of the best repeat, stars, and the peak of the whole process in MB.
import { performance } from 'node:perf_hooks'
import { ingest, silent } from '@astrolabel/pipeline'

const [survey, folder, out, threads, repeats] = process.argv.slice(2)
let seconds = Infinity
let stars = 0
for (let i = 0; i < Number(repeats); i++) {
  const start = performance.now()
  ;({ stars } = await ingest({ survey, paths: [folder], mode: 'fresh' }, out, silent, { threads: Number(threads) }))
  seconds = Math.min(seconds, (performance.now() - start) / 1000)
}
process.stdout.write(JSON.stringify({ seconds, stars, peakMB: Math.round(process.resourceUsage().maxRSS / 1024) }))
