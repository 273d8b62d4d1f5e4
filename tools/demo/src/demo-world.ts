/** Everything around the patches: the product and its users, and a Council that guards it. */
import { join } from "node:path";
import type { Deployer } from "./deployer.ts";
import { startDeployer } from "./deployer.ts";
import { demoBuilders, recordRender, repositoriesFile } from "./demo-setup.ts";
import type { GatewayClient } from "./gateway-client.ts";
import { gatewayClient } from "./gateway-client.ts";
import { backgroundNiceness } from "./lower-priority.ts";
import { demoPatches } from "./patches/demo-patches.ts";
import type { Proxy } from "./proxy.ts";
import { startProxy } from "./proxy.ts";
import type { SampleRepository } from "./sample-repository.ts";
import { makeSampleRepository } from "./sample-repository.ts";
import { startSampleSender } from "./sample-sender.ts";
import type { Stack } from "./stack.ts";
import { startStack } from "./stack.ts";
import { startTraffic } from "./traffic.ts";

export interface World {
  readonly repository: SampleRepository;
  readonly stack: Stack;
  readonly client: GatewayClient;
  readonly proxy: Proxy;
  readonly deployer: Deployer;
  /** The tree main must have in the end: the sample with the good patches, and nothing else. */
  readonly expectedTree: string;
}

export interface WorldOptions {
  readonly dir: string;
  readonly redisUrl: string;
  readonly bwrapPath: string;
  readonly keyPrefix: string;
  readonly httpPort?: number;
  readonly say: (text: string) => void;
  /** Receives whatever must be ended, in the order it was started. */
  readonly resources: AsyncDisposableStack;
}

const requestsPerSecond = 120;

/** Starts everything at once; rejects when a part does not come up. */
export async function startWorld(options: WorldOptions): Promise<World> {
  const { dir, say, resources } = options;
  say("making the sample product's repository");
  const repository = await makeSampleRepository(join(dir, "product"));
  const expectedTree = await recordGoodPatch(repository, join(dir, "recordings"));
  const starting = [
    startCouncil(options, repository.bare),
    startProduct(options, repository.bare),
  ] as const;
  // Both, even if one fails: what the other starts must have been handed over to be ended.
  await Promise.allSettled(starting);
  const [stack, product] = await Promise.all(starting);
  const client = gatewayClient({ url: stack.url, ...stack.secrets });
  const sender = startSampleSender(client);
  resources.defer(() => sender.stop());
  product.listen(sender.add);
  const traffic = startTraffic({
    proxyUrl: product.proxy.url,
    perSecond: requestsPerSecond,
    onSamples: sender.add,
  });
  resources.defer(() => traffic.stop());
  say(`users ask the product ${requestsPerSecond} questions a second at ${product.proxy.url}`);
  const { proxy, deployer } = product;
  return { repository, stack, client, proxy, deployer, expectedTree };
}

async function recordGoodPatch(repository: SampleRepository, recordings: string): Promise<string> {
  let tree = "";
  for (const patch of demoPatches.filter(({ ending }) => ending.kind === "settled")) {
    const draft = await repository.draft(patch);
    await recordRender(recordings, patch, draft.files);
    tree = draft.tree;
  }
  return tree;
}

async function startCouncil(options: WorldOptions, bare: string): Promise<Stack> {
  const { dir, redisUrl, bwrapPath, keyPrefix, httpPort, say, resources } = options;
  const startedAt = Date.now();
  say("starting Council's services");
  const stack = await startStack({
    dir: join(dir, "council"),
    redisUrl,
    repositoriesYaml: repositoriesFile(bare),
    builders: await demoBuilders(join(dir, "recordings")),
    // A start or an audit must not look like a slow product: what is measured comes first.
    niceness: backgroundNiceness,
    env: {
      COUNCIL_BWRAP: bwrapPath,
      COUNCIL_KEY_PREFIX: keyPrefix,
      COUNCIL_PARTITIONS: "4",
      // The gateway listens on loopback only: whoever sits here may look.
      COUNCIL_READ_ACCESS: "open",
    },
    onLog: (event) => {
      if (event.kind === "ended" && event.restartInMs !== undefined)
        say(`${event.name} ended (${event.how}): starting it again`);
    },
    ...(httpPort === undefined ? {} : { httpPort }),
  });
  resources.defer(() => stack.stop());
  const seconds = ((Date.now() - startedAt) / 1000).toFixed(1);
  say(`${stack.processes().length} services are ready after ${seconds} s: ${stack.url}`);
  return stack;
}

async function startProduct({ dir, say, resources }: WorldOptions, bare: string) {
  const proxy = await startProxy();
  resources.defer(() => proxy.close());
  let listener: Parameters<typeof startDeployer>[0]["onSamples"] = () => {};
  const deployer = await startDeployer({
    bare,
    dir: join(dir, "deployed"),
    onRoutes: proxy.route,
    onSamples: (...lines) => listener(...lines),
    onFailure: (error) =>
      say(`deployer: ${error instanceof Error ? error.message : String(error)}`),
  });
  resources.defer(() => deployer.stop());
  const listen = (next: typeof listener) => {
    listener = next;
  };
  return { proxy, deployer, listen };
}
