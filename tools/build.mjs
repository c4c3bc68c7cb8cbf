// @ts-check
/** `npm run build`: compile gyre and the survey service, stale or not. */
import { build, builds, command, ensureModules } from "./setup.mjs";

await command(async () => {
  await ensureModules();
  await build(builds.gyre);
  await build(builds.survey);
  return 0;
});
