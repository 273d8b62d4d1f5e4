import { anthropicApi } from "./anthropic-api.ts";
import { geminiApi } from "./gemini-api.ts";
import type { ModelApi, ModelVendor } from "./model-api.ts";
import { compatibleApi, openaiApi } from "./openai-api.ts";

export interface EndpointOptions {
  /** Default: the vendor's own. */
  readonly baseUrl?: string;
  readonly apiKey: string;
  /** Upper limit of one call. */
  readonly timeoutMs: number;
}

/** One endpoint of a vendor. The vendor's SDK is loaded only now: it is large, and most processes need none. */
export async function openModelApi(
  vendor: ModelVendor,
  options: EndpointOptions,
): Promise<ModelApi> {
  switch (vendor) {
    case "anthropic":
      return await anthropicApi(options);
    case "openai":
      return await openaiApi(options);
    case "gemini":
      return await geminiApi(options);
    case "openai-compatible":
      return await compatibleApi(options);
  }
}
