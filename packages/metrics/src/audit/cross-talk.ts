import type { Labels, RunOptions, Spectra } from '@astrolabel/spectra'
import { AstrolabelError, throwIfAborted } from '@astrolabel/spectra'
import { medianInPlace, scaledMadInPlace } from '../order-statistics.js'
import type { SpectrumChanges } from './spectrum-changes.js'

/** How every label that a model predicts answers to a change of one label alone. */
export interface CrossTalk {
  /** What the columns stand for: labels changed in a forward model, or only pixels of their lines. */
  readonly kind: SpectrumChanges['kind']
  readonly stars: number
  /** Labels that the model predicts: the rows. */
  readonly labels: readonly string[]
  /** Labels that were changed: the columns. */
  readonly changed: readonly string[]
  /** (rows × columns) by how many of its spreads a label moves when another is raised by one of its own. */
  readonly response: readonly (readonly number[])[]
  /** Standard errors of these medians over stars. */
  readonly error: readonly (readonly number[])[]
  readonly findings: readonly CrossTalkFinding[]
  readonly verdict: 'clean' | 'entangled'
  readonly text: string
}

/** What the matrix says of one label. */
export interface CrossTalkFinding {
  readonly label: string
  /** How it answers to itself: 1 is right when labels were changed. */
  readonly own: number
  /** The other label that it answers to most, and how much. */
  readonly other: string | null
  readonly otherResponse: number
  /** `silent` when the label's lines move no label: nothing is said for or against it. */
  readonly verdict: 'measured' | 'entangled' | 'blind' | 'silent'
  readonly text: string
}

/** Answers to itself between these, and to others below that, are what a good model gives. */
const OWN: readonly [number, number] = [0.7, 1.3]
const BLIND = 0.3
const OTHERS = 0.3
/** Lines that move no label by this are too few to say anything. */
const SILENT = 0.05
/** Standard error of a median over that of a mean, for normal scatter: √(π / 2). */
const MEDIAN_ERROR = 1.2533141373155003

/**
 * The cross-talk matrix: change the stars' spectra as one label alone would, and see which labels the model moves. The
 * identity is perfect: a model that guesses one label from another moves the two together.
 *
 * @param spectra (n × P) stars that the model labels well. @param changes From `forwardChanges` or `depthChanges`.
 * @param respond The model: labels of spectra. @param spreads (by name) what counts as one of each label, in its unit,
 * such as its standard deviation over the training stars.
 * @throws `audit/no-spread` for a label without one, `audit/no-answer` when the model gives no star labels.
 * Cost: two predictions of all stars a label.
 */
export function crossTalk(
  spectra: Spectra,
  changes: SpectrumChanges,
  respond: (spectra: Spectra) => Labels,
  spreads: Readonly<Record<string, number>>,
  options: RunOptions = {},
): CrossTalk {
  const rows = respond(spectra).labels.map(({ name }) => name)
  for (const name of [...rows, ...changes.labels])
    if (!(spreads[name] > 0))
      throw new AstrolabelError('audit/no-spread', `Nothing says how large a change of ${name} is usual`, {
        got: spreads[name],
        expected: 'its standard deviation over the training stars',
      })
  const columns = changes.labels.map((name, x) => {
    throwIfAborted(options)
    const answer = answerTo(spectra, changes, x, respond, rows, spreads, changes.step(x) / spreads[name])
    options.onProgress?.(x + 1, changes.labels.length)
    return answer
  })
  const stars = columns.reduce((least, column) => Math.min(least, column.stars), spectra.n)
  if (stars === 0)
    throw new AstrolabelError('audit/no-answer', 'The model gives none of the stars labels', {
      got: `${spectra.n} stars`,
      remedy: 'Take stars that it labels without flags',
    })
  const response = rows.map((_, y) => columns.map((column) => column.typical[y]))
  const error = rows.map((_, y) => columns.map((column) => column.error[y]))
  const findings = rows.flatMap((name, y) => {
    const own = changes.labels.indexOf(name)
    return own < 0
      ? []
      : [
          judge(
            changes,
            name,
            own,
            response[y],
            response.map((row) => row[own]),
            rows,
          ),
        ]
  })
  const bad = findings.filter(({ verdict }) => verdict === 'entangled' || verdict === 'blind')
  return {
    kind: changes.kind,
    stars,
    labels: rows,
    changed: changes.labels,
    response,
    error,
    findings,
    verdict: bad.length === 0 ? 'clean' : 'entangled',
    text:
      bad.length === 0
        ? `Each of the ${findings.length} labels answers to its own change, and to no other by more than ${OTHERS} of a spread.`
        : `${bad.length} of ${findings.length} labels cannot be trusted for themselves: ${bad.map(({ label }) => label).join(', ')}.`,
  }
}

interface Answer {
  readonly stars: number
  readonly typical: readonly number[]
  readonly error: readonly number[]
}

/**
 * Typical answer of every label, in spreads, to a change of label `x` by `step` of its spreads: the median over stars,
 * since a fit that jumps to another minimum says nothing of the others.
 */
function answerTo(
  spectra: Spectra,
  changes: SpectrumChanges,
  x: number,
  respond: (spectra: Spectra) => Labels,
  names: readonly string[],
  spreads: Readonly<Record<string, number>>,
  step: number,
): Answer {
  const up = respond(changed(spectra, changes, x, 1))
  const down = respond(changed(spectra, changes, x, -1))
  const width = names.length
  const answers = names.map(() => new Float64Array(spectra.n))
  let stars = 0
  for (let i = 0; i < spectra.n; i++) {
    const answer = names.map(
      (name, y) => (up.values[i * width + y] - down.values[i * width + y]) / spreads[name] / step,
    )
    if (!answer.every(Number.isFinite)) continue
    answer.forEach((value, y) => {
      answers[y][stars] = value
    })
    stars++
  }
  return {
    stars,
    typical: answers.map((values) => medianInPlace(values, stars)),
    error: answers.map((values) => (MEDIAN_ERROR * scaledMadInPlace(values, stars)) / Math.sqrt(stars)),
  }
}

/** The spectra with half of the step's change of label `x`, up or down, on every star's own flux. */
function changed(spectra: Spectra, changes: SpectrumChanges, x: number, sign: 1 | -1): Spectra {
  const { n, nPix } = spectra
  const flux = spectra.flux.slice()
  const change = new Float64Array(nPix)
  for (let i = 0; i < n; i++) {
    changes.change(i, x, sign, change)
    for (let p = 0; p < nPix; p++) flux[i * nPix + p] += change[p]
  }
  return { ...spectra, flux }
}

function judge(
  changes: SpectrumChanges,
  label: string,
  own: number,
  row: readonly number[],
  column: readonly number[],
  rows: readonly string[],
): CrossTalkFinding {
  const self = row[own]
  // Labels changed one at a time: what else moves this one? Pixels of one label: which label do they move?
  const rivals =
    changes.kind === 'labels'
      ? row.map((value, x) => ({ name: changes.labels[x], value }))
      : column.map((value, y) => ({ name: rows[y], value }))
  const worst = rivals
    .filter(({ name }) => name !== label)
    .reduce<{ name: string | null; value: number }>(
      (most, rival) => (Math.abs(rival.value) > Math.abs(most.value) ? rival : most),
      { name: null, value: 0 },
    )
  const found = { label, own: self, other: worst.name, otherResponse: worst.value }
  if (changes.kind === 'pixels') return judgeLines(found)
  const verdict =
    self < BLIND ? 'blind' : self < OWN[0] || self > OWN[1] || Math.abs(worst.value) > OTHERS ? 'entangled' : 'measured'
  const meaning = {
    measured: `${label} is measured`,
    entangled: `${label} is entangled with ${Math.abs(worst.value) > OTHERS ? (worst.name ?? 'itself') : 'its own scale'}`,
    blind: `The model does not see ${label}`,
  }[verdict]
  const others = worst.name === null ? '' : `, and by ${digits(worst.value)} when ${worst.name} is raised instead`
  return { ...found, verdict, text: `${meaning}: raised by one spread it is seen to rise by ${digits(self)}${others}.` }
}

/** Lines need not move a label by all of a spread, since other pixels speak of it too; but no other label by more. */
function judgeLines(found: Omit<CrossTalkFinding, 'verdict' | 'text'>): CrossTalkFinding {
  const { label, own, other, otherResponse } = found
  const rival = Math.abs(otherResponse)
  if (Math.max(Math.abs(own), rival) < SILENT)
    return {
      ...found,
      verdict: 'silent',
      text: `The lines of ${label} are too few to tell: they move no label by more than ${SILENT}.`,
    }
  const verdict = Math.abs(own) < BLIND * rival ? 'blind' : Math.abs(own) < rival ? 'entangled' : 'measured'
  const meaning = {
    measured: `The lines of ${label} speak for ${label}`,
    entangled: `The lines of ${label} speak for ${other} more than for ${label}`,
    blind: `The lines of ${label} do not speak for ${label}`,
  }[verdict]
  const others = other === null ? '' : `, and move ${other} by ${digits(otherResponse)}`
  return { ...found, verdict, text: `${meaning}: they move it by ${digits(own)}${others}.` }
}

/** Two decimals, and no minus before a zero. */
function digits(value: number): string {
  return value.toFixed(2).replace(/^-0\.00$/, '0.00')
}
