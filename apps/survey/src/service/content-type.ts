/**
 * How stored files are handed out: what a browser may show, and what it may only save.
 *
 * A table of its own, not one of all types: what is not in it is never shown,
 * so that no upload can act as a page of this service.
 */

const shownTypes: Readonly<Record<string, string>> = {
  avif: "image/avif",
  bmp: "image/bmp",
  gif: "image/gif",
  jpeg: "image/jpeg",
  jpg: "image/jpeg",
  png: "image/png",
  webp: "image/webp",
  m4v: "video/mp4",
  mov: "video/quicktime",
  mp4: "video/mp4",
  ogv: "video/ogg",
  webm: "video/webm",
  pdf: "application/pdf",
};

/** The media type that `filename` is stored and sent with: by its suffix, "application/octet-stream" for what is not shown. */
export function contentTypeOf(filename: string): string {
  const suffix = filename.slice(filename.lastIndexOf(".") + 1).toLowerCase();
  return Object.hasOwn(shownTypes, suffix) ? (shownTypes[suffix] as string) : "application/octet-stream";
}

/** May a browser show what has this type, instead of saving it? */
export function isShown(contentType: string): boolean {
  return contentType !== "application/octet-stream";
}
