export function installDependencies(root: string): Promise<void>;
export function installNode(root: string): Promise<void>;
export function remedyFor(output: string): string;
