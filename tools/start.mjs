// @ts-check
/**
 * `npm start`, `npm run worker`, `npm run draw`: install and build what is missing, then run the survey service, its
 * worker, or the drawings of the bug that it was made for.
 *
 * The service runs in this very process, so that signals, the exit code and the terminal are its own.
 */
import { join } from "node:path";
import process from "node:process";
import { pathToFileURL } from "node:url";
import { builds, command, ensureBuilt, ensureModules } from "./setup.mjs";

await command(async () => {
  const [first, ...rest] = process.argv.slice(2);
  const other = first === "worker" || first === "draw" ? first : undefined;
  await ensureModules();
  await ensureBuilt(builds.gyre, builds.survey);
  const entry = join(builds.survey.dist, `${other ?? "main"}.js`);
  process.argv = [
    process.execPath,
    entry,
    ...(other !== undefined || first === undefined ? rest : [first, ...rest]),
  ];
  // As --enable-source-maps does, without a second process: errors name lines of the .ts files.
  process.setSourceMapsEnabled(true);
  await import(pathToFileURL(entry).href);
  return undefined;
});
