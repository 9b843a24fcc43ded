import { heatMap } from '@astrolabel/figures'
import { AstrolabelError, labelInfo } from '@astrolabel/spectra'
import type { AuditReport } from '../operations/audit-model.js'
import { writeAside } from '../run/write-aside.js'

/** Draw the cross-talk matrix of an audit, by a forward model where there is one. @throws `audit/no-figure` without. */
export async function writeAuditFigure({ crossTalk, lines }: AuditReport, path: string): Promise<void> {
  const matrix = crossTalk ?? lines
  if (matrix === null)
    throw new AstrolabelError('audit/no-figure', 'There is no cross-talk to draw', {
      remedy: 'Give a forward model or line windows',
    })
  const symbols = (names: readonly string[]): string[] => names.map((name) => labelInfo(name).symbol)
  const svg = heatMap(
    { rows: symbols(matrix.labels), columns: symbols(matrix.changed), values: matrix.response },
    {
      title: matrix.kind === 'labels' ? 'Cross-talk: the identity is perfect' : 'Cross-talk by lines',
      rowLabel: 'answers',
      columnLabel: matrix.kind === 'labels' ? 'raised alone' : 'lines changed alone',
    },
  )
  await writeAside(path, svg)
}
