/** Puts tables into a document, each between two comments that name it. */
import { readFileSync, writeFileSync } from "node:fs";
import type { Table } from "../report.ts";

/** Throws where a table has no place in the document; what stands outside the comments is left alone. */
export function writeTables(file: string, tables: Readonly<Record<string, Table>>): void {
  let text = readFileSync(file, "utf8");
  for (const [name, table] of Object.entries(tables)) {
    const place = new RegExp(`(<!-- ${name} -->\n)[^]*?(<!-- /${name} -->)`);
    if (!place.test(text)) throw new Error(`${file} has no place <!-- ${name} -->`);
    text = text.replace(place, (_, open: string, close: string) => {
      return `${open}\n${markdown(table)}\n\n${close}`;
    });
  }
  writeFileSync(file, text);
}

/** Cells are padded as the formatter does it, so that writing them again changes nothing. */
function markdown({ columns, rows }: Table): string {
  const widths = columns.map((column, at) =>
    Math.max(column.length, 3, ...rows.map((row) => row[at]?.length ?? 0)),
  );
  const line = (cells: readonly string[]) =>
    `| ${cells.map((cell, at) => cell.padEnd(widths[at] ?? 0)).join(" | ")} |`;
  return [line(columns), line(widths.map((width) => "-".repeat(width))), ...rows.map(line)].join(
    "\n",
  );
}
