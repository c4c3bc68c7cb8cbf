/** `npm run draw`: prints what the old handler does with one photo, and what the mended one does. */
import { drawStory } from "./story.ts";

const { legacy, mended } = drawStory(100);
process.stdout.write(`The old handler, which does not wait for its renames:

${legacy}
The mended one:

${mended}`);
