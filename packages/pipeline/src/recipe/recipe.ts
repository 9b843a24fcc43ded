import type { ParameterValues, SearchSpace } from '@astrolabel/models-classical'
import type { AugmentOptions } from '@astrolabel/preprocess'
import type { LabelTransform } from '@astrolabel/spectra'
import type { SurveyName } from '@astrolabel/surveys/node'
import type { MatchBy, PlausibleOptions } from '../catalogs/match-options.js'
import type { DuplicateRows } from '../formats/read-table.js'
import type { CatalogOptions } from '../operations/ingest.js'
import type { ReaderOptions } from './reader-options.js'

/** Survey files to spectra. */
export interface IngestRecipe {
  /** Which reader understands the files. */
  readonly survey: SurveyName
  /** Files, folders or globs, relative to `data`. */
  readonly paths: readonly string[]
  /** The label catalogue that belongs to the files, relative to `data`. */
  readonly catalog?: string | undefined
  /** How the catalogue is matched, and which of its rows are used. */
  readonly match?: CatalogOptions | undefined
  /** Choices of the survey's reader. */
  readonly options: ReaderOptions
}

/** Labels for the spectra from a catalogue, by position on the sky. */
export interface CrossmatchRecipe {
  /** Catalogue with positions and labels, relative to `data`. */
  readonly catalog: string
  /** Largest separation, arcsec. */
  readonly radius: number
  /** Use each catalogue star once, the nearest first. */
  readonly oneToOne: boolean
  /** Column of the spectra with each star's position error. */
  readonly radiusColumn?: string | undefined
  /** Radius in position errors. */
  readonly sigmas?: number | undefined
  /** Epochs of the positions of spectra and catalogue, or a column of them. */
  readonly epochA?: number | string | undefined
  readonly epochB?: number | string | undefined
  /** Columns of proper motion. */
  readonly pmA?: readonly [string, string] | undefined
  readonly pmB?: readonly [string, string] | undefined
  /** What decides: an identifier that means the same in both, or the position. */
  readonly by?: MatchBy | undefined
  /** Which rows of a star that repeats are used. */
  readonly duplicates?: DuplicateRows | undefined
  /** Identifier columns to match by, in place of positions. */
  readonly byId?: { readonly a: string; readonly b: string } | undefined
  /** Leave out stars without a counterpart (inner), or keep them without labels (left). */
  readonly join?: 'inner' | 'left' | undefined
  /** Leave out pairs whose labels say that they are different stars. */
  readonly plausible?: PlausibleOptions | undefined
}

/** Parts of the training of every kind of model. */
interface AnyTrainRecipe {
  readonly labels: readonly string[]
  /** How a label enters the model. */
  readonly transforms: Readonly<Record<string, LabelTransform>>
  /** Folds of the inner cross-validation for the errors. */
  readonly errorFolds: number
  /** Changed copies of the training stars to train on as well. */
  readonly augment?: AugmentOptions | undefined
}

/** The Cannon and how it is trained. */
export interface CannonTrainRecipe extends AnyTrainRecipe {
  readonly model: 'cannon'
  /** Order of the polynomial. */
  readonly order: number
  /** How the intrinsic scatter of each pixel is found. */
  readonly scatter: 'likelihood' | 'moments'
  /** How far beyond the training range a fit may go, as a part of that range. */
  readonly margin: number
}

/** A pipeline of steps whose last gives labels, and how it is trained. */
export interface ClassicalTrainRecipe extends AnyTrainRecipe {
  /** Kind of the last step. */
  readonly model: string
  /** Steps before it. */
  readonly before: readonly string[]
  /** Parameters by nested names, `pca.components`; the steps' own defaults for the rest. */
  readonly parameters: ParameterValues
  readonly search?: SearchRecipe | undefined
}

/** How parameters of a pipeline are found. */
export interface SearchRecipe {
  readonly method: 'grid' | 'random' | 'halving'
  /** Folds of the training stars that judge each candidate, split by star. */
  readonly folds: number
  /** Candidates that are drawn at random. */
  readonly candidates: number
  /** A halving keeps one in so many candidates each round. */
  readonly factor: number
  /** What is tried of each parameter; what is usual for the model when undefined. */
  readonly space?: SearchSpace | undefined
}

/** The model and how it is trained. */
export type TrainRecipe = CannonTrainRecipe | ClassicalTrainRecipe

/** How the model is judged on stars it has not seen. */
export interface EvaluateRecipe {
  /** Cross-validate with so many folds; one split when absent. */
  readonly folds?: number | undefined
  /** Part of the stars that one split holds out; 0.2 when absent. */
  readonly testFraction?: number | undefined
  /** Table of true labels by star_id, relative to `data`; the catalogue labels when absent. */
  readonly truth?: string | undefined
  /** Bootstrap samples for the intervals of the statistics. */
  readonly bootstrap: number
}

/** A checked recipe with its defaults filled in: the whole way from survey files to judged labels. */
export interface Recipe {
  readonly name: string
  readonly description?: string | undefined
  /** Seed of everything random. */
  readonly seed: number
  /** Folder that the paths are relative to. */
  readonly data: string
  readonly ingest: IngestRecipe
  readonly crossmatch?: CrossmatchRecipe | undefined
  /** Stars to keep: an expression, or catalogue columns and the range to keep. */
  readonly select: string | Readonly<Record<string, readonly [number | null, number | null]>>
  /** A named chain or a list of steps. */
  readonly preprocess:
    | 'desi'
    | 'sdss'
    | 'apogee'
    | 'miles'
    | 'none'
    | readonly { readonly step: string; readonly [option: string]: unknown }[]
  readonly train: TrainRecipe
  readonly evaluate: EvaluateRecipe
}
