import type { ArchiveFile, PhoenixNode } from '@astrolabel/surveys'
import { PHOENIX_BASE, phoenixFile, phoenixNodes, phoenixWaveFile } from '@astrolabel/surveys'
import type { FetchPlan, PlanSources } from './fetch-plan.js'
import type { FetchSelection } from './fetch-selection.js'
import { misuse, valueRange } from './fetch-selection.js'

/** Files of the PHOENIX library: nodes of the grid by ranges, or those nearest to the stars of a catalogue, and the wavelengths. */
export async function planPhoenix(selection: FetchSelection, sources: PlanSources): Promise<FetchPlan> {
  const { teff, logg, mH, alpha, catalog } = selection
  const ranged = [teff, logg, mH, alpha].some((range) => range !== undefined)
  if (!ranged && catalog === undefined)
    throw misuse('The whole grid is 50 GB: say which part of it', {
      expected: '--teff, --logg, --m-h, --alpha, each a value or a range, or --catalog',
      remedy: 'For example --teff 4000:5000 --logg 4:5 --m-h -0.5:0.5',
    })
  const range = (text: string | undefined, option: string): readonly [number, number] | undefined =>
    text === undefined ? undefined : valueRange(text, option)
  const nodes = phoenixNodes({
    teff: range(teff, '--teff'),
    logg: range(logg, '--logg'),
    mH: range(mH, '--m-h'),
    alpha: range(alpha, '--alpha'),
  })
  const kept = catalog === undefined ? nodes : await nearestNodes(nodes, sources)
  const files: ArchiveFile[] = [phoenixWaveFile(), ...kept.map((node) => phoenixFile(node))]
  return { base: PHOENIX_BASE, files }
}

/** The node nearest to each star, in steps of the grid. */
async function nearestNodes(nodes: readonly PhoenixNode[], sources: PlanSources): Promise<PhoenixNode[]> {
  const rows = await sources.rows('teff', 'logg', 'fe_h', 'm_h', 'alpha_m')
  rows.need('teff')
  rows.need('logg')
  rows.need('m_h', 'fe_h')
  const nearest = new Set<PhoenixNode>()
  for (let row = 0; row < rows.n; row++) {
    const cell = (...names: string[]): number => {
      const text = rows.cell(row, ...names)
      return text === '' ? Number.NaN : Number(text)
    }
    const star = { teff: cell('teff'), logg: cell('logg'), mH: cell('m_h', 'fe_h'), alpha: cell('alpha_m') || 0 }
    if (![star.teff, star.logg, star.mH].every(Number.isFinite)) continue
    let best: PhoenixNode | undefined
    let least = Number.POSITIVE_INFINITY
    for (const node of nodes) {
      const distance = Math.hypot(
        (node.teff - star.teff) / 100,
        (node.logg - star.logg) / 0.5,
        (node.mH - star.mH) / 0.5,
        (node.alpha - star.alpha) / 0.2,
      )
      if (distance < least) [best, least] = [node, distance]
    }
    if (best !== undefined) nearest.add(best)
  }
  return [...nearest]
}
