/** Writing multipart bodies: for requests without a socket, and for clients. Source: RFC 7578, WHATWG HTML (form submission). */

/** One part to be written: a file when it has a filename. */
export interface PartToSend {
  readonly name: string;
  readonly filename?: string;
  /** Default "application/octet-stream" for a file; a field has none. */
  readonly contentType?: string;
  readonly body: string | Uint8Array;
}

/** A multipart body and the `Content-Type` that goes with it. */
export interface MultipartBody {
  readonly contentType: string;
  readonly body: Buffer;
}

/** Write `parts`. The same parts give the same bytes, so that simulations repeat. */
export function encodeMultipart(parts: readonly PartToSend[]): MultipartBody {
  const bodies = parts.map(({ body }) => (typeof body === "string" ? Buffer.from(body) : Buffer.from(body)));
  const boundary = freeBoundary(bodies);
  const pieces: Buffer[] = [];
  parts.forEach(({ name, filename, contentType }, at) => {
    let head = `--${boundary}\r\nContent-Disposition: form-data; name="${quote(name)}"`;
    if (filename !== undefined) head += `; filename="${quote(filename)}"`;
    const type = contentType ?? (filename === undefined ? undefined : "application/octet-stream");
    if (type !== undefined) head += `\r\nContent-Type: ${type.replace(/[\r\n]/g, "")}`;
    pieces.push(Buffer.from(`${head}\r\n\r\n`), bodies[at] as Buffer, Buffer.from("\r\n"));
  });
  pieces.push(Buffer.from(`--${boundary}--\r\n`));
  return { contentType: `multipart/form-data; boundary=${boundary}`, body: Buffer.concat(pieces) };
}

/** A boundary that stands in none of the bodies. */
function freeBoundary(bodies: readonly Buffer[]): string {
  for (let n = 0; ; n++) {
    const boundary = `gyre-part-${n}`;
    if (bodies.every((body) => !body.includes(boundary))) return boundary;
  }
}

function quote(text: string): string {
  return text.replaceAll('"', "%22").replaceAll("\r", "%0D").replaceAll("\n", "%0A");
}
