export { binFeatures } from './forest/feature-bins.js'
export type { FeatureBins } from './forest/feature-bins.js'
export type { Forest } from './forest/forest.js'
export { trainForest } from './forest/train-forest.js'
export type { ForestData, ForestOptions } from './forest/train-forest.js'
export { predictForest } from './forest/predict-forest.js'
export { forestQuantiles } from './forest/forest-quantiles.js'
export { impurityImportance } from './forest/importance.js'
export { principalComponents, project, reconstruct } from './pca/principal-components.js'
export type { PcaOptions, PrincipalComponents } from './pca/principal-components.js'
export { fitPixelScale, scalePixels } from './scaling/pixel-scale.js'
export type { PixelScale } from './scaling/pixel-scale.js'
export type {
  Distances,
  Estimator,
  FittedEstimator,
  FittedTransformer,
  StepContext,
  StepInfo,
  StepPart,
  Transformer,
} from './pipeline/step.js'
export { defaultParameters, expectedOf, faultOfParameter } from './pipeline/parameters.js'
export type { ParameterSpec, ParameterValue, ParameterValues } from './pipeline/parameters.js'
export { takeTrainingRows } from './pipeline/training-data.js'
export type { Prediction, TrainingData } from './pipeline/training-data.js'
export { Pipeline } from './pipeline/pipeline.js'
export type { PipelineSpec } from './pipeline/pipeline.js'
export { FittedPipeline } from './pipeline/fitted-pipeline.js'
export { ESTIMATORS, TRANSFORMERS } from './steps/registry.js'
export { ClassicalModel } from './model/classical-model.js'
export type { ClassicalParts } from './model/classical-model.js'
export { CLASSICAL_FLAGS, CLASSICAL_FLAG_BITS } from './model/flags.js'
export { CLASSICAL_KINDS, classicalData, classicalFactory, classicalPipeline } from './model/train-classical.js'
export type { ClassicalData, ClassicalOptions } from './model/train-classical.js'
export { checkSpace } from './search/search-space.js'
export type { ParameterRange, SearchSpace } from './search/search-space.js'
export { foldFeatures, tailErrors } from './search/fold-fits.js'
export type { FoldFeatures, SearchSplit } from './search/fold-fits.js'
export type { HeadPlan, PrefixPlan, TailMember, TailPlan } from './search/plan-fits.js'
export { hereExecutor } from './search/score-candidates.js'
export type { FoldScore, SearchExecutor } from './search/score-candidates.js'
export { searchCandidates, searchPipeline } from './search/search-pipeline.js'
export type { SearchMethod, SearchOptions, SearchResult } from './search/search-pipeline.js'
export type { RankedCandidate } from './search/rank-candidates.js'
