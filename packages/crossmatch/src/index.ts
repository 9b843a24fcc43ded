export { allPairs, type AllPairsOptions, type PairsResult } from './all-pairs.js'
export { crossmatch, type CrossmatchOptions, type MatchResult } from './crossmatch.js'
export { CrossmatchError, type CrossmatchErrorCode, type CrossmatchErrorFacts } from './crossmatch-error.js'
export { findDuplicates, type DuplicateGroups, type FindDuplicatesOptions } from './find-duplicates.js'
export type { StringIds } from './identifiers/id-index.js'
export type { IntegerIds } from './identifiers/id-words.js'
export { joinIds, type IdColumn, type JoinResult } from './identifiers/join-ids.js'
export { kNearest, type KNearestOptions, type KNearestResult } from './k-nearest.js'
export { matchChain, type ChainLink, type ChainMatch, type ChainResult } from './match-chain.js'
export type { MatchRadius } from './match-radius.js'
export {
  plausibility,
  type ComparedLabel,
  type LabelDistance,
  type PlausibilityOptions,
  type PlausibilityResult,
} from './plausibility.js'
export { propagate, type PropagatedPositions, type PropagateOptions } from './sky/propagate.js'
export type { SearchOptions } from './search-options.js'
export { separationArcsec } from './sky/separation.js'
export type { SkyPositions } from './sky/sky-positions.js'
export type { SpaceMotion } from './sky/space-motion.js'
