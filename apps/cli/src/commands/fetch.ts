import { FETCH_ARCHIVES, fetchSurvey, formatBytes, listSurvey, textTable } from '@astrolabel/pipeline'
import type { FetchArchive, FetchSelection, FetchSurveyOptions, ListedFile, SurveySummary } from '@astrolabel/pipeline'
import type { Command } from 'commander'
import { Argument } from 'commander'
import type { CommonOptions } from '../command-context.js'
import { inContext, positiveNumber, positiveReal, withCommonOptions } from '../command-context.js'

interface FetchCommandOptions extends CommonOptions, FetchSelection {
  readonly out: string
  readonly baseUrl?: string
  readonly dryRun?: boolean
  readonly sizes?: boolean
  readonly parallel: number
  readonly attempts: number
  readonly timeout: number
  readonly checksums: boolean
}

const EXAMPLES = `
Files get the paths they have in the archive, below the output folder, which ingest takes as it is.
A run that was stopped is gone on with by the same command; files that are there and whole are left alone.

Examples:
  astrolabel fetch apogee --product allStar -o DATA
  astrolabel fetch apogee --catalog allStar-dr17-synspec_rev1.fits --select 'snr > 100 and 4000 < teff < 5500' --limit 500 -o DATA
  astrolabel fetch apogee --field N7789 --kind apStar,aspcapStar -o DATA
  astrolabel fetch sdss --plate 0266 --mjd 51602 --fibers 1-10 -o DATA
  astrolabel fetch desi --ra 150.1 --dec 2.2 --radius 0.5 --program bright,backup -o DATA
  astrolabel fetch phoenix --teff 4000:5000 --logg 4:5 --m-h -0.5:0.5 -o DATA
  astrolabel fetch miles --select '4000 < teff < 7000' -o MILES`

/** `astrolabel fetch`: survey files from their public servers. */
export function addFetch(program: Command): void {
  withCommonOptions(
    program
      .command('fetch')
      .description('download what a selection needs from the public server of a survey')
      .addArgument(new Argument('<archive>', 'which archive').choices(FETCH_ARCHIVES))
      .requiredOption('-o, --out <folder>', 'output folder, made when it is not there')
      .option(
        '--release <name>',
        'data release: apogee dr12–dr17 (default), dr19, sdss dr9–dr17, desi edr, dr1, lamost dr8–dr11',
      )
      .option(
        '--kind <names>',
        'apogee apStar, aspcapStar, apVisit, in dr19 mwmStar; sdss lite, full; desi coadd, …; lamost lrs, mrs',
      )
      .option('--product <names>', 'catalogues: apogee allStar, …; sdss specObj, …; desi zall-pix, mwsall-pix, …')
      .option('--ids <list>', 'APOGEE_ID (with --field), SDSS_ID (dr19), PLATE-MJD-FIBER, numbers of MILES, OBSID')
      .option('--catalog <file>', 'table whose rows say which files')
      .option('--select <expression>', 'rows of the catalogue, such as "snr > 100 and 4000 < teff < 5500"')
      .option('--limit <n>', 'at most so many files', positiveNumber)
      .option('--field <names>', 'apogee: fields (up to dr14 location numbers); all of their stars without --ids')
      .option('--telescope <name>', 'apogee: apo25m (default), apo1m, lco25m')
      .option('--plate <n>', 'sdss, apogee visits')
      .option('--mjd <n>', 'sdss, apogee visits')
      .option('--fibers <ranges>', 'sdss, apogee visits: such as 1-10,12')
      .option('--run2d <name>', 'sdss: reduction, such as 26 or v5_13_2 (default: those that may have the plate)')
      .option('--healpix <ranges>', 'desi: pixels of NSIDE 64, nested')
      .option('--survey <names>', 'desi: main (default), sv1, sv2, sv3, special, cmx')
      .option('--program <names>', 'desi: bright (default), dark, backup, other')
      .option('--ra <degrees>', 'desi: centre of a cone')
      .option('--dec <degrees>', 'desi: centre of a cone')
      .option('--radius <degrees>', 'desi: radius of the cone (0)')
      .option('--tile <n>', 'desi: a tile')
      .option('--night <yyyymmdd>', 'desi: last night of the tile')
      .option('--petals <ranges>', 'desi: petals of the tile (all)')
      .option('--teff <range>', 'phoenix: K, a value or LOW:HIGH')
      .option('--logg <range>', 'phoenix: dex')
      .option('--m-h <range>', 'phoenix: [Fe/H], dex')
      .option('--alpha <range>', 'phoenix: [α/Fe], dex (0)')
      .option('--base-url <url>', 'a mirror that has the tree of the archive')
      .option('--dry-run', 'list the files and download none')
      .option('--sizes', 'with --dry-run: ask for the length of each')
      .option('--parallel <n>', 'downloads side by side', positiveNumber, 4)
      .option('--attempts <n>', 'times in a row that a file is tried without getting further', positiveNumber, 5)
      .option('--timeout <seconds>', 'longest silence of the server', positiveReal, 60)
      .option('--no-checksums', 'do not compare files with the digests that the archive gives'),
  )
    .addHelpText('after', EXAMPLES)
    .action((archive: FetchArchive, options: FetchCommandOptions) =>
      inContext(options, async ({ reporter, signal, result }) => {
        const stage = reporter.stage('fetch')
        let detail = ''
        const how: FetchSurveyOptions = {
          baseUrl: options.baseUrl,
          parallel: options.parallel,
          attempts: options.attempts,
          connectTimeout: options.timeout * 1000,
          stallTimeout: options.timeout * 1000,
          checksums: options.checksums,
          signal,
          onDetail: (text) => (detail = text),
          onProgress: (done, total) => stage.progress(done, total, `${Math.floor(done)}/${total} files ${detail}`),
          onFile: ({ warning }) => {
            if (warning !== undefined) reporter.warn(warning)
          },
          onWarning: (message) => reporter.warn(message),
        }
        const selection = selectionOf(options)
        if (options.dryRun === true) {
          const files = await listSurvey(archive, selection, options.out, options.sizes === true, how)
          stage.finish(`${files.length} files`)
          result({ out: options.out, dryRun: true, files }, listText(files))
          return
        }
        const summary = await fetchSurvey(archive, selection, options.out, how)
        stage.finish(`${summary.downloaded} of ${summary.files} files, ${detail}`)
        result({ out: options.out, ...summary }, summaryText(summary, options.out))
        if (summary.failed > 0) process.exitCode = 1
      }),
    )
}

/** Options that say how files are fetched; all others say which. */
const HOW: ReadonlySet<string> = new Set<Exclude<keyof FetchCommandOptions, keyof FetchSelection>>([
  'json',
  'quiet',
  'seed',
  'threads',
  'out',
  'baseUrl',
  'dryRun',
  'sizes',
  'parallel',
  'attempts',
  'timeout',
  'checksums',
])

function selectionOf(options: FetchCommandOptions): FetchSelection {
  return Object.fromEntries(Object.entries(options).filter(([key]) => !HOW.has(key)))
}

function summaryText(summary: SurveySummary, out: string): string {
  const { catalog } = summary
  const parts = [
    `${summary.downloaded} downloaded (${formatBytes(summary.bytes)})`,
    ...(summary.present > 0 ? [`${summary.present} there already`] : []),
    ...(summary.absent > 0 ? [`${summary.absent} not in the archive`] : []),
    ...(summary.failed > 0 ? [`${summary.failed} failed`] : []),
  ]
  const lines = [
    ...(catalog === undefined
      ? []
      : [
          `${catalog.rows} rows, ${catalog.selected} selected${catalog.clauses
            .map(({ clause, removes }) => `; ${clause} removes ${removes}`)
            .join('')}`,
        ]),
    `${summary.files} files of ${summary.base} in ${out}: ${parts.join(', ')}`,
  ]
  if (summary.failed > 0)
    lines.push(
      textTable(
        [
          { title: 'failed', align: 'left' },
          { title: 'tries', align: 'right' },
          { title: 'why', align: 'left' },
        ],
        summary.failures.map(({ target, attempts, error }) => [target, String(attempts), error?.message ?? '']),
      ),
    )
  return lines.join('\n')
}

function listText(files: readonly ListedFile[]): string {
  const total = files.reduce((sum, { bytes = 0 }) => sum + bytes, 0)
  const there = files.filter((file) => file.there).length
  const lines = files.map(({ url, target, bytes }) =>
    [url, `  → ${target}`, ...(bytes === undefined ? [] : [`  (${formatBytes(bytes)})`])].join(''),
  )
  lines.push(
    `${files.length} files${total > 0 ? `, ${formatBytes(total)}` : ''}${there > 0 ? `, ${there} there already` : ''}`,
  )
  return lines.join('\n')
}
