import { AstrolabelError } from '@astrolabel/spectra'
import { say } from '../say.js'
import { chiSquareTail } from './chi-square-tail.js'
import type { Measures, NoveltyScale, NoveltyStars } from './novelty-measures.js'
import { completeRows, fisher, inverseSpreads, measure, probabilities, scaled } from './novelty-measures.js'
import { tailProbability, tailScale } from './tail-scale.js'

/** How a star relates to those that a model was trained on. */
export interface NoveltyScore {
  readonly verdict: 'in' | 'edge' | 'out'
  /** Part of stars like the training's that are as unusual. */
  readonly p: number
  readonly residual: { readonly chi2Reduced: number; readonly chi2P: number; readonly p: number }
  /** Distance to the training stars, in spreads. */
  readonly latent: { readonly distance: number; readonly p: number }
  /** Distance from the hull of the training labels, in spreads; null when labels are missing. */
  readonly hull: {
    readonly position: 'inside' | 'near' | 'outside'
    readonly distance: number
    readonly p: number
  } | null
  /** In words; none for a star that is like the others. */
  readonly reasons: readonly string[]
}

/** At these parts of stars like the training's the verdicts begin. */
const OUT = 0.01
const EDGE = 0.05
const NEIGHBOURS = 10
/** Spreads from the hull that still count as near it. */
const NEAR_HULL = 0.2
const FEWEST = 50

/**
 * Learn what is usual, from stars whose labels and spectra a model was trained on, and from others like them that it was
 * not: on its own training stars a reconstruction is too good, and no star is far from itself.
 *
 * @param known The training stars; χ² of these is not looked at. @param heldOut Stars of the same kind that neither the
 * components nor the model have seen, 50 or more: 1 % of stars like these will be called out.
 * @throws `novelty/few-stars`, `novelty/shape`. Cost: heldOut × known × (width + steps of the hull × L).
 */
export function fitNovelty(
  known: NoveltyStars,
  heldOut: NoveltyStars,
  options: { readonly neighbours?: number } = {},
): NoveltyScale {
  checkStars(known)
  checkStars(heldOut)
  const neighbours = options.neighbours ?? NEIGHBOURS
  if (heldOut.n < FEWEST || known.n <= neighbours)
    throw new AstrolabelError('novelty/few-stars', 'Too few stars tell what is usual', {
      got: `${known.n} training and ${heldOut.n} held-out stars`,
      expected: `more than ${neighbours} and at least ${FEWEST}`,
      remedy: 'Hold out more stars of the training set',
    })
  const { width } = known
  const scoreScale = inverseSpreads(known.scores, width)
  const labelCount = (known.labels?.length ?? 0) / known.n
  const complete = completeRows(known.labels, labelCount)
  const hasLabels = labelCount > 0 && complete.length > 0 && heldOut.labels !== undefined
  const labelScale = inverseSpreads(complete, Math.max(1, labelCount))
  const base = {
    neighbours,
    width,
    scoreScale,
    scores: scaled(known.scores, scoreScale),
    labelCount: hasLabels ? labelCount : 0,
    labelScale,
    hull: scaled(complete, labelScale),
  }
  const measures = Array.from({ length: heldOut.n }, (_, star) => measure(base, heldOut, star))
  const column = (pick: (one: Measures) => number): Float64Array =>
    Float64Array.from(measures, pick).filter((value) => !Number.isNaN(value))
  const hulls = column((one) => one.hull)
  const scales = {
    residual: tailScale(column((one) => one.residual)),
    latent: tailScale(column((one) => one.latent)),
    labels: hulls.length > 0 ? tailScale(hulls) : null,
  }
  const combined = tailScale(Float64Array.from(measures, (one) => fisher(probabilities(scales, one))))
  return { ...base, ...scales, combined }
}

/**
 * How unusual stars are, each with one verdict: `out` for what 1 % of stars like the training's are or less, `edge` for 5 %.
 * Three things are looked at (what the components cannot reconstruct, how far a star is from the training stars among the
 * components, whether its labels lie in the hull of the training labels), put together by Fisher's method, and that set
 * against held-out stars, because the three are not independent.
 *
 * @throws `novelty/shape`. Cost: n × known × (width + steps of the hull × L).
 */
export function scoreNovelty(scale: NoveltyScale, stars: NoveltyStars): NoveltyScore[] {
  checkStars(stars)
  const labelCount = (stars.labels?.length ?? 0) / stars.n
  if (
    stars.width !== scale.width ||
    (scale.labels !== null && stars.labels !== undefined && labelCount !== scale.labelCount)
  )
    throw new AstrolabelError('novelty/shape', 'The stars have other components or labels than the scale', {
      got: `${stars.width} components, ${labelCount} labels`,
      expected: `${scale.width} components, ${scale.labelCount} labels`,
    })
  return Array.from({ length: stars.n }, (_, star) => {
    const found = measure(scale, stars, star)
    const parts = probabilities(scale, found)
    const p = tailProbability(scale.combined, fisher(parts))
    const verdict = p < OUT ? 'out' : p < EDGE ? 'edge' : 'in'
    const chi2Reduced = stars.chi2[star] / stars.dof[star]
    return {
      verdict,
      p,
      residual: { chi2Reduced, chi2P: chiSquareTail(stars.chi2[star], stars.dof[star]), p: parts.residual },
      latent: { distance: found.latent, p: parts.latent },
      hull: Number.isNaN(found.hull)
        ? null
        : {
            position: found.hull === 0 ? 'inside' : found.hull <= NEAR_HULL ? 'near' : 'outside',
            distance: found.hull,
            p: parts.hull,
          },
      reasons: verdict === 'in' ? [] : reasons(parts, found, chi2Reduced),
    } satisfies NoveltyScore
  })
}

function reasons(parts: Measures, found: Measures, chi2Reduced: number): string[] {
  const rarity = (p: number): string => (p < 0.001 ? 'fewer than 0.1 %' : `${say(100 * p)} %`)
  const all = [
    [parts.residual, `its spectrum is reconstructed with χ² ${say(chi2Reduced)} a degree of freedom`],
    [parts.latent, `it lies ${say(found.latent)} spreads from its nearest training stars`],
    [parts.hull, `its labels lie ${say(found.hull)} spreads outside those of the training stars`],
  ] as const
  const least = Math.min(parts.residual, parts.latent, parts.hull)
  return all
    .filter(([p]) => p < EDGE || p === least)
    .sort((a, b) => a[0] - b[0])
    .map(([p, what]) => `${what}, as ${rarity(p)} of known stars are`)
}

function checkStars({ n, chi2, dof, scores, width, labels }: NoveltyStars): void {
  if (chi2.length !== n || dof.length !== n || scores.length !== n * width || (labels?.length ?? 0) % n !== 0)
    throw new AstrolabelError('novelty/shape', 'What is known of the stars does not fit them', {
      got: `${chi2.length} χ², ${dof.length} degrees of freedom, ${scores.length} scores, ${labels?.length ?? 0} labels`,
      expected: `${n} stars of ${width} scores`,
    })
  const bad = chi2.findIndex((value, star) => !(value >= 0) || !(dof[star] > 0))
  if (bad >= 0)
    throw new AstrolabelError('novelty/shape', `Star ${bad} has no χ²`, {
      got: `χ² ${chi2[bad]} with ${dof[bad]} degrees of freedom`,
      remedy: 'Leave out stars with fewer good pixels than components',
    })
}
