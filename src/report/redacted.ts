import type { Failure } from '../result.ts';
import type { Conclusion, Event, WitnessSummary } from './events.ts';

type Redact = (text: string) => string;

/**
 * An event without secrets, before anything is made of it: once a text is escaped for markdown or JSON, a secret in it no
 * longer looks like itself and would not be found. Only the fields that can carry the words of others are looked at.
 */
export function redacted(event: Event, redact: Redact): Event {
  const failure = (one: Failure) => redactedFailure(one, redact);
  switch (event.type) {
    case 'step-started':
      return { ...event, title: redact(event.title) };
    case 'server-step':
    case 'step-finished':
      return {
        ...event,
        ...(event.failure && { failure: failure(event.failure) }),
        ...(event.note !== undefined && { note: redact(event.note) }),
      };
    case 'warning':
      return { ...event, failure: failure(event.failure) };
    case 'witness':
      return { ...event, summary: redactedWitness(event.summary, redact) };
    case 'finished':
      return { ...event, conclusion: redactedConclusion(event.conclusion, redact) };
    default:
      return event;
  }
}

const redactedFailure = ({ what, where, detail, advice }: Failure, redact: Redact): Failure => ({
  what: redact(what),
  ...(where !== undefined && { where: redact(where) }),
  ...(detail !== undefined && { detail: redact(detail) }),
  ...(advice !== undefined && { advice: redact(advice) }),
});

const redactedWitness = (witness: WitnessSummary, redact: Redact): WitnessSummary => ({
  ...witness,
  samples: witness.samples.map(redact),
});

export const redactedConclusion = (conclusion: Conclusion, redact: Redact): Conclusion => ({
  ...conclusion,
  headline: redact(conclusion.headline),
  failures: conclusion.failures.map((failure) => redactedFailure(failure, redact)),
  warnings: conclusion.warnings.map((failure) => redactedFailure(failure, redact)),
  ...(conclusion.witness && { witness: redactedWitness(conclusion.witness, redact) }),
});
