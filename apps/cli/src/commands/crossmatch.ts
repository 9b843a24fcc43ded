import { crossmatchChain, crossmatchFiles, findDuplicateStars } from '@astrolabel/pipeline'
import type { CrossmatchRequest, DuplicateRows, MatchBy } from '@astrolabel/pipeline'
import type { Command } from 'commander'
import { InvalidArgumentError, Option } from 'commander'
import type { CommandContext, CommonOptions } from '../command-context.js'
import { inContext, nameList, positiveNumber, positiveReal, withCommonOptions } from '../command-context.js'
import { duplicatesOption } from '../duplicates-option.js'
import { chainText, duplicateText, matchText } from '../match-text.js'
import { faultOfPlausible, plausibleOptions } from '../plausible-options.js'
import type { PlausibleFlags } from '../plausible-options.js'

interface CrossmatchOptions extends CommonOptions, PlausibleFlags {
  readonly out?: string
  readonly mode: 'nearest' | 'pairs' | 'k' | 'duplicates'
  readonly k?: number
  readonly radius: number
  readonly radiusColumn?: string
  readonly sigmas?: number
  readonly oneToOne?: boolean
  readonly manyToOne?: boolean
  readonly epochA?: number | string
  readonly epochB?: number | string
  readonly pmA?: [string, string]
  readonly pmB?: [string, string]
  readonly by?: MatchBy
  readonly duplicates?: DuplicateRows
  readonly byId?: { a: string; b: string }
  readonly join: 'inner' | 'left'
  readonly keepA?: readonly string[]
  readonly removed?: string
}

const EXAMPLES = `
A is a list of stars: spectra or any table with ra and dec (degrees, ICRS). The table written has a row for each pair: star_id,
index_a, index_b, separation (arcsec), candidates or rank, then the columns of B, ending in _b where a name is taken.

Examples:
  astrolabel crossmatch spectra.arrow allStar.fits --radius 3 -o matches.arrow
  astrolabel crossmatch a.csv b.csv --mode pairs --radius 10 --json           # all pairs
  astrolabel crossmatch a.csv b.csv --mode k --k 3 --radius 60 -o near.csv    # three nearest
  astrolabel crossmatch a.csv --mode duplicates --radius 1 -o twice.csv       # rows that are one star
  astrolabel crossmatch a.csv b.fits c.parquet --join left -o all.arrow       # several catalogues, each measured from a
  astrolabel crossmatch gaia.fits 2mass.fits --epoch-a 2016 --epoch-b 1999.5  # pmra and pmdec carry gaia back
  astrolabel crossmatch a.csv b.csv --radius-column pos_err --sigmas 3        # a radius for each star
  astrolabel crossmatch apogee.arrow allStar.fits --by id --duplicates all   # by APOGEE_ID, which both have
  astrolabel crossmatch spectra.arrow sspp.fits --by-id star_id=SPECOBJID -o joined.arrow
  astrolabel crossmatch sspp.fits allStar.fits --radius 2 --plausible teff,logg,fe_h --removed strangers.csv -o same.arrow`

/** `astrolabel crossmatch`: catalogues by position or by identifier. */
export function addCrossmatch(program: Command): void {
  const command = withCommonOptions(
    program
      .command('crossmatch')
      .description('match catalogues, or spectra and catalogues, by position on the sky or by identifier')
      .argument('<a>', 'stars: spectra or any table with positions')
      .argument('[others...]', 'catalogues to find them in; none with --mode duplicates')
      .addOption(
        new Option('--mode <mode>', 'the nearest star, all pairs, the k nearest, or duplicates within A')
          .choices(['nearest', 'pairs', 'k', 'duplicates'])
          .default('nearest'),
      )
      .option('--k <n>', 'neighbours for --mode k (default: 2)', positiveNumber)
      .option('--radius <arcsec>', 'largest separation', positiveReal, 3)
      .option(
        '--radius-column <name>',
        'column of A with position errors (arcsec, or in its unit): a radius for each star',
      )
      .option('--sigmas <n>', 'the radius in position errors (default: 3)', positiveReal)
      .addOption(
        new Option('--one-to-one', 'each star of B once, the closest pairs first (default)').conflicts('manyToOne'),
      )
      .option('--many-to-one', 'let several stars of A share a star of B')
      .option(
        '--epoch-a <year|column>',
        'epoch of the positions of A; with --epoch-b, proper motions are applied',
        epoch,
      )
      .option('--epoch-b <year|column>', 'epoch of the positions of B', epoch)
      .option(
        '--pm-a <ra,dec>',
        'columns of proper motion of A, mas/yr, ra times cos dec (default: pmra,pmdec)',
        twoNames,
      )
      .option('--pm-b <ra,dec>', 'columns of proper motion of B', twoNames)
      .addOption(
        new Option(
          '--by <what>',
          'match by position, by an identifier that both have (PLATE-MJD-FIBER, SPECOBJID, TARGETID, APOGEE_ID, …), or by this where it finds a star (default: sky)',
        )
          .choices(['auto', 'id', 'sky'])
          .conflicts('byId'),
      )
      .option('--by-id <column[=column]>', 'match by identifier, text or 64 bits: column of A = column of B', idPair)
      .addOption(duplicatesOption())
      .addOption(
        new Option('--join <kind>', 'only stars with a counterpart, or all of A')
          .choices(['inner', 'left'])
          .default('inner'),
      )
      .option('--keep-a <columns>', 'columns of A to write beside those of B: teff,logg or all', nameList)
      .option('--plausible <labels>', 'remove pairs whose labels differ too much: teff,logg=LOGG_ADOP,…', nameList)
      .option('--weights <list>', 'weights of one sigma: teff=0.5,… (default: fe_h 2, others 1)', nameList)
      .option('--separation-weight <w>', 'weight of one arcsec (default: 2)', fromZero)
      .option('--max-distance <d>', 'pairs at this distance or beyond are removed (default: 4.5)', positiveReal)
      .option('--missing <sigmas>', 'what an unknown difference counts for (default: 1)', fromZero)
      .addOption(new Option('--spread <kind>', 'how sigma is taken (default: std)').choices(['std', 'mad']))
      .addOption(new Option('--reference <side>', 'whose spread sigma is (default: b)').choices(['a', 'b']))
      .option('--removed <file>', 'table of the pairs that --plausible removes')
      .option('-o, --out <file>', 'table of the matches (.arrow, .parquet, .csv, .fits)'),
  ).addHelpText('after', EXAMPLES)
  command.action((a: string, others: string[], options: CrossmatchOptions) => {
    const fault = faultOf(others, options) ?? faultOfPlausible(options)
    if (fault !== undefined) command.error(`error: ${fault}`)
    return inContext(options, (context) => match(a, others, options, context))
  })
}

async function match(
  a: string,
  others: readonly string[],
  options: CrossmatchOptions,
  { reporter, signal, result }: CommandContext,
): Promise<void> {
  const stage = reporter.stage('crossmatch')
  const { out, mode, radius } = options
  const written = {
    ...(out === undefined ? {} : { out }),
    ...(options.removed === undefined ? {} : { removed: options.removed }),
  }
  if (mode === 'duplicates') {
    const summary = await findDuplicateStars(a, reporter, { radius, out, signal, onProgress: stage.progress })
    stage.finish(`${summary.n} groups`)
    return result({ ...written, ...summary }, duplicateText(summary))
  }
  const request: CrossmatchRequest = {
    ...options,
    mode,
    oneToOne: options.manyToOne !== true,
    keepA: options.keepA?.join() === 'all' ? 'all' : options.keepA,
    plausible: plausibleOptions(options),
    signal,
    onProgress: stage.progress,
  }
  if (others.length > 1) {
    const summary = await crossmatchChain(a, others, reporter, request)
    stage.finish(`${summary.n} stars`)
    return result({ ...written, ...summary }, chainText(summary))
  }
  const summary = await crossmatchFiles(a, others[0]!, reporter, request)
  stage.finish(`${summary.n} matches`)
  result({ ...written, ...summary }, matchText(summary))
}

/** What does not go together, in words. */
function faultOf(others: readonly string[], options: CrossmatchOptions): string | undefined {
  const { mode, byId } = options
  if (mode === 'duplicates' && others.length > 0) return '--mode duplicates takes one catalogue'
  if (mode !== 'duplicates' && others.length === 0)
    return 'a catalogue to match with is missing (only --mode duplicates takes one)'
  if (options.k !== undefined && mode !== 'k') return '--k needs --mode k'
  if (byId !== undefined && mode !== 'nearest') return `--by-id finds one row for each star, not --mode ${mode}`
  if (options.by !== undefined && options.by !== 'sky' && mode !== 'nearest')
    return `--by ${options.by} finds one row for each star, not --mode ${mode}`
  if (options.duplicates !== undefined && options.duplicates !== 'all' && mode === 'duplicates')
    return '--mode duplicates looks at all rows'
  if (options.sigmas !== undefined && options.radiusColumn === undefined) return '--sigmas needs --radius-column'
  if (options.oneToOne === true && mode !== 'nearest') return '--one-to-one needs --mode nearest'
  if (options.plausible === undefined) {
    const alone = (
      ['removed', 'weights', 'separationWeight', 'maxDistance', 'missing', 'spread', 'reference'] as const
    ).find((name) => options[name] !== undefined)
    if (alone !== undefined)
      return `--${alone.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)} needs --plausible`
  }
  return undefined
}

/** A year, or the name of a column. */
function epoch(text: string): number | string {
  const year = Number(text)
  return text.trim() !== '' && Number.isFinite(year) ? year : text
}

function twoNames(text: string): [string, string] {
  const [ra, dec, ...more] = nameList(text)
  if (ra === undefined || dec === undefined || more.length > 0)
    throw new InvalidArgumentError('Two columns are needed: pmra,pmdec.')
  return [ra, dec]
}

function idPair(text: string): { a: string; b: string } {
  const [a, b, ...more] = text.split('=').map((name) => name.trim())
  if (!a || b === '' || more.length > 0) throw new InvalidArgumentError('A column, or column=column, is needed.')
  return { a, b: b ?? a }
}

/** A number of at least 0. */
function fromZero(text: string): number {
  const value = Number(text)
  if (text.trim() === '' || !(value >= 0 && value < Infinity))
    throw new InvalidArgumentError('A number from 0 on is needed.')
  return value
}
