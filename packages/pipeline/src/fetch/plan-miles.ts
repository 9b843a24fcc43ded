import type { ArchiveFile } from '@astrolabel/surveys'
import {
  MILES_BASE,
  MILES_LIBRARY_BASE,
  milesFile,
  milesLibraryFile,
  milesParametersFile,
  parseMilesParams,
} from '@astrolabel/surveys'
import { parseSelection } from '../selection/parse-selection.js'
import { selectRows } from '../selection/select-rows.js'
import { rowsOfTable } from '../selection/selection-rows.js'
import type { FetchPlan, PlanSources } from './fetch-plan.js'
import type { FetchSelection } from './fetch-selection.js'
import { knownWords, misuse, wholeNumbers } from './fetch-selection.js'

const PRODUCTS = ['parameters', 'library'] as const

/**
 * Files of MILES: stars by number, those of the rows of a catalogue, or those of the library's own table of parameters that
 * a selection keeps; the table comes along. The library as one archive is a product of its own, from another server.
 */
export async function planMiles(selection: FetchSelection, sources: PlanSources): Promise<FetchPlan> {
  const { product, ids, catalog, select } = selection
  const products = product === undefined ? [] : knownWords(product, PRODUCTS, '--product')
  if (products.includes('library')) {
    if (products.length > 1 || ids !== undefined || catalog !== undefined || select !== undefined)
      throw misuse('The library in one archive is fetched by itself', { expected: '--product library alone' })
    return { base: MILES_LIBRARY_BASE, files: [milesLibraryFile()] }
  }
  const files: ArchiveFile[] = [milesParametersFile()]
  if (products.length > 0 && ids === undefined && catalog === undefined && select === undefined)
    return { base: MILES_BASE, files }
  const numbers =
    ids !== undefined
      ? wholeNumbers(ids.replace(/\b[sm](?=\d)/gi, ''), '--ids')
      : catalog !== undefined
        ? await numbersOfCatalog(sources)
        : await numbersOfParameters(select, sources)
  return { base: MILES_BASE, files: [...files, ...numbers.map((number) => milesFile(number))] }
}

async function numbersOfCatalog(sources: PlanSources): Promise<string[]> {
  const rows = await sources.rows('number', 'MILES', 'star_id')
  rows.need('number', 'MILES', 'star_id')
  return Array.from({ length: rows.n }, (_, row) => rows.cell(row, 'number', 'MILES', 'star_id')).filter(
    (number) => sources.ofRow(() => milesFile(number)) !== undefined,
  )
}

async function numbersOfParameters(select: string | undefined, sources: PlanSources): Promise<string[]> {
  const file = milesParametersFile()
  const table = parseMilesParams(await sources.text(MILES_BASE, file), file.path)
  const numbers = table.columns.get('number')!.values as readonly string[]
  if (select === undefined) return [...numbers]
  return Array.from(selectRows(parseSelection(select), rowsOfTable(table)).kept, (row) => numbers[row]!)
}
