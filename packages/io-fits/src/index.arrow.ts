export type { ToArrowOptions } from './arrow/to-arrow.js'
export { toArrow } from './arrow/to-arrow.js'
