import type { RunOptions } from '@astrolabel/spectra'

/** Proper motions: the columns of ra (times cos dec) and dec, mas/yr. */
export type MotionColumns = readonly [string, string]

/** A label to compare, and its columns. */
export interface PlausibleLabel {
  readonly name: string
  /** Column of the first catalogue. */
  readonly a: string
  /** Column of the second. */
  readonly b: string
  /** Weight of a difference of one sigma; 2 for fe_h, 1 for the others. */
  readonly weight?: number | undefined
}

/** Pairs that are too different to be one star are removed, see `plausibility` of @astrolabel/crossmatch. */
export interface PlausibleOptions {
  readonly labels: readonly PlausibleLabel[]
  /** Pairs at this distance or beyond are removed; 4.5. */
  readonly maxDistance?: number | undefined
  /** Weight of one arcsec; 2, of pairs by identifier 0. */
  readonly separationWeight?: number | undefined
  /** Difference that stands for an unknown one, in sigmas; 1. */
  readonly missing?: number | undefined
  /** How the sigma of a label is taken; std. */
  readonly spread?: 'std' | 'mad' | undefined
  /** The catalogue whose spread it is; b. */
  readonly reference?: 'a' | 'b' | undefined
}

/** Which stars of the second catalogue are looked for. */
export type MatchMode = 'nearest' | 'pairs' | 'k'

/** What decides that two rows are one star. */
export type MatchBy = 'auto' | 'id' | 'sky'

/** How two catalogues are matched. */
export interface MatchOptions extends RunOptions {
  /** The nearest star, all within the radius, or the k nearest; nearest. */
  readonly mode?: MatchMode | undefined
  /** Neighbours for mode k; 2. */
  readonly k?: number | undefined
  /** Largest separation, arcsec; 3. */
  readonly radius?: number | undefined
  /** Column of the first catalogue with the position error of each star, arcsec or in the unit it has. */
  readonly radiusColumn?: string | undefined
  /** The radius of a star in its position errors; 3. */
  readonly sigmas?: number | undefined
  /** Use each star of the second catalogue once, the nearest first; true. Mode nearest only. */
  readonly oneToOne?: boolean | undefined
  /** Epochs of the positions, Julian years or a column of them. With both, stars with proper motions are carried from one to the other. */
  readonly epochA?: number | string | undefined
  readonly epochB?: number | string | undefined
  /** Columns of proper motion; found by their usual names when undefined. */
  readonly pmA?: MotionColumns | undefined
  readonly pmB?: MotionColumns | undefined
  /**
   * `id`: by an identifier that means the same in both (plate, MJD and fibre, SPECOBJID, TARGETID, APOGEE_ID, …); `sky`
   * (default): by position; `auto`: by such an identifier where one finds a star, else by position.
   */
  readonly by?: MatchBy | undefined
  /** Match by identifier in place of position: its columns in both catalogues. */
  readonly byId?: { readonly a: string; readonly b: string } | undefined
  /** Keep only stars with a counterpart, or all of the first catalogue; inner. */
  readonly join?: 'inner' | 'left' | undefined
  /** Columns of the first catalogue to write beside those of the second, or `all`; none. */
  readonly keepA?: readonly string[] | 'all' | undefined
  /** Remove pairs whose labels say that they are different stars. */
  readonly plausible?: PlausibleOptions | undefined
}
