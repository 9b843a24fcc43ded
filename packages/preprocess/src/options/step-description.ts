import type { OptionKinds } from './option-kind.js'

/** What a step of a chain does and takes. */
export interface StepDescription {
  /** In a few words. */
  readonly does: string
  readonly options: OptionKinds
  /** Options of each variant, for a step that has several. */
  readonly variants?: {
    /** The option that chooses. */
    readonly by: string
    /** What a variant is called. */
    readonly what: string
    readonly options: Readonly<Record<string, OptionKinds>>
  }
}
