/** Names that are worth imitating, from common knowledge of the npm registry; no list was fetched. */
const names =
  "react react-dom vue angular svelte preact next nuxt express koa fastify hapi restify lodash underscore ramda immutable axios node-fetch got request superagent undici chalk colors commander yargs minimist inquirer ora debug winston pino bunyan morgan dotenv cross-env rimraf mkdirp glob minimatch fs-extra chokidar async bluebird rxjs moment dayjs date-fns luxon uuid nanoid typescript ts-node webpack rollup vite esbuild parcel babel eslint prettier jest mocha chai sinon vitest cypress puppeteer playwright karma jasmine ava nyc mongoose mongodb sequelize typeorm prisma knex mysql mysql2 redis ioredis sqlite3 better-sqlite3 bcrypt bcryptjs jsonwebtoken passport helmet cors body-parser cookie-parser express-session multer socket.io ws graphql apollo-server body-parser ejs pug handlebars mustache marked cheerio jsdom sharp jimp nodemailer stripe aws-sdk firebase electron nodemon pm2 concurrently husky lint-staged semver tar archiver unzipper form-data qs query-string path-to-regexp classnames styled-components redux react-redux react-router react-router-dom zustand zod joi yup ajv validator formik jquery bootstrap tailwindcss postcss autoprefixer sass less d3 three chart.js core-js regenerator-runtime tslib source-map-support acorn esprima escodegen shelljs execa cross-spawn which ansi-styles strip-ansi supports-color kleur picocolors yaml js-yaml xml2js fast-xml-parser csv-parse papaparse bullmq kafkajs amqplib event-stream eventemitter3 inherits safe-buffer readable-stream through2 object-assign is-promise left-pad ua-parser-js coa rc".split(
    " ",
  );
const known = new Set(names);

/**
 * Whether `name` can be taken for a well-known package that it is not: `close` when one letter or only
 * dashes, dots and endings tell them apart, `near` when two letters of a long name do.
 */
export function likenessOf(name: string): "close" | "near" | undefined {
  if (known.has(name)) return undefined;
  const bare = plain(name);
  const isLike = (popular: string, limit: number) => isWithin(bare, plain(popular), limit);
  if (names.some((popular) => isLike(popular, popular.length < 5 ? 0 : 1))) return "close";
  return names.some((popular) => popular.length >= 9 && isLike(popular, 2)) ? "near" : undefined;
}

/** Without what people leave out or put in: dashes, dots, a trailing `js`. */
const plain = (name: string) =>
  name
    .toLowerCase()
    .replaceAll(/[-_.]/g, "")
    .replace(/(?<=.{3})(js|node)$/, "");

/** Whether at most `limit` letters were added, left out, changed or swapped with the next one. */
function isWithin(one: string, other: string, limit: number): boolean {
  if (one === other) return true;
  if (Math.abs(one.length - other.length) > limit) return false;
  const rows = [Array.from({ length: other.length + 1 }, (_, at) => at)];
  for (let row = 1; row <= one.length; row += 1) rows.push(nextRow(rows, one, other));
  return (rows.at(-1)?.at(-1) ?? limit + 1) <= limit;
}

/** One row of the table of optimal string alignment (Damerau 1964, without overlapping edits). */
function nextRow(rows: readonly (readonly number[])[], one: string, other: string): number[] {
  const row = rows.length;
  const cost = (of: readonly number[] | undefined, at: number) => of?.[at] ?? Infinity;
  const current = [row];
  for (let column = 1; column <= other.length; column += 1) {
    const isSame = one[row - 1] === other[column - 1];
    const isSwapped = one[row - 1] === other[column - 2] && one[row - 2] === other[column - 1];
    current.push(
      Math.min(
        cost(rows[row - 1], column) + 1,
        cost(current, column - 1) + 1,
        cost(rows[row - 1], column - 1) + (isSame ? 0 : 1),
        isSwapped ? cost(rows[row - 2], column - 2) + 1 : Infinity,
      ),
    );
  }
  return current;
}
