export { type AnswerCache, fileAnswerCache, memoryAnswerCache } from "./answer-cache.ts";
export { checkModel, type ModelCheck } from "./check-model.ts";
export { fenced, fenceRule } from "./fenced.ts";
export { type ModelUsage, type ModelVendor, modelVendors } from "./model-api.ts";
export type { ModelFailure, ModelFailureCode } from "./model-answer.ts";
export {
  type ModelAnswer,
  type ModelCall,
  type ModelClient,
  modelClient,
  type ModelClientOptions,
  type ModelQuestion,
  type Spender,
  suspensionBy,
} from "./model-client.ts";
export { familyOf } from "./model-name.ts";
export { modelProvider, type ModelProviderOptions } from "./model-provider.ts";
export { type ModelPrices, openModelPrices, readPriceOverrides } from "./model-prices.ts";
export { openModelApi } from "./open-model-api.ts";
export { type ModelConfiguration, type OpenedModel, openModelClient } from "./open-model-client.ts";
export { type ModelWatch, watchModel } from "./watch-model.ts";
