/** What this module reads of an entry of a package lock. */
export interface LockedPackage {
  readonly version?: string;
  readonly link?: boolean;
  readonly optional?: boolean;
  readonly devOptional?: boolean;
}
export function areDependenciesInstalled(root: string): boolean;
export function markInstalled(root: string): void;
export function hasEveryPackage(
  wanted: Readonly<Record<string, LockedPackage>>,
  installed: Readonly<Record<string, LockedPackage>>,
): boolean;
