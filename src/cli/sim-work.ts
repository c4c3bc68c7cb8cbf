/** What `gyre sim` and its thread tell each other. */

/** Places in the shared memory: moved on by each run; 1 when the search is to end. */
export const BEAT = 0;
export const STOP = 1;
/** What the thread can be asked for by the inspector while it runs, under this name of its global object. */
export const LOOK = "gyre.sim.look";

/** What the thread is given. */
export interface SimWork {
  readonly state: Int32Array;
  /** The module, as a path, and as the user has written it. */
  readonly path: string;
  readonly file: string;
  /** Which of its programs; all of them when left out. */
  readonly program: string | undefined;
  readonly search: SimSearch;
}

/** Options of the search that were given on the command line: they go before those of the module. */
export interface SimSearch {
  readonly schedules?: number;
  readonly seed?: number;
  readonly strategy?: string;
  readonly reorder?: string;
  readonly replay?: string;
  readonly budgetMs?: number;
  readonly workers?: number;
}

/** What is known of a search that is over, without what cannot be sent: errors are told by their names. */
export interface SimReport {
  readonly name: string;
  readonly text: string;
  readonly stopped: boolean;
  readonly failure: ({ readonly drawing: string } & { readonly [key: string]: unknown }) | undefined;
  readonly [key: string]: unknown;
}

/** How far the search is that runs. */
export interface SimProgress {
  readonly schedules: number;
  readonly distinct: number;
  readonly perSecond: number;
  readonly trying: string;
  readonly share: number;
}

export type FromSim =
  | {
      readonly kind: "begin";
      readonly name: string;
      /** Programs that come behind it. */
      readonly behind: readonly string[];
    }
  | { readonly kind: "progress"; readonly progress: SimProgress }
  | { readonly kind: "report"; readonly report: SimReport }
  /** It cannot be run; the text says why. */
  | { readonly kind: "problem"; readonly text: string }
  | { readonly kind: "end" };

/** What the thread is busy with. */
export interface SimLook {
  /** Steps of the run that is on. */
  readonly steps: number;
  readonly frames: readonly string[];
}
