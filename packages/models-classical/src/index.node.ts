export { trainForestParallel } from './forest/train-forest.node.js'
export type { ParallelForestOptions } from './forest/train-forest.node.js'
export { predictForestParallel } from './forest/predict-forest.node.js'
export { principalComponentsParallel } from './pca/principal-components.node.js'
