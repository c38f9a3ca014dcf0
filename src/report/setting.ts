/** What a report says besides the events: where the run belongs. */
export interface Setting {
  /** The environment's name, or the application's where no environment is named. */
  readonly environment: string;
  readonly budgetMs: number;
  /** The run on GitHub. */
  readonly runUrl?: string;
  /** 2 and above: the run was started again. */
  readonly attempt?: number;
  /** Where users reach the application. */
  readonly url?: string;
}
