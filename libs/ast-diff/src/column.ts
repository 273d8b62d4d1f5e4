/** A number of a column; 0 beyond its end. */
export function at(column: Int32Array, index: number): number {
  return column[index] ?? 0;
}
