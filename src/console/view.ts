/** The page over a recording. */
import type { Recording } from "../trace/index.ts";

/** A page that is served. */
export interface View {
  /** With the token. */
  readonly address: string;
  close(): Promise<void>;
}

/**
 * Serve the page over `recording`, on 127.0.0.1.
 *
 * @param options.port - a free one if absent
 * @throws Node's own error, when the port cannot be had
 */
export async function viewRecording(recording: Recording, options: { port?: number } = {}): Promise<View> {
  const [{ servePage }, { RecordingSource }] = await Promise.all([
    import("./http.ts"),
    import("./recording-source.ts"),
  ]);
  const page = await servePage(new RecordingSource(recording), { port: options.port ?? 0 });
  return { address: page.url, close: () => page.close() };
}
