import { mkdir, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { Event, Reporter } from './events.ts';
import { redacted } from './redacted.ts';

/** `timeline.json`: the stream of a run, kept. `version` changes when a reader would have to. */
interface Recording {
  readonly version: 1;
  readonly events: readonly Event[];
}

export interface RecordingOptions {
  readonly path: string;
  readonly redact: (text: string) => string;
  /** Told when the file could not be written. */
  readonly warn: (line: string) => void;
}

/** Keeps the events and writes them in `settle`. Of the progress of a transfer, only the last word of each server stays. */
export function createRecording({ path, redact, warn }: RecordingOptions): Reporter {
  const events: Event[] = [];
  const progressOf = new Map<string, number>();
  return {
    report(event) {
      if (event.type !== 'transfer-progress') {
        events.push(redacted(event, redact));
        return;
      }
      const place = progressOf.get(event.server) ?? events.length;
      progressOf.set(event.server, place);
      events[place] = event;
    },
    async settle() {
      const recording: Recording = { version: 1, events: events.toSorted((one, other) => one.at - other.at) };
      try {
        await mkdir(dirname(path), { recursive: true });
        await writeFile(path, `${JSON.stringify(recording, undefined, 1)}\n`);
      } catch (error) {
        warn(`The timeline could not be written to ${path}: ${error instanceof Error ? error.message : String(error)}`);
      }
    },
  };
}
