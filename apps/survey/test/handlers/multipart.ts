/** Multipart bodies for tests, broken ones too. */

export interface PartToSend {
  readonly name: string;
  readonly filename?: string;
  readonly body: string | Uint8Array;
  /** In place of `filename="..."` as it is usually written. */
  readonly rawFilename?: string;
}

const boundary = "----survey-test-boundary";

/** `parts` as a body, and its content type. */
export function encodeParts(parts: readonly PartToSend[]): { type: string; body: Buffer } {
  const pieces = parts.flatMap(({ name, filename, rawFilename, body }) => {
    const file = rawFilename ?? (filename === undefined ? undefined : `filename="${filename}"`);
    const head = `Content-Disposition: form-data; name="${name}"${file === undefined ? "" : `; ${file}`}`;
    const type = file === undefined ? "" : "\r\nContent-Type: application/octet-stream";
    return [Buffer.from(`--${boundary}\r\n${head}${type}\r\n\r\n`), Buffer.from(body), Buffer.from("\r\n")];
  });
  return {
    type: `multipart/form-data; boundary=${boundary}`,
    body: Buffer.concat([...pieces, Buffer.from(`--${boundary}--\r\n`)]),
  };
}
