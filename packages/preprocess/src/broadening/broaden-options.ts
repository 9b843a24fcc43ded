import type { Resolution } from './resolution.js'
import type { KernelTable } from './table-kernel.js'

/** What every kind of broadening takes. */
export interface KernelOptions {
  /** Share of the kernel that must fall on good pixels for the result to be good; default 0.75. */
  readonly minWeight?: number
}

/** To a lower resolution. */
export interface GaussianBroadening extends KernelOptions {
  readonly kind: 'gaussian'
  /** Resolution of the result. */
  readonly to: Resolution
  /**
   * Resolution of the spectra, `sharp` for models whose lines have no width of an instrument. Default: the column
   * `resolution` or `lsf_sigma` that travels with them, or what the last broaden step brought them to.
   */
  readonly from?: Resolution | 'sharp'
}

/** The star turns: Gray's profile. */
export interface RotationBroadening extends KernelOptions {
  readonly kind: 'rotation'
  /** v sin i in km/s, or the catalogue column of it. */
  readonly vsini: number | string
  /** Linear limb darkening ε, 0 to 1; default 0.6. */
  readonly limbDarkening?: number
}

/** Motions in the atmosphere larger than what a photon sees. */
export interface MacroturbulenceBroadening extends KernelOptions {
  readonly kind: 'macroturbulence'
  /** ζ_RT in km/s, or the catalogue column of it; with the profile `gaussian` its σ times √2. */
  readonly zeta: number | string
  /** Default `radial-tangential` (Gray 2005); `gaussian` is exp(−v²/ζ²). */
  readonly profile?: 'radial-tangential' | 'gaussian'
}

/** A tabulated line spread, as it is. */
export type TableBroadening = { readonly kind: 'table' } & KernelTable & KernelOptions

/** As the instrument would see models on its pixels: the matrices of the column `resolution`. */
export interface MatrixBroadening {
  readonly kind: 'matrix'
}

/** Options of broadenSpectra. */
export type BroadenOptions =
  | GaussianBroadening
  | RotationBroadening
  | MacroturbulenceBroadening
  | TableBroadening
  | MatrixBroadening
