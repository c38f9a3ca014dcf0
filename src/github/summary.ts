import type { Reporter } from '../report/events.ts';
import { redacted } from '../report/redacted.ts';
import type { Setting } from '../report/setting.ts';
import { renderSummary } from '../report/summary.ts';
import { keepTimeline } from '../report/timeline.ts';
import { writeSummary } from './runner.ts';

export interface SummaryOptions {
  readonly setting: Setting;
  readonly redact: (text: string) => string;
  readonly notice: (line: string) => void;
}

/** Writes the job's summary when the run is over; GitHub shows none before the step has ended anyway. */
export function createSummary({ setting, redact, notice }: SummaryOptions): Reporter {
  const keeper = keepTimeline();
  return {
    report: (event) => keeper.take(redacted(event, redact)),
    async settle() {
      const unwritten = await writeSummary(renderSummary(keeper.view(), setting));
      if (unwritten !== undefined) notice(unwritten);
    },
  };
}
