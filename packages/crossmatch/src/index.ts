export { crossmatch, type CrossmatchOptions, type MatchResult } from './crossmatch.js'
export { CrossmatchError, type CrossmatchErrorCode, type CrossmatchErrorFacts } from './crossmatch-error.js'
export { separationArcsec } from './separation.js'
export type { SkyPositions } from './sky-positions.js'
