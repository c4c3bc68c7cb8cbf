/** Times of a drawing: one unit for all of them, chosen by how long it is. */

/** How times are written: in this unit, with so many decimals. */
export interface TimeUnit {
  readonly name: "us" | "ms" | "s";
  readonly us: number;
  readonly decimals: number;
}

const MICROSECONDS: TimeUnit = { name: "us", us: 1, decimals: 0 };
const MILLISECONDS: TimeUnit = { name: "ms", us: 1_000, decimals: 1 };
const SECONDS: TimeUnit = { name: "s", us: 1_000_000, decimals: 3 };

/** The unit in which a drawing of `spanUs` microseconds is easy to read. */
export function unitFor(spanUs: number): TimeUnit {
  if (spanUs < 1_000) return MICROSECONDS;
  return spanUs < 10_000_000 ? MILLISECONDS : SECONDS;
}

/** The number alone: "41.9". */
export function formatTime(us: number, unit: TimeUnit): string {
  return (us / unit.us).toFixed(unit.decimals);
}

/** A duration in the unit that suits it: "3.2 s", "40.8 ms". */
export function formatDuration(us: number): string {
  if (us < 1_000) return `${Math.round(us)} us`;
  return us < 1_000_000 ? `${(us / 1_000).toFixed(1)} ms` : `${(us / 1_000_000).toFixed(1)} s`;
}
