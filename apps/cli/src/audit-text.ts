import type { AuditReport } from '@astrolabel/pipeline'
import { textTable } from '@astrolabel/pipeline'

type Matrix = NonNullable<AuditReport['crossTalk']>

/** The audits of a model as text: matrices first, then what each audit says of each label, the verdict last. */
export function auditText(report: AuditReport): string {
  const { crossTalk, lines, decorrelated, permuted, split } = report
  const parts = [
    ...(crossTalk === null
      ? []
      : [
          `Cross-talk: spreads by which a label (row) moves when one alone (column) is raised by one\n${matrixText(crossTalk)}`,
        ]),
    ...(lines === null
      ? []
      : [
          `${crossTalk === null ? 'Cross-talk: spreads by which a label (row) moves' : 'The same'} when only the lines of one (column) are changed\n${matrixText(lines)}`,
        ]),
    ...(decorrelated === null ? [] : [decorrelated.map(({ text }) => text).join('\n')]),
    ...(permuted === null ? [] : [permuted.map(({ text }) => text).join('\n')]),
    ...(split === null ? [] : [split.text]),
    `${report.verdict === 'clean' ? 'Clean.' : 'Suspect.'} ${report.text}`,
  ]
  return parts.join('\n\n')
}

function matrixText({ labels, changed, response, findings }: Matrix): string {
  const table = textTable(
    [{ title: 'label' }, ...changed.map((title) => ({ title, align: 'right' as const }))],
    labels.map((label, y) => [label, ...response[y]!.map((value) => value.toFixed(2).replace(/^-0\.00$/, '0.00'))]),
  )
  return `${table}\n${findings.map(({ text }) => text).join('\n')}`
}
