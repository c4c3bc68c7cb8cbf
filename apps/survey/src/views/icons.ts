/**
 * Small drawings, 24 by 24, in the colour of the text around them. They repeat
 * what the words beside them say, so they are hidden from screen readers.
 */
import type { Html } from "./html.ts";
import { html } from "./html.ts";

// "image", "video" and "other" are the model's media kinds.
const paths = {
  spiral: "M12 12a2 2 0 0 1 4 0a4 4 0 0 1-8 0a6 6 0 0 1 12 0a8 8 0 0 1-16 0",
  image: "M4 5h16v14H4zM4 16l5-5 4 4 3-3 4 4M15.5 8.5h.01",
  video: "M3 6h12v12H3zM15 11l6-3.5v9L15 13",
  other: "M6 3h8l4 4v14H6zM14 3v4h4M9 12h6M9 16h6",
  upload: "M12 16V5M7 9.5 12 4.5l5 5M4 15v4.5h16V15",
  check: "M5 12.5 10 17.5 19.5 7",
  cross: "M6.5 6.5l11 11M17.5 6.5l-11 11",
  warning: "M12 4 2.5 20h19zM12 10v4.5M12 17.3v.1",
  arrow: "M5 12h14M13 6l6 6-6 6",
} as const;

export type IconName = keyof typeof paths;

export function icon(name: IconName): Html {
  return html`<svg class="icon" viewBox="0 0 24 24" width="24" height="24" fill="none" stroke="currentColor" stroke-width="1.8" stroke-linecap="round" stroke-linejoin="round" aria-hidden="true" focusable="false"><path d="${paths[name]}"/></svg>`;
}
